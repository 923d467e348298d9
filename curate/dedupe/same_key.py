"""same_key: versions of one record."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from curate.algorithms.minhash import I64
from curate.dedupe.decide import Decision
from curate.unit import Unit


class SameKey(Unit):
    """主键相同的行是同一条记录的不同版本，只留一版。 / Rows with one key are versions of one record; one stays."""

    use: Literal["same_key"] = "same_key"

    def decide(self, decision: Decision) -> None:
        """Remove all but the best version of each record."""
        parts = []
        for number, source in enumerate(decision.sources):
            if source.columns:
                key = pl.concat_str(
                    [pl.col(name).cast(pl.String) for name in source.columns], separator="\x1f"
                )
                scan = pl.scan_parquet(list(source.table.shards)).select(key=key, part=pl.lit(number))
                parts.append(scan.with_row_index("position", offset=int(decision.starts[number])).collect())
        if parts:
            keyed = pl.concat(parts).drop_nulls()
            rank = decision.rank[keyed["position"].to_numpy()]
            better, worse = stars(keyed.select("part", "key").with_columns(pl.Series("rank", rank)))
            decision.remove(better, worse, np.ones(len(worse)), "older_version")


def stars(grouped: pl.DataFrame) -> tuple[I64, I64]:
    """The best row of each group, and the others: ranks. ``rank`` and the columns that make a group -> pairs."""
    by = [name for name in grouped.columns if name != "rank"]
    pairs = grouped.with_columns(pl.col("rank").min().over(by).alias("best")).filter(
        pl.col("best") != pl.col("rank")
    )
    better, worse = (pairs[name].to_numpy().astype(np.int64) for name in ("best", "rank"))
    return better, worse
