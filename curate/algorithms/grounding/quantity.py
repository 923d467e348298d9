"""A number with its unit, and whether another one is what it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from curate.algorithms.grounding.kinds import Bound, Trend

#: 约2.88万 may be told of 28760: rounded to the digits that are told, and never further off than this share
_ROUNDED = Decimal("0.05")


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a plain text. ``low`` and ``high`` differ for 十几; ``bare``: without its unit's factor;
    ``article``: 一 in 一天, which claims nothing but grounds 1天.
    """

    start: int
    end: int
    low: Decimal
    high: Decimal
    unit: str
    bound: Bound = ""
    bare: Decimal = Decimal(0)
    article: bool = False
    trend: Trend = ""

    def told_by(self, exact: Quantity) -> bool:
        """Whether the other one is this number, lies in this interval, or is what this hedged number was rounded from."""
        if self.low != self.high:
            return self.low <= exact.low and exact.high <= self.high
        if exact.low != exact.high:
            return False
        return self.low == exact.low or (bool(self.bound) and _rounds(self, exact.low))


def _rounds(told: Quantity, exact: Decimal) -> bool:
    """Whether a hedged number is the exact one rounded: about both ways, over from below, under from above."""
    if not exact or not told.low or abs(told.low - exact) > _ROUNDED * abs(exact):
        return False
    _, digits, exponent = told.low.normalize().as_tuple()
    if len(digits) < 2 and abs(told.low - exact) > _ROUNDED * abs(exact) / 2:
        return False
    step = Decimal(10) ** int(exponent)
    gap = exact - told.low
    if told.bound == "about":
        return abs(gap) <= step / 2
    return 0 <= gap < step if told.bound == "over" else 0 <= -gap < step
