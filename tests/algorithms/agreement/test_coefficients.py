"""Coefficients are those that were published, and those of other people's code."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import get_args

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.agreement import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    light_kappa,
    prevalence,
    raw_agreement,
)
from tests.algorithms.agreement.published import (
    ANXIETY,
    DIAGNOSES,
    EXAMPLES,
    Example,
    Matrix,
    Statistic,
    measured,
    ratings_of,
    sides,
)
from tests.algorithms.agreement.references import reference

STATISTICS: tuple[Statistic, ...] = get_args(Statistic)
OF_TWO = ("cohen", "linear", "quadratic")
#: One value only, no item that two people rated, nothing at all.
UNDEFINED: list[Matrix] = [[("1", "1"), ("1", "1")], [("1", None), (None, "2")], [("1", None)], []]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example.name}, {example.statistic}")
def test_figures_are_those_that_were_published(example: Example) -> None:
    found = measured(example.matrix, example.statistic)
    assert found == pytest.approx(float(example.published), abs=example.rounding), example.source


@st.composite
def matrices(draw: st.DrawFn, *, gaps: bool) -> Matrix:
    """Items by annotators, with values of which some are rare."""
    people = draw(st.integers(2, 5))
    value = st.sampled_from(["1", "1", "1", "2", "3", "10", *([None] if gaps else [])])
    return draw(st.lists(st.tuples(*[value] * people), min_size=1, max_size=25))


@pytest.mark.parametrize("gaps", [False, True])
@settings(max_examples=20)
@given(data=st.data())
def test_figures_are_those_of_the_references(data: st.DataObject, gaps: bool) -> None:
    matrix = data.draw(matrices(gaps=gaps))
    for statistic in STATISTICS:
        ours, theirs = measured(matrix, statistic), reference(matrix, statistic)
        assert (ours is None) == (theirs is None), (statistic, ours, theirs)
        assert ours is None or ours == pytest.approx(theirs, abs=1e-9), statistic


@pytest.mark.parametrize("matrix", UNDEFINED)
@pytest.mark.parametrize("statistic", [name for name in STATISTICS if name != "raw"])
def test_what_is_undefined_is_none(statistic: Statistic, matrix: Matrix) -> None:
    if statistic in OF_TWO:
        assert cohen_kappa(*sides(matrix), weights=None if statistic == "cohen" else statistic) is None  # type: ignore[arg-type]
    else:
        assert measured(matrix, statistic) is None


@pytest.mark.parametrize(
    ("matrix", "share"), [(UNDEFINED[0], 1.0), (UNDEFINED[1], None), (UNDEFINED[3], None)]
)
def test_raw_agreement_needs_two_ratings_of_an_item_and_no_second_value(
    matrix: Matrix, share: float | None
) -> None:
    assert raw_agreement(ratings_of(matrix)) == share


def test_two_who_never_use_the_others_value_agree_as_chance_would() -> None:
    assert cohen_kappa(["a", "a"], ["b", "b"]) == 0.0


@pytest.mark.parametrize("coefficient", [fleiss_kappa, gwet_ac1, krippendorff_alpha, light_kappa])
def test_perfect_agreement_is_exactly_one(coefficient: object) -> None:
    matrix = [(str(item % 3), str(item % 3), str(item % 3)) for item in range(31)]
    assert coefficient(ratings_of(matrix)) == 1.0  # type: ignore[operator]


def test_numbers_are_ordered_by_size_and_not_by_their_digits() -> None:
    a, b = ["9", "10", "8", "2"], ["10", "10", "9", "2"]
    assert cohen_kappa(a, b, weights="linear") == cohen_kappa(
        a, b, weights="linear", order=["2", "8", "9", "10"]
    )
    assert cohen_kappa(a, b, weights="linear") != cohen_kappa(a, b, weights="linear", order=sorted({*a, *b}))


def test_a_value_of_the_scale_that_nobody_used_is_a_step_all_the_same() -> None:
    a, b = ["bad", "good", "good", "bad", "so-so"], ["bad", "good", "so-so", "bad", "good"]
    scale = ["bad", "poor", "so-so", "good"]
    wide = cohen_kappa(a, b, weights="linear", order=scale)
    assert wide != cohen_kappa(a, b, weights="linear", order=["bad", "so-so", "good"])


def test_words_have_an_ordinal_alpha_once_their_order_is_told() -> None:
    words = {"1": "none", "2": "little", "3": "some", "4": "much", "5": "all", "6": "more"}
    ratings = ratings_of(ANXIETY)
    spoken = ratings.with_columns(pl.col("value").replace_strict(words))
    by_number = krippendorff_alpha(ratings, "ordinal")
    assert krippendorff_alpha(spoken, "ordinal", list(words.values())) == by_number
    assert krippendorff_alpha(spoken, "ordinal") != by_number


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("i", "p", "1"), ("i", "p", "2")], "twice"),
        ([("i", "p", "1"), ("i", None, "2")], "nulls"),
    ],
)
def test_ratings_that_are_none_are_refused(rows: list[tuple[str, str, str]], reason: str) -> None:
    ratings = pl.DataFrame(rows, ["item", "annotator", "value"], orient="row")
    with pytest.raises(ValueError, match=reason):
        fleiss_kappa(ratings)


def test_what_does_not_fit_is_refused_with_the_reason() -> None:
    with pytest.raises(ValueError, match="1 ratings beside 2"):
        cohen_kappa(["a"], ["a", "b"])
    with pytest.raises(ValueError, match="'c' is none of"):
        cohen_kappa(["a", "c"], ["a", "b"], order=["a", "b"])
    with pytest.raises(ValueError, match="could not convert"):
        krippendorff_alpha(ratings_of([("good", "bad"), ("good", "good")]), "interval")


def test_prevalence_counts_every_rating_in_the_order_of_the_values() -> None:
    shares = prevalence(ratings_of([("10", "9"), ("9", None), ("2", "9")]))
    assert list(shares.items()) == [("2", 0.2), ("9", 0.6), ("10", 0.2)]


def test_the_order_of_rows_decides_nothing() -> None:
    ratings = ratings_of(DIAGNOSES)
    shuffled = ratings.sample(fraction=1, shuffle=True, seed=3)
    for coefficient in (fleiss_kappa, gwet_ac1, krippendorff_alpha, light_kappa, raw_agreement):
        assert coefficient(ratings) == coefficient(shuffled)


@pytest.mark.parametrize("statistic", ["cohen", "light", "fleiss", "nominal", "ac1", "raw"])
def test_five_raters_of_chinese_sentence_pairs_agree_as_the_references_say(
    statistic: Statistic, shared_data: Path
) -> None:
    path = shared_data / "kappa/ocnli_dev_5raters.jsonl.gz"
    lines = gzip.decompress(path.read_bytes()).decode().splitlines()
    names = {"entailment": "1", "neutral": "2", "contradiction": "3", "unrelated": "4", "unknown": "5"}
    matrix = [[names[json.loads(line)[f"label{rater}"]] for rater in range(5)] for line in lines]
    assert measured(matrix, statistic) == pytest.approx(reference(matrix, statistic), abs=1e-9)
