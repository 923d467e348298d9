"""Which pair is meant: by its id, or a part of it."""

from __future__ import annotations

import re

import polars as pl

from curate.algorithms.cap import COPY
from curate.errors import UsageError
from curate.language import say
from curate.messages import nearest
from curate.task_steps import TaskSteps

#: ids that a message lists
LISTED = 8


def named(tasks: list[TaskSteps], wanted: str) -> str:
    """The id that is meant; a copy is the pair itself."""
    known = _ids(tasks)
    for name in (wanted, re.sub(rf"{COPY}[0-9]+$", "", wanted)):
        if known.filter(known == name).len():
            return name
    part = known.filter(known.str.contains(wanted, literal=True)).unique(maintain_order=True)
    # a slot stands for its only pair
    alone = part.filter(~part.is_in(_slot_ids(tasks).implode()))
    for found in (part, alone):
        if len(found) == 1:
            return str(found[0])
    if len(part):
        few = "\n    ".join(part.head(LISTED))
        raise UsageError(
            say(f"{len(part)} 条问答的编号含 {wanted}", f"the ids of {len(part)} pairs hold {wanted}"),
            say(f"写得完整一些：\n    {few}", f"write more of it:\n    {few}"),
        )
    close = nearest(wanted, known.head(200_000))
    raise UsageError(
        say(f"这次运行里没有问答 {wanted}", f"the run has no pair {wanted}"),
        say(f"是不是 {close}？", f"did you mean {close}?")
        if close
        else say("用 curate trace 行号，看一行给了哪些问答", "curate trace ROW_ID lists the pairs of a row"),
    )


def _ids(tasks: list[TaskSteps]) -> pl.Series:
    """All pairs that were made, and all slots, in order. Narrow."""
    made = [step.table.narrow(["pair_id"])["pair_id"] for task in tasks if (step := task.step("pairs"))]
    return pl.concat([pl.Series("pair_id", [], dtype=pl.String), *made, _slot_ids(tasks)])


def _slot_ids(tasks: list[TaskSteps]) -> pl.Series:
    steps = [step for task in tasks if (step := task.step("pairs", "slots"))]
    ids = [step.table.narrow(["slot_id"])["slot_id"].alias("pair_id") for step in steps]
    return pl.concat([pl.Series("pair_id", [], dtype=pl.String), *ids])
