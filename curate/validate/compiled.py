"""Compiled: a pydantic model as work on columns.

Three ways, from fast to slow, and the slower one speaks only where the faster one cannot:

- *compiled*: the field's values are decided by Polars (``columns``);
- *by value*: pydantic judges each different value of the field once (values that Polars was not sure of, and types that it
  does not know);
- *by row*: pydantic judges whole rows: all that is not surely valid, so that every rejection is pydantic's word; and all rows
  of a model with validators of its own that look at several fields.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from pydantic import BaseModel
from pydantic_core import PydanticUndefined, SchemaSerializer, SchemaValidator, ValidationError

from curate.errors import CurateError
from curate.language import say
from curate.types import Row, Rule
from curate.validate.columns import Decider, decider_of
from curate.validate.schema import column_types, written_as_json

#: what a model's configuration may say without changing what is valid
_HARMLESS = frozenset({"title", "extra_fields_behavior", "frozen", "from_attributes", "populate_by_name"})
#: schemas whose validation needs more than the value
_NEEDS_ROW = frozenset({"with-info", "definition-ref", "definitions", "model-field"})
#: factories that give the same at every call
_PLAIN_FACTORIES = (list, dict, set, tuple, str, int, float, bool)
_PLAIN = (str, int, float, bool, date, datetime, type(None))


@dataclass(frozen=True)
class Field:
    """How a field is judged.

    Attributes:
        column: decides the column; None where Polars knows nothing of the type.
        value: judges one value; None where pydantic needs the row for it.
        dump: a validated value as plain Python.
        default: for rows without the column; ``PydanticUndefined`` where there is none.
        why: why it takes the row.
    """

    name: str
    kind: pl.DataType
    as_json: bool
    column: Decider | None = None
    value: SchemaValidator | None = None
    dump: SchemaSerializer | None = None
    default: Any = PydanticUndefined
    why: str = ""

    @property
    def how(self) -> str:
        """``compiled``, ``by value``, or ``by row: <why>``."""
        if self.why:
            return f"by row: {self.why}"
        return "compiled" if self.column else "by value"

    def decide(self, column: pl.Series) -> tuple[pl.Series, pl.Series]:
        """(which values are valid for sure, the valid ones in the type of the field's column)."""
        if self.column is None:
            ok = pl.repeat(False, len(column), eager=True)
            values = pl.repeat(None, len(column), dtype=self.kind, eager=True)
        else:
            ok, values = self.column(column)
        left = (~ok).arg_true()
        if self.value is None or not len(left):
            return ok, values
        fine, told = self._each(column.gather(left))
        return ok.scatter(left, fine), put(values, left, told)

    def _each(self, column: pl.Series) -> tuple[pl.Series, pl.Series]:
        """As ``decide``, by judging each different value once."""
        if column.dtype.is_nested():
            fine, told = self._judge(column.to_list())
            return pl.Series(fine, dtype=pl.Boolean), self._column(told)
        unique = column.unique()
        fine, told = self._judge(unique.to_list())
        known = pl.DataFrame(
            {"value": unique, "fine": pl.Series(fine, dtype=pl.Boolean), "told": self._column(told)}
        )
        found = column.to_frame("value").join(
            known, on="value", how="left", nulls_equal=True, maintain_order="left"
        )
        return found["fine"], found["told"]

    def _judge(self, values: list[Any]) -> tuple[list[bool], list[Any]]:
        assert self.value is not None
        fine, told = list[bool](), list[Any]()
        for value in values:
            try:
                valid = self.value.validate_python(read_json(value) if self.as_json else value)
            except ValidationError:
                fine.append(False)
                told.append(None)
            else:
                fine.append(True)
                told.append(
                    valid if self.dump is None or isinstance(valid, _PLAIN) else self.dump.to_python(valid)
                )
        return fine, told

    def _column(self, values: list[Any]) -> pl.Series:
        return as_column(self.name, values, self.kind)


@dataclass(frozen=True)
class Compiled:
    """A model. ``why``: why all its rows go to pydantic; empty where they don't."""

    model: type[BaseModel]
    fields: tuple[Field, ...]
    rules: tuple[Rule, ...] = ()
    why: str = ""

    @property
    def plan(self) -> dict[str, str]:
        """Field -> ``compiled``, ``by value`` or ``by row: <why>``."""
        return {field.name: f"by row: {self.why}" if self.why else field.how for field in self.fields}

    def decide(self, rows: pl.DataFrame) -> tuple[pl.Series, dict[str, pl.Series]]:
        """(rows that are valid for sure, field -> its valid values, null in the other rows)."""
        sure = pl.repeat(not self.why, rows.height, eager=True)
        values: dict[str, pl.Series] = {}
        for field in self.fields:
            if (
                self.why
                or field.why
                or (field.name not in rows.columns and field.default is PydanticUndefined)
            ):
                sure = pl.repeat(False, rows.height, eager=True)
                values[field.name] = pl.repeat(None, rows.height, dtype=field.kind, eager=True)
            elif field.name in rows.columns:
                ok, told = field.decide(rows[field.name])
                sure, values[field.name] = sure & ok, told.alias(field.name)
            else:
                told = as_column(field.name, [field.default], field.kind)
                values[field.name] = told.new_from_index(0, rows.height)
        typed = pl.DataFrame(values)
        for rule in self.rules:
            holds = rule.decide(typed)
            sure = sure & holds if holds is not None else pl.repeat(False, rows.height, eager=True)
        return sure, values


def compiled(model: type[BaseModel]) -> Compiled:
    """What of a model can be decided without asking pydantic for every row."""
    own, why = _fields_schema(model)
    kinds = column_types(model)
    fields = []
    for name, info in model.model_fields.items():
        as_json = written_as_json(info.annotation)
        if why:
            fields.append(Field(name, kinds[name], as_json))
            continue
        schema = own["fields"][name]["schema"]
        reason = _needs_row(model, name, own["fields"][name])
        default, odd = _default(info)
        if reason or odd:
            fields.append(Field(name, kinds[name], as_json, why=reason or odd))
            continue
        # an annotation that gives text for a column (an enumeration, a URL) is told as text by ``as_column`` alone
        column = decider_of(schema) if not as_json or kinds[name] == pl.List(pl.String()) else None
        fields.append(
            Field(
                name, kinds[name], as_json, column, SchemaValidator(schema), SchemaSerializer(schema), default
            )
        )
    rules = model.rules if issubclass(model, Row) else ()
    return Compiled(model, tuple(fields), () if why else rules, why)


def _fields_schema(model: type[BaseModel]) -> tuple[Mapping[str, Any], str]:
    """(pydantic's schema of the fields, why the model must judge whole rows)."""
    own = [
        validator.cls_var_name
        for validator in model.__pydantic_decorators__.model_validators.values()
        if not (issubclass(model, Row) and validator.cls_var_name == "_rules_hold")
    ]
    if own:
        return {}, say(f"模型有自己的校验函数 {own[0]}", f"its own validator {own[0]}")
    schema: Mapping[str, Any] = model.__pydantic_core_schema__
    while schema["type"] == "function-after":  # the rules of a Row
        schema = schema["schema"]
    if schema["type"] != "model" or schema.get("custom_init") or schema.get("post_init"):
        return {}, say("模型的写法特别", "a model of a special kind")
    if set(schema.get("config", {})) - _HARMLESS:
        return {}, say("模型的 model_config 改变了校验", "its model_config changes validation")
    inner = schema["schema"]
    if inner["type"] != "model-fields" or model.model_computed_fields:
        return {}, say("模型的写法特别", "a model of a special kind")
    return inner, ""


def _needs_row(model: type[BaseModel], name: str, field: Mapping[str, Any]) -> str:
    decorated = [
        validator.cls_var_name
        for validator in model.__pydantic_decorators__.field_validators.values()
        if name in validator.info.fields or "*" in validator.info.fields
    ]
    info = model.model_fields[name]
    if decorated:
        return say(f"有自己的校验函数 {decorated[0]}", f"its own validator {decorated[0]}")
    if info.alias or info.validation_alias:
        return say("有别名", "an alias")
    if _NEEDS_ROW & set(_types_in(field["schema"])):
        return say("校验要看其他字段", "its validation looks at other fields")
    return ""


def _types_in(schema: Any) -> Iterator[str]:
    if isinstance(schema, Mapping):
        if isinstance(schema.get("type"), str):
            yield schema["type"]
        for key, part in schema.items():
            if key not in ("metadata", "default", "expected", "cls"):
                yield from _types_in(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from _types_in(part)


def _default(info: Any) -> tuple[Any, str]:
    """(what stands where the column is missing, why that cannot be told)."""
    if info.default_factory is None:
        return info.default, ""
    if info.default_factory in _PLAIN_FACTORIES and not inspect.signature(
        info.default_factory
    ).parameters.get("data"):
        return info.default_factory(), ""
    return PydanticUndefined, say("默认值由函数给出", "its default comes from a function")


def put(column: pl.Series, places: pl.Series, values: pl.Series) -> pl.Series:
    """``column`` with other values at these places."""
    if not column.dtype.is_nested():
        return column.clone().scatter(places, values)
    cells = column.to_list()  # Polars scatters no lists
    for place, value in zip(places.to_list(), values.to_list(), strict=True):
        cells[place] = value
    return pl.Series(column.name, cells, dtype=column.dtype)


def read_json(value: Any) -> Any:
    """A list or mapping that came as JSON text is one again."""
    if not isinstance(value, str) or not value:
        return value
    try:
        return json.loads(value)
    except json.JSONDecodeError:
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
