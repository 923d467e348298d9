"""null_placeholders: words that people type where they have nothing to say."""

from __future__ import annotations

from typing import Literal

import polars as pl

from curate.algorithms.placeholders import PLACEHOLDERS
from curate.clean.cleaner import Notes, TextCleaner


class NullPlaceholders(TextCleaner):
    """把“无、暂无、N/A、-”这类占位值变成空值。 / Placeholder values such as 暂无 or N/A become null.

    Only a value that is nothing but the placeholder counts. 0 is none: it may be a true number.
    """

    use: Literal["null_placeholders"] = "null_placeholders"
    words: list[str] = PLACEHOLDERS
    """占位词，不分大小写 / the placeholders, in any case"""

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        bare = values.str.strip_chars()
        words = {word.lower() for word in self.words} | {""}
        short = (bare.str.len_bytes() <= max(map(_bytes, words))).arg_true()
        nothing = bare.gather(short).str.to_lowercase().is_in(words)
        return values.clone().scatter(short.filter(nothing), None)


def _bytes(text: str) -> int:
    """An upper bound: a letter takes other bytes in another case."""
    return 4 * len(text)
