"""What the log knows of one of our projects on a Label Studio server."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import polars as pl

from curate.review.log import NEWEST, Log, note, now
from curate.review.schema import Stage


@dataclass(frozen=True)
class Made:
    """A project as we last left it. ``overlap``: annotators of a task; ``version``: of interface and guideline."""

    server_id: int
    title: str
    version: str
    overlap: int


class ServerLog:
    """The log's part for a stage of a project, on the server with the address ``url``."""

    def __init__(self, log: Log, recipe: str, project: str, stage: Stage, url: str) -> None:
        self.log, self.recipe, self.project, self.stage = log, recipe, project, stage
        self.server = urlsplit(url).netloc
        self._whose = (recipe, project, stage, self.server)

    def made(self) -> Made | None:
        """The project that counts now, if one was ever made."""
        rows = self.log.select(
            "SELECT server_id, title, version, overlap FROM server_projects "
            "WHERE recipe = ? AND project = ? AND stage = ? AND server = ? ORDER BY seq DESC LIMIT 1",
            *self._whose,
        )
        return Made(*rows[0]) if rows else None

    def count(self) -> int:
        """How many projects were made, one after the other."""
        rows = self.log.select(
            "SELECT COUNT(DISTINCT server_id) FROM server_projects "
            "WHERE recipe = ? AND project = ? AND stage = ? AND server = ?",
            *self._whose,
        )
        return int(rows[0][0])

    def remember(self, made: Made) -> None:
        """The project was made, or changed, just now."""
        with self.log.transaction() as connection:
            connection.execute(
                "INSERT INTO server_projects (recipe, project, stage, server, server_id, title, version, overlap, at) "
                "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*self._whose, made.server_id, made.title, made.version, made.overlap, now()),
            )

    def versions(self, server_id: int) -> list[tuple[str, str]]:
        """(since when, version of interface and guideline), oldest first."""
        rows = self.log.select(
            "SELECT at, version FROM server_projects "
            "WHERE recipe = ? AND project = ? AND stage = ? AND server = ? AND server_id = ? ORDER BY seq",
            *self._whose,
            server_id,
        )
        return [(str(at), str(version)) for at, version in rows]

    def name(self, names: Mapping[str, str]) -> None:
        """Outside name -> item_id, of items that go out: their annotations are known again when the items are no more."""
        with self.log.transaction() as connection:
            connection.executemany(
                "INSERT OR IGNORE INTO server_names (recipe, project, name, item_id) VALUES (?, ?, ?, ?)",
                [(self.recipe, self.project, name, item) for name, item in names.items()],
            )

    def names(self) -> dict[str, str]:
        """Outside name -> item_id, of all that ever went out."""
        rows = self.log.select(
            "SELECT name, item_id FROM server_names WHERE recipe = ? AND project = ?",
            self.recipe,
            self.project,
        )
        return {str(name): str(item) for name, item in rows}

    def cursor(self, server_id: int) -> str | None:
        """How far the last pull came."""
        rows = self.log.select(
            "SELECT cursor FROM cursors WHERE recipe = ? AND project = ? AND stage = ? AND server = ? AND server_id = ?",
            *self._whose,
            server_id,
        )
        return str(rows[0][0]) if rows else None

    def annotation_id(self, server_id: int, number: int | str) -> str:
        return f"ls/{self.server}/{server_id}/{number}"

    def alive(self, server_id: int) -> dict[int, set[str]]:
        """Task -> the annotations in it that were there when we last looked."""
        rows = self.log.select(
            f"SELECT task, annotation_id {NEWEST} AND deleted = 0 AND stage = ?",
            self.recipe,
            self.project,
            self.stage,
        )
        start, found = self.annotation_id(server_id, ""), dict[int, set[str]]()
        for task, name in rows:
            if task is not None and name.startswith(start):
                found.setdefault(int(task), set()).add(name)
        return found

    def last_seen(self, names: Collection[str]) -> pl.DataFrame:
        """``schema.ANNOTATION``: the newest versions of these annotations."""
        return self.log.annotations(self.recipe, self.project).filter(
            pl.col("annotation_id").is_in(list(names))
        )

    def record(
        self, annotations: pl.DataFrame, tasks: Mapping[str, int], server_id: int, cursor: str | None = None
    ) -> tuple[int, int]:
        """Note a batch and, with the last one, how far we came, in one transaction; (new annotations, changed ones)."""
        with self.log.transaction() as connection:
            counts = note(connection, self.recipe, self.project, annotations, tasks)
            if cursor is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO cursors (recipe, project, stage, server, server_id, cursor) VALUES (?, ?, ?, ?, ?, ?)",
                    (*self._whose, server_id, cursor),
                )
        return counts
