"""What the cleaners did, to be read: for the terminal and for the HTML page."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from curate.algorithms.personal_data import mask
from curate.cache import Step
from curate.language import say
from curate.replay import Replay, changes_of, notes_of
from curate.report.difference import Piece, differences
from curate.report.words import brief
from curate.run import PastRun
from curate.yaml_lines import read_yaml


@dataclass(frozen=True)
class Changed:
    """A changed value. ``pieces``: what the two texts have alone and in common, see ``report.difference``."""

    row_id: str
    column: str
    pieces: list[Piece]


@dataclass
class Cleaning:
    """What a cleaner did in the corpora of a run. ``changed``: ``corpus.column`` -> values."""

    unit: str
    rows_in: int = 0
    dropped: int = 0
    seconds: float = 0.0
    changed: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    examples: list[Changed] = field(default_factory=list)


def cleanings(run: PastRun, corpus: str | None = None, number: int = 3) -> list[Cleaning]:
    """A line a cleaner, in the order of the recipe, with ``number`` examples of what it changed."""
    found: dict[str, Cleaning] = {}
    for step in _steps(run, corpus):
        for unit in step.units:
            one = found.setdefault(unit["unit"], Cleaning(unit["unit"]))
            one.rows_in += unit["rows_in"]
            one.dropped += unit["dropped"]
            one.seconds += unit["seconds"]
            one.reasons.update(unit["reasons"])
            one.changed.update({f"{step.corpus}.{column}": rows for column, rows in unit["changed"].items()})
    if number:
        for step in _steps(run, corpus):
            for name, examples in _examples(run, step, number).items():
                found[name].examples = (found[name].examples + examples)[:number]
    order = _in_recipe(run)
    return sorted(found.values(), key=lambda one: order.index(one.unit) if one.unit in order else len(order))


def _in_recipe(run: PastRun) -> list[str]:
    """The cleaners' names as the recipe has them: no corpus need have them all."""
    recipe: dict[str, Any] = read_yaml(run.folder / "recipe.yaml").value
    return [item if isinstance(item, str) else next(iter(item)) for item in recipe.get("clean") or []]


def _steps(run: PastRun, corpus: str | None) -> list[Step]:
    steps = [step for step in run.steps if step.phase == "clean" and step.units and step.folder.is_dir()]
    return [step for step in steps if corpus in (None, step.corpus)]


def _examples(run: PastRun, step: Step, number: int) -> dict[str, list[Changed]]:
    """Cleaner -> values that it changed: the cleaners go again over a few of the changed rows."""
    replay = Replay(run, step.corpus)
    changes = changes_of(step)
    if replay.chain is None or changes.is_empty():
        return {}
    few = changes.group_by("unit", maintain_order=True).head(number)
    rows = replay.rows(few["row_id"].unique(maintain_order=True).to_list())
    found: dict[str, list[Changed]] = {}
    for cleaner, kept, _ in replay.chain.steps(rows):
        name = cleaner.unit_name()
        wanted = few.filter(pl.col("unit") == name)
        for row_id, column in wanted.select("row_id", "column").iter_rows():
            old, new = _value(rows, row_id, column), _value(kept, row_id, column)
            if not cleaner.hides:  # an example is passed on
                old, new = (None if text is None else mask(text) for text in (old, new))
            if old != new:
                pieces: list[Piece] = (
                    [("cut", say("（原值不显示）", "(the old value is not shown)")), ("of", brief(new))]
                    if cleaner.hides
                    else differences(old or "", new or "")
                )
                found.setdefault(name, []).append(Changed(row_id, column, pieces))
        rows = kept
    return found


def _value(rows: pl.DataFrame, row_id: str, column: str) -> str | None:
    if column not in rows.columns:
        return None
    value = rows.filter(pl.col("row_id") == row_id)[column]
    return None if value.is_empty() or value[0] is None else str(value[0])


def notes(run: PastRun, corpus: str | None = None) -> pl.DataFrame:
    """What the cleaners told: corpus, unit, column, what, value, proposal, score, count; the commonest first."""
    parts = [
        notes_of(step).select(pl.lit(step.corpus).alias("corpus"), pl.all()) for step in _steps(run, corpus)
    ]
    return pl.concat(parts) if parts else pl.DataFrame()
