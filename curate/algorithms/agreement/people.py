"""Each annotator against the others, and against what is known to be right."""

from __future__ import annotations

import polars as pl

from curate.algorithms.agreement.coefficients import cohen_kappa


def against_rest(ratings: pl.DataFrame) -> pl.DataFrame:
    """Each annotator against what most of the others said of the same item: annotator, items, raw, kappa; by name.

    Items that nobody else rated, or on which the others are split, are left out: 0 items, raw and kappa null if none is left.
    With two annotators both have the same figures: who of them is wrong cannot be told from ratings.
    """
    there = versus_rest(ratings)
    return _measured(ratings, there, "raw", pl.col("right").mean())


def against(ratings: pl.DataFrame, truth: pl.DataFrame) -> pl.DataFrame:
    """Each annotator against what is known: annotator, items, right (how many of them), kappa; by name.

    Args:
        truth: (item: str, value: str), each item once; items that are not in it are left out.
    """
    there = ratings.join(truth.select("item", other="value"), on="item", validate="m:1").with_columns(
        right=pl.col("value") == pl.col("other")
    )
    return _measured(ratings, there, "right", pl.col("right").sum().cast(pl.Int64)).with_columns(
        pl.col("right").fill_null(0)
    )


def versus_rest(ratings: pl.DataFrame) -> pl.DataFrame:
    """item, annotator, value, other (the most frequent value of the others), right (are they equal); only where the others
    have a most frequent value.
    """
    counts = ratings.group_by("item", "value").agg(pl.len().cast(pl.Int64).alias("count"))
    own = (pl.col("value") == pl.col("other")).cast(pl.Int64)
    return (
        ratings.select("item", "annotator", "value")
        .join(counts.rename({"value": "other"}), on="item")
        .with_columns(pl.col("count") - own)
        .filter(pl.col("count") > 0)
        .filter(pl.col("count") == pl.col("count").max().over("item", "annotator"))
        .filter(pl.len().over("item", "annotator") == 1)
        .select("item", "annotator", "value", "other", right=pl.col("value") == pl.col("other"))
        .sort("annotator", "item")
    )


def _measured(ratings: pl.DataFrame, there: pl.DataFrame, name: str, figure: pl.Expr) -> pl.DataFrame:
    """annotator, items, the figure, kappa; an annotator without items too."""
    told = there.group_by("annotator").agg(
        pl.len().cast(pl.Int64).alias("items"), figure.alias(name), "value", "other"
    )
    kappas = [cohen_kappa(told["value"][place], told["other"][place]) for place in range(told.height)]
    told = told.with_columns(pl.Series("kappa", kappas, dtype=pl.Float64))
    return (
        ratings.select(pl.col("annotator").unique().sort())
        .join(told, on="annotator", how="left", maintain_order="left")
        .select("annotator", pl.col("items").fill_null(0), name, "kappa")
    )
