"""Where the agreement is lost."""

from __future__ import annotations

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from curate.algorithms.agreement import confusion, disagreement, pairwise, per_value
from tests.algorithms.agreement.published import COHEN, DIAGNOSES, KRIPPENDORFF, SKEWED, Matrix, ratings_of
from tests.algorithms.agreement.references import reference


def test_the_worst_pair_of_annotators_comes_first_and_those_without_kappa_last() -> None:
    matrix = [("1", "1", "2", "1"), ("2", "2", "1", None), ("2", "2", "2", "1"), ("1", "2", "1", None)]
    found = pairwise(ratings_of(matrix))
    assert found.columns == ["a", "b", "items", "raw", "kappa"]
    kappas = found["kappa"].to_list()
    assert kappas[0] == min(kappa for kappa in kappas if kappa is not None)
    assert found.row(0)[:4] == ("p01", "p02", 4, 0.25)
    assert found.filter(a="p00", b="p03").row(0) == ("p00", "p03", 2, 0.5, 0.0)


def test_a_pair_who_only_ever_said_one_value_is_last_and_without_kappa() -> None:
    found = pairwise(ratings_of([("1", "1", "2"), ("1", "1", "1")]))
    assert found.row(-1) == ("p00", "p01", 2, 1.0, None)


def test_people_who_have_no_item_in_common_are_no_pair() -> None:
    assert pairwise(ratings_of([("1", "1", None), (None, "1", "2")])).select("a", "b").rows() == [
        ("p01", "p02"), ("p00", "p01"),
    ]  # fmt: skip


@pytest.mark.parametrize("matrix", [DIAGNOSES, KRIPPENDORFF, COHEN], ids=["fleiss", "krippendorff", "cohen"])
def test_a_value_is_measured_against_the_rest_by_the_same_statistic(matrix: Matrix) -> None:
    statistic = "fleiss" if matrix is DIAGNOSES else "nominal" if matrix is KRIPPENDORFF else "cohen"
    found = per_value(ratings_of(matrix))
    for value, kappa, raw in found.select("value", "kappa", "raw").iter_rows():
        binary = [[given if given is None else str(int(given == value)) for given in row] for row in matrix]
        assert kappa == pytest.approx(reference(binary, statistic), abs=1e-9)  # type: ignore[arg-type]
        assert raw == pytest.approx(reference(binary, "raw"), abs=1e-9)


def test_fleiss_values_are_those_that_he_printed() -> None:
    # Fleiss 1971, table 4: kappa of depression, personality disorder, schizophrenia, neurosis, other
    assert per_value(ratings_of(DIAGNOSES))["kappa"].to_list() == pytest.approx(
        [0.245, 0.245, 0.520, 0.471, 0.566], abs=6e-4
    )


def test_specific_agreement_is_cicchetti_and_feinsteins() -> None:
    # 1990, part II: 2*80/(2*80+15) of the frequent value, 2*5/(2*5+15) of the rare one
    found = per_value(ratings_of(SKEWED))
    assert found.select("value", "ratings").rows() == [("1", 175), ("2", 25)]
    assert found["specific"].to_list() == pytest.approx([160 / 175, 10 / 25])


def test_specific_agreement_of_several_is_over_all_their_pairs() -> None:
    found = per_value(ratings_of([("1", "1", "2"), ("1", "2", None), ("2", None, None)]))
    # "1" three times in pairs: six pairs of the triple that start with it and two of the pair
    assert found["specific"].to_list() == pytest.approx([2 / 5, 0.0])


def test_a_value_that_only_stands_alone_has_no_specific_agreement() -> None:
    found = per_value(ratings_of([("1", "1"), ("2", None)]))
    assert found.filter(value="2").select("raw", "specific").row(0) == (1.0, None)


def test_confusion_is_symmetrical_and_counts_each_pair_of_ratings() -> None:
    found = confusion(ratings_of([("9", "9", "10"), ("9", "10", None), ("2", None, None)]))
    assert found.rows() == [
        ("2", "2", 0), ("2", "9", 0), ("2", "10", 0),
        ("9", "2", 0), ("9", "9", 1), ("9", "10", 3),
        ("10", "2", 0), ("10", "9", 3), ("10", "10", 0),
    ]  # fmt: skip


def test_the_pairs_of_the_upper_triangle_are_all_pairs() -> None:
    found = confusion(ratings_of(DIAGNOSES))
    assert found.filter(pl.col("left") <= pl.col("right"))["count"].sum() == 30 * 15


def test_the_most_disputed_item_comes_first() -> None:
    found = disagreement(
        ratings_of([("1", "1", "1"), ("1", "2", "3"), ("1", "2", "2"), ("1", "2", None), ("3", None, None)])
    )
    assert found.rows() == [
        ("i0001", 3, 3, 1.0), ("i0003", 2, 2, 1.0), ("i0002", 3, 2, pytest.approx(2 / 3)), ("i0000", 3, 1, 0.0),
    ]  # fmt: skip


def test_weights_count_as_so_many_items() -> None:
    matrix = [("1", "1"), ("1", "2"), ("2", "2")]
    often = [3, 1, 2]
    ratings = ratings_of(matrix)
    weights = pl.DataFrame({"item": [f"i{item:04}" for item in range(3)], "weight": often})
    repeated = ratings_of([row for row, count in zip(matrix, often, strict=True) for _ in range(count)])
    for look in (per_value, confusion):
        assert_frame_equal(look(ratings.join(weights, on="item")), look(repeated))
    found = pairwise(ratings.join(weights, on="item")).drop("items")
    assert_frame_equal(found, pairwise(repeated).drop("items"))


@pytest.mark.parametrize("look", [pairwise, per_value, confusion, disagreement])
def test_of_no_ratings_nothing_is_told(look: object) -> None:
    assert look(ratings_of([])).height == 0  # type: ignore[operator]
