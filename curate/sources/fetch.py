"""Sources that are no files are fetched into parquet, and that is read like any other file.

::

    runs/fetched/<corpus>-<what is read>/parts/<digest>.parquet   rows as they came
                                         edge.parquet             those with the greatest value of ``incremental``
                                         state.json               written last: which parts there are

So what later steps are kept under is the content: a table that has not changed costs its reading and nothing else.
Parts are named by their content; those that the last state but one named stay for a run that still reads them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol, runtime_checkable
from uuid import uuid4

import polars as pl
from filelock import FileLock

from curate.files import sha256_of, sha256_of_file, write_json, write_parquet
from curate.sources.corpus import Corpus

#: rows and bytes of a part, whichever comes first
PART_ROWS, PART_BYTES = 50_000, 64 << 20


@dataclass
class State:
    """What is there of a source.

    Attributes:
        parts: names of files, in order.
        before: those of the state before.
        greatest: of the column that only grows, in the source's own terms; None without one.
        mark: tells without reading whether the source has changed; None where nothing does.
    """

    parts: list[str] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    greatest: Any = None
    mark: str | None = None


class Remote(Protocol):
    """A source that is no file.

    Attributes:
        identity: what is read from where, without secrets.
        form: for people.
    """

    identity: Any
    form: str

    def mark(self) -> str | None:
        """See ``State``."""

    def frames(self, limit: int | None) -> Iterator[pl.DataFrame]:
        """All rows, or about the first ``limit``."""


@runtime_checkable
class Growing(Remote, Protocol):
    """A source with a column from which only what is new can be read."""

    def newer(self, state: State, edge: pl.DataFrame | None) -> Iterator[tuple[pl.DataFrame, pl.DataFrame]]:
        """The rows since ``state.greatest``, and those of them at the edge; sets it anew.

        Args:
            edge: the rows that had the greatest value of the time before.
        """


def remote_of(corpus: Corpus, workspace: Path) -> Remote:
    """The corpus's database or data set."""
    if corpus.database:
        from curate.sources.live import GrowingTable, LiveTable

        kind = LiveTable if corpus.database.incremental is None else GrowingTable
        return kind(corpus, workspace)
    from curate.sources.hub import HubRows

    assert corpus.dataset
    return HubRows(corpus.dataset, workspace)


def fetch(
    corpus: Corpus,
    name: str,
    workspace: Path,
    runs: Path,
    limit: int | None = None,
    on_rows: Callable[[int], None] = lambda rows: None,
) -> list[Path]:
    """The parquet files of a corpus that is no file, fetched where they are not there yet or may have changed.

    Args:
        name: the corpus's.
        runs: the folder ``runs`` of the workspace.
        limit: the most rows; a fetch with a limit has a folder of its own.
        on_rows: called with the rows of each batch.

    Raises:
        CurateError: the source can't be reached or read.
    """
    remote = remote_of(corpus, workspace)
    folder = runs / "fetched" / f"{name}-{sha256_of([remote.identity, limit])[:16]}"
    folder.mkdir(parents=True, exist_ok=True)
    with FileLock(folder / "lock"):
        old = _state(folder)
        mark = remote.mark()
        if mark is None or old.mark != mark:
            old = _fetched(folder, remote, State(before=old.parts, mark=mark), old, limit, on_rows)
    return [folder / "parts" / part for part in old.parts]


def _fetched(
    folder: Path, remote: Remote, new: State, old: State, limit: int | None, on_rows: Callable[[int], None]
) -> State:
    edges: list[pl.DataFrame] = []
    if isinstance(remote, Growing) and limit is None:
        known = pl.read_parquet(folder / "edge.parquet") if old.greatest is not None else None
        new.parts, new.greatest = (list(old.parts), old.greatest) if known is not None else ([], None)
        found = remote.newer(new, known)
    else:
        found = ((rows, rows.clear()) for rows in remote.frames(limit))
    parts = _Parts(folder / "parts", new.parts)
    for rows, edge in found:
        parts.add(rows if limit is None else rows.head(limit - parts.rows))
        if edge.height:
            edges.append(edge)
        on_rows(rows.height)
        if limit is not None and parts.rows >= limit:
            break
    parts.flush()
    if new.greatest is not None:
        write_parquet(folder / "edge.parquet", pl.concat(edges, how="diagonal_relaxed"))
    write_json(folder / "state.json", vars(new))
    for part in (folder / "parts").iterdir():
        if part.name not in {*new.parts, *new.before}:
            part.unlink(missing_ok=True)
    return new


def _state(folder: Path) -> State:
    """The last state, if all its parts are there."""
    try:
        state = State(**json.loads((folder / "state.json").read_text(encoding="utf-8")))
    except (FileNotFoundError, TypeError, json.JSONDecodeError):
        return State()
    whole = all((folder / "parts" / part).is_file() for part in state.parts)
    whole = whole and (state.greatest is None or (folder / "edge.parquet").is_file())
    return state if whole else State()


class _Parts:
    """Gathers frames and writes a part when enough of them wait; its name goes into ``names``."""

    def __init__(self, folder: Path, names: list[str]) -> None:
        self.folder, self.names, self.rows = folder, names, 0
        self.waiting: list[pl.DataFrame] = []
        self.started = bool(names)

    def add(self, rows: pl.DataFrame) -> None:
        self.rows += rows.height
        if rows.height or not (self.waiting or self.started):
            self.waiting.append(rows)
        if sum(part.height for part in self.waiting) >= PART_ROWS or (
            sum(part.estimated_size() for part in self.waiting) >= PART_BYTES
        ):
            self.flush()

    def flush(self) -> None:
        if not self.waiting:
            return
        # a column that is a number in one batch and a word in the next is text in both
        rows = pl.concat(self.waiting, how="diagonal_relaxed").rechunk()
        self.waiting, self.started = [], True
        draft = self.folder / f".{uuid4().hex}.tmp"
        write_parquet(draft, rows)
        name = f"{sha256_of_file(draft)[:32]}.parquet"
        draft.replace(self.folder / name)
        self.names.append(name)
