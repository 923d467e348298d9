"""Profile: what a corpus looks like as it was read, small enough to keep with every run.

By it the next refresh is told apart from this one before anything is worked on. It holds types, shares, ranges and the values of
closed lists, never a value that may lead to a person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from curate.algorithms.personal_data import mask
from curate.algorithms.placeholders import PLACEHOLDERS
from curate.validate.infer_names import is_personal

#: Rises when the same rows would give another profile.
VERSION = 2
#: A closed list has so many values at most, each of them so often in the mean.
MOST_VALUES, OFTEN = 50, 5
#: Different values that are counted before a column is known to be no list.
COUNTED = 500
#: characters of a value of a list
LONGEST = 40
#: Numbers from here on are telephones, accounts and cards: the least and the greatest of them are somebody's.
NAMING = 1e10
_DATE = r"^\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?(?:[T ]?\d{1,2}[:：时]\d{1,2}.*)?$"
_INT, _NUMBER = r"^[+-]?\d+$", r"^[+-]?\d+(?:\.\d+)?$"
_TYPES = {"int": _INT, "number": _NUMBER, "date": _DATE}


@dataclass
class _Column:
    """What is known of a column so far."""

    rows: int = 0
    empty: int = 0
    types: Counter[str] = field(default_factory=Counter)
    low: float | None = None
    high: float | None = None
    values: Counter[str] = field(default_factory=Counter)
    many: bool = False

    def add(self, column: pl.Series) -> None:
        filled = column.drop_nulls()
        if column.dtype == pl.String:
            text = filled.str.strip_chars()
            filled = filled.filter((text.str.len_chars() > 0) & ~text.str.to_lowercase().is_in(PLACEHOLDERS))
        self.rows += len(column)
        self.empty += len(column) - len(filled)
        if not len(filled):
            return
        kinds, numbers = _types(filled)
        self.types.update(kinds)
        if len(numbers):
            low, high = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]
            self.low = low if self.low is None else min(self.low, low)
            self.high = high if self.high is None else max(self.high, high)
        if not self.many:
            self._count(filled)

    def _count(self, filled: pl.Series) -> None:
        if filled.dtype.is_nested() or filled.dtype.is_float() or filled.dtype.is_temporal():
            self.many = True
            return
        counts = filled.cast(pl.String).value_counts()
        if counts.height <= COUNTED:
            self.values.update(dict(counts.iter_rows()))
        self.many = max(counts.height, len(self.values)) > COUNTED
        if self.many:
            self.values.clear()

    def as_json(self, personal: bool) -> dict[str, Any]:
        filled = self.rows - self.empty
        shown = not personal and not self._names_somebody()
        listed = (
            shown
            and not self.many
            and 0 < len(self.values) <= MOST_VALUES
            and filled >= OFTEN * len(self.values)
        )
        listed = listed and max(map(len, self.values)) <= LONGEST
        listed = listed and all(mask(value) == value for value in self.values)
        return {
            "type": _one_type(self.types),
            "empty": round(self.empty / max(1, self.rows), 4),
            "low": self.low if shown else None,
            "high": self.high if shown else None,
            "distinct": None if self.many else len(self.values),
            "values": dict(sorted(self.values.items(), key=lambda item: (-item[1], item[0])))
            if listed
            else None,
        }

    def _names_somebody(self) -> bool:
        ends = [end for end in (self.low, self.high) if end is not None]
        return any(abs(end) >= NAMING or mask(f"{end:.0f}") != f"{end:.0f}" for end in ends)


def profile(frames: Iterable[pl.DataFrame], skip: Iterable[str] = ()) -> dict[str, Any]:
    """``{"rows": n, "columns": {name: {"type", "empty", "low", "high", "distinct", "values"}}}`` of shards; the same in any order.

    ``type``: what the filled values say they are (``int``, ``number``, ``date``, ``bool``, ``list``, ``text``, ``empty``), whatever they
    are stored as. ``empty``: share of nulls and of words like 无. ``distinct``: different values, null from ``COUNTED`` on. ``values``: value -> rows, of closed lists (``MOST_VALUES`` values at
    the most, each of them ``OFTEN`` times in the mean), else null. Columns that tell of people, by their name or by what they hold, have
    neither values nor a range.
    """
    columns: dict[str, _Column] = {}
    rows, left_out = 0, set(skip)
    for frame in frames:
        for name in frame.columns:
            if name not in left_out:
                known = columns.setdefault(name, _Column(rows, rows))  # a column that earlier shards lacked
                known.add(frame[name])
        for name, known in columns.items():
            if name not in frame.columns:
                known.rows += frame.height
                known.empty += frame.height
        rows += frame.height
    return {
        "rows": rows,
        "columns": {name: column.as_json(is_personal(name)) for name, column in columns.items()},
    }


def _types(filled: pl.Series) -> tuple[dict[str, int], pl.Series]:
    """(type -> values of it, those that are numbers)."""
    nothing = pl.Series([], dtype=pl.Float64)
    if filled.dtype == pl.String:
        text = filled.str.strip_chars()
        told = {name: int(text.str.contains(pattern).sum()) for name, pattern in _TYPES.items()}
        told["number"] -= told["int"]
        told["text"] = len(filled) - sum(told.values())
        numbers = text.filter(text.str.contains(_NUMBER)).cast(pl.Float64, strict=False).drop_nulls()
        return {name: count for name, count in told.items() if count}, numbers
    if filled.dtype.is_numeric():
        name = "int" if filled.dtype.is_integer() else "number"
        return {name: len(filled)}, filled.cast(pl.Float64).drop_nans()
    if filled.dtype.is_temporal():
        return {"date": len(filled)}, nothing
    return {
        "bool" if filled.dtype == pl.Boolean else "list" if filled.dtype.is_nested() else "text": len(filled)
    }, nothing


def _one_type(types: Counter[str]) -> str:
    """The type of a column: of mixed ones the widest; up to one value in twenty may be a slip."""
    total = types.total()
    if not total:
        return "empty"
    name, count = types.most_common(1)[0]
    numbers = types["int"] + types["number"]
    if numbers >= 0.95 * total:
        return "number" if types["number"] > 0.05 * total else "int"
    return name if count >= 0.95 * total else "text"
