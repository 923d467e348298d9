"""Pinyin to search names by: 重庆银行 -> chong qing yin hang, cqyh or chóng qìng yín háng."""

from __future__ import annotations

import re
from functools import cache
from typing import Literal

import polars as pl

from curate.algorithms.person_name import DOUBLE, SURNAMES
from curate.algorithms.pinyin import odd_phrases, reading, without_tone

Style = Literal["plain", "tone", "initials"]
_HAN, _OTHER = r"[\u3400-\u9fff]", r"[^\W\u3400-\u9fff_]+"
_PARTS, _RUNS = re.compile(f"{_HAN}|{_OTHER}"), re.compile(f"{_HAN}+|{_OTHER}")


def pinyin_words(
    names: pl.Series, style: Style = "plain", separator: str = " ", *, surnames: bool = False
) -> pl.Series:
    """Each name's syllables; null stays null. Latin letters and digits stay, in lower case; punctuation goes.

    Phrases decide (重庆, 银行), as pypinyin knows them. It takes 100 µs a name, so a name without a phrase that is read
    otherwise than its characters is spelled from a table.

    Args:
        separator: between the syllables; initials are always joined (cqyh).
        surnames: the names are people's: 单, 曾, 仇 at the beginning are shan, zeng, qiu.
    """
    unique = names.drop_nulls().unique()
    by_phrase = unique.str.contains_any(odd_phrases()).to_list() if style != "tone" else [True] * len(unique)
    told = []
    for name, odd in zip(unique, by_phrase, strict=True):
        spelled = _by_phrase(name, style) if odd else _by_letter(name)
        first = SURNAMES.get(name[:1]) if surnames and not name.startswith(tuple(DOUBLE.split())) else None
        if first and spelled:
            spelled[0] = (_toned(name[0], first) if style == "tone" else first, True)
        if style == "initials":
            told.append("".join(part[0] if han else part for part, han in spelled))
        else:
            told.append(separator.join(part for part, _ in spelled))
    found = pl.DataFrame({"name": unique, "pinyin": pl.Series(told, dtype=pl.String)})
    return names.to_frame("name").join(found, on="name", how="left", maintain_order="left")["pinyin"]


#: A syllable or a run of other letters; whether it is a syllable.
Part = tuple[str, bool]


def _by_letter(name: str) -> list[Part]:
    return [
        (reading(part), True) if len(part) == 1 and part > "\u3400" else (part.lower(), False)
        for part in _PARTS.findall(name)
    ]


def _by_phrase(name: str, style: Style) -> list[Part]:
    from pypinyin import Style as Styles
    from pypinyin import lazy_pinyin

    toned = Styles.TONE if style == "tone" else Styles.NORMAL
    # phrases end where another script begins, so each run is spelled on its own
    parts: list[Part] = []
    for run in _RUNS.findall(name):
        if run[0] > "\u3400" and reading(run[0]) != run[0]:
            parts += [(syllable, True) for syllable in lazy_pinyin(run, style=toned)]
        else:
            parts.append((run.lower(), False))
    return parts


@cache
def _toned(letter: str, syllable: str) -> str:
    """The reading with its tone that is this syllable without it: 单, shan -> shàn."""
    from pypinyin import Style as Styles
    from pypinyin import pinyin

    readings: list[str] = pinyin(letter, style=Styles.TONE, heteronym=True)[0]
    return next((one for one in readings if without_tone(one) == syllable), syllable)
