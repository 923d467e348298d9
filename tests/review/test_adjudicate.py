"""adjudicate: the expert's page, and what it says of the others."""

from __future__ import annotations

from curate.review.adjudicate import NAMES, REASON, for_adjudication, name_of, verdicts_text
from curate.review.lint import lint
from curate.review.result import read_result
from tests.review.small_pages import PAIR, PAIR_DATA, SPANS, SPANS_DATA, choice, page, span, text

#: as the pages have it that are really shown: Label Studio takes $source for itself
SHOWN = PAIR.replace("$source", "$passage")
FIELDS = [*PAIR_DATA, "passage", "verdicts"]


def test_the_experts_page_has_all_that_annotators_had() -> None:
    plain, expert = page(), for_adjudication(page())
    assert list(expert.controls) == [*plain.controls, REASON]
    assert {name: expert.controls[name] for name in plain.controls} == plain.controls
    assert expert.objects == {"verdicts": "verdicts"} | plain.objects


def test_the_experts_page_passes_the_linter() -> None:
    assert lint(SHOWN, FIELDS, "decision") == []
    assert lint(for_adjudication(page(SHOWN)).xml, FIELDS, "decision") == []


def test_a_page_may_have_a_declaration_and_comments() -> None:
    xml = f'<?xml version="1.0" encoding="UTF-8"?>\n<!-- 说明 -->\n{SHOWN}<!-- 完 -->'
    assert lint(for_adjudication(page(xml)).xml, FIELDS, "decision") == []


def test_the_experts_page_does_not_depend_on_the_language(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    version = for_adjudication(page()).version
    monkeypatch.setenv("CURATE_LANG", "en")
    assert for_adjudication(page()).version == version
    assert version != page().version


def test_a_decision_needs_its_reason() -> None:
    expert, data = for_adjudication(page()), PAIR_DATA | {"verdicts": "…"}
    without = read_result(expert, data, [choice("decision", "accept")])
    assert without.problems == ["必填的 decision_reason 没有填"]
    reason = text(REASON, "资料第一句", to="verdicts")
    assert read_result(expert, data, [choice("decision", "accept"), reason]).values == {
        "decision": "accept",
        "decision_reason": "资料第一句",
    }


def test_verdicts_are_told_in_the_words_of_the_page_and_without_names() -> None:
    verdicts = [
        {
            "value": "reject",
            "values": {"clear": 4, "decision": "reject", "reasons": ["unsupported", "wrong_fact"]},
        },
        {"value": "edit", "values": {"decision": "edit", "edited_answer": "共 48 家。", "note": "多余"}},
    ]
    assert verdicts_text(page(), verdicts) == (
        "【标注员甲】结论：拒绝　理由：资料里没有、数字错误　清楚：4 / 5\n【标注员乙】结论：修改\n改后的回答：共 48 家。\n备注：多余"
    )


def test_spans_are_told_with_their_place() -> None:
    values = read_result(
        page(SPANS), SPANS_DATA, [span(2, 4, "张三", "PER"), span(5, 7, "北京", "ORG")]
    ).values
    told = verdicts_text(page(SPANS), [{"value": "…", "values": values}, {"value": None, "values": {}}])
    assert told == "【标注员甲】实体：“张三”[人名] 2–4、“北京”[机构] 5–7\n【标注员乙】（没有标注）"


def test_what_a_changed_mind_has_hidden_is_not_told() -> None:
    told = verdicts_text(
        page(), [{"value": "accept", "values": {"decision": "accept", "reasons": ["wrong_fact"]}}]
    )
    assert told == "【标注员甲】结论：接受"


def test_a_very_long_text_is_cut() -> None:
    told = verdicts_text(
        page(), [{"value": "accept", "values": {"decision": "accept", "note": "长" * 9_000}}]
    )
    assert told.endswith("长…") and len(told) < 2_100


def test_beyond_ten_people_are_numbered() -> None:
    assert [name_of(place) for place in (0, 9, 10)] == ["标注员甲", f"标注员{NAMES[-1]}", "标注员11"]
