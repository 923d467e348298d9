"""The population stability index, by hand."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from curate.drift.psi import MOST, psi


def test_the_index_is_that_of_the_formula() -> None:
    # (0.5 rows are added to each category, so that an empty one is not infinite)
    a, b = (60.5 / 101, 40.5 / 101), (30.5 / 101, 70.5 / 101)
    by_hand = sum((y - x) * log(y / x) for x, y in zip(a, b, strict=True))
    told = psi({"北京": 60, "上海": 40}, {"北京": 30, "上海": 70})
    assert told.psi == pytest.approx(by_hand)
    assert 0.25 < told.psi < 0.45
    assert told.moved == [("北京", 0.6, 0.3), ("上海", 0.4, 0.7)]


def test_equal_shares_have_no_index() -> None:
    assert psi({"a": 5, "b": 5}, {"a": 5, "b": 5}).psi == 0
    assert psi({"a": 500, "b": 500}, {"a": 5000, "b": 5000}).psi < 1e-6


def test_new_and_vanished_values_are_named() -> None:
    told = psi({"a": 90, "b": 10}, {"a": 80, "c": 15, "d": 5})
    assert told.new == [("c", 15), ("d", 5)]
    assert told.gone == [("b", 10)]
    assert told.psi < float("inf")


def test_rare_values_beyond_the_commonest_are_one() -> None:
    counts = {f"{number:03}": 1000 - number for number in range(MOST + 30)}
    told = psi(counts, {**counts, "079": 0})
    assert told.moved[0][0] == "…"
    assert told.gone == [("079", 921)]


def test_chance_exceeds_its_bound_in_one_of_a_hundred() -> None:
    draw = np.random.default_rng(7)
    shares = [0.4, 0.3, 0.2, 0.1]
    above = 0
    for _ in range(600):
        one, two = ({str(n): int(c) for n, c in enumerate(draw.multinomial(400, shares))} for _ in range(2))
        told = psi(one, two)
        above += told.psi > told.chance
    assert above <= 16  # 6 are expected; more than 16 in one of ten thousand
