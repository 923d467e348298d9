"""The population stability index: how far the shares of categories have moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import log

#: Categories of their own; the rarest beyond are one.
MOST = 50
OTHERS = "…"
#: What an empty category counts as, of rows: without it one vanished value would make the index infinite.
EMPTY = 0.5
#: An index that chance reaches in 1 of 100 comparisons is no sign.
CHANCE = 0.01
#: Values that are named.
NAMED = 5


@dataclass(frozen=True)
class Shift:
    """``psi``: the index (below 0.1 stable, above 0.25 another population, by the custom of credit scoring: Siddiqi 2006).

    Attributes:
        chance: the index that chance exceeds in 1 of 100 comparisons of so many rows and categories, if nothing has changed.
        moved: (value, share before, share after), those that add most to the index first.
        new, gone: values that are on one side only, with their rows, the commonest first.
    """

    psi: float
    chance: float
    moved: list[tuple[str, float, float]]
    new: list[tuple[str, int]]
    gone: list[tuple[str, int]]


def psi(before: Mapping[str, int], after: Mapping[str, int]) -> Shift:
    """The index of two counts by category, each with at least one row.

    By chance it is (1/n + 1/m) times chi-squared with one degree of freedom less than there are categories (Yurdakul & Naranjo 2020).
    """
    from scipy.stats import chi2

    one, two = _merged(before, after)
    names = list(one)
    sizes = sum(one.values()) + EMPTY * len(names), sum(two.values()) + EMPTY * len(names)
    shares = {name: ((one[name] + EMPTY) / sizes[0], (two[name] + EMPTY) / sizes[1]) for name in names}
    parts = {name: (b - a) * log(b / a) for name, (a, b) in shares.items()}
    rows = sum(one.values()), sum(two.values())
    chance = (1 / rows[0] + 1 / rows[1]) * float(chi2.isf(CHANCE, max(len(names) - 1, 1)))
    most = sorted((name for name in names if parts[name] > 0), key=lambda name: (-parts[name], name))[:NAMED]
    return Shift(
        psi=sum(parts.values()),
        chance=chance,
        moved=[(name, one[name] / rows[0], two[name] / rows[1]) for name in most],
        new=_only(after, before),
        gone=_only(before, after),
    )


def _merged(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[dict[str, int], dict[str, int]]:
    names = sorted({*before, *after}, key=lambda name: (-before.get(name, 0) - after.get(name, 0), name))
    one = {name: before.get(name, 0) for name in names[:MOST]}
    two = {name: after.get(name, 0) for name in names[:MOST]}
    if len(names) > MOST:
        one[OTHERS] = sum(before.get(name, 0) for name in names[MOST:])
        two[OTHERS] = sum(after.get(name, 0) for name in names[MOST:])
    return one, two


def _only(here: Mapping[str, int], there: Mapping[str, int]) -> list[tuple[str, int]]:
    own = [(name, rows) for name, rows in here.items() if rows and not there.get(name)]
    return sorted(own, key=lambda item: (-item[1], item[0]))[:NAMED]
