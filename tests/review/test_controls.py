"""Controls: good pairs with one value made wrong, of the same strata as the sample."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from curate.algorithms.numerals import numbers_in
from curate.review.controls import candidates, controls_of
from curate.review.sample import Sample, draw
from curate.review.schema import ITEM, content_of
from curate.review.shown import item_of
from tests.review.pair_tables import SOURCE, frame, pair
from tests.review.test_sample import narrow_pairs


def item(pair_id: str, answer: str, question: str = "展馆有多大？", source: str = SOURCE) -> dict[str, Any]:
    data = {"question": question, "answer": answer, "passage": source, "about": "c · t · 星海"}
    return item_of(frame(pair(pair_id)).row(0, named=True), data, "llm | c", '[{"id": "e"}]')


def test_a_control_differs_from_its_pair_in_one_value_that_is_nowhere_true() -> None:
    (control,), unfit = controls_of([item("c:1#q", "展馆面积12000平方米，成立于2012年。")], 1)
    data = json.loads(control["data"])
    old = {number.value for number in numbers_in("展馆面积12000平方米，成立于2012年。")}
    new = {number.value for number in numbers_in(data["answer"])}
    assert unfit == 0
    assert len(new - old) == 1
    assert not (new - old) & {number.value for number in numbers_in(SOURCE)}
    assert (data["question"], data["passage"]) == ("展馆有多大？", SOURCE)


def test_it_says_what_it_copies_and_what_catches_it_and_looks_like_any_other() -> None:
    original = item("c:1#q", "展馆面积12000平方米。")
    (control,), _ = controls_of([original], 1)
    assert (control["item_id"], control["of"], control["part"]) == ("c:1#q!control", "c:1#q", "control")
    assert json.loads(control["expected"]) == {"decision": ["reject", "edit"]}
    assert control["content"] == content_of(json.loads(control["data"])) != original["content"]
    assert json.loads(control["data"]).keys() == json.loads(original["data"]).keys()
    assert control["marks"] == original["marks"]
    assert set(control) == set(ITEM)


def test_pairs_without_a_value_to_alter_are_passed_over_and_counted() -> None:
    items = [item("c:1#q", "位于上海。"), item("c:2#q", "有12000平方米。"), item("c:3#q", "很大。")]
    controls, unfit = controls_of(items, 2)
    assert [control["of"] for control in controls] == ["c:2#q"]
    assert unfit == 2


def test_a_number_of_the_question_is_not_altered() -> None:
    controls, unfit = controls_of([item("c:1#q", "是2024年。", question="2024年是哪年？")], 1)
    assert (controls, unfit) == ([], 1)


def test_no_more_than_wanted_and_the_same_each_time() -> None:
    items = [item(f"c:{n}#q", f"有{n + 3}00家。") for n in range(9)]
    first, _ = controls_of(items, 4)
    assert [control["of"] for control in first] == [f"c:{n}#q" for n in range(4)]
    assert controls_of(items, 4)[0] == first
    assert controls_of(items, 4, "other")[0] != first
    assert controls_of(items, 0) == ([], 0)


def test_candidates_are_of_the_samples_strata_and_not_of_the_sample_where_there_are_others() -> None:
    parts = [narrow_pairs(300), narrow_pairs(100, task="u"), narrow_pairs(50, task="v", origin="real")]
    pairs, _ = draw(pl.concat(parts), Sample(llm=0.2))
    told = candidates(pairs, 8)
    assert told.height == 48
    drawn = set(pairs.filter("drawn")["pair_id"])
    assert not set(told["pair_id"]) & drawn
    assert dict(told.group_by("stratum").len().iter_rows()) == {
        "llm | c | t | unscored": 36, "llm | c | u | unscored": 12,
    }  # fmt: skip


def test_where_all_are_in_the_sample_candidates_are_too() -> None:
    pairs, _ = draw(narrow_pairs(10), Sample())
    assert set(candidates(pairs, 2)["pair_id"]) == set(pairs["pair_id"])
    assert candidates(pairs, 0).is_empty()
