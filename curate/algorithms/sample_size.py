"""How many rows of a sample people must judge, and what their verdicts leave possible for all rows.

Exact, for a sample without replacement from a finite number of rows: a sample of all of them leaves nothing open.
"""

from __future__ import annotations

from collections.abc import Callable


def noisy_rows(noisy: int, judged: int, rows: int, confidence: float = 0.95) -> tuple[int, int]:
    """The fewest and the most noisy rows that a random sample leaves possible: the exact interval of the hypergeometric
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
