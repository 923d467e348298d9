"""The same coefficients by other people's code, and where there is none that can be installed, by plain loops from the paper."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import combinations
from statistics import fmean
from typing import Literal

import krippendorff
import numpy as np
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]
from statsmodels.stats import inter_rater  # type: ignore[import-untyped]

from curate.algorithms.agreement.sheet import ordered
from tests.algorithms.agreement.published import Matrix, Statistic, sides


def reference(matrix: Matrix, statistic: Statistic) -> float | None:
    """The coefficient by the reference for it; None where that says it is undefined, or has no answer."""
    if statistic in ("cohen", "linear", "quadratic"):
        return _scikit_learn(matrix, None if statistic == "cohen" else statistic)
    if statistic in ("nominal", "ordinal", "interval"):
        return _krippendorff(matrix, statistic)
    others: dict[Statistic, Callable[[Matrix], float | None]] = {
        "light": _light,
        "fleiss": _fleiss,
        "ac1": _gwet,
        "raw": _raw,
    }
    return others[statistic](matrix)


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _scikit_learn(matrix: Matrix, weights: str | None) -> float | None:
    left, right = sides(matrix)
    if len({*left, *right}) < 2:
        return None
    return _defined(cohen_kappa_score(left, right, labels=ordered({*left, *right}), weights=weights))


def _light(matrix: Matrix) -> float | None:
    """scikit-learn's Cohen for every pair."""
    pairs = [[(row[a], row[b]) for row in matrix] for a, b in combinations(range(len(matrix[0])), 2)]
    found = [_scikit_learn(pair, None) for pair in pairs]
    kappas = [kappa for kappa in found if kappa is not None]
    return fmean(kappas) if kappas else None


def _fleiss(matrix: Matrix) -> float | None:
    """By statsmodels where every item has the same number of ratings; it knows no other case."""
    if len({len(_rated(row)) for row in matrix}) > 1:
        return _by_loops(matrix, lambda shares: sum((share**2 for share in shares), Fraction(0)))
    values = ordered({value for row in matrix for value in _rated(row)})
    if len(values) < 2:
        return None
    codes = np.array([[values.index(value) for value in _rated(row)] for row in matrix])
    return _defined(float(inter_rater.fleiss_kappa(inter_rater.aggregate_raters(codes)[0])))


def _krippendorff(matrix: Matrix, level: Literal["nominal", "ordinal", "interval"]) -> float | None:
    paired = [row for row in matrix if len(_rated(row)) >= 2]
    if len({value for row in paired for value in _rated(row)}) < 2:
        return None
    numbers = [[np.nan if value is None else float(value) for value in row] for row in matrix]
    return float(krippendorff.alpha(np.array(numbers).T, level_of_measurement=level))


def _gwet(matrix: Matrix) -> float | None:
    return _by_loops(
        matrix, lambda shares: sum((share * (1 - share) for share in shares), Fraction(0)) / (len(shares) - 1)
    )


def _raw(matrix: Matrix) -> float | None:
    found = _agreeing(matrix)
    return None if found is None else float(found)


def _rated(row: Sequence[str | None]) -> list[str]:
    return [value for value in row if value is not None]


def _agreeing(matrix: Matrix) -> Fraction | None:
    """Pair by pair of annotators, item by item."""
    items = []
    for row in matrix:
        pairs = list(combinations(_rated(row), 2))
        if pairs:
            items.append(Fraction(sum(left == right for left, right in pairs), len(pairs)))
    return sum(items, Fraction(0)) / len(items) if items else None


def _by_loops(matrix: Matrix, chance: Callable[[list[Fraction]], Fraction]) -> float | None:
    """Gwet 2014, chapter 2, in fractions: the shares of values are means over items of the share of each item's ratings."""
    agreeing = _agreeing(matrix)
    rated = [Counter(_rated(row)) for row in matrix if _rated(row)]
    values = {value for counts in rated for value in counts}
    if agreeing is None or len(values) < 2:
        return None
    shares = [
        sum((Fraction(counts[value], counts.total()) for counts in rated), Fraction(0)) / len(rated)
        for value in sorted(values)
    ]
    expected = chance(shares)
    return float((agreeing - expected) / (1 - expected))
