"""The cache: a folder a step, named by what the step's result depends on.

::

    runs/cache/<key>/kept/00000.parquet     rows that go on
                     dropped/00000.parquet  rows that don't, with their reason
                     changes/, notes/       of a step that is made of units: see ``rows.Outcome``
                     shards/00000.json      written behind the two: this shard is whole
                     step.json              written last: the step is whole

A killed run finds its finished shards again. Two runs that want the same step wait for each other through a
file lock, which the operating system releases when a process dies.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from curate.engines.local import map_shards
from curate.errors import AccountingError
from curate.files import link, write_json, write_parquet
from curate.language import say
from curate.rows import Outcome, Table

#: (number of the shard, its rows) -> what becomes of them
Work = Callable[[int, pl.DataFrame], Outcome]


@dataclass(frozen=True)
class Step:
    """A finished step. ``reasons``: reason -> dropped rows; ``changed``: column -> rows with another value."""

    key: str
    phase: str
    unit: str
    corpus: str
    rows_in: int
    kept: int
    dropped: int
    reasons: dict[str, int]
    changed: dict[str, int]
    seconds: float
    folder: Path
    rows_out: int | None = (
        None  #: rows written where they are of another kind than the rows read (pairs, chunks)
    )
    metrics: dict[str, Any] = field(default_factory=dict)
    #: of a step that is made of several units: what each of them did (``unit``, ``rows_in``, ``kept``, ``dropped``,
    #: ``reasons``, ``changed``, ``seconds``), in order
    units: list[dict[str, Any]] = field(default_factory=list)
    cached: bool = False

    @property
    def table(self) -> Table:
        return Table(self.corpus, tuple(sorted((self.folder / "kept").glob("*.parquet"))))

    @property
    def dropped_shards(self) -> list[Path]:
        return sorted((self.folder / "dropped").glob("*.parquet"))

    @property
    def change_shards(self) -> list[Path]:
        """Which unit changed which column of which row: the columns of ``rows.CHANGE``."""
        return sorted((self.folder / "changes").glob("*.parquet"))

    @property
    def note_shards(self) -> list[Path]:
        """What the units tell besides the rows."""
        return sorted((self.folder / "notes").glob("*.parquet"))

    def as_json(self) -> dict[str, Any]:
        return {name.name: getattr(self, name.name) for name in fields(self) if name.name != "folder"}


@dataclass(frozen=True)
class Place:
    """Where a step stands in the flow: for the manifest and for messages."""

    phase: str
    unit: str
    corpus: str


class Cache:
    """The steps on disk below ``folder``.

    ``on_rows(n)`` is called while rows get done, ``on_wait(message)`` when another run holds a step.
    """

    def __init__(
        self,
        folder: Path,
        on_rows: Callable[[int], None] = lambda _: None,
        on_wait: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.folder, self.on_rows, self.on_wait = folder, on_rows, on_wait

    def folder_of(self, key: str) -> Path:
        return self.folder / key[:32]

    def find(self, key: str, place: Place) -> Step | None:
        """The whole step, or None."""
        folder = self.folder_of(key)
        try:
            found = json.loads((folder / "step.json").read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        names = {name.name for name in fields(Step)}
        try:
            # the same result may serve a place with another name (two corpora over one file)
            return Step(
                **{
                    **{n: v for n, v in found.items() if n in names},
                    **asdict(place),
                    "folder": folder,
                    "cached": True,
                }
            )
        except TypeError:  # written by a release that kept less in it: do the step again
            return None

    @contextmanager
    def hold(self, key: str) -> Iterator[Path]:
        """The step's folder, for this process alone."""
        folder = self.folder_of(key)
        folder.mkdir(parents=True, exist_ok=True)
        lock = FileLock(folder / "lock")
        try:
            lock.acquire(timeout=0)
        except Timeout:
            self.on_wait(
                say(
                    "另一个正在运行的 curate 在做同一步，等它做完就直接用它的结果",
                    "another run is at this very step; waiting for its result",
                )
            )
            lock.acquire()
        try:
            yield folder
        finally:
            lock.release()

    def once(self, key: str, place: Place, work: Callable[[Path], dict[str, Any]]) -> Step:
        """A step that is done as a whole: ``work(folder)`` writes its files and returns fields of ``Step``."""
        found = self.find(key, place)
        if found:
            return found
        with self.hold(key) as folder:
            found = self.find(key, place)
            if found:
                return found
            start = time.perf_counter()
            told: dict[str, Any] = {"rows_in": 0, "kept": 0, "dropped": 0, "reasons": {}, "changed": {}}
            told |= work(folder)
            step = Step(
                key=key,
                **asdict(place),
                seconds=round(time.perf_counter() - start, 3),
                folder=folder,
                **told,
            )
            write_json(folder / "step.json", step.as_json())
            return step

    def rowwise(
        self,
        key: str,
        place: Place,
        table: Table,
        work: Work,
        *,
        made_of: pl.Expr | None = None,
    ) -> Step:
        """A step that looks at one shard at a time: ``work(number of the shard, its rows)``.

        ``made_of``: None where kept rows are the rows that came in (perhaps changed). Where other things are made from
        them (pairs, chunks), it gives for each of these the id of the row that it was made of: then a row is kept when
        anything was made of it, and the outcome's ``dropped`` holds the rest.
        """

        def one(folder: Path, number: int) -> dict[str, Any]:
            name = f"{number:05d}"
            marker = folder / "shards" / f"{name}.json"
            if marker.exists():
                counts: dict[str, Any] = json.loads(marker.read_text(encoding="utf-8"))
            else:
                rows = pl.read_parquet(table.shards[number])
                outcome = work(number, rows)
                write_parquet(folder / "dropped" / f"{name}.parquet", outcome.dropped)
                for told, frame in (("changes", outcome.changes), ("notes", outcome.notes)):
                    if frame is not None:
                        write_parquet(folder / told / f"{name}.parquet", frame)
                kept = folder / "kept" / f"{name}.parquet"
                # equal frames may differ in type (1 and 1.0), and then the file must be written
                if outcome.kept.schema == rows.schema and outcome.kept.equals(rows):
                    link(table.shards[number], kept)
                else:
                    write_parquet(kept, outcome.kept)
                counts = _count(rows, outcome, made_of)
                write_json(marker, counts)
            self.on_rows(counts["rows_in"])
            return counts

        def all_shards(folder: Path) -> dict[str, Any]:
            shards = list(map_shards(lambda number: one(folder, number), range(len(table.shards))))
            total = {name: sum(shard[name] for shard in shards) for name in ("rows_in", "kept", "dropped")}
            reasons, changed = Counter[str](), Counter[str]()
            for shard in shards:
                reasons.update(shard["reasons"])
                changed.update(shard["changed"])
            rows_out = None if made_of is None else sum(shard["rows_out"] for shard in shards)
            self._check(place, folder, table, total, rows_out)
            return {
                **total,
                "reasons": dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
                "changed": dict(sorted(changed.items())),
                "rows_out": rows_out,
                "units": _summed([shard["units"] for shard in shards]),
            }

        return self.once(key, place, all_shards)

    def _check(
        self, place: Place, folder: Path, table: Table, total: dict[str, int], rows_out: int | None
    ) -> None:
        """The accounting, from the files themselves: rows in == kept + dropped."""
        kept = Table(place.corpus, tuple(sorted((folder / "kept").glob("*.parquet")))).rows
        dropped = Table(place.corpus, tuple(sorted((folder / "dropped").glob("*.parquet")))).rows
        written = total["kept"] if rows_out is None else rows_out
        if table.rows != total["kept"] + total["dropped"] or kept != written or dropped != total["dropped"]:
            raise AccountingError(
                say(
                    f"{place.phase}/{place.unit} 处理 {place.corpus} 时行数对不上："
                    f"读入 {table.rows}，保留 {total['kept']}，丢弃 {total['dropped']}；文件中 {kept} + {dropped}",
                    f"{place.phase}/{place.unit} on {place.corpus} does not add up: {table.rows} in, "
                    f"{total['kept']} kept, {total['dropped']} dropped; files hold {kept} + {dropped}",
                ),
                say(
                    f"这是程序的错误，不是数据的错误：请附上 {folder} 报告给开发者",
                    f"this is a defect of curate, not of your data: report it with {folder}",
                ),
            )


