"""Rows: the system columns in front of every row, what a unit gives back, and tables on disk."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

#: Columns that curate adds. ``row_id``: ``corpus:key``; ``cluster_id``: the row_id that stands for a group of
#: similar rows (the split keeps a group together); ``copies``: how many rows this one stands for.
SYSTEM = {"row_id": pl.String, "corpus": pl.String, "cluster_id": pl.String, "copies": pl.Int64}
#: Columns every row has, which a source may fill through ``columns:``.
COMMON = {"text": pl.String, "updated_at": pl.String}
#: Columns that the split adds.
ROUTED = {"tier": pl.String, "split": pl.String}
#: Columns of a dropped row, behind its own. ``of``: the row_id it was a copy of; ``similarity`` in 0..1.
WHY = {"reason": pl.String, "detail": pl.String, "of": pl.String, "similarity": pl.Float64}
#: Columns that cleaners add to say something of the row; they are no data of its own.
ADDED = frozenset({"quality", "quality_why", "flags"})
#: Names that no source column may have.
RESERVED = frozenset({*SYSTEM, *ROUTED, *WHY})

#: The parts of the rows that train.
SPLITS = ("train", "validation", "test")
#: A chunk of a retrieved row's text; ``start`` and ``end`` in characters, end exclusive.
CHUNK = dict.fromkeys(["chunk_id", "parent_id", "corpus", "title", "text"], pl.String) | {
    "start": pl.Int64,
    "end": pl.Int64,
    "updated_at": pl.String,
}


#: A row of which a unit inside a step changed a column.
CHANGE = {"row_id": pl.String, "unit": pl.String, "column": pl.String}


@dataclass(frozen=True)
class Outcome:
    """What a unit gives back for some rows: every row it was given is in exactly one of the two frames.

    ``dropped`` carries the columns of ``WHY`` besides the row's own. A step that is made of several units also tells
    ``changes`` (the columns of ``CHANGE``), ``notes`` (what units tell besides the rows), and ``units``: what each
    of them did, as counts.
    """

    kept: pl.DataFrame
    dropped: pl.DataFrame
    changes: pl.DataFrame | None = None
    notes: pl.DataFrame | None = None
    units: tuple[dict[str, Any], ...] = ()


def nothing_dropped(rows: pl.DataFrame) -> pl.DataFrame:
    """An empty frame of dropped rows that fits ``rows``."""
    return because(rows.clear(), pl.lit(None, pl.String))


def because(
    rows: pl.DataFrame,
    reason: pl.Expr,
    *,
    detail: pl.Expr | None = None,
    of: pl.Expr | None = None,
    similarity: pl.Expr | None = None,
) -> pl.DataFrame:
    """``rows`` as dropped rows, with the columns of ``WHY`` behind their own."""
    given = {"reason": reason, "detail": detail, "of": of, "similarity": similarity}
    return rows.with_columns(
        (pl.lit(None) if expr is None else expr).cast(WHY[name]).alias(name) for name, expr in given.items()
    )


def keep_where(
    rows: pl.DataFrame, rules: Mapping[str, pl.Expr], details: Mapping[str, pl.Expr] | None = None
) -> Outcome:
    """Keep the rows for which every rule holds; the name of the first rule that fails is the reason.

    Args:
        rules: reason -> boolean expression that a good row fulfils; null counts as not fulfilled.
        details: reason -> expression that says more about a row that this rule drops.
    """
    checked = rows.with_columns(
        pl.coalesce(pl.when(~rule.fill_null(False)).then(pl.lit(name)) for name, rule in rules.items()).alias(
            "reason"
        )
    )
    bad = checked.filter(pl.col("reason").is_not_null())
    more = [
        pl.when(pl.col("reason") == name).then(expr.cast(pl.String)) for name, expr in (details or {}).items()
    ]
    return Outcome(
        kept=checked.filter(pl.col("reason").is_null()).drop("reason"),
        dropped=because(bad, pl.col("reason"), detail=pl.coalesce(more) if more else None),
    )


@dataclass(frozen=True)
class Table:
    """A table on disk: parquet shards that share one schema, in order."""

    corpus: str
    shards: tuple[Path, ...]

    @cached_property
    def heights(self) -> tuple[int, ...]:
        """Rows of each shard, from the parquet footers."""
        return tuple(pl.scan_parquet(shard).select(pl.len()).collect().item() for shard in self.shards)

    @property
    def rows(self) -> int:
        return sum(self.heights)

    @cached_property
    def schema(self) -> dict[str, pl.DataType]:
        return dict(pl.read_parquet_schema(self.shards[0]))

    def narrow(self, columns: list[str]) -> pl.DataFrame:
        """A few columns of all shards at once; for columns that are small (ids, hashes, dates), never texts."""
        return pl.scan_parquet(list(self.shards)).select(columns).collect()

    def frames(self, columns: list[str] | None = None) -> Iterator[pl.DataFrame]:
        """One shard after the other."""
        for shard in self.shards:
            yield pl.read_parquet(shard, columns=columns)


def trains(table: Table) -> bool:
    """Has the table, behind the split, a row that trains, validates or tests?"""
    return any(frame["split"].null_count() < frame.height for frame in table.frames(["split"]))


def value_columns(rows: pl.DataFrame) -> list[str]:
    """The row's own columns: all but what curate added."""
    return [name for name in rows.columns if name not in RESERVED]


def with_text(rows: pl.DataFrame, derived: str | None) -> pl.DataFrame:
    """``rows`` with ``text`` made anew from the other columns, where it is made from them."""
    from curate.algorithms.template import RowTemplate

    if derived is None:
        return rows
    if "{" not in derived:
        return rows.with_columns(pl.col(derived).cast(pl.String).alias("text"))
    return rows.with_columns(RowTemplate(derived).render(rows).alias("text"))


def time_text(column: str, rows: pl.DataFrame) -> pl.Expr:
    """A column of times, dates or texts as text, without empty fractions of a second."""
    if rows.schema[column] == pl.Datetime:
        return pl.col(column).dt.strftime("%Y-%m-%d %H:%M:%S")
    return pl.col(column).cast(pl.String)
