"""The overall figure: which statistic, how sure, and when a low kappa is a paradox."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from curate.algorithms.agreement import Agreement, fleiss_kappa, overall, paradox
from tests.algorithms.agreement.published import (
    DIAGNOSES,
    EVEN,
    HALF,
    KRIPPENDORFF,
    ONE_SIDED,
    SKEWED,
    Matrix,
    ratings_of,
)

POOL: Matrix = [("a", "b", None), ("a", None, "a"), (None, "b", "b")]


@pytest.mark.parametrize(
    ("matrix", "statistic"),
    [
        (EVEN, "cohen_kappa"),
        ([*EVEN, ("1", None)], "cohen_kappa"),
        (DIAGNOSES, "fleiss_kappa"),
        (POOL, "fleiss_kappa"),
        ([*POOL, ("a", None, None)], "krippendorff_alpha"),
        (KRIPPENDORFF, "krippendorff_alpha"),
        ([("1",), ("2",)], "krippendorff_alpha"),
        ([], "krippendorff_alpha"),
    ],
    ids=["two", "two, one item half done", "six each", "two of three each", "uneven", "gaps", "one", "none"],
)
def test_auto_takes_the_statistic_that_fits(matrix: Matrix, statistic: str) -> None:
    assert overall(ratings_of(matrix), samples=10).statistic == statistic


def test_a_statistic_that_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="'kappa' is none of auto, cohen_kappa"):
        overall(ratings_of(EVEN), "kappa")


def test_all_that_is_told_of_fleiss_diagnoses() -> None:
    found = overall(ratings_of(DIAGNOSES))
    assert (found.items, found.annotators, found.ratings) == (30, 6, 180)
    assert found.value == pytest.approx(0.430, abs=5e-4)
    assert found.raw == pytest.approx(0.5556, abs=5e-4)
    # Fleiss 1971 prints .144, .144, .167, .306, .239
    assert list(found.prevalence.values()) == pytest.approx([0.144, 0.144, 0.167, 0.306, 0.239], abs=6e-4)


def test_items_with_one_rating_are_not_counted_among_the_items() -> None:
    found = overall(ratings_of(KRIPPENDORFF))
    assert (found.items, found.annotators, found.ratings) == (11, 4, 40)


def test_undefined_is_told_as_none_with_what_is_known() -> None:
    found = overall(ratings_of([("1", "1")] * 30))
    assert (found.value, found.low, found.high, found.ac1) == (None, None, None, None)
    assert (found.raw, found.prevalence, found.items) == (1.0, {"1": 1.0}, 30)


def test_one_item_has_no_interval() -> None:
    found = overall(ratings_of([("1", "2")]))
    assert (found.value, found.low) == (0.0, None)


@pytest.mark.parametrize("statistic", ["cohen_kappa", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1"])
def test_the_interval_depends_on_the_seed_and_not_on_the_order_of_rows(statistic: str) -> None:
    ratings = ratings_of(DIAGNOSES)
    found = overall(ratings, statistic, seed="a")
    assert overall(ratings.sample(fraction=1, shuffle=True, seed=1), statistic, seed="a") == found
    other = overall(ratings, statistic, seed="b")
    assert other.value == found.value
    assert (other.low, other.high) != (found.low, found.high)
    assert found.low is not None and found.high is not None and found.value is not None
    assert found.low < found.value < found.high


def test_a_narrower_confidence_is_a_narrower_interval() -> None:
    ratings = ratings_of(DIAGNOSES)
    wide, narrow = (overall(ratings, confidence=confidence) for confidence in (0.99, 0.8))
    assert wide.low < narrow.low < narrow.high < wide.high  # type: ignore[operator]


def test_the_interval_is_that_of_drawing_whole_items_anew() -> None:
    """The same, the slow way: frames of drawn items, and Fleiss' kappa of each."""
    random, found = np.random.default_rng(7), []
    for _ in range(200):
        drawn = [HALF[place] for place in random.integers(0, len(HALF), len(HALF))]
        found.append(fleiss_kappa(ratings_of(drawn)))
    fast = overall(ratings_of(HALF), "fleiss_kappa", samples=4000)
    assert [fast.low, fast.high] == pytest.approx(
        np.quantile(np.array(found, float), [0.025, 0.975]), abs=0.04
    )


