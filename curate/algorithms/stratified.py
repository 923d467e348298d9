"""The share of noisy rows: what rules find, what people say of a sample, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from curate.algorithms.sample_size import noisy_rows


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
