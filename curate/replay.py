"""Replay: what each cleaner of a past run did with some of its rows.

A clean step keeps its rows before and behind all cleaners, and which cleaner changed which row; the values in
between are made again, by the same cleaners over the same rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter, ValidationError

from curate.cache import Step
from curate.clean import AnyCleaner, Chain, Cleaner, Learner, clean_key
from curate.run import PastRun
from curate.yaml_lines import read_yaml


class Replay:
    """The cleaners of a corpus in a past run.

    Attributes:
        step: the finished clean step; None where the run cleaned nothing of the corpus.
    """

    def __init__(self, run: PastRun, corpus: str) -> None:
        self.run, self.corpus = run, corpus
        steps = list(run.of(corpus))
        self.step = next((step for step in steps if step.phase == "clean"), None)
        self.before = steps[steps.index(self.step) - 1] if self.step else None

    @cached_property
    def chain(self) -> Chain | None:
        """The cleaners; None where the recipe's files have changed since, so that they would do something else."""
        if self.step is None or self.before is None:
            return None
        recipe: dict[str, Any] = read_yaml(self.run.folder / "recipe.yaml").value
        about = recipe["corpora"].get(self.corpus) or {}
        context = {"workspace": self.run.folder.parent.parent, "corpora": list(recipe["corpora"])}
        try:
            cleaners = TypeAdapter(list[AnyCleaner]).validate_python(
                recipe.get("clean") or [], context=context
            )
        except ValidationError:
            return None
        ready = [self._learned(cleaner) for cleaner in cleaners]
        ours = [one for one in ready if one[0].for_corpus(self.corpus)]
        text = about.get("text", "text")
        derived = None if text == "text" else text
        if clean_key([told for _, told in ours], derived, self.before.key) != self.step.key:
            return None
        return Chain([cleaner for cleaner, _ in ours], derived)

    def _learned(self, cleaner: Cleaner) -> tuple[Cleaner, Any]:
        told: Any = cleaner.fingerprint()
        if isinstance(cleaner, Learner) and cleaner.learn_from:
            name = f"learn_{cleaner.unit_name()}"
            for step in self.run.steps:
                if step.phase == "clean" and step.unit == name and step.metrics["fingerprint"] == told:
                    return cleaner.learned(step.folder), [told, step.key]
        return cleaner, told

    def rows(self, ids: Iterable[str]) -> pl.DataFrame:
        """Rows as they were before cleaning."""
        assert self.before is not None
        return rows_of(self.before.table.shards, list(ids))

    def steps(self, row_id: str) -> Iterator[tuple[Cleaner, dict[str, Any], dict[str, Any]]]:
        """(cleaner, the row before, the row behind it) until a cleaner drops it; a dropped row has its ``reason``."""
        rows = self.rows([row_id])
        for cleaner, kept, dropped in self.chain.steps(rows) if self.chain and rows.height else ():
            after = kept if kept.height else dropped
            yield cleaner, rows.row(0, named=True), after.row(0, named=True)
            if not kept.height:
                return
            rows = kept


def rows_of(shards: Iterable[Path], ids: list[str]) -> pl.DataFrame:
    """The rows with these ids, in the order of the shards."""
    found = [pl.scan_parquet(shard).filter(pl.col("row_id").is_in(ids)).collect() for shard in shards]
    return pl.concat(found, how="diagonal_relaxed") if found else pl.DataFrame()


def changes_of(step: Step) -> pl.DataFrame:
    """Which cleaner changed which column of which row."""
    return pl.concat([pl.read_parquet(shard) for shard in step.change_shards])


def notes_of(step: Step) -> pl.DataFrame:
    """What the cleaners of a step told, equal notes of its shards added up, the commonest first."""
    notes = pl.concat([pl.read_parquet(shard) for shard in step.note_shards])
    keys = [name for name in notes.columns if name != "count"]
    return (
        notes.group_by(keys)
        .agg(pl.col("count").sum())
        .sort("count", *keys, descending=[True, *(False for _ in keys)])
    )
