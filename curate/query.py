"""Query: every table of a run under a name, for DuckDB.

``<corpus>``: its rows after the last phase. ``<phase>_<corpus>``: after that phase. ``dropped``: all dropped rows
with phase, unit, reason, detail, of, similarity and text. ``pairs``, ``chunks``, ``steps``.

Of synthesis: ``slots``: what a model was to fill; ``candidates``: pairs as they were made, before gates and mix;
``dropped_pairs``: pairs that a later phase dropped, whole, with phase, unit and reason.

Of cleaning: ``changes``: which cleaner changed which column of which row; ``notes``: what the cleaners tell besides
(ledgers of personal data, hits of terms, values for review).

Of dedupe, narrow and without texts: ``duplicates``: every row that went (reason, of, similarity) or stands for others
(copies); ``similar_pairs``: the compared pairs; ``review_pairs``: records for people to look at; ``merged_values``:
what merged records took from which row.

Of quarantine: ``quarantine``: every error of every row that failed its schema (field, value, rule, and why); ``returned``: what became
of the values that came back from their owners.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import polars as pl

from curate.cache import Step
from curate.errors import UsageError
from curate.language import say
from curate.phases import FLOW
from curate.returned import UNIT as RETURNED
from curate.run import PastRun
from curate.sql import parsed
from curate.task_steps import tasks_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: the column that tells which file a row of a view came from, where that is needed
FILE = "file_of_step"


def _shards(run: PastRun) -> dict[str, list[Path]]:
    found: dict[str, list[Path]] = {}
    for corpus in run.manifest["corpora"]:
        last: dict[str, Step] = {
            step.phase: step for step in run.of(corpus) if step.phase in FLOW and step.unit != "read"
        }
        for phase, step in last.items():
            found[f"{phase}_{corpus}"] = list(step.table.shards)
        if last:
            found[corpus] = list(last[list(last)[-1]].table.shards)
    found["pairs"] = [shard for step in run.pairs for shard in step.table.shards]
    chunks = {step.corpus: step for step in run.steps if step.phase == "chunk"}  # the last of each corpus
    found["chunks"] = [shard for step in chunks.values() for shard in step.table.shards]
    return {
        name: shards
        for name, shards in {
            **found,
            **_of_synthesis(run),
            **_of_cleaning(run),
            **_of_dedupe(run),
            **_of_quarantine(run),
        }.items()
        if shards
    }


def _of_synthesis(run: PastRun) -> dict[str, list[Path]]:
    tasks = tasks_of(run)
    made = [step for task in tasks if (step := task.step("pairs"))]
    slots = [step for task in tasks if (step := task.slots)]
    return {
        "slots": [shard for step in slots for shard in step.table.shards],
        "candidates": [shard for step in made for shard in step.table.shards],
        "dropped_pairs": [shard for step in _dropping(run) for shard in step.dropped_shards],
    }


def _dropping(run: PastRun) -> list[Step]:
    """The steps that drop pairs."""
    return [
        step for task in tasks_of(run) for step in task.of_pairs if step.phase != "pairs" and step.dropped
    ]


def _of_cleaning(run: PastRun) -> dict[str, list[Path]]:
    steps = [step for step in run.steps if step.phase == "clean"]
    return {
        "changes": [shard for step in steps for shard in step.change_shards],
        "notes": [shard for step in steps for shard in step.note_shards],
    }


def _of_quarantine(run: PastRun) -> dict[str, list[Path]]:
    checked = [step for step in run.steps if step.phase == "validate" and step.corpus != "*"]
    returned = [step for step in run.steps if (step.phase, step.unit) == ("sources", RETURNED)]
    return {
        "quarantine": [shard for step in checked for shard in step.note_shards],
        "returned": [shard for step in returned for shard in step.note_shards],
    }


def decision_of(run: PastRun) -> tuple[Step, list[Step]] | None:
    """Dedupe's decision and the steps that carried it out, one a corpus; None where the run got no further."""
    decided = next((step for step in run.steps if (step.phase, step.unit) == ("dedupe", "decide")), None)
    steps = [step for step in run.steps if (step.phase, step.unit) == ("dedupe", "dedupe")]
    return (decided, steps) if decided and steps else None


def _of_dedupe(run: PastRun) -> dict[str, list[Path]]:
    """The files of dedupe's decision: what became of which row, and the compared pairs."""
    found = decision_of(run)
    if found is None:
        return {}
    decided, steps = found
    files = {
        "duplicates": [f"verdicts/{step.corpus}" for step in steps],
        "similar_pairs": ["edges"],
        "review_pairs": ["review"],
        "merged_values": ["provenance"],
    }
    paths = {table: [decided.folder / f"{name}.parquet" for name in names] for table, names in files.items()}
    return {table: [path for path in there if path.exists()] for table, there in paths.items()}


