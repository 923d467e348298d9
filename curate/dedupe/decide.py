"""What the methods of dedupe share: who is better, what becomes of each row, and carrying it out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.components import I64, components, representatives
from curate.algorithms.text import normal_form
from curate.files import write_parquet
from curate.rows import Outcome, Table, because, value_columns
from curate.sql import ask

Criterion = Literal["updated_at", "completeness", "length"]


@dataclass(frozen=True)
class Source:
    """A corpus as dedupe sees it. ``key`` is the cache key of its table."""

    table: Table
    key: str
    columns: tuple[str, ...]  #: the declared key columns
    identity: tuple[str, ...]  #: rows that differ in one of these are never duplicates

    @property
    def name(self) -> str:
        return self.table.corpus


def ranked(sources: list[Source], keep: list[Criterion]) -> pl.DataFrame:
    """All rows of all corpora, narrow, from the best to the worst: their place in this frame is their number.

    Columns: row_id, corpus (its number), cluster_id, copies, position (in the order of the files), ``id0`` …
    (hashes of the identity values; null where empty).
    """
    frames = []
    for number, source in enumerate(sources):
        own = [name for name in value_columns(pl.DataFrame(schema=source.table.schema)) if name != "text"]
        frames.append(
            pl.scan_parquet(list(source.table.shards))
            .select(
                "row_id",
                "cluster_id",
                "copies",
                pl.lit(number).alias("corpus"),
                pl.col("updated_at").cast(pl.String),
                pl.sum_horizontal(pl.col(name).is_not_null() for name in own).alias("completeness"),
                pl.col("text").str.len_chars().alias("length"),
                *(_identity(column).alias(f"id{place}") for place, column in enumerate(source.identity)),
            )
            .collect()
        )
    rows = pl.concat(frames, how="diagonal").with_row_index("position")
    return rows.sort(
        ["corpus", *keep, "row_id"], descending=[False, *(True for _ in keep), False], nulls_last=True
    ).drop("updated_at", "completeness", "length")


def _identity(column: str) -> pl.Expr:
    value = normal_form(pl.col(column).cast(pl.String))
    return pl.when(value != "").then(value.hash(seed=0))


def same_identity(rows: pl.DataFrame, left: I64, right: I64) -> npt.NDArray[np.bool_]:
    """For pairs of rows: is no identity value there on both sides and different?"""
    same = np.ones(len(left), dtype=bool)
    for name in (name for name in rows.columns if name.startswith("id")):
        known = rows[name].is_not_null().to_numpy()
        value = rows[name].fill_null(0).to_numpy()
        same &= ~(known[left] & known[right] & (value[left] != value[right]))
    return same


def verdicts(
    rows: pl.DataFrame,
    better: I64,
    worse: I64,
    similarity: npt.NDArray[np.float64],
    alike: tuple[I64, I64] | None = None,
) -> pl.DataFrame:
    """What becomes of the rows that a method touches.

    Columns: row_id, corpus (its number), of, similarity, cluster_id, copies. ``cluster_id`` of a group is the
    one among its members' with the smallest MD5: it changes only when a newcomer happens to have a smaller one,
    so that a row's split stays where it was when the data grows.

    Args:
        alike: further pairs that belong together without being removed.
    """
    of = representatives(rows.height, better, worse, similarity)
    removed = np.flatnonzero(of >= 0)
    copies = rows["copies"].to_numpy().copy()
    np.add.at(copies, of[removed], copies[removed])
    gone = (
        pl.DataFrame({"number": removed, "better": of[removed], "of": rows["row_id"].gather(of[removed])})
        .join(
            pl.DataFrame({"number": worse, "better": better, "similarity": similarity}),
            on=["number", "better"],
            how="left",
        )
        .drop("better")
    )
    groups = [(better, worse), alike] if alike else [(better, worse)]
    left, right = (np.concatenate(side) for side in zip(*groups, strict=True))
    told = (
        rows.select("row_id", "corpus", old=pl.col("cluster_id"), was=pl.col("copies"))
        .with_columns(
            pl.Series("number", np.arange(rows.height)),
            pl.Series("copies", copies),
            pl.Series("label", components(rows.height, left, right)),
        )
        .join(gone, on="number", how="left")
    )
    anchored = told.join(_anchors(told), on="label", how="left")
    anchored = anchored.with_columns(pl.coalesce("cluster_id", "old").alias("cluster_id"))
    touched = pl.any_horizontal(
        pl.col("of").is_not_null(), pl.col("cluster_id") != pl.col("old"), pl.col("copies") != pl.col("was")
    )
    columns = ["row_id", "corpus", "of", "similarity", "cluster_id", "copies"]
    return anchored.filter(touched).select(columns).sort("row_id")


def _anchors(told: pl.DataFrame) -> pl.DataFrame:
    """label, cluster_id: of each group of several rows the ``old`` one with the smallest MD5."""
    crowded = told.filter(pl.len().over("label") > 1).select("label", "old")
    return ask(
        "SELECT label, arg_min(old, (md5(old), old)) AS cluster_id FROM rows GROUP BY label", rows=crowded
    )


def write_verdicts(folder: Path, sources: list[Source], told: pl.DataFrame) -> None:
    """One file a corpus, so that a corpus whose verdicts did not change keeps its results."""
    for number, source in enumerate(sources):
        write_parquet(
            folder / f"{source.name}.parquet", told.filter(pl.col("corpus") == number).drop("corpus")
        )


def carry_out(rows: pl.DataFrame, told: pl.DataFrame, reason: str) -> Outcome:
    """Drop and mark the rows of one shard as ``told``."""
    marked = rows.drop("cluster_id", "copies").join(told, on="row_id", how="left", maintain_order="left")
    whole = rows.with_columns(
        pl.coalesce(marked["cluster_id"], rows["cluster_id"]).alias("cluster_id"),
        pl.coalesce(marked["copies"], rows["copies"]).alias("copies"),
    )
    gone = marked["of"].is_not_null()
    why = marked.filter(gone)
    dropped = because(
        whole.filter(gone), pl.lit(reason), of=pl.lit(why["of"]), similarity=pl.lit(why["similarity"])
    )
    return Outcome(whole.filter(~gone), dropped)
