"""Rows of Python values as a frame."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import polars as pl

#: kept as they are, where a column has nothing else
TYPES: dict[type, pl.DataType | type[pl.DataType]] = {
    int: pl.Int64,
    float: pl.Float64,
    str: pl.String,
    bool: pl.Boolean,
    date: pl.Date,
    datetime: pl.Datetime("us"),
}
MOST = 2**63


def frame_of(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    """Columns of one type keep it; others, and those of rarer types, are text."""
    columns = zip(*rows, strict=True) if rows else [[] for _ in names]
    return pl.DataFrame([_series(name, values) for name, values in zip(names, columns, strict=True)])


def _series(name: str, values: Sequence[Any]) -> pl.Series:
    kinds = {type(value) for value in values if value is not None}
    if not kinds:
        return pl.Series(name, [None] * len(values), dtype=pl.Null)
    kind = kinds.pop()
    fits = (
        not kinds
        and kind in TYPES
        and (kind is not int or all(v is None or -MOST <= v < MOST for v in values))
    )
    if fits and not (kind is datetime and any(value and value.tzinfo for value in values)):
        return pl.Series(name, values, dtype=TYPES[kind])
    return pl.Series(name, [None if value is None else as_text(value) for value in values], dtype=pl.String)


def as_text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value).hex()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
