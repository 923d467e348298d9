"""What the tests of model tasks share: replies out of hand, and a writer without a server."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import polars as pl

from curate.clients.chat.request import Accepted, Plan, Rejected, Reply, Request
from curate.pairs import PAIR, as_pairs
from curate.synthesize.model import Model
from curate.synthesize.prompt import Writer, load_prompt
from curate.synthesize.task import ModelTask
from tests.conftest import ROOT

MODEL = Model(name="test", base_url="http://127.0.0.1:1/v1")


def writer(task: Any, file: str = "") -> Writer:
    """A writer with the prompt of the worked example."""
    prompt, problems = load_prompt(
        ROOT, file or f"recipes/prompts/{task.unit_name()}.j2", task.variables, task.needed
    )
    assert prompt, problems
    return Writer(prompt, MODEL)


def reply(text: Any, **told: Any) -> Reply:
    """A reply; what is no text becomes JSON."""
    words = text if isinstance(text, str) else json.dumps(text, ensure_ascii=False)
    return Reply(**{"key": "k", "status": 200, "text": words, "cost": Decimal("0.01")} | told)


Answers = Sequence[Reply] | Callable[[Request], Reply]


def play(plan: Plan, answers: Answers) -> tuple[list[Request], Accepted | Rejected]:
    """(what was asked, the end) of a plan whose requests get these answers, in order."""
    asked: list[Request] = []
    replies: list[Reply] = []
    while True:
        step = plan(replies)
        if not isinstance(step, Request):
            return asked, step
        asked.append(step)
        replies.append(answers(step) if callable(answers) else answers[len(replies)])


def slots(task: ModelTask, frame: pl.DataFrame) -> list[dict[str, Any]]:
    return task.slots(frame).kept.to_dicts()


def pairs_of(task: ModelTask, slot: Mapping[str, Any], *answers: Any) -> list[dict[str, Any]]:
    """The pairs of a slot whose requests get these answers."""
    _, end = play(
        task.plan(slot, writer(task)), [one if isinstance(one, Reply) else reply(one) for one in answers]
    )
    assert isinstance(end, Accepted), end
    return task.pairs(slot, end.value)


def rejection(task: ModelTask, slot: Mapping[str, Any], *answers: Any) -> Rejected:
    """The rejection of a slot whose requests get these answers."""
    _, end = play(
        task.plan(slot, writer(task)), [one if isinstance(one, Reply) else reply(one) for one in answers]
    )
    assert isinstance(end, Rejected), end
    return end


def base_pairs(*told: Mapping[str, Any]) -> pl.DataFrame:
    """Pairs that train, with these columns; ``source`` goes into ``made``."""
    rows = []
    for number, one in enumerate(told):
        fixed = {
            "pair_id": f"c:{number}#t.q",
            "parent_id": f"c:{number}",
            "corpus": "c",
            "cluster_id": f"c:{number}",
        }
        more = {"tier": "primary", "split": "train", "origin": "template", "kind": "sft", "task": "t"}
        own = {
            name: value
            for name, value in one.items()
            if name not in ("source", "evidence", "failure", "detail")
        }
        made = {name: one[name] for name in ("source", "evidence", "failure", "detail") if name in one}
        rows.append({**fixed, **more, "input": "", "system": "", **own, "made": made or None})
    made_type = PAIR["made"]
    assert isinstance(made_type, pl.Struct)
    fields = [field.name for field in made_type.fields]
    for row in rows:
        if row["made"] is not None:
            row["made"] = {name: row["made"].get(name) for name in fields}
    return as_pairs(
        pl.DataFrame(rows, schema={name: PAIR[name] for name in PAIR if any(name in row for row in rows)})
    )
