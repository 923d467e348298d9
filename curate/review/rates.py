"""Error rates by where a pair or row comes from, and how well the machines' scores foretell what people decide."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt
from statistics import NormalDist
from typing import Any

import polars as pl

from curate.review.sample import UNCERTAIN

#: the columns of an item by which rates are told; the fewest items of a group that is told
GROUPS = {"origin": 1, "task": 1, "corpus": 1, "prompt": 1, "source": 2}
#: groups that are told of one column
MOST_GROUPS = 20
#: the value that says that nothing is wrong, where a project has it
ACCEPT = "accept"


def rates_of(
    items: pl.DataFrame, decided: pl.DataFrame, values: tuple[str, ...], population: Mapping[str, int]
) -> dict[str, Any]:
    """The share of each value among what was decided, in all and by group, with Wilson's interval.

    Items that were picked because they looked doubtful are left out: they say nothing of the others. Where ``population``
    knows all strata, an item stands for as many as were not drawn beside it (its stratum's size by its sampled items), and
    the interval rests on Kish's effective number of items.

    Args:
        values: of the declared control, in the order of the page.
        population: stratum -> how many there are in all.
    """
    told = _random(items, decided)
    sizes = told.group_by("stratum").len("drawn")
    weighted = bool(population) and set(sizes["stratum"]) <= set(population)
    total = pl.col("stratum").replace_strict(dict(population), default=None, return_dtype=pl.Float64)
    weight = total / pl.col("drawn") if weighted else pl.lit(1.0)
    told = told.join(sizes, on="stratum", how="left", nulls_equal=True).with_columns(weight.alias("weight"))
    seen = [value for value in values if value in set(told["value"])]
    return {
        "weighted": weighted,
        "left_out": int(_decided(items, decided).height - told.height),
        "values": seen,
        "all": _lines(told.with_columns(pl.lit("").alias("group")), "group", seen, 1),
        "groups": {name: _lines(told, name, seen, fewest) for name, fewest in GROUPS.items()},
    }


def wilson(share: float, number: float, confidence: float = 0.95) -> tuple[float, float]:
    """The interval of a share (Wilson 1927), which stays within 0 to 1 and holds for few items too.

    Args:
        number: of items; need not be whole.
    """
    z = NormalDist().inv_cdf((1 + confidence) / 2)
    middle = share + z * z / (2 * number)
    half = z * sqrt(share * (1 - share) / number + z * z / (4 * number * number))
    scale = 1 + z * z / number
    return max(0.0, (middle - half) / scale), min(1.0, (middle + half) / scale)


def foretold(items: pl.DataFrame, decided: pl.DataFrame, score: str) -> dict[str, Any] | None:
    """How well a score (``judge`` or ``score``) tells what people accept from what they don't; None where there is nothing to
    compare.

    ``auc``: the chance that an accepted one has the higher score, ties counting half (Mann and Whitney 1947; 0.5 is
    guessing), with the interval of Hanley and McNeil (1982). Only what passed the gates is here, so it tells how the score does
    among the good ones, and less than it would among all. ``by_score``: items and the accepted share, of each tenth.
    """
    told = _decided(items, decided).filter(pl.col(score).is_not_null())
    if not told.height or ACCEPT not in set(decided["value"].drop_nulls()):
        return None
    accepted = pl.col("value") == ACCEPT
    good = told.filter(accepted).height
    bad = told.height - good
    bands = (
        told.group_by((pl.col(score) * 10).floor().clip(0, 9).cast(pl.Int64).alias("tenth"))
        .agg(pl.len().alias("items"), accepted.mean().alias("accepted"))
        .sort("tenth")
    )
    means = told.group_by("value").agg(pl.col(score).mean()).sort("value")
    found: dict[str, Any] = {
        "items": told.height,
        "means": dict(means.iter_rows()),
        "by_score": bands.to_dicts(),
        "auc": None,
    }
    if good and bad:
        ranks = told.select(pl.col(score).rank("average").filter(accepted).sum()).item()
        auc = (ranks - good * (good + 1) / 2) / (good * bad)
        low, high = _auc_interval(auc, good, bad)
        found |= {"auc": auc, "low": low, "high": high}
    return found


def _auc_interval(auc: float, good: int, bad: int, confidence: float = 0.95) -> tuple[float, float]:
    more, most = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (good - 1) * (more - auc * auc) + (bad - 1) * (most - auc * auc)
    half = NormalDist().inv_cdf((1 + confidence) / 2) * sqrt(max(0.0, spread) / (good * bad))
    return max(0.0, auc - half), min(1.0, auc + half)


def _decided(items: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """The items that have a decision, with its value."""
    values = decided.filter(pl.col("value").is_not_null()).select("item_id", "value")
    return items.join(values, on="item_id", maintain_order="left")


def _random(items: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    picked = pl.col("stratum").fill_null("").str.starts_with(UNCERTAIN)
    return _decided(items, decided).filter(~picked)


def _lines(told: pl.DataFrame, group: str, values: list[str], fewest: int) -> list[dict[str, Any]]:
    """A group a line, the worst first where something can be wrong: by the lower end of the share that is not accepted."""
    told = told.filter(pl.col(group).is_not_null())
    if not told.height:
        return []
    weight = pl.col("weight")
    shares = [(weight.filter(pl.col("value") == value).sum() / weight.sum()).alias(value) for value in values]
    sums = (
        told.group_by(group)
        .agg(pl.len().alias("items"), (weight.sum() ** 2 / (weight**2).sum()).alias("number"), *shares)
        .filter(pl.col("items") >= fewest)
        .sort(group)
    )
    lines = [
        {
            "group": row[group],
            "items": row["items"],
            "shares": {value: [row[value], *wilson(row[value], row["number"])] for value in values},
        }
        for row in sums.iter_rows(named=True)
    ]
    return sorted(lines, key=_worst)[:MOST_GROUPS]


def _worst(line: dict[str, Any]) -> tuple[float, int, str]:
    """Sorts the groups of which we are surest that much is wrong in front; the largest, where nothing can be wrong."""
    shares = line["shares"]
    if ACCEPT not in shares:
        return 0.0, -line["items"], str(line["group"])
    return shares[ACCEPT][2], -line["items"], str(line["group"])
