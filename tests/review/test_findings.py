"""findings: what a review found, in plain JSON."""

from __future__ import annotations

import json
from typing import Any

import krippendorff
import polars as pl
import pytest
from sklearn.metrics import cohen_kappa_score

from curate.review.schema import as_json
from tests.review.small_pages import SPANS_DATA, choice, mark
from tests.review.small_votes import (
    EXPERTS,
    assessed,
    assessed_spans,
    control_items,
    decides,
    events,
    everyone,
    items,
    marked,
    project,
    said,
)


def found(
    letters: dict[str, str], *more: dict[str, Any], controls: tuple[str, ...] = (), **options: Any
) -> dict[str, Any]:
    names = [str(number) for number in range(len(next(iter(letters.values()))))]
    judged = pl.concat([items(*names), control_items(*controls)])
    return assessed(judged, *everyone(letters), *more, **options).findings


def test_findings_are_plain_json() -> None:
    told = found({"a": "arae" * 5, "b": "aaae" * 5}, decides("1", "reject"))
    assert json.loads(json.dumps(told, allow_nan=False)) == told


def test_agreement_is_over_the_sample_alone() -> None:
    easy = [said("k!control", who, "reject") for who in "ab"]
    told = found({"a": "aarr", "b": "arra"}, *easy, controls=("k!control",))
    agreement = told["agreement"]
    assert (agreement["statistic"], agreement["items"], agreement["ratings"]) == ("cohen_kappa", 4, 8)
    assert agreement["raw"] == 0.5
    assert told["pairwise"] == [
        {"a": "a@example.com", "b": "b@example.com", "items": 4, "raw": 0.5, "kappa": 0.0}
    ]
    assert {(one["left"], one["right"]): one["count"] for one in told["confusion"]} == {
        ("accept", "accept"): 1, ("accept", "reject"): 2, ("reject", "accept"): 2, ("reject", "reject"): 1,
    }  # fmt: skip
    assert [one["item"] for one in told["most_disputed"]] == ["1", "3"]


def test_more_votes_than_wanted_count_for_agreement() -> None:
    told = found({"a": "aarr", "b": "aarr", "c": "arra"})
    assert (told["agreement"]["annotators"], told["agreement"]["ratings"]) == (3, 12)


def person(told: dict[str, Any], name: str) -> dict[str, Any]:
    (line,) = [one for one in told["people"] if one["annotator"] == f"{name}@example.com"]
    return line


def test_people_are_held_against_controls_gold_and_the_rest() -> None:
    gold = items(
        "gold:1",
        "gold:2",
        part="gold",
        expected=[as_json({"decision": "accept"}), as_json({"decision": ["reject", "edit"]})],
    )
    judged = pl.concat([items("p1", "p2", "p3"), control_items("k1", "k2"), gold])
    rows = [
        *(said(item, who, "accept") for item in ("p1", "p2", "p3") for who in "ab"),
        said("p1", "c", "reject"), said("p2", "c", "accept"), said("p3", "c", [], seconds=5.0),
        said("k1", "a", "reject"), said("k2", "a", "edit:一共 84 家。"), said("k1", "c", "accept"),
        said("gold:1", "a", "accept"), said("gold:2", "a", "accept"),
    ]  # fmt: skip
    told = assessed(judged, *rows).findings
    a, b, c = (person(told, name) for name in "abc")
    assert (a["control"], a["control_right"], a["gold"], a["gold_right"]) == (2, 2, 2, 1)
    assert (b["control"], b["gold"], b["gold_kappa"]) == (0, 0, None)
    assert (c["control"], c["control_right"]) == (1, 0)
    assert (a["rest_items"], a["raw"]) == (2, 1.0), "where the others are split nothing can be said"
    assert (c["rest_items"], c["raw"]) == (2, 0.5)
    assert c["states"] == {"counted": 3, "invalid": 1}


def test_people_are_held_against_the_expert() -> None:
    told = found({"a": "arr", "b": "rra"}, decides("0", "accept"), decides("2", "accept"))
    a, b = (person(told, name) for name in "ab")
    assert (a["expert"], a["expert_right"]) == (2, 1)
    assert (b["expert"], b["expert_right"]) == (2, 1)


def test_times_leave_out_who_went_away() -> None:
    rows = [
        said(str(number), "a", "accept", seconds=seconds)
        for number, seconds in enumerate([10.0, 20.0, 60.0, 9000.0, None])
    ]
    line = person(assessed(items(*"01234"), *rows).findings, "a")
    assert (line["seconds"], line["hours"]) == (20.0, 90 / 3600)


def test_rubrics_have_an_ordinal_alpha_and_a_weighted_kappa() -> None:
    def rated(item: str, who: str, rating: int) -> dict[str, Any]:
        return said(item, who, [choice("decision", "accept"), mark(rating)])

    rows = [rated(str(number), who, value) for who, marks in (("a", [1, 2, 5, 5]), ("b", [1, 2, 5, 4]))
            for number, value in enumerate(marks)]  # fmt: skip
    (line,) = assessed(items(*"0123"), *rows).findings["marks"]
    assert (line["control"], line["marks"], line["mean"]) == ("clear", 8, 3.125)
    weighted = cohen_kappa_score([1, 2, 5, 5], [1, 2, 5, 4], labels=[1, 2, 3, 4, 5], weights="quadratic")
    assert line["weighted_kappa"] == pytest.approx(weighted)
    alpha = krippendorff.alpha([[1, 2, 5, 5], [1, 2, 5, 4]], level_of_measurement="ordinal")
    assert line["alpha"] == pytest.approx(alpha)


