"""Prodigy's JSONL: a project as tasks, and what people answered. (prodi.gy/docs/api-interfaces)

================================  ==================================================================================================
of the page                       in Prodigy
================================  ==================================================================================================
one field (beside ``about``)      ``text`` as it is; several: one below the other, each with its name
Choices                           ``options`` (id: the value of the first required Choices, ``control=value`` of the others), view ``choice``
Labels on the one field           ``spans`` with ``start``, ``end``, ``label`` (the word), view ``spans_manual`` with ``--highlight-chars``
``decision`` of a pair            the green button is ``accept``, the red one ``reject``; ``options`` are the reasons
TextArea, Rating                  a key of the task with the control's name, as ``text_input`` fills it; those of an edit hold the text
                                  beforehand, and a changed one makes the decision ``edit``
the red button elsewhere          no verdict: skipped, like ``ignore``
================================  ==================================================================================================
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from hashlib import md5
from pathlib import Path
from typing import Any

import polars as pl

from curate.files import write_text
from curate.language import say
from curate.review.answers import (
    Answer,
    Shown,
    annotation,
    as_annotations,
    changed_at,
    complete_edits,
    in_utc,
    round_of,
    seconds_of,
    shown_items,
    told,
    unreadable,
)
from curate.review.interface import Control, Interface
from curate.review.result import EDITED, edits
from curate.review.schema import Stage, as_json
from curate.review.typed import value_of
from curate.review.workbook import FIELDS

ABOUT, DECISION = "about", "decision"


def write_prodigy(
    path: Path, items: pl.DataFrame, interface: Interface, project_name: str, rounds: Mapping[str, int]
) -> int:
    """Write a project as Prodigy's tasks, a line each, in the order of ``place``.

    Args:
        items: ``schema.ITEM``; those that are still to be judged.
        rounds: item -> its round; 1 unless given.

    Returns:
        how many items it holds.
    """
    rows = shown_items(items, project_name, rounds)
    write_text(path, "".join(as_json(_task(interface, row)) + "\n" for row in rows))
    return len(rows)


def _task(interface: Interface, row: Shown) -> dict[str, Any]:
    task: dict[str, Any] = {
        "text": _text(interface, row.data),
        "curate_id": row.key,
        "curate_content": row.content,
        "curate_round": row.round,
        "curate_guideline": interface.version,
        # Prodigy leaves out what it has seen by these; its own would take two rounds of an item for one.
        "_input_hash": _hash(row.key, row.content),
        "_task_hash": _hash(row.key, row.content, row.round),
    }
    if row.data.get(ABOUT):
        task["meta"] = {FIELDS[ABOUT]: row.data[ABOUT]}
    options = _options(interface)
    if options:
        task["options"] = [
            {"id": key, "text": interface.controls[name].words[value]}
            for key, (name, value) in options.items()
        ]
    labels = _labels(interface)
    if labels:
        task["spans"] = [
            {
                "start": mark["value"]["start"],
                "end": mark["value"]["end"],
                "label": labels.words.get(mark["value"]["labels"][0], mark["value"]["labels"][0]),
            }
            for mark in row.marks
            if mark["from_name"] == labels.name
        ]
    boxes = (name for name in interface.controls if name.startswith(EDITED))
    return task | {
        name: row.data[name.removeprefix(EDITED)] for name in boxes if name.removeprefix(EDITED) in row.data
    }


def _fields(interface: Interface) -> list[str]:
    return [name for name in interface.fields if name != ABOUT]


def _text(interface: Interface, data: Mapping[str, str]) -> str:
    fields = _fields(interface)
    if len(fields) == 1:
        return data.get(fields[0], "")
    return "\n\n".join(f"【{FIELDS.get(name, name)}】\n{data.get(name, '')}" for name in fields)


def _labels(interface: Interface) -> Control | None:
    """The control for spans, where its text stands alone, so that offsets are the item's own."""
    fields = _fields(interface)
    if len(fields) != 1:
        return None
    found = (
        c
        for c in interface.controls.values()
        if c.tag == "Labels" and interface.objects.get(c.to) == fields[0]
    )
    return next(found, None)


def _options(interface: Interface) -> dict[str, tuple[str, str]]:
    """Id of an option -> (control, value)."""
    choices = [
        control
        for control in interface.controls.values()
        if control.tag == "Choices" and control.name != DECISION
    ]
    main = next((c.name for c in choices if c.required and c.shown_when is None), None)
    if DECISION in interface.controls:
        main = next((c.name for c in choices if c.required), None)
    return {
        value if control.name == main else f"{control.name}={value}": (control.name, value)
        for control in choices
        for value in control.values
    }


def _hash(*parts: object) -> int:
    """As Prodigy's: 32 bits with a sign."""
    digest = md5("\x1f".join(map(str, parts)).encode(), usedforsecurity=False).digest()
    return int.from_bytes(digest[:4], "little", signed=True)


def read_prodigy(
    path: Path,
    items: pl.DataFrame,
    interface: Interface,
    project_name: str,
    *,
    people: Mapping[str, str] | None = None,
    stage: Stage = "annotate",
    updated_at: str | None = None,
) -> pl.DataFrame:
    """What people answered, as ``schema.ANNOTATION``: a row for each line of ``prodigy db-out``.

    Nothing is left out: lines that cannot be read have ``wrong`` and a ``detail`` with their number.

    Args:
        people: Prodigy's ``_annotator_id`` (or ``_session_id``) -> e-mail; the id itself unless given.
        updated_at: for lines without ``_timestamp``; when the file was saved unless given.

    Raises:
        CurateError: the file cannot be opened, or is no UTF-8.
    """
    known = {row.key: row for row in shown_items(items, project_name, {})}
    at = updated_at or changed_at(path)
    return as_annotations(
        _line(interface, known, task, line, people or {}, at)
        | {"annotation_id": f"{_who(task)}:{stage}:{path.name}:{line}", "stage": stage}
        for line, task in _tasks(path)
    )


