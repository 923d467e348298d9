"""exact: the same text."""

from __future__ import annotations

from typing import Literal

import polars as pl

from curate.algorithms.text import normal_form
from curate.dedupe.decide import Criterion, Source, ranked
from curate.dedupe.same_key import by_group
from curate.sql import ask
from curate.unit import Unit


class Exact(Unit):
    """正文（去掉标点、空白，统一大小写和全半角后）完全相同的行只留一行。 / Of rows with the same normalised text one stays.

    The texts are compared by the MD5 of their normal form, within one corpus. An empty text is like no other.
    """

    use: Literal["exact"] = "exact"

    def decide(self, sources: list[Source], keep: list[Criterion]) -> pl.DataFrame:
        rows = ranked(sources, keep)
        hashes = []
        for source in sources:
            for shard in source.table.frames(["row_id", "text"]):
                plain = shard.select("row_id", normal_form(pl.col("text")).alias("text"))
                hashes.append(
                    ask("SELECT row_id, CASE WHEN text <> '' THEN md5(text) END AS md5 FROM rows", rows=plain)
                )
        ids = [name for name in rows.columns if name.startswith("id")]
        # an empty identity value counts as a value of its own here: it must not bridge two that differ
        whole = pl.concat(hashes).join(
            rows.select(
                "row_id",
                "corpus",
                pl.concat_str(
                    [pl.lit("")] + [pl.col(name).cast(pl.String).fill_null("") for name in ids],
                    separator="\x1f",
                ).alias("identity"),
            ),
            on="row_id",
        )
        return by_group(
            rows,
            whole.select("row_id", pl.col("corpus").alias("part"), "md5", "identity"),
            ["part", "md5", "identity"],
        )
