"""MySQL and MariaDB, by PyMySQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import polars as pl
import pymysql
from pymysql.cursors import SSCursor

from curate.sources.database import BATCH, Address, Connection
from curate.sources.database.frames import as_text, frame_of


@contextmanager
def opened(address: Address, workspace: Path) -> Iterator[Connection]:  # noqa: ARG001
    parts = address.parts
    connection = pymysql.connect(
        host=parts.hostname or "127.0.0.1",
        port=parts.port or 3306,
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        database=unquote(parts.path.lstrip("/")) or None,
        charset="utf8mb4",
        cursorclass=SSCursor,
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY")
        yield MySQL(connection)
    finally:
        # not close(): it would first read to the end what a sample left unread
        connection._force_close()


class MySQL:
    def __init__(self, connection: pymysql.Connection[Any]) -> None:
        self.connection = connection

    def quoted(self, name: str) -> str:
        return "`" + name.replace("`", "``") + "`"

    def greatest(self, source: str, column: str) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT max({column}) FROM ({source}) AS source")
            found = cursor.fetchall()[0][0]
            return found if found is None or isinstance(found, int) else self._told(found)

    def _told(self, value: Any) -> Any:
        """As JSON can keep it: a decimal as a number's text, that it compares as one."""
        return {"number": format(value, "f")} if isinstance(value, Decimal) else as_text(value)

    def literal(self, value: Any) -> str:
        if isinstance(value, dict):
            return str(value["number"])
        text = str(value).replace("\\", "\\\\").replace("'", "''")
        return text if isinstance(value, int) else f"'{text}'"

    def rows(self, query: str) -> Iterator[pl.DataFrame]:
        with self.connection.cursor() as cursor:
            cursor.execute(query)
            names = [column[0] for column in cursor.description]
            while part := cursor.fetchmany(BATCH):
                yield frame_of(names, part)
            yield frame_of(names, [])
