"""drop_long: rows that are no single record."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import Field

from curate.clean.cleaner import Cleaner, Notes
from curate.language import say
from curate.rows import Outcome, keep_where


class DropLong(Cleaner):
    """丢弃正文过长的行（多半是整库粘贴进一格）。 / Drop rows whose text is longer than a record can be."""

    use: Literal["drop_long"] = "drop_long"
    max_chars: int = Field(200_000, ge=1)
    """最多字数 / the greatest number of characters"""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        count = pl.col("text").fill_null("").str.len_chars()
        return keep_where(
            rows,
            {"too_long": count <= self.max_chars},
            {"too_long": pl.format(say("{} 字", "{} characters"), count)},
        )
