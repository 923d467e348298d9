"""The store: every value that was returned or taken back, in one SQLite file for a workspace, ``runs/returned.sqlite``.

Nothing in it is ever changed or removed: a line says that a cell was given a value, or that this was taken back, by whom, when,
why, and out of which file; the newest line of a cell counts::

    returned   recipe, corpus, row_id, column, kind (return | undo), was, value, by, at, file, sha256, run, why
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.files import need_own
from curate.language import say
from curate.run import runs_folder

#: A cell's new value. ``was`` and ``value`` as text (``cells.as_cells``); null is an empty cell.
PATCH = dict.fromkeys(["row_id", "column", "was", "value"], pl.String)

#: the version of the table, in ``PRAGMA user_version``
FORM = 1
_COLUMNS = (
    "recipe",
    "corpus",
    "row_id",
    "column",
    "kind",
    "was",
    "value",
    "by",
    "at",
    "file",
    "sha256",
    "run",
    "why",
)
_NAMES = ", ".join(f'"{name}"' for name in _COLUMNS)
_MAYBE = ("was", "value")
_TABLE = f"""
CREATE TABLE IF NOT EXISTS returned (
  seq INTEGER PRIMARY KEY, {", ".join(f'"{name}" TEXT' + ("" if name in _MAYBE else " NOT NULL") for name in _COLUMNS)});
CREATE INDEX IF NOT EXISTS returned_of_row ON returned (recipe, corpus, row_id, "column", seq);
"""  # fmt: skip
#: the newest line of each cell
_NEWEST = 'seq IN (SELECT MAX(seq) FROM returned GROUP BY recipe, corpus, row_id, "column")'


@dataclass(frozen=True)
class Line:
    """A line of the store. ``at``: ISO 8601, UTC; ``file``: the name of the returned file, ``sha256`` its digest."""

    recipe: str
    corpus: str
    row_id: str
    column: str
    kind: str
    was: str | None
    value: str | None
    by: str
    at: str
    file: str
    sha256: str
    run: str
    why: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Store:
    """The returned cells of a workspace; the file is made with the first of them."""

    def __init__(self, workspace: Path) -> None:
        self.file = need_own(runs_folder(workspace) / "returned.sqlite", workspace)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all or nothing.

        Raises:
            CurateError: the file is no store, is a newer one, or cannot be used.
        """
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self.file, timeout=60, isolation_level=None)
            try:
                connection.execute("BEGIN IMMEDIATE")
                if connection.execute("PRAGMA user_version").fetchone()[0] > FORM:
                    raise CurateError(
                        say(
                            f"{self.file} 是更新版本的 curate 写的",
                            f"{self.file} was written by a newer curate",
                        ),
                        say("升级 curate 后再运行", "upgrade curate, then run again"),
                    )
                for statement in filter(str.strip, _TABLE.split(";")):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version={FORM}")
                yield connection
                connection.execute("COMMIT")
            finally:
                connection.close()  # what is not committed is undone
        except (sqlite3.Error, OSError) as error:
            raise CurateError(
                say(
                    f"退回的数据 {self.file} 不能读写：{error}",
                    f"the returned rows {self.file} cannot be used: {error}",
                ),
                say(
                    "检查磁盘空间和权限；文件若已损坏，移到别处，再把改好的表重新 curate quarantine return 一次",
                    "look at disk space and permissions; if the file is broken move it away, then return the mended sheets again",
                ),
            ) from error

    def lines(self, where: str = "1", *given: Any) -> list[Line]:
        """Lines in the order in which they were written."""
        if not self.file.exists():
            return []
        with self._open() as connection:
            found = connection.execute(f"SELECT {_NAMES} FROM returned WHERE {where} ORDER BY seq", given)
            return [Line(*values) for values in found]

    def in_force(self, where: str = "1", *given: Any) -> list[Line]:
        """The cells that have a returned value now."""
        return self.lines(f"{_NEWEST} AND kind = 'return' AND {where}", *given)

    def patches(self, recipe: str, corpus: str) -> pl.DataFrame:
        """``PATCH``: the values of a corpus that the next run takes, in order of row and column."""
        found = self.in_force("recipe = ? AND corpus = ?", recipe, corpus)
        rows = [{name: getattr(line, name) for name in PATCH} for line in found]
        return pl.DataFrame(rows, schema=PATCH).sort("row_id", "column")

    def add(self, lines: Sequence[Line]) -> list[Line]:
        """Write those lines that say something new of their cell; these. A file that comes back twice says nothing new."""
        with self._open() as connection:
            new = [line for line in lines if not _known(connection, line)]
            connection.executemany(
                f"INSERT INTO returned ({_NAMES}) VALUES ({', '.join('?' * len(_COLUMNS))})",
                [tuple(getattr(line, name) for name in _COLUMNS) for line in new],
            )
            return new

    def undo(self, lines: Sequence[Line], by: str, why: str) -> list[Line]:
        """Take values back, so that the source's count again; the history stays."""
        at = now()
        return self.add(
            [Line(**{**asdict(line), "kind": "undo", "by": by, "at": at, "why": why}) for line in lines]
        )


def _known(connection: sqlite3.Connection, line: Line) -> bool:
    """Is this how the cell is already, or did the same file say so before, with nothing taken back since?"""
    cell = 'recipe = ? AND corpus = ? AND row_id = ? AND "column" = ?'
    where = (line.recipe, line.corpus, line.row_id, line.column)
    newest = connection.execute(
        f"SELECT kind, was, value FROM returned WHERE {cell} ORDER BY seq DESC LIMIT 1", where
    ).fetchone()
    if newest is None:
        return False
    if line.kind == "undo":
        return bool(newest[0] == "undo")
    if newest == (line.kind, line.was, line.value):
        return True
    since = f"SELECT COALESCE(MAX(seq), 0) FROM returned WHERE {cell} AND kind = 'undo'"
    again = connection.execute(
        f"SELECT 1 FROM returned WHERE {cell} AND kind = 'return' AND sha256 = ? AND value IS ? AND seq > ({since})",
        (*where, line.sha256, line.value, *where),
    ).fetchone()
    return again is not None


def now() -> str:
    """ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
