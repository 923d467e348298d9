"""pdf: text in reading order, page by page.

pdfium gives characters and places about four times as fast as pdfminer; pdfplumber, which is built on pdfminer,
finds the cells of ruled tables, and is asked only about pages that have rules.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from curate.language import say
from curate.sources.documents.document import Block, Document, Unread, library
from curate.sources.documents.office import content
from curate.sources.documents.pdf_blocks import (
    Writer,
    furniture,
    heading_sizes,
    is_page_number,
    place_of,
)
from curate.sources.documents.pdf_lines import Line, Page, read_page, regions
from curate.sources.opening import File

#: characters below which a page with a picture is a picture of text
FEW = 20
#: share of the page that such a picture covers
COVERED = 0.3
#: share of characters without a meaning from which a document is garbled
GARBLED = 0.3
#: rules of a page from which it may hold a table, and above which it is a drawing
RULES, DRAWING = 3, 3000
#: pages of a document that ``curate check`` looks at
SAMPLE_PAGES = 5


Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Ruled:
    """A table with ruled cells: its box (x0, top, x1, bottom) and its rows."""

    box: Box
    rows: list[list[str]]


@dataclass(frozen=True)
class Seen:
    """What one page holds. ``pictured``: nothing but a picture."""

    page: Page
    height: float
    tables: list[Ruled]
    pictured: bool
    pictures: int


def read_pdf(file: File) -> Document:
    """Lines are joined to paragraphs, also across columns and pages; headings are told by the size of their font;
    ruled tables and rows of equal cells become tables. Headers, footers and page numbers that repeat on two of five
    pages, at least three, are left out, and so is text that runs askew (watermarks).

    Raises:
        Unread: ``scanned``, ``garbled_font``, ``encrypted`` or ``unreadable``.
    """
    data = content(file)
    with _opened(data) as pdf:
        about = pdf.get_metadata_dict()
        count = min(len(pdf), SAMPLE_PAGES) if file.sample else len(pdf)
        seen = list(_pages(pdf, data, count))
    _check(seen)
    return Document(
        list(_blocks(seen)),
        declared=about.get("Title"),
        pages=len(seen),
        pages_without_text=sum(one.pictured for one in seen),
        author=about.get("Author"),
        created=_date(about.get("CreationDate", "")),
    )


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    pdfium = library("pypdfium2")
    try:
        pdf = pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        if "password" in str(error).lower() or "security" in str(error).lower():
            raise Unread("encrypted", say("有密码", "it has a password")) from error
        raise Unread("unreadable", say(f"不是完整的 pdf：{error}", f"not a whole pdf: {error}")) from error
    try:
        yield pdf
    except pdfium.PdfiumError as error:
        raise Unread(
            "unreadable", say(f"有一页读不出来：{error}", f"a page cannot be read: {error}")
        ) from error
    finally:
        pdf.close()


def _pages(pdf: Any, data: bytes, count: int) -> Iterator[Seen]:
    """Page by page: only the text of those before stays in memory."""
    tables = _Tables(data)
    for number in range(count):
        page = pdf[number]
        text = page.get_textpage()
        found = read_page(text, page.get_bbox())
        pictures, covered, rules = _objects(page)
        yield Seen(
            found,
            page.get_height(),
            tables.on(number) if RULES <= rules <= DRAWING and found.characters else [],
            found.characters < FEW and covered > COVERED,
            pictures,
        )
        text.close()
        page.close()
    tables.close()


def _objects(page: Any) -> tuple[int, float, int]:
    """How many pictures a page has, the share of it that the largest covers, and how many rules."""
    raw = library("pypdfium2.raw")
    pictures = rules = 0
    largest = 0.0
    for found in page.get_objects(max_depth=3):
        if found.type == raw.FPDF_PAGEOBJ_PATH:
            rules += 1
        elif found.type == raw.FPDF_PAGEOBJ_IMAGE:
            left, bottom, right, top = found.get_bounds()
            pictures, largest = pictures + 1, max(largest, (right - left) * (top - bottom))
    width, height = page.get_size()
    return pictures, largest / max(width * height, 1.0), rules


class _Tables:
    """The ruled tables of a document; it is opened anew for them when the first page has rules."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.plumber: Any = None

    def on(self, number: int) -> list[Ruled]:
        """The tables of a page; frames around text are none."""
        plumber = library("pdfplumber")
        logging.getLogger("pdfminer").setLevel(logging.ERROR)
        try:
            self.plumber = self.plumber or plumber.open(io.BytesIO(self.data))
            page = self.plumber.pages[number]
            found = [Ruled(table.bbox, _filled(table)) for table in page.find_tables()]
            page.close()
        except Exception:  # what pdfium reads and pdfminer does not: its text comes as lines
            return []
        return [table for table in found if sum(map(any, zip(*table.rows, strict=True))) > 1]

    def close(self) -> None:
        if self.plumber:
            with suppress(Exception):  # it reads what is left of a damaged file to close it
                self.plumber.close()


