"""Balance of categories: how uneven they are, what is cut, and what is repeated. Always rows, never sampling weights: a
trainer that draws by weights would train on another share of a model's pairs than the files hold.
"""

from __future__ import annotations

from math import log
from typing import Any

import polars as pl

from curate.algorithms.cap import as_fraction, needed
from curate.language import say
from curate.mix.form import NARROW, Balance, LongTail
from curate.mix.quota import BEST_FIRST, beyond_the_best
from curate.pairs import ASKED_ONLY
from curate.rows import Table
from curate.sql import ask

#: Effective numbers: how much of a further pair of a category is new (Cui et al. 2019 use 0.9 to 0.9999).
BETA = 0.999


def category(pairs: pl.DataFrame, by: str) -> pl.Series:
    """The category of each pair as text; null where it has none."""
    return ask(f"SELECT ({by}\n)::VARCHAR AS category FROM pairs", pairs=pairs.select(NARROW))["category"]


def trained(without: str | None = None) -> pl.Expr:
    """Is a pair trained on, and of another corpus than ``without``?"""
    train = (pl.col("split") == "train") & ~pl.col("kind").is_in(ASKED_ONLY)
    return train & (pl.col("corpus") != without) if without else train


def imbalance(counts: dict[str, int]) -> dict[str, Any]:
    """How uneven categories are: ``ratio`` of the largest to the smallest, and the ``evenness`` of their shares, Shannon's
    entropy over its maximum (Pielou's J): 1 where all are equal.
    """
    total = sum(counts.values())
    if not total:
        return {"categories": counts, "ratio": None, "evenness": None}
    shares = [count / total for count in counts.values()]
    entropy = -sum(share * log(share) for share in shares)
    return {
        "categories": counts,
        "ratio": round(max(counts.values()) / min(counts.values()), 3),
        "evenness": round(entropy / log(len(counts)), 4) if len(counts) > 1 else 1.0,
    }


def class_weights(counts: dict[str, int], how: str = "balanced") -> dict[str, float]:
    """Category -> its weight in a loss. ``balanced``: n / (categories * count), as scikit-learn defines it. ``effective``:
    (1 - beta) / (1 - beta^count), scaled to the mean 1 (Cui et al., *Class-balanced loss based on effective number of
    samples*, CVPR 2019).
    """
    total = sum(counts.values())
    if how == "balanced":
        return {name: round(total / (len(counts) * count), 6) for name, count in counts.items()}
    raw = {name: (1 - BETA) / (1 - BETA**count) for name, count in counts.items()}
    mean = sum(raw.values()) / len(raw) if raw else 1.0
    return {name: round(weight / mean, 6) for name, weight in raw.items()}


def weights_of(tables: list[Table], balance: Balance, general: str | None) -> dict[str, Any]:
    """What ``class_weights.json`` holds: the categories of the training set as it is written, with their weights."""
    parts = [table.narrow(["split", *NARROW]) for table in tables]
    if not parts:
        return {}
    left = categorised(pl.concat(parts), balance.by, general)
    counts = counts_of(left)
    return {
        "by": balance.by,
        "how": balance.weights,
        "weights": class_weights(counts, balance.weights),
        **imbalance(counts),
    }


def categorised(left: pl.DataFrame, by: str, general: str | None) -> pl.DataFrame:
    """The pairs that have a category and are trained on; general-domain pairs are none of the categories."""
    mine = left.filter(trained(general))
    return mine.with_columns(category(mine, by)).drop_nulls("category")


def counts_of(categorised: pl.DataFrame) -> dict[str, int]:
    """Category -> rows, with their repetitions, the largest first."""
    rows = pl.col("times").sum() if "times" in categorised.columns else pl.len()
    counted = categorised.group_by("category").agg(rows.alias("rows"))
    return dict(counted.sort("rows", "category", descending=[True, False]).iter_rows())


