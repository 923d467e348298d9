"""Where the agreement is lost: between whom, over which value, into which other value, on which item."""

from __future__ import annotations

import numpy as np
import polars as pl

from curate.algorithms.agreement.coefficients import COHEN, FORMULAS, RAW, point
from curate.algorithms.agreement.sheet import ordered, pairs_in, sheet_of, weighted
from curate.algorithms.agreement.summary import chosen


def pairwise(ratings: pl.DataFrame) -> pl.DataFrame:
    """Each pair of annotators who have items in common: a, b (by name), items, raw, kappa (Cohen's). The worst pair first; pairs
    without a kappa last.
    """
    sheet = sheet_of(ratings)
    rows = []
    for left, right in pairs_in(sheet.codes):
        pair = sheet.of_two(left, right)
        items = len(np.unique(pair.groups))
        rows.append((*pair.annotators, items, point(RAW, pair), point(COHEN, pair)))
    schema = {"a": pl.String, "b": pl.String, "items": pl.Int64, "raw": pl.Float64, "kappa": pl.Float64}
    return pl.DataFrame(rows, schema, orient="row").sort("kappa", "a", "b", nulls_last=True)


def per_value(ratings: pl.DataFrame, statistic: str = "auto") -> pl.DataFrame:
    """Each value against the rest, in the order of the values: value, ratings, raw, kappa, specific.

    ``ratings``: how many say so (by weight). ``kappa``: by the statistic that ``overall`` takes for all values. ``specific``: if somebody
    says so, how likely is it that another says so too (Cicchetti and Feinstein, *High agreement but low kappa: II*, 1990; over
    all pairs of ratings of an item where there are more than two). Null where undefined: no item has two ratings.

    Raises:
        ValueError: there is no such statistic.
    """
    sheet = sheet_of(ratings)
    formula = FORMULAS[chosen(sheet, statistic)]
    told = weighted(ratings).group_by("value").agg(pl.col("weight").sum().alias("ratings"))
    against_rest = [sheet.only(value) for value in sheet.values]
    measured = {
        "value": sheet.values,
        "raw": [point(RAW, single) for single in against_rest],
        "kappa": [point(formula, single) for single in against_rest],
    }
    schema = {"value": pl.String, "raw": pl.Float64, "kappa": pl.Float64}
    return (
        pl.DataFrame(measured, schema)
        .join(told, on="value", how="left", maintain_order="left")
        .join(_specific(ratings), on="value", how="left", maintain_order="left")
        .select("value", pl.col("ratings").cast(pl.Int64), "raw", "kappa", "specific")
    )


def confusion(ratings: pl.DataFrame) -> pl.DataFrame:
    """What stands against what: left, right, count, for all values by all values in their order.

    ``count``: pairs of ratings of one item of which one says ``left`` and the other ``right``, so that the table is symmetrical
    and each pair stands once in the upper triangle with its diagonal. For a few values: of k values it has k² rows.
    """
    counts = _counts(ratings)
    same = pl.col("left") == pl.col("right")
    ways = (
        pl.when(same)
        .then(pl.col("count") * (pl.col("count") - 1) // 2)
        .otherwise(pl.col("count") * pl.col("other"))
    )
    pairs = (
        counts.rename({"value": "left"})
        .join(counts.select("item", right="value", other="count"), on="item")
        .group_by("left", "right")
        .agg((ways * pl.col("weight")).sum().alias("count"))
    )
    values = pl.Series("left", ordered(ratings["value"].unique()), dtype=pl.String).to_frame()
    grid = values.join(values.rename({"left": "right"}), how="cross", maintain_order="left_right")
    return grid.join(pairs, on=["left", "right"], how="left", maintain_order="left").with_columns(
        pl.col("count").fill_null(0).cast(pl.Int64)
    )


def disagreement(ratings: pl.DataFrame) -> pl.DataFrame:
    """Each item with two ratings or more, the most disputed first: item, ratings, values (how many different ones), share (of
    its pairs of ratings that disagree, 0 to 1).
    """
    size = pl.col("count").sum()
    agreeing = (pl.col("count") * (pl.col("count") - 1)).sum()
    return (
        _counts(ratings)
        .group_by("item")
        .agg(
            size.cast(pl.Int64).alias("ratings"),
            pl.len().cast(pl.Int64).alias("values"),
            (1 - agreeing / (size * (size - 1))).alias("share"),
        )
        .filter(pl.col("ratings") >= 2)
        .sort("share", "ratings", "item", descending=[True, True, False])
    )


def _counts(ratings: pl.DataFrame) -> pl.DataFrame:
    """item, value, count, weight."""
    return (
        weighted(ratings)
        .group_by("item", "value")
        .agg(pl.len().cast(pl.Int64).alias("count"), pl.col("weight").max())
    )


def _specific(ratings: pl.DataFrame) -> pl.DataFrame:
    """value, specific."""
    others = pl.col("count").sum().over("item") - 1
    return (
        _counts(ratings)
        .with_columns(others.alias("others"))
        .group_by("value")
        .agg(
            (pl.col("weight") * pl.col("count") * (pl.col("count") - 1)).sum().alias("alike"),
            (pl.col("weight") * pl.col("count") * pl.col("others")).sum().alias("all"),
        )
        .select("value", pl.when(pl.col("all") > 0).then(pl.col("alike") / pl.col("all")).alias("specific"))
    )
