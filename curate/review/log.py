"""The log of review: every version of every annotation that was ever seen, and what was done about them.

One SQLite file in WAL mode for a workspace, ``runs/review.sqlite``. Label Studio forgets what is deleted and lets everybody
change everything, so what people said is kept here: nothing is ever removed or overwritten::

    annotations      one row for a version of an annotation; the newest of each counts
    events           what was put back, and who was excluded: by whom, why, when
    server_projects  what we made on a server (``curate.review.server_log``), and the guideline's version at each time
    server_names     item -> the name that it has outside
    cursors          how far the last pull came; the one table whose rows change

Everything is kept by recipe and project. A batch is one transaction that is on the disk when it returns, so that a kill
at any moment leaves a log that goes on. The file must not be on a network drive: SQLite's WAL needs shared memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import md5, sha256
from pathlib import Path
from types import TracebackType
from typing import Any

import polars as pl
from filelock import FileLock

from curate.errors import CurateError
from curate.language import say
from curate.review.schema import ANNOTATION, as_json

#: ``kind``: ``put_back`` (an item is judged anew), ``exclude`` (an annotator's votes don't count) or ``include`` (they do again).
EVENT: dict[str, pl.DataType | type[pl.DataType]] = {
    "event_id": pl.String,
    "kind": pl.String,
    "item_id": pl.String,
    "annotator": pl.String,
    "by": pl.String,
    "why": pl.String,
    "at": pl.String,
}

#: the version of the tables, in ``PRAGMA user_version``
FORM = 1
#: parameters of one SELECT at the most
_AT_ONCE = 500
_KINDS = {"skipped": "INTEGER", "deleted": "INTEGER", "round": "INTEGER", "seconds": "REAL"}
_COLUMNS = ", ".join(f'"{name}" {_KINDS.get(name, "TEXT")}' for name in ANNOTATION)
TABLES = f"""
CREATE TABLE IF NOT EXISTS annotations (
  seq INTEGER PRIMARY KEY, recipe TEXT NOT NULL, project TEXT NOT NULL, task INTEGER, digest TEXT NOT NULL, seen_at TEXT NOT NULL,
  {_COLUMNS});