def _filled(table: Any) -> list[list[str]]:
    """A table's cells; a merged cell's text stands in every cell that it covers."""
    cells = [
        (cell, text or "")
        for row, texts in zip(table.rows, table.extract(), strict=True)
        for cell, text in zip(row.cells, texts, strict=True)
        if cell
    ]
    columns = sorted({round(cell[0]) for cell, _ in cells})
    rows = sorted({round(cell[1]) for cell, _ in cells})
    grid = [[""] * len(columns) for _ in rows]
    for (x0, top, x1, bottom), text in cells:
        for down, y in enumerate(rows):
            for right, x in enumerate(columns):
                if round(x0) <= x < round(x1) and round(top) <= y < round(bottom):
                    grid[down][right] = text
    return grid


def _check(seen: list[Seen]) -> None:
    """Raise when there is no text to be had."""
    characters, lost = sum(one.page.characters for one in seen), sum(one.page.lost for one in seen)
    pictures, pictured = sum(one.pictures for one in seen), sum(one.pictured for one in seen)
    if characters and lost > GARBLED * characters:
        share = f"{lost / characters:.0%}"
        raise Unread(
            "garbled_font",
            say(
                f"{share} 的字符在字体里没有对应的文字",
                f"{share} of the characters mean nothing outside their font",
            ),
        )
    if pictured and pictured == len([one for one in seen if one.page.characters or one.pictures]):
        raise Unread(
            "scanned",
            say(
                f"{len(seen)} 页，{pictures} 张图片，没有文字层",
                f"{len(seen)} pages, {pictures} pictures, no text layer",
            ),
        )


def _blocks(seen: list[Seen]) -> Iterator[Block]:
    pages = [[run for runs in one.page.runs.values() for run in runs] for one in seen]
    left_out = furniture(pages, [one.height for one in seen])
    writer = Writer(heading_sizes(pages))
    for number, one in enumerate(seen, 1):
        tables = one.tables
        for runs in sorted(one.page.runs.values(), key=len, reverse=True):
            text = [
                run for run in runs
                if place_of(run, one.height) not in left_out and not is_page_number(run, one.height)
            ]  # fmt: skip
            yield from _in_bands(writer, text, tables, number)
            tables = []
    yield from writer.close()


def _in_bands(writer: Writer, runs: list[Line], tables: list[Ruled], page: int) -> Iterator[Block]:
    """The text above a table, the table, the text below it. A single row is no table unless it goes on with one."""
    first = True
    for table in sorted(tables, key=lambda table: table.box[1]):
        above = [run for run in runs if run.top < table.box[1] and not _within(run, table.box)]
        if len(table.rows) == 1 and not (first and not above and writer.continues(table.rows, page)):
            continue
        runs = [run for run in runs if run.top >= table.box[1] and not _within(run, table.box)]
        yield from _columns(writer, above, page)
        if above or not first:
            yield from writer.close()
        yield from writer.table(table.rows, page)
        first = False
    yield from _columns(writer, runs, page)


def _columns(writer: Writer, runs: list[Line], page: int) -> Iterator[Block]:
    if runs:
        for lines in regions(runs):
            yield from writer.region(lines, page)


def _within(run: Line, box: Box) -> bool:
    x, y = (run.x0 + run.x1) / 2, (run.top + run.bottom) / 2
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _date(value: str) -> str | None:
    """``D:20240320093000+08'00'`` -> ``2024-03-20``."""
    digits = value.removeprefix("D:")[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdecimal() else None
