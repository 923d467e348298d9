"""A PDF page as lines in reading order. A PDF knows characters and their places only.

Places are in points from the top left corner, seen in the direction in which the text runs.
"""

from __future__ import annotations

import ctypes
import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

from curate.sources.documents.document import library
from curate.sources.documents.markdown import wide

LOST = "\ufffd"
Box = tuple[float, float, float, float]
#: gaps in the size of the font: between words, between Chinese characters that a space parts, between columns
WORD, HAN_SPACE, COLUMN = 0.2, 1.0, 1.5
#: from so many lines of so many characters on either side of a gap they are columns of text, and no cells
COLUMN_LINES, COLUMN_CHARACTERS = 3, 10


@dataclass(frozen=True)
class Line:
    """A line of one column; ``size`` of its font in points. ``cells``: where it has gaps, its parts with theirs."""

    text: str
    x0: float
    x1: float
    top: float
    bottom: float
    size: float
    cells: tuple[tuple[float, str], ...] = ()


@dataclass(frozen=True)
class Page:
    """``runs``: parts of lines by the direction of their text in quarter turns; ``lost``: characters whose font does
    not say which they are.
    """

    runs: dict[int, list[Line]]
    characters: int
    lost: int


def read_page(text: Any, box: Box) -> Page:
    """The runs of a page.

    Args:
        text: pypdfium2's text page.
        box: left, bottom, right, top of the page.
    """
    turned: dict[int, list[Line]] = defaultdict(list)
    characters = lost = 0
    spaced = False
    for character, unmapped, quarter, place, size in _characters(text, box):
        if character.isspace():
            spaced = True
            continue
        characters, lost = characters + 1, lost + unmapped
        _append(turned[quarter], Line(character, *place, size), spaced)
        spaced = False
    return Page({quarter: _rows(runs) for quarter, runs in turned.items()}, characters, lost)


def _characters(text: Any, box: Box) -> Iterator[tuple[str, bool, int, Box, float]]:
    """Each character, whether its font does not tell it, its direction, its box and the size of its font. Text that
    runs askew is a watermark and left out.
    """
    pdfium = library("pypdfium2.raw")
    rect = pdfium.FS_RECTF()
    pointer, page = ctypes.byref(rect), text.raw
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(page, index)
        angle = pdfium.FPDFText_GetCharAngle(page, index) / (math.pi / 2)
        if abs(angle - round(angle)) > 0.05:
            continue
        unmapped = pdfium.FPDFText_HasUnicodeMapError(page, index) == 1 or not _told(code)
        pdfium.FPDFText_GetLooseCharBox(page, index, pointer)
        quarter = -round(angle) % 4  # pdfium counts clockwise
        place = _turned((rect.left, rect.bottom, rect.right, rect.top), box, quarter)
        size = place[3] - place[2] if quarter else pdfium.FPDFText_GetFontSize(page, index)
        # a font of size 1 that a matrix enlarges
        size = size if size > 2 else max(place[3] - place[2], 1.0)
        yield (LOST if unmapped else "-" if code == 2 else chr(code)), unmapped, quarter, place, size


def _told(code: int) -> bool:
    """Not a private-use character, a surrogate or a control character; 2 is pdfium's hyphen at a line's end."""
    return (code >= 32 or code in (2, 9, 10, 13)) and not (
        0xD800 <= code <= 0xF8FF or code >= 0xF0000 or code in (0xFFFD, 0xFFFE, 0xFFFF)
    )


def _turned(place: Box, box: Box, quarter: int) -> Box:
    """(left, bottom, right, top) from the bottom left corner -> (x0, x1, top, bottom) as the text runs."""
    (left, bottom, right, top), (page_left, page_bottom, page_right, page_top) = place, box
    if quarter == 1:
        return bottom - page_bottom, top - page_bottom, left - page_left, right - page_left
    if quarter == 2:
        return page_right - right, page_right - left, bottom - page_bottom, top - page_bottom
    if quarter == 3:
        return page_top - top, page_top - bottom, page_right - right, page_right - left
    return left - page_left, right - page_left, page_top - top, page_top - bottom


