"""Similarities of many pairs at once."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import ratio

from curate.algorithms.similarity import dice, pairwise, weighted_sets


def test_scorers_of_both_scales_give_0_to_1() -> None:
    words = pl.Series(["abcd", "abcx", "abcd"])
    left, right = np.array([0, 0]), np.array([1, 2])
    assert pairwise(OSA.normalized_similarity, words, left, right) == pytest.approx([0.75, 1.0])
    assert pairwise(ratio, words, left, right) == pytest.approx([0.75, 1.0])


def test_dice_weighs_rare_tokens_more() -> None:
    tokens = pl.Series([["a", "rare"], ["a", "rare"], ["a", "x"], ["a", "y"], []])
    sets = weighted_sets(tokens)
    found = dice(sets, np.array([0, 2, 0, 4]), np.array([1, 3, 2, 4]))
    common, once, twice = np.log(1 + 5 / 4), np.log(1 + 5 / 1), np.log(1 + 5 / 2)
    assert found == pytest.approx(
        [1.0, 2 * common / (2 * common + 2 * once), 2 * common / (2 * common + once + twice), 0.0]
    )
