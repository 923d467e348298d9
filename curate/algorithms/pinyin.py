"""Pinyin of names: what sounds alike is one name misheard, mistyped or written in Latin letters."""

from __future__ import annotations

import unicodedata
from functools import cache

import polars as pl

_HAN = r"\p{Han}"


def pinyin(names: pl.Series) -> pl.Series:
    """Syllables without tones and spaces, other letters as they are: 重庆 -> chongqing (by phrase), 张玮 -> zhangwei.

    Null stays null. pypinyin decides by its dictionary of phrases, 100 µs a name; but only a name that holds a phrase
    read otherwise than its characters one by one needs that, and the others are spelled from a table.
    """
    chinese = names.str.contains(_HAN).fill_null(False)
    if not chinese.any():
        return names.str.replace_all(r"\s+", "")
    letters = names.filter(chinese).str.extract_all(_HAN).explode().unique().sort().to_list()
    spelled = names.str.replace_many(letters, [reading(letter) for letter in letters])
    phrase = names.str.contains_any(odd_phrases()).fill_null(False)
    if phrase.any():
        spelled = spelled.scatter(phrase.arg_true(), _by_phrase(names.filter(phrase)))
    return spelled.str.replace_all(r"\s+", "")


def _by_phrase(names: pl.Series) -> pl.Series:
    from pypinyin import lazy_pinyin

    unique = names.unique()
    spelled = ["".join(lazy_pinyin(name)) for name in unique.to_list()]
    return names.replace_strict(unique, pl.Series(spelled, dtype=pl.String))


def reading(letter: str) -> str:
    """The first reading of one character, as ``lazy_pinyin`` gives it; the character itself where it has none."""
    from pypinyin.constants import PINYIN_DICT

    readings = PINYIN_DICT.get(ord(letter), "")
    return without_tone(readings.split(",")[0]) if readings else letter


def without_tone(syllable: str) -> str:
    """lǜ -> lv: without its tone, in pypinyin's letters."""
    bare = unicodedata.normalize("NFD", syllable.replace("ê", "e").replace("Ê", "e"))
    bare = bare.replace("u\u0308", "v")
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


@cache
def odd_phrases() -> list[str]:
    """Phrases with a character that is read otherwise there than alone."""
    from pypinyin.constants import PHRASES_DICT

    plain = cache(without_tone)
    alone = cache(reading)
    return [
        phrase
        for phrase, syllables in PHRASES_DICT.items()
        if any(plain(said[0]) != alone(letter) for letter, said in zip(phrase, syllables, strict=False))
    ]
