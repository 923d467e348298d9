"""Cells of Excel's workbooks (xlsx, xls), as the text that a person would type."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import IO, Any


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
