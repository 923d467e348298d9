"""What a source holds, in the form in which an answer's claims are looked up."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import lru_cache

from curate.algorithms.grounding.claims import read
from curate.algorithms.grounding.coverage import pairs
from curate.algorithms.grounding.dates import Date, Time
from curate.algorithms.grounding.names import named
from curate.algorithms.grounding.plain import unmarked
from curate.algorithms.grounding.quantity import Quantity
from curate.algorithms.grounding.units import COUNTERS, same_unit


@dataclass(frozen=True)
class Basis:
    """A source, read once for all its answers."""

    text: str
    unmarked: str
    quantities: tuple[Quantity, ...]
    dates: tuple[Date, ...]
    times: tuple[Time, ...]
    marks: frozenset[tuple[str, str]]
    codes: str
    words: frozenset[str]
    pairs: frozenset[str]
    letters: frozenset[str]

    def has_number(self, told: Quantity) -> bool:
        """Whether the source has this number with this unit, and neither hedges nor moves it the other way."""
        same = [
            number for number in self.quantities if same_unit(told.unit, number.unit) and told.told_by(number)
        ]
        if same:
            return any(
                {told.bound, number.bound} != {"over", "under"}
                and {told.trend, number.trend} != {"up", "down"}
                for number in same
            )
        if told.unit in ("第届", "第次", "第批", "第期", "第日", "第") and told.low == 1:
            return "首" in self.text
        if told.low == 2 and told.unit in COUNTERS:  # 分两笔, 分两次
            return any(number.low == 2 and number.unit in COUNTERS for number in self.quantities)
        plain_value = f"{told.low:f}"
        if not told.unit and any(date.year == plain_value for date in self.dates):  # 2026云溪马拉松
            return True
        return told.unit in COUNTERS | {""} and ("code", plain_value) in self.marks

    def has_date(self, told: Date) -> bool:
        """Whether a date of the source says all that this one says."""
        if any(date.says(told) for date in self.dates):
            return True
        # 2025届 and 2026云溪马拉松 name a year
        return told.value == told.year and bool(
            re.search(rf"(?<![0-9.]){told.year}(?![0-9.万亿元])", self.text)
        )

    def has_time(self, told: Time) -> bool:
        return any(time.says(told) for time in self.times)

    def has_mark(self, kind: str, value: str, before: str = "") -> bool:
        """Whether the source holds a code, an address, a quotation or a name; ``before``: what stands in front of it."""
        if (kind, value) in self.marks:
            return True
        if kind == "code":
            return bool(re.search(rf"(?<![0-9A-Z]){re.escape(value)}(?![0-9A-Z])", self.codes))
        if kind == "quote":
            return unmarked(value) in self.unmarked
        if kind == "latin":
            return value in self.words
        if kind == "organisation":
            return named(value, before, self.text)
        if kind == "place" and value == "中国":
            return any(word in self.text for word in ("中国", "我国", "国内", "全国"))
        return kind in ("place", "person", "date") and value in self.text


@lru_cache(256)
def basis(source: str) -> Basis:
    """What a source holds; remembered, since one source has many answers."""
    told = read(source)
    text = told.plain.text
    tokens = re.findall(r"[A-Za-z0-9+#&']+", text.lower())
    return Basis(
        text,
        unmarked(source),
        told.quantities,
        tuple(_completed(list(told.dates))),
        told.times,
        frozenset((kind, value) for kind, _, _, value in told.marks),
        re.sub(r"[-_ /]", "", text.upper()),
        frozenset(tokens) | {piece for token in tokens for piece in re.findall("[a-z]+", token)},
        pairs(text),
        frozenset(text),
    )


def _completed(dates: list[Date]) -> list[Date]:
    """Years and months that a source leaves out come from the date before, or from the only year that it names."""
    years = {date.year for date in dates if date.year}
    year = next(iter(years)) if len(years) == 1 else ""
    month = ""
    done = []
    for date in dates:
        year = date.year or year
        month = date.month or ("" if date.year else month)
        done.append(date)
        if not date.year and not date.part.startswith("W") and year:
            done.append(replace(date, year=year))
        if date.day and not date.month and month:
            done.append(replace(date, year=date.year or year, month=month))
    return done