@pytest.mark.parametrize("statistic", ["cohen_kappa", "krippendorff_alpha"])
def test_half_done_items_make_nothing_surer(statistic: str) -> None:
    done = overall(ratings_of(SKEWED), statistic)
    half_done = overall(ratings_of([*SKEWED, *[("1", None)] * 50]), statistic)
    assert (half_done.value, half_done.low, half_done.high) == (done.value, done.low, done.high)


def test_how_many_samples_are_held_at_once_decides_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    ratings = ratings_of(DIAGNOSES)
    found = overall(ratings)
    monkeypatch.setattr("curate.algorithms.agreement.summary.CELLS", 1000)
    assert overall(ratings) == found


def simulated(items: int, seed: int) -> pl.DataFrame:
    """Three annotators who know the value nine times of ten and else guess among three: Fleiss' kappa is 0.81 by construction."""
    random = np.random.default_rng(seed)
    true = random.integers(0, 3, (items, 1))
    codes = np.where(random.random((items, 3)) < 0.9, true, random.integers(0, 3, (items, 3)))
    columns = {
        "item": np.repeat(np.arange(items), 3).astype(str),
        "annotator": np.tile(["a", "b", "c"], items),
        "value": codes.ravel().astype(str),
    }
    return pl.DataFrame(columns)


def test_the_interval_covers_the_true_kappa_as_often_as_it_says() -> None:
    seeds = range(100)
    intervals = [overall(simulated(120, seed), samples=300, seed=str(seed)) for seed in seeds]
    covered = sum(found.low <= 0.81 <= found.high for found in intervals)  # type: ignore[operator]
    assert 0.9 <= covered / len(seeds) <= 0.99


def test_characters_of_a_text_are_drawn_together() -> None:
    """40 texts of 50 characters of which each text is either right throughout or wrong: no more is known than of 40 items."""
    texts = ratings_of([(("1", "1"), ("1", "2"), ("2", "2"))[text % 3] for text in range(40)])
    alone = overall(texts.with_columns(weight=50, group="item"))
    together = overall(texts)
    apart = overall(
        pl.concat(texts.with_columns(item=pl.col("item") + f"/{part}") for part in range(50)), samples=300
    )
    assert alone.value == pytest.approx(together.value) == pytest.approx(apart.value)
    widths = [found.high - found.low for found in (alone, together, apart)]  # type: ignore[operator]
    assert widths[0] == pytest.approx(widths[1], rel=0.15)
    assert widths[2] < widths[0] / 3
    assert (alone.items, alone.ratings) == (40, 80)


@pytest.mark.parametrize(
    ("matrix", "told"),
    [(EVEN, False), (SKEWED, False), (ONE_SIDED, True), (DIAGNOSES, False), ([("1", "1")] * 9, False)],
    ids=["even values", "raw agreement of 0.85", "118 of 125 alike", "people differ", "one value only"],
)
def test_a_paradox_is_a_low_kappa_where_nearly_all_agree_on_one_value(matrix: Matrix, told: bool) -> None:
    assert paradox(overall(ratings_of(matrix), samples=10)) is told


def test_ac1_knows_no_paradox() -> None:
    assert not paradox(overall(ratings_of(ONE_SIDED), "gwet_ac1", samples=10))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({}, True),
        ({"value": 0.8}, False),
        ({"raw": 0.89}, False),
        ({"prevalence": {"a": 0.89, "b": 0.11}}, False),
    ],
)
def test_the_borders_of_the_paradox(change: dict[str, object], told: bool) -> None:
    at_the_border = Agreement(
        "cohen_kappa", 0.79, 0.6, 0.9, 0.9, 0.9, {"a": 0.9, "b": 0.1}, items=50, annotators=2, ratings=100
    )
    assert paradox(replace(at_the_border, **change)) is told  # type: ignore[arg-type]
