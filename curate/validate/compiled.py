"""Compiled: a pydantic model as work on columns.

Three ways, from fast to slow, and the slower one speaks only where the faster one cannot:

- *compiled*: the field's values are decided by Polars (``columns``);
- *by value*: pydantic judges each different value of the field once (values that Polars was not sure of, and types that it
  does not know);
- *by row*: pydantic judges whole rows: all that is not surely valid, so that every rejection is pydantic's word; and all rows
  of a model with validators of its own that look at several fields.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined, SchemaSerializer, SchemaValidator

from curate.language import say
from curate.types import Row, Rule
from curate.validate.columns import decider_of
from curate.validate.field import Field
from curate.validate.schema import column_types, written_as_json

#: what a model's configuration may say without changing what is valid
_HARMLESS = frozenset({"title", "extra_fields_behavior", "frozen", "from_attributes", "populate_by_name"})
#: a function in a schema that may look at other fields
_NEEDS_ROW = "with-info"
#: factories that give the same at every call
_PLAIN_FACTORIES = (list, dict, set, tuple, str, int, float, bool)
#: what a ``Row`` adds to pydantic's validation: the rules, which are compiled
_RULES: Any = Row._rules_hold


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
        return {field.name: field.how for field in self.fields}

    def decide(self, rows: pl.DataFrame) -> tuple[pl.Series, dict[str, pl.Series]]:
        """(rows that are valid for sure, field -> its valid values; what stands in the other rows says nothing)."""
        sure = pl.repeat(not self.why, rows.height, eager=True)
        values: dict[str, pl.Series] = {}
        for field in self.fields:
            ok, values[field.name] = field.decide(rows)
            sure = sure & ok
        typed = pl.DataFrame(values)
        for rule in self.rules:
            kept = rule.decide(typed)
            sure = sure & kept if kept is not None else pl.repeat(False, rows.height, eager=True)
        return sure, values


@dataclass(frozen=True)
class _Schema:
    """Pydantic's own schema of a model: of its fields, what they share, and how they are configured."""

    fields: Mapping[str, Any]
    shared: list[Any]
    config: Mapping[str, Any]


def compiled(model: type[BaseModel]) -> Compiled:
    """What of a model can be decided without asking pydantic for every row."""
    own = _schema_of(model)
    why = own if isinstance(own, str) else ""
    rules = model.rules if issubclass(model, Row) and not why else ()
    kinds = column_types(model)
    fields = []
    for name, info in model.model_fields.items():
        field = Field(name, kinds[name], written_as_json(info.annotation), why=why)
        if not isinstance(own, str):
            field = _field(field, model, info, own, any(name in rule.fields for rule in rules))
        fields.append(field)
    return Compiled(model, tuple(fields), rules, why)


def _field(field: Field, model: type[BaseModel], info: FieldInfo, own: _Schema, ruled: bool) -> Field:
    schema = own.fields[field.name]["schema"]
    if own.shared and any(part.get("type") == "definition-ref" for part in _parts_in(schema)):
        whole = {"type": "definitions", "schema": schema, "definitions": own.shared}
    else:
        whole = schema
    default, odd = _default(info)
    why = _needs_row(model, field.name, info, whole) or odd
    if why:
        return Field(field.name, field.kind, field.as_json, why=why)
    # a cell of JSON is no list before it is read; lists of text are columns of their own in other sources
    in_columns = not field.as_json or field.kind == pl.List(pl.String())
    changed = bool(set(own.config) - _HARMLESS)
    return Field(
        field.name,
        field.kind,
        field.as_json,
        decider_of(schema) if in_columns and not changed else None,
        SchemaValidator(whole, own.config),  # type: ignore[arg-type]
        SchemaSerializer(whole, own.config),  # type: ignore[arg-type]
        any("serialization" in part for part in _parts_in(whole)),
        ruled,
        default,
    )


def _schema_of(model: type[BaseModel]) -> _Schema | str:
    """Pydantic's schema of the fields, or why the model must judge whole rows."""
    decorated = model.__pydantic_decorators__
    for validator in decorated.model_validators.values():
        if validator.func is not _RULES:
            return say(
                f"模型有自己的校验函数 {validator.cls_var_name}",
                f"its own validator {validator.cls_var_name}",
            )
    special = say("模型的写法特别", "a model of a special kind")
    if decorated.model_serializers or model.model_computed_fields:
        return special
    schema: Mapping[str, Any] = model.__pydantic_core_schema__
    shared: list[Any] = []
    if schema["type"] == "definitions":
        shared, schema = schema["definitions"], schema["schema"]
    while schema["type"] == "function-after" and schema["function"]["function"] is _RULES:
        schema = schema["schema"]
    if schema["type"] != "model" or schema.get("custom_init") or schema.get("post_init"):
        return special
    inner = schema["schema"]
    if inner["type"] != "model-fields":
        return special
    return _Schema(inner["fields"], shared, schema.get("config", {}))


def _needs_row(model: type[BaseModel], name: str, info: FieldInfo, schema: Any) -> str:
    for validator in model.__pydantic_decorators__.field_validators.values():
        if name in validator.info.fields or "*" in validator.info.fields:
            return say(
                f"有自己的校验函数 {validator.cls_var_name}", f"its own validator {validator.cls_var_name}"
            )
    if any(
        {name, "*"} & set(one.info.fields) for one in model.__pydantic_decorators__.field_serializers.values()
    ):
        return say("有自己的输出函数", "a serializer of its own")
    if info.alias or info.validation_alias:
        return say("有别名", "an alias")
    if any(part.get("type") == _NEEDS_ROW for part in _parts_in(schema)):
        return say("校验要看其他字段", "its validation looks at other fields")
    return ""


def _parts_in(schema: Any) -> Iterator[Mapping[str, Any]]:
    """All the mappings inside a core schema, besides values of the model's own."""
    if isinstance(schema, Mapping):
        yield schema
        for key, part in schema.items():
            if key not in ("metadata", "default", "expected", "cls", "members"):
                yield from _parts_in(part)
    elif isinstance(schema, list | tuple):
        for part in schema:
            yield from _parts_in(part)


def _default(info: FieldInfo) -> tuple[Any, str]:
    """(what stands where the column is missing, why that cannot be told)."""
    if info.validate_default:
        return PydanticUndefined, say("默认值也要校验", "its default is validated, too")
    if info.default_factory is None:
        return info.default, ""
    if info.default_factory in _PLAIN_FACTORIES:
        return info.default_factory(), ""
    return PydanticUndefined, say("默认值由函数给出", "its default comes from a function")