def _who(task: Mapping[str, Any] | None) -> str:
    """Who answered, as Prodigy calls them; empty where it does not say."""
    return (told(task, "_annotator_id") or told(task, "_session_id")) if task else ""


def _tasks(path: Path) -> Iterator[tuple[int, Any]]:
    """(number, task) of each line that is not empty; None where it is no JSON object."""
    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise unreadable(path, str(error)) from error
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                task = json.loads(line)
            except (ValueError, RecursionError):
                task = None
            yield number, task if isinstance(task, dict) else None


def _line(
    interface: Interface,
    known: Mapping[str, Shown],
    task: Mapping[str, Any] | None,
    line: int,
    people: Mapping[str, str],
    at: str,
) -> dict[str, Any]:
    if task is None:
        answer = Answer(
            None, "", problems=[say(f"第 {line} 行不是 JSON 对象", f"line {line} is no JSON object")]
        )
        return annotation(interface, answer, created_at=at, updated_at=at)
    key, stamp = told(task, "curate_id"), seconds_of(task.get("_timestamp"))
    answer = _answer(interface, known.get(key), key, task, line)
    who = _who(task)
    if not who and not answer.wrong:
        answer.wrong = "no_annotator"
    at = in_utc(stamp) if stamp else at
    return annotation(
        interface,
        answer,
        content=told(task, "curate_content"),
        round=round_of(task.get("curate_round")),
        annotator=people.get(who, who) or None,
        guideline=told(task, "curate_guideline") or None,
        created_at=at,
        updated_at=at,
    )


def _answer(interface: Interface, item: Shown | None, key: str, task: Mapping[str, Any], line: int) -> Answer:
    answer = Answer(item, key)
    if item is None:
        answer.wrong = "unknown_item"
        answer.problems.append(
            say(f"第 {line} 行不是这个项目的内容", f"line {line} is none of this project's items")
        )
        return answer
    said = task.get("answer")
    if said not in ("accept", "reject", "ignore"):
        answer.problems.append(say(f"第 {line} 行没有 answer", f"line {line} has no answer"))
    elif task.get("text") != _text(interface, item.data):
        answer.problems.append(say(f"第 {line} 行的 text 被改过", f"the text of line {line} was changed"))
    elif said == "ignore" or (said == "reject" and DECISION not in interface.controls):
        answer.skipped = True
    else:
        problems: list[str] = []
        answer.values |= _picked(interface, task, problems) | _marked(interface, item, task, problems)
        answer.values |= _written(interface, task, problems)
        if DECISION in interface.controls:
            _decide(answer.values, item.data, said)
            complete_edits(interface, item.data, answer.values)
        answer.problems += [
            say(f"第 {line} 行：{problem}", f"line {line}: {problem}") for problem in problems
        ]
    return answer


def _decide(values: dict[str, Any], data: Mapping[str, str], said: str) -> None:
    """The button is the decision; a text that was changed before it was pressed makes it an edit."""
    changed = edits(data, values)
    for name in [
        name for name in values if name.startswith(EDITED) and name.removeprefix(EDITED) not in changed
    ]:
        del values[name]
    values[DECISION] = "edit" if changed and said == "accept" else said


def _picked(interface: Interface, task: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    options, values = _options(interface), dict[str, Any]()
    ids = task.get("accept", [])
    for key in ids if isinstance(ids, list) else [ids]:
        name, value = options.get(key, ("", "")) if isinstance(key, str) else ("", "")
        if not name:
            problems.append(say("accept 里有不认识的选项", "accept holds an unknown option"))
        elif interface.controls[name].several:
            values[name] = sorted({*values.get(name, []), value})
        elif values.setdefault(name, value) != value:
            problems.append(say(f"{name} 只能选一个", f"{name} takes one"))
    return values


def _marked(
    interface: Interface, item: Shown, task: Mapping[str, Any], problems: list[str]
) -> dict[str, Any]:
    """The spans; their places are checked with the rest of the result."""
    control = _labels(interface)
    if control is None:
        return {}
    text, spans = item.data.get(interface.objects[control.to], ""), task.get("spans", [])
    found = []
    for span in spans if isinstance(spans, list) else [None]:
        place = span if isinstance(span, dict) else {}
        start, end, word = place.get("start"), place.get("end"), place.get("label")
        label = value_of(control, word) if isinstance(word, str) else None
        if (
            type(start) is not int
            or type(end) is not int
            or not 0 <= start < end <= len(text)
            or label is None
        ):
            problems.append(say("spans 里有一处位置或标签不对", "spans holds a wrong place or label"))
        else:
            found.append({"start": start, "end": end, "text": text[start:end], "label": label})
    return {control.name: found}


def _written(interface: Interface, task: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
    """What stands under the names of boxes and marks; a mark is checked with the rest of the result."""
    values: dict[str, Any] = {}
    for name, control in interface.controls.items():
        value = task.get(name)
        if (control.tag == "TextArea" and isinstance(value, str | None)) or control.tag == "Rating":
            values |= {name: value} if value else {}
        elif control.tag == "TextArea":
            problems.append(say(f"{name} 不是文字", f"{name} is no text"))
    return values
