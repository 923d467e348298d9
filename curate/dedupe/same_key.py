"""same_key: versions of one record."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from curate.dedupe.decide import Criterion, Source, ranked, verdicts
from curate.unit import Unit


class SameKey(Unit):
    """主键相同的行是同一条记录的不同版本，只留一版。 / Rows with one key are versions of one record; one stays."""

    use: Literal["same_key"] = "same_key"

    def decide(self, sources: list[Source], keep: list[Criterion]) -> pl.DataFrame:
        rows = ranked(sources, keep)
        parts = []
        for number, source in enumerate(sources):
            if source.columns:
                key = pl.concat_str(
                    [pl.col(name).cast(pl.String) for name in source.columns], separator="\x1f"
                )
                scan = pl.scan_parquet(list(source.table.shards))
                parts.append(scan.select("row_id", key.alias("key"), pl.lit(number).alias("part")).collect())
        keyed = (
            pl.concat(parts)
            if parts
            else pl.DataFrame(schema={"row_id": pl.String, "key": pl.String, "part": pl.Int32})
        )
        return by_group(rows, keyed, ["part", "key"])


def by_group(rows: pl.DataFrame, grouped: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    """Verdicts where rows with equal, non-null ``columns`` are the same and the best of each group stays."""
    numbered = rows.select("row_id").with_row_index("number").join(grouped, on="row_id")
    stars = (
        numbered.drop_nulls(columns)
        .sort("number")
        .with_columns(pl.col("number").first().over(columns).alias("best"))
        .filter(pl.col("best") != pl.col("number"))
    )
    better, worse = (stars[name].to_numpy().astype(np.int64) for name in ("best", "number"))
    return verdicts(rows, better, worse, np.ones(len(worse)))
