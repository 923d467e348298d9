"""What projects over rows have in common: items made of rows, gold items among them, how rows are shown, what was decided of each."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from math import ceil
from typing import Annotated, Any

import polars as pl
from pydantic import BeforeValidator, WithJsonSchema

from curate.algorithms.stratified import Stratum
from curate.algorithms.template import RowTemplate
from curate.language import say
from curate.options import located, problem
from curate.review.gold import interleaved, read_gold
from curate.review.interface import Interface
from curate.review.project import Project
from curate.review.sample import SampleShare, as_share
from curate.review.schema import ITEM, as_json, content_of
from curate.rows import Outcome, because

#: A field without a value, and a text without a letter: an empty box looks like a fault of the page.
NOTHING = "—"


def _size(value: Any) -> Any:
    if type(value) is int and value < 1:
        raise problem(
            say(f"sample 不能是 {value}", f"sample cannot be {value}"),
            say(
                "写行数（如 500）或比例（如 0.1、10%）",
                "write a number of rows or a share, such as 500 or 0.1",
            ),
        )
    return value


RowSample = Annotated[
    int | SampleShare,
    BeforeValidator(_size),
    WithJsonSchema({"anyOf": [{"type": "integer", "minimum": 1}, {"type": "number"}, {"type": "string"}]}),
]
"""How many rows: a whole number is rows, anything else a share of them (1.0 is all, 1 is one row)."""


def rows_of(sample: int | str, rows: int) -> int:
    """How many of ``rows`` a ``RowSample`` asks for."""
    return min(rows, sample if isinstance(sample, int) else ceil(as_share(sample) * rows))


def rendered(rows: pl.DataFrame, template: str) -> pl.Series:
    """A column or a template as text, one a row; null is empty."""
    return RowTemplate(template if "{" in template else f"{{{{ {template} }}}}").render(rows)


def one_line(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all(r"\s+", " ").str.strip_chars()


def shown(value: Any) -> str:
    """The value of a field, as people read it."""
    if value is None:
        return NOTHING
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return "、".join(value) or NOTHING
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value).strip() or NOTHING


def field_lines(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    """A row field by field, a line each."""
    return "\n".join(f"{name}：{shown(row[name])}" for name in columns)


def items_of(
    project: Project, rows: pl.DataFrame, data: Sequence[Mapping[str, str]], **columns: Any
) -> pl.DataFrame:
    """The items (``schema.ITEM``) of a sample in the order of ``rows``, whose ``row_id`` and ``corpus`` they take; with the gold items of
    the project among them.

    Args:
        data: what is shown of each row.
        columns: further columns of the items: a value for all, or a Series.
    """
    made = rows.select(
        pl.col("row_id").alias("item_id"),
        pl.Series("content", [content_of(one) for one in data], dtype=pl.String),
        pl.Series("data", [as_json(one) for one in data], dtype=pl.String),
        pl.lit("sample").alias("part"),
        "corpus",
        pl.lit("real").alias("origin"),
        pl.lit(project.name).alias("task"),
        pl.col("row_id").alias("source"),
    ).with_columns(
        value.alias(name) if isinstance(value, pl.Series) else pl.lit(value).alias(name)
        for name, value in columns.items()
    )
    absent = [pl.lit(None).alias(name) for name in ITEM if name not in made.columns]
    sample = made.with_columns(absent).select(pl.col(name).cast(kind) for name, kind in ITEM.items())
    return interleaved(sample, _gold(project)) if sample.height else sample


def _gold(project: Project) -> pl.DataFrame:
    if project.gold is None:
        return pl.DataFrame(schema=ITEM)
    control = project.page.controls.get(project.control)
    values = control.values if control is not None and control.tag == "Choices" else ()
    return read_gold(located(project.gold), project.fields, project.control, values)


def settled(decided: pl.DataFrame) -> Iterator[tuple[str, dict[str, Any]]]:
    """(item_id, control -> value) of the items that are decided; dropped disputes are none."""
    for item_id, values in (
        decided.filter(pl.col("value").is_not_null()).select("item_id", "values").iter_rows()
    ):
        yield item_id, json.loads(values)


def words(interface: Interface, control: str, told: Any) -> list[str]:
    """What people see for what they picked: of choices, or of marked places; each once, in order."""
    picked = told if isinstance(told, list) else [told] if told else []
    names = [one["label"] if isinstance(one, dict) else one for one in picked]
    return list(dict.fromkeys(interface.word(control, str(name)) for name in names))


def without(frame: pl.DataFrame, gone: dict[str, str], reason: str) -> Outcome:
    """The rows that stay, and those that go: row_id -> detail."""
    details = pl.DataFrame(list(gone.items()), schema={"row_id": pl.String, "told": pl.String}, orient="row")
    here = frame["row_id"].is_in(details["row_id"].implode())
    bad = frame.filter(here)
    detail = bad.select("row_id").join(details, on="row_id", how="left", maintain_order="left")["told"]
    return Outcome(frame.filter(~here), because(bad, pl.lit(reason), detail=pl.lit(detail)))


def judged_strata(items: pl.DataFrame, decided: pl.DataFrame) -> list[Stratum]:
    """The strata of a sample, whose names end in their size (``flagged:120``), with how many of their items people judged, and
    how many of these they answered ``yes``.
    """
    told = items.join(decided.select("item_id", "value"), on="item_id", how="left")
    counts = told.group_by("stratum").agg(
        pl.len(), pl.col("value").count().alias("judged"), (pl.col("value") == "yes").sum().alias("found")
    )
    strata = []
    for stratum, sampled, judged, found in counts.sort("stratum").iter_rows():
        name, _, rows = stratum.rpartition(":")
        strata.append(Stratum(name, int(rows), sampled, judged, found))
    return strata
