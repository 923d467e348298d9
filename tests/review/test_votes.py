"""votes: every annotation is one vote, or says why it is none."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from curate.review.schema import STATES, VOTE
from curate.review.votes import moment, person, votes_of
from tests.review.small_pages import SPANS, SPANS_DATA, choice, page, text
from tests.review.small_votes import (
    EXPERTS,
    annotations,
    decides,
    events,
    items,
    marked,
    project,
    said,
    spans_project,
)


def votes(
    *rows: dict[str, Any], told: pl.DataFrame | None = None, names: tuple[str, ...] = ("p1", "p2")
) -> pl.DataFrame:
    happened = events() if told is None else told
    return votes_of(project(), page(), items(*names), annotations(*rows), happened, EXPERTS)


def states(found: pl.DataFrame) -> dict[str, str]:
    return dict(found.select("annotation_id", "state").iter_rows())


@pytest.mark.parametrize(
    ("change", "state", "detail"),
    [
        ({}, "counted", None),
        ({"wrong": "forged", "detail": "updated_by 是别人"}, "forged", "updated_by 是别人"),
        ({"wrong": "deleted_user", "annotator": None}, "deleted_user", "deleted_user"),
        ({"wrong": "unheard_of"}, "invalid", "unheard_of"),
        ({"wrong": "forged", "deleted": True}, "forged", "forged"),
        ({"deleted": True, "skipped": True}, "deleted", None),
        ({"annotator": None}, "no_annotator", None),
        ({"annotator": " "}, "no_annotator", None),
        ({"item_id": "p9"}, "unknown_item", "这次的抽样里没有这一条"),
        ({"skipped": True, "result": "[]"}, "skipped", None),
        ({"content": "0000"}, "stale", "这一条的内容后来变了"),
        ({"content": None}, "stale", "这一条的内容后来变了"),
        ({"result": "[]"}, "invalid", "必填的 decision 没有填"),
        ({"result": None}, "invalid", "必填的 decision 没有填"),
        ({"result": "{"}, "invalid", "标注结果不是 JSON"),
        ({"result": '"hello"'}, "invalid", "结果不是列表，而是文字"),
    ],
)
def test_an_annotation_counts_or_says_why_not(change: dict[str, Any], state: str, detail: str | None) -> None:
    found = votes(said("p1", "a", "accept") | change)
    assert found.schema == pl.Schema(VOTE)
    assert found.select("state", "detail").row(0) == (state, detail)
    assert found["value"][0] == ("accept" if state == "counted" else None)


def test_an_invalid_result_tells_its_first_problems() -> None:
    junk = [choice("decision", "maybe"), choice("decisions", "accept"), {"foo": 1}, 5]
    (detail,) = votes(said("p1", "a", junk))["detail"]
    assert detail.count("；") == 3
    assert "maybe" in detail
    assert detail.endswith("另有 1 处")


@pytest.mark.parametrize("answer", ["一共 48 家。", " 一共 48 家。\r\n"])
def test_an_edit_that_changes_nothing_is_no_edit(answer: str) -> None:
    found = votes(said("p1", "a", [choice("decision", "edit"), text("edited_answer", answer)]))
    assert found.select("state", "detail").row(0) == ("invalid", "选了“修改”，却一个字也没有改")


def test_the_newest_of_one_person_counts_whatever_the_order() -> None:
    old = said("p1", "a", "accept", annotation_id="1", updated_at="2026-11-20T08:00:00Z")
    new = said("p1", "A@Example.com", "reject", annotation_id="0", updated_at="2026-11-20T08:00:00.5Z")
    other = said("p1", "b", "accept", annotation_id="2")
    for rows in ([old, new, other], [other, new, old]):
        found = votes(*rows)
        assert states(found) == {"0": "counted", "1": "replaced", "2": "counted"}
        assert found.filter(pl.col("annotation_id") == "1")["detail"][0] == "后来有 0"


def test_more_votes_than_wanted_all_count() -> None:
    found = votes(*(said("p1", who, "accept") for who in "abcd"))
    assert found["state"].to_list() == ["counted"] * 4


def test_an_invalid_newer_annotation_does_not_replace_a_good_one() -> None:
    good = said("p1", "a", "accept", annotation_id="1")
    bad = said("p1", "a", [], annotation_id="2", updated_at="2026-11-21T08:00:00Z")
    assert states(votes(good, bad)) == {"1": "counted", "2": "invalid"}


@pytest.mark.parametrize(
    ("told", "rounds", "states"),
    [
        ([], (1, 2), ("counted", "counted")),
        ([{"kind": "put_back", "item_id": "p1"}], (1, 2), ("set_aside", "counted")),
        ([{"kind": "put_back", "item_id": "p2"}], (1, 2), ("counted", "counted")),
        ([{"kind": "put_back", "item_id": "p1"}] * 2, (1, 2), ("set_aside", "set_aside")),
        ([{"kind": "put_back", "item_id": "p1"}], (None, 2), ("set_aside", "counted")),
        ([{"kind": "exclude", "annotator": "A@example.com"}], (1, 1), ("set_aside", "counted")),
        ([{"kind": "exclude", "annotator": "a@example.com"}, {"kind": "include", "annotator": "a@example.com"}], (1, 1), ("counted", "counted")),
        ([{"kind": "include", "annotator": "a@example.com"}, {"kind": "exclude", "annotator": "a@example.com"}], (1, 1), ("set_aside", "counted")),
    ],
)  # fmt: skip
def test_what_was_put_back_or_excluded_is_set_aside(
    told: list[dict[str, str]], rounds: tuple[int | None, int], states: tuple[str, str]
) -> None:
    rows = [said("p1", who, "accept", round=number) for who, number in zip("ab", rounds, strict=True)]
    found = votes(*rows, told=events(*told))
    assert tuple(found.sort("annotator")["state"]) == states


def test_what_is_set_aside_says_by_whom_and_why() -> None:
    told = events(
        {"kind": "put_back", "item_id": "p1"},
        {"kind": "exclude", "annotator": "b@example.com", "why": "乱点"},
    )
    found = votes(said("p1", "a", "accept"), said("p2", "b", "accept"), told=told)
    assert found["detail"].to_list() == ["lin 退回重标：看错了", "lin 排除了这位标注员：乱点"]


def test_only_experts_decide_and_the_newest_decision_counts() -> None:
    first = decides("p1", "accept", annotation_id="1", updated_at="2026-11-20T08:00:00Z")
    again = decides("p1", "reject", annotation_id="2", updated_at="2026-11-20T09:00:00Z")
    stranger = decides(
        "p1", "accept", who="a@example.com", annotation_id="3", updated_at="2026-11-20T10:00:00Z"
    )
    found = votes(first, again, stranger)
    assert states(found) == {"1": "replaced", "2": "counted", "3": "not_an_expert"}
    assert json.loads(found.filter(pl.col("state") == "counted")["values"][0])["decision_reason"] == "照原文"


def test_an_expert_is_known_in_capitals_too_and_of_two_the_newest_counts() -> None:
    rows = annotations(
        decides(
            "p1", "accept", who="zhuanjia@example.com", annotation_id="1", updated_at="2026-11-20T08:00:00Z"
        ),
        decides("p1", "reject", who="lao@example.com", annotation_id="2", updated_at="2026-11-20T09:00:00Z"),
    )
    found = votes_of(
        project(), page(), items("p1"), rows, events(), ["Zhuanjia@Example.com", "lao@example.com "]
    )
    assert states(found) == {"1": "surplus", "2": "counted"}


def test_a_decision_needs_its_reason() -> None:
    bare = said("p1", EXPERTS[0], "accept", stage="adjudicate")
    assert votes(bare)["state"].to_list() == ["invalid"]


def test_an_adjudication_does_not_replace_the_experts_own_vote() -> None:
    found = votes(
        said("p1", EXPERTS[0], "reject"), decides("p1", "accept", updated_at="2026-11-21T00:00:00Z")
    )
    assert found["state"].to_list() == ["counted", "counted"]


def test_no_marks_are_an_answer() -> None:
    rows = annotations(marked("t1", "a"), marked("t1", "b", (2, 4, "PER")))
    found = votes_of(spans_project(), page(SPANS), items("t1", data=SPANS_DATA), rows, events(), EXPERTS)
    assert found["state"].to_list() == ["counted", "counted"]
    assert found["value"].to_list() == ["[]", '[{"end":4,"label":"PER","start":2,"text":"张三"}]']


def test_there_are_votes_without_annotations() -> None:
    assert votes().schema == pl.Schema(VOTE)


@pytest.mark.parametrize(
    ("told", "same"),
    [
        ("2026-11-22T07:08:09Z", "2026-11-22T07:08:09.000000+00:00"),
        ("2026-11-22T07:08:09.5Z", "2026-11-22T07:08:09.500000+00:00"),
        ("2026-11-22T15:08:09+08:00", "2026-11-22T07:08:09.000000+00:00"),
        ("2026-11-22 07:08:09", "2026-11-22T07:08:09.000000+00:00"),
        ("gestern", "gestern"),
        (None, ""),
    ],
)
def test_times_become_texts_that_sort(told: str | None, same: str) -> None:
    assert moment(told) == same


@pytest.mark.parametrize(("told", "same"), [(" A@B.cn ", "a@b.cn"), ("王芳", "王芳"), ("Wang", "Wang")])
def test_one_spelling_of_a_person(told: str, same: str) -> None:
    assert person(told) == same


def test_every_state_is_one_of_the_schema() -> None:
    rows = [said("p1", "a", "accept"), said("p9", "a", "accept"), said("p2", "a", "accept", wrong="odd")]
    assert set(votes(*rows)["state"]) <= set(STATES)
