"""drop_foreign: text that is not Chinese."""

from __future__ import annotations

from functools import partial
from typing import Literal

import polars as pl
from pydantic import Field

from curate.clean.cleaner import Cleaner, Notes
from curate.language import say
from curate.rows import Outcome, keep_where


class DropForeign(Cleaner):
    """丢弃汉字占比太低的行（外文）。 / Drop rows in which too few of the letters are Han characters.

    The share is taken of letters only, and Latin words count by a third of their letters: an English word has
    several letters where Chinese has one character, and ``展位A12 booth`` is Chinese. Language identifiers
    misread such mixed text; the share does not.
    """

    use: Literal["drop_foreign"] = "drop_foreign"
    min_han: float = Field(0.3, gt=0, le=1)
    """汉字至少占文字的多少（0–1） / the least share of Han characters among the letters (0-1)"""
    min_letters: int = Field(6, ge=1)
    """文字少于此数的行不判断 / rows with fewer letters are not judged"""

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        share = pl.col("text").map_batches(partial(_han_share, self.min_letters), return_dtype=pl.Float64)
        return keep_where(
            rows,
            {"foreign": share >= self.min_han},
            {"foreign": pl.format(say("汉字占 {}", "Han share {}"), share.round(2))},
        )


def _han_share(least: int, texts: pl.Series) -> pl.Series:
    """The share of Han characters among the letters, 0-1; 1 where there are fewer letters than ``least``."""
    from curate.algorithms.text_shape import shape_of

    shape = shape_of(texts, repeats=(), tops=())
    others = pl.sum_horizontal("latin", "kana", "hangul", "letter")
    share = (
        pl.when(pl.col("han") + others < least)
        .then(1.0)
        .otherwise(pl.col("han") / (pl.col("han") + others / 3))
    )
    return shape.select(share).to_series()
