"""The Kolmogorov-Smirnov test, beside SciPy's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from curate.drift.ks import holm, ks

NUMBERS = st.lists(st.integers(-5, 5).map(float), min_size=1, max_size=40)


@settings(max_examples=60)
@given(NUMBERS, NUMBERS)
def test_distance_and_probability_are_those_of_scipy(one: list[float], two: list[float]) -> None:
    assume(
        round(len(one) * len(two) / (len(one) + len(two)))
    )  # SciPy divides by zero for one value on either side
    told, true = ks(np.array(one), np.array(two)), ks_2samp(one, two, method="asymp")
    assert told.d == pytest.approx(true.statistic)
    assert told.p == pytest.approx(true.pvalue, abs=1e-9)


def test_the_distance_is_known_and_where_it_is_greatest() -> None:
    told = ks(np.array([1.0, 2, 3, 4]), np.array([3.0, 4, 5, 6]))
    assert (told.d, told.where) == (0.5, 2.0)


def test_the_same_values_in_another_order_have_no_distance() -> None:
    values = np.random.default_rng(1).normal(size=500)
    assert ks(values, values[::-1]).d == 0


def test_of_several_tests_the_surest_pays_for_all() -> None:
    assert holm([0.04, 0.01, 0.5]) == pytest.approx([0.08, 0.03, 0.5])
    assert holm([0.03, 0.02]) == pytest.approx([0.04, 0.04])  # never surer than one that is surer
    assert holm([]) == []
