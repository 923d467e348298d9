"""Corpora on disk, the whole of dedupe over them, and Jaccard similarity in plain Python."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.algorithms.minhash import CLASSES
from curate.algorithms.text import IDLE_MARKS
from curate.cache import Cache
from curate.dedupe import Dedupe, Source
from curate.files import sha256_of
from curate.rows import Table


@cache
def plain(text: str) -> str:
    bare = "".join(letter for letter in text if letter not in IDLE_MARKS)
    return "".join(unicodedata.normalize("NFKC", bare).lower().split())


def shingles(text: str, n: int) -> set[str]:
    if not text:
        return set()
    return {text[place : place + n] for place in range(max(1, len(text) - n + 1))}


def similarity(one: str, other: str) -> float:
    """Jaccard similarity as dedupe defines it: the shorter normal form chooses the length of the shingles."""
    one, other = plain(one), plain(other)
    shorter = min(len(one), len(other))
    n = next((n for n, least, most in CLASSES if least <= shorter <= most), 2)
    a, b = shingles(one, n), shingles(other, n)
    return len(a & b) / len(a | b) if a and b else 0.0


@dataclass(frozen=True)
class Deduped:
    kept: pl.DataFrame
    dropped: pl.DataFrame

    @property
    def gone(self) -> dict[str, str]:
        """row_id -> the row_id it was a copy of."""
        return dict(self.dropped.select("row_id", "of").iter_rows())

    @property
    def groups(self) -> dict[str, str]:
        return dict(self.kept.select("row_id", "cluster_id").iter_rows())

    @property
    def copies(self) -> dict[str, int]:
        return dict(self.kept.select("row_id", "copies").iter_rows())


Run = Callable[..., Deduped]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """``run({"news": frame, ...}, minhash={}, identity={"news": ["name"]}, shard_rows=...)``."""
    numbers = count()

    def do(
        corpora: dict[str, pl.DataFrame],
        *,
        identity: dict[str, list[str]] | None = None,
        key: list[str] | None = None,
        shard_rows: int = 10_000,
        **options: Any,
    ) -> Deduped:
        folder = tmp_path / str(next(numbers))
        store = Cache(folder / "cache")
        sources = []
        for name, frame in corpora.items():
            shards = []
            for number, part in enumerate(frame.iter_slices(shard_rows)):
                shards.append(folder / name / f"{number:05d}.parquet")
                shards[-1].parent.mkdir(parents=True, exist_ok=True)
                part.write_parquet(shards[-1])
            columns = (identity or {}).get(name, [])
            sources.append(
                Source(
                    Table(name, tuple(shards)),
                    sha256_of([str(folder), name]),
                    tuple(key or ()),
                    tuple(columns),
                )
            )
        _, steps = Dedupe(**options).run(sources, store)
        for step in steps:
            assert step.rows_in == step.kept + step.dropped
        dropped = [pl.read_parquet(shard) for step in steps for shard in step.dropped_shards]
        kept = [frame for step in steps for frame in step.table.frames()]
        return Deduped(pl.concat(kept, how="diagonal"), pl.concat(dropped, how="diagonal"))

    return do


def table(texts: dict[str, str | None] | list[str], corpus: str = "c", **columns: list[Any]) -> pl.DataFrame:
    """Rows by their key; a list is numbered."""
    if isinstance(texts, list):
        texts = {f"{number:05d}": text for number, text in enumerate(texts)}
    ids = [f"{corpus}:{key}" for key in texts]
    system = {"row_id": ids, "corpus": [corpus] * len(ids), "cluster_id": ids, "copies": [1] * len(ids)}
    own = {"text": list(texts.values()), "updated_at": columns.pop("updated_at", [None] * len(ids))}
    return pl.DataFrame(system | columns | own, schema_overrides={"text": pl.String, "updated_at": pl.String})