def test_reasons_are_counted_over_decided_items() -> None:
    rows = [
        said("0", "a", "reject:wrong_fact"),
        said("0", "b", "reject:unsupported"),
        said("1", "a", "reject:wrong_fact"),
    ]
    told = assessed(items("0", "1"), *rows, said("1", "b", "reject:wrong_fact")).findings
    assert told["ticked"] == {"reasons": {"数字错误": 2, "资料里没有": 1}}


def test_an_annotator_who_became_careless_is_flagged() -> None:
    careful = "ar" * 60
    drifting = "ar" * 25 + "aa" * 35
    rows = [
        said(str(number), who, {"a": "accept", "r": "reject"}[letter], updated_at=f"2026-11-20T08:{number // 60:02}:{number % 60:02}Z")
        for who, letters in (("a", careful), ("b", careful), ("c", drifting))
        for number, letter in enumerate(letters)
    ]  # fmt: skip
    told = assessed(items(*map(str, range(120))), *rows).findings
    assert [one["annotator"] for one in told["drift"]] == ["c@example.com"]
    assert told["drift"][0]["last"] < told["drift"][0]["first"] == 1.0


def test_disputes_stand_beside_what_became_of_them_the_open_ones_first() -> None:
    told = found({"a": "arr", "b": "aaa"}, decides("1", "reject:unsupported", "原文没有"))["disputes"]
    assert [(one["item_id"], one["value"], one["by"]) for one in told] == [
        ("2", None, None),
        ("1", "reject", "expert"),
    ]
    settled = told[1]
    assert settled["said"] == [
        {"annotator": "a@example.com", "value": "reject", "more": "数字错误"},
        {"annotator": "b@example.com", "value": "accept", "more": ""},
    ]
    assert (settled["reason"], settled["decider"]) == ("原文没有", EXPERTS[0])


def test_an_expert_who_had_judged_the_item_is_named() -> None:
    told = found({"a": "ar", "zhuanjia": "aa"}, decides("1", "accept"))
    assert told["judged_own"] == [{"annotator": EXPERTS[0], "items": 1}]


def test_an_item_that_still_lacks_votes_is_no_dispute() -> None:
    told = found({"a": "a", "b": "r"}, what=project(annotators=3))
    assert (told["disputes"], told["missing"], told["disputed"]) == ([], 1, 0)


def test_spans_have_an_f1_and_name_the_texts_with_the_most_characters_in_dispute() -> None:
    judged = items("t1", "t2", "t3", data=SPANS_DATA)
    rows = [
        marked("t1", "a", (2, 4, "PER")), marked("t1", "b", (2, 4, "PER")),
        marked("t2", "a", (2, 4, "PER")), marked("t2", "b", (2, 4, "ORG")),
        marked("t3", "a", (2, 4, "PER")), marked("t3", "b", (2, 8, "PER")),
    ]  # fmt: skip
    told = assessed_spans(judged, *rows).findings
    (pair,) = told["spans"]
    assert (pair["exact"], pair["relaxed"], pair["items"]) == (pytest.approx(1 / 3), pytest.approx(2 / 3), 3)
    assert [(one["item"], one["share"]) for one in told["most_disputed"]] == [("t3", 4.0), ("t2", 2.0)]
    assert told["rates"] is None


def test_marks_that_were_shown_beforehand_and_left_as_they_were_are_counted() -> None:
    shown = as_json([{"value": {"start": 2, "end": 4}}, {"value": {"start": 8, "end": 10}}])
    judged = items("t1", "t2", data=SPANS_DATA, marks=[shown, None])
    kept = marked("t1", "a", (2, 4, "PER"))  # as if left from the prediction
    own = marked("t1", "b", (8, 11, "PER"))
    own["result"] = own["result"].replace('"prediction"', '"manual"')
    told = assessed_spans(judged, kept, own, marked("t2", "a", (2, 4, "PER"))).findings
    assert told["anchored"] == [
        {"annotator": "a@example.com", "shown": 2, "kept": 1, "own": 0},
        {"annotator": "b@example.com", "shown": 2, "kept": 0, "own": 1},
    ]


def test_the_sizes_of_strata_reach_the_error_rates() -> None:
    judged = items("0", "1", stratum=["t", "m"])
    rows = [said("0", who, "accept") for who in "ab"] + [said("1", who, "reject") for who in "ab"]
    told = assessed(judged, *rows, population={"t": 90, "m": 10}).findings["rates"]
    assert told["all"][0]["shares"]["reject"][0] == pytest.approx(0.1)


def test_who_is_excluded_is_not_measured() -> None:
    excluded = events({"kind": "exclude", "annotator": "b@example.com"})
    told = found({"a": "aarr", "b": "rraa", "c": "aarr"}, events=excluded)
    assert told["agreement"]["value"] == 1.0
    assert person(told, "b")["states"] == {"set_aside": 4}
