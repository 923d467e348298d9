"""Cells of Excel's workbooks (xlsx, xls), as the text that a person would type."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import repeat
from typing import IO, Any

from curate.algorithms.encoding import best_encoding
from curate.language import say

#: What a cell of Excel holds at most; the rest would be cut without a word.
MOST_CELL = 32_767


def first_sheet(file: IO[bytes]) -> Iterator[tuple[int, list[str]]]:
    """The rows of a workbook's first sheet that hold anything, each with its number (from 1); an empty cell is ``""``.

    Raises:
        ValueError: the file is no workbook.
    """
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        sheet = CalamineWorkbook.from_filelike(file).get_sheet_by_index(0)
    except (CalamineError, OSError, OverflowError) as error:
        raise ValueError(str(error)) from error
    for number, row in enumerate(sheet.iter_rows(), 1):
        cells = [as_text(value) for value in row]
        if any(cells):
            yield number, cells


def csv_rows(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows of a table that a person saved as text, each with its number (from 1): Excel writes Chinese as GB18030, as UTF-8 with a
    mark, or as UTF-16 with tabs, as the person chooses.

    Raises:
        ValueError: it is in another encoding, or no csv.
    """
    encoding, wrong, _ = best_encoding(raw[:4], repeat([raw]))
    if wrong:
        raise ValueError(say("编码不是 UTF-8 或 GB18030", "it is neither UTF-8 nor GB18030"))
    text = raw.decode(encoding).removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    csv.field_size_limit(10 * MOST_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=max("\t,;", key=first.count))
        yield from enumerate(reader, 1)
    except csv.Error as error:
        raise ValueError(str(error)) from error


def as_text(value: Any) -> str:
    """A cell as text; empty for an empty one."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        digits = f"{value:.15g}"  # what Excel keeps; the rest is how computers store 0.1
        return format(Decimal(digits), "f") if "e" in digits else digits
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(int(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    return str(value)
