"""Returned rows: what the owners of the data mended in rows that were set aside goes into every run that follows.

A value takes its place behind ``identify`` and in front of all cleaners, so that what people type is masked like any other data;
and only where the source still says what it said when the owner mended it: when it says something else now, somebody has changed
it there since, and the source wins.
"""

from __future__ import annotations

from functools import cached_property, partial

import polars as pl

from curate.cache import Cache, Place, Step
from curate.files import sha256_of
from curate.recipe import Loaded
from curate.returned.cells import NOTE, UNIT, as_cells, noted, put_in, typed_as
from curate.returned.store import PATCH, Line, Store, now
from curate.rows import Outcome, Table, nothing_dropped

__all__ = ["NOTE", "PATCH", "UNIT", "Line", "Returned", "Store", "as_cells", "now", "put_in", "typed_as"]

#: Rises when the same rows and patches would give other rows.
VERSION = 1


class Returned:
    """The returned rows of a recipe, as a step of each corpus that has some."""

    def __init__(self, loaded: Loaded, cache: Cache) -> None:
        self.loaded, self.cache = loaded, cache
        self._known: dict[str, pl.DataFrame] = {}

    @cached_property
    def store(self) -> Store:
        return Store(self.loaded.workspace)

    def patches(self, corpus: str) -> pl.DataFrame:
        """``PATCH``; read once, so that a run sees one state of them."""
        if corpus not in self._known:
            self._known[corpus] = self.store.patches(self.loaded.recipe.name, corpus)
        return self._known[corpus]

    def step(self, corpus: str, before: Step) -> Step:
        """The rows of ``identify`` with the returned values in them; ``before`` itself where there are none, so that the
        results of other runs keep their keys.
        """
        patches = self.patches(corpus)
        if patches.is_empty():
            return before
        derived = self.loaded.recipe.corpora[corpus].derived_text
        key = sha256_of([UNIT, VERSION, derived, patches.rows(), before.key])
        work = partial(_outcome, patches=patches, derived_text=derived, table=before.table)
        return self.cache.rowwise(key, Place("sources", UNIT, corpus), before.table, work)


def _outcome(
    shard: int, rows: pl.DataFrame, *, patches: pl.DataFrame, derived_text: str | None, table: Table
) -> Outcome:
    patched, notes = put_in(rows, patches, derived_text)
    if shard == 0:  # what is in no shard is told once
        gone = patches.filter(~pl.col("row_id").is_in(table.narrow(["row_id"])["row_id"].implode()))
        notes = pl.concat([notes, noted(gone, "absent")])
    return Outcome(patched, nothing_dropped(patched), notes=notes)
