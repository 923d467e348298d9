"""The two-sample Kolmogorov-Smirnov test: are these numbers drawn from the same distribution?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

F64 = npt.NDArray[np.float64]

#: Fewer values on either side tell nothing: a distance below 0.35 is then chance in 5 of 100 cases.
LEAST = 30


@dataclass(frozen=True)
class Distance:
    """``d``: the greatest distance of the two distribution functions (0-1), at the value ``where``; ``p``: how often chance
    alone makes it so great, or greater, if both come from the same distribution (continuous; with ties less often).
    """

    d: float
    p: float
    where: float


def ks(before: F64, after: F64) -> Distance:
    """The exact distance, and its probability by the asymptotic of Hodges (1958), as SciPy has it.

    Args:
        before, after: finite values, in any order; at least one each.
    """
    from scipy.stats import kstwo

    one, two = np.sort(before), np.sort(after)
    values = np.concatenate([one, two])
    apart = np.searchsorted(one, values, side="right") / len(one)
    apart -= np.searchsorted(two, values, side="right") / len(two)
    place = int(np.argmax(np.abs(apart)))
    d = float(abs(apart[place]))
    worth = max(round(len(one) * len(two) / (len(one) + len(two))), 1)
    return Distance(d, float(kstwo.sf(d, worth)), float(values[place]))


def holm(probabilities: Sequence[float]) -> list[float]:
    """Probabilities of several tests, adjusted so that one of them falls below 0.05 by chance in 5 of 100 comparisons and
    not in 5 of 100 columns (Holm 1979).
    """
    adjusted = [0.0] * len(probabilities)
    least = 0.0
    for rank, place in enumerate(sorted(range(len(probabilities)), key=probabilities.__getitem__)):
        least = max(least, min(1.0, (len(probabilities) - rank) * probabilities[place]))
        adjusted[place] = least
    return adjusted
