"""Is a number told of what the source tells it of? 单层展台限高6米 is not, where the source says 单层展台限高4.5米, 双层展台限高6米."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import lru_cache
from typing import TypeVar

from curate.algorithms.grounding.claims import read
from curate.algorithms.grounding.dates import Date
from curate.algorithms.grounding.quantity import Quantity
from curate.algorithms.grounding.units import same_unit

_ENDS = frozenset("，。；、！？;,!?\n")
_LITTLE = frozenset("的了在是由于和与及或为到每达约近共有以也将按可")
#: The words around the number are those around another one of the source to this share, and less around its own by this much.
_SHARE, _GAP = 0.65, 0.199
#: fewer words tell nothing
_LEAST = 3


Told = TypeVar("Told", Quantity, Date)


def misattached(answer: str, source: str) -> Quantity | Date | None:
    """A number or date of the answer (all of which the source holds) that stands among the words of another one, or None."""
    told, found = read(answer), read(source)
    return _first(told.quantities, found.quantities, answer, source, _equal_numbers) or _first(
        told.dates, found.dates, answer, source, _equal_dates
    )


def _equal_numbers(mine: Quantity, theirs: Quantity) -> bool | None:
    """None where they cannot be compared."""
    if mine.article or theirs.article or not same_unit(mine.unit, theirs.unit):
        return None
    return mine.told_by(theirs)


def _equal_dates(mine: Date, theirs: Date) -> bool | None:
    return theirs.says(mine) or (not theirs.year and theirs.says(replace(mine, year="")))


def _first(
    mine: Iterable[Told],
    theirs: tuple[Told, ...],
    answer: str,
    source: str,
    equal: Callable[[Told, Told], bool | None],
) -> Told | None:
    for told in mine:
        words = _around(answer, told.start, told.end)
        if len(words) < _LEAST:
            continue
        own, other = -1.0, 0.0
        for found in theirs:
            same = equal(told, found)
            if same is None:
                continue
            share = len(words & _around(source, found.start, found.end)) / len(words)
            own, other = (max(own, share), other) if same else (own, max(other, share))
        if own >= 0 and other >= _SHARE and other - own >= _GAP:  # one that is worked out has none
            return told
    return None


@lru_cache(8192)
def _around(text: str, start: int, end: int) -> frozenset[str]:
    """The pairs of letters in the clause around a claim, without claims and little words."""
    told = _worded(text)
    first, last = start, end
    while first and told[first - 1] not in _ENDS:
        first -= 1
    while last < len(told) and told[last] not in _ENDS:
        last += 1
    return frozenset(
        told[place : place + 2] for place in range(first, last - 1) if " " not in told[place : place + 2]
    )


@lru_cache(256)
def _worded(text: str) -> str:
    """The plain text with a space for whatever is no word."""
    told = read(text)
    letters = [
        mark if (mark.isalpha() and mark not in _LITTLE) or mark in _ENDS else " " for mark in told.plain.text
    ]
    for start, end in told.places("quote"):
        letters[start:end] = " " * (end - start)
    return "".join(letters)
