"""Questions over whole corpora: one SELECT each, with templates over the columns of its answer."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from curate.errors import Problem
from curate.language import say
from curate.messages import did_you_mean
from curate.rows import ROUTED, SYSTEM, WHY
from curate.sql import parsed
from curate.synthesize.question_files import Asked, load_file
from curate.synthesize.questions import Compiled
from curate.synthesize.select import check_select, closed_database, may_disclose, tables_of

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

#: Columns that pairs have from curate; a query gives its own other names.
TAKEN = frozenset({*SYSTEM, *ROUTED, *WHY})


class QueryForm(Asked):
    """One question of a file of queries. Its templates may use the columns of the query's answer."""

    query: str
    """一条 SELECT；结果的每一行出一个问答，要有 key 列；说到了哪些行，列在 rows 里 / one SELECT, a pair a row; with a column key, and rows where it tells of single rows"""


@dataclass(frozen=True)
class SqlQuestion:
    """A question over whole corpora. ``line``: of the query in its file."""

    sql: str
    templates: Compiled
    line: int

    @property
    def called(self) -> str:
        return say(
            f"{self.templates.file} 第 {self.line} 行的问题 {self.templates.name}",
            f"{self.templates.file}:{self.line}: {self.templates.name}",
        )


def load_queries(workspace: Path, file: str) -> tuple[list[SqlQuestion], list[Problem]]:
    """The questions of a file of queries, and all that is wrong with it as far as it can be seen without data."""
    entries, problems = load_file(workspace, file, QueryForm)
    questions = []
    for entry in entries:
        sql = entry.form.query.strip().removesuffix(";")
        wrong = check_select(entry.form.query)
        if not wrong and parsed(f"FROM ({sql}\n)").get("error"):
            wrong = say("分号后面不能再写东西", "nothing may stand behind the semicolon")
        if wrong:
            told = say(f"query 不能用：{wrong}", f"the query cannot be used: {wrong}")
            hint = say("写一条 SELECT，只用配方里的语料", "write one SELECT over the recipe's corpora")
            problems.append(Problem(workspace / file, entry.lines["query"], told, hint))
        else:
            questions.append(SqlQuestion(sql, entry.compiled, entry.lines["query"]))
    return questions, problems


def query_problems(
    questions: list[SqlQuestion], frames: dict[str, pl.DataFrame]
) -> list[tuple[SqlQuestion, str, str]]:
    """(question, what is wrong, hint) of those that cannot be asked of corpora with the columns of these frames; no row is
    read.
    """
    with closed_database([], Path()) as connection:
        for name, frame in frames.items():
            known = frame.clear()
            routed = [
                pl.lit(None, kind).alias(column)
                for column, kind in ROUTED.items()
                if column not in known.columns
            ]
            connection.register(name, known.with_columns(routed))
        found = [(question, unanswerable(connection, question, set(frames))) for question in questions]
    return [(question, *wrong) for question, wrong in found if wrong]


def unanswerable(
    connection: DuckDBPyConnection, question: SqlQuestion, corpora: set[str]
) -> tuple[str, str] | None:
    """(what is wrong with a question, hint); the query is bound, not run."""
    import duckdb

    known = {name.lower(): name for name in corpora}
    for table in sorted(tables_of(question.sql)):
        if table.lower() not in known:
            return say(f"没有语料 {table}", f"there is no corpus {table}"), did_you_mean(table, corpora)
    try:
        answer = connection.sql(question.sql)
    except duckdb.Error as error:
        read = sorted(known[table.lower()] for table in tables_of(question.sql))
        return str(error), columns_told(connection, read)
    kinds = {name: str(kind) for name, kind in zip(answer.columns, answer.types, strict=True)}
    columns = say(f"query 给出的列：{'、'.join(kinds)}", f"the query gives {', '.join(kinds)}")
    if "key" not in kinds:
        return (
            say("query 的结果缺少 key 列", "the query's answer lacks the column key"),
            say("把区分各行的那一列写成 … AS key", "name the column that tells its rows apart: … AS key"),
        )
    taken = sorted({name.lower() for name in kinds} & TAKEN)
    if taken:
        told = say(f"列名 {taken[0]} 是 curate 用的", f"the column name {taken[0]} is curate's own")
        return told, say(f"改成别的名字：{taken[0]} AS …", f"give it another: {taken[0]} AS …")
    if kinds.get("rows", "VARCHAR[]") != "VARCHAR[]":
        told = say("rows 应当是 row_id 的列表", "rows must be a list of row_ids")
        return told, say(
            "写成 list(row_id) AS rows，或 [row_id] AS rows",
            "write list(row_id) AS rows, or [row_id] AS rows",
        )
    if "rows" not in kinds and may_disclose(question.sql):
        return (
            say(
                "答案会说到单独的行，却没有 rows 列",
                "the answer may tell of single rows, but there is no column rows",
            ),
            say(
                "加上 list(row_id) AS rows，测试集的行才不会进训练集",
                "add list(row_id) AS rows, to keep rows of the test set out of training",
            ),
        )
    lacking = sorted(question.templates.names - set(kinds))
    if lacking:
        told = say(
            f"模板用到的 {lacking[0]} 不在 query 的结果里",
            f"the query's answer has no {lacking[0]}, which a template names",
        )
        return told, columns
    return None


def columns_told(connection: DuckDBPyConnection, corpora: list[str]) -> str:
    told = [f"{name}({', '.join(connection.table(name).columns)})" for name in corpora]
    return say(f"可用的列：{'；'.join(told)}", f"the columns are: {'; '.join(told)}")