CREATE INDEX IF NOT EXISTS annotations_of_project ON annotations (recipe, project, annotation_id, seq);
CREATE TABLE IF NOT EXISTS events (
  seq INTEGER PRIMARY KEY, recipe TEXT NOT NULL, project TEXT NOT NULL, kind TEXT NOT NULL, item_id TEXT, annotator TEXT,
  "by" TEXT NOT NULL, why TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS events_of_project ON events (recipe, project, seq);
CREATE TABLE IF NOT EXISTS server_projects (
  seq INTEGER PRIMARY KEY, recipe TEXT NOT NULL, project TEXT NOT NULL, stage TEXT NOT NULL, server TEXT NOT NULL,
  server_id INTEGER NOT NULL, title TEXT NOT NULL, version TEXT NOT NULL, overlap INTEGER NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS server_names (
  recipe TEXT, project TEXT, name TEXT, item_id TEXT NOT NULL, PRIMARY KEY (recipe, project, name)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS cursors (
  recipe TEXT, project TEXT, stage TEXT, server TEXT, server_id INTEGER, cursor TEXT NOT NULL,
  PRIMARY KEY (recipe, project, stage, server, server_id)) WITHOUT ROWID;
"""
NAMES = ", ".join(f'"{name}"' for name in ANNOTATION)
#: the newest version of each annotation of a (recipe, project)
NEWEST = "FROM annotations WHERE seq IN (SELECT MAX(seq) FROM annotations WHERE recipe = ? AND project = ? GROUP BY annotation_id)"


class Log:
    """The log in ``file``, which is made where it is not there.

    Raises:
        CurateError: the file is no log, is a newer one, or cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        with self.explained():
            file.parent.mkdir(parents=True, exist_ok=True)
            # switching a file to WAL does not wait for another process that does the same
            with FileLock(file.with_name(file.name + ".lock"), timeout=60):
                self._open = sqlite3.connect(file, timeout=60, isolation_level=None)
                self._open.execute("PRAGMA journal_mode=WAL")
                # what people said is on the disk when its commit returns, through a power cut too
                self._open.execute("PRAGMA synchronous=FULL")
                self._check_form()
                self._open.executescript(TABLES + f"PRAGMA user_version={FORM};")

    def _check_form(self) -> None:
        if self._open.execute("PRAGMA user_version").fetchone()[0] > FORM:
            raise CurateError(
                say(
                    f"审核日志 {self.file} 是更新版本的 curate 写的",
                    f"{self.file} was written by a newer curate",
                ),
                say("升级 curate 后再运行", "upgrade curate, then run again"),
            )

    @contextmanager
    def explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise CurateError(
                say(
                    f"审核日志 {self.file} 不能读写：{error}",
                    f"the log of review {self.file} cannot be used: {error}",
                ),
                say(
                    "检查磁盘空间和权限；文件若已损坏，先移到别处留作凭证，再运行 curate review pull 从服务器重新取回标注",
                    "look at disk space and permissions; if the file is broken, move it away and keep it, then curate review "
                    "pull fetches the annotations from the server again",
                ),
            ) from error

    def close(self) -> None:
        self._open.close()

    def __enter__(self) -> Log:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; on the disk when the block ends."""
        with self.explained():
            self._open.execute("BEGIN IMMEDIATE")
            try:
                yield self._open
                self._open.execute("COMMIT")
            except BaseException:
                self._open.execute("ROLLBACK")
                raise

    def select(self, query: str, *given: Any) -> list[tuple[Any, ...]]:
        with self.explained():
            return self._open.execute(query, given).fetchall()

    def add(self, recipe: str, project: str, annotations: pl.DataFrame) -> int:
        """Note annotations (``schema.ANNOTATION``); how many of them are new, or differ from what was seen last."""
        with self.transaction() as connection:
            return sum(note(connection, recipe, project, annotations))

    def annotations(self, recipe: str, project: str) -> pl.DataFrame:
        """``schema.ANNOTATION``: the newest version of each, deleted ones too, by the time at which they were made."""
        return self.frame(f"SELECT {NAMES} {NEWEST} ORDER BY created_at, annotation_id", recipe, project)

    def frame(self, query: str, *given: Any) -> pl.DataFrame:
        """What a query gives that asks for ``NAMES``, as ``schema.ANNOTATION``."""
        # SQLite has no truth values
        read = ANNOTATION | dict.fromkeys(("skipped", "deleted"), pl.Int64)
        rows = pl.DataFrame(self.select(query, *given), schema=read, orient="row")
        return rows.cast({"skipped": pl.Boolean, "deleted": pl.Boolean})

    def put_back(self, recipe: str, project: str, item_ids: Collection[str], by: str, why: str) -> None:
        """These items are judged anew: what was said of them so far no longer counts."""
        self._note(recipe, project, [("put_back", item, None, by, why) for item in dict.fromkeys(item_ids)])

    def exclude(self, recipe: str, project: str, annotator: str, by: str, why: str) -> None:
        """Nothing that this annotator said, or will say, counts."""
        self._note(recipe, project, [("exclude", None, annotator, by, why)])

    def include(self, recipe: str, project: str, annotator: str, by: str, why: str) -> None:
        """What an excluded annotator said counts again."""
        self._note(recipe, project, [("include", None, annotator, by, why)])

    def _note(self, recipe: str, project: str, events: Sequence[tuple[str | None, ...]]) -> None:
        at = now()
        with self.transaction() as connection:
            connection.executemany(
                'INSERT INTO events (recipe, project, kind, item_id, annotator, "by", why, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)',
                [(recipe, project, *event, at) for event in events],
            )

    def events(self, recipe: str, project: str) -> pl.DataFrame:
        """``EVENT``, oldest first."""
        rows = self.select(
            "SELECT printf('%09d', seq), kind, item_id, annotator, \"by\", why, at FROM events "
            "WHERE recipe = ? AND project = ? ORDER BY seq",
            recipe,
            project,
        )
        return pl.DataFrame(rows, schema=EVENT, orient="row")

    def digest(self, recipe: str, project: str) -> str:
        """16 hexadecimal digits of what decisions depend on: not of when, or in which order, annotations were seen."""
        seen = self.select(f"SELECT annotation_id, digest {NEWEST}", recipe, project)
        events = self.events(recipe, project).drop("event_id").rows()
        return sha256(as_json([sorted(map(list, seen)), events]).encode()).hexdigest()[:16]


def note(
    connection: sqlite3.Connection,
    recipe: str,
    project: str,
    annotations: pl.DataFrame,
    tasks: Mapping[str, int] | None = None,
) -> tuple[int, int]:
    """Write those versions that differ from the newest that is there; (new annotations, changed ones).

    Args:
        annotations: ``schema.ANNOTATION``.
        tasks: annotation_id -> its task on the server, for annotations that come from one.
    """
    known = _digests(connection, recipe, project, annotations["annotation_id"].unique().to_list())
    seen_at, rows, new = now(), [], set()
    for row in annotations.select(list(ANNOTATION)).iter_rows(named=True):
        name, digest = row["annotation_id"], md5(as_json(row).encode(), usedforsecurity=False).hexdigest()
        if known.get(name) == digest:
            continue
        if name not in known:
            new.add(name)
        known[name] = digest
        rows.append((recipe, project, (tasks or {}).get(name), digest, seen_at, *row.values()))
    marks = ", ".join("?" * (5 + len(ANNOTATION)))
    connection.executemany(
        f"INSERT INTO annotations (recipe, project, task, digest, seen_at, {NAMES}) VALUES ({marks})", rows
    )
    return len(new), len(rows) - len(new)


def _digests(
    connection: sqlite3.Connection, recipe: str, project: str, names: Sequence[str]
) -> dict[str, str]:
    """annotation_id -> digest of its newest version."""
    found: dict[str, str] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        # MAX makes the bare column that of the newest row: documented of SQLite
        found |= {
            name: digest
            for name, digest, _ in connection.execute(
                "SELECT annotation_id, digest, MAX(seq) FROM annotations WHERE recipe = ? AND project = ? "
                f"AND annotation_id IN ({', '.join('?' * len(some))}) GROUP BY annotation_id",
                (recipe, project, *some),
            )
        }
    return found


def now() -> str:
    """ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
