"""Columns: what pydantic says of one value, said of a whole column in Polars.

Read from pydantic's core schema, which is what it validates by. A decider accepts a value only where pydantic is sure to accept
it, too, with the same result; of the other values pydantic decides (``curate.validate.compiled``). A part of a schema that is
not known here in every key makes no decider.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from operator import and_
from typing import Any

import polars as pl

from curate.types import Twin, twin_of

#: A column as it was read -> (which values are valid for sure, the valid values).
Decider = Twin
Schema = Mapping[str, Any]

_BOUNDS = {"ge": "ge", "gt": "gt", "le": "le", "lt": "lt"}
#: keys that say nothing of which values are valid
_SILENT = frozenset({"type", "metadata", "ref"})
_INT = r"^-?[0-9]{1,18}$"
_FLOAT = r"^-?[0-9]{1,15}(?:\.[0-9]{1,15})?$"
_TRUE, _FALSE = ("true", "1", "yes", "on"), ("false", "0", "no", "off")
_DATE = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
_MOMENT = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-5][0-9]:[0-5][0-9]$"
#: whole numbers up to here are the same as floats
_EXACT = 2**53


def decider_of(schema: Schema) -> Decider | None:
    """The decider for a field's core schema; None where it has a part that only pydantic can judge."""
    known = _KNOWN.get(schema["type"])
    if known is None:
        return None
    keys, make = known
    return make(schema) if set(schema) <= keys | _SILENT else None


def _said(ok: pl.Series) -> pl.Series:
    return ok.fill_null(False)


def _none_of(column: pl.Series, kind: pl.DataType) -> tuple[pl.Series, pl.Series]:
    return pl.repeat(False, len(column), eager=True), pl.repeat(None, len(column), dtype=kind, eager=True)


