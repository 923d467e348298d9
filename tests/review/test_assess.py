"""assess: votes become decisions where people agree or an expert spoke; the rest is disputed, or still missing."""

from __future__ import annotations

import json
from random import Random
from typing import Any

import polars as pl
import pytest

from curate.review.assess import Assessment, assess
from curate.review.schema import DECISION
from tests.review.small_pages import PAIR_DATA, SPANS_DATA, choice, mark, page, span, text
from tests.review.small_votes import (
    EXPERTS,
    annotations,
    assessed,
    assessed_spans,
    control_items,
    decides,
    events,
    items,
    marked,
    project,
    said,
)


def settled(found: Assessment) -> dict[str, tuple[str | None, str]]:
    """Item -> (value, by), or how many of how many votes are there, or that it is disputed."""
    told = {row[0]: row[1:] for row in found.decided.select("item_id", "value", "by").iter_rows()}
    missing = {row[0]: (f"{row[1]}/{row[2]}", "missing") for row in found.missing.iter_rows()}
    return told | missing | dict.fromkeys(found.disputed["item_id"], (None, "disputed"))


EDIT, OTHER = "edit:一共 48 家企业。", "edit:共四十八家。"


@pytest.mark.parametrize(
    ("results", "options", "becomes"),
    [
        (["accept", "accept"], {}, ("accept", "agreed")),
        (["accept", "accept", "accept"], {}, ("accept", "agreed")),
        (["accept", "reject"], {}, (None, "disputed")),
        (["reject:wrong_fact", "reject:unsupported"], {}, ("reject", "agreed")),
        ([EDIT, EDIT], {}, ("edit", "agreed")),
        ([EDIT, "edit:一共  48 家企业。\r\n"], {}, ("edit", "agreed")),
        ([EDIT, OTHER], {}, (None, "disputed")),
        (["accept"], {}, ("1/2", "missing")),
        ([], {}, ("0/2", "missing")),
        (["accept"], {"annotators": 1}, ("accept", "agreed")),
        (["accept", "reject"], {"annotators": 3}, ("2/3", "missing")),
        (["accept", "reject", "accept"], {"disputes": "majority"}, ("accept", "majority")),
        (["accept", "reject"], {"disputes": "majority"}, (None, "disputed")),
        (["accept", "reject", EDIT], {"disputes": "majority"}, (None, "disputed")),
        ([EDIT, EDIT, OTHER], {"disputes": "majority"}, ("edit", "majority")),
        ([EDIT, OTHER, "accept"], {"disputes": "majority"}, (None, "disputed")),
        ([EDIT, OTHER, "accept", "accept"], {"disputes": "majority"}, (None, "disputed")),
        (["accept", "reject"], {"disputes": "drop"}, (None, "dropped")),
        (["accept", "accept"], {"disputes": "drop"}, ("accept", "agreed")),
    ],
)
def test_an_item_is_settled(
    results: list[str], options: dict[str, Any], becomes: tuple[str | None, str]
) -> None:
    rows = [said("p1", who, result) for who, result in zip("abcd", results, strict=False)]
    assert settled(assessed(items("p1"), *rows, what=project(**options))) == {"p1": becomes}


@pytest.mark.parametrize("disputes", ["expert", "majority", "drop"])
def test_the_expert_overrides_everybody(disputes: str) -> None:
    rows = [*(said("p1", who, "accept") for who in "ab"), decides("p1", "reject:unsupported", "原文没有")]
    found = assessed(items("p1"), *rows, what=project(disputes=disputes))
    (row,) = found.decided.iter_rows(named=True)
    assert (row["value"], row["by"], row["votes"]) == ("reject", "expert", 2)
    assert (row["reason"], row["decider"]) == ("原文没有", EXPERTS[0])
    assert json.loads(row["values"]) == {"decision": "reject", "reasons": ["unsupported"]}


def test_what_an_expert_decided_still_needs_its_votes() -> None:
    # else agreement would be measured on the easy items alone, once a careless annotator is excluded
    rows = [said("p1", "a", "accept"), said("p1", "b", "reject"), decides("p1", "accept")]
    found = assessed(items("p1"), *rows, events=events({"kind": "exclude", "annotator": "b@example.com"}))
    assert found.missing.rows() == [("p1", 1, 2)]
    assert found.decided["by"].to_list() == ["expert"]


def test_a_decision_falls_with_its_round() -> None:
    rows = [said("p1", "a", "accept"), said("p1", "b", "reject"), decides("p1", "accept")]
    found = assessed(items("p1"), *rows, events=events({"kind": "put_back", "item_id": "p1"}))
    assert settled(found) == {"p1": ("0/2", "missing")}


