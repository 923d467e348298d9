"""fold_space: white space that carries nothing."""

from __future__ import annotations

from typing import Literal

import polars as pl

from curate.clean.cleaner import TextCleaner, only_where

#: Every white space but the line feed (Unicode's White_Space).
SPACE = r"[\t\x0B\f\r \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]"
HAN = r"\p{Han}"
#: A line is taken for broken when it is at least this long (characters) and ends without a stop.
BROKEN_LINE = 15


class FoldSpace(TextCleaner):
    """空白归一：连续空格并成一个，去掉汉字之间的空格，接上断行。 / Fold white space; rejoin broken lines.

    Spaces between two Han characters come from PDF and OCR; a line break between two Han characters inside a
    sentence (a long line without a stop at its end, going on with a Han character) comes from them too.
    """

    use: Literal["fold_space"] = "fold_space"
    between_han: bool = True
    """去掉汉字之间的空格 / remove spaces between Han characters"""
    join_lines: bool = True
    """把句中断开的行接上 / rejoin lines that were broken inside a sentence"""

    def rewrite_column(self, values: pl.Series) -> pl.Series:
        pattern = (
            rf"(?:{SPACE}{{2,}}|[\t\x0B\f\r\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]|\n|^ | $|{HAN} {HAN})"
        )
        return only_where(values, pattern, self._fold)

    def _fold(self, values: pl.Series) -> pl.Series:
        text = (
            pl.col("x")
            .str.replace_all(rf"{SPACE}+", " ")
            .str.replace_all(r" ?\n ?", "\n")
            .str.replace_all(r"\n{3,}", "\n\n")
            .str.strip_chars()
        )
        if self.between_han:
            # twice: a match takes the character that the next one would begin with
            for _ in range(2):
                text = text.str.replace_all(rf"({HAN}) ({HAN})", "${1}${2}")
        if self.join_lines:
            broken = rf"([^\n]{{{BROKEN_LINE - 1},}}[{HAN}，、])\n({HAN})"
            for _ in range(2):
                text = text.str.replace_all(broken, "${1}${2}")
        return values.to_frame("x").select(text)["x"]
