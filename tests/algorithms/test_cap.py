"""cap: the arithmetic is exact."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.cap import allowed, as_fraction, needed

CAPS = ["0", "0.05", "0.15", "0.3", "1/3"]


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        (0.15, Fraction(3, 20)),
        ("0.15", Fraction(3, 20)),
        (" 15% ", Fraction(3, 20)),
        ("1/3", Fraction(1, 3)),
        (Fraction(1, 3), Fraction(1, 3)),
        (1e-05, Fraction(1, 100_000)),
        (0, Fraction(0)),
        ("12.5%", Fraction(1, 8)),
    ],
)
def test_a_share_is_what_people_wrote(written: str | float, exact: Fraction) -> None:
    assert as_fraction(written) == exact


@pytest.mark.parametrize(
    "wrong", ["", "viel", "1/0", "nan", "inf", -0.1, 1, 1.0, "100%", "3/2", True, "0.1.2"]
)
def test_what_is_no_share_is_refused(wrong: str | float) -> None:
    with pytest.raises(ValueError, match="share"):
        as_fraction(wrong)


@pytest.mark.parametrize("cap", CAPS)
def test_for_0_to_20000_real_rows_the_share_holds_and_one_more_would_exceed_it(cap: str) -> None:
    exact = as_fraction(cap)
    p, q = exact.numerator, exact.denominator
    real = np.arange(20_001)
    most = np.array([allowed(int(n), exact) for n in real])
    # brute force over whole numbers: m/(n+m) <= p/q is m*q <= p*(n+m)
    assert (most * q <= p * (real + most)).all()
    assert ((most + 1) * q > p * (real + most + 1)).all()


def test_floating_point_is_wrong_where_the_fraction_is_not() -> None:
    exact = as_fraction(0.15)
    wrong = [n for n in range(20_001) if int(0.15 * n / (1 - 0.15)) != allowed(n, exact)]
    assert len(wrong) == 152
    assert all(int(0.15 * n / (1 - 0.15)) < allowed(n, exact) for n in wrong), "it loses one that is allowed"
    assert allowed(10_000, exact) == 1_764


SHARES = st.fractions(0, Fraction(9, 10), max_denominator=1000)


@settings(max_examples=60, deadline=None)
@given(others=st.integers(0, 10**12), cap=SHARES)
def test_for_any_cap_too(others: int, cap: Fraction) -> None:
    most = allowed(others, cap)
    assert most == 0 or Fraction(most, others + most) <= cap
    assert Fraction(most + 1, others + most + 1) > cap


@settings(max_examples=60, deadline=None)
@given(there=st.integers(0, 1000), more=st.integers(0, 1000), share=SHARES)
def test_the_fewest_that_reach_a_share(there: int, more: int, share: Fraction) -> None:
    total = there + more
    extra = needed(there, total, share)
    assert there + extra >= share * (total + extra)
    assert extra == 0 or there + extra - 1 < share * (total + extra - 1)
