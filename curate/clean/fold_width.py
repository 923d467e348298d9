"""fold_width: full-width letters and digits."""

from __future__ import annotations

from typing import Literal

import polars as pl

from curate.clean.cleaner import TextCleaner, only_where

WIDE = [chr(code + 0xFEE0) for code in range(0x21, 0x7F) if chr(code).isalnum()] + ["\u3000"]
NARROW = [chr(code) for code in range(0x21, 0x7F) if chr(code).isalnum()] + [" "]


class FoldWidth(TextCleaner):
    """全角字母、数字和空格变半角；标点不动。 / Fold full-width letters, digits and spaces; never punctuation.

    NFKC would also turn ，（）？ into ASCII, which is wrong for Chinese prose.
    """

    use: Literal["fold_width"] = "fold_width"

    def rewrite_column(self, values: pl.Series) -> pl.Series:
        return only_where(values, "[０-９Ａ-Ｚａ-ｚ\u3000]", lambda wide: wide.str.replace_many(WIDE, NARROW))
