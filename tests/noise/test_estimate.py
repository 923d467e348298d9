"""Intervals and sample sizes: beside scipy's, and by counting every sample there can be."""

from __future__ import annotations

import random

import pytest
from scipy.stats import binomtest, hypergeom

from curate.noise.estimate import Stratum, clean_sample_size, estimate, noisy_rows, sample_size

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


def test_strata_weigh_by_their_rows() -> None:
    told = estimate([Stratum("flagged", 100, 50, 50, 40), Stratum("unflagged", 9_900, 300, 300, 3)])
    assert told.source == "verdicts"
    assert told.rate == pytest.approx((80 + 99) / 10_000)
    assert told.precision == pytest.approx(0.8)
    assert told.recall == pytest.approx(80 / 179)
    flagged, unflagged = noisy_rows(40, 50, 100, 0.975), noisy_rows(3, 300, 9_900, 0.975)
    assert (told.low, told.high) == (
        (flagged[0] + unflagged[0]) / 10_000,
        (flagged[1] + unflagged[1]) / 10_000,
    )


def test_a_stratum_that_is_known_costs_the_other_no_certainty() -> None:
    told = estimate([Stratum("flagged", 10, 10, 10, 10), Stratum("unflagged", 990, 99, 99, 0)])
    assert told.high == (10 + noisy_rows(0, 99, 990, 0.95)[1]) / 1_000


RULES_ONLY = {
    "nobody judged": [Stratum("flagged", 5, 5, 0, 0), Stratum("unflagged", 95, 20, 0, 0)],
    "one stratum only": [Stratum("flagged", 5, 5, 5, 5), Stratum("unflagged", 95, 20, 0, 0)],
}


@pytest.mark.parametrize("strata", RULES_ONLY.values(), ids=RULES_ONLY.keys())
def test_without_verdicts_there_is_the_rules_count_and_no_interval(strata: list[Stratum]) -> None:
    told = estimate(strata)
    assert (told.source, told.rate, told.low, told.high) == ("rules", 0.05, None, None)


def test_a_stratum_without_rows_needs_no_verdict() -> None:
    told = estimate([Stratum("flagged", 0, 0, 0, 0), Stratum("unflagged", 100, 50, 50, 1)])
    assert (told.source, told.rate, told.precision, told.recall) == ("verdicts", 0.02, None, 0.0)
    assert estimate([]).rate == 0.0


def test_the_interval_holds_the_truth_in_95_of_100_samples_or_more() -> None:
    draw = random.Random(7)
    rows = {"flagged": [1] * 30 + [0] * 20, "unflagged": [1] * 15 + [0] * 1_935}
    hits = 0
    for _ in range(300):
        strata = [
            Stratum(name, len(own), size, size, sum(draw.sample(own, size)))
            for (name, own), size in zip(rows.items(), (20, 150), strict=True)
        ]
        told = estimate(strata)
        assert told.low is not None and told.high is not None
        hits += told.low <= 45 / 2_000 <= told.high
    assert hits >= 285


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
