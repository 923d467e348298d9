"""Sheets: a project as an Excel workbook, for teams without a server, and what they filled in.

What is typed by hand is forgiven where its meaning is certain; where a cell cannot be read, the row is told with its number and does
not count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import polars as pl

from curate.algorithms.spreadsheet import as_text, csv_rows
from curate.language import say
from curate.review.answers import (
    Answer,
    Shown,
    annotation,
    as_annotations,
    changed_at,
    complete_edits,
    results,
    round_of,
    shown_items,
    unreadable,
)
from curate.review.interface import Interface
from curate.review.result import read_result, shown
from curate.review.schema import Stage
from curate.review.typed import Unclear, typed
from curate.review.workbook import HIDDEN, ITEMS, write_sheet

__all__ = ["read_sheet", "write_sheet"]

#: The control's name behind its title.
_NAME = re.compile(r"[（(]\s*(\w+)\s*[）)]\s*$", re.ASCII)


def read_sheet(
    path: Path,
    items: pl.DataFrame,
    interface: Interface,
    project_name: str,
    annotator: str,
    *,
    stage: Stage = "annotate",
    updated_at: str | None = None,
) -> pl.DataFrame:
    """What somebody filled in, as ``schema.ANNOTATION``: xlsx, xls, or csv as Excel saves it.

    Rows without an answer are not there. Those that cannot be read are: ``wrong`` is ``invalid`` and ``detail`` names row and
    column; ``unknown_item`` where the row is none of ours.

    Args:
        items: ``schema.ITEM``.
        annotator: whose sheet it is; nothing in it says so.
        updated_at: ISO 8601, UTC; when the file was saved unless given.

    Raises:
        CurateError: the file is no sheet of this kind.
    """
    known = {row.key: row for row in shown_items(items, project_name, {})}
    at = updated_at or changed_at(path)
    rows, met = [], dict[str, int]()
    for line, cells in _lines(path, interface):
        filled = {name: cells[name] for name in interface.controls if cells.get(name, "").strip()}
        if not filled:
            continue
        key = cells.get("curate_id", "")
        answer = _answer(interface, known.get(key), key, filled, line)
        if key in met:
            answer.problems.append(
                say(f"第 {line} 行和第 {met[key]} 行是同一条", f"rows {line} and {met[key]} are one item")
            )
        item = answer.item
        # people send back files of one name: whose it is belongs to the name
        name = f"{annotator}:{stage}:{path.name}:{item.item_id if item else f'row {line}'}"
        name += f":{line}" if key in met else ""
        met.setdefault(key, line)
        own = {
            "annotation_id": name,
            "stage": stage,
            "content": cells.get("curate_content", ""),
            "round": round_of(cells.get("curate_round", "")),
            "annotator": annotator,
            "guideline": cells.get("curate_guideline"),
            "created_at": at,
            "updated_at": at,
        }
        rows.append(annotation(interface, answer, **own))
    return as_annotations(rows)


def _answer(
    interface: Interface, item: Shown | None, key: str, filled: Mapping[str, str], line: int
) -> Answer:
    """A row; whatever is wrong with it, all at once."""
    answer = Answer(item, key[:100])
    if item is None:
        answer.wrong = "unknown_item"
        answer.problems.append(
            say(f"第 {line} 行不是这个项目的内容", f"row {line} is none of this project's items")
        )
        return answer
    for name, cell in filled.items():
        control = interface.controls[name]
        try:
            answer.values[name] = typed(control, cell, item.data.get(interface.objects.get(control.to, "")))
        except Unclear as unclear:
            answer.problems.append(_at(interface, line, name, str(unclear)))
    if answer.problems:
        return answer
    complete_edits(interface, item.data, answer.values)
    for name in answer.values:
        if not shown(interface, answer.values, name):
            other = (interface.controls[name].shown_when or ("",))[0]
            does_not_go = say(f"和“{interface.title(other)}”不符，不该填", f"does not go with {other}")
            answer.problems.append(_at(interface, line, name, does_not_go))
    judged = read_result(interface, item.data, results(interface, answer.values))
    answer.problems += [
        say(f"第 {line} 行：{problem}", f"row {line}: {problem}") for problem in judged.problems
    ]
    return answer


def _at(interface: Interface, line: int, name: str, what: str) -> str:
    return say(f"第 {line} 行“{interface.title(name)}”：{what}", f"row {line}, {name}: {what}")


def _lines(path: Path, interface: Interface) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows behind the header, each with its number as Excel shows it: column -> text, the hidden ones without their mark."""
    grid = _csv(path) if path.suffix.lower() in (".csv", ".tsv", ".txt") else _workbook(path)
    header: dict[int, str] = {}
    for line, cells in grid:
        if not header:
            header = _header(path, cells, interface)
            continue
        told = {header[place]: cell for place, cell in enumerate(cells) if header.get(place)}
        yield line, {name: cell.removeprefix(HIDDEN.get(name, "")) for name, cell in told.items()}
    if not header:
        raise unreadable(path, say("没有内容", "it is empty"))


def _header(path: Path, cells: Sequence[str], interface: Interface) -> dict[int, str]:
    header = {place: _column(cell, interface) for place, cell in enumerate(cells)}
    names = list(header.values())
    if "curate_id" not in names:
        raise unreadable(path, say("没有 curate_id 这一列", "it has no column curate_id"))
    missing = "、".join(name for name in interface.controls if name not in names)
    if missing:
        raise unreadable(path, say(f"缺少这些列：{missing}", f"these columns are missing: {missing}"))
    return header


def _column(cell: str, interface: Interface) -> str:
    """The name of a column by its header; empty for those that people added or that only show something."""
    named = _NAME.search(cell)
    name = named[1] if named else cell.strip()
    return name if name in interface.controls or name in HIDDEN else ""


def _workbook(path: Path) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(path)
        sheet = book.get_sheet_by_name(ITEMS if ITEMS in book.sheet_names else book.sheet_names[0])
        rows = sheet.to_python(skip_empty_area=False)
    except (CalamineError, OSError, OverflowError, IndexError) as error:
        raise unreadable(path, str(error)) from error
    for line, row in enumerate(rows, 1):
        yield line, [as_text(value) for value in row]


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from csv_rows(path.read_bytes())
    except OSError as error:
        raise unreadable(path, error.strerror or "") from error
    except ValueError as error:
        raise unreadable(path, str(error)) from error
