"""Coverage: how rows are spread over categories and time, how long the tail is, which cells of a matrix are empty."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from math import ceil
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import polars as pl
from pydantic import BaseModel

from curate.engines.local import map_shards
from curate.rows import Table
from curate.three_c.codes import shown
from curate.three_c.form import Axis, LongTail, Matrix, axis_column, axis_period

#: values of a distribution, categories of a tail, empty cells that are told; the files have all of them
VALUES, CATEGORIES, CELLS = 40, 20, 60
#: rows and columns of a matrix that are shown
GRID = 30
#: how a year and a month begin, where a column of dates is text
_MONTH = r"^([0-9]{4})[-/.年]([0-9]{1,2})"
#: a column is longer than this from its first to its last month only by a mistaken date
MOST_PERIODS = 1200


def values_of(axis: Axis, dtype: pl.DataType) -> pl.Expr:
    """The category of each row as text: null where the cell is empty, or holds no date."""
    column, period = axis_column(axis), axis_period(axis)
    if period is None:
        values = (
            pl.col(column).list.eval(pl.element().cast(pl.String)) if dtype == pl.List else pl.col(column)
        )
        values = values.cast(pl.List(pl.String) if dtype == pl.List else pl.String)
        return values if dtype == pl.List else _filled(values)
    if dtype.is_temporal():
        year, month = pl.col(column).dt.year(), pl.col(column).dt.month()
    else:
        parts = pl.col(column).cast(pl.String).str.strip_chars().str.extract_groups(_MONTH)
        year, month = (parts.struct.field(name).cast(pl.Int32) for name in ("1", "2"))
    if period == "year":
        return year.cast(pl.String).str.zfill(4)
    if period == "quarter":
        return pl.format("{}-Q{}", year.cast(pl.String).str.zfill(4), (month + 2) // 3)
    return pl.format("{}-{}", year.cast(pl.String).str.zfill(4), month.cast(pl.String).str.zfill(2))


def _filled(values: pl.Expr) -> pl.Expr:
    bare = values.str.strip_chars()
    return pl.when(bare != "").then(bare)


def counts_of(table: Table, axes: Sequence[Axis]) -> pl.DataFrame:
    """``v0``, ``v1`` … (the values of the axes), ``rows``: how many rows have each combination; a list counts with each value."""

    def one(shard: Path) -> pl.DataFrame:
        schema = pl.read_parquet_schema(shard)
        columns = list(dict.fromkeys(axis_column(axis) for axis in axes))
        rows = pl.read_parquet(shard, columns=columns)
        told = rows.select(
            values_of(axis, schema[axis_column(axis)]).alias(f"v{place}") for place, axis in enumerate(axes)
        )
        for name, dtype in told.schema.items():
            if dtype == pl.List:
                told = told.explode(name, empty_as_null=True).with_columns(_filled(pl.col(name)))
        return told.group_by(told.columns).agg(pl.len().cast(pl.Int64).alias("rows"))

    names = [f"v{place}" for place in range(len(axes))]
    parts = list(map_shards(one, table.shards))
    empty = pl.DataFrame(schema=dict.fromkeys(names, pl.String) | {"rows": pl.Int64})
    summed = pl.concat([empty, *parts]).group_by(names).agg(pl.col("rows").sum())
    return summed.sort("rows", *names, descending=[True, *[False] * len(names)])


def distribution(table: Table, axis: Axis) -> tuple[dict[str, Any], pl.DataFrame]:
    """(the figures, all values: value and rows). Categories: the commonest first. Periods: in order, with those that are empty."""
    counted = counts_of(table, [axis]).rename({"v0": "value"})
    missing = int(counted.filter(pl.col("value").is_null())["rows"].sum())
    filled = counted.filter(pl.col("value").is_not_null())
    period = axis_period(axis)
    if period is not None:
        filled = _in_order(filled, period)
    filled = filled.with_columns(shown(filled["value"]))
    told = filled.tail(VALUES) if period else filled.head(VALUES)
    rows = int(filled["rows"].sum())
    gaps = filled.filter(pl.col("rows") == 0)["value"]
    return {
        "corpus": table.corpus,
        "column": axis_column(axis),
        "period": period,
        "rows": rows,
        "missing": missing,
        "distinct": filled.height - len(gaps),
        "values": [list(one) for one in told.iter_rows()],
        "others": filled.height - told.height,
        "other_rows": rows - int(told["rows"].sum()),
        "gaps": gaps.tail(VALUES).to_list(),
    }, filled


def _in_order(counted: pl.DataFrame, period: str) -> pl.DataFrame:
    """Periods from the first to the last, also those that no row is of."""
    counted = counted.sort("value")
    if counted.height < 2:
        return counted
    first, last = counted["value"][0], counted["value"][-1]
    a_year = {"year": 1, "quarter": 4, "month": 12}[period]
    numbers = range(_number(first, a_year), _number(last, a_year) + 1)
    if len(numbers) > MOST_PERIODS:
        return counted
    every = pl.DataFrame({"value": [_period(number, period, a_year) for number in numbers]})
    return every.join(counted, on="value", how="left", maintain_order="left").with_columns(
        pl.col("rows").fill_null(0)
    )


def _number(value: str, a_year: int) -> int:
    year, _, rest = value.partition("-")
    return int(year) * a_year + (int(rest.lstrip("Q")) - 1 if rest else 0)


def _period(number: int, period: str, a_year: int) -> str:
    year, rest = divmod(number, a_year)
    return {"year": f"{year:04}", "quarter": f"{year:04}-Q{rest + 1}", "month": f"{year:04}-{rest + 1:02}"}[
        period
    ]


def long_tail(table: Table, rule: LongTail) -> dict[str, Any]:
    """The figures of ``form.LongTail``; ``wanted``: rows of the tail that would bring it to its target."""
    counted = counts_of(table, [rule.column]).rename({"v0": "value"}).drop_nulls("value")
    rows = int(counted["rows"].sum())
    if rule.rare is not None:
        rare = pl.col("value").is_in(rule.rare)
    else:  # rare where the categories before it hold the head already
        rare = pl.col("rows").cum_sum().shift(1, fill_value=0) >= rule.head * rows
    told = counted.with_columns(rare.alias("rare"))
    tail = told.filter("rare")
    held = int(tail["rows"].sum())
    lacking = sorted(set(rule.rare or ()) - set(tail["value"]))
    wanted = (
        max(0, ceil(round((rule.target * rows - held) / (1 - rule.target), 6)))
        if rule.target < 1
        else rows - held
    )
    tail = tail.with_columns(shown(tail["value"]))
    return {
        "corpus": rule.corpus,
        "column": rule.column,
        "head": None if rule.rare is not None else rule.head,
        "rows": rows,
        "categories": counted.height,
        "tail_categories": tail.height,
        "tail_rows": held,
        "share": round(held / rows, 6) if rows else 0.0,
        "target": rule.target,
        "wanted": wanted,
        "largest": [list(one) for one in tail.select("value", "rows").head(CATEGORIES).iter_rows()],
        "lacking": lacking,
    }  # fmt: skip


def matrix(table: Table, rule: Matrix, model: type[BaseModel] | None) -> tuple[dict[str, Any], pl.DataFrame]:
    """(the figures, all cells: row, column, rows, empty)."""
    counted = counts_of(table, [rule.rows, rule.columns]).rename({"v0": "row", "v1": "column"})
    known = counted.drop_nulls(["row", "column"])
    rows, rows_from = _wanted(rule.values.rows, rule.rows, model, known["row"])
    columns, columns_from = _wanted(rule.values.columns, rule.columns, model, known["column"])
    grid = pl.DataFrame({"row": rows}, schema={"row": pl.String}).join(
        pl.DataFrame({"column": columns}, schema={"column": pl.String}), how="cross", maintain_order="left_right"
    )  # fmt: skip
    cells = grid.join(known, on=["row", "column"], how="left", maintain_order="left").with_columns(
        pl.col("rows").fill_null(0)
    )
    cells = cells.with_columns(empty=pl.col("rows") < rule.min_cell)
    empty = cells.filter("empty")
    names = ["row", "column"]
    inside = int(cells["rows"].sum())
    return {
        "corpus": rule.corpus,
        "rows": axis_column(rule.rows),
        "rows_period": axis_period(rule.rows),
        "columns": axis_column(rule.columns),
        "columns_period": axis_period(rule.columns),
        "declared": [rows_from, columns_from],
        "cells": cells.height,
        "empty": empty.height,
        "share": round(empty.height / cells.height, 6) if cells.height else 0.0,
        "min_cell": rule.min_cell,
        "inside": inside,
        "outside": int(known["rows"].sum()) - inside,
        "missing": int(counted["rows"].sum()) - int(known["rows"].sum()),
        "empty_cells": [list(one) for one in empty.select(names).head(CELLS).iter_rows()],
        "height": len(rows),
        "width": len(columns),
        "row_values": rows[:GRID],
        "column_values": columns[:GRID],
        "grid": _grid(cells, rows[:GRID], columns[:GRID]),
    }, cells


def _grid(cells: pl.DataFrame, rows: list[str], columns: list[str]) -> list[list[int]]:
    counts = {
        (row, column): count for row, column, count in cells.select("row", "column", "rows").iter_rows()
    }
    return [[counts[row, column] for column in columns] for row in rows]


def _wanted(
    declared: list[str] | None, axis: Axis, model: type[BaseModel] | None, found: pl.Series
) -> tuple[list[str], str]:
    """(the values that there should be, who says so: recipe, schema or data)."""
    if declared is not None:
        return list(dict.fromkeys(declared)), "recipe"
    choices = choices_of(model, axis_column(axis)) if axis_period(axis) is None else []
    if choices:
        return choices, "schema"
    return found.unique().sort().to_list(), "data"


def choices_of(model: type[BaseModel] | None, column: str) -> list[str]:
    """The values that a schema allows in a field: those of its ``Literal`` or ``Enum``; none where it allows others."""
    field = model.model_fields.get(column) if model is not None else None
    return _choices(field.annotation) if field is not None else []


def _choices(kind: Any) -> list[str]:
    origin = get_origin(kind)
    if origin is Literal:
        return [str(one.value if isinstance(one, Enum) else one) for one in get_args(kind)]
    if origin is Annotated or origin is list:
        return _choices(get_args(kind)[0])
    if origin in (Union, UnionType):
        parts = [_choices(one) for one in get_args(kind) if one is not type(None)]
        return [value for part in parts for value in part] if all(parts) else []
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(one.value) for one in kind]
    return []
