"""DuckDB over frames, closed to files and network."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from curate.errors import CurateError
from curate.language import say

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection


@cache
def _database() -> DuckDBPyConnection:
    """One database in memory for the process; every question has a cursor of its own, so threads don't meet."""
    import duckdb

    return duckdb.connect(config={"enable_external_access": False})


def ask(question: str, **frames: pl.DataFrame) -> pl.DataFrame:
    """The answer to a SQL question over the given frames, each under its keyword's name."""
    with _database().cursor() as connection:
        for name, frame in frames.items():
            connection.register(name, frame)
        answer: pl.DataFrame = connection.sql(question).pl()
        return answer


def parsed(statement: str) -> dict[str, Any]:
    """DuckDB's own parse of SELECT statements: ``statements``, or ``error`` and ``error_message``; runs nothing."""
    with _database().cursor() as connection:
        answer = connection.execute("SELECT json_serialize_sql(?)", [statement]).fetchall()
    found: dict[str, Any] = json.loads(answer[0][0])
    return found


def _parsed(condition: str) -> dict[str, Any]:
    return parsed(f"SELECT ({condition}\n) AS x")


#: what a rule may not contain: another query could read files
_FORBIDDEN = {"SUBQUERY", "TABLE_FUNCTION", "WINDOW", "STAR"}


def check_condition(condition: str) -> str | None:
    """None when ``condition`` is one SQL expression over columns, else what is wrong with it, in DuckDB's words."""
    bare = re.sub(r"--[^\n]*|/\*.*?\*/", "", condition, flags=re.DOTALL)
    if not bare.strip():
        return say("条件是空的", "the condition is empty")
    parsed = _parsed(condition)
    if parsed.get("error"):
        return str(parsed.get("error_message", ""))
    statements = parsed["statements"]
    node = statements[0]["node"]
    if len(statements) != 1 or node["type"] != "SELECT_NODE" or len(node["select_list"]) != 1:
        return say("应当只是一个条件", "must be a single condition")
    if _classes(node) & _FORBIDDEN or node.get("from_table", {}).get("type") != "EMPTY":
        return say("只能用本行的列，不能有子查询", "may use the row's columns only, no subquery")
    return None


def columns_of(condition: str) -> set[str]:
    """The column names that a condition uses."""
    names: set[str] = set()

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("class") == "COLUMN_REF":
                names.add(node["column_names"][-1])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(_parsed(condition))
    return names


def _classes(node: Any) -> set[str]:
    if isinstance(node, dict):
        found = {str(node.get("class"))}
        return found.union(*(_classes(value) for value in node.values()))
    if isinstance(node, list):
        return set().union(*(_classes(value) for value in node))
    return set()


def holds(rows: pl.DataFrame, conditions: dict[str, str]) -> pl.DataFrame:
    """One boolean column a condition (null counts as false), in the order of the rows.

    Columns that a condition names and the rows lack are null: rules are written once for all corpora.

    Raises:
        CurateError: the condition cannot be computed over these columns.
    """
    import duckdb

    # SQL does not tell City from city
    used = {name.lower(): name for condition in conditions.values() for name in columns_of(condition)}
    there = {name.lower(): name for name in rows.columns if name.lower() in used}
    absent = [name for low, name in sorted(used.items()) if low not in there]
    # of no type, so that it compares with any
    frame = rows.with_columns(pl.lit(None, pl.Null).alias(name) for name in absent)
    frame = frame.select([*there.values(), *absent]) if used else rows.select(pl.first())
    with _database().cursor() as connection:
        connection.register("rows", frame)
        answers = {}
        for name, condition in conditions.items():
            try:
                found = connection.sql(
                    f"SELECT coalesce(({condition}\n)::BOOLEAN, false) AS x FROM rows"
                ).pl()
            except duckdb.Error as error:
                raise CurateError(
                    say(
                        f"规则算不出来：{condition}：{error}",
                        f"the rule cannot be computed: {condition}: {error}",
                    ),
                    say(
                        "对照 curate check 列出的列名和类型修改这条规则",
                        "mend it by the columns that curate check lists",
                    ),
                ) from error
            if found.height != rows.height:
                raise CurateError(
                    say(
                        f"规则不是逐行的条件：{condition}", f"the rule is no condition on a row: {condition}"
                    ),
                    say(
                        "不能用 sum、count、unnest 这类函数",
                        "sum, count, unnest and the like have no place in it",
                    ),
                )
            answers[name] = found["x"]
    return pl.DataFrame(answers)


def quoted(name: str) -> str:
    """A column's name in SQL."""
    return '"' + name.replace('"', '""') + '"'


def listed(files: Iterable[Path]) -> str:
    """Files as ``read_parquet`` takes them."""
    return "[" + ", ".join("'" + str(file).replace("'", "''") + "'" for file in files) + "]"
