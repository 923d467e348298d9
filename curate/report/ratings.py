"""Tables that people hand to a command: users, ratings."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from curate.errors import UsageError
from curate.language import say
from curate.messages import did_you_mean
from curate.sources import Corpus
from curate.sources.batches import batches, files


def read_csv(file: Path, needed: list[str]) -> pl.DataFrame:
    """All columns as text, ``rating`` as a number; in any encoding that a corpus may have.

    Raises:
        UsageError: a column is missing.
    """
    found = pl.concat(
        batch.rows for opened in files(Corpus(path=str(file)), [file]) for batch in batches(opened)
    )
    for column in needed:
        if column not in found.columns:
            raise UsageError(
                say(f"{file} 没有列 {column}", f"{file} has no column {column}"),
                did_you_mean(column, found.columns),
            )
    return (
        found.with_columns(pl.col("rating").cast(pl.Float64, strict=False)) if "rating" in needed else found
    )
