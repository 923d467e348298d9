"""The second step of a corpus: every row gets its id, its text and the columns that all rows have."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Cache, Place, Step
from curate.errors import CurateError
from curate.files import sha256_of, write_parquet
from curate.language import say
from curate.messages import did_you_mean
from curate.rows import COMMON, RESERVED, Outcome, Table, nothing_dropped, with_text
from curate.sources.corpus import Corpus
from curate.sql import ask


def identify(corpus: Corpus, name: str, table: Table, cache: Cache, key: str) -> Step:
    """``row_id`` is ``corpus:key``; never the line number, so that it survives a refresh.

    Without a declared key, or where it is empty, the key is ``~`` and a hash of the row's values. Where
    several rows share one key, the newest (then the first by content hash) has the plain id and each other one
    ``key~hash``: this depends on the rows alone, not on their order, and a record keeps its id when a newer
    version of it comes.
    """
    columns = union_of_columns(table)
    for error in column_errors(corpus, name, set(columns)):
        raise error

    def number_all(folder: Path) -> dict[str, Any]:
        shards = [_keys(same_columns(rows, columns), corpus) for rows in table.frames()]
        narrow = pl.concat(
            rows.with_columns(pl.lit(shard).alias("shard")) for shard, rows in enumerate(shards)
        )
        ids = ask(
            """SELECT shard, place, base
                 || CASE WHEN rank = 1 THEN '' ELSE '~' || substr(hash, 1, 8) END
                 || CASE WHEN repeat = 1 THEN '' ELSE '.' || repeat END AS id
               FROM (SELECT *, row_number() OVER (PARTITION BY base ORDER BY newest) AS rank,
                               row_number() OVER (PARTITION BY base, substr(hash, 1, 8) ORDER BY newest) AS repeat
                     FROM (SELECT *, row_number() OVER (ORDER BY updated_at DESC NULLS LAST, hash, shard, place)
                             AS newest FROM keys)) ORDER BY shard, place""",
            keys=narrow,
        )
        write_parquet(folder / "ids.parquet", ids)
        return {"rows_in": table.rows, "kept": table.rows}

    numbers = cache.once(sha256_of(["ids", key]), Place("sources", "ids", name), number_all)
    ids = pl.read_parquet(numbers.folder / "ids.parquet").partition_by("shard", as_dict=True)

    def work(shard: int, rows: pl.DataFrame) -> Outcome:
        known = ids[(shard,)]["id"] if rows.height else pl.Series([], dtype=pl.String)
        full = assemble(same_columns(rows, columns), name, known, corpus.derived_text)
        return Outcome(full, nothing_dropped(full))

    return cache.rowwise(key, Place("sources", "identify", name), table, work)


def assemble(rows: pl.DataFrame, corpus: str, ids: pl.Series, derived_text: str | None) -> pl.DataFrame:
    """``rows`` with the system columns in front and the common ones among their own."""
    row_id = pl.lit(pl.select(pl.format(f"{corpus}:{{}}", ids)).to_series())
    full = rows.select(
        row_id.alias("row_id"),
        pl.lit(corpus).alias("corpus"),
        row_id.alias("cluster_id"),
        pl.lit(1, pl.Int64).alias("copies"),
        *rows.columns,
    )
    absent = [name for name in COMMON if name not in full.columns]
    return with_text(
        full.with_columns(pl.lit(None, COMMON[name]).alias(name) for name in absent), derived_text
    )


def union_of_columns(table: Table) -> dict[str, pl.DataType]:
    """All columns of all shards; a name that has several types becomes text."""
    columns: dict[str, pl.DataType] = {}
    for shard in table.shards:
        for column, kind in pl.read_parquet_schema(shard).items():
            known = columns.get(column, kind)
            columns[column] = (
                kind if known in (kind, pl.Null()) else known if kind == pl.Null() else pl.String()
            )
    return {column: pl.String() if kind == pl.Null() else kind for column, kind in columns.items()}


def same_columns(rows: pl.DataFrame, columns: dict[str, pl.DataType]) -> pl.DataFrame:
    """``rows`` with all ``columns`` and their types; an empty cell is null."""
    full = rows.select(
        pl.col(column).map_batches(_as_json, pl.String).alias(column)
        if kind == pl.String() and rows.schema.get(column, kind).is_nested()
        else (pl.col(column) if column in rows.columns else pl.lit(None)).cast(kind).alias(column)
        for column, kind in columns.items()
    )
    return full.with_columns(
        pl.when(pl.col(column) != "").then(pl.col(column)).alias(column)
        for column, kind in columns.items()
        if kind == pl.String()
    )


def _keys(rows: pl.DataFrame, corpus: Corpus) -> pl.DataFrame:
    """place, base (the key, or ``~hash``), updated_at and the hash of each row's values (MD5, 32 hex digits)."""
    # under names of our own: SQL does not tell ID from id, and a column may be called place
    called = {column: f"c{number}" for number, column in enumerate(rows.columns)}
    plain = rows.select(
        (
            pl.col(column).map_batches(_as_json, pl.String)
            if kind.is_nested()
            else pl.col(column).cast(pl.String, strict=False)
        ).alias(called[column])
        for column, kind in rows.schema.items()
    )
    # only values that are there are hashed: a column that a refresh adds empty changes no id
    pairs = ", ".join(f"{_literal(column + '=')} || {called[column]}" for column in sorted(called))
    key = " || '|' || ".join(called[column] for column in corpus.key) if corpus.key else "NULL"
    time = called.get("updated_at", "NULL")
    return ask(
        f"""SELECT place::BIGINT AS place, coalesce(key, '~' || substr(hash, 1, 16)) AS base, hash, updated_at
            FROM (SELECT place, md5(concat_ws(chr(31), {pairs})) AS hash, ({key})::VARCHAR AS key,
                         ({time})::VARCHAR AS updated_at FROM rows)
            ORDER BY place""",
        rows=plain.with_row_index("place"),
    )


def _as_json(values: pl.Series) -> pl.Series:
    import json

    return pl.Series(
        [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in values.to_list()
        ],
        dtype=pl.String,
    )


def _literal(text: str) -> str:
    """A text in SQL."""
    return "'" + text.replace("'", "''") + "'"


def column_errors(corpus: Corpus, name: str, found: set[str]) -> list[CurateError]:
    """Columns that the recipe names and the source lacks, with the nearest name, and those whose names are
    curate's own.
    """
    from curate.algorithms.template import RowTemplate

    errors = [
        CurateError(
            say(
                f"语料 {name} 的列 {column} 与系统列同名",
                f"{name}: the column {column} is one of curate's own names",
            ),
            say(
                f"改名，例如 columns: {{{column}_: {column}}}", f"rename it: columns: {{{column}_: {column}}}"
            ),
        )
        for column in sorted(RESERVED & found)
    ]
    text = RowTemplate(corpus.text).names if "{" in corpus.text else {corpus.text}
    wanted = {"key": corpus.key, "identity": corpus.identity, "columns": corpus.columns, "text": text}
    for option, columns in wanted.items():
        for column in sorted(set(columns) - found):
            source = corpus.columns.get(column)
            if (column in COMMON and option != "text" and not source) or (source and option != "columns"):
                continue  # every row has it; or it is told where it is renamed
            errors.append(
                CurateError(
                    say(f"语料 {name} 没有列 {source or column}", f"{name} has no column {source or column}"),
                    did_you_mean(source or column, found),
                    option=(option, column),
                )
            )
    return errors
