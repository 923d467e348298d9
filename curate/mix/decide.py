"""The decision of the mix over narrow columns of all pairs, and carrying it out shard by shard."""

from __future__ import annotations

from typing import Any

import polars as pl

from curate.algorithms.cap import COPY
from curate.mix.balance import categorised, counts_of, filled_up, imbalance, lengthened, over_max
from curate.mix.contaminated import contaminated
from curate.mix.form import NARROW, Mix
from curate.mix.near import near
from curate.mix.quota import BEST_FIRST, over_quota
from curate.mix.repeated import repeated
from curate.rows import Outcome, Table, because
from curate.sql import ask

#: What is told of a pair: ``reason`` where it goes, else how many ``times`` it stands.
VERDICT = {
    "pair_id": pl.String,
    "reason": pl.String,
    "of": pl.String,
    "detail": pl.String,
    "similarity": pl.Float64,
    "times": pl.Int64,
}


def decide(tables: list[Table], mix: Mix) -> tuple[pl.DataFrame, dict[str, Any]]:
    """(a row of ``VERDICT`` for each pair that goes or is repeated, by pair_id; what to tell of the mix).

    Narrow: ids, scores and hashes of all pairs are held, texts of those only that are suspected of something.
    """
    columns = ["pair_id", "parent_id", "split", *NARROW]
    parts = [table.narrow(columns) for table in tables]
    if not parts:
        return pl.DataFrame(schema=VERDICT), {}
    left = _best_first(pl.concat(parts)).with_columns(pl.lit(1, pl.Int64).alias("times"))
    general = mix.general.corpus if mix.general else None
    verdicts: list[pl.DataFrame] = []

    def take(reason: str, found: pl.DataFrame) -> pl.DataFrame:
        verdicts.append(found.with_columns(pl.lit(reason).alias("reason")))
        return left.join(found, on="pair_id", how="anti", maintain_order="left")

    left = take("same_question", repeated(tables))
    left = take("near_duplicate", near(tables, left, mix.near))
    left = take("contaminated", contaminated(tables, left, mix.decontaminate))
    left = take("over_quota", over_quota(left, mix.quota))
    told: dict[str, Any] = {"messages": []}
    if mix.balance:
        told["before"] = imbalance(counts_of(categorised(left, mix.balance.by, general)))
        left = take("over_max", over_max(left, mix.balance, general))
        left, short = filled_up(left, mix.balance, general)
        told["messages"] += short
    if mix.long_tail:
        left, told["long_tail"], short = lengthened(left, mix.long_tail, general)
        told["messages"] += short
    if mix.balance:
        told["after"] = imbalance(counts_of(categorised(left, mix.balance.by, general)))
    verdicts.append(left.filter(pl.col("times") > 1).select("pair_id", "times"))
    told["copies"] = int((left["times"] - 1).sum())
    every = pl.concat([pl.DataFrame(schema=VERDICT), *verdicts], how="diagonal")
    return every.sort("pair_id"), told


def _best_first(pairs: pl.DataFrame) -> pl.DataFrame:
    """Test before validation before train, then as ``BEST_FIRST`` says: the order in which pairs stay."""
    return ask(
        f"""SELECT * FROM pairs ORDER BY CASE split WHEN 'test' THEN 0 WHEN 'validation' THEN 1 ELSE 2 END, {BEST_FIRST}""",
        pairs=pairs,
    )


def carry_out(pairs: pl.DataFrame, told: pl.DataFrame) -> Outcome:
    """The verdicts on the pairs of a shard: ``kept`` holds a repeated pair several times, the further ones as ``ID~2`` …"""
    marked = pairs.join(told, on="pair_id", how="left", maintain_order="left")
    gone = marked.filter(pl.col("reason").is_not_null())
    more = [name for name in VERDICT if name != "pair_id"]
    dropped = because(
        # a pair is its own row from here on: its id is the row_id that trace and accounting know
        gone.drop(more).with_columns(pl.col("pair_id").alias("row_id")),
        pl.lit(gone["reason"]),
        detail=pl.lit(gone["detail"]),
        of=pl.lit(gone["of"]),
        similarity=pl.lit(gone["similarity"]),
    )
    times = pl.col("times").fill_null(1)
    kept = (
        marked.filter(pl.col("reason").is_null())
        .with_columns(pl.int_ranges(1, times + 1).alias("copy"))
        .explode("copy")
        .with_columns(
            pair_id=pl.when(pl.col("copy") > 1)
            .then(pl.format("{}" + COPY + "{}", "pair_id", "copy"))
            .otherwise("pair_id")
        )
        .drop(more, "copy")
    )
    return Outcome(kept, dropped)
