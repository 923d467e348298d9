"""Label Studio's own export (JSON), for those who exchange files with a server that curate cannot reach."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from curate.language import say
from curate.review.answers import (
    Answer,
    Shown,
    annotation,
    as_annotations,
    as_stored,
    changed_at,
    round_of,
    seconds_of,
    shown_items,
    told,
    unreadable,
)
from curate.review.interface import Interface
from curate.review.schema import Stage


def read_export(
    path: Path,
    items: pl.DataFrame,
    interface: Interface,
    project_name: str,
    *,
    people: Mapping[int, str] | None = None,
    stage: Stage = "annotate",
) -> pl.DataFrame:
    """Every annotation of a file of Label Studio's JSON export, as ``schema.ANNOTATION``; the results as they came.

    Args:
        people: id of a user on the server -> e-mail; ``user 7`` unless given.

    Raises:
        CurateError: the file is no such export.
    """
    known = {row.key: row for row in shown_items(items, project_name, {})}
    saved = changed_at(path)
    rows = [
        _row(interface, known, data, one, people or {}, saved)
        | {"annotation_id": f"{stage}:{path.name}:{_name(one, place)}", "stage": stage}
        for data, one, place in _annotations(path)
    ]
    return as_annotations(rows)


def _annotations(path: Path) -> Iterator[tuple[Mapping[str, Any], Mapping[str, Any], str]]:
    """(the task's data, the annotation, its place)."""
    try:
        tasks = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise unreadable(path, str(error)[:200]) from error
    if not _objects(tasks):
        raise unreadable(
            path, say("不是任务的列表（导出时选 JSON）", "it is no list of tasks (export as JSON)")
        )
    for number, task in enumerate(tasks, 1):
        data, those = task.get("data"), task.get("annotations")
        if not isinstance(data, dict) or not _objects(those):
            what = say(
                f"第 {number} 个任务没有 data 或 annotations", f"task {number} has no data or no annotations"
            )
            raise unreadable(path, what)
        for place, one in enumerate(those, 1):
            yield data, one, f"{number}.{place}"


def _objects(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def _row(
    interface: Interface,
    known: Mapping[str, Shown],
    data: Mapping[str, Any],
    one: Mapping[str, Any],
    people: Mapping[int, str],
    saved: str,
) -> dict[str, Any]:
    key = told(data, "curate_id")
    item, who = known.get(key), _who(one.get("completed_by"), people)
    wrong = "unknown_item" if item is None else "deleted_user" if who is None else None
    updated = _time(one.get("updated_at")) or saved
    return annotation(
        interface,
        Answer(item, key, wrong=wrong, skipped=one.get("was_cancelled") is True),
        content=told(data, "curate_content"),
        round=round_of(data.get("curate_round")),
        annotator=who,
        result=as_stored(one.get("result")),
        seconds=seconds_of(one.get("lead_time")),
        created_at=_time(one.get("created_at")) or updated,
        updated_at=updated,
    )


def _who(by: Any, people: Mapping[int, str]) -> str | None:
    """Newer servers write the user out, older ones the id; null is a user who was deleted."""
    if isinstance(by, dict):
        return told(by, "email") or _who(by.get("id"), people)
    return people.get(by, f"user {by}") if type(by) is int else None


def _name(one: Mapping[str, Any], place: str) -> str:
    number = one.get("id")
    return str(number) if type(number) is int else place


def _time(at: Any) -> str | None:
    try:
        time = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        return None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC).isoformat()
