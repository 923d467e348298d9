"""Explain: a pair back to the raw row: what was asked of a model, in which words, what it gave, and what became of it."""

from __future__ import annotations

from curate.explain.names import named
from curate.explain.origin import raw_of, released_in, trace_of, words_of
from curate.explain.paid import calls_of
from curate.explain.stations import made_from, pairs_of_slot, slot_of, stations_of, stations_of_slot
from curate.explain.story import Call, Explained, Link, Station, Words
from curate.run import PastRun
from curate.task_steps import TaskSteps, tasks_of

__all__ = ["Call", "Explained", "Link", "Station", "Words", "explain"]


def explain(run: PastRun, wanted: str) -> Explained:
    """The story of a pair (``corpus:key#task.question``), or of a slot that gave none.

    Args:
        wanted: its id, or a part of it that no other has.

    Raises:
        UsageError: no pair has that name, or several.
    """
    run.need_rows()
    tasks = tasks_of(run)
    name = named(tasks, wanted)
    links: list[Link] = []
    while name and name not in {link.id for link in links}:
        link = _link(run, tasks, name)
        if link is None:
            break
        links.append(link)
        name = (link.pair or link.slot or {}).get("of_pair") or ""
    last = links[-1].pair or links[-1].slot or {}
    row = trace_of(run, last.get("parent_id") or "")
    parents = (last.get("made") or {}).get("parents") or []
    raw, source = raw_of(run, row, last["corpus"])
    return Explained(run.name, links, row, raw, source, parents)


def _link(run: PastRun, tasks: list[TaskSteps], name: str) -> Link | None:
    """The pair or the slot of that id, or None."""
    for task in tasks:
        stations, pair = stations_of(task, name)
        slot_id = pair["slot_id"] if pair else name
        slot = slot_of(task, slot_id) if slot_id else None
        if pair is None and slot is None:
            continue
        if pair is None:
            stations = stations_of_slot(task, name)
            only = pairs_of_slot(task, name)
            if len(only) == 1:
                return _link(run, tasks, only[0])
        gave = made_from(tasks, name) if pair else pairs_of_slot(task, name)
        return Link(
            name, task.name, pair, slot, stations, released_in(run, pair), calls_of(run, task, pair, slot),
            words_of(run, pair), gave,
        )  # fmt: skip
    return None
