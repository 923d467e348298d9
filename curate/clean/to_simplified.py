"""to_simplified: traditional Chinese to simplified, by phrase."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

import polars as pl

from curate.clean.cleaner import TextCleaner, only_where

if TYPE_CHECKING:
    from opencc import OpenCC


#: Words that t2s changes although none of their characters changes alone. Only such as nobody writes in
#: simplified Chinese and nobody is called: not 毛坏 (毛坯), where 坏 is simplified already, nor 沈默, a name.
WORDS = (
    "瞭解|瞭然|瞭如|瞭若|明瞭|反覆|回覆|答覆|批覆|函覆|重覆|覆信|覆文|"
    "藉口|藉由|藉此|藉助|藉以|藉故|藉着|藉端|英哩|海哩|甦醒|甦生|衹得"
)


class ToSimplified(TextCleaner):
    """繁体转简体（OpenCC，按词转换）。 / Traditional to simplified Chinese, by phrase (OpenCC t2s).

    Names of people and registered names may need their own characters: list such columns in ``skip``. Only
    values that hold a character which t2s changes are converted: OpenCC does 20 MB/s, a scan far more.
    """

    libraries: ClassVar = ("opencc",)
    use: Literal["to_simplified"] = "to_simplified"

    def rewrite_column(self, values: pl.Series) -> pl.Series:
        return only_where(values, _traditional(), _convert)


@cache
def _converter() -> OpenCC:
    from opencc import OpenCC

    return OpenCC("t2s")


@cache
def _traditional() -> str:
    """A regular expression: the characters that t2s changes when they stand alone, and ``WORDS``."""
    blocks = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF)]
    alone = [chr(code) for first, last in blocks for code in range(first, last + 1)]
    changed = _converter().convert("\n".join(alone)).split("\n")
    return "[" + "".join(old for old, new in zip(alone, changed, strict=True) if old != new) + f"]|{WORDS}"


def _convert(values: pl.Series) -> pl.Series:
    """One call for all values: phrases do not reach over a line feed and a separator."""
    parts = values.to_list()
    if any("\x1e" in part for part in parts):  # a text that holds the separator would be cut elsewhere
        whole = [_converter().convert(part) for part in parts]
    else:
        whole = _converter().convert("\n\x1e\n".join(parts)).split("\n\x1e\n")
    return pl.Series(values.name, whole, dtype=pl.String)
