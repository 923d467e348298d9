"""The privacy budget: what the publications of a data set may tell of any one row, all together.

A ledger, ``runs/privacy.sqlite``. Epsilon is written down before noise is drawn, so that a process that dies in between has spent
it; nothing was told without. Answers are kept: the same question about the same data costs nothing again.

All publications of a workspace count together: whether two corpora tell of the same people cannot be seen from their names or keys,
and a budget that another name, key or half of the rows gives anew is none. Where the ledger was deleted, the manifests of the
releases still say what each of them spent. Publications that were in neither, nobody can count.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any
from uuid import uuid4

from curate.environment import who
from curate.errors import CurateError, GateFailed
from curate.files import need_own
from curate.language import say

#: The greatest epsilon of all publications of a data set together.
CEILING = Fraction(1, 2)

_TABLE = """CREATE TABLE IF NOT EXISTS entries (
    id TEXT PRIMARY KEY, at TEXT NOT NULL, who TEXT NOT NULL, name TEXT NOT NULL, epsilon TEXT NOT NULL,
    question TEXT NOT NULL, data TEXT NOT NULL, corpora TEXT NOT NULL, answers TEXT)"""


@dataclass(frozen=True)
class Asked:
    """A publication that is wanted.

    Attributes:
        name: the data set's.
        epsilon: exactly as the recipe writes it: 0.1 is a tenth, so that five of them are a half.
        question, data: digests of what is asked and of the rows it is asked of.
        corpora: those that it is asked of.
    """

    name: str
    epsilon: Fraction
    question: str
    data: str
    corpora: list[str]


@dataclass(frozen=True)
class Entry:
    """A publication that was made, or begun: then ``answers`` is None."""

    id: str
    at: str
    who: str
    name: str
    epsilon: Fraction
    question: str
    data: str
    corpora: list[str]
    answers: list[dict[str, Any]] | None

    def as_json(self) -> dict[str, Any]:
        """For a release: not who asked."""
        return asdict(self) | {"who": "", "epsilon": str(self.epsilon)}


class Budget:
    """The ledger of a workspace."""

    def __init__(self, workspace: Path) -> None:
        self.workspace = workspace
        self.file = need_own(workspace / "runs" / "privacy.sqlite", workspace)

    def entries(self) -> list[Entry]:
        """All of them: of the ledger, and of releases that the ledger does not know (any more)."""
        with self._open() as ledger:
            return self._entries(ledger)

    def spent(self) -> Fraction:
        """Epsilon of all publications."""
        return _sum(self.entries())

    def answered(self, asked: Asked) -> Entry | None:
        """The publication that answered the same question about the same data."""
        same = (one for one in self.entries() if (one.question, one.data) == (asked.question, asked.data))
        return next((one for one in same if one.answers is not None), None)

    def reserve(self, asked: Asked, total: Fraction) -> Entry:
        """Write down that ``asked.epsilon`` is spent; call it before any noise is drawn.

        Raises:
            GateFailed: less than that is left of ``total``.
        """
        with self._open() as ledger:
            ledger.execute("BEGIN IMMEDIATE")  # nobody else reads what is left until this is written
            spent = _sum(self._entries(ledger))
            if spent + asked.epsilon > min(total, CEILING):
                ledger.execute("ROLLBACK")
                raise _overspent(asked, spent, min(total, CEILING))
            at = datetime.now().astimezone().isoformat(timespec="seconds")
            entry = Entry(uuid4().hex, at, who(), asked.name, asked.epsilon, asked.question, asked.data, asked.corpora, None)  # fmt: skip
            values = (entry.id, at, entry.who, asked.name, str(asked.epsilon), asked.question, asked.data)
            ledger.execute(
                "INSERT INTO entries VALUES (?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                (*values, json.dumps(asked.corpora, ensure_ascii=False)),
            )
            ledger.execute("COMMIT")
        return entry

    def keep(self, entry: Entry, answers: list[dict[str, Any]]) -> Entry:
        """Keep the answers; only then may they be shown."""
        with self._open() as ledger:
            told = json.dumps(answers, ensure_ascii=False)
            ledger.execute("UPDATE entries SET answers = ? WHERE id = ? AND answers IS NULL", (told, entry.id))  # fmt: skip
        return Entry(**{**entry.__dict__, "answers": answers})

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.file.parent.mkdir(parents=True, exist_ok=True)
        ledger = sqlite3.connect(self.file, timeout=60, isolation_level=None)
        try:
            ledger.execute("PRAGMA synchronous = FULL")  # a loss of power must not give budget back
            ledger.execute(_TABLE)
            yield ledger
        except sqlite3.DatabaseError as error:
            raise CurateError(
                say(
                    f"隐私预算账本 {self.file} 读写失败：{error}",
                    f"the privacy ledger {self.file} cannot be read or written: {error}",
                ),
                say(
                    "从备份恢复它；不要删除：删了就不知道已经公布过多少",
                    "restore it from a backup; don't delete it: then nobody knows what was published",
                ),
            ) from error
        finally:
            ledger.close()

    def _entries(self, ledger: sqlite3.Connection) -> list[Entry]:
        rows = ledger.execute(
            "SELECT id, at, who, name, epsilon, question, data, corpora, answers FROM entries ORDER BY rowid"
        )
        found = [
            Entry(
                key,
                at,
                by,
                name,
                Fraction(spent),
                question,
                data,
                json.loads(corpora),
                told and json.loads(told),
            )
            for key, at, by, name, spent, question, data, corpora, told in rows
        ]
        # a publication is in every release that shows it
        return list(
            ({entry.id: entry for entry in self._released()} | {entry.id: entry for entry in found}).values()
        )

    def _released(self) -> Iterator[Entry]:
        """What releases say of themselves, in ``privacy`` of their manifests."""
        for file in sorted(self.workspace.glob("exports/*/v*/manifest.json")):
            try:
                told = json.loads(file.read_text(encoding="utf-8"))["privacy"]["entry"]
                known = {**told, "epsilon": Fraction(told["epsilon"])}
                yield Entry(**known)
            except (KeyError, TypeError, ValueError):
                continue  # a release without statistics, or a damaged one: `curate export verify` says so


def _sum(entries: list[Entry]) -> Fraction:
    return sum((one.epsilon for one in entries), Fraction(0))


def shown(epsilon: Fraction) -> str:
    """As people write it: 0.1."""
    return f"{float(epsilon):g}"


def _overspent(asked: Asked, spent: Fraction, total: Fraction) -> GateFailed:
    left = max(total - spent, Fraction(0))
    return GateFailed(
        say(
            f"隐私预算不够：这个工作区的公开统计已用 ε = {shown(spent)}，上限 {shown(total)}，还剩 {shown(left)}，这一次要 {shown(asked.epsilon)}",
            f"the privacy budget is too small: the published statistics of this workspace have spent ε = {shown(spent)} of {shown(total)}; {shown(left)} is left, this publication asks for {shown(asked.epsilon)}",
        ),
        say(
            "用已公布的统计（同样的问题、同样的数据不再花预算），或把 privacy.statistics.epsilon 改小，或去掉 statistics 再导出；"
            "预算用完就不能再公布这些人的统计，换配方、换名字都一样，也不能放行",
            "use the statistics that were published (the same question of the same data costs nothing), or lower privacy.statistics.epsilon, or export without statistics; "
            "when the budget is spent, no more can be published of these people, under no other recipe or name, and by no override",
        ),
        gate="budget",
    )


def budget_lines(workspace: Path, name: str) -> list[str]:
    """What was published of a data set and what is left, for a report; empty where nothing was."""
    if not (workspace / "runs" / "privacy.sqlite").exists():
        return []
    budget = Budget(workspace)
    own = [entry for entry in budget.entries() if entry.name == name]
    if not own:
        return []
    spent = budget.spent()
    lines = [
        say(
            f"公开统计的隐私预算：已用 ε = {shown(spent)}，上限 {shown(CEILING)}",
            f"privacy budget of published statistics: ε = {shown(spent)} spent of {shown(CEILING)}",
        )
    ]
    for entry in own:
        what = "、".join(entry.corpora)
        done = "" if entry.answers is not None else say("（没有做完，也算已用）", " (not finished, spent all the same)")  # fmt: skip
        lines.append(f"{entry.at} {entry.who} {what} ε = {shown(entry.epsilon)}{done}")
    return lines
