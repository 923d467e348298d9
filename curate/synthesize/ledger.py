"""The ledger: what became of each slot of a task, and the pairs that come of it."""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from curate.clients.chat.request import Accepted, Rejected, Settled
from curate.pairs import MADE, PAIR, as_pairs
from curate.synthesize.task import ModelTask

#: What became of a slot: read from the journal, a row a slot in the order of the slots.
LEDGER: dict[str, pl.DataType | type[pl.DataType]] = {
    "slot_id": pl.String,
    "value": pl.String,
    "reason": pl.String,
    "detail": pl.String,
    "text": pl.String,
    "requests": pl.List(pl.String),
    "finish_reason": pl.String,
    "calls": pl.Int64,
    "input_tokens": pl.Int64,
    "output_tokens": pl.Int64,
    "cost": pl.Float64,
}


def line_of(settled: Settled, counted: set[str]) -> tuple[Any, ...]:
    """A slot's line. A request that several slots share was paid once: it is ``counted`` with the first of them."""
    replies, end = settled.replies, settled.end
    own = [reply for reply in replies if reply.key not in counted]
    counted.update(reply.key for reply in replies)
    last = replies[-1] if replies else None
    return (
        settled.slot,
        json.dumps(end.value, ensure_ascii=False) if isinstance(end, Accepted) else None,
        end.reason if isinstance(end, Rejected) else None,
        end.detail if isinstance(end, Rejected) else None,
        (last.text or last.error) if last and isinstance(end, Rejected) else "",
        [reply.key for reply in replies],
        last.finish_reason if last else "",
        len(replies),
        sum(reply.input_tokens for reply in own),
        sum(reply.output_tokens for reply in own),
        float(sum(reply.cost for reply in own)),
    )


def candidates(
    task: ModelTask, slots: pl.DataFrame, ledger: pl.DataFrame, told: dict[str, Any]
) -> pl.DataFrame:
    """The pairs of slots (the columns of ``PAIR``): those of an accepted answer share its tokens and its cost; a slot that
    failed gives one without an answer, whose ``made`` says why.
    """
    rows = []
    for slot, line in zip(slots.iter_rows(named=True), ledger.iter_rows(named=True), strict=True):
        assert slot["slot_id"] == line["slot_id"]
        found = task.pairs(slot, json.loads(line["value"])) if line["value"] is not None else []
        failure = line["reason"] or ("no_pairs" if not found else None)
        if not found:
            found = [{"output": line["text"] or ""}]
        for number, pair in enumerate(found):
            rows.append(_candidate(task, slot, line, told, pair, number, len(found), failure))
    return as_pairs(pl.DataFrame(rows, schema=PAIR, orient="row") if rows else pl.DataFrame(schema=PAIR))


def _candidate(
    task: ModelTask, slot: dict[str, Any], line: dict[str, Any], told: dict[str, Any], pair: dict[str, Any],
    number: int, of: int, failure: str | None,
) -> dict[str, Any]:  # fmt: skip
    def share(total: int) -> int:
        return total // of + (number < total % of)

    how = dict.fromkeys(field.name for field in MADE.fields)
    how |= told | {
        "source": slot["source"], "start": slot["start"], "end": slot["end"], "evidence": pair.get("evidence"),
        "requests": line["requests"], "finish_reason": line["finish_reason"], "calls": line["calls"],
        "input_tokens": share(line["input_tokens"]), "output_tokens": share(line["output_tokens"]),
        "cost": line["cost"] / of, "failure": failure, "detail": line["detail"] if failure else None,
    }  # fmt: skip
    whole: dict[str, Any] = dict.fromkeys(PAIR)
    whole |= {
        name: slot[name]
        for name in ("parent_id", "of_pair", "corpus", "cluster_id", "tier", "split", "question")
    }
    whole |= {
        "pair_id": f"{slot['slot_id']}.{number + 1}", "slot_id": slot["slot_id"], "origin": "llm", "kind": "sft",
        "task": task.stem, "system": "", "instruction": "", "input": "", "output": "", "made": how,
    }  # fmt: skip
    return whole | {name: value for name, value in pair.items() if name in PAIR}
