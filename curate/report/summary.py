"""A run in figures: what the terminal's table and the HTML page both show."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from curate.cache import Step
from curate.errors import UsageError
from curate.language import say
from curate.messages import did_you_mean
from curate.phases import FLOW
from curate.run import PastRun


@dataclass
class Line:
    """One corpus. ``after``: phase -> rows that were there behind it. ``dropped``: phase -> rows. ``reasons``:
    (phase, reason) -> rows. ``pairs`` and ``chunks`` made of its rows.
    """

    corpus: str
    read: int
    after: dict[str, int] = field(default_factory=dict)
    dropped: Counter[str] = field(default_factory=Counter)
    reasons: Counter[tuple[str, str]] = field(default_factory=Counter)
    pairs: int = 0
    chunks: int = 0

    @property
    def kept(self) -> int:
        return list(self.after.values())[-1]

    @property
    def gone(self) -> int:
        return self.dropped.total()

    @property
    def by_reason(self) -> dict[str, int]:
        found: Counter[str] = Counter()
        for (_, reason), rows in self.reasons.items():
            found[reason] += rows
        return dict(found)


def summary(run: PastRun, corpus: str | None = None) -> list[Line]:
    """A line a corpus that the run got to.

    Raises:
        UsageError: the run has no such corpus.
    """
    names = [name for name in run.manifest["corpora"] if corpus in (None, name)]
    if not names:
        known = run.manifest["corpora"]
        raise UsageError(
            say(f"没有语料 {corpus}", f"there is no corpus {corpus}"), did_you_mean(str(corpus), known)
        )
    phases = [phase for phase in FLOW if any(step.phase == phase for step in run.steps)]
    lines = [_line(name, list(run.of(name)), phases) for name in names if any(run.of(name))]
    for line in lines:
        made = [step for step in run.pairs if step.corpus == line.corpus]
        line.pairs = sum(step.kept if step.rows_out is None else step.rows_out for step in made)
    return lines


def _line(name: str, steps: list[Step], phases: list[str]) -> Line:
    line = Line(name, steps[0].rows_in)
    rows = steps[0].kept
    for phase in phases:
        for step in (step for step in steps if step.phase == phase):
            rows = step.kept
            line.dropped[phase] += step.dropped
            for reason, count in step.reasons.items():
                line.reasons[phase, reason] += count
        line.after[phase] = rows
    line.chunks = sum(step.rows_out or 0 for step in steps if step.phase == "chunk")
    return line


def examples(steps: list[Step], reason: str, number: int) -> list[dict[str, Any]]:
    """The first rows that some steps dropped for a reason."""
    found = [
        pl.scan_parquet(shard).filter(pl.col("reason") == reason).head(number).collect()
        for step in steps
        if reason in step.reasons
        for shard in step.dropped_shards
    ]
    return pl.concat(found, how="diagonal_relaxed").head(number).to_dicts() if found else []
