"""An HTML element as blocks: paragraphs, headings, lists, tables."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from curate.sources.documents import markdown
from curate.sources.documents.document import Block, heading, library

HEADINGS = {f"h{level}": level for level in range(1, 7)}
BLOCKS = {
    "address", "article", "aside", "blockquote", "body", "caption", "center", "dd", "details", "dialog", "dir", "div",
    "dl", "dt", "fieldset", "figcaption", "figure", "footer", "form", "header", "hgroup", "hr", "li", "main", "menu",
    "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul", "option",
    *HEADINGS,
}  # fmt: skip
#: HTML's white space; others (the ideographic space, the no-break space) are text
SPACE = re.compile(r"[ \t\r\n\f]+")
#: characters of a cell from which a table is layout and no data
LONG_CELL = 400
MOST_SPAN = 1000


def blocks(root: Any) -> Iterator[Block]:
    """The text below ``root`` in its order; two line breaks in a row part paragraphs as ``</p><p>`` does."""
    return _Writer().write(root)


class _Writer:
    def __init__(self) -> None:
        self.text = ""
        self.mark = ""  # of a list item that has no text yet
        self.counts: list[int | None] = []  # of the open lists; None for bullets
        self.verbatim = False

    def write(self, root: Any) -> Iterator[Block]:
        walk = library("lxml.etree").iterwalk(root, events=("start", "end"))
        for event, element in walk:
            name = element.tag if isinstance(element.tag, str) else ""
            if event == "start":
                yield from self._start(element, name)
                if name == "table" and (rows := data_rows(element)):
                    yield Block(markdown.table(rows))
                    walk.skip_subtree()
                elif name == "pre" and name != root.tag:
                    yield from self._pre(element)
                    walk.skip_subtree()
                elif name:
                    self._add(element.text)
            else:
                yield from self._end(name)
                if element is not root:
                    self._add(element.tail)
        yield from self._flush()

    def _start(self, element: Any, name: str) -> Iterator[Block]:
        if name == "br":
            self.text = self.text.rstrip(" ") + "\n"
        if name not in BLOCKS:
            return
        yield from self._flush()
        if name in ("ul", "ol", "menu", "dir"):
            start = element.get("start", "1")
            self.counts.append((int(start) if start.isdecimal() else 1) - 1 if name == "ol" else None)
        elif name == "li":
            self.mark = "-"
            if self.counts and self.counts[-1] is not None:
                self.counts[-1] += 1
                self.mark = f"{self.counts[-1]}."

    def _end(self, name: str) -> Iterator[Block]:
        if name not in BLOCKS:
            return
        yield from self._flush(HEADINGS.get(name, 0))
        if name == "li":
            self.mark = ""
        elif name in ("ul", "ol", "menu", "dir") and self.counts:
            self.counts.pop()

    def _add(self, text: str | None) -> None:
        """Line ends in the source are a space, or nothing between Chinese characters."""
        for number, part in enumerate(re.split(r"[ \t\f]*[\r\n]\s*", text or "")):
            part = SPACE.sub(" ", part)
            if number and self.text and not self.text[-1].isspace():
                between = part[:1]
                self.text += (
                    " "
                    if not between or not (markdown.wide(self.text[-1]) and markdown.wide(between))
                    else ""
                )
            self.text += part.lstrip(" ") if self.text.endswith((" ", "\n")) else part

    def _flush(self, level: int = 0) -> Iterator[Block]:
        whole, self.text = self.text, ""
        for part in re.split(r"\n\s*\n", whole):
            lines = "\n".join(line for piece in part.split("\n") if (line := piece.strip()))
            if not lines:
                continue
            if level:
                yield heading(lines, level)
            elif self.mark:
                yield Block(markdown.item(lines, max(len(self.counts) - 1, 0), self.mark), "item")
                self.mark = ""
            else:
                yield Block(lines)

    def _pre(self, element: Any) -> Iterator[Block]:
        if text := element.text_content().strip("\r\n").rstrip():
            yield Block(f"```\n{text}\n```")


def data_rows(table: Any) -> list[list[str]]:
    """The cells of a table of data, spanned cells filled; none for a table that only arranges the page."""
    if table.find(".//table") is not None or table.find(".//form") is not None:
        return []
    rows: list[list[str]] = []
    spans: dict[int, tuple[int, str]] = {}  # column -> rows still covered, text
    for row in table.iter("tr"):
        cells: list[str] = []
        for cell in row.iterchildren("td", "th"):
            _fill(cells, spans)
            text = cell_text(cell)
            if len(text) > LONG_CELL:
                return []
            down = _span(cell.get("rowspan"))
            for _ in range(_span(cell.get("colspan"))):
                if down > 1:
                    spans[len(cells)] = (down - 1, text)
                cells.append(text)
        _fill(cells, spans)
        rows.append(cells)
    return rows if len(rows) > 1 and max(map(len, rows)) > 1 else []


def cell_text(cell: Any) -> str:
    if not len(cell):  # most cells, and much cheaper
        return " ".join((cell.text or "").split())
    return "\n".join(block.text for block in _Writer().write(cell))


def _fill(cells: list[str], spans: dict[int, tuple[int, str]]) -> None:
    """Cells that one of a row above covers."""
    while (covering := spans.pop(len(cells), None)) is not None:
        left, text = covering
        if left > 1:
            spans[len(cells)] = (left - 1, text)
        cells.append(text)


def _span(value: str | None) -> int:
    return min(max(int(value), 1), MOST_SPAN) if value and value.strip().isdecimal() else 1
