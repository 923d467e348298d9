"""to_simplified: traditional Chinese to simplified, by phrase."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

import polars as pl

from curate.clean.cleaner import TextCleaner, only_where

if TYPE_CHECKING:
    from opencc import OpenCC


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
    """A character class of all characters that t2s changes when they stand alone."""
    blocks = [(0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0x20000, 0x2EBEF)]
    alone = [chr(code) for first, last in blocks for code in range(first, last + 1)]
    changed = _converter().convert("\n".join(alone)).split("\n")
    return "[" + "".join(old for old, new in zip(alone, changed, strict=True) if old != new) + "]"


def _convert(values: pl.Series) -> pl.Series:
    """One call for all values: phrases do not reach over a line feed and a separator."""
    parts = values.to_list()
    whole = _converter().convert("\n\x1e\n".join(parts)).split("\n\x1e\n")
    if len(whole) != len(parts):  # a text holds the separator itself
        whole = [_converter().convert(part) for part in parts]
    return pl.Series(values.name, whole, dtype=pl.String)