def each(work: Callable[[pl.DataFrame], Outcome]) -> Work:
    """Work that does not need to know which shard it is given."""
    return lambda _, rows: work(rows)


def _summed(shards: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What each unit of a step did, over all shards."""
    total = []
    for parts in zip(*shards, strict=True):
        one: dict[str, Any] = {"unit": parts[0]["unit"]}
        for name in ("rows_in", "kept", "dropped", "seconds"):
            one[name] = round(sum(part[name] for part in parts), 3)
        for name in ("reasons", "changed"):
            counts = Counter[str]()
            for part in parts:
                counts.update(part[name])
            one[name] = dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
        total.append(one)
    return total


def _count(rows: pl.DataFrame, outcome: Outcome, made_of: pl.Expr | None) -> dict[str, Any]:
    """The shard's accounting line."""
    reasons = dict(outcome.dropped["reason"].value_counts().iter_rows())
    used = outcome.kept.height if made_of is None else outcome.kept.select(made_of).to_series().n_unique()
    changed: dict[str, int] = {}
    if made_of is None and outcome.kept.height:
        places = None
        if outcome.kept.height != rows.height:
            name_of = next(
                name for name in ("row_id", "pair_id", "slot_id", "chunk_id") if name in rows.columns
            )
            numbered = rows.select(name_of).with_row_index("place")
            places = outcome.kept.select(name_of).join(
                numbered, on=name_of, how="left", maintain_order="left"
            )["place"]
        for name in set(rows.columns) & set(outcome.kept.columns):
            new = outcome.kept[name]
            old = rows[name] if places is None else rows[name].gather(places)
            if old.dtype != new.dtype or old.dtype.is_nested():
                continue  # a new type is the schema's doing, not a changed value
            different = int(old.ne_missing(new).sum())
            if different:
                changed[name] = different
    return {
        "rows_in": rows.height,
        "kept": used,
        "dropped": outcome.dropped.height,
        "rows_out": outcome.kept.height,
        "reasons": reasons,
        "changed": changed,
        "units": outcome.units,
    }
