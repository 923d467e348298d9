"""Intervals and sample sizes: beside scipy's, and by counting every sample there can be."""

from __future__ import annotations

import pytest
from scipy.stats import binomtest, hypergeom

from curate.algorithms.sample_size import clean_sample_size, noisy_rows, sample_size

MANY = 10**7


@pytest.mark.parametrize("noisy", [0, 1, 3, 50, 199, 200])
@pytest.mark.parametrize("confidence", [0.9, 0.95, 0.999])
def test_of_very_many_rows_the_interval_is_clopper_and_pearsons(noisy: int, confidence: float) -> None:
    low, high = noisy_rows(noisy, 200, MANY, confidence)
    exact = binomtest(noisy, 200).proportion_ci(confidence, method="exact")
    assert (low / MANY, high / MANY) == pytest.approx((exact.low, exact.high), abs=1e-5)


@pytest.mark.parametrize(
    ("rows", "judged", "confidence"), [(30, 8, 0.95), (40, 39, 0.9), (25, 25, 0.95), (12, 1, 0.8)]
)
def test_whatever_the_truth_the_interval_holds_it_as_often_as_promised(
    rows: int, judged: int, confidence: float
) -> None:
    bounds = [
        noisy_rows(found, judged, rows, confidence) if found <= judged else (0, 0)
        for found in range(judged + 1)
    ]
    for truth in range(rows + 1):
        chance = sum(
            hypergeom.pmf(found, rows, truth, judged)
            for found, (low, high) in enumerate(bounds)
            if found <= truth and judged - found <= rows - truth and low <= truth <= high
        )
        assert chance >= confidence - 1e-9


def test_it_is_the_narrowest_with_equal_tails() -> None:
    low, high = noisy_rows(3, 20, 100)
    assert hypergeom.sf(2, 100, low, 20) > 0.025 >= hypergeom.sf(2, 100, low - 1, 20)
    assert hypergeom.cdf(3, 100, high, 20) > 0.025 >= hypergeom.cdf(3, 100, high + 1, 20)


def test_where_all_rows_were_judged_nothing_is_open() -> None:
    assert noisy_rows(7, 50, 50) == (7, 7)


@pytest.mark.parametrize(
    ("half_width", "rate", "rows"), [(0.05, 0.5, MANY), (0.01, 0.02, MANY), (0.05, 0.1, 2_000)]
)
def test_a_sample_of_the_told_size_is_narrow_enough(half_width: float, rate: float, rows: int) -> None:
    size = sample_size(half_width, rate, rows)
    low, high = noisy_rows(round(rate * size), size, rows)
    assert high - low <= 2 * half_width * rows
    cochran = 1.96**2 * rate * (1 - rate) / half_width**2
    corrected = cochran / (1 + cochran / rows)
    assert corrected <= size <= 1.2 * corrected + 20


def test_few_rows_need_no_more_than_all_of_them() -> None:
    assert sample_size(0.001, 0.5, 40) == 40
    with pytest.raises(ValueError, match="half_width"):
        sample_size(0, 0.5, 40)


def test_how_many_clean_rows_show_that_noise_is_rare() -> None:
    size = clean_sample_size(0.003, MANY)
    assert size == 1_228
    assert noisy_rows(0, size, MANY)[1] <= 0.003 * MANY < noisy_rows(0, size - 1, MANY)[1]
