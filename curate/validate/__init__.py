"""Validate: every row against its corpus's pydantic model; what fails is set aside with field, value and reason."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from curate.errors import CurateError, GateFailed
from curate.language import say
from curate.messages import in_words
from curate.rows import Outcome, because, nothing_dropped, with_text
from curate.unit import Unit
from curate.validate.schema import column_types, load_model, schema_digest, written_as_json

__all__ = ["Validate", "load_model", "schema_fingerprint"]


class Validate(Unit):
    """按数据规范检查每一行；不合格的连同字段、值和原因一起留下。 / Check every row against its schema."""

    libraries: ClassVar = ("pydantic",)
    not_in_fingerprint: ClassVar = frozenset({"max_invalid"})

    max_invalid: float = Field(1.0, ge=0, le=1)
    """每份语料最多允许多少比例的行不合格（0–1），超过就停下 / stop when a corpus has a greater share of invalid rows"""

    def apply(self, rows: pl.DataFrame, model: type[BaseModel], derived_text: str | None = None) -> Outcome:
        """``kept`` has the model's types; columns that the model does not know stay as they are, and a text
        that is made from other columns is made anew of the typed ones.
        """
        if rows.is_empty():
            return Outcome(with_text(_typed(rows, [], model), derived_text), nothing_dropped(rows))
        fields = [name for name in model.model_fields if name in rows.columns]
        records = _records(rows, fields, model)
        adapter = TypeAdapter(list[model])  # type: ignore[valid-type]
        try:
            values, wrong = adapter.validate_python(records), {}
        except ValidationError as errors:
            wrong = _by_row(errors)
            values = adapter.validate_python([row for place, row in enumerate(records) if place not in wrong])
        good = pl.Series([place not in wrong for place in range(rows.height)])
        bad = rows.filter(~good)
        why = [wrong[place] for place in sorted(wrong)]
        dropped = because(
            bad,
            pl.lit(pl.Series([f"invalid_{field}" for field, _ in why], dtype=pl.String)),
            detail=pl.lit(pl.Series([told for _, told in why], dtype=pl.String)),
        )
        kept = _typed(rows.filter(good), adapter.dump_python(values), model)
        return Outcome(with_text(kept, derived_text), dropped)

    def gate(self, corpus: str, rows_in: int, invalid: int) -> None:
        """Raises:
        GateFailed: more rows are invalid than ``max_invalid`` allows.
        """
        if rows_in and invalid / rows_in > self.max_invalid:
            raise GateFailed(
                say(
                    f"{corpus} 有 {invalid}/{rows_in} 行（{invalid / rows_in:.1%}）不合规范，超过 max_invalid: {self.max_invalid}",
                    f"{corpus}: {invalid} of {rows_in} rows ({invalid / rows_in:.1%}) are invalid, "
                    f"more than max_invalid: {self.max_invalid}",
                ),
                say(
                    "用 curate show 看 validate 阶段的原因和例子：改源数据、改规范，或放宽 max_invalid",
                    "curate show has the reasons and examples of the validate phase: mend the source, the schema, or the limit",
                ),
                gate="validate",
            )


def _records(rows: pl.DataFrame, fields: list[str], model: type[BaseModel]) -> list[dict[str, Any]]:
    """The rows as pydantic wants them; a list or mapping that came as JSON text is one again."""
    listed = [
        name
        for name, field in model.model_fields.items()
        if written_as_json(field.annotation) and rows.schema.get(name) == pl.String
    ]
    records = rows.select(fields).to_dicts()
    for name in listed:
        for record in records:
            record[name] = _from_json(record[name])
    return records


def _from_json(value: str | None) -> Any:
    try:
        return json.loads(value) if value else value
    except json.JSONDecodeError:
        return value


def _by_row(errors: ValidationError) -> dict[int, tuple[str, str]]:
    """Place -> (field, sentence) of its first error, with the number of further ones."""
    found: dict[int, list[tuple[str, str]]] = {}
    for error in errors.errors(include_url=False):
        place, *where = error["loc"]
        field = str(where[0]) if where else "row"
        shown = error.get("input")
        value = "" if isinstance(shown, dict) or error["type"] == "missing" else f"{str(shown)[:80]!r} "
        label = field if where else say("整行", "row")
        found.setdefault(int(place), []).append((field, f"{label}: {value}{in_words(error)}"))
    return {place: (told[0][0], "；".join(text for _, text in told)) for place, told in found.items()}


def _typed(rows: pl.DataFrame, values: list[dict[str, Any]], model: type[BaseModel]) -> pl.DataFrame:
    """``rows`` with the validated values in the model's types.

    Raises:
        CurateError: a value that the type of its column cannot hold.
    """
    columns = []
    for name, kind in column_types(model).items():
        if name in ("row_id", "corpus"):
            continue
        cells = [_as(value[name], kind) for value in values]
        column = pl.Series(name, cells, dtype=kind, strict=False)
        if column.null_count() != cells.count(None):
            lost = next(
                cell for cell, held in zip(cells, column.is_null(), strict=True) if held and cell is not None
            )
            raise CurateError(
                say(
                    f"{model.__name__} 的 {name} 有存不下的值 {lost}",
                    f"{model.__name__}.{name} cannot hold {lost}",
                ),
                say(
                    "整数最多 64 位：在规范里限制范围，或改成 str",
                    "integers have 64 bits: bound the field, or make it str",
                ),
            )
        columns.append(column)
    return rows.with_columns(columns)


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


def schema_fingerprint(workspace: Path, reference: str) -> dict[str, str]:
    """What validation depends on besides its options."""
    return {
        "schema": reference.rpartition(":")[2],
        "digest": schema_digest(workspace / reference.rpartition(":")[0]),
    }
