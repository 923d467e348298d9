"""A corpus read from files, as the pipeline reads it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.cache import Cache, Step
from curate.files import sha256_of
from curate.options import files_of
from curate.sources import Corpus, identify, read


@dataclass(frozen=True)
class Seen:
    """What became of the files: the step that read them, its dropped rows, and the rows with their ids."""

    step: Step
    dropped: pl.DataFrame
    rows: pl.DataFrame

    @property
    def ids(self) -> list[str]:
        return self.rows["row_id"].to_list()


Read = Callable[..., Seen]


@pytest.fixture
def see(tmp_path: Path) -> Read:
    """``see("*.csv", key="id", ...)``: files below ``tmp_path`` as rows of the corpus ``c``."""
    runs = 0

    def do(
        pattern: str,
        *,
        shard_rows: int = 1000,
        limit: int | None = None,
        folder: Path = tmp_path,
        **options: Any,
    ) -> Seen:
        nonlocal runs
        runs += 1
        cache = Cache(tmp_path / f"runs{runs}")
        corpus = Corpus(path=pattern, **options)
        key = sha256_of(["read", runs])
        raw = read(corpus, "c", files_of(folder, pattern), cache, key, shard_rows, limit)
        done = identify(corpus, "c", raw.table, cache, sha256_of(["identify", key]))
        dropped = pl.concat(pl.read_parquet(shard) for shard in raw.dropped_shards)
        # vertical, not relaxed: all shards of a table have one schema
        return Seen(raw, dropped, pl.concat(done.table.frames()))

    return do
