"""Quarantined rows as an Excel workbook that their owner can mend: a sheet a corpus, and one that says how.

The columns have the names of the owner's own file. A bad cell is coloured and says what is wrong with it; the column 问题 says it
all again. Hidden columns tell which run, corpus and row a line is of, so that a line is found again wherever it was moved.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from curate.algorithms.spreadsheet import MOST_CELL
from curate.files import replacing
from curate.quarantine.shown import GUIDE, HIDDEN, PROBLEM, ROW_ID, as_shown, content_of, is_cut

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

#: rows below the header that a sheet of Excel holds
MOST_ROWS = 1_048_575
#: Comments on cells of a sheet: each is a drawing, and Excel opens thousands of them slowly. The column 问题 has them all.
MOST_COMMENTS = 2_000
_RESERVED = {GUIDE, "history"}  # Excel keeps the second for itself


@dataclass(frozen=True)
class Row:
    """``cells``: in the order of the sheet's columns; ``wrong``: column -> what is wrong with it, "" for the whole row."""

    row_id: str
    cells: Sequence[str | None]
    wrong: Mapping[str, str]


@dataclass(frozen=True)
class Sheet:
    """Attributes:
    headings: column -> its name for the owner.
    described: column -> what the schema says of it.
    rows: at most ``MOST_ROWS``.
    count, total: rows in the sheet, and quarantined ones.
    """

    corpus: str
    headings: Mapping[str, str]
    described: Mapping[str, str]
    rows: Iterable[Row]
    count: int
    total: int


def write_workbook(path: Path, sheets: Sequence[Sheet], run: str, shown: str, guide: Sequence[str]) -> None:
    """Write the sheets, row by row, so that memory does not grow with them; the same rows give the same bytes.

    Args:
        shown: ``masked`` or ``unmasked``.
        guide: the lines of the first sheet.
    """
    from xlsxwriter import Workbook

    with replacing(path) as temporary:
        # Nothing of the data is ever a formula, a link or a number.
        safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with Workbook(str(temporary), {**safe, "constant_memory": True}) as book:
            book.set_properties({"title": run, "created": datetime(2000, 1, 1)})
            _write_guide(book, guide)
            formats = _Formats(book)
            for sheet, name in zip(sheets, _sheet_names(sheets), strict=True):
                _write_rows(book.add_worksheet(name), sheet, formats, run, shown)


def _sheet_names(sheets: Sequence[Sheet]) -> Iterator[str]:
    """At most 31 characters, each once, upper and lower case being one."""
    taken = set(_RESERVED)
    for number, sheet in enumerate(sheets, 1):
        name = sheet.corpus[:31]
        if name.lower() in taken:
            name = f"{sheet.corpus[:24]}_{number}"
        taken.add(name.lower())
        yield name


def _write_guide(book: Workbook, guide: Sequence[str]) -> None:
    sheet = book.add_worksheet(GUIDE)
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    strong = book.add_format({"text_wrap": True, "bold": True, "font_size": 14})
    sheet.set_column(0, 0, 110)
    for number, line in enumerate(guide):
        sheet.write_string(number, 0, line[:MOST_CELL], plain if number else strong)


class _Formats:
    """``@``: what is typed into such a cell stays text, whatever it begins with."""

    def __init__(self, book: Workbook) -> None:
        cell = {"text_wrap": True, "valign": "top", "num_format": "@"}
        self.head = book.add_format({**cell, "bold": True, "bg_color": "#DDEBF7", "border": 1})
        self.fixed = book.add_format({**cell, "bg_color": "#F2F2F2", "font_color": "#595959"})
        self.problem = book.add_format({**cell, "bg_color": "#F2F2F2", "font_color": "#C00000"})
        self.open = book.add_format({**cell, "locked": False})
        self.bad = book.add_format({**cell, "locked": False, "bg_color": "#F8CBAD", "border": 1})

    def of(self, shown: str, wrong: bool) -> Format:
        return self.fixed if is_cut(shown) else self.bad if wrong else self.open


def _write_rows(page: Worksheet, sheet: Sheet, formats: _Formats, run: str, shown: str) -> None:
    columns = list(sheet.headings)
    first = len(HIDDEN) + 2
    page.set_column(0, len(HIDDEN) - 1, 3, None, {"hidden": True})
    page.set_column(len(HIDDEN), len(HIDDEN), 22)
    page.set_column(len(HIDDEN) + 1, len(HIDDEN) + 1, 48)
    page.set_column(first, first + len(columns) - 1, 22, formats.open)
    # without a password: against a slip of the hand, not against anybody
    page.protect("", {"format_cells": True, "format_columns": True, "format_rows": True, "autofilter": True})
    page.freeze_panes(1, first)
    for place, head in enumerate([*HIDDEN, ROW_ID, PROBLEM, *sheet.headings.values()]):
        page.write_string(0, place, head, formats.head)
    for place, column in enumerate(columns, first):
        if sheet.described.get(column):
            page.write_comment(0, place, sheet.described[column])
    comments = 0
    for line, row in enumerate(sheet.rows, 1):
        cells = [as_shown(cell) for cell in row.cells]
        marks = (run, sheet.corpus, content_of(sheet.corpus, row.row_id, cells), shown)
        for place, (begin, mark) in enumerate(zip(HIDDEN.values(), marks, strict=True)):
            page.write_string(line, place, begin + mark, formats.fixed)
        page.write_string(line, len(HIDDEN), row.row_id[:MOST_CELL], formats.fixed)
        page.write_string(line, len(HIDDEN) + 1, _problem(sheet, row), formats.problem)
        for place, (column, cell) in enumerate(zip(columns, cells, strict=True), first):
            # an empty text would be written as an empty cell without its format
            kind = formats.of(cell, column in row.wrong)
            page.write_string(line, place, cell, kind) if cell else page.write_blank(line, place, None, kind)
            if column in row.wrong and comments < MOST_COMMENTS:
                page.write_comment(line, place, row.wrong[column][:MOST_CELL])
                comments += 1


def _problem(sheet: Sheet, row: Row) -> str:
    """A line for each thing that is wrong, with the columns that it is about."""
    heads: dict[str, list[str]] = {}
    for column, what in row.wrong.items():
        heads.setdefault(what, []).extend([sheet.headings.get(column, column)] if column else [])
    return as_shown("\n".join(f"{'、'.join(of)}：{what}" if of else what for what, of in heads.items()))
