"""What people found, as text and as a section of the page."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import polars as pl
import pytest

from curate.report.review import (
    WIDTH,
    head_line,
    interval_bar,
    report_text,
    review_section,
    settled_line,
    verdict_of,
)
from curate.report.words import wide
from tests.report.test_html import Page, whole
from tests.review.small_pages import SPANS_DATA
from tests.review.small_votes import (
    assessed,
    assessed_spans,
    control_items,
    decides,
    everyone,
    items,
    marked,
    project,
    said,
)

REPORT = Path(__file__).parents[2] / "curate" / "report"
PLAN = {
    "margin": 0.05,
    "origins": [
        {"origin": "llm", "pairs": 600, "drawn": 60, "random": 60, "share": "1/10", "needed": 235, "enough": False},
        {"origin": "template", "pairs": 9000, "drawn": 0, "random": 0, "share": "0", "needed": 369, "enough": None},
    ],
}  # fmt: skip
Findings = Callable[..., dict[str, Any]]


def findings(letters: dict[str, str], *more: dict[str, Any], **options: Any) -> dict[str, Any]:
    names = [str(number) for number in range(len(next(iter(letters.values()))))]
    half = len(names) // 2
    columns = {
        "task": ["qa"] * half + ["faq"] * (len(names) - half),
        "origin": "llm",
        "judge": [0.5 + 0.5 * (number % 2) for number in range(len(names))],
    }
    judged = pl.concat([items(*names, **columns), control_items("k1!control")])
    return assessed(judged, *everyone(letters), *more, what=project(**options)).findings


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Two are careful, c is not; an expert has settled one of the disputes."""
    letters = {"a": "ararararae" * 3, "b": "ararararae" * 3, "c": "aaaaaaaaaa" * 3}
    controls = [said("k1!control", who, told) for who, told in (("a", "reject"), ("c", "accept"))]
    return findings(letters, *controls, decides("1", "reject:unsupported", "原文没有"), annotators=3)


def test_the_text_tells_agreement_people_rates_sample_and_disputes(found: dict[str, Any]) -> None:
    text = report_text(found, PLAN)
    lines = text.split("\n")
    assert lines[0] == "审核项目 small：30 条，已有结论 16 条，14 条等专家"
    assert lines[1].startswith("Fleiss’ kappa 0.31（95% 区间 0.18–0.39），原始一致率 67%，AC1 0.56；")
    assert lines[1].endswith("；没有达到要求的 0.80")
    assert lines[2].count("●") == lines[2].count("│") == 1
    for title in (
        "混淆表",
        "每个答案的一致性",
        "标注员",
        "两两之间",
        "结论的比例（95% 区间）：任务",
        "抽样",
        "争议与裁决（15 条）",
    ):
        assert title in text
    (careless,) = [line.split() for line in lines if line.startswith("c@example.com ")][:1]
    assert careless[1:7] == ["31", "50%", "0.00", "0/1", "0/1", "—"]
    assert "还有 14 条没有结论，上面的比例还会变" in text
    assert "      → 专家裁决：拒绝（zhuanjia@example.com，原文没有）" in lines
    assert "      → 等专家裁决" in lines


def test_the_open_disputes_come_first(found: dict[str, Any]) -> None:
    (section,) = review_section([(found, {})], 50)
    assert [one["open"] for one in section["disputes"]] == [True] * 14 + [False]


def test_no_line_is_wider_than_a_terminal(found: dict[str, Any]) -> None:
    tables = [line for line in report_text(found, PLAN).split("\n") if "  " in line.strip()]
    assert max(len(line) + wide(line) for line in tables) <= WIDTH


@pytest.mark.parametrize(
    ("letters", "options", "told", "good"),
    [
        ({"a": "ar" * 10, "b": "ar" * 10}, {}, "达到要求的 0.80", True),
        ({"a": "ar" * 10, "b": "ra" * 10}, {}, "没有达到要求的 0.80", False),
        ({"a": "a" * 10, "b": "a" * 10}, {}, "一致性无从计算", None),
        ({"a": "ar"}, {"annotators": 1}, "一致性无从计算", None),
        ({"a": "--"}, {}, "一致性无从计算", None),
    ],
)
def test_the_verdict_is_that_of_the_gate(
    letters: dict[str, str], options: dict[str, Any], told: str, good: bool | None
) -> None:
    assert verdict_of(findings(letters, **options)) == (told, good)


def test_a_review_that_nobody_began_is_told_too() -> None:
    text = report_text(findings({"a": "--"}))
    assert text.split("\n") == [
        "审核项目 small：2 条，已有结论 0 条，2 条没有看够人",
        "还没有判断。",
        "",
        "还有 2 条没有结论，上面的比例还会变",
    ]


