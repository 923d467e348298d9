"""xlsx and xls: one sheet, every cell as the text that a person would type."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

import polars as pl

from curate.algorithms.spreadsheet import as_text
from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean
from curate.sources.csv_rows import check_header
from curate.sources.opening import BATCH, Batch, File, batch

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Row = list[Any]


def read_xlsx(file: File) -> Iterator[Batch]:
    """A sheet is read whole: Excel's format allows a million rows at the most. Hidden sheets can be read too.

    A date is 2026-03-05, with its time where it has one; 3.0 is 3; numbers have Excel's own 15 digits; a formula is
    its result; an error (#N/A, #REF!) is an empty cell. Rows without any value are none.
    """
    sheet = _sheet(file)
    first = sheet.start
    if first is None:
        check_header(file, [])
        return
    top = max(file.corpus.header - 1, first[0])
    rows = _filled(sheet, first[1]) if file.corpus.merged == "fill" else sheet.iter_rows()
    rows = islice(rows, top, None)  # the reader leaves out empty columns on the left, but no rows above
    header = [as_text(name).strip() for name in next(rows, [])]
    check_header(file, [name for name in header if name])
    while part := list(islice(rows, BATCH)):
        columns = [_column(values) for values in zip(*part, strict=True)]
        # a sheet is often wider than its table, but a column with values counts, named or not
        used = [place for place, name in enumerate(header) if name or columns[place].null_count() < len(part)]
        check_header(file, [header[place] for place in used])
        frame = pl.DataFrame({header[place]: columns[place] for place in used})
        yield batch(frame.filter(pl.any_horizontal(pl.all().is_not_null())))


def _sheet(file: File) -> CalamineSheet:
    from python_calamine import CalamineError, CalamineWorkbook

    wanted = file.corpus.sheet
    names: list[str] = []
    try:
        with file.path.open("rb") as opened:
            book = CalamineWorkbook.from_filelike(opened)
        names = book.sheet_names
        if isinstance(wanted, str):
            return book.get_sheet_by_name(wanted)
        return book.get_sheet_by_index(wanted - 1)
    except (CalamineError, OSError, OverflowError, ValueError) as error:
        raise CurateError(
            say(
                f"{file.path} 的工作表 {wanted} 读不出来：{error}",
                f"{file.path}: sheet {wanted} cannot be read: {error}",
            ),
            did_you_mean(str(wanted), names)
            if names
            else say("用 Excel 打开看看，另存为 xlsx", "open it in Excel and save it as xlsx"),
            option=("sheet",) if names else ("path",),
        ) from error


def _filled(sheet: CalamineSheet, left_most: int) -> Iterator[Row]:
    """The rows, with the value of a merged range in each of its cells."""
    ranges = sorted(sheet.merged_cell_ranges or [], reverse=True)
    open_: list[tuple[int, slice, Any]] = []  # last row, columns, value
    for number, row in enumerate(sheet.iter_rows()):
        while ranges and ranges[-1][0][0] <= number:
            (_, left), (bottom, right) = ranges.pop()
            columns = slice(left - left_most, right - left_most + 1)
            open_.append((bottom, columns, row[columns.start]))
        for _, columns, value in open_:
            row[columns] = [value] * len(row[columns])
        open_ = [merged for merged in open_ if merged[0] > number]
        yield row


def _column(values: tuple[Any, ...]) -> pl.Series:
    texts = [value if type(value) is str else as_text(value) for value in values]
    return pl.Series([text or None for text in texts], dtype=pl.String)
