"""Tables on disk for the tests of the three Cs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from curate.files import write_parquet
from curate.rows import Table


def made_table(folder: Path, corpus: str, columns: dict[str, Any], shards: int = 2, name: str = "") -> Table:
    """A corpus in some shards; ``row_id`` is ``corpus:number`` where the columns bring none."""
    frame = pl.DataFrame(columns)
    if "row_id" not in frame.columns:
        ids = [f"{corpus}:{number}" for number in range(frame.height)]
        frame = frame.select(pl.Series("row_id", ids, dtype=pl.String), *frame.columns)
    size = max(1, -(-frame.height // shards))
    files = []
    for number, start in enumerate(range(0, max(1, frame.height), size)):
        files.append(folder / f"{name}{corpus}-{number}.parquet")
        write_parquet(files[-1], frame[start : start + size])
    return Table(corpus, tuple(files))
