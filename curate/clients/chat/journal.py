"""The journal: every reply that was ever paid, committed before anything reads it.

One SQLite file in WAL mode for a workspace, ``runs/requests.sqlite``, so that a kill at any moment leaves it whole and two
runs may write at once::

    replies   one row for a request: as it was sent, the raw body, and what stands in it
    ledger    one row for a call: ``sent`` with the worst that it can cost, written before it leaves; then ``paid`` with
              what it did cost. A row that stays ``sent`` was perhaps billed (timeout, torn connection, kill): budgets
              count it at its worst
    settled   the first request of a question that has its end, and the requests that were paid for it
    facts     what a probe learnt about a model at an endpoint

A file that another programme holds open must not be on a network drive: SQLite's WAL needs shared memory.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from decimal import Decimal
from pathlib import Path
from threading import Lock
from types import TracebackType
from typing import Any

from filelock import FileLock

from curate.clients.chat.entries import Change, answered, fact
from curate.clients.chat.request import Reply, Request
from curate.errors import CurateError
from curate.language import say

#: its file, below runs/ but no part of the cache: it was paid for
JOURNAL = "requests.sqlite"
#: the version of the tables, in ``PRAGMA user_version``
FORM = 1
TABLES = """
CREATE TABLE IF NOT EXISTS replies (
  key TEXT PRIMARY KEY, project TEXT NOT NULL, at REAL NOT NULL, sent_as TEXT NOT NULL, request TEXT NOT NULL,
  raw BLOB NOT NULL, status INTEGER NOT NULL, text TEXT NOT NULL, reasoning TEXT NOT NULL, finish_reason TEXT NOT NULL,
  model TEXT NOT NULL, input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, counted INTEGER NOT NULL,
  cost TEXT NOT NULL, error TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS ledger (
  id INTEGER PRIMARY KEY, project TEXT NOT NULL, key TEXT NOT NULL, at REAL NOT NULL, state TEXT NOT NULL,
  input_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, cost TEXT NOT NULL, note TEXT NOT NULL DEFAULT '');
CREATE INDEX IF NOT EXISTS ledger_of_project ON ledger (project, state);
CREATE TABLE IF NOT EXISTS settled (first TEXT PRIMARY KEY, keys TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (
  endpoint TEXT, model TEXT, at REAL NOT NULL, facts TEXT NOT NULL, PRIMARY KEY (endpoint, model));
"""
#: parameters of one SELECT at the most
_AT_ONCE = 500
_COLUMNS = tuple(field.name for field in fields(Reply))


@dataclass(frozen=True)
class Spent:
    """What a project ever paid. ``lost``: of calls that got no answer and may have been billed, at their worst."""

    calls: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    lost: int = 0
    lost_tokens: int = 0
    lost_cost: Decimal = Decimal(0)


class Journal:
    """The journal in ``file``, which is made where it is not there.

    Raises:
        CurateError: the file is no journal, is a newer one, or cannot be written.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._one_writer = Lock()
        with self._explained():
            file.parent.mkdir(parents=True, exist_ok=True)
            # switching a file to WAL does not wait for another process that does the same
            with FileLock(file.with_name(file.name + ".lock"), timeout=60):
                self._writer = self._connect()
                self._writer.execute("PRAGMA journal_mode=WAL")
                self._check_form()
                self._writer.executescript(TABLES + f"PRAGMA user_version={FORM};")
            self._reader = self._connect()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.file, timeout=60, isolation_level=None, check_same_thread=False)
        # a reply that was paid for is on the disk when its commit returns, through a power cut too
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    def _check_form(self) -> None:
        found = self._writer.execute("PRAGMA user_version").fetchone()[0]
        if found > FORM:
            raise CurateError(
                say(
                    f"请求日志 {self.file} 是更新版本的 curate 写的",
                    f"{self.file} was written by a newer curate",
                ),
                say("升级 curate 后再运行", "upgrade curate, then run again"),
            )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise CurateError(
                say(
                    f"请求日志 {self.file} 不能读写：{error}",
                    f"the journal of requests {self.file} cannot be used: {error}",
                ),
                say(
                    "检查磁盘空间和权限；文件若已损坏，先移到别处留作凭证，再运行（回答会重新付费）",
                    "look at disk space and permissions; if the file is broken, move it away, keep it as a receipt, "
                    "and run again (answers are paid again)",
                ),
            ) from error

    def close(self) -> None:
        self._reader.close()
        self._writer.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, changes: Sequence[Change]) -> list[Any]:
        """All changes in one transaction; what each gave back. They are on the disk when it returns."""
        with self._explained(), self._one_writer:
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                given = [change(self._writer) for change in changes]
                self._writer.execute("COMMIT")
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            return given

    def put(self, request: Request, raw: bytes, reply: Reply, project: str, sent_as: str = "") -> None:
        """A reply that was paid outside ``ask`` (a probe, a batch) is on the disk when it returns.

        Args:
            raw: the body of the HTTP answer.
            project: who pays: the recipe.
        """
        self.write([answered(request, raw, reply, project, sent_as)])

    def replies(self, keys: Iterable[str], sent_as: str | None = None) -> dict[str, Reply]:
        """Key -> reply, of those that are there.

        Args:
            sent_as: where given, refusals (400) count only if the request was sent in this very way: what one server refuses
                in one form, another may take.
        """
        found = self._select(f"SELECT {', '.join(_COLUMNS)}, sent_as FROM replies WHERE key IN", keys)
        return {
            row[0]: Reply(
                **dict(zip(_COLUMNS, row, strict=False)) | {"counted": bool(row[8]), "cost": Decimal(row[9])}
            )
            for row in found
            if row[1] == 200 or sent_as is None or row[11] == sent_as
        }

    def settled(self, first_keys: Iterable[str]) -> dict[str, list[str]]:
        """First request of a question -> all that were paid for it, oldest first, of questions that have their end."""
        found = self._select("SELECT first, keys FROM settled WHERE first IN", first_keys)
        return {first: json.loads(keys) for first, keys in found}

    def _select(self, query: str, keys: Iterable[str]) -> Iterator[tuple[Any, ...]]:
        wanted = list(dict.fromkeys(keys))
        with self._explained():
            for start in range(0, len(wanted), _AT_ONCE):
                some = wanted[start : start + _AT_ONCE]
                yield from self._reader.execute(f"{query} ({','.join('?' * len(some))})", some)

    def spent(self, project: str) -> Spent:
        """What the project ever paid, over all its runs."""
        with self._explained():
            # by cost, since money is text in the file: SQLite's sums would be floating point
            rows = self._reader.execute(
                "SELECT state, cost, COUNT(*), SUM(input_tokens), SUM(output_tokens) FROM ledger "
                "WHERE project = ? GROUP BY state, cost",
                (project,),
            ).fetchall()
        paid = [row[1:] for row in rows if row[0] == "paid"]
        lost = [row[1:] for row in rows if row[0] == "sent"]
        return Spent(
            calls=sum(row[1] for row in paid),
            input_tokens=sum(row[2] for row in paid),
            output_tokens=sum(row[3] for row in paid),
            cost=sum((Decimal(row[0]) * row[1] for row in paid), Decimal(0)),
            lost=sum(row[1] for row in lost),
            lost_tokens=sum(row[2] + row[3] for row in lost),
            lost_cost=sum((Decimal(row[0]) * row[1] for row in lost), Decimal(0)),
        )

    def usual_output(self, model: str) -> float | None:
        """The mean of the tokens of this model's answers; None where there are fewer than twenty."""
        with self._explained():
            count, mean = self._reader.execute(
                "SELECT COUNT(*), AVG(output_tokens) FROM "
                "(SELECT output_tokens FROM replies WHERE model = ? AND status = 200 LIMIT 2000)",
                (model,),
            ).fetchone()
        return float(mean) if count >= 20 else None

    def request(self, key: str) -> tuple[dict[str, Any], bytes] | None:
        """A request as it was sent (the fields of ``Request``), and the raw body that came back."""
        with self._explained():
            found = self._reader.execute("SELECT request, raw FROM replies WHERE key = ?", (key,)).fetchone()
        return (json.loads(found[0]), found[1]) if found else None

    def remember(self, endpoint: str, model: str, facts: dict[str, Any]) -> None:
        """What is known about a model at an endpoint, in place of what was known before. ``facts``: a JSON object."""
        self.write([fact(endpoint, model, facts)])

    def recalled(self, endpoint: str, model: str) -> dict[str, Any] | None:
        """What ``remember`` was told."""
        with self._explained():
            found = self._reader.execute(
                "SELECT facts FROM facts WHERE endpoint = ? AND model = ?", (endpoint, model)
            ).fetchone()
        return json.loads(found[0]) if found else None
