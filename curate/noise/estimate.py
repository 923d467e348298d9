"""The share of noisy rows: what rules find, what people say of a sample, and how sure that is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Stratum:
    """Rows that are sampled alike.

    Attributes:
        name: ``flagged`` (rules found something) or ``unflagged``.
        rows: all of them.
        sampled: how many were drawn for people to judge.
        judged: how many were judged; ``noisy``: of these the noisy ones.
    """

    name: str
    rows: int
    sampled: int
    judged: int
    noisy: int


@dataclass(frozen=True)
class Estimate:
    """The share of noisy rows, 0..1.

    ``source`` says what it rests on. ``rules``: every row was looked at, so ``rate`` is exactly the share that the rules flag; it has no
    sampling error and therefore no interval, and nothing is known about what rules miss or flag wrongly.
    ``verdicts``: people judged a random sample of both strata; ``low`` and ``high`` hold the true share with ``confidence`` at
    least, if the people are right. ``precision``: the share of flagged rows that are noisy; ``recall``: of noisy rows that are
    flagged.
    """

    source: str
    rate: float
    low: float | None
    high: float | None
    confidence: float
    precision: float | None = None
    recall: float | None = None


def estimate(strata: Sequence[Stratum], confidence: float = 0.95) -> Estimate:
    """The share of noisy rows from all strata together; by the rules where a stratum with rows has no verdict.

    The stratified estimator of a total (Cochran 1977, 5.3): strata weigh by their rows. Its interval adds up exact intervals of
    the strata, each at a level that leaves all of them right with ``confidence`` (Bonferroni), so that it covers the truth
    at least so often, also where noise is so rare that the usual formulas with a normal distribution fail.
    """
    real = [stratum for stratum in strata if stratum.rows]
    rows = sum(stratum.rows for stratum in real)
    flagged = sum(stratum.rows for stratum in real if stratum.name == "flagged")
    if not real or any(not stratum.judged for stratum in real):
        return Estimate("rules", flagged / rows if rows else 0.0, None, None, confidence)
    open_ended = sum(stratum.judged < stratum.rows for stratum in real)
    level = 1 - (1 - confidence) / max(1, open_ended)
    bounds = [noisy_rows(stratum.noisy, stratum.judged, stratum.rows, level) for stratum in real]
    found = {stratum.name: stratum.noisy / stratum.judged * stratum.rows for stratum in real}
    noisy = sum(found.values())
    return Estimate(
        "verdicts",
        noisy / rows,
        sum(low for low, _ in bounds) / rows,
        sum(high for _, high in bounds) / rows,
        confidence,
        precision=found["flagged"] / flagged if flagged else None,
        recall=found.get("flagged", 0.0) / noisy if noisy else None,
    )


def noisy_rows(noisy: int, judged: int, rows: int, confidence: float = 0.95) -> tuple[int, int]:
    """The fewest and the most noisy rows that a sample leaves possible: the exact interval of the hypergeometric
    distribution with equal tails (Konijn 1973). For many rows it is Clopper and Pearson's; where all were judged it is a point.
    """
    from scipy.stats import hypergeom

    tail = (1 - confidence) / 2

    def last_likely(start: int, beyond: int, chance: Callable[[int], float]) -> int:
        """From ``start``, where the chance is above the tail, towards ``beyond``: the last number where it is."""
        while abs(start - beyond) > 1:
            middle = (start + beyond) // 2
            start, beyond = (middle, beyond) if chance(middle) > tail else (start, middle)
        return start

    fewest, most = noisy, rows - (judged - noisy)
    likely = min(max(round(rows * noisy / judged), fewest), most)
    return (
        last_likely(likely, fewest - 1, lambda count: 1 - hypergeom.cdf(noisy - 1, rows, count, judged)),
        last_likely(likely, most + 1, lambda count: hypergeom.cdf(noisy, rows, count, judged)),
    )


def sample_size(half_width: float, rate: float, rows: int, confidence: float = 0.95) -> int:
    """How many rows to judge so that the interval is at most ``half_width`` to either side, if the share of noisy rows is ``rate``.

    Raises:
        ValueError: ``half_width`` is not between 0 and 1.
    """
    if not 0 < half_width < 1:
        raise ValueError("half_width must lie between 0 and 1")

    def wide(judged: int) -> bool:
        low, high = noisy_rows(round(rate * judged), judged, rows, confidence)
        return high - low > 2 * half_width * rows

    return _fewest(wide, rows)


def clean_sample_size(limit: float, rows: int, confidence: float = 0.95) -> int:
    """How many rows without a noisy one among them show that the share is below ``limit``."""
    return _fewest(lambda judged: noisy_rows(0, judged, rows, confidence)[1] > limit * rows, rows)


def _fewest(wide: Callable[[int], bool], rows: int) -> int:
    """The first number from 1 to ``rows`` that is enough."""
    few, enough = 0, 1
    while enough < rows and wide(enough):
        few, enough = enough, min(2 * enough, rows)
    while enough - few > 1:
        middle = (few + enough) // 2
        few, enough = (middle, enough) if wide(middle) else (few, middle)
    return enough
