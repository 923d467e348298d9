"""drop_garbled: text whose characters were lost before we got it."""

from __future__ import annotations

from typing import Literal

import polars as pl

from curate.clean.cleaner import Cleaner, Notes
from curate.rows import Outcome, keep_where

#: 锟斤拷: U+FFFD written as UTF-8 and read as GBK; 烫烫, 屯屯: uninitialised memory read as GBK.
#: 斤拷 alone is no sign: 一斤拷贝纸 is a pound of tissue paper.
GARBLED = r"锟斤|斤拷锟|烫烫烫|屯屯屯|\uFFFD"


class DropGarbled(Cleaner):
    """丢弃含有“锟斤拷、烫烫烫、�”的行：原文已经丢失，无法修复。 / Drop rows whose text was lost in conversion."""

    use: Literal["drop_garbled"] = "drop_garbled"

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        text = pl.col("text").fill_null("")
        return keep_where(
            rows,
            {"garbled": ~text.str.contains(GARBLED)},
            {"garbled": text.str.extract(rf"(.{{0,10}}(?:{GARBLED}).{{0,10}})")},
        )
