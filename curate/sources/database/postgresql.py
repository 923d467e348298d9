"""PostgreSQL, by ADBC."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from curate.sources.database import BATCH, Address, Connection

#: types that Arrow has, too; the others are read as text
KEPT = {"int2", "int4", "int8", "float4", "float8", "bool", "text", "varchar"}
#: of these PostgreSQL knows infinite ones, which nobody else does: they are null
DATED = {"date", "timestamp", "timestamptz"}


@contextmanager
def opened(address: Address, workspace: Path) -> Iterator[Connection]:  # noqa: ARG001
    uri = address.parts._replace(scheme="postgresql").geturl()
    with dbapi.connect(uri) as connection:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield PostgreSQL(connection)


class PostgreSQL:
    def __init__(self, connection: dbapi.Connection) -> None:
        self.connection = connection

    def quoted(self, name: str) -> str:
        return '"' + name.replace('"', '""') + '"'

    def greatest(self, source: str, column: str) -> Any:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT max({column})::text FROM ({source}) AS source")
            (found,) = cursor.fetchone()
            return found

    def literal(self, value: Any) -> str:
        # of no type yet: it takes its column's; the E form reads the same whatever the server's setting is
        return "E'" + str(value).replace("\\", "\\\\").replace("'", "''") + "'"

    def rows(self, query: str) -> Iterator[pl.DataFrame]:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ({query}) AS source LIMIT 0")
            columns = ", ".join(self._column(field) for field in cursor.fetch_record_batch().schema)
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT {columns} FROM ({query}) AS source")
            with cursor.fetch_record_batch() as reader:
                for part in reader:
                    yield from _frame(pa.Table.from_batches([part])).iter_slices(BATCH)
                yield _frame(reader.schema.empty_table())

    def _column(self, field: pa.Field) -> str:
        """How a column is asked for: as it is, or as text."""
        name = self.quoted(field.name)
        kind = (field.metadata or {}).get(b"POSTGRESQL:type", b"").decode()
        if kind in KEPT:
            return name
        if kind in DATED:
            return f"CASE WHEN isfinite({name}) THEN {name} END AS {name}"
        if kind == "bytea":
            return f"encode({name}, 'hex') AS {name}"
        if pa.types.is_list(field.type):
            return f"to_json({name})::text AS {name}"
        return f"{name}::text AS {name}"


def _frame(table: pa.Table) -> pl.DataFrame:
    frame = pl.from_arrow(table)
    assert isinstance(frame, pl.DataFrame)
    return frame
