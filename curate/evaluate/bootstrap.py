"""Bootstrap: how far a figure may be chance."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RESAMPLES = 1_000
#: the same answers always get the same intervals
SEED = 20260305
#: draws held in memory at once
_DRAWS = 4_000_000


def resampled(sums: Floats, resamples: int = RESAMPLES, seed: int = SEED) -> Floats:
    """Sums over resamples of the clusters (Efron 1979; whole clusters, since answers about one row of the
    source are not independent).

    Args:
        sums: (clusters, columns), each cluster's own sums.

    Returns:
        (resamples, columns): sums over as many clusters, drawn with replacement.
    """
    clusters = len(sums)
    generator = np.random.default_rng(seed)
    step = max(1, _DRAWS // max(clusters, 1))
    parts = []
    for start in range(0, resamples, step):
        size = min(step, resamples - start)
        drawn = generator.integers(clusters, size=(size, clusters))
        drawn += np.arange(size)[:, None] * clusters
        weights = np.bincount(drawn.ravel(), minlength=size * clusters).reshape(size, clusters)
        parts.append(weights @ sums)
    return np.concatenate(parts)


def interval(values: Floats) -> tuple[float, float] | None:
    """The 95 % percentile interval; None when nothing could be computed. NaN (a resample without a question
    of the kind) is left out.
    """
    known = values[~np.isnan(values)]
    if not len(known):
        return None
    low, high = np.quantile(known, [0.025, 0.975])
    return float(low), float(high)


def two_sided(differences: Floats) -> float:
    """The p of no difference, from the differences of a paired bootstrap (Koehn 2004): twice the share of resamples
    on the rarer side of zero, each side counted once more so that p is never 0.
    """
    known = differences[~np.isnan(differences)]
    rarer = min(int((known <= 0).sum()), int((known >= 0).sum()))
    return min(1.0, 2 * (rarer + 1) / (len(known) + 1))