def over_max(left: pl.DataFrame, options: Balance, general: str | None) -> pl.DataFrame:
    """(pair_id, detail) of the pairs beyond ``max`` of a category; a real pair stays before a template's and a model's."""
    if options.max is None:
        return pl.DataFrame(schema={"pair_id": pl.String, "detail": pl.String})
    beyond = beyond_the_best(categorised(left, options.by, general), ("category",), options.max)
    told = pl.format(say("{}：最多 {} 条", "{}: {} at the most"), "category", pl.lit(options.max))
    return beyond.select("pair_id", told.alias("detail"))


def filled_up(left: pl.DataFrame, options: Balance, general: str | None) -> tuple[pl.DataFrame, list[str]]:
    """``left`` with ``times`` raised so that each category has ``min`` rows; and what could not be reached."""
    told: list[str] = []
    if options.min is None:
        return left, told
    mine = categorised(left, options.by, general)
    for name, rows in counts_of(mine).items():
        left, reached = _repeated(
            left, mine.filter(pl.col("category") == name), options.min - rows, options.times
        )
        if rows + reached < options.min:
            told.append(
                say(
                    f"{options.by} 为 {name} 的只有 {rows + reached} 条，不到 {options.min}：每条最多出现 {options.times} 次，大模型写的不重复",
                    f"{options.by} {name} has {rows + reached} rows, fewer than {options.min}: a pair stands {options.times} "
                    "times at the most, and a model's once",
                )
            )
    return left, told


def lengthened(
    left: pl.DataFrame, options: LongTail, general: str | None
) -> tuple[pl.DataFrame, dict[str, Any], list[str]]:
    """``left`` with ``times`` raised so that rare categories make up ``share`` of the training set without its general
    pairs; figures; and what could not be reached.
    """
    mine = categorised(left, options.by, general)
    counts = counts_of(mine)
    limit = _rare_below(sorted(counts.values()), options.below)
    rare = mine.filter(pl.col("category").is_in([name for name, rows in counts.items() if rows < limit]))
    total = int(left.filter(trained(general))["times"].sum())
    there, share = int(rare["times"].sum()), as_fraction(options.share)
    more = needed(there, total, share)
    left, reached = _repeated(left, rare, more, options.times)
    figures = {
        "below": limit,
        "categories": rare["category"].n_unique(),
        "rows": there + reached,
        "share": round((there + reached) / (total + reached), 4) if total else None,
    }
    if reached == more:
        return left, figures, []
    short = say(
        f"少见的类别（{options.by}，少于 {limit} 条）只占 {figures['share']:.1%}，不到 {float(share):.1%}：每条最多出现 {options.times} 次，大模型写的不重复",
        f"rare categories ({options.by}, fewer than {limit}) make up {figures['share']:.1%}, not {float(share):.1%}: a pair "
        f"stands {options.times} times at the most, and a model's once",
    )
    return left, figures, [short]


def _rare_below(counts: list[int], below: int | str) -> int:
    """Categories with fewer rows are rare: the number itself, or one more than that quantile of the counts (nearest rank)."""
    if isinstance(below, int):
        return below
    place = int(as_fraction(below) * len(counts))
    return counts[place - 1] + 1 if counts and place else 0


def _repeated(left: pl.DataFrame, some: pl.DataFrame, more: int, most: int) -> tuple[pl.DataFrame, int]:
    """``left`` with ``more`` repetitions of ``some`` pairs, dealt out evenly from the best pair on; and how many there
    were: a pair stands ``most`` times at the most, a model's once.
    """
    own = some.filter((pl.col("origin") != "llm") & (pl.col("times") < most))
    if more <= 0 or own.is_empty():
        return left, 0
    # a deal is one more row of each pair that still may have one
    dealt = ask(
        f"""SELECT pair_id, count(*) AS more FROM (
              SELECT pair_id FROM (SELECT *, row_number() OVER (ORDER BY {BEST_FIRST}) AS turn FROM pairs),
                     range(1, {most}) AS deals(deal)
              WHERE deal <= {most} - times ORDER BY deal, turn LIMIT {more}) GROUP BY pair_id""",
        pairs=own.select("pair_id", "origin", "score", "times"),
    )
    raised = left.join(dealt, on="pair_id", how="left", maintain_order="left").with_columns(
        pl.col("times") + pl.col("more").fill_null(0)
    )
    return raised.drop("more"), int(dealt["more"].sum())
