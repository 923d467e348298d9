"""Synthesis in figures: from rows to slots to pairs, what was rejected, the bill, and the shares of origins."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from curate.cache import Step
from curate.run import PastRun
from curate.task_steps import TaskSteps, tasks_of

#: phases that drop pairs
DROPPING = ("gate", "review", "mix", "fit", "cap")


@dataclass(frozen=True)
class TaskLine:
    """A task: rows (or pairs) that it started from, then what was left behind each station; None where there is none.

    ``cost``: what the answers to its slots cost, and the verdicts on them, whenever they were paid.
    """

    task: str
    corpus: str
    rows: int | None
    slots: int | None
    answered: int | None
    pairs: int | None
    passed: int | None
    mixed: int | None
    last: int | None
    cost: float = 0.0
    currency: str | None = None


@dataclass(frozen=True)
class Rejected:
    """Pairs of models that one phase dropped for a reason, and what they cost."""

    phase: str
    reason: str
    pairs: int
    cost: float
    currency: str | None


@dataclass(frozen=True)
class Synthesis:
    """``asked``, ``shares``, ``cap``, ``left_out``: as the manifest has them."""

    tasks: list[TaskLine]
    rejected: list[Rejected]
    asked: list[dict[str, Any]]
    shares: list[dict[str, Any]]
    cap: dict[str, Any]
    left_out: list[dict[str, Any]]

    @property
    def paid(self) -> dict[str | None, float]:
        """Currency -> what all answers cost."""
        found: dict[str | None, float] = {}
        for line in self.tasks:
            if line.slots is not None:
                found[line.currency] = found.get(line.currency, 0.0) + line.cost
        return found


def synthesis(run: PastRun, corpus: str | None = None) -> Synthesis | None:
    """What a run made; None where it made no pairs."""
    tasks = [task for task in tasks_of(run) if corpus in (None, task.corpus)]
    about = run.manifest
    mine = [told for told in about.get("left_out", []) if corpus in (None, told["corpus"])]
    if not tasks and not mine:
        return None
    return Synthesis(
        [_line(task) for task in tasks if task.step("pairs")],
        list(_rejected(step for task in tasks for step in task.of_pairs if step.phase in DROPPING)),
        [told for told in about.get("asked", []) if corpus in (None, told["corpus"])],
        about.get("shares", []),
        about.get("cap", {}),
        mine,
    )


def _line(task: TaskSteps) -> TaskLine:
    made, slots = task.step("pairs"), task.slots
    started = task.step("pairs", "slots") or made
    told = [step.metrics for step in (task.step("pairs", "ask"), task.step("gate", "judge")) if step]
    kept = {phase: _rows(step) if (step := task.after(phase)) else None for phase in ("gate", "mix", "cap")}
    return TaskLine(
        task.name,
        task.corpus,
        started.rows_in if started else None,
        (slots.kept if slots.rows_out is None else slots.rows_out) if slots else None,
        told[0].get("answered") if told else None,
        _written(made) if made else None,
        kept["gate"] if slots else None,
        kept["mix"],
        kept["cap"],
        sum(metrics.get("cost") or 0.0 for metrics in told),
        next((metrics["currency"] for metrics in told if metrics.get("currency")), None),
    )


def _rows(step: Step) -> int:
    """The pairs of a step, with their repetitions."""
    return step.kept if step.rows_out is None else step.rows_out


def _written(step: Step) -> int | None:
    """The pairs of a step but for those that stand for a slot that failed."""
    if not step.table.shards or "made" not in step.table.schema:
        return step.rows_out
    failed = pl.col("made").struct.field("failure").is_not_null().sum()
    return (step.rows_out or 0) - int(
        pl.scan_parquet(list(step.table.shards)).select(failed).collect().item()
    )


def _rejected(steps: Iterable[Step]) -> Iterable[Rejected]:
    """Phase by phase, the commonest reason first. Of all dropped pairs two narrow columns are read."""
    made = pl.col("made").struct
    parts = [
        pl.scan_parquet(shard)
        .filter(pl.col("origin") == "llm")
        .select("reason", made.field("cost"), made.field("currency"), pl.lit(step.phase).alias("phase"))
        .group_by("phase", "reason")
        .agg(pl.len().alias("pairs"), pl.col("cost").sum(), pl.col("currency").max())
        .collect()
        for step in steps
        for shard in step.dropped_shards
        if {"made", "origin"} <= set(pl.read_parquet_schema(shard))
    ]
    if not parts:
        return
    found = pl.concat(parts).group_by("phase", "reason").agg(
        pl.col("pairs").sum(), pl.col("cost").sum(), pl.col("currency").max()
    )  # fmt: skip
    place = pl.col("phase").replace_strict(list(DROPPING), range(len(DROPPING)))
    for row in found.sort(place, -pl.col("pairs").cast(pl.Int64), "reason").iter_rows(named=True):
        yield Rejected(row["phase"], row["reason"], row["pairs"], row["cost"], row["currency"])


def rejected_examples(run: PastRun, one: Rejected, number: int) -> list[dict[str, Any]]:
    """The first pairs that went for this reason."""
    shards = [
        shard
        for task in tasks_of(run)
        for step in task.of_pairs
        if step.phase == one.phase and one.reason in step.reasons
        for shard in step.dropped_shards
    ]
    rows: list[dict[str, Any]] = []
    for shard in shards:
        if len(rows) < number and {"made", "origin"} <= set(pl.read_parquet_schema(shard)):
            mine = (pl.col("reason") == one.reason) & (pl.col("origin") == "llm")
            rows += pl.scan_parquet(shard).filter(mine).head(number - len(rows)).collect().to_dicts()
    return rows
