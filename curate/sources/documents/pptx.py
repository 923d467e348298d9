"""pptx: a slide is a page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from curate.language import say
from curate.sources.documents import markdown
from curate.sources.documents.document import Block, Document, Unread, heading, library
from curate.sources.documents.office import package
from curate.sources.opening import File

A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
DIAGRAM = "/diagramData"
#: EMU (914,400 an inch) within which two shapes stand in one row
ROW = 200_000
#: The text is data and the same in every language of the program.
NOTES = "> 备注："


def read_pptx(file: File) -> Document:
    """The slide's title as a heading, then its shapes from top to bottom and left to right: text, lists by indent,
    tables, the numbers behind charts, the words of diagrams; the speaker's notes as ``> 备注：``.
    """
    pptx = library("pptx")
    archive = package(file, ".pptx")
    try:
        deck = pptx.Presentation(archive)
        blocks = [block for page, slide in enumerate(deck.slides, 1) for block in _slide(slide, page)]
        about, pages = deck.core_properties, len(deck.slides)
        first = blocks[0].bare if blocks and blocks[0].kind == "heading" and blocks[0].page == 1 else ""
        return Document(blocks, first, about.title, pages, author=about.author, created=about.created)
    except Exception as error:  # python-pptx, lxml and zipfile each have their own
        raise Unread("unreadable", say(f"不是完整的 pptx：{error}", f"not a whole pptx: {error}")) from error


def _slide(slide: Any, page: int) -> Iterator[Block]:
    title = slide.shapes.title
    if title is not None and title.text_frame.text.strip():
        yield heading(_line(title.text_frame.text), 1 if page == 1 else 2, page)
    for shape in _in_order(slide.shapes):
        if title is None or shape.shape_id != title.shape_id:
            yield from _shape(shape, page)
    for relation in slide.part.rels.values():
        if relation.reltype.endswith(DIAGRAM) and not relation.is_external:
            yield from _diagram(relation.target_part.blob, page)
    notes = slide.notes_slide.notes_text_frame if slide.has_notes_slide else None
    if notes is not None and notes.text.strip():
        yield Block(NOTES + _line(notes.text).replace("\n", "\n> "), page=page)


def _in_order(shapes: Any) -> list[Any]:
    """A shape without a place of its own has that of its layout, which python-pptx looks up."""
    return sorted(shapes, key=lambda shape: ((shape.top or 0) // ROW, shape.left or 0))


def _shape(shape: Any, page: int) -> Iterator[Block]:
    if hasattr(shape, "shapes"):
        for inner in _in_order(shape.shapes):
            yield from _shape(inner, page)
    elif getattr(shape, "has_table", False):
        if text := markdown.table(_rows(shape.table)):
            yield Block(text, page=page)
    elif getattr(shape, "has_chart", False):
        yield from _chart(shape.chart, page)
    elif shape.has_text_frame:
        yield from _paragraphs(shape, page)


def _paragraphs(shape: Any, page: int) -> Iterator[Block]:
    """A placeholder's paragraphs are a list where there are several; elsewhere only what is indented is one."""
    said = [part for part in shape.text_frame.paragraphs if part.text.strip()]
    listed = shape.is_placeholder and len(said) > 1
    for part in said:
        if listed or part.level:
            yield Block(markdown.item(_line(part.text), part.level), "item", page=page)
        else:
            yield Block(_line(part.text), page=page)


def _rows(table: Any) -> list[list[str]]:
    """A merged cell's text stands in every cell that it covers."""
    rows = [[cell.text for cell in row.cells] for row in table.rows]
    for top, row in enumerate(table.rows):
        for left, cell in enumerate(row.cells):
            if cell.is_merge_origin:
                for down in range(cell.span_height):
                    rows[top + down][left : left + cell.span_width] = [cell.text] * cell.span_width
    return rows


def _chart(chart: Any, page: int) -> Iterator[Block]:
    if chart.has_title and chart.chart_title.has_text_frame:
        yield Block(_line(chart.chart_title.text_frame.text), page=page)
    for plot in chart.plots:
        series = list(plot.series)
        names = [str(name) for name in plot.categories]
        head = ["", *(one.name or "" for one in series)]
        values = [list(one.values) for one in series]
        rows = [
            [name, *(_number(column[place]) if place < len(column) else "" for column in values)]
            for place, name in enumerate(names)
        ]
        if rows:
            yield Block(markdown.table([head, *rows]), page=page)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.12g}"


def _diagram(data: bytes, page: int) -> Iterator[Block]:
    root = library("lxml.etree").fromstring(data)
    for paragraph in root.iter(f"{A}p"):
        if text := "".join(part.text or "" for part in paragraph.iter(f"{A}t")).strip():
            yield Block(markdown.item(text), "item", page=page)


def _line(text: str) -> str:
    return text.replace("\v", "\n").strip()