def _holding(values: pl.Series, rules: list[pl.Expr], ok: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Those of the values that also keep these rules, expressions over the column ``value``."""
    if rules:
        ok = ok & values.to_frame("value").select(reduce(and_, rules).alias("ok"))["ok"]
    return _said(ok), values


def _default(schema: Schema) -> Decider | None:
    return decider_of(schema["schema"]) if schema.get("on_error", "raise") == "raise" else None


def _nullable(schema: Schema) -> Decider | None:
    inner = decider_of(schema["schema"])
    if inner is None:
        return None

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        ok, values = inner(column)
        missing = column.is_null()
        return ok | missing, values.set(missing, None) if missing.any() else values

    return decide


def _string(schema: Schema) -> Decider | None:
    pattern = schema.get("pattern")
    if pattern is not None and not _is_pattern(pattern):
        return None
    value, rules = pl.col("value"), list[pl.Expr]()
    if "min_length" in schema:
        rules.append(value.str.len_chars() >= schema["min_length"])
    if "max_length" in schema:
        rules.append(value.str.len_chars() <= schema["max_length"])
    if pattern is not None:
        rules.append(value.str.contains(pattern))

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if column.dtype != pl.String:
            return _none_of(column, pl.String())
        values = column.str.strip_chars() if schema.get("strip_whitespace") else column
        return _holding(values, rules, column.is_not_null())

    return decide


def _is_pattern(pattern: Any) -> bool:
    """Is it one for the same engine of regular expressions as pydantic's? Python's own patterns are no text."""
    try:
        return isinstance(pattern, str) and pl.Series([""]).str.contains(pattern).len() == 1
    except pl.exceptions.ComputeError:
        return False


def _bounds(schema: Schema) -> list[pl.Expr]:
    return [
        getattr(pl.col("value"), method)(schema[key]) for key, method in _BOUNDS.items() if schema.get(key) is not None
    ]  # fmt: skip


def _integer(schema: Schema) -> Decider | None:
    rules = _bounds(schema)

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if column.dtype.is_integer():
            values = column.cast(pl.Int64, strict=False)
        elif column.dtype.is_float():
            whole = _said(column.is_finite() & (column == column.floor()) & (column.abs() < _EXACT))
            values = column.set(~whole, None).cast(pl.Int64)
        elif column.dtype == pl.String:
            values = column.set(~_said(column.str.contains(_INT)), None).cast(pl.Int64)
        else:
            return _none_of(column, pl.Int64())
        return _holding(values, rules, values.is_not_null())

    return decide


def _decimal(schema: Schema) -> Decider | None:
    rules = _bounds(schema)

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if column.dtype.is_float():
            values = column.cast(pl.Float64)
        elif column.dtype.is_integer():
            whole = column.cast(pl.Int64, strict=False)
            values = whole.set(~_said(whole.is_between(-_EXACT, _EXACT)), None).cast(pl.Float64)
        elif column.dtype == pl.String:
            values = column.set(~_said(column.str.contains(_FLOAT)), None).cast(pl.Float64)
        else:
            return _none_of(column, pl.Float64())
        return _holding(values, rules, _said(values.is_finite()))

    return decide


def _boolean(_: Schema) -> Decider | None:
    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if column.dtype == pl.Boolean:
            return column.is_not_null(), column
        if column.dtype != pl.String:
            return _none_of(column, pl.Boolean())
        true, known = _said(column.is_in(_TRUE)), _said(column.is_in([*_TRUE, *_FALSE]))
        return known, true.set(~known, None)

    return decide


def _date(schema: Schema) -> Decider | None:
    rules = _bounds(schema)

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if column.dtype == pl.Date:
            values = column
        elif column.dtype == pl.String:
            values = column.set(~_said(column.str.contains(_DATE)), None).str.to_date(
                "%Y-%m-%d", strict=False
            )
        else:
            return _none_of(column, pl.Date())
        return _holding(values, rules, values.is_not_null())

    return decide


def _moment(schema: Schema) -> Decider | None:
    if any(getattr(schema.get(key), "tzinfo", None) for key in _BOUNDS):
        return None
    rules = _bounds(schema)

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if column.dtype == pl.Datetime("us"):
            values = column
        elif column.dtype == pl.String:
            plain = column.set(~_said(column.str.contains(_MOMENT)), None).str.replace("T", " ", literal=True)
            values = plain.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="us")
        else:
            return _none_of(column, pl.Datetime("us"))
        return _holding(values, rules, values.is_not_null())

    return decide


def _literal(schema: Schema) -> Decider | None:
    expected = schema["expected"]
    if not all(type(value) is str for value in expected):  # an enumeration of texts is no text for ``is_in``
        return None
    allowed = pl.Series(sorted(set(expected)), dtype=pl.String)

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if column.dtype != pl.String:
            return _none_of(column, pl.String())
        return _said(column.is_in(allowed.implode())), column

    return decide


def _list(schema: Schema) -> Decider | None:
    items = schema.get("items_schema", {"type": "any"})
    if items["type"] != "str" or set(items) - _SILENT:
        return None

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        if column.dtype != pl.List(pl.String):
            return _none_of(column, pl.List(pl.String()))
        size, rules = pl.col("value").list.len(), []
        if "min_length" in schema:
            rules.append(size >= schema["min_length"])
        if "max_length" in schema:
            rules.append(size <= schema["max_length"])
        whole = column.list.eval(pl.element().is_null()).list.any()
        return _holding(column, rules, _said(~whole))

    return decide


def _before(schema: Schema) -> Decider | None:
    """A function of ours in front of a plain schema: its twin gives what the schema then looks at."""
    before, inner = _twin(schema), decider_of(schema["schema"])
    if before is None or inner is None:
        return None

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        ok, values = before(column)
        fine, told = inner(values)
        return ok & fine, told

    return decide


def _after(schema: Schema) -> Decider | None:
    inner, after = decider_of(schema["schema"]), _twin(schema)
    if after is None or inner is None:
        return None

    def decide(column: pl.Series) -> tuple[pl.Series, pl.Series]:
        ok, values = inner(column)
        fine, told = after(values)
        return ok & fine, told

    return decide


def _twin(schema: Schema) -> Twin | None:
    function = schema["function"]
    return twin_of(function["function"]) if function["type"] == "no-info" else None


_RANGE = frozenset(_BOUNDS)
#: type of a core schema -> (the keys that its maker understands, its maker)
_KNOWN: dict[str, tuple[frozenset[str], Callable[[Schema], Decider | None]]] = {
    "default": (frozenset({"schema", "default", "default_factory", "on_error", "copy_default"}), _default),
    "nullable": (frozenset({"schema"}), _nullable),
    "str": (frozenset({"pattern", "min_length", "max_length", "strip_whitespace"}), _string),
    "int": (_RANGE, _integer),
    "float": (_RANGE | {"allow_inf_nan"}, _decimal),
    "bool": (frozenset(), _boolean),
    "date": (_RANGE, _date),
    "datetime": (_RANGE | {"microseconds_precision"}, _moment),
    "literal": (frozenset({"expected"}), _literal),
    "list": (frozenset({"items_schema", "min_length", "max_length"}), _list),
    "function-before": (frozenset({"function", "schema"}), _before),
    "function-after": (frozenset({"function", "schema"}), _after),
}
