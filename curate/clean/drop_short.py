"""drop_short: rows that say too little."""

from __future__ import annotations

from typing import Literal

import polars as pl
from pydantic import Field

from curate.clean.cleaner import Cleaner
from curate.language import say
from curate.rows import Outcome, keep_where


class DropShort(Cleaner):
    """丢弃正文太短的行（只数文字和数字）。 / Drop rows whose text has too few letters and digits."""

    use: Literal["drop_short"] = "drop_short"
    min_chars: int = Field(4, ge=1)
    """最少字数，标点和空白不算 / the least number of characters, not counting punctuation and space"""

    def apply(self, rows: pl.DataFrame) -> Outcome:
        count = pl.col("text").fill_null("").str.replace_all(r"[^\p{L}\p{N}]", "").str.len_chars()
        return keep_where(
            rows,
            {"empty": count > 0, "too_short": count >= self.min_chars},
            {"too_short": pl.format(say("{} 字", "{} characters"), count)},
        )
