"""Numbers and addresses that lead to a person: found, confirmed, masked. Pure functions over texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Literal, get_args

import polars as pl

from curate.algorithms.checksums import is_bank_card, is_credit_code, is_id_card

Kind = Literal["id_card", "bank_card", "mobile", "landline", "email"]

#: Digits may be full-width; between groups there may be one space or hyphen. Neither regex engine sees a word
#: boundary between a Han character and a digit, so the neighbours are looked at as what they are: no digits.
D = "[0-9０-９]"
SEP = r"[ \u00A0\u3000\-‐-―－]?"
AREA = rf"[0０](?:[1１][0０]|[2２]{D}|[3-9３-９]{D}{{2}})"
NOT_BEFORE, NOT_AFTER = rf"(?<!{D})(?<!{D}\.)", rf"(?!{D})"
#: Nor is a telephone number part of a hexadecimal one (a file's name, an id in an address).
NOT_IN_HEX_BEFORE, NOT_IN_HEX_AFTER = "(?<![0-9][a-f])(?<![0-9][a-f]{2})", "(?![a-f]{1,6}[0-9])"
PATTERNS: dict[Kind, re.Pattern[str]] = {
    "id_card": re.compile(
        rf"{NOT_BEFORE}[1-9１-９]{D}{{5}}{SEP}{D}{{8}}{SEP}{D}{{3}}[0-9０-９XxＸｘ](?![0-9０-９A-Za-z])"
    ),
    "bank_card": re.compile(
        rf"(?<![0-9０-９A-Za-z]){D}{{4}}(?:{SEP}{D}{{4}}){{3}}(?:{SEP}{D}{{1,3}})?(?![0-9０-９A-Za-z])"
    ),
    "mobile": re.compile(
        rf"{NOT_BEFORE}{NOT_IN_HEX_BEFORE}(?:(?:[+＋]|[0０]{{2}})?[8８][6６]{SEP})?[1１][3-9３-９]{D}{SEP}{D}{{4}}{SEP}{D}{{4}}{NOT_AFTER}{NOT_IN_HEX_AFTER}"
    ),
    "landline": re.compile(
        rf"{NOT_BEFORE}{NOT_IN_HEX_BEFORE}(?:[(（]{AREA}[)）]|{AREA}){SEP}[2-9２-９]{D}{{2,3}}{SEP}{D}{{4}}{NOT_AFTER}{NOT_IN_HEX_AFTER}"
    ),
    "email": re.compile(
        r"(?<![A-Za-z0-9])[A-Za-z0-9][A-Za-z0-9._%+-]{0,63}(?:@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24})+"
    ),
}
#: values without any of these cost one scan and no more
SUSPECT = rf"{D}{{2}}.{{0,2}}{D}{{3}}|@"


def _digits(text: str) -> str:
    """The ASCII digits of a match; ``int`` and ``str.isdigit`` know the full-width ones."""
    return "".join(
        str(int(mark)) if mark.isdigit() else "X" for mark in text if mark.isdigit() or mark in "XxＸｘ"
    )


def _id_card(found: re.Match[str]) -> str:
    number = _digits(found[0])
    return number[:2] + "*" * 16 if is_id_card(number) else found[0]


def _bank_card(found: re.Match[str]) -> str:
    number = _digits(found[0])
    card = is_bank_card(number) and not is_credit_code(number)
    return "*" * (len(number) - 4) + number[-4:] if card else found[0]


def _mobile(found: re.Match[str]) -> str:
    number = _digits(found[0])[-11:]
    return f"{number[:3]}****{number[-4:]}"


def _landline(found: re.Match[str]) -> str:
    number = _digits(found[0])
    area = number[:3] if number[1] in "12" else number[:4]
    return f"{area}-{'*' * (len(number) - len(area))}"


def _email(found: re.Match[str]) -> str:
    name, _, domain = found[0].rpartition("@")
    return f"{name[0]}***@{domain}"


MASKS: dict[Kind, Callable[[re.Match[str]], str]] = {
    "id_card": _id_card,
    "bank_card": _bank_card,
    "mobile": _mobile,
    "landline": _landline,
    "email": _email,
}


def mask(text: str, kinds: Iterable[Kind] = get_args(Kind)) -> str:
    """``text`` with its numbers and addresses masked; the kinds in a fixed order, for one may hold another."""
    for kind in get_args(Kind):
        if kind in kinds:
            text = PATTERNS[kind].sub(MASKS[kind], text)
    return text


#: The patterns without what they ask of their neighbours: Rust's regular expressions look neither back nor ahead.
#: Whatever a pattern finds, its likeness here finds too.
LIKELY = {
    kind: re.sub(r"\(\?<?!(?:[^()\[\]]|\[[^\]]*\])*\)", "", found.pattern) for kind, found in PATTERNS.items()
}


def kinds_in(texts: pl.Series, kinds: Iterable[Kind] = get_args(Kind)) -> pl.Series:
    """The first kind of personal data in each text, or null; a quick search first, then the exact one."""
    kinds = tuple(kinds)
    if not kinds:
        return pl.Series("kind", [None] * len(texts), dtype=pl.String)
    frame = texts.rename("text").to_frame().with_row_index("place")
    likely = pl.any_horizontal(pl.col("text").str.contains(LIKELY[kind]) for kind in kinds)
    suspects = frame.filter(likely)
    found = [
        next((kind for kind in kinds if PATTERNS[kind].sub(MASKS[kind], text) != text), None)
        for text in suspects["text"]
    ]
    told = suspects.select("place").with_columns(pl.Series("kind", found, dtype=pl.String))
    return frame.join(told, on="place", how="left", maintain_order="left")["kind"]
