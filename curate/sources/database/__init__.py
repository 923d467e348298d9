"""Live databases: PostgreSQL, MySQL (MariaDB) and SQLite, read in batches and in one consistent snapshot.

By drivers, not by DuckDB's extensions: an extension belongs to one release of DuckDB exactly and is downloaded when it
is first used, so a recipe would run on one machine and not on the next one, or with other types; companies' servers
mostly reach no such address. The drivers come with ``pip install 'curate[databases]'``:

* PostgreSQL: ADBC (Apache Arrow's own driver, over libpq): batches of Arrow by COPY, no Python object a value. psycopg is
  as well kept, but under the LGPL and an object a value.
* MySQL, MariaDB: PyMySQL, pure Python and MIT; Oracle's own connector is under the GPL. Rows stream through a cursor
  on the server's side.
* SQLite: Python's own ``sqlite3``.

Types are kept where they are the same everywhere (whole and floating numbers, booleans, dates, texts); the others
become text: numeric as it is written, json and arrays as JSON, binary as hexadecimal. All is read in one read-only
transaction (repeatable read), so a table is as it was at one moment. A password is in the environment only: it
stands in no message, no log and no file.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import SplitResult, unquote, urlsplit

import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.sources.remote import Database

#: rows of a batch
BATCH = 20_000

KINDS = {
    "postgresql": "postgresql",
    "postgres": "postgresql",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "sqlite",
}


class Connection(Protocol):
    """An open read-only snapshot."""

    def quoted(self, name: str) -> str:
        """A column's or table's name in this dialect."""

    def greatest(self, source: str, column: str) -> Any:
        """The greatest value of a (quoted) column of ``(SELECT …) AS source``; None without rows."""

    def literal(self, value: Any) -> str:
        """A value of ``greatest`` in this dialect's SQL, so that it compares as its column does."""

    def rows(self, query: str) -> Iterator[pl.DataFrame]:
        """The answer, at most ``BATCH`` rows at a time, and an empty frame with its columns at the end."""


@dataclass(frozen=True)
class Address:
    """Where a database is. ``secret``: the whole of it, with the password."""

    kind: str
    parts: SplitResult
    secret: str

    @property
    def identity(self) -> str:
        """All but user, password and options."""
        return f"{self.kind}://{self.parts.hostname or ''}:{self.parts.port or ''}{self.parts.path}"

    def without_secrets(self, message: object) -> str:
        """A driver's message, in which nothing of the address but its host is left."""
        told = str(message)
        password = self.parts.password or ""
        for secret in (self.secret, self.parts.netloc.rpartition("@")[0], password, unquote(password)):
            told = told.replace(secret, "***") if secret else told
        return " ".join(told.split())


def address_of(database: Database) -> Address:
    """What the environment says.

    Raises:
        CurateError: the variable is not set, or holds no address of a known kind.
    """
    name = database.url_env
    url = os.environ.get(name, "").strip()
    try:
        parts = urlsplit(url)
        kind = KINDS.get(parts.scheme.partition("+")[0].lower())
        _ = parts.port  # raises where it is none
    except ValueError:
        kind = None
    if kind is None:
        raise CurateError(
            say(f"没有设置环境变量 {name}", f"the environment variable {name} is not set")
            if not url
            else say(f"环境变量 {name} 里不是数据库地址", f"{name} does not hold a database's address"),
            say(
                f"export {name}=postgresql://用户:密码@主机:5432/库（或 mysql://…、sqlite:///data/x.sqlite）；"
                "密码里的 @ : / % 写成 %40 %3A %2F %25",
                f"export {name}=postgresql://user:password@host:5432/name (or mysql://…, sqlite:///data/x.sqlite); "
                "write @ : / % in the password as %40 %3A %2F %25",
            ),
            option=("database", "url_env"),
        )
    return Address(kind, parts, url)


@contextmanager
def connected(database: Database, workspace: Path) -> Iterator[Connection]:
    """A snapshot of the database.

    Raises:
        CurateError: no driver, no connection, or a query that fails; never with the password in it.
    """
    address = address_of(database)
    try:
        if address.kind == "postgresql":
            from curate.sources.database.postgresql import opened
        elif address.kind == "mysql":
            from curate.sources.database.mysql import opened
        else:
            from curate.sources.database.sqlite import opened
    except ImportError as error:
        raise CurateError(
            say(f"没有安装读 {address.kind} 的驱动", f"there is no driver for {address.kind}"),
            "pip install 'curate[databases]'",
            option=("database",),
        ) from error
    try:
        with opened(address, workspace) as connection:
            yield connection
    except CurateError:
        raise
    except Exception as error:  # every driver has its own, and some put the address into them
        told = address.without_secrets(error)
        raise CurateError(
            say(
                f"数据库（{database.place}）读不出来：{told}",
                f"the database ({database.place}) cannot be read: {told}",
            ),
            say(
                f"检查环境变量 {database.url_env} 里的地址、权限，以及表名和列名",
                f"check the address in {database.url_env}, the rights, and the names of the table and columns",
            ),
            option=("database",),
        ) from None  # the cause's own text may hold the address


def select(connection: Connection, database: Database) -> str:
    """The rows of the source, as a query."""
    if database.query:
        return database.query.strip().rstrip(";")
    table = ".".join(connection.quoted(part) for part in str(database.table).split("."))
    return f"SELECT * FROM {table}"
