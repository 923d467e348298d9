"""Cells: validated values of Python in the columns of a table, and back."""

from __future__ import annotations

import json
from datetime import date, datetime
from enum import Enum
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.language import say

#: type of a column -> what stands in it exactly as pydantic gave it
_SAME: dict[pl.DataType, type] = {
    pl.String(): str,
    pl.Int64(): int,
    pl.Float64(): float,
    pl.Boolean(): bool,
    pl.Date(): date,
    pl.Datetime("us"): datetime,
}


def read_json(value: Any) -> Any:
    """A list or mapping that came as JSON text is one again; other texts stay."""
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):  # no JSON; a number of thousands of digits; a tower of brackets
        return value


def as_column(name: str, values: list[Any], kind: pl.DataType) -> pl.Series:
    """Validated values as a column.

    Raises:
        CurateError: a value that the type of the column cannot hold.
    """
    cells = [_as(value, kind) for value in values]
    column = pl.Series(name, cells, dtype=kind, strict=False)
    if column.null_count() != cells.count(None):
        lost = next(
            cell for cell, held in zip(cells, column.is_null(), strict=True) if held and cell is not None
        )
        raise CurateError(
            say(f"字段 {name} 有存不下的值 {lost}", f"the field {name} cannot hold {lost}"),
            say(
                "整数最多 64 位：在规范里限制范围，或改成 str",
                "integers have 64 bits: bound the field, or make it str",
            ),
        )
    return column


def holds(value: Any, kind: pl.DataType) -> bool:
    """Can a column of this type hold the value?"""
    try:
        as_column("", [value], kind)
    except CurateError:
        return False
    return True


def same_in_column(value: Any, kind: pl.DataType) -> bool:
    """Is the value in the column what a rule sees in Python? A decimal in a column of text, say, is not: it has another order."""
    if isinstance(value, Enum):
        return type(value.value) is str and kind == pl.String()
    if isinstance(value, datetime) and value.tzinfo:
        return False
    return value is None or type(value) is _SAME.get(kind)


def put(column: pl.Series, places: pl.Series, values: pl.Series) -> pl.Series:
    """``column`` with other values at these places."""
    if not column.dtype.is_nested():
        return column.clone().scatter(places, values)
    cells = column.to_list()  # Polars scatters no lists
    for place, value in zip(places.to_list(), values.to_list(), strict=True):
        cells[place] = value
    return pl.Series(column.name, cells, dtype=column.dtype)


def _as(value: Any, kind: pl.DataType) -> Any:
    """Values of types that have no column type of their own (enumerations, URLs, decimals) become text."""
    if isinstance(value, datetime) and value.tzinfo:
        return value.replace(tzinfo=None)  # the clock as written: a column has one type in all shards
    if kind != pl.String() or value is None or isinstance(value, str):
        return value
    if isinstance(value, set | frozenset):
        value = sorted(value, key=str)  # a set has no order of its own
    return (
        json.dumps(value, ensure_ascii=False, default=str)
        if isinstance(value, dict | list | tuple)
        else str(getattr(value, "value", value))
    )