def _more(run: PastRun, table: str) -> dict[str, str]:
    """Columns in front of those of the files: name -> SQL."""
    if table in ("duplicates", "quarantine", "returned"):
        return {"corpus": "split_part(row_id, ':', 1)"}
    if table != "dropped_pairs":
        return {}
    # a step's folder tells which it is
    folders = {step.folder.name: step for step in _dropping(run)}
    of = f"parse_path({FILE})[-3]"
    return {
        name: f"CASE {of} "
        + " ".join(f"WHEN '{folder}' THEN '{getattr(step, name)}'" for folder, step in folders.items())
        + " END"
        for name in ("phase", "unit")
    }


def _dropped(run: PastRun) -> pl.DataFrame:
    told = ["row_id", "corpus", "reason", "detail", "of", "similarity", "text"]
    parts = []
    for step in run.steps:
        for shard in step.dropped_shards:
            here = set(pl.read_parquet_schema(shard))
            name_of = (
                [pl.col("pair_id").alias("row_id")] if "pair_id" in here and "row_id" not in here else []
            )
            rows = pl.scan_parquet(shard).select(*name_of, *(name for name in told if name in here)).collect()
            parts.append(
                rows.with_columns(pl.lit(step.phase).alias("phase"), pl.lit(step.unit).alias("unit"))
            )
    return (
        pl.concat(parts, how="diagonal_relaxed")
        if parts
        else pl.DataFrame(schema=dict.fromkeys(told, pl.String))
    )


def _steps(run: PastRun) -> pl.DataFrame:
    names = ("phase", "unit", "corpus", "rows_in", "kept", "dropped", "rows_out", "seconds", "cached", "key")
    return pl.DataFrame(
        [{name: getattr(step, name) for name in names} for step in run.steps], infer_schema_length=None
    )


def tables(run: PastRun) -> dict[str, list[str]]:
    """Table -> its columns."""
    run.need_rows()
    found = {
        name: [*_more(run, name), *pl.read_parquet_schema(shards[0])] for name, shards in _shards(run).items()
    }
    return found | {"dropped": _dropped(run).columns, "steps": _steps(run).columns}


class Hiding(Protocol):
    """What hides personal data from people who may not see it."""

    def expressions(self, connection: DuckDBPyConnection, schema: Mapping[str, pl.DataType]) -> str:
        """What replaces the columns of a view: behind its ``*``."""

    def frame(self, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows without it."""


def query(run: PastRun, sql: str, hiding: Hiding | None = None) -> pl.DataFrame:
    """The answer to a SQL question over the run's tables.

    Args:
        hiding: hides personal data in the tables themselves, since an answer could be made of parts of a value.

    Raises:
        UsageError: DuckDB refuses it; its message names the nearest table or column.
    """
    import duckdb

    run.need_rows()
    files_of_tables = _shards(run)
    with duckdb.connect() as connection:
        for name, shards in files_of_tables.items():
            files = ", ".join("'" + str(shard).replace("'", "''") + "'" for shard in shards)
            more = "".join(f"{value} AS {column}, " for column, value in _more(run, name).items())
            # only where it is asked for: a corpus may have a column of that name
            named = f", filename = '{FILE}'" if FILE in more else ""
            own = f"* EXCLUDE ({FILE})" if named else "*"
            schema = {
                column: kind for shard in shards for column, kind in pl.read_parquet_schema(shard).items()
            }
            hidden = hiding.expressions(connection, schema) if hiding else ""
            connection.execute(
                f'CREATE VIEW "{name}" AS SELECT {more}{own} {hidden} FROM read_parquet([{files}], union_by_name = true{named})'
            )
        dropped = _dropped(run)
        connection.register("dropped", hiding.frame(dropped) if hiding else dropped)
        connection.register("steps", _steps(run))
        # a question is about the run's tables: no other file is read, and none is written
        allowed = sorted({str(shard) for shards in files_of_tables.values() for shard in shards})
        connection.execute("SET allowed_paths = ?", [allowed])
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        if hiding:
            _need_tables(sql)
        try:
            answer: pl.DataFrame = connection.sql(sql).pl()
        except duckdb.Error as error:
            raise UsageError(
                say(f"SQL 有误：{error}", f"the SQL is wrong: {error}"),
                say(
                    "不带 SQL 运行 curate query，可以看到所有表和列",
                    "curate query without SQL lists the tables and columns",
                ),
            ) from error
    return hiding.frame(answer) if hiding else answer


def _need_tables(sql: str) -> None:
    """Raises:
    UsageError: the question goes round the run's tables, to files that hold personal data as it is.
    """
    told = json.dumps(parsed(sql))
    if '"error": true' in told or "TABLE_FUNCTION" in told or re.search(r'"table_name": "[^"]*[/.]', told):
        raise UsageError(
            say(
                "没有 unmask 权限，只能用 SELECT 查列出来的表，不能直接读文件",
                "without the permission unmask only SELECT over the listed tables is allowed, and no reading of files",
            ),
            say(
                "不带 SQL 运行 curate query，可以看到所有表和列",
                "curate query without SQL lists the tables and columns",
            ),
        )
