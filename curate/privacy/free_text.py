"""What a cell of free text gives away: personal data, and the values of its own row that the release hides.

"我今年37岁，住在朝阳区" undoes a release that says 20–39 and 华北. Two looks: a vectorised one at all cells, then the exact search
in the few that may hold something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

import polars as pl

from curate.algorithms.fields.dates import parse_dates
from curate.algorithms.fields.divisions import parse_divisions
from curate.algorithms.personal_data import find_plain, search
from curate.algorithms.personal_data.kinds import PLAIN, plain
from curate.algorithms.place_names import place_names

#: What a note tells of a cell in which something was found; never the value.
NOTE = dict.fromkeys(["row_id", "column", "kind", "of", "action"], pl.String)
OWN = "own_value"
#: what people put between the letters of a name
_GAP = r"[\s·.\-_]*"
_AGE_WORDS = r"岁|年龄|年纪|年满|芳龄|高龄|今年|(?i:\bage\b|\baged\b|years?\s*old)"
_EDGED = re.compile(r"[a-z0-9]")
_DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Span:
    """A place in a text; ``of`` is the row's column whose value stands there, if it is one."""

    kind: str
    start: int
    end: int
    of: str | None = None


@dataclass(frozen=True)
class Hidden:
    """The values of one column that the release hides: a text a row, null where it may be known (or is not there)."""

    column: str
    values: pl.Series

    def suspects(self, cells: pl.DataFrame) -> pl.Series:
        """Places of cells (``text``, ``squeezed``) that may hold the value of their row."""
        told = cells.with_columns(squeeze(self.values).alias("value"))
        long = pl.col("value").str.len_chars() >= 2
        # what is masked already (198****5015) leads to nobody
        found = (
            long
            & ~pl.col("value").str.contains(r"\*")
            & pl.col("squeezed").str.contains(pl.col("value"), literal=True)
        )
        return told.select(found.fill_null(False)).to_series().arg_true()

    def pattern(self, value: str) -> re.Pattern[str] | None:
        """What the value looks like in a plain text."""
        letters = _bare(value)
        if len(letters) < 2:
            return None
        # 55 is not in 155, nor Li in light; Han characters have no such edge
        before, behind = (
            rf"(?{look}[a-z0-9])" if _EDGED.match(end) else ""
            for look, end in (("<!", letters[0]), ("!", letters[-1]))
        )
        return re.compile(before + _GAP.join(map(re.escape, letters)) + behind, re.IGNORECASE)


class HiddenNumber(Hidden):
    """An age or another number: one of two digits counts only where words say that it is an age."""

    def suspects(self, cells: pl.DataFrame) -> pl.Series:
        told = cells.with_columns(squeeze(self.values.str.replace(r"\.0+$", "")).alias("value"))
        worded = pl.col("value").is_not_null() & pl.col("text").str.contains(_AGE_WORDS)
        there = (pl.col("value").str.len_chars() > 2) & pl.col("squeezed").str.contains(
            pl.col("value"), literal=True
        )
        return told.select((worded | there).fill_null(False)).to_series().arg_true()

    def pattern(self, value: str) -> re.Pattern[str] | None:
        number = re.sub(r"\.0+$", "", value.strip())
        if not number:
            return None
        here = rf"(?<![\d.]){re.escape(number)}(?![\d]|\.\d)"
        if len(number) > 2:
            return re.compile(here)
        ways = "|".join(
            [here, *([rf"(?<![{_DIGITS}十百千]){_spoken(int(number))}"] if number.isdecimal() else [])]
        )
        return re.compile(
            rf"(?:年龄|今年|(?i:\bage\b|\baged\b))[^\d，。；,;]{{0,4}}(?:{ways})|(?:{ways})\s*(?:周?岁|(?i:years?\s*old))"
        )


class HiddenDate(Hidden):
    """A day, however it is written."""

    def suspects(self, cells: pl.DataFrame) -> pl.Series:
        told = cells.with_columns(self.values.alias("value"))
        dated = pl.col("text").str.contains(r"\d[月\-/.]\d|月.{1,3}[日号]|\d{8}")
        return told.select((pl.col("value").is_not_null() & dated).fill_null(False)).to_series().arg_true()

    def pattern(self, value: str) -> re.Pattern[str] | None:
        iso = parse_dates(pl.Series([value]))[0]
        parts = re.match(r"(\d{4})-(\d{2})-(\d{2})", iso or "")
        if parts is None:
            return None
        year, month, day = (int(part) for part in parts.groups())
        return re.compile(
            rf"(?<!\d){year}[-/.年]0?{month}[-/.月]0?{day}(?!\d)|(?<!\d)0?{month}月0?{day}[日号]|(?<!\d){year}{month:02}{day:02}(?!\d)"
        )


