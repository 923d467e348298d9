"""The first step of a corpus: its files become shards of parquet."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Cache, Place, Step
from curate.files import write_parquet
from curate.rows import WHY, because
from curate.sources.batches import Batch, batches
from curate.sources.corpus import Corpus

#: A shard ends at the first of the two: this many bytes in memory, or the rows that the caller sets.
SHARD_BYTES = 64 << 20


def read(
    corpus: Corpus,
    name: str,
    files: list[Path],
    cache: Cache,
    key: str,
    shard_rows: int,
    limit: int | None = None,
) -> Step:
    """Rows in = lines or rows found in the files; dropped = those that could not be read as a row."""

    def work(folder: Path) -> dict[str, Any]:
        writer = _Writer(folder, shard_rows)
        for file, batch in ((path, batch) for path in files for batch in batches(path, corpus)):
            room = None if limit is None else limit - writer.kept
            writer.add(renamed(batch, corpus, room), name, file)
            cache.on_rows(batch.rows.height)
            if limit is not None and writer.kept >= limit:
                break
        return writer.finish()

    return cache.once(key, Place("sources", "read", name), work)


def renamed(batch: Batch, corpus: Corpus, room: int | None) -> Batch:
    """The batch under the recipe's column names, at most ``room`` rows of it."""
    rows = batch.rows if room is None else batch.rows.head(room)
    old = {source: new for new, source in corpus.columns.items() if source in rows.columns}
    # a column whose name a renamed one takes would be there twice: the recipe's word wins
    rows = rows.drop([new for source, new in old.items() if new in rows.columns and new not in old])
    return Batch(rows.rename(old), batch.bad)


class _Writer:
    """Gathers batches into shards."""

    def __init__(self, folder: Path, shard_rows: int) -> None:
        self.folder, self.shard_rows = folder, shard_rows
        self.waiting: list[pl.DataFrame] = []
        self.bad: list[pl.DataFrame] = []
        self.shards = self.kept = self.dropped = 0
        self.reasons: Counter[str] = Counter()
        for old in [*folder.glob("kept/*.parquet"), *folder.glob("dropped/*.parquet")]:
            old.unlink()  # left by a killed run that may have seen other files

    def add(self, batch: Batch, corpus: str, file: Path) -> None:
        rows = batch.rows
        self.kept += rows.height
        self.dropped += batch.bad.height
        self.reasons.update(dict(batch.bad["reason"].value_counts().iter_rows()))
        if batch.bad.height:
            # such a row has no key: its place in the file is the only name it can have
            place = pl.format(f"{corpus}:!{file.name.replace('{', '{{').replace('}', '}}')}:{{}}", "line")
            named = batch.bad.select(
                place.alias("row_id"), pl.lit(corpus).alias("corpus"), "text", "reason", "detail"
            )
            self.bad.append(because(named, pl.col("reason"), detail=pl.col("detail")))
        if self.waiting and _types_clash(self.waiting[-1], rows):
            self.flush()  # what a column of several types becomes is decided once, for all shards
        while rows.height:
            room = self.shard_rows - sum(part.height for part in self.waiting)
            self.waiting.append(rows.head(room))
            rows = rows.slice(room)
            full = sum(part.height for part in self.waiting) >= self.shard_rows
            if full or sum(part.estimated_size() for part in self.waiting) >= SHARD_BYTES:
                self.flush()

    def flush(self) -> None:
        rows = pl.concat(self.waiting, how="diagonal") if self.waiting else pl.DataFrame()
        write_parquet(self.folder / "kept" / f"{self.shards:05d}.parquet", rows)
        self.waiting, self.shards = [], self.shards + 1

    def finish(self) -> dict[str, Any]:
        if self.waiting or not self.shards:
            self.flush()
        empty = pl.DataFrame(schema={"row_id": pl.String, "corpus": pl.String, "text": pl.String, **WHY})
        write_parquet(
            self.folder / "dropped" / "00000.parquet", pl.concat([empty, *self.bad], how="diagonal")
        )
        return {
            "rows_in": self.kept + self.dropped,
            "kept": self.kept,
            "dropped": self.dropped,
            "reasons": dict(self.reasons),
        }


def _types_clash(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return any(one.schema.get(name, kind) != kind for name, kind in other.schema.items())
