"""The first step of a corpus: its files become shards of parquet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Cache, Place, Step
from curate.files import write_parquet
from curate.rows import WHY, because
from curate.sources.batches import batches, files
from curate.sources.corpus import Corpus
from curate.sources.opening import Batch, File

#: A shard ends at the first of the two: this many bytes in memory, or the rows that the caller sets.
SHARD_BYTES = 64 << 20
UNREAD = {"row_id": pl.String, "corpus": pl.String, "text": pl.String, **WHY}


def read(
    corpus: Corpus,
    name: str,
    paths: list[Path],
    cache: Cache,
    key: str,
    shard_rows: int,
    limit: int | None = None,
) -> Step:
    """Rows in = lines or rows found in the files; dropped = those that could not be read as a row."""

    def work(folder: Path) -> dict[str, Any]:
        kept = _Shards(folder / "kept", shard_rows, {})
        dropped = _Shards(folder / "dropped", shard_rows, UNREAD)
        reasons: Counter[str] = Counter()
        every = ((source, batch) for source in files(corpus, paths) for batch in batches(source))
        for file, batch in every:
            kept.add(renamed(batch, corpus, None if limit is None else limit - kept.rows).rows)
            if batch.bad.height:
                dropped.add(_unread(batch.bad, name, file))
                reasons.update(batch.bad["reason"].to_list())
            cache.on_rows(batch.rows.height)
            if limit is not None and kept.rows >= limit:
                break
        kept.finish()
        dropped.finish()
        rows = {"kept": kept.rows, "dropped": dropped.rows}
        return {"rows_in": kept.rows + dropped.rows, **rows, "reasons": dict(reasons)}

    return cache.once(key, Place("sources", "read", name), work)


def renamed(batch: Batch, corpus: Corpus, room: int | None) -> Batch:
    """The batch under the recipe's column names, at most ``room`` rows of it."""
    rows = batch.rows if room is None else batch.rows.head(room)
    old = {source: new for new, source in corpus.columns.items() if source in rows.columns}
    # a column whose name a renamed one takes would be there twice: the recipe's word wins
    rows = rows.drop([new for source, new in old.items() if new in rows.columns and new not in old])
    return Batch(rows.rename(old), batch.bad)


class _Shards:
    """Gathers frames and writes a shard when enough of them wait."""

    def __init__(self, folder: Path, most_rows: int, schema: dict[str, Any]) -> None:
        self.folder, self.most_rows, self.schema = folder, most_rows, schema
        self.waiting: list[pl.DataFrame] = []
        self.written = self.rows = self.rows_waiting = self.bytes_waiting = 0
        for old in folder.glob("*.parquet"):
            old.unlink()  # left by a killed run that may have seen other files

    def add(self, rows: pl.DataFrame) -> None:
        self.rows += rows.height
        if self.waiting and _types_clash(self.waiting[-1], rows):
            self.flush()  # what a column of several types becomes is decided once, for all shards
        while rows.height:
            part = rows.head(self.most_rows - self.rows_waiting)
            rows = rows.slice(part.height)
            self.waiting.append(part)
            self.rows_waiting += part.height
            self.bytes_waiting += int(part.estimated_size())
            if self.rows_waiting >= self.most_rows or self.bytes_waiting >= SHARD_BYTES:
                self.flush()

    def flush(self) -> None:
        rows = pl.concat(self.waiting, how="diagonal") if self.waiting else pl.DataFrame(schema=self.schema)
        write_parquet(self.folder / f"{self.written:05d}.parquet", rows)
        self.waiting, self.rows_waiting, self.bytes_waiting = [], 0, 0
        self.written += 1

    def finish(self) -> None:
        """Write what waits; there is at least one shard, if an empty one."""
        if self.waiting or not self.written:
            self.flush()


def _unread(bad: pl.DataFrame, corpus: str, file: File) -> pl.DataFrame:
    """Dropped rows of what could not be read. Such a row has no key: its place is the only name it can have."""
    named = bad.select(
        (pl.lit(f"{corpus}:!{file.name}:") + pl.col("line").cast(pl.String)).alias("row_id"),
        pl.lit(corpus).alias("corpus"),
        "text",
        "reason",
        "detail",
    )
    return because(named, pl.col("reason"), detail=pl.col("detail"))


def _types_clash(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return any(one.schema.get(name, kind) != kind for name, kind in other.schema.items())