@dataclass(frozen=True)
class HiddenPlace(Hidden):
    """A place, or a finer one in it: 朝阳区 gives away Beijing.

    Attributes:
        told: what the release says of the row instead (its province): this may stand in the text.
    """

    told: pl.Series

    def suspects(self, cells: pl.DataFrame) -> pl.Series:
        frame = cells.select("text").with_columns(self.values.alias("value")).with_row_index("at")
        found = []
        for (value,), rows in frame.filter(pl.col("value").is_not_null()).group_by(
            "value", maintain_order=True
        ):
            inside = pl.col("text").str.contains_any(list(_places(str(value)))).fill_null(False)
            found.append(rows.filter(inside)["at"])
        return pl.concat(found).sort() if found else pl.Series("at", [], dtype=pl.UInt32)

    def pattern(self, value: str) -> re.Pattern[str] | None:
        words = sorted(_places(value), key=lambda word: (-len(word), word))
        return re.compile("|".join(map(re.escape, words)))

    def allowed(self, place: int) -> frozenset[str]:
        """The ways to write what the release says of this row."""
        told = self.told[place]
        return _ways(told) if told is not None else frozenset()


@cache
def _places(value: str) -> frozenset[str]:
    """The ways to write a place, what lies in it, and the province that it lies in."""
    code = parse_divisions(pl.Series([value]))["code"][0]
    if code is None:
        return frozenset({value.strip()} if len(value.strip()) >= 2 else ())
    code = re.sub(r"(?:00){1,2}$", "", code)
    inside = pl.col("code").str.starts_with(code) | (pl.col("code") == code[:2])
    return frozenset(place_names().filter(inside)["surface"]) | {value.strip()}


@cache
def _ways(name: str) -> frozenset[str]:
    codes = place_names().filter(pl.col("surface") == name)["code"].to_list()
    return frozenset(place_names().filter(pl.col("code").is_in(codes))["surface"]) | {name}


def _spoken(number: int) -> str:
    """``37`` -> ``三十七``."""
    tens, ones = divmod(number, 10)
    front = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens]}十"
    return front + (_DIGITS[ones] if ones or not tens else "")


def _bare(value: str) -> str:
    return re.sub(_GAP, "", plain(value)).lower()


def squeeze(texts: pl.Series) -> pl.Series:
    """Without what may stand between letters, in one writing: what a literal search looks at."""
    flat = texts.cast(pl.String).str.replace_many(list(PLAIN), list(PLAIN.values()))
    return flat.str.replace_all(r"[\s·.\-_]", "").str.to_lowercase()


def spans(texts: pl.Series, hidden: Sequence[Hidden], *, personal: bool = True) -> dict[int, list[Span]]:
    """Place of a cell -> what it gives away, in order and none over another; cells that give nothing away are left out.

    Args:
        hidden: of the same rows, in the same order.
        personal: look for personal data too, not only for the row's own values.
    """
    found: dict[int, list[Span]] = {}
    for suspect in search(texts) if personal else ():
        for one in find_plain(suspect.plain, suspect.kinds):
            found.setdefault(suspect.place, []).append(Span(one.kind, one.start, one.end))
    cells = pl.DataFrame({"text": texts, "squeezed": squeeze(texts)})
    for own in hidden:
        pattern = cache(own.pattern)
        for place in own.suspects(cells):
            for start, end in _places_of(own, pattern, place, texts[place]):
                found.setdefault(place, []).append(Span(OWN, start, end, own.column))
    return {place: _in_order(found[place]) for place in sorted(found)}


def _places_of(
    own: Hidden, pattern: Callable[[str], re.Pattern[str] | None], place: int, text: str
) -> Iterator[tuple[int, int]]:
    looked_for = pattern(own.values[place])
    allowed = own.allowed(place) if isinstance(own, HiddenPlace) else frozenset()
    for match in looked_for.finditer(plain(text)) if looked_for else ():
        if match[0] not in allowed:
            yield match.span()


def _in_order(found: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if not kept or one.start >= kept[-1].end:
            kept.append(one)
    return kept


def without(text: str, found: Sequence[Span]) -> str:
    """The text with ［…］ in the places of what was found."""
    parts, end = list[str](), 0
    for one in found:
        parts += (text[end : one.start], "[已隐去]")
        end = one.end
    return "".join(parts) + text[end:]
