"""Held: the rows of a corpus that a run set aside because of its schema, as their owner sees them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Step
from curate.errors import CurateError
from curate.replay import rows_of
from curate.returned import UNIT, as_cells
from curate.run import PastRun
from curate.sources import Corpus
from curate.sources.identify import union_of_columns
from curate.validate import INVALID, load_model
from curate.yaml_lines import read_yaml


@dataclass(frozen=True, eq=False)
class Held:
    """The quarantined rows of a corpus in a run.

    Attributes:
        about: the corpus as the run's recipe has it.
        steps: those of ``validate`` that dropped rows.
    """

    run: PastRun
    corpus: str
    about: Corpus
    steps: tuple[Step, ...]

    @property
    def workspace(self) -> Path:
        return self.run.folder.parent.parent

    @property
    def rows(self) -> int:
        return sum(step.dropped for step in self.steps)

    @cached_property
    def columns(self) -> list[str]:
        """The columns that the source has: what a cleaner added, or what is made of others, its owner cannot mend."""
        read = self._source("read")
        made = {"text"} if self.about.derived_text else set()
        there = pl.read_parquet_schema(self.steps[0].dropped_shards[0])
        return [name for name in union_of_columns(read.table) if name in there and name not in made]

    @cached_property
    def headings(self) -> dict[str, str]:
        """Column -> its name in the owner's file, with ours behind it where two would have one name."""
        old = {name: self.about.columns.get(name, name) for name in self.columns}
        names = list(old.values())
        return {name: told if names.count(told) == 1 else f"{told}（{name}）" for name, told in old.items()}

    def heading(self, field: str | None) -> str:
        """The owner's name for the field of an error; of a rule over several, of each."""
        return "、".join(self.headings.get(name, name) for name in (field or "").split(","))

    @cached_property
    def described(self) -> dict[str, str]:
        """Column -> what the schema says of it."""
        if self.about.schema_ is None:
            return {}
        try:
            model = load_model(self.workspace, self.about.schema_)
        except (CurateError, OSError):  # it has changed since: the sheet does without
            return {}
        return {name: field.description or "" for name, field in model.model_fields.items()}

    def errors(self) -> pl.LazyFrame:
        """``INVALID``: what is wrong with the rows, in their order; not of rows that were only reported."""
        parts = [pl.LazyFrame(schema=INVALID)]
        for step in self.steps:
            gone = {shard.name: shard for shard in step.dropped_shards}
            for shard in step.note_shards:
                ids = pl.read_parquet(gone[shard.name], columns=["row_id"])["row_id"]
                told = pl.scan_parquet(shard).select(list(INVALID))
                parts.append(told.filter(pl.col("row_id").is_in(ids.implode())))
        return pl.concat(parts)

    def cells(self) -> Iterable[pl.DataFrame]:
        """``row_id`` and the columns as text, as they were checked (personal data is masked): a frame a shard."""
        for step in self.steps:
            for shard in step.dropped_shards:
                yield as_cells(pl.read_parquet(shard, columns=["row_id", *self.columns]), self.columns)

    def cells_of(self, ids: list[str]) -> pl.DataFrame:
        """As ``cells``, of some rows."""
        shards = [shard for step in self.steps for shard in step.dropped_shards]
        return as_cells(_only(rows_of(shards, ids), self.columns), self.columns)

    def source_rows(self, ids: list[str], *, returned: bool) -> pl.DataFrame:
        """Rows as they were read, or (``returned``) with the values that came back earlier: nothing is masked."""
        step = self._source("identify")
        if returned:
            step = next((one for one in self._sources() if one.unit == UNIT), step)
        return rows_of(step.table.shards, ids)

    def _sources(self) -> list[Step]:
        return [step for step in self.run.of(self.corpus) if step.phase == "sources"]

    def _source(self, unit: str) -> Step:
        return next(step for step in self._sources() if step.unit == unit)


def held_in(run: PastRun) -> list[Held]:
    """What a run holds back, a corpus each, in the recipe's order.

    Raises:
        UsageError: the run's rows were deleted.
    """
    run.need_rows()
    corpora: dict[str, Any] = read_yaml(run.folder / "recipe.yaml").value["corpora"]
    found = []
    for corpus in run.manifest["corpora"]:
        steps = tuple(step for step in run.of(corpus) if step.phase == "validate" and step.dropped)
        if steps:
            about = Corpus.model_validate({**corpora[corpus], "schema": None})
            # the path of a schema is checked by who loads it, not by who reads an old recipe
            about = about.model_copy(update={"schema_": corpora[corpus].get("schema")})
            found.append(Held(run, corpus, about, steps))
    return found


def _only(rows: pl.DataFrame, columns: list[str]) -> pl.DataFrame:
    return (
        rows.select("row_id", *columns)
        if rows.height
        else pl.DataFrame(schema=dict.fromkeys(["row_id", *columns], pl.String))
    )
