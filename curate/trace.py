"""Trace: what every step of a run did with one row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from curate.cache import Step
from curate.dedupe import Dedupe
from curate.dedupe.explain import Decided, Standing, standing
from curate.errors import UsageError
from curate.language import say
from curate.messages import nearest
from curate.phases import PAIR_PHASES
from curate.query import decision_of
from curate.replay import Replay
from curate.returned import UNIT as RETURNED
from curate.returned import Store
from curate.rows import WHY
from curate.run import PastRun, task_of

#: columns of curate's own that are told in words, not as changed values
SILENT = {"row_id", "corpus"}
#: what stands for a value that a cleaner hides
HIDDEN = ("（不显示）", "(hidden)")


@dataclass(frozen=True)
class Event:
    """One step. ``what``: kept, changed, dropped, made (pairs or chunks of the row; their ids in ``made``), waiting
    (slots that no model was asked for), skipped (none), lost (one of its pairs was dropped; its id in ``made``). ``changes``: column -> (before, after). For a dropped row ``reason``, ``detail``, and for a copy ``of`` and ``similarity``; of
    values that people returned ``detail`` says who, when and why.
    """

    phase: str
    unit: str
    what: str
    changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    reason: str = ""
    detail: str = ""
    of: str = ""
    similarity: float | None = None
    made: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Trace:
    """``also``: other rows with the same key. ``survivor``: the row that stands for it in the end. ``standing``: the
    copies that went because of it, the values that it took from them, and its open reviews.
    """

    row_id: str
    run: str
    events: list[Event]
    row: dict[str, Any]
    also: list[str]
    survivor: str = ""
    standing: Standing | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def trace(run: PastRun, row_id: str) -> Trace:
    """Follow a row (``corpus:key``), or a pair (``corpus:key#question``), which is its row's.

    Raises:
        UsageError: the run has no such row.
    """
    run.need_rows()
    wanted = row_id.partition("#")[0] if "#" in row_id and not _found(run, row_id) else row_id
    corpus = wanted.partition(":")[0]
    if corpus not in run.manifest["corpora"]:
        raise UsageError(
            say(
                f"没有语料 {corpus}；行号的写法是 语料:主键",
                f"there is no corpus {corpus}; a row is corpus:key",
            ),
            say(
                f"语料：{'、'.join(run.manifest['corpora'])}",
                f"corpora: {', '.join(run.manifest['corpora'])}",
            ),
        )
    events, row = _events(run, corpus, wanted)
    if not events:
        known = _ids(run, corpus)
        close = nearest(wanted, known[:200_000])
        raise UsageError(
            say(f"这次运行里没有 {wanted}", f"the run has no row {wanted}"),
            say(f"是不是 {close}？", f"did you mean {close}?")
            if close
            else say("用 curate query 查行号", "look it up with curate query"),
        )
    also = [name for name in _ids(run, corpus) if name.startswith(wanted + "~")]
    return Trace(wanted, run.name, events, row, also, _survivor(run, events), _standing(run, wanted))


def _standing(run: PastRun, row_id: str) -> Standing | None:
    found = decision_of(run)
    return standing(Decided(found[0].folder, found[1], Dedupe()), row_id) if found else None


def _found(run: PastRun, row_id: str) -> bool:
    corpus = row_id.partition(":")[0]
    return bool(corpus in run.manifest["corpora"] and _events(run, corpus, row_id)[0])


def _ids(run: PastRun, corpus: str) -> list[str]:
    identified = next((step for step in run.of(corpus) if step.unit == "identify"), None)
    if identified is None:
        return []
    unread = next((step for step in run.of(corpus) if step.unit == "read"), None)
    bad = (
        pl.scan_parquet(unread.dropped_shards).select("row_id").collect()["row_id"].to_list()
        if unread
        else []
    )
    return [*identified.table.narrow(["row_id"])["row_id"].to_list(), *bad]


def rows_where(shards: Iterable[Path], where: pl.Expr, *, needs: str) -> list[dict[str, Any]]:
    """The rows of some shards, of those that have the column ``needs``."""
    found = [
        pl.scan_parquet(shard).filter(where).collect()
        for shard in shards
        if needs in pl.read_parquet_schema(shard)
    ]
    return [row for part in found for row in part.to_dicts()]


def _row(shards: Iterable[Path], name: str, row_id: str) -> list[dict[str, Any]]:
    return rows_where(shards, pl.col(name) == row_id, needs=name)


def _events(run: PastRun, corpus: str, row_id: str) -> tuple[list[Event], dict[str, Any]]:
    events: list[Event] = []
    row: dict[str, Any] = {}
    for step in run.of(corpus):
        if step.phase in PAIR_PHASES and not task_of(step):
            events += _asked(run, step, row_id)
            continue
        if step.rows_out is not None:
            events += _made(step, row_id, bool(row))
            continue
        if step.phase in PAIR_PHASES:
            events += _lost(step, row_id)
            continue
        # cleaners one by one; where they would do something else today, the step as a whole
        parts = _cleaned(Replay(run, corpus), row_id) if step.units and row else []
        events += parts
        dropped = _row(step.dropped_shards, "row_id", row_id)
        if dropped:
            if not parts:
                events.append(_dropped(step.phase, step.unit, dropped[0]))
            return _without_hidden(events), {
                name: value for name, value in dropped[0].items() if name not in WHY
            }
        kept = _row(step.table.shards, "row_id", row_id)
        if kept and step.unit == RETURNED:
            events += _returned(run, step, row_id, _changes(row, kept[0]))
            row = kept[0]
        elif kept:
            if not parts:
                changes = _changes(row, kept[0]) if row else {}
                events.append(Event(step.phase, step.unit, "changed" if changes else "kept", changes))
            row = kept[0]
    return _without_hidden(events), row


def _returned(run: PastRun, step: Step, row_id: str, changes: dict[str, tuple[Any, Any]]) -> list[Event]:
    """Which values of the row people gave back, who, when and why; nothing where they gave none."""
    notes = _row(step.note_shards, "row_id", row_id)
    if not notes:
        return []
    lines = Store(run.folder.parent.parent).lines("recipe = ? AND row_id = ?", run.manifest["name"], row_id)
    told: dict[tuple[str, str], list[str]] = {}
    for note in notes:
        given = [line for line in lines if (line.column, line.value) == (note["column"], note["value"])]
        # the newest that gave this very value
        line = max((one for one in given if one.kind == "return"), key=lambda one: one.at, default=None)
        by = f"{line.by}，{line.at[:19].replace('T', ' ')} UTC，{line.file}" if line else "?"
        by += f"：{line.why}" if line and line.why else ""
        told.setdefault((note["what"], by), []).append(note["column"])
    sentences = [
        say(f"{'、'.join(names)} 已改正（{by}）", f"{', '.join(names)} mended ({by})")
        if became == "returned"
        else say(
            f"{'、'.join(names)} 的退回值没有用，源数据后来又改过（{by}）",
            f"{', '.join(names)}: the returned value is left out, the source has changed since ({by})",
        )
        for (became, by), names in told.items()
    ]
    what = "changed" if changes else "kept"
    return [Event(step.phase, step.unit, what, changes, detail="；".join(sentences))]


def _without_hidden(events: list[Event]) -> list[Event]:
    """What a cleaner hides (personal data) is not told of the values that people returned either."""
    hidden = {name for event in events for name, (old, _) in event.changes.items() if old in HIDDEN}
    if not hidden:
        return events
    return [
        replace(event, changes={name: _veiled(name, pair, hidden) for name, pair in event.changes.items()})
        if event.unit == RETURNED
        else event
        for event in events
    ]


def _veiled(name: str, values: tuple[Any, Any], hidden: set[str]) -> tuple[Any, Any]:
    return (say(*HIDDEN), say(*HIDDEN)) if name in hidden else values


def _cleaned(replay: Replay, row_id: str) -> list[Event]:
    """An event a cleaner. What a cleaner hides (personal data) is not told."""
    events = []
    for cleaner, before, after in replay.steps(row_id):
        if after.get("reason"):
            events.append(_dropped("clean", cleaner.unit_name(), after))
            continue
        changes = _changes(before, after)
        if cleaner.hides:
            changes = {name: (say(*HIDDEN), new) for name, (_, new) in changes.items()}
        events.append(Event("clean", cleaner.unit_name(), "changed" if changes else "kept", changes))
    return events


def _dropped(phase: str, unit: str, row: dict[str, Any]) -> Event:
    why = {name: row[name] for name in WHY}
    return Event(
        phase, unit, "dropped", {}, why["reason"], why["detail"] or "", why["of"] or "", why["similarity"]
    )


def _changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, tuple[Any, Any]]:
    return {
        name: (before.get(name), value)
        for name, value in after.items()
        if name not in SILENT and not _equal(before.get(name), value)
    }


def _equal(before: Any, after: Any) -> bool:
    """A value that only got its type (``2000`` -> 2000.0) is the same value."""
    if isinstance(after, float) and isinstance(before, str):
        try:
            return float(before) == after
        except ValueError:
            return False
    return bool(before == after) or str(before) == str(after)


def _made(step: Step, row_id: str, known: bool) -> list[Event]:
    made = _row(step.table.shards, "parent_id", row_id)
    if made:
        # a slot that failed is no pair: the gates tell of it
        made = [row for row in made if not (row.get("made") or {}).get("failure")]
        if not made:
            return []
        name = next(name for name in ("pair_id", "slot_id", "chunk_id") if name in made[0])
        return [Event(step.phase, step.unit, "made", made=[str(row[name]) for row in made])]
    dropped = _row(step.dropped_shards, "row_id", row_id) if known else []
    return [Event(step.phase, step.unit, "skipped", reason=dropped[0]["reason"])] if dropped else []


def _asked(run: PastRun, step: Step, row_id: str) -> list[Event]:
    """What a model was to write of the row; where it did, the pairs tell."""
    doing, _, task = step.unit.partition(":")
    if doing == "limit":
        return _lost(step, row_id)
    if doing != "slots":
        return []
    events = _made(step, row_id, known=True)
    there = any((one.phase, one.unit, one.corpus) == ("pairs", task, step.corpus) for one in run.steps)
    return [
        replace(event, what="waiting" if event.what == "made" else event.what)
        for event in events
        if event.what != "made" or not there
    ]


def _lost(step: Step, row_id: str) -> list[Event]:
    """What a step dropped of the row's pairs, an event each."""
    return [
        Event(
            step.phase, step.unit, "lost", {}, pair["reason"], pair["detail"] or "", pair["of"] or "",
            pair["similarity"], [pair.get("pair_id") or pair["slot_id"]],
        )
        for pair in _row(step.dropped_shards, "parent_id", row_id)
    ]  # fmt: skip


def _survivor(run: PastRun, events: list[Event]) -> str:
    """Follow ``of`` from copy to copy to the row that stays."""
    last, found = events[-1], ""
    for _ in range(10):
        if last.what != "dropped" or not last.of:
            return found
        found = last.of
        more, _ = _events(run, found.partition(":")[0], found)
        last = more[-1] if more else last
    return found
