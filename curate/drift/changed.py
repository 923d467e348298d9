"""Which rows came, went, or say something else: by their ``row_id`` and a hash of their values."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from curate.rows import ROUTED, SYSTEM, Table


@dataclass(frozen=True)
class Rows:
    """Rows by what became of them. ``changed``: some of them another value in a column that both runs have."""

    before: int
    after: int
    added: int
    removed: int
    changed: int


def changed_rows(before: Table, after: Table) -> Rows:
    """Ids and hashes of both are held at once, never values."""
    columns = [
        name
        for name, kind in before.schema.items()
        if name not in SYSTEM
        and name not in ROUTED
        and after.schema.get(name) == kind
        and not kind.is_nested()
    ]
    one, two = _hashes(before, columns), _hashes(after, columns)
    both = one.join(two, on="row_id", suffix="_after")
    return Rows(
        before=one.height,
        after=two.height,
        added=two.height - both.height,
        removed=one.height - both.height,
        changed=both.filter(pl.col("hash") != pl.col("hash_after")).height,
    )


def _hashes(table: Table, columns: list[str]) -> pl.DataFrame:
    parts = [
        frame.select("row_id").with_columns(hash=frame.select(columns).hash_rows(0) if columns else pl.lit(0, pl.UInt64))
        for frame in table.frames(["row_id", *columns])
    ]  # fmt: skip
    return pl.concat(parts) if parts else pl.DataFrame(schema={"row_id": pl.String, "hash": pl.UInt64})
