"""Validate: every row against its corpus's pydantic model; what fails is set aside with field, value, rule and reason."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal

import polars as pl
from pydantic import BaseModel, Discriminator, Field, Tag, TypeAdapter, ValidationError

from curate.errors import GateFailed
from curate.language import say
from curate.options import CorpusName, SchemaReference
from curate.rows import Outcome, with_text
from curate.types import VERSION as TYPES
from curate.unit import Unit
from curate.validate.cells import as_column, put, read_json
from curate.validate.compiled import Compiled, compiled
from curate.validate.notes import INVALID, Errors, errors_of, notes_of, set_aside
from curate.validate.schema import load_model, schema_digest

__all__ = ["INVALID", "Validate", "compiled", "load_model", "schema_fingerprint"]

Share = Annotated[float, Field(ge=0, le=1)]


def _written_as(limit: Any) -> str:
    """Of one mistake there is one error, of the way in which the limit is written."""
    return "by corpus" if isinstance(limit, dict) else "max_invalid"


Limit = Annotated[
    Annotated[Share, Tag("max_invalid")] | Annotated[dict[CorpusName, Share], Tag("by corpus")],
    Discriminator(_written_as),
]


class Validate(Unit):
    """按数据规范检查每一行；不合格的连同字段、值和原因一起留下。 / Check every row against its schema."""

    version: ClassVar = 2
    libraries: ClassVar = ("pydantic",)
    not_in_fingerprint: ClassVar = frozenset({"max_invalid", "drift", "references", "pairs", "chunks"})

    max_invalid: Limit = 1.0
    """每份语料最多允许多少比例的行不合格（0–1），超过就停下；可以一份语料写一个：{companies: 0.01} / stop when a corpus has a greater share of invalid rows; one for all, or by corpus"""
    references: Literal["drop", "report"] = "drop"
    """引用的行不存在时：drop 隔离这一行，report 只报告 / a row that refers to one that is not there: set aside, or only reported"""
    drift: Literal["report", "stop"] = "report"
    """数据的列、类型或取值与上次运行不同时：report 只报告，stop 停下 / columns, types or values that differ from the last run: told, or the run stops"""
    pairs: SchemaReference | None = None
    """问答的数据规范：schemas/pair.py:Pair / the schema of the pairs that are made"""
    chunks: SchemaReference | None = None
    """文本块的数据规范：schemas/chunk.py:Chunk / the schema of the chunks of the retrieval set"""

    def limit(self, corpus: str) -> float:
        """The greatest share of a corpus's rows that may be invalid."""
        return self.max_invalid.get(corpus, 1.0) if isinstance(self.max_invalid, dict) else self.max_invalid

    def apply(self, rows: pl.DataFrame, model: type[BaseModel], derived_text: str | None = None) -> Outcome:
        """``kept`` has the model's types; columns that the model does not know stay as they are, and a text
        that is made from other columns is made anew of the typed ones. ``notes``: ``INVALID``.
        """
        values, wrong = _validated(rows, _compiled(model))
        good = _except(rows.height, wrong)
        typed = [column.alias(name) for name, column in values.items() if name not in ("row_id", "corpus")]
        kept = rows.with_columns(typed).filter(good)
        return Outcome(with_text(kept, derived_text), set_aside(rows, wrong), notes=notes_of(rows, wrong))

    def judge(self, rows: pl.DataFrame, model: type[BaseModel]) -> Outcome:
        """As ``apply``; the rows that are kept stay as they are."""
        _, wrong = _validated(rows, _compiled(model))
        good = _except(rows.height, wrong)
        return Outcome(rows.filter(good), set_aside(rows, wrong), notes=notes_of(rows, wrong))

    def gate(self, corpus: str, rows_in: int, invalid: int, phase: str = "validate") -> None:
        """``phase``: where ``curate show`` has the reasons of what is no row of a source.

        Raises:
        GateFailed: more rows are invalid than ``max_invalid`` allows.
        """
        limit = self.limit(corpus)
        if rows_in and invalid / rows_in > limit:
            raise GateFailed(
                say(
                    f"{corpus} 有 {invalid}/{rows_in} 行（{invalid / rows_in:.1%}）不合规范，超过 max_invalid: {limit}",
                    f"{corpus}: {invalid} of {rows_in} rows ({invalid / rows_in:.1%}) are invalid, "
                    f"more than max_invalid: {limit}",
                ),
                _hint(phase),
                gate="validate",
            )


@lru_cache(maxsize=64)
def _compiled(model: type[BaseModel]) -> Compiled:
    return compiled(model)


def _validated(rows: pl.DataFrame, plan: Compiled) -> tuple[dict[str, pl.Series], Errors]:
    """(field -> its values in the rows that are valid, place of a row -> its errors)."""
    sure, values = plan.decide(rows)
    left = (~sure).arg_true()
    if not len(left):
        return values, {}
    judged, wrong = _by_row(rows[left], plan)
    places = left.to_list()
    kept = pl.Series([place for number, place in enumerate(places) if number not in wrong], dtype=pl.UInt32)
    for field in plan.fields:
        told = as_column(field.name, [row[field.name] for row in judged], field.kind)
        values[field.name] = put(values[field.name], kept, told)
    return values, {places[number]: errors for number, errors in wrong.items()}


def _by_row(rows: pl.DataFrame, plan: Compiled) -> tuple[list[dict[str, Any]], Errors]:
    """Pydantic's own word: (the valid rows, place -> errors)."""
    names = [field.name for field in plan.fields if field.name in rows.columns]
    records: list[dict[str, Any]] = (
        rows.select(names).to_dicts() if names else [{} for _ in range(rows.height)]
    )
    for field in plan.fields:
        if field.as_json and rows.schema.get(field.name) == pl.String:
            for record in records:
                record[field.name] = read_json(record[field.name])
    adapter = TypeAdapter(list[plan.model])  # type: ignore[name-defined]
    try:
        valid, wrong = adapter.validate_python(records), {}
    except ValidationError as errors:
        wrong = errors_of(errors)
        valid = adapter.validate_python([row for place, row in enumerate(records) if place not in wrong])
    told = adapter.dump_python(valid, by_alias=False)
    # a field that the schema leaves out of what it writes has its value all the same
    return [{**one.__dict__, **row} for one, row in zip(valid, told, strict=True)], wrong


def _except(height: int, wrong: Errors) -> pl.Series:
    good = pl.repeat(True, height, eager=True)
    return good.scatter(sorted(wrong), False) if wrong else good


def schema_fingerprint(workspace: Path, reference: str) -> dict[str, Any]:
    """What validation depends on besides its options."""
    return {
        "schema": reference.rpartition(":")[2],
        "digest": schema_digest(workspace / reference.rpartition(":")[0]),
        "types": TYPES,
    }


def _hint(phase: str) -> str:
    if phase != "validate":
        return say(
            f"每一条的原因：curate show {phase}；改模板、提示词、分块或规范，或放宽 max_invalid",
            f"curate show {phase} has the reasons: mend templates, prompts, chunking or the schema, or the limit",
        )
    return say(
        "每一行的原因在运行文件夹的 quarantine.xlsx 里：改好后 curate quarantine return 交回；或改源数据、改规范、放宽 max_invalid",
        "the run's quarantine.xlsx has the reason of every row: mend them there and hand them back by curate "
        "quarantine return; or mend the source, the schema, or the limit",
    )