@pytest.mark.parametrize(
    ("figures", "drawn"),
    [
        (
            {"value": 0.5, "low": 0.4, "high": 0.6},
            "0 " + "·" * 16 + "━" * 4 + "●" + "━" * 4 + "·" * 7 + "│" + "·" * 8 + " 1",
        ),
        ({"value": 0.8, "low": None, "high": None}, "0 " + "·" * 32 + "●" + "·" * 8 + " 1"),
        ({"value": -0.3, "low": -0.5, "high": 0.05}, "0 ●━━" + "·" * 29 + "│" + "·" * 8 + " 1"),
    ],
)
def test_the_bar_shows_the_interval_the_figure_and_the_limit(
    figures: dict[str, float | None], drawn: str
) -> None:
    assert interval_bar(figures, 0.8) == drawn


def test_spans_tell_their_f1() -> None:
    judged = items("t1", "t2", data=SPANS_DATA)
    rows = [
        marked("t1", "a", (2, 4, "PER")),
        marked("t1", "b", (2, 4, "PER")),
        marked("t2", "a"),
        marked("t2", "b", (2, 4, "PER")),
    ]
    text = report_text(assessed_spans(judged, *rows).findings)
    assert "F1（完全相同）" in text
    assert "人名" in text
    assert "未标" in text
    assert '[{"end":4' in text


def rendered(*several: tuple[dict[str, Any], dict[str, Any]]) -> tuple[str, Page]:
    """The section alone, with the macro of the page."""
    page = (REPORT / "page.html.j2").read_text(encoding="utf-8")
    (macro,) = re.findall(r"\{% macro sheet\(table\) %\}.*?\{% endmacro %\}", page, flags=re.S)
    partial = (REPORT / "review.html.j2").read_text(encoding="utf-8")
    environment = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True)
    source = environment.from_string(macro + partial).render(review=review_section(several))
    return source, whole(source)


def test_the_page_shows_the_figure_and_every_table(found: dict[str, Any]) -> None:
    source, page = rendered((found, PLAN))
    words = "".join(page.words)
    for told in (
        head_line(found),
        "混淆表",
        "每个答案的一致性",
        "结论的比例",
        "抽样",
        "争议与裁决",
        "等专家裁决",
        "不够",
    ):
        assert told in words
    assert page.links == []
    places = dict(re.findall(r'<b style="(left):([\d.]+)%;background:#b42318"', source))
    assert places == {"left": "80.00"}
    assert '<p class="bad">Fleiss’ kappa' in source


def test_a_review_without_agreement_has_no_figure() -> None:
    source, _ = rendered((findings({"a": "--"}), {}))
    assert 'class="cap"' not in source


def test_what_people_wrote_cannot_bring_its_own_markup() -> None:
    told = findings({"a": "ar", "b": "aa"}, decides("1", "reject", "<script>alert(1)</script>"))
    source, page = rendered((told, {}))
    assert "&lt;script&gt;" in source
    assert "script" not in page.tags


def test_what_people_wrote_is_shown_without_personal_data() -> None:
    told = findings({"a": "ar", "b": "aa"}, decides("1", "reject", "给客户13812345678打电话问过"))
    assert "13812345678" not in report_text(told)


def test_it_speaks_english_too(found: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    text = report_text(found, PLAN)
    for told in (
        "review project small: 30 items, 16 decided, 14 wait for an expert",
        "Fleiss' kappa",
        "Confusion",
        "Annotators",
        "waits for an expert",
    ):
        assert told in text


def test_of_many_answers_the_shares_stand_without_intervals(found: dict[str, Any]) -> None:
    values = [f"c{number}" for number in range(6)]
    line = {"group": "", "items": 60, "shares": {value: [1 / 6, 0.1, 0.3] for value in values}}
    rates = found["rates"] | {"values": values, "all": [line], "groups": {}}
    text = report_text(found | {"rates": rates})
    assert "结论的比例：合计" in text
    assert "16.7%  16.7%" in text


@pytest.mark.parametrize(
    ("name", "told", "line"),
    [
        ("pairs", {"accepted": 93, "edited": 18, "rejected": 6}, "  接受 93，修改 18，不要 6"),
        ("duplicates", {"values": {"same": 2, "unsure": 1}, "scores": []}, "  是同一个 2，拿不准 1"),
        ("noise_audit", {"rate": 0.01, "low": 0.0, "high": 0.05}, "  人工估计的噪声率 1.00%（0.00%–5.00%）"),
        ("noise_audit", {"rate": 0.01, "low": None, "high": None}, "  人工估计的噪声率 1.00%"),
        ("labels", {}, ""),
    ],
)
def test_what_the_decisions_say_of_the_data_is_one_line(name: str, told: dict[str, Any], line: str) -> None:
    assert settled_line(name, told) == line
