"""The coefficients, of all ratings at once.

Each is a function of sums over items: ``parts`` gives what an item adds to them, ``solved`` the coefficient for sums. So a
bootstrap weighs the items anew and adds up, and there is one formula for the figure and for its interval.

Sources: Cohen 1960 and 1968; Light 1971; Fleiss 1971; Krippendorff, *Computing Krippendorff's alpha-reliability*, 2011; Gwet,
*Computing inter-rater reliability and its variance in the presence of high agreement*, 2008, and *Handbook of Inter-Rater
Reliability*, 2014 (Fleiss' kappa and AC1 where items have unequal numbers of ratings).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Literal, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy import sparse

from curate.algorithms.agreement.sheet import ABSENT, Codes, Sheet, pairs_in, sheet_of, sheet_of_two

Floats = NDArray[np.float64]
#: Sparse, because values may be many (texts, sets of spans), and an item has only a few of them.
Parts = sparse.csr_array
Weights = Literal["linear", "quadratic"]
Level = Literal["nominal", "ordinal", "interval"]


class Formula(NamedTuple):
    """``parts(codes, values)``: items by sums. ``solved(sums, values)``: of an array whose last axis are the sums, the coefficient,
    or NaN where it is undefined. ``by_annotator``: does it matter who said what?
    """

    parts: Callable[[Codes, int], Parts]
    solved: Callable[[Floats, int], Floats]
    by_annotator: bool = False


def cohen_kappa(
    a: Sequence[str], b: Sequence[str], *, order: Sequence[str] | None = None, weights: Weights | None = None
) -> float | None:
    """Cohen's kappa of two people who judged the same items (1960), or his weighted kappa (1968).

    Args:
        a, b: what each said, item by item.
        order: the values from least to most, which the weights need: a step from one to the next counts as 1. Unless
            given, numbers by size and words by the alphabet, of those that were used.
        weights: how much worse a greater distance is; None where values have no order.

    Returns:
        1 perfect, 0 what chance gives, below it worse than chance. None without items, or where both always said one and
        the same.

    Raises:
        ValueError: a and b are not of one length, or a value is not in ``order``.
    """
    sheet = sheet_of_two(a, b, order)
    if weights is None:
        return point(COHEN, sheet)
    size = len(sheet.values)
    table = np.zeros((size, size))
    np.add.at(table, (sheet.codes[:, 0], sheet.codes[:, 1]), 1.0)
    apart = np.abs(np.subtract.outer(np.arange(size), np.arange(size))) ** (1 if weights == "linear" else 2)
    expected = (apart * np.outer(table.sum(axis=1), table.sum(axis=0))).sum()
    return told(1 - ratio(np.array((apart * table).sum() * table.sum()), expected))


def light_kappa(ratings: pl.DataFrame) -> float | None:
    """Light's kappa (1971): the mean of Cohen's over all pairs of annotators who have items in common; pairs whose kappa is
    undefined are left out. None where no pair has one.
    """
    return point(COHEN, sheet_of(ratings))


def fleiss_kappa(ratings: pl.DataFrame) -> float | None:
    """Fleiss' kappa (1971), and where items have unequal numbers of ratings Gwet's form of it (2014), in which items with one
    rating tell how often values occur. None where no item has two ratings, or only one value was used.
    """
    return point(FLEISS, sheet_of(ratings))


def gwet_ac1(ratings: pl.DataFrame) -> float | None:
    """Gwet's AC1 (2008, 2014), which does not fall when one value is far more frequent than the others. Items with one rating
    tell how often values occur. Chance is over the values that were used. None where no item has two ratings, or only one
    value was used.
    """
    return point(AC1, sheet_of(ratings))


def krippendorff_alpha(
    ratings: pl.DataFrame, level: Level = "nominal", order: Sequence[str] | None = None
) -> float | None:
    """Krippendorff's alpha (2011), for any number of annotators with any gaps. Items with one rating are left out.

    Args:
        level: ``interval`` takes the values as numbers; ``ordinal`` only their order.
        order: of ``ordinal``, the values from least to most; unless given, numbers by size and words by the alphabet.

    Returns:
        None where no item has two ratings, or the items that have show one value only.

    Raises:
        ValueError: ``interval`` and a value that is no number; a value that is not in ``order``.
    """
    sheet = sheet_of(ratings, order)
    if level == "nominal":
        return point(ALPHA, sheet)
    counts, size = _counts(sheet.codes, len(sheet.values))
    several = size >= 2
    counts, size, weights = counts[several], size[several], sheet.weights[several]
    scaled = counts.multiply((weights / (size - 1))[:, None]).tocsr()
    coincidences = (scaled.T @ counts).toarray() - np.diag(np.asarray(scaled.sum(axis=0)))
    seen = coincidences.sum(axis=0)
    if level == "ordinal":
        # the number of ratings from the middle of one value to the middle of the other
        along = np.cumsum(seen) - seen / 2
    else:
        along = np.array([float(value) for value in sheet.values])
    apart = np.subtract.outer(along, along) ** 2
    expected = (apart * np.outer(seen, seen)).sum()
    return told(1 - ratio(np.array((seen.sum() - 1) * (apart * coincidences).sum()), expected))


def raw_agreement(ratings: pl.DataFrame) -> float | None:
    """The share of pairs of ratings that agree, taken item by item and then averaged over the items with two ratings or more.
    None without such an item.
    """
    return point(RAW, sheet_of(ratings))


def prevalence(ratings: pl.DataFrame) -> dict[str, float]:
    """Value -> its share of all ratings, in the order of the values."""
    return shares(sheet_of(ratings))


def shares(sheet: Sheet) -> dict[str, float]:
    """Value -> its share of all ratings."""
    counts, _ = _counts(sheet.codes, len(sheet.values))
    seen = sheet.weights @ counts
    return {
        value: float(count / seen.sum()) for value, count in zip(sheet.values, seen, strict=True) if count
    }


def point(formula: Formula, sheet: Sheet) -> float | None:
    """The coefficient of a whole sheet."""
    size = len(sheet.values)
    sums = np.asarray(sheet.weights @ formula.parts(sheet.codes, size), dtype=np.float64)
    return told(formula.solved(sums, size))


def told(value: Floats) -> float | None:
    """NaN is a matter of arithmetic; people are told None."""
    return None if np.isnan(value) else float(value)


def ratio(above: Floats, below: Floats) -> Floats:
    """The quotient; NaN where ``below`` is 0."""
    above, below = np.broadcast_arrays(np.asarray(above, float), np.asarray(below, float))
    quotient: Floats = np.full(below.shape, np.nan)
    np.divide(above, below, out=quotient, where=below != 0)
    return quotient


def _counts(codes: Codes, values: int) -> tuple[Parts, Codes]:
    """How often each item was given each value, and its number of ratings."""
    rows, columns = np.nonzero(codes != ABSENT)
    cells = (np.ones(len(rows)), (rows, codes[rows, columns]))
    counts = sparse.coo_array(cells, shape=(len(codes), values)).tocsr()
    return counts, np.bincount(rows, minlength=len(codes)).astype(np.int64)


def _stacked(columns: Sequence[Floats], *more: Parts) -> Parts:
    return sparse.csr_array(sparse.hstack([sparse.csr_array(np.stack(columns, axis=1)), *more]))


def _agreeing(codes: Codes, values: int) -> tuple[Floats, Floats, Parts, Codes]:
    """Of each item: the share of its pairs that agree, 1 if it has a pair, its counts, its number of ratings."""
    counts, size = _counts(codes, values)
    same = np.asarray(counts.multiply(counts).sum(axis=1)).ravel() - size
    return same / np.maximum(size * (size - 1), 1), (size >= 2).astype(float), counts, size


def _raw_parts(codes: Codes, values: int) -> Parts:
    share, paired, *_ = _agreeing(codes, values)
    return _stacked([share, paired])


def _raw_solved(sums: Floats, _: int) -> Floats:
    return ratio(sums[..., 0], sums[..., 1])


def _margin_parts(codes: Codes, values: int) -> Parts:
    """[agreeing share, has a pair, has a rating, share of each value]."""
    share, paired, counts, size = _agreeing(codes, values)
    margins = counts.multiply((1 / np.maximum(size, 1))[:, None]).tocsr()
    return _stacked([share, paired, (size >= 1).astype(float)], margins)


def _fleiss_solved(sums: Floats, _: int) -> Floats:
    chance = (ratio(sums[..., 3:], sums[..., 2:3]) ** 2).sum(axis=-1)
    return 1 - ratio(1 - _raw_solved(sums, _), 1 - chance)


def _ac1_solved(sums: Floats, values: int) -> Floats:
    if values < 2:
        return np.full(sums.shape[:-1], np.nan)
    margins = ratio(sums[..., 3:], sums[..., 2:3])
    chance = (margins * (1 - margins)).sum(axis=-1) / (values - 1)
    return 1 - ratio(1 - _raw_solved(sums, values), 1 - chance)


def _alpha_parts(codes: Codes, values: int) -> Parts:
    """[pairs that agree, in Krippendorff's counting; ratings of each value], of items with two ratings or more."""
    share, paired, counts, size = _agreeing(codes, values)
    return _stacked([share * size], counts.multiply(paired[:, None]).tocsr())


def _alpha_solved(sums: Floats, _: int) -> Floats:
    seen = sums[..., 1:]
    ratings = seen.sum(axis=-1)
    return 1 - ratio((ratings - 1) * (ratings - sums[..., 0]), ratings**2 - (seen**2).sum(axis=-1))


def _cohen_parts(codes: Codes, values: int) -> Parts:
    """For each pair of annotators [both rated it, and alike; values of the one; values of the other]."""
    blocks = [sparse.csr_array((len(codes), 0))]
    for left, right in pairs_in(codes):
        pair = [left, right]
        both = np.where((codes[:, pair] != ABSENT).all(axis=1)[:, None], codes[:, pair], ABSENT)
        alike = ((both[:, 0] == both[:, 1]) & (both[:, 0] != ABSENT)).astype(float)
        sides = [_counts(both[:, [side]], values)[0] for side in (0, 1)]
        blocks.append(_stacked([alike], *sides))
    return sparse.csr_array(sparse.hstack(blocks))


def _cohen_solved(sums: Floats, values: int) -> Floats:
    """The mean over pairs of annotators, of those that have a kappa."""
    pairs = sums.reshape(*sums.shape[:-1], sums.shape[-1] // (1 + 2 * values), 1 + 2 * values)
    left, right = pairs[..., 1 : 1 + values], pairs[..., 1 + values :]
    items = left.sum(axis=-1)
    by_chance = (left * right).sum(axis=-1)
    kappas = 1 - ratio((items - pairs[..., 0]) * items, items**2 - by_chance)
    defined = ~np.isnan(kappas)
    return ratio(np.where(defined, kappas, 0).sum(axis=-1), defined.sum(axis=-1))


RAW = Formula(_raw_parts, _raw_solved)
FLEISS = Formula(_margin_parts, _fleiss_solved)
AC1 = Formula(_margin_parts, _ac1_solved)
ALPHA = Formula(_alpha_parts, _alpha_solved)
COHEN = Formula(_cohen_parts, _cohen_solved, by_annotator=True)
FORMULAS = {
    "cohen_kappa": COHEN,
    "fleiss_kappa": FLEISS,
    "krippendorff_alpha": ALPHA,
    "gwet_ac1": AC1,
}
