"""The score of a pair: what the gates that measure found, as one number."""

from __future__ import annotations

import polars as pl

from curate.pairs import MADE

#: ``made.scores``
SCORES = next(field.dtype for field in MADE.fields if field.name == "scores")


def scores_of(pairs: pl.Expr) -> pl.Expr:
    """``made.scores`` of a column ``made``; an empty list where there are none."""
    return pairs.struct.field("scores").cast(SCORES).fill_null(pl.lit([], SCORES))


def with_scores(pairs: pl.DataFrame, scores: pl.Expr) -> pl.DataFrame:
    """``pairs`` with ``made.scores`` and ``score`` anew, where ``scores`` is not null.

    ``score``: the mean of all in ``made.scores``, 0 to 1: ``coverage`` (the share of the answer's characters that the
    source holds), ``evidence`` (the share that the evidence alone holds), and ``judge`` (its three marks, 1 to 5, as 0 to
    1), as far as they are there. Rounded to four places, so that sums in another order give the same trimming.
    """
    found = pl.col("found_scores")
    told = pairs.with_columns(scores.cast(SCORES).alias("found_scores"))
    mean = found.list.eval(pl.element().struct.field("score")).list.mean().round(4)
    return told.with_columns(
        pl.when(found.is_not_null())
        .then(pl.col("made").struct.with_fields(found.alias("scores")))
        .otherwise("made")
        .alias("made"),
        pl.when(found.is_not_null()).then(mean).otherwise("score").alias("score"),
    ).drop("found_scores")
