"""What people see of a pair, and how their edits come back into it."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from curate.review.shown import (
    MOST_SOURCE,
    Sources,
    answer_shown,
    edited,
    evidence_marks,
    item_of,
    question_shown,
    read_pairs,
)
from tests.review.pair_tables import SOURCE, frame, pair, rows, table

TURNS = [
    {"role": "user", "content": "展馆在哪？"},
    {"role": "assistant", "content": "在上海。"},
    {"role": "user", "content": "多大？"},
    {"role": "assistant", "content": "12000平方米。"},
]


def one(**more: Any) -> dict[str, Any]:
    return frame(pair("c:1#q", **more)).row(0, named=True)


SHOWN = [
    ({}, "星海展览的展馆有多大？", "展馆面积12000平方米。"),
    ({"input": "资料：星海"}, "星海展览的展馆有多大？\n资料：星海", "展馆面积12000平方米。"),
    ({"thought": "先看面积。"}, "星海展览的展馆有多大？", "思考：先看面积。\n\n回答：展馆面积12000平方米。"),
    ({"messages": TURNS}, "用户：展馆在哪？\n助手：在上海。\n用户：多大？", "12000平方米。"),
    (
        {"messages": [TURNS[0], {"role": "function_call", "content": "{}"}, {"role": "tool", "content": "上海"}, TURNS[1]]},
        "用户：展馆在哪？\n调用：{}\n结果：上海",
        "在上海。",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("more", "question", "answer"), SHOWN)
def test_a_pair_as_people_read_it(more: dict[str, Any], question: str, answer: str) -> None:
    assert (question_shown(one(**more)), answer_shown(one(**more))) == (question, answer)


@pytest.mark.parametrize("more", [more for more, _, _ in SHOWN])
def test_what_was_shown_and_left_alone_changes_nothing(more: dict[str, Any]) -> None:
    shown = one(**more)
    assert edited(shown, question_shown(shown), answer_shown(shown)) == {}
    assert edited(shown, question_shown(shown).replace("\n", "\r\n") + " ", None) == {}


EDITS = [
    ({}, "星海展览多大？", None, {"instruction": "星海展览多大？"}),
    ({}, None, " 12000平方米。\n", {"output": "12000平方米。"}),
    ({"input": "资料：星海"}, "有多大？\n资料：星海", None, {"instruction": "有多大？"}),
    ({"input": "资料：星海"}, "星海展览的展馆有多大？\n资料：星海展览", None, {"input": "资料：星海展览"}),
    ({"input": "资料：星海"}, "星海有多大？", None, {"instruction": "星海有多大？", "input": ""}),
    ({"thought": "先看。"}, None, "思考：先看。\n\n回答：12000。", {"output": "12000。"}),
    ({"thought": "先看。"}, None, "思考：想。\n\n回答：12000。", {"thought": "想。", "output": "12000。"}),
    ({"messages": TURNS}, None, "很大。", {"messages": [*TURNS[:3], {"role": "assistant", "content": "很大。"}], "output": "很大。"}),
]  # fmt: skip


@pytest.mark.parametrize(("more", "question", "answer", "changes"), EDITS)
def test_an_edit_changes_the_columns_that_it_is_about(
    more: dict[str, Any], question: str | None, answer: str | None, changes: dict[str, Any]
) -> None:
    assert edited(one(**more), question, answer) == changes


UNUSABLE = {
    "a question inside a conversation": ({"messages": TURNS}, "用户：改了", None),
    "an empty question": ({}, "  ", None),
    "an empty answer": ({}, None, "\n"),
    "an empty answer of a conversation": ({"messages": TURNS}, None, ""),
    "the mark before the answer is gone": ({"thought": "先看。"}, None, "12000。"),
    "nothing but the thought": ({"thought": "先看。"}, None, "思考：先看。\n\n回答： "),
}


@pytest.mark.parametrize(("more", "question", "answer"), UNUSABLE.values(), ids=UNUSABLE.keys())
def test_an_edit_that_cannot_be_applied(
    more: dict[str, Any], question: str | None, answer: str | None
) -> None:
    assert edited(one(**more), question, answer) is None


def test_pairs_come_in_the_order_of_their_ids_from_all_shards(tmp_path: Path) -> None:
    pairs = frame(*[pair(f"c:{n}#q") for n in range(7)])
    ids = pairs["pair_id"].gather([5, 0, 3])
    assert read_pairs([table(tmp_path / "p", pairs, shards=3)], ids)["pair_id"].to_list() == ids.to_list()


COMPANY = {
    "row_id": "c:1", "name": "星海展览", "founded": date(2012, 3, 1), "capital": 1000.0, "city": "上海市浦东新区",
    "tags": ["展览", "会议"], "phone": None, "quality": 0.4, "text": "星海展览，位于上海市浦东新区。",
}  # fmt: skip


def sources(folder: Path, *pairs: dict[str, Any], told: Any = (COMPANY,)) -> Sources:
    return Sources(frame(*pairs), {"c": table(folder / "rows", rows(*told))})


def test_the_source_is_the_span_that_the_model_saw(tmp_path: Path) -> None:
    assert sources(tmp_path, pair("c:1#q")).of(one()) == SOURCE


def test_of_a_row_its_text_is_shown_and_below_what_the_text_does_not_hold(tmp_path: Path) -> None:
    told = pair("c:1#q", made=None)
    assert sources(tmp_path, told).of(one(made=None)).split("\n") == [
        "星海展览，位于上海市浦东新区。", "founded：2012-03-01", "capital：1000", "tags：展览、会议",
    ]  # fmt: skip


def test_about_is_one_line_with_the_name_of_the_row(tmp_path: Path) -> None:
    named = sources(tmp_path, pair("c:1#q"), pair("c:9#q"))
    assert named.about(one()) == "c · doc_qa · 星海展览"
    assert named.about(frame(pair("c:9#q")).row(0, named=True)) == "c · doc_qa · c:9"


def test_a_query_that_tells_of_rows_shows_them(tmp_path: Path) -> None:
    many = [COMPANY | {"row_id": f"c:{n}", "text": f"第{n}家。"} for n in range(20)]
    made = {"parents": [f"c:{n}" for n in range(12)], "prompt": "q.yaml"}
    told = pair("c:0#q", made=made)
    shown = sources(tmp_path, told, told=many).of(frame(told).row(0, named=True))
    assert [f"第{n}家。" in shown for n in range(12)] == [True] * 8 + [False] * 4
    assert shown.endswith("（共 12 行）")


def test_a_query_that_tells_of_no_row_says_how_it_was_computed(tmp_path: Path) -> None:
    told = pair("c:*count.all#q", made={"prompt": "recipes/templates/count_query.yaml"})
    shown = sources(tmp_path, told).of(frame(told).row(0, named=True))
    assert "recipes/templates/count_query.yaml" in shown
    assert "整份 c 语料" in shown


def test_a_source_without_end_is_cut(tmp_path: Path) -> None:
    long = one(made={"source": "长" * 30_000})
    assert len(sources(tmp_path, pair("c:1#q")).of(long)) == MOST_SOURCE + 2


def spans(source: str, evidence: str | None) -> list[tuple[int, int]]:
    regions = json.loads(evidence_marks(source, evidence) or "[]")
    for region in regions:
        value = region["value"]
        assert source[value["start"] : value["end"]] == value["text"]
        assert (region["from_name"], region["to_name"], value["labels"]) == (
            "evidence",
            "source",
            ["evidence"],
        )
    return [(region["value"]["start"], region["value"]["end"]) for region in regions]


EVIDENCE = [
    ("展馆很大。在上海。", "在上海", [(5, 8)]),
    ("😀𠮷展馆很大。", "展馆", [(2, 4)]),
    ("甲。乙。丙。", "丙\n甲", [(0, 1), (4, 5)]),
    ("甲\n乙", "甲\n乙", [(0, 3)]),
    ("甲。", "丁", []),
    ("甲。甲。", "甲\n甲", [(0, 1)]),
    ("甲。", None, []),
    ("甲。", "\n", []),
]


@pytest.mark.parametrize(("source", "evidence", "places"), EVIDENCE)
def test_evidence_is_marked_where_it_stands(
    source: str, evidence: str | None, places: list[tuple[int, int]]
) -> None:
    assert spans(source, evidence) == places


def test_an_item_keeps_the_machines_scores_for_the_house() -> None:
    scores = [{"gate": "coverage", "score": 0.8, "note": None}, {"gate": "judge", "score": 0.75, "note": "…"}]
    made = {"scores": scores, "prompt": "recipes/prompts/doc_qa.j2"}
    item = item_of(one(made=made), {"question": "甲"}, "llm | c")
    assert (item["score"], item["judge"], item["prompt"]) == (0.9, 0.75, "recipes/prompts/doc_qa.j2")
    assert (item["source"], item["part"], item["stratum"]) == ("c:1", "sample", "llm | c")
    assert json.loads(item["data"]) == {"question": "甲"}
