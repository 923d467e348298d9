"""A finished dedupe over a few corpora, to be asked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Cache
from curate.dedupe import Dedupe, Source
from curate.dedupe.explain import Decided
from curate.rows import Table


def decide(
    folder: Path,
    corpora: dict[str, pl.DataFrame],
    *,
    identity: dict[str, list[str]] | None = None,
    key: list[str] | None = None,
    reference: frozenset[str] = frozenset(),
    shard_rows: int = 10_000,
    remember: bool = False,
    **options: Any,
) -> Decided:
    """Run ``Dedupe(**options)``; runs in one folder share their cache."""
    sources = []
    for name, frame in corpora.items():
        shards = [folder / name / f"{start:05d}.parquet" for start in range(0, frame.height, shard_rows)]
        for shard, part in zip(shards, frame.iter_slices(shard_rows), strict=True):
            shard.parent.mkdir(parents=True, exist_ok=True)
            if not shard.exists():
                part.write_parquet(shard)
        told = tuple((identity or {}).get(name, []))
        table = Table(name, tuple(shards))
        sources.append(Source(table, f"{folder} {name}", tuple(key or ()), told, protected=name in reference))
    form = Dedupe(**options)
    cache = Cache(folder / "runs/cache")
    decided, steps = form.run(sources, cache)
    if remember:
        form.remember(sources, decided, cache)
    return Decided(decided.folder, steps, form, identity or {}, reference)
