"""References: a value that must be the key of a row of another corpus, looked up by DuckDB over the files of both.

Known are the keys of all rows that came to validation, also of those that were set aside: a row is not wrong because the one
that it names has a fault of its own. Only the columns that hold keys are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import polars as pl
from pydantic import BaseModel

from curate.files import write_parquet
from curate.language import say
from curate.rows import Outcome, because
from curate.sql import listed, quoted
from curate.types import References
from curate.validate.notes import LONGEST

#: Rises when the same rows would give other misses.
VERSION = 2
#: A value that no row of its corpus has.
MISS = {
    "row_id": pl.String,
    "field": pl.String,
    "value": pl.String,
    "target": pl.String,
    "nearest": pl.String,
}
#: values for which the nearest key is looked up: a list of ten thousand helps nobody
MOST_NEAREST = 200
#: comparisons for it, all in all: about two seconds
MOST_COMPARED = 20_000_000


@dataclass(frozen=True)
class Reference:
    """``field`` of one corpus holds values of ``column`` of another, ``target``."""

    field: str
    target: str
    column: str


def references_of(
    model: type[BaseModel], keys: Mapping[str, Sequence[str]]
) -> tuple[list[Reference], list[str]]:
    """The references of a model, and what of them cannot be checked, in words.

    Args:
        keys: the recipe's corpora -> their key columns.
    """
    found, told = [], []
    for field, info in model.model_fields.items():
        for mark in (*info.metadata, *_marks(info.annotation)):
            if not isinstance(mark, References):
                continue
            column = mark.column or next(iter(keys.get(mark.corpus, ())), None)
            if mark.corpus not in keys:
                told.append(
                    say(
                        f"{field} 应指向语料 {mark.corpus}，配方里没有这份语料，没有核对",
                        f"{field} refers to the corpus {mark.corpus}, which this recipe lacks: not checked",
                    )
                )
            elif column is None:
                told.append(
                    say(
                        f"{field} 应指向语料 {mark.corpus} 的主键，它没有写 key，没有核对",
                        f"{field} refers to the key of {mark.corpus}, which declares none: not checked",
                    )
                )
            else:
                found.append(Reference(field, mark.corpus, column))
    return found, told


def _marks(annotation: Any) -> Iterator[Any]:
    """What stands beside a type, also inside of ``… | None`` and ``list[…]``."""
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from marks
        yield from _marks(inner)
    elif get_origin(annotation) in (Union, UnionType, list):
        for part in get_args(annotation):
            yield from _marks(part)


def look_up(
    own: Sequence[Path], targets: Mapping[str, tuple[Sequence[Path], Sequence[Path]]],
    references: Sequence[Reference], folder: Path,
) -> dict[str, Any]:  # fmt: skip
    """Write ``missing.parquet`` (``MISS``) of one corpus into ``folder``.

    Args:
        own: shards of its valid rows.
        targets: corpus -> (shards of its valid rows, shards of those that validation set aside).

    Returns:
        metrics: field -> ``{"target", "missing", "quarantined"}``, the latter: rows that refer to one that was set aside.
    """
    import duckdb

    parts, counts = [], {}
    with duckdb.connect(
        config={"temp_directory": str(folder / "scratch"), "memory_limit": "1GB"}
    ) as connection:
        for reference in references:
            kept, dropped = targets[reference.target]
            misses, quarantined = _missing(connection, own, kept, dropped, reference)
            parts.append(misses)
            counts[reference.field] = {
                "target": reference.target, "missing": misses.height, "quarantined": quarantined
            }  # fmt: skip
    missing = pl.concat(parts) if parts else pl.DataFrame(schema=MISS)
    write_parquet(folder / "missing.parquet", missing.sort("row_id", "field"))
    return counts


def _missing(
    connection: Any, own: Sequence[Path], kept: Sequence[Path], dropped: Sequence[Path], reference: Reference
) -> tuple[pl.DataFrame, int]:
    field, column = quoted(reference.field), quoted(reference.column)
    has = [file for file in own if reference.field in pl.read_parquet_schema(file)]
    if not has:
        return pl.DataFrame(schema=MISS), 0
    nested = pl.read_parquet_schema(has[0])[reference.field].is_nested()
    values = f"unnest(list_distinct({field}))" if nested else field
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known AS SELECT key, bool_and(aside) AS aside FROM ("
        + " UNION ALL ".join(
            f"SELECT CAST({column} AS VARCHAR) AS key, {aside} AS aside FROM read_parquet({listed(files)}, union_by_name = true)"
            for aside, shards in (("false", kept), ("true", dropped))
            if (files := [file for file in shards if reference.column in pl.read_parquet_schema(file)])
        )
        + ") WHERE key IS NOT NULL GROUP BY key"
    )
    rows = f"(SELECT row_id, CAST({values} AS VARCHAR) AS value FROM read_parquet({listed(has)}, union_by_name = true) WHERE {field} IS NOT NULL)"
    misses = connection.sql(
        f"SELECT row_id, value FROM {rows} rows ANTI JOIN known ON rows.value = known.key WHERE value IS NOT NULL ORDER BY row_id, value"
    ).pl()
    quarantined = connection.sql(
        f"SELECT count(DISTINCT row_id) FROM {rows} rows JOIN known ON rows.value = known.key WHERE known.aside"
    ).fetchall()[0][0]
    near = _nearest(misses["value"].unique().sort(), connection) if misses.height else {}
    told = misses.with_columns(
        pl.lit(reference.field).alias("field"),
        pl.lit(reference.target).alias("target"),
        pl.col("value").replace_strict(near, default=None, return_dtype=pl.String).alias("nearest"),
    )
    return told.select(list(MISS)), int(quarantined)


def _nearest(values: pl.Series, connection: Any) -> dict[str, str | None]:
    """Value -> the known key that was probably meant (rapidfuzz's normalised similarity, 80 of 100 at least); of the first values."""
    from rapidfuzz import fuzz, process

    keys = connection.sql("SELECT key FROM known ORDER BY key").pl()["key"].to_list()
    found = {}
    for value in values.head(min(MOST_NEAREST, MOST_COMPARED // max(1, len(keys)))):
        close = process.extractOne(value, keys, scorer=fuzz.ratio, score_cutoff=80)
        found[value] = close[0] if close else None
    return found


def carry_out(rows: pl.DataFrame, missing: pl.DataFrame, drop: bool) -> Outcome:
    """The rows without those that refer to nothing (with them where they are only reported); ``notes``: ``INVALID``."""
    own = missing.filter(pl.col("row_id").is_in(rows["row_id"].implode())).with_columns(
        pl.col("value").str.slice(0, LONGEST)
    )
    notes = own.select(
        "row_id", "field", "value", pl.lit("reference").alias("rule"),
        *(
            pl.format(words, "target", "value").alias(name) + _meant(before)
            for name, words, before in (
                ("zh", "语料 {} 里没有 {}", "，是不是 {}？"), ("en", "{} has no row {}", "; did you mean {}?"),
            )
        ),
    )  # fmt: skip
    sentence = pl.format(
        say("{}: {}：语料 {} 里没有这一行", "{}: {}: no such row in {}"), "field", "value", "target"
    )
    told = own.group_by("row_id", maintain_order=True).agg(sentence.str.join("；").alias("why"))
    if not drop or not own.height:
        empty = rows.clear()
        return Outcome(rows, because(empty, pl.lit(None, pl.String)), notes=notes)
    joined = rows.join(told, on="row_id", how="left", maintain_order="left")
    bad = joined.filter(pl.col("why").is_not_null())
    dropped = because(bad.drop("why"), pl.lit("missing_reference"), detail=pl.lit(bad["why"]))
    return Outcome(joined.filter(pl.col("why").is_null()).drop("why"), dropped, notes=notes)


def _meant(words: str) -> pl.Expr:
    return (
        pl.when(pl.col("nearest").is_not_null())
        .then(pl.format(words, pl.col("nearest").fill_null("")))
        .otherwise(pl.lit(""))
    )
