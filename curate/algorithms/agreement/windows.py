"""Does an annotator become careless? Agreement with the others, in the order of time."""

from __future__ import annotations

import numpy as np
import polars as pl
from scipy.stats import fisher_exact

from curate.algorithms.agreement.people import versus_rest

#: What is held for chance: one annotator in a hundred who did not change is flagged nevertheless.
CHANCE = 0.01


def drift(ratings: pl.DataFrame, window: int = 50) -> pl.DataFrame:
    """Each annotator's agreement with most of the others, a window of items after the other: annotator, window (from 1),
    first_at, last_at, items, raw.

    Windows are in the order of the annotator's own time; what is left over at the end belongs to the last one. Items on which
    the others are split are left out, as in ``against_rest``.

    Args:
        ratings: with a column ``at``, ISO 8601 in UTC, of one form, so that the order of the texts is that of time.
        window: items of a window.
    """
    place = pl.int_range(pl.len()).over("annotator") // window
    last = (pl.len() // window - 1).cast(pl.Int64).clip(lower_bound=0).over("annotator")
    return (
        versus_rest(ratings)
        .join(ratings.select("item", "annotator", "at"), on=["item", "annotator"])
        .sort("annotator", "at", "item")
        .with_columns((pl.min_horizontal(place, last) + 1).cast(pl.Int64).alias("window"))
        .group_by("annotator", "window")
        .agg(
            pl.col("at").min().alias("first_at"),
            pl.col("at").max().alias("last_at"),
            pl.len().cast(pl.Int64).alias("items"),
            pl.col("right").mean().alias("raw"),
        )
        .sort("annotator", "window")
    )


def flagged(drifts: pl.DataFrame, chance: float = CHANCE) -> pl.DataFrame:
    """Annotators whose last window agrees less than their first, by more than chance: annotator, first, last (agreement),
    first_items, last_items, p; the surest first.

    The two shares are compared by Fisher's exact test, one-sided: windows are small and agreement is near 1, where the normal
    approximation is wrong. If there are but two annotators, it is told of both that they parted, and not who left.
    """
    ends = drifts.group_by("annotator").agg(
        pl.col("raw").sort_by("window").first().alias("first"),
        pl.col("raw").sort_by("window").last().alias("last"),
        pl.col("items").sort_by("window").first().alias("first_items"),
        pl.col("items").sort_by("window").last().alias("last_items"),
        pl.len().alias("windows"),
    )
    ends = ends.filter(pl.col("windows") > 1).drop("windows")
    found = [_less(*row) for row in ends.select("first", "first_items", "last", "last_items").iter_rows()]
    return (
        ends.with_columns(pl.Series("p", found, dtype=pl.Float64))
        .filter(pl.col("p") < chance)
        .sort("p", "annotator")
    )


def _less(first: float, first_items: int, last: float, last_items: int) -> float:
    """How likely such a fall is by chance."""
    right, still = round(first * first_items), round(last * last_items)
    table = np.array([[right, first_items - right], [still, last_items - still]])
    return float(fisher_exact(table, alternative="greater").pvalue)
