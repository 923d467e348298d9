"""A SQLite file: one table of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator

from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean
from curate.sources.opening import Batch, File, batch


def read_sqlite(file: File) -> Iterator[Batch]:
    """Types are kept; a file with a single table needs no ``table``."""
    from curate.sources.database.sqlite import opened_file

    log = file.path.with_name(file.path.name + "-wal")
    if log.is_file() and log.stat().st_size:
        raise CurateError(
            say(
                f"{file.path} 还有别的程序在写（{log.name} 不是空的）",
                f"another program still writes into {file.path} ({log.name} is not empty)",
            ),
            say(
                "先关掉那个程序；要读正在使用的库，用 database: {url_env: …}",
                "close that program; to read a database in use, say database: {url_env: …}",
            ),
            option=("path",),
        )
    wanted = file.corpus.table
    try:
        with opened_file(file.path) as connection:
            tables = connection.tables()
            if wanted is None and len(tables) == 1:
                wanted = tables[0]
            if wanted is None or wanted not in tables:
                raise CurateError(
                    say(f"{file.path} 里没有表 {wanted}", f"{file.path} has no table {wanted}")
                    if wanted
                    else say(
                        f"{file.path} 里有 {len(tables)} 张表，没有写读哪一张",
                        f"{file.path} has {len(tables)} tables, and none is named",
                    ),
                    did_you_mean(wanted or "", tables),
                    option=("table",) if wanted else ("path",),
                )
            for rows in connection.rows(f"SELECT * FROM {connection.quoted(wanted)}"):
                yield batch(rows)
    except sqlite3.Error as error:
        raise CurateError(
            say(f"{file.path} 读不出来：{error}", f"{file.path} cannot be read: {error}"),
            say("它可能不是 SQLite 文件，或没有传完整", "it may be no SQLite file, or cut short"),
            option=("path",),
        ) from error