def test_votes_that_agree_are_merged_into_one() -> None:
    mine = [choice("decision", "reject"), choice("reasons", "wrong_fact"), mark(2), text("note", "年份不对"),
            span(4, 8, PAIR_DATA["passage"][4:8], "evidence", name="evidence", to="source")]  # fmt: skip
    other = [choice("decision", "reject"), choice("reasons", "unsupported", "wrong_fact"), mark(5),
             span(0, 2, "本届", "evidence", name="evidence", to="source")]  # fmt: skip
    rows = [said("p1", "a", mine), said("p1", "b", other, updated_at="2026-11-21T00:00:00Z", guideline="g2")]
    (row,) = assessed(items("p1"), *rows).decided.iter_rows(named=True)
    assert json.loads(row["values"]) == {
        "decision": "reject",
        "reasons": ["unsupported", "wrong_fact"],
        "clear": 2,
        "note": "年份不对",
        "evidence": [
            {"start": 0, "end": 2, "text": "本届", "label": "evidence"},
            {"start": 4, "end": 8, "text": PAIR_DATA["passage"][4:8], "label": "evidence"},
        ],
    }
    assert row["reason"] == "资料里没有、数字错误"
    assert (row["guideline"], row["at"], row["decider"]) == ("g2", "2026-11-21T00:00:00.000000+00:00", None)


def test_an_agreed_edit_has_the_text_of_the_first() -> None:
    rows = [
        said("p1", "a", "edit:一共  48 家企业。", updated_at="2026-11-20T09:00:00Z"),
        said("p1", "b", "edit:一共 48 家企业。", updated_at="2026-11-20T08:00:00Z"),
    ]
    (values,) = assessed(items("p1"), *rows).decided["values"]
    assert json.loads(values) == {"decision": "edit", "edited_answer": "一共 48 家企业。"}


def test_a_majority_leaves_out_what_the_others_ticked() -> None:
    rows = [
        said("p1", "a", "reject:wrong_fact"),
        said("p1", "b", "reject:wrong_fact"),
        said("p1", "c", "accept"),
    ]
    (row,) = assessed(items("p1"), *rows, what=project(disputes="majority")).decided.iter_rows(named=True)
    assert (row["votes"], row["reason"]) == (3, "数字错误")


@pytest.mark.parametrize(
    ("left", "right", "becomes"),
    [
        ([(2, 4, "PER")], [(2, 4, "PER")], '[{"end":4,"label":"PER","start":2,"text":"张三"}]'),
        ([], [], "[]"),
        ([(2, 4, "PER")], [(2, 4, "ORG")], None),
        ([(2, 4, "PER")], [], None),
        ([(2, 4, "PER"), (8, 10, "PER")], [(8, 10, "PER"), (2, 4, "PER")], "both"),
    ],
)
def test_spans_agree_if_the_sets_are_equal(left: Any, right: Any, becomes: str | None) -> None:
    found = assessed_spans(items("t1", data=SPANS_DATA), marked("t1", "a", *left), marked("t1", "b", *right))
    if becomes is None:
        assert found.disputed["item_id"].to_list() == ["t1"]
    else:
        (row,) = found.decided.iter_rows(named=True)
        assert json.loads(row["values"]).get("spans", []) == json.loads(row["value"])
        assert row["value"] == becomes or becomes == "both"


def test_a_dispute_shows_verdicts_without_names_and_in_a_drawn_order() -> None:
    names = [f"p{number}" for number in range(20)]
    rows = [said(name, who, result) for name in names for who, result in (("a", "accept"), ("b", "reject"))]
    found = assessed(items(*names), *rows)
    assert found.disputed.columns == ["item_id", "content", "verdicts"]
    verdicts = [json.loads(told) for told in found.disputed["verdicts"]]
    assert {tuple(sorted(verdict)) for told in verdicts for verdict in told} == {("value", "values")}
    assert "example.com" not in str(verdicts)
    assert {told[0]["value"] for told in verdicts} == {"accept", "reject"}, "who comes first varies"


def test_control_and_gold_items_are_neither_decided_nor_missing() -> None:
    both = pl.concat([items("p1"), control_items("p1!control")])
    found = assessed(
        both, said("p1", "a", "accept"), said("p1", "b", "accept"), said("p1!control", "a", "accept")
    )
    assert settled(found) == {"p1": ("accept", "agreed")}
    assert found.findings["items"] == {"control": 1, "sample": 1}


def test_the_order_of_rows_decides_nothing() -> None:
    names = [f"p{number}" for number in range(12)]
    told = ["accept", "reject", EDIT]
    rows = [
        said(name, who, told[(place + (who == "c")) % 3]) for place, name in enumerate(names) for who in "abc"
    ]
    rows += [decides("p3", "accept"), said("p4", "a", "reject", updated_at="2026-11-22T00:00:00Z")]
    first = assess(project(), page(), items(*names), annotations(*rows), events(), EXPERTS)
    Random(5).shuffle(rows)
    again = assess(project(), page(), items(*names)[::-1], annotations(*rows), events(), EXPERTS)
    assert first.votes.equals(again.votes)
    assert first.decided.equals(again.decided)
    assert first.disputed.equals(again.disputed)
    assert first.findings == again.findings


def test_nothing_at_all_is_assessed_too() -> None:
    found = assessed(items())
    assert found.decided.schema == pl.Schema(DECISION)
    assert (found.disputed.height, found.missing.height, found.findings["agreement"]) == (0, 0, None)
