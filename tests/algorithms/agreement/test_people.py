"""Each annotator against the others, and against what is known."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.agreement import against, against_rest, cohen_kappa
from tests.algorithms.agreement.published import ratings_of

#: p03 is careless: always 1.
TEAM = [("1", "1", "1", "1"), ("2", "2", "2", "1"), ("2", "2", "1", "1"), ("1", "1", "1", "1")]


def test_an_annotator_is_measured_against_most_of_the_others() -> None:
    found = against_rest(ratings_of(TEAM))
    assert found.columns == ["annotator", "items", "raw", "kappa"]
    # of the third item most of the others say 1 to p00 and p01, and 2 to p02 and p03
    assert found.select("annotator", "items", "raw").rows() == [
        ("p00", 4, 0.75), ("p01", 4, 0.75), ("p02", 4, 0.75), ("p03", 4, 0.5),
    ]  # fmt: skip
    kappas = found["kappa"].to_list()
    assert kappas[2] == pytest.approx(cohen_kappa(["1", "2", "1", "1"], ["1", "2", "2", "1"]))
    assert kappas[3] == 0.0


def test_who_only_met_split_or_absent_others_is_told_with_nothing() -> None:
    found = against_rest(ratings_of([("1", "1", "2"), (None, None, "1")]))
    assert found.rows() == [("p00", 0, None, None), ("p01", 0, None, None), ("p02", 1, 0.0, 0.0)]


def test_against_the_truth_items_without_one_are_left_out() -> None:
    truth = pl.DataFrame({"item": ["i0000", "i0001", "i9999"], "value": ["1", "2", "1"]})
    found = against(ratings_of(TEAM), truth)
    assert found.select("annotator", "items", "right").rows() == [
        ("p00", 2, 2), ("p01", 2, 2), ("p02", 2, 2), ("p03", 2, 1),
    ]  # fmt: skip
    assert found["kappa"].to_list() == [1.0, 1.0, 1.0, 0.0]


def test_without_any_truth_nobody_is_right_or_wrong() -> None:
    truth = pl.DataFrame({"item": [], "value": []}, {"item": pl.String, "value": pl.String})
    assert against(ratings_of(TEAM[:1]), truth).row(0) == ("p00", 0, 0, None)


def test_two_right_answers_to_one_item_are_refused() -> None:
    truth = pl.DataFrame({"item": ["i0000", "i0000"], "value": ["1", "2"]})
    with pytest.raises(pl.exceptions.ComputeError, match="m:1"):
        against(ratings_of(TEAM), truth)
