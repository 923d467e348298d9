"""One figure for a whole project, with its interval and what is needed to read it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import md5

import numpy as np
import polars as pl
from scipy import sparse

from curate.algorithms.agreement.coefficients import AC1, FORMULAS, RAW, Floats, Formula, Parts, point, shares
from curate.algorithms.agreement.sheet import ABSENT, Codes, Sheet, sheet_of

#: Cells of the matrix of bootstrap weights that are held at once: 64 MB.
CELLS = 8_000_000
#: From where a high agreement with a low kappa is laid to one frequent value.
HIGH_RAW, LOW_KAPPA, FREQUENT = 0.9, 0.8, 0.9


@dataclass(frozen=True)
class Agreement:
    """How far people agree.

    Attributes:
        statistic: ``cohen_kappa`` (of more than two annotators the mean of all pairs, Light's kappa), ``fleiss_kappa``,
            ``krippendorff_alpha`` (nominal) or ``gwet_ac1``.
        value: None where it is undefined: no item has two ratings, or only one value was used.
        low, high: the interval of the bootstrap; None where the value is, and with fewer than two items. Of a perfect agreement
            it is (1, 1), however few the items are.
        raw: the share of agreeing pairs, averaged over items. ac1: Gwet's AC1.
        prevalence: value -> share of all ratings.
        items: with two ratings or more (groups, where ratings have them). ratings: theirs. annotators: who rated these.
    """

    statistic: str
    value: float | None
    low: float | None
    high: float | None
    raw: float | None
    ac1: float | None
    prevalence: dict[str, float]
    items: int
    annotators: int
    ratings: int


def overall(
    ratings: pl.DataFrame,
    statistic: str = "auto",
    samples: int = 1000,
    seed: str = "",
    confidence: float = 0.95,
) -> Agreement:
    """The agreement of a project.

    Args:
        statistic: ``auto``: Cohen's kappa if there are two annotators in all, Fleiss' if every item has the same number of
            ratings and that is two or more, else Krippendorff's alpha.
        samples: of the bootstrap, which draws whole items (whole groups) with replacement; Efron's percentile interval.
            Samples in which the coefficient is undefined are left out.
        seed: of the bootstrap; the same ratings in any order give the same interval.

    Raises:
        ValueError: there is no such statistic; a null, or two ratings of one item by one annotator.
    """
    sheet = sheet_of(ratings)
    name = chosen(sheet, statistic)
    formula = FORMULAS[name]
    value = point(formula, sheet)
    low, high = (None, None) if value is None else _interval(formula, sheet, samples, seed, confidence)
    several = sheet.ratings >= 2
    rows, annotators = np.nonzero(sheet.codes[several] != ABSENT)
    rated = np.unique(np.stack([sheet.groups[several][rows], annotators], axis=1), axis=0)
    return Agreement(
        statistic=name,
        value=value,
        low=low,
        high=high,
        raw=point(RAW, sheet),
        ac1=point(AC1, sheet),
        prevalence=shares(sheet),
        items=len(np.unique(rated[:, 0])),
        annotators=len(np.unique(rated[:, 1])),
        ratings=len(rated),
    )


def chosen(sheet: Sheet, statistic: str) -> str:
    """The statistic that ``auto`` stands for.

    Raises:
        ValueError: there is no such statistic.
    """
    if statistic != "auto":
        if statistic not in FORMULAS:
            raise ValueError(f"{statistic!r} is none of auto, {', '.join(FORMULAS)}")
        return statistic
    if len(sheet.annotators) == 2:
        return "cohen_kappa"
    sizes = np.unique(sheet.ratings)
    return "fleiss_kappa" if len(sizes) == 1 and sizes[0] >= 2 else "krippendorff_alpha"


def paradox(agreement: Agreement) -> bool:
    """Is kappa low because one value is so frequent that chance alone would agree, and not because people differ?

    Feinstein and Cicchetti, *High agreement but low kappa: I. The problems of two paradoxes*, J. Clin. Epidemiol. 43, 1990. An
    undefined kappa is no paradox: nothing but one value was seen, and no coefficient speaks of the others.
    """
    if agreement.value is None or agreement.raw is None or agreement.statistic == "gwet_ac1":
        return False
    frequent = max(agreement.prevalence.values(), default=0.0) >= FREQUENT
    return agreement.raw >= HIGH_RAW and agreement.value < LOW_KAPPA and frequent


def _interval(
    formula: Formula, sheet: Sheet, samples: int, seed: str, confidence: float
) -> tuple[float | None, float | None]:
    parts, often = _drawn(formula, sheet)
    if often.sum() < 2 or samples < 1:
        return None, None
    size = len(sheet.values)
    found = np.concatenate([formula.solved(sums, size) for sums in _samples(parts, often, samples, seed)])
    found = found[~np.isnan(found)]
    if not len(found):
        return None, None
    tail = (1 - confidence) / 2
    low, high = np.quantile(found, [tail, 1 - tail])
    return float(low), float(high)


def _drawn(formula: Formula, sheet: Sheet) -> tuple[Parts, Codes]:
    """What is drawn, and how often it is there. Items with the same ratings add the same to all sums, so that drawing items is
    drawing from their few kinds.
    """
    codes, size = sheet.codes, len(sheet.values)
    plain = bool((sheet.weights == 1).all()) and len(np.unique(sheet.groups)) == len(codes)
    if plain:
        rows = codes if formula.by_annotator else np.sort(codes, axis=1)
        kinds, often = np.unique(rows, axis=0, return_counts=True)
        parts = formula.parts(kinds, size)
    else:
        count = int(sheet.groups.max()) + 1
        cells = (sheet.weights.astype(float), (sheet.groups, np.arange(len(codes))))
        into = sparse.coo_array(cells, shape=(count, len(codes))).tocsr()
        parts, often = sparse.csr_array(into @ formula.parts(codes, size)), np.ones(count, dtype=np.int64)
    # what adds to no sum (an item with one rating, for most coefficients) is not a part of the evidence
    telling = np.asarray(abs(parts).sum(axis=1)).ravel() > 0
    return parts[telling], often[telling]


def _samples(parts: Parts, often: Codes, samples: int, seed: str) -> Iterator[Floats]:
    """Sums of so many samples, some at a time."""
    random = np.random.default_rng(int(md5(seed.encode(), usedforsecurity=False).hexdigest(), 16))
    items = int(often.sum())
    at_once = max(1, CELLS // max(*parts.shape, 1))
    for start in range(0, samples, at_once):
        drawn = random.multinomial(items, often / items, size=min(at_once, samples - start))
        yield np.asarray(drawn @ parts, dtype=np.float64)
