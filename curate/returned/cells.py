"""Cells: returned values go into rows, as the types of their columns."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

import polars as pl

from curate.rows import time_text, with_text

#: What became of each returned value: ``returned``, ``stale`` where the source has changed since, ``absent`` where it has the row no more.
NOTE = dict.fromkeys(["row_id", "unit", "column", "what", "value"], pl.String)
UNIT = "returned"


def noted(patches: pl.DataFrame, what: str) -> pl.DataFrame:
    """``NOTE`` of some patches."""
    return patches.select("row_id", pl.lit(UNIT).alias("unit"), "column", pl.lit(what).alias("what"), "value")


def put_in(
    rows: pl.DataFrame, patches: pl.DataFrame, derived_text: str | None
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """``rows`` with the values of ``patches`` (``PATCH``), and ``NOTE``: what became of those of these rows.

    A text that is made of other columns is made anew in rows where one has changed.
    """
    notes = []
    patched = rows
    mine = patches.filter(pl.col("row_id").is_in(rows["row_id"].implode()))
    for (column,), part in mine.partition_by("column", as_dict=True, maintain_order=True).items():
        name = str(column)
        told = noted(part, "stale")
        if name in rows.columns:
            cells = as_cells(rows.select("row_id", name), [name]).rename({name: "now"})
            found = part.join(cells, on="row_id", how="left", maintain_order="left")
            typed = typed_as(found["value"], rows.schema[name])
            fits = (found["now"].eq_missing(found["was"]) | found["now"].eq_missing(found["value"])) & (
                typed.is_not_null() | found["value"].is_null()
            )
            told = told.with_columns(pl.when(fits).then(pl.lit("returned")).otherwise("what").alias("what"))
            new = pl.DataFrame({"row_id": found["row_id"], "new": typed, "fits": fits}).filter("fits")
            patched = _with(patched, name, new)
        notes.append(told)
    if derived_text is not None and not patched.equals(rows):
        patched = _text_anew(rows, patched, derived_text)
    return patched, pl.concat([pl.DataFrame(schema=NOTE), *notes]).sort("row_id", "column")


def _with(rows: pl.DataFrame, column: str, new: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with the values ``new`` (row_id, new, fits) in ``column``."""
    values = rows.select("row_id").join(new, on="row_id", how="left", maintain_order="left")
    taken = values["fits"].fill_null(False)
    return rows.with_columns(pl.when(taken).then(values["new"]).otherwise(pl.col(column)).alias(column))


def _text_anew(rows: pl.DataFrame, patched: pl.DataFrame, derived_text: str) -> pl.DataFrame:
    """Only of rows that have changed: a template over 50,000 rows takes its time."""
    other = pl.any_horizontal(
        patched[name].ne_missing(rows[name]) for name in rows.columns if not rows.schema[name].is_nested()
    )
    nested = [name for name, kind in rows.schema.items() if kind.is_nested()]
    changed = pl.select(other).to_series() if not nested else pl.repeat(True, rows.height, eager=True)
    places = changed.arg_true()
    texts = with_text(patched[places], derived_text)["text"]
    return patched.with_columns(patched["text"].clone().scatter(places, texts))


def as_cells(rows: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """``row_id`` and some columns as the text that a person would type; a list or mapping as JSON."""
    return rows.select("row_id", *(_as_cell(name, rows) for name in columns))


def _as_cell(name: str, rows: pl.DataFrame) -> pl.Expr:
    if rows.schema[name].is_nested():
        values = rows[name].to_list()
        told = [None if v is None else json.dumps(v, ensure_ascii=False, default=str) for v in values]
        return pl.lit(pl.Series(name, told, dtype=pl.String)).alias(name)
    return time_text(name, rows).cast(pl.String, strict=False).alias(name)


def typed_as(values: pl.Series, kind: pl.DataType) -> pl.Series:
    """Texts in the type of their column; null where it cannot hold one. Of few values: what people typed."""
    if kind == pl.String():
        return values
    if kind.is_numeric():
        return values.str.strip_chars().cast(kind, strict=False)
    read = _reader(kind)
    cells = [None if value is None else read(value.strip()) for value in values]
    return pl.Series(values.name, cells, dtype=kind, strict=False)


def _reader(kind: pl.DataType) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            if kind == pl.Boolean():
                return {"true": True, "false": False}.get(text.lower())
            if kind == pl.Date():
                return date.fromisoformat(text)
            return datetime.fromisoformat(text) if kind == pl.Datetime else json.loads(text)
        except ValueError:
            return None

    return read
