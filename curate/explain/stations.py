"""What the steps of a task did with a pair, or with a slot that gave none."""

from __future__ import annotations

from typing import Any

import polars as pl

from curate.algorithms.cap import without_copy
from curate.cache import Step
from curate.explain.story import Station
from curate.task_steps import TaskSteps
from curate.trace import rows_where

#: pairs made from a pair that are told
LISTED = 8


def stations_of(task: TaskSteps, pair_id: str) -> tuple[list[Station], dict[str, Any] | None]:
    """What every step did with a pair, and the pair as it was last."""
    mine = without_copy(pl.col("pair_id")) == without_copy(pl.lit(pair_id))
    stations: list[Station] = []
    last: dict[str, Any] | None = None
    for step in task.of_pairs:
        kept, dropped = (
            rows_where(step.table.shards, mine, needs="pair_id"),
            rows_where(step.dropped_shards, mine, needs="pair_id"),
        )
        if step.phase == "pairs":
            dropped = []  # the pairs that it was to be made from
        if kept:
            what = "made" if step.phase == "pairs" else "kept"
            stations.append(Station(step.phase, step.unit, what, copies=len(kept)))
        stations += [_dropped(step, row) for row in dropped]
        last = next(iter(kept or dropped), last)
    return stations, last


def _dropped(step: Step, row: dict[str, Any]) -> Station:
    detail, of = row["detail"] or "", row["of"] or ""
    return Station(step.phase, step.unit, "dropped", row["reason"], detail, of, row["similarity"])


def slot_of(task: TaskSteps, slot_id: str) -> dict[str, Any] | None:
    step = task.step("pairs", "slots")
    found = rows_where(step.table.shards, pl.col("slot_id") == slot_id, needs="slot_id") if step else []
    return found[0] if found else None


def stations_of_slot(task: TaskSteps, slot_id: str) -> list[Station]:
    """What became of a slot that has no pair: it was one too many, or nobody was asked."""
    stations = []
    for doing in ("slots", "limit"):
        step = task.step("pairs", doing)
        if step is None:
            continue
        mine = pl.col("slot_id") == slot_id
        if rows_where(step.table.shards, mine, needs="slot_id"):
            stations.append(Station(step.phase, step.unit, "made" if doing == "slots" else "kept"))
        if doing == "limit":
            stations += [
                _dropped(step, row) for row in rows_where(step.dropped_shards, mine, needs="slot_id")
            ]
    return stations


def pairs_of_slot(task: TaskSteps, slot_id: str) -> list[str]:
    step = task.step("pairs")
    found = rows_where(step.table.shards, pl.col("slot_id") == slot_id, needs="pair_id") if step else []
    return [row["pair_id"] for row in found]


def made_from(tasks: list[TaskSteps], pair_id: str) -> list[str]:
    found = [
        row["pair_id"]
        for task in tasks
        if (step := task.step("pairs"))
        for row in rows_where(step.table.shards, pl.col("of_pair") == pair_id, needs="of_pair")
    ]
    return found[:LISTED]
