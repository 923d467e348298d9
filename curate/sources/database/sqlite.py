"""SQLite, by Python's own module."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

import polars as pl

from curate.sources.database import BATCH, Address, Connection
from curate.sources.database.frames import frame_of


@contextmanager
def opened(address: Address, workspace: Path) -> Iterator[Connection]:
    """``sqlite:///data/x.sqlite`` is a path from the workspace, ``sqlite:////data/x.sqlite`` an absolute one."""
    with opened_file(workspace / unquote(address.parts.path.removeprefix("/"))) as connection:
        yield connection


@contextmanager
def opened_file(path: Path) -> Iterator[SQLite]:
    with closing(sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True)) as connection:
        # a text that is no UTF-8 costs its characters, not the table
        connection.text_factory = lambda raw: raw.decode("utf-8", "replace")
        connection.isolation_level = None
        connection.execute("BEGIN")
        yield SQLite(connection)


class SQLite:
    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def tables(self) -> list[str]:
        found = self.connection.execute(
            "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' "
            "ORDER BY name"
        )
        return [name for (name,) in found]

    def greatest(self, source: str, column: str) -> Any:
        (found,) = self.connection.execute(f"SELECT max({column}) FROM ({source}) AS source").fetchone()
        return found

    def literal(self, value: Any) -> str:
        return repr(value) if isinstance(value, int | float) else "'" + str(value).replace("'", "''") + "'"

    def rows(self, query: str) -> Iterator[pl.DataFrame]:
        cursor = self.connection.execute(query)
        names = [column[0] for column in cursor.description]
        while part := cursor.fetchmany(BATCH):
            yield frame_of(names, part)
        yield frame_of(names, [])
