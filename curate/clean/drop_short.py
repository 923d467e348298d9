"""drop_short: rows that say too little."""

from __future__ import annotations

from functools import partial
from typing import Literal

import polars as pl
from pydantic import Field

from curate.clean.cleaner import Cleaner, Notes
from curate.language import say
from curate.rows import Outcome, keep_where

LETTER = r"[\p{L}\p{N}]"


class DropShort(Cleaner):
    """丢弃正文太短的行（只数文字和数字）。 / Drop rows whose text has too few letters and digits."""

    use: Literal["drop_short"] = "drop_short"
    min_chars: int = Field(4, ge=1)
    """最少字数，标点和空白不算 / the least number of characters, not counting punctuation and space"""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        counted = partial(_letters, self.min_chars)
        count = pl.col("text").fill_null("").map_batches(counted, return_dtype=pl.UInt32)
        return keep_where(
            rows,
            {"empty": count > 0, "too_short": count >= self.min_chars},
            {"too_short": pl.format(say("{} 字", "{} characters"), count)},
        )


def _letters(least: int, texts: pl.Series) -> pl.Series:
    """How many letters and digits each text has; of one that has enough at its beginning, those only."""
    near = 16 * least
    counts = texts.str.head(near).str.count_matches(LETTER)
    more = ((counts < least) & (texts.str.len_bytes() > near)).arg_true()
    return counts.scatter(more, texts.gather(more).str.count_matches(LETTER))
