"""What was paid for a pair: the requests as they were sent, and what came back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import polars as pl

from curate.cache import Step
from curate.clients.chat.journal import JOURNAL, Journal
from curate.explain.story import Call
from curate.run import PastRun
from curate.task_steps import TaskSteps
from curate.trace import rows_where


def calls_of(
    run: PastRun, task: TaskSteps, pair: dict[str, Any] | None, slot: dict[str, Any] | None
) -> list[Call]:
    """What was paid for a pair: for its slot, and for the verdicts on it."""
    paid = ((pair or {}).get("made") or {}).get("requests") or []
    if slot and not paid:
        paid = _ledger(task.step("pairs", "ask"), pl.col("slot_id") == slot["slot_id"])
    judged: list[str] = []
    weighed = task.step("gate", "weigh")
    if pair and weighed:
        about = pl.col("given").str.contains(pair["pair_id"], literal=True)
        slots = rows_where(weighed.table.shards, about, needs="slot_id")
        asked = pl.col("slot_id").is_in([row["slot_id"] for row in slots])
        judged = _ledger(task.step("gate", "judge"), asked)
    # the judge's requests were paid for the pair, too
    asked_for = [(key, False) for key in paid if key not in judged]
    return _from_journal(run, asked_for + [(key, True) for key in judged])


def _ledger(step: Step | None, where: pl.Expr) -> list[str]:
    """The requests of some slots."""
    shards = sorted((step.folder / "ledger").glob("*.parquet")) if step else []
    return [key for row in rows_where(shards, where, needs="slot_id") for key in row["requests"]]


def _from_journal(run: PastRun, keys: list[tuple[str, bool]]) -> list[Call]:
    file = run.folder.parent / JOURNAL
    if not file.is_file():
        return [Call(key, judge) for key, judge in keys]
    with Journal(file) as journal:
        replies = journal.replies(key for key, _ in keys)
        calls = []
        for key, judge in keys:
            sent = journal.request(key)
            reply = asdict(replies[key]) if key in replies else None
            calls.append(Call(key, judge, sent[0] if sent else None, reply))
    return calls
