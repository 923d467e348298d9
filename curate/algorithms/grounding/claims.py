"""Everything in a text that can be checked against its source."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from curate.algorithms.grounding.dates import Date, Time, dates, times
from curate.algorithms.grounding.kinds import Bound, Claim, Kind
from curate.algorithms.grounding.marks import Mark, codes, marks, seasons, words
from curate.algorithms.grounding.names import names
from curate.algorithms.grounding.plain import Plain, plain
from curate.algorithms.grounding.quantities import quantities
from curate.algorithms.grounding.quantity import Quantity


class Read(NamedTuple):
    """A text with its claims as the searches found them; all places are those of ``plain.text``."""

    plain: Plain
    marks: tuple[Mark, ...]
    dates: tuple[Date, ...]
    times: tuple[Time, ...]
    quantities: tuple[Quantity, ...]

    def places(self, *kinds: Kind) -> Iterator[tuple[int, int]]:
        """(start, end) of all numbers, dates and times, and of the marks of some kinds."""
        for number in self.quantities:
            yield number.start, number.end
        for day in self.dates:
            yield day.start, day.end
        for hour in self.times:
            yield hour.start, hour.end
        for kind, start, end, _ in self.marks:
            if kind in kinds:
                yield start, end


def claims(text: str) -> list[Claim]:
    """What can be checked in a text, in order: numbers with units, dates and times, codes, URLs, e-mail addresses, names.

    Names of organisations may lie over other claims (第18届砾石新能源博览会), everything else stands alone. ``start`` and ``end``
    are places in ``text`` as it is.

    >>> [(claim.kind, claim.value, claim.unit) for claim in claims("3月5日，１，２００多家企业到场，成交3.5万元")]
    [('date', '????-03-05', ''), ('number', '1200', '家'), ('number', '35000', '元')]
    """
    told = read(text)
    found = [
        *(claim_of(told, "date", date.start, date.end, date.value) for date in told.dates),
        *(
            claim_of(told, "time", time.start, time.end, time.value, "" if time.sure else "12h")
            for time in told.times
        ),
        *(number_claim(told, number) for number in told.quantities if not number.article),
        *(claim_of(told, kind, start, end, value) for kind, start, end, value in told.marks),
    ]
    return sorted(found, key=lambda claim: (claim.start, -claim.end))


@lru_cache(256)
def read(text: str) -> Read:
    """A text with its claims; remembered, since one source has many answers."""
    whole = plain(text)
    taken = bytearray(len(whole.text))
    found = list(marks(whole.text, taken))
    days = tuple(dates(whole.text, taken))
    hours = tuple(times(whole.text, taken))
    found += codes(whole.text, taken)
    numbers = tuple(quantities(whole.text, taken))
    found += seasons(whole.text, taken)
    found += words(whole.text, taken)
    found += names(whole.text, taken)
    return Read(whole, tuple(found), days, hours, numbers)


def number_claim(told: Read, number: Quantity) -> Claim:
    """The claim of a number."""
    value = f"{number.low.normalize():f}"
    if number.high != number.low:
        value += f"~{number.high.normalize():f}"
    return claim_of(told, "number", number.start, number.end, value, number.unit, number.bound)


def claim_of(
    told: Read, kind: Kind, start: int, end: int, value: str, unit: str = "", bound: Bound = ""
) -> Claim:
    """A claim in the places of the original text."""
    first, last = told.plain.span(start, end)
    return Claim(kind, value, unit, first, last, told.plain.text[start:end], bound)