def _append(runs: list[Line], one: Line, spaced: bool) -> None:
    """Put a character behind the last run where it stands in its line, else begin another."""
    last = runs[-1] if runs else None
    if last and _same_row(last, one):
        gap = one.x0 - last.x1
        if gap < -0.6 * one.size and last.text[-1] == one.text:
            return  # bold made by printing twice
        if -0.6 * one.size < gap < COLUMN * one.size:
            between = _space(last.text[-1], one.text, gap / one.size, spaced)
            runs[-1] = _longer(last, between, one)
            return
    runs.append(one)


def _longer(last: Line, between: str, run: Line) -> Line:
    return Line(
        last.text + between + run.text,
        last.x0,
        max(last.x1, run.x1),
        min(last.top, run.top),
        max(last.bottom, run.bottom),
        # a bullet's font says nothing about the line
        run.size if len(last.text) < 3 else last.size,
    )


def _space(left: str, right: str, gap: float, spaced: bool) -> str:
    if wide(left) and wide(right):
        return " " if gap >= HAN_SPACE else ""
    return " " if spaced or gap > WORD else ""


def _same_row(one: Line, other: Line) -> bool:
    overlap = min(one.bottom, other.bottom) - max(one.top, other.top)
    return overlap > 0.5 * min(one.bottom - one.top, other.bottom - other.top)


def _rows(runs: list[Line]) -> list[Line]:
    """Runs that follow each other in a row become one, in whatever order the file draws them."""
    done: list[Line] = []
    for row in rows_of(runs):
        for run in row:
            last = done[-1] if done else None
            gap = run.x0 - last.x1 if last else 0
            if last and last in row and abs(gap) < COLUMN * run.size:
                between = _space(last.text[-1], run.text[0], gap / run.size, False)
                done[-1] = _longer(last, between, run)
            else:
                done.append(run)
    return done


def rows_of(runs: list[Line]) -> list[list[Line]]:
    """Runs by rows, from the top; in a row from the left."""
    rows: list[list[Line]] = []
    for run in sorted(runs, key=lambda run: (run.top + run.bottom) / 2):
        if rows and _same_row(rows[-1][0], run):
            rows[-1].append(run)
        else:
            rows.append([run])
    return [sorted(row, key=lambda run: run.x0) for row in rows]


def regions(runs: list[Line]) -> Iterator[list[Line]]:
    """The columns of a page in reading order, each as its lines.

    Text stands side by side only where a gap goes down through several lines of prose; what is above or below such
    columns comes before or after them. Cells of a table that nothing rules stay in their row.
    """
    rows = rows_of(runs)
    found = _columns(rows)
    if found is None:
        yield [_joined(row) for row in rows]
        return
    first, last, gap = found
    inside = [run for row in rows[first:last] for run in row]
    for part in (
        [run for row in rows[:first] for run in row],
        [run for run in inside if run.x1 <= gap],
        [run for run in inside if run.x1 > gap],
        [run for row in rows[last:] for run in row],
    ):
        if part:
            yield from regions(part)


def _columns(rows: list[list[Line]]) -> tuple[int, int, float] | None:
    """(first row, row behind the last, x of the gap) of the longest stretch of two columns."""
    gaps = {round((one.x1 + other.x0) / 2) for row in rows for one, other in pairwise(row)}
    best: tuple[int, int, float] | None = None
    for gap in gaps:
        first = 0
        for last in range(len(rows) + 1):
            if last < len(rows) and not any(run.x0 < gap < run.x1 for run in rows[last]):
                continue
            longer = best is None or last - first > best[1] - best[0]
            if longer and _prose([run for row in rows[first:last] for run in row], gap):
                best = first, last, gap
            first = last + 1
    return best


def _prose(runs: list[Line], gap: float) -> bool:
    sides = [len(run.text) for run in runs if run.x1 <= gap], [len(run.text) for run in runs if run.x1 > gap]
    return all(len(side) >= COLUMN_LINES and median(side) >= COLUMN_CHARACTERS for side in sides)


def _joined(row: list[Line]) -> Line:
    """A row as one line; two spaces show where its cells part."""
    if len(row) == 1:
        return row[0]
    return Line(
        "  ".join(run.text for run in row),
        row[0].x0,
        row[-1].x1,
        min(run.top for run in row),
        max(run.bottom for run in row),
        max(run.size for run in row),
        tuple((run.x0, run.text) for run in row),
    )
