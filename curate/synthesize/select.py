"""What a recipe's SQL may be: one SELECT over its corpora that gives the same answer each time; and where it runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from curate.language import say
from curate.sql import ask, parsed

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: What a query may read from, besides a corpus: parts of itself.
_SOURCES = {"BASE_TABLE", "SUBQUERY", "JOIN", "EMPTY", "EXPRESSION_LIST", "PIVOT", "TABLE_FUNCTION"}
_TABLE_FUNCTIONS = {"unnest", "range", "generate_series"}
#: Recursion may not end.
_NODES = {"SELECT_NODE", "SET_OPERATION_NODE"}
#: Names that stand for the clock or the user, of which DuckDB's list of functions does not say so.
_CHANGING = {
    "age", "ago", "current_catalog", "current_date", "current_role", "current_time", "current_timestamp", "current_user",
    "localtime", "localtimestamp", "pg_conf_load_time", "pg_postmaster_start_time", "session_user", "user",
}  # fmt: skip
#: Answers of these are near the truth, and some of them are drawn.
_APPROXIMATE = ("approx_", "reservoir_")
#: Aggregates in which no row can be seen, if the group is not of one row; of all others the rows must be told.
_HIDING = {
    "avg", "bool_and", "bool_or", "corr", "count", "count_if", "count_star", "countif", "covar_pop", "covar_samp", "entropy",
    "favg", "fsum", "kahan_sum", "mean", "stddev", "stddev_pop", "stddev_samp", "sum", "sumkahan", "var_pop", "var_samp", "variance",
}  # fmt: skip

MEMORY = "2GB"


def check_select(sql: str) -> str | None:
    """None when ``sql`` is one SELECT that reads no file and gives the same each time, else what is wrong with it."""
    found = parsed(sql)
    if found.get("error"):
        return str(found.get("error_message", ""))
    statements = found["statements"]
    if len(statements) != 1:
        return say("只能是一条 SELECT 语句", "must be a single SELECT statement")
    for part in _dicts(statements[0]):
        wrong = _wrong_source(part) or _wrong_function(part)
        if wrong:
            return wrong
    return None


def tables_of(sql: str) -> set[str]:
    """The tables that a sound query reads, in the letters in which it names them."""
    parts = list(_dicts(parsed(sql)))
    own = {entry["key"].lower() for part in parts if "cte_map" in part for entry in part["cte_map"]["map"]}
    read = {part["table_name"] for part in parts if part.get("type") == "BASE_TABLE"}
    return {name for name in read if name.lower() not in own}


def may_disclose(sql: str) -> bool:
    """Can values of single rows be in the answer? Not where it is made of counts, sums and means of groups alone.

    A group of one row is not seen here: ``HAVING count(*) > 2`` is for the author.
    """
    return not _hides(parsed(sql)["statements"][0]["node"], {})


def _hides(node: dict[str, Any], around: dict[str, bool]) -> bool:
    """Does a SELECT hide the rows that it reads? ``around``: CTE in lower case -> does it."""
    own = dict(around)
    for entry in node["cte_map"]["map"]:
        own[entry["key"].lower()] = _hides(entry["value"]["query_node"], own)
    if "select_list" not in node:  # a UNION and its like
        return all(_hides(child, own) for child in node["children"])
    shown = list(_dicts(node["select_list"], inner=False))
    beside = [part["subquery"] for part in shown if part.get("class") == "SUBQUERY"]
    if not all(_hides(_query_node(query), own) for query in beside):
        return False
    if all(_source_hides(source, own) for source in _dicts(node["from_table"], inner=False)):
        return True
    used = {part["function_name"] for part in shown if part.get("class") == "FUNCTION"} & _aggregates()
    return bool(used) and used <= _HIDING


def _source_hides(source: dict[str, Any], own: dict[str, bool]) -> bool:
    if source.get("type") == "BASE_TABLE":
        return own.get(source["table_name"].lower(), False)
    return (
        source.get("type") != "SUBQUERY"
        or "sample" not in source
        or _hides(_query_node(source["subquery"]), own)
    )


def _query_node(query: dict[str, Any]) -> dict[str, Any]:
    node: dict[str, Any] = query.get("node", query)
    return node


def _wrong_source(part: dict[str, Any]) -> str | None:
    kind = part.get("type", "")
    if "select_list" in part or kind.endswith("_NODE"):
        if kind not in _NODES:
            return say("不能用 WITH RECURSIVE", "WITH RECURSIVE has no place in it")
    elif "alias" in part and "sample" in part:
        function = (part.get("function") or {}).get("function_name", "")
        if kind not in _SOURCES or (kind == "TABLE_FUNCTION" and function not in _TABLE_FUNCTIONS):
            return say(
                f"只能查配方里的语料，不能用 {function or part.get('table_name') or kind}",
                f"may read the recipe's corpora only, not {function or part.get('table_name') or kind}",
            )
        if part.get("schema_name") or part.get("catalog_name"):
            name = ".".join(filter(None, (part["catalog_name"], part["schema_name"], part["table_name"])))
            return say(f"语料名前面不能加别的：{name}", f"a corpus is named without a schema: {name}")
    if part.get("sample"):
        return say("不能抽样：每次的结果不同", "no sampling: the answer would change each time")
    return None


def _wrong_function(part: dict[str, Any]) -> str | None:
    kind, name = part.get("class"), ""
    if kind in ("FUNCTION", "WINDOW"):
        name = str(part.get("function_name") or "").lower()
    elif (
        kind == "COLUMN_REF"
        and len(part["column_names"]) == 1
        and part["column_names"][0].lower() in _CHANGING
    ):
        name = part["column_names"][0].lower()
    if name.startswith(_APPROXIMATE):
        return say(f"{name} 只给近似的结果", f"{name} gives an approximate answer")
    if name in _CHANGING or name in _inconstant():
        return say(f"{name} 每次的结果可能不同", f"{name} may give another answer each time")
    return None


@cache
def _inconstant() -> frozenset[str]:
    """Functions that DuckDB itself calls volatile, or constant within a query only."""
    found = ask("SELECT DISTINCT function_name FROM duckdb_functions() WHERE stability <> 'CONSISTENT'")
    return frozenset(found["function_name"])


@cache
def _aggregates() -> frozenset[str]:
    found = ask("SELECT DISTINCT function_name FROM duckdb_functions() WHERE function_type = 'aggregate'")
    return frozenset(found["function_name"])


def _dicts(tree: Any, *, inner: bool = True) -> Iterator[dict[str, Any]]:
    """All objects of a parse; ``inner``: also those of subqueries."""
    if isinstance(tree, dict):
        yield tree
        for name, value in tree.items():
            if inner or name != "subquery":
                yield from _dicts(value, inner=inner)
    elif isinstance(tree, list):
        for value in tree:
            yield from _dicts(value, inner=inner)


@contextmanager
def closed_database(files: list[Path], scratch: Path) -> Iterator[DuckDBPyConnection]:
    """A database in memory that can read these files and no other, of one thread: so lists and sums have one order.

    Args:
        scratch: where it writes what does not fit into memory.
    """
    import duckdb

    settings: dict[str, str | bool | int | float | list[str]] = {
        "threads": 1, "memory_limit": MEMORY, "temp_directory": str(scratch),
        "autoload_known_extensions": False, "autoinstall_known_extensions": False,
    }  # fmt: skip
    with duckdb.connect(config=settings) as connection:
        connection.execute(f"SET allowed_paths = [{', '.join(quoted(str(file)) for file in files)}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection


def quoted(text: str) -> str:
    """A SQL string."""
    return "'" + text.replace("'", "''") + "'"
