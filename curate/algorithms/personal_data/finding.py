"""Personal data in texts: a quick look at all of them, then the exact search of the few that may hold some."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

import polars as pl

from curate.algorithms.characters import HAN_NUMBER, NUMBER, Marks, marks_of
from curate.algorithms.personal_data import accounts, addresses, documents, names, numbers
from curate.algorithms.personal_data.kinds import (
    KINDS,
    LONG_NUMBER,
    LONG_RUN,
    NUMERALS,
    PLAIN,
    SPOKEN_RUN,
    WORDED,
    Found,
    Kind,
    Search,
    has_numeral,
    numerals_as_digits,
    plain,
)
from curate.algorithms.personal_data.words import TOKEN

SEARCHES: dict[Kind, Search] = {
    search.kind: search
    for module in (numbers, accounts, documents, addresses, names)
    for search in module.SEARCHES
}
#: These may be written in Chinese numerals.
SPOKEN: frozenset[Kind] = frozenset({"id_card", "bank_card", "mobile", "landline", "qq", "wechat"})


class Suspect(NamedTuple):
    """A text that may hold personal data: its place, how searches read it, and which kinds it may be."""

    place: int
    plain: str
    kinds: tuple[Kind, ...]


def find(text: str, kinds: Iterable[Kind] = KINDS) -> list[Found]:
    """All personal data of these kinds in a text, in order, none over another."""
    return find_plain(plain(text), kinds)


def find_plain(text: str, kinds: Iterable[Kind]) -> list[Found]:
    """All personal data of these kinds in a plain text."""
    wanted = frozenset(kinds)
    whole = _without_tokens(text)
    spoken = numerals_as_digits(whole) if wanted & SPOKEN else None
    found: list[Found] = []
    for kind in KINDS:
        if kind not in wanted:
            continue
        told = list(SEARCHES[kind].find(whole))
        if spoken is not None and kind in SPOKEN:
            taken = {place for one in told for place in range(one.start, one.end)}
            more = [one for one in SEARCHES[kind].find(spoken) if has_numeral(whole, one.start, one.end)]
            told += [one for one in more if taken.isdisjoint(range(one.start, one.end))]
        if told:
            whole = _blank(whole, told)
            spoken = None if spoken is None else _blank(spoken, told)
        found += told
    return sorted(found, key=lambda one: one.start)


#: what stands for something found or a token: no letter, no digit, no mark of a mask
_TAKEN = "\x1a"


def _blank(text: str, told: list[Found]) -> str:
    marks = list(text)
    for one in told:
        marks[one.start : one.end] = _TAKEN * (one.end - one.start)
    return "".join(marks)


def _without_tokens(text: str) -> str:
    return TOKEN.sub(lambda token: _TAKEN * len(token[0]), text) if "_" in text else text


def with_instead(text: str, found: list[Found], by: Callable[[Found], str]) -> str:
    """``text`` with something else in the places of what was found (in order)."""
    parts, end = list[str](), 0
    for one in found:
        parts += (text[end : one.start], by(one))
        end = one.end
    return "".join(parts) + text[end:]


def replaced(
    texts: pl.Series, kinds: Iterable[Kind], by: Callable[[Found], str]
) -> tuple[pl.Series, list[Found]]:
    """The texts with what is found replaced, and what was found.

    Once more where that brought something to light (what a digit hid before its neighbour went), so that nothing is
    found in the result.
    """
    kinds, told, places = tuple(kinds), list[Found](), pl.int_range(len(texts), eager=True)
    while True:
        some, new = texts.gather(places), dict[int, str]()
        for suspect in search(some, kinds):
            found = find_plain(suspect.plain, suspect.kinds)
            if found:
                new[places[suspect.place]] = with_instead(some[suspect.place], found, by)
                told += found
        if not new:
            return texts, told
        places = pl.Series(list(new))
        texts = texts.clone().scatter(places, pl.Series(list(new.values()), dtype=pl.String))


def search(texts: pl.Series, kinds: Iterable[Kind] = KINDS, marks: Marks | None = None) -> list[Suspect]:
    """The texts that may hold personal data of these kinds.

    Args:
        marks: what ``marks_of`` says of the texts, where it is known.
    """
    kinds = tuple(kinds)
    if not kinds or not len(texts):
        return []
    words = [word for kind in kinds for word in SEARCHES[kind].words]
    # literals in a regular expression: half of what Polars' contains_any takes
    worded = pl.col("text").str.contains("|".join(map(re.escape, words))) if words else pl.lit(False)
    frame = pl.DataFrame(
        {"text": texts, "marks": marks_of(texts) if marks is None else marks}
    ).with_row_index("place")
    frame = frame.filter(pl.col("text").is_not_null())
    numbers = frame.filter(pl.col("marks") & (NUMBER | HAN_NUMBER) != 0)
    long = numbers.filter(pl.col("text").str.contains(LONG_RUN))["place"].implode()
    frame = frame.with_columns(
        pl.col("marks")
        | pl.when(worded).then(WORDED).otherwise(0).cast(pl.UInt32)
        | pl.when(pl.col("place").is_in(long)).then(LONG_NUMBER).otherwise(0).cast(pl.UInt32)
    )
    quick = {kind: _quick(frame, SEARCHES[kind]) for kind in kinds}
    places = pl.concat(list(quick.values())).unique()
    return _likely(frame.filter(pl.col("place").is_in(places.implode())), quick) if len(places) else []


def _likely(frame: pl.DataFrame, quick: dict[Kind, pl.Series]) -> list[Suspect]:
    """Those of these texts that match what a kind's search says is likely."""
    flat = pl.col("text").str.replace_many(list(PLAIN), list(PLAIN.values()))
    seen = frame.select("place", flat.alias("plain"))
    digits = pl.col("plain").str.replace_many(list(NUMERALS), list(NUMERALS.values()))
    seen = seen.with_columns(pl.when(pl.col("plain").str.contains(SPOKEN_RUN)).then(digits).alias("digits"))
    told: dict[int, list[Kind]] = {}
    for kind, places in quick.items():
        if places.is_empty():
            continue
        likely = pl.col("plain").str.contains(SEARCHES[kind].likely)
        if kind in SPOKEN:
            likely |= pl.col("digits").str.contains(SEARCHES[kind].likely).fill_null(False)
        for place in seen.filter(pl.col("place").is_in(places.implode())).filter(likely)["place"]:
            told.setdefault(place, []).append(kind)
    rows = seen.filter(pl.col("place").is_in(list(told))).select("place", "plain").iter_rows()
    return [Suspect(place, text, tuple(told[place])) for place, text in rows]


def _quick(frame: pl.DataFrame, search: Search) -> pl.Series:
    """The places of the texts that are worth a closer look."""
    parts = []
    for marks, words in search.quick:
        rows = frame.filter(pl.col("marks") & marks != 0)
        if words and rows.height:
            rows = rows.filter(pl.col("text").str.contains(words))
        parts.append(rows["place"])
    return pl.concat(parts)


def kinds_in(texts: pl.Series, kinds: Iterable[Kind] = KINDS) -> pl.Series:
    """The first kind of personal data in each text, in the order of ``KINDS``, or null."""
    first: dict[int, str] = {}
    for suspect in search(texts, kinds):
        found = find_plain(suspect.plain, suspect.kinds)
        if found:
            first[suspect.place] = min((one.kind for one in found), key=KINDS.index)
    told = pl.repeat(None, len(texts), dtype=pl.String, eager=True).alias("kind")
    return told.scatter(list(first), list(first.values())) if first else told
