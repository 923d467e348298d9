"""Answers that were given elsewhere, in Label Studio's form, so that they are all checked in one way."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.review.interface import Interface
from curate.review.result import EDITED, shown
from curate.review.schema import ANNOTATION, as_json, opaque

#: The value's key of each kind of result.
_KEYS = {"Choices": "choices", "Rating": "rating", "TextArea": "text", "Labels": "labels"}


@dataclass(frozen=True)
class Shown:
    """An item under the name that it has outside.

    Attributes:
        key: its opaque name.
        data: field -> text.
        marks: the regions that are shown beforehand.
    """

    key: str
    item_id: str
    content: str
    round: int
    data: dict[str, str]
    marks: list[dict[str, Any]]


@dataclass
class Answer:
    """What was said of an item, before it is an annotation.

    Attributes:
        item: None where the file speaks of something that is not ours; ``key`` is what it calls it then.
        values: control -> value, as ``Judged.values``.
        problems: what could not be read, in words, each with its place in the file.
        wrong: why it does not count, where that is no matter of reading.
    """

    item: Shown | None
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    wrong: str | None = None
    skipped: bool = False


def shown_items(items: pl.DataFrame, project_name: str, rounds: Mapping[str, int]) -> list[Shown]:
    """The items in the order in which people see them. Nothing tells which of them are controls.

    Args:
        items: ``schema.ITEM``.
        rounds: item -> its round; 1 unless given.
    """
    columns = ("item_id", "content", "data", "marks")
    return [
        Shown(
            opaque(project_name, item_id),
            item_id,
            content,
            rounds.get(item_id, 1),
            json.loads(data),
            json.loads(marks or "[]"),
        )
        for item_id, content, data, marks in items.sort("place", "item_id").select(columns).iter_rows()
    ]


def results(interface: Interface, values: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Label Studio's list of results for values as ``Judged`` has them: the way back of ``read_result``."""
    found = []
    for name, value in values.items():
        control = interface.controls[name]
        if control.tag == "Labels":
            told = [
                {key: span[key] for key in ("start", "end", "text")} | {"labels": [span["label"]]}
                for span in value
            ]
        elif control.tag == "Rating":
            told = [{"rating": value}]
        else:
            told = [{_KEYS[control.tag]: value if isinstance(value, list) else [value]}]
        frame = {"from_name": name, "to_name": control.to, "type": control.tag.lower()}
        found += [{"id": f"{name}{number}", **frame, "value": one} for number, one in enumerate(told)]
    return found


def complete_edits(interface: Interface, data: Mapping[str, str], values: dict[str, Any]) -> None:
    """Fill the boxes of an edit that were left empty with what was shown, as the page does; not when all are empty, since then
    nothing was edited.
    """
    boxes = [
        name
        for name in interface.controls
        if name.startswith(EDITED) and name.removeprefix(EDITED) in data and shown(interface, values, name)
    ]
    if any(name in values for name in boxes):
        for name in boxes:
            values.setdefault(name, data[name.removeprefix(EDITED)])


def annotation(interface: Interface, answer: Answer, **own: Any) -> dict[str, Any]:
    """A row of ``schema.ANNOTATION``; ``own`` are the columns that the file has to tell."""
    item = answer.item
    wrong = answer.wrong or ("invalid" if answer.problems else None)
    row: dict[str, Any] = dict.fromkeys(ANNOTATION) | {
        "stage": "annotate",
        "item_id": item.item_id if item else answer.key,
        "content": item.content if item else None,
        "round": item.round if item else 1,
        "result": as_stored(results(interface, answer.values)),
        "skipped": answer.skipped,
        "deleted": False,
        "wrong": wrong,
        "detail": "；".join(answer.problems) or None,
    }
    return row | own


def as_stored(result: Any) -> str:
    """A result as text that every program can keep: half a character, which JSON may hold, is written out."""
    text = as_json(result)
    return (
        text if text.isascii() or _whole(text) else json.dumps(result, sort_keys=True, separators=(",", ":"))
    )


def _whole(text: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in text)


def told(mapping: Mapping[str, Any], key: str) -> str:
    """A short text of a foreign object, such as a name or digest of ours; empty where it is none."""
    value = mapping.get(key)
    return value[:200].encode("utf-8", "replace").decode() if isinstance(value, str) else ""


def round_of(value: Any) -> int:
    """A round as somebody wrote it; what is no round is the first."""
    text = str(value).strip() if isinstance(value, int | str) else ""
    return max(1, int(text)) if text.isascii() and text.isdecimal() and len(text) < 7 else 1


def seconds_of(value: Any) -> float | None:
    """A number of seconds that can be one."""
    real = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if real and 0 <= value < 2**33 else None


def as_annotations(rows: Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ANNOTATION)


def unreadable(path: Path, why: str) -> CurateError:
    return CurateError(
        say(f"读不了标注文件 {path}：{why}", f"cannot read the annotations of {path}: {why}"),
        say(
            "用 curate 写出的文件来填，不要改动前几列",
            "fill in a file that curate wrote, and leave its first columns as they are",
        ),
    )


def in_utc(seconds: float) -> str:
    """Seconds since 1970 as ISO 8601."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")


def changed_at(path: Path) -> str:
    """When a file was last saved.

    Raises:
        CurateError: there is none.
    """
    try:
        return in_utc(path.stat().st_mtime)
    except OSError as error:
        raise unreadable(path, error.strerror or "") from error
