"""The share of noisy rows: by the rules, and by the strata that people judged."""

from __future__ import annotations

import random

import pytest

from curate.algorithms.sample_size import noisy_rows
from curate.algorithms.stratified import Stratum, estimate


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
