"""Grid: the lines of a returned file, xlsx or csv, each with the cells that we wrote."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from curate.algorithms.spreadsheet import as_text, csv_rows
from curate.errors import CurateError
from curate.language import say
from curate.quarantine.shown import GUIDE, HIDDEN, PROBLEM, ROW_ID

#: A workbook that says it holds more than this when unpacked is none that we wrote (bytes).
MOST_UNPACKED = 2 << 30
_MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(frozen=True)
class Line:
    """A row of a sheet. ``marks``: hidden column -> value without its beginning; ``cells``: heading -> text.

    Attributes:
        place: for messages: the sheet, and the row as Excel shows it.
        formulas: headings of the cells that hold a formula.
    """

    place: str
    row_id: str
    marks: dict[str, str]
    cells: dict[str, str]
    formulas: frozenset[str] = frozenset()


@dataclass
class Grid:
    lines: list[Line] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def read_grid(path: Path) -> Grid:
    """The filled lines of all sheets but the instructions.

    Raises:
        CurateError: the file is no sheet of ours.
    """
    ending = path.suffix.lower()
    if ending not in (".xlsx", ".xlsm", ".csv"):
        raise _unreadable(path, say("只收 .xlsx 和 .csv", "it must be .xlsx or .csv"))
    grid, found = Grid(), False
    for name, rows, formulas in [("", _csv(path), set())] if ending == ".csv" else _sheets(path):
        found |= _add(grid, name, rows, formulas)
    if not found:
        missing = say(
            f"没有“{ROW_ID}”和 {'、'.join(HIDDEN)} 这些列", f"no sheet has {ROW_ID} and {', '.join(HIDDEN)}"
        )
        raise _unreadable(path, missing)
    return grid


def _add(
    grid: Grid, name: str, rows: Iterator[tuple[int, list[str]]], formulas: set[tuple[int, int]]
) -> bool:
    """Take the lines of a sheet; False where it has not our header."""
    _, header = next(rows, (0, []))
    header = [cell.strip() for cell in header]
    if not {ROW_ID, *HIDDEN} <= set(header):
        return False
    places = {head: place for place, head in enumerate(header) if head}
    for number, cells in rows:
        if not any(cells):
            continue
        told = {head: cells[place] if place < len(cells) else "" for head, place in places.items()}
        marks = {mark: told.pop(mark).strip().removeprefix(begin) for mark, begin in HIDDEN.items()}
        row_id = told.pop(ROW_ID)
        told.pop(PROBLEM, None)
        mine = frozenset(
            header[column] for line, column in formulas if line == number and column < len(header)
        )
        place = say(f"{name} 第 {number} 行".strip(), f"{name} row {number}".strip())
        grid.lines.append(Line(place, row_id, marks, told, mine))
    return True


def _sheets(path: Path) -> Iterator[tuple[str, Iterator[tuple[int, list[str]]], set[tuple[int, int]]]]:
    """(name, rows with their numbers, places of formulas as (row, column from 0)) of each sheet."""
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        formulas = _formulas(path)
        book = CalamineWorkbook.from_path(path)
        for name in book.sheet_names:
            if name != GUIDE:
                rows = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
                yield (
                    name,
                    iter([(n, [as_text(v) for v in row]) for n, row in enumerate(rows, 1)]),
                    formulas.get(name, set()),
                )
    except (
        CalamineError,
        OSError,
        OverflowError,
        zipfile.BadZipFile,
        ElementTree.ParseError,
        KeyError,
    ) as error:
        raise _unreadable(path, str(error)) from error


def _formulas(path: Path) -> dict[str, set[tuple[int, int]]]:
    """Sheet -> places of its formulas: a reader of values sees only what Excel computed last, or nothing."""
    with zipfile.ZipFile(path) as packed:
        if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
            raise zipfile.BadZipFile(say("解开后太大", "it is too large when unpacked"))
        names = {
            one.get(_RELATION): one.get("name", "")
            for one in _parse(packed, "xl/workbook.xml").iter(f"{_MAIN}sheet")
        }
        files = {one.get("Id"): one.get("Target", "") for one in _parse(packed, "xl/_rels/workbook.xml.rels")}
        found = {}
        for relation, name in names.items():
            target = files[relation]
            file = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            found[name] = _formulas_in(packed, file)
        return found


def _parse(packed: zipfile.ZipFile, name: str) -> ElementTree.Element:
    with packed.open(name) as part:
        return ElementTree.parse(part).getroot()


def _formulas_in(packed: zipfile.ZipFile, name: str) -> set[tuple[int, int]]:
    found = set()
    with packed.open(name) as part:
        for _, element in ElementTree.iterparse(part):
            if element.tag == f"{_MAIN}c":
                if element.find(f"{_MAIN}f") is not None:
                    found.add(_place(element.get("r", "")))
            elif element.tag == f"{_MAIN}row":
                element.clear()  # a sheet is read in pieces
    return found


def _place(cell: str) -> tuple[int, int]:
    """``B3`` -> (3, 1)."""
    letters, digits = re.fullmatch(r"([A-Z]*)(\d*)", cell.upper()).groups()  # type: ignore[union-attr]
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter) - ord("A") + 1
    return int(digits or 0), column - 1


def _csv(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        yield from ((number, _line_ends(cells)) for number, cells in csv_rows(path.read_bytes()))
    except OSError as error:
        raise _unreadable(path, error.strerror or "") from error
    except ValueError as error:
        raise _unreadable(path, str(error)) from error


def _line_ends(cells: Sequence[str]) -> list[str]:
    return [cell.replace("\r\n", "\n").replace("\r", "\n") for cell in cells]


def _unreadable(path: Path, why: str) -> CurateError:
    return CurateError(
        say(f"{path} 不是隔离区的表：{why}", f"{path} is no quarantine sheet: {why}"),
        say(
            "用 runs/…/quarantine.xlsx 改，另存为 .xlsx 或 .csv，表头和隐藏的列留着",
            "mend runs/…/quarantine.xlsx, and save it as .xlsx or .csv with its header and hidden columns",
        ),
    )
