"""Cells of free text that give something away: left for the gate, emptied, or redacted, and what is told of them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import polars as pl

from curate.privacy.free_text import NOTE, Hidden, spans, without

Action = Literal["stop", "drop", "redact"]
#: rows named as examples
EXAMPLES = 5


def treated(
    rows: pl.DataFrame, name: str, hidden: Sequence[Hidden], action: Action, *, personal: bool = True
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows with what a column gives away treated, and notes of it (``NOTE``).

    ``stop`` leaves the cells: the gate behind ends the run. A list in which something is found is emptied whole.
    """
    values = rows[name]
    nested = values.dtype.is_nested()
    action = "drop" if nested and action == "redact" else action
    found = spans(_as_text(values), [one for one in hidden if one.column != name], personal=personal)
    notes = [
        (rows["row_id"][place], name, kind, of, action)
        for place, told in found.items()
        for kind, of in sorted({(one.kind, one.of) for one in told}, key=str)
    ]
    if found and action == "redact":
        new = pl.Series([without(values[place], told) for place, told in found.items()], dtype=pl.String)
        rows = rows.with_columns(values.clone().scatter(list(found), new))
    elif found and action == "drop":
        there = ~pl.int_range(rows.height, eager=True).is_in(list(found))
        rows = rows.with_columns(pl.when(there).then(pl.col(name)))
    return rows, pl.DataFrame(notes, schema=NOTE, orient="row")


def _as_text(values: pl.Series) -> pl.Series:
    if values.dtype == pl.List(pl.String):
        return values.list.join("、", ignore_nulls=True)
    if values.dtype.is_nested():
        return pl.Series(
            values.name, [None if value is None else str(value) for value in values], dtype=pl.String
        )
    return values


def summed(notes: Sequence[Path]) -> dict[str, Any]:
    """Column -> what was done, cells, kinds with cells each, and a few row_ids; no values."""
    if not notes:
        return {}
    every = pl.concat(pl.read_parquet(file) for file in notes)
    told = {}
    for (column, action), own in every.group_by("column", "action", maintain_order=True):
        what = own.select(pl.coalesce("of", "kind").alias("what"), "row_id").unique()
        kinds = what.group_by("what").len().sort("len", "what", descending=[True, False])
        told[str(column)] = {
            "action": action,
            "cells": own["row_id"].n_unique(),
            "kinds": dict(kinds.iter_rows()),
            "rows": own["row_id"].unique().sort().head(EXAMPLES).to_list(),
        }
    return told
