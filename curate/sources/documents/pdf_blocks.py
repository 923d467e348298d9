"""Lines of a PDF become paragraphs, headings and tables again."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby, pairwise
from statistics import median

from curate.sources.documents import markdown
from curate.sources.documents.document import Block, heading
from curate.sources.documents.pdf_lines import Line

#: a heading's font in sizes of the running text's, and its characters at the most
LARGER, HEADING_CHARACTERS = 1.15, 60
LEVELS = 4
#: share of the page's height above and below which a line is a header or footer where it repeats
MARGIN = 0.1
#: share of the pages, and how many at the least, on which a header or footer repeats; every other page has its own
REPEATED, REPEATED_PAGES = 0.4, 3
PAGE_NUMBER = re.compile(
    r"[-–—·\s]*(?:第\s*)?(?:Page\s*)?[0-9ivxIVX]{1,5}(?:\s*页)?(?:\s*(?:/|of|共)\s*\d+\s*页?)?[-–—·\s]*"
)
ITEM = re.compile(
    r"[•●▪■◆◇○▶➢✓·]\s*|[-–—]\s|\(?\d{1,2}[.、)）](?!\d)|[（(][一二三四五六七八九十\d]{1,3}[)）]|[一二三四五六七八九十]{1,3}、"
    r"|第[一二三四五六七八九十百零\d]{1,5}[章节条款部分]|[①-⑳]"
)
BULLET = re.compile(r"[•●▪■◆◇○▶➢✓·]\s*|[-–—]\s+")
ENDED = re.compile(r"[。！？!?：:；;…”」）)]$|[a-z]\.$")
#: what leads to a page in a table of contents
LEADER = re.compile(r"(?:[.·]\s?|…){4,}")
#: rows of one number of cells from which they are a table
TABLE_ROWS = 3


@dataclass
class Paragraph:
    """Lines that were put together; ``edge``: how far to the right they can go."""

    text: str
    line: Line
    page: int
    level: int = 0
    item: bool = False
    edge: float = 0.0
    widest: float = 0.0
    lines: int = 1
    turns: list[tuple[int, int]] = field(default_factory=list)

    def block(self) -> Block:
        if self.level:
            return heading(self.text, self.level, self.page)
        found = BULLET.match(self.text)
        bullet = found.end() if found and found.end() < len(self.text) else 0
        text = f"- {self.text[bullet:]}" if bullet else self.text
        turns = tuple((offset + len(text) - len(self.text), page) for offset, page in self.turns)
        return Block(text, "item" if self.item else "text", page=self.page, turns=turns)


@dataclass
class RuledTable:
    """The rows of a table, which may go on at the top of the next page."""

    rows: list[list[str]]
    page: int
    turns: list[tuple[int, int]] = field(default_factory=list)

    def block(self) -> Block:
        text = markdown.table(self.rows)
        lines = text.split("\n")
        # the header's rule is a line of its own
        turns = [(len("\n".join(lines[: row + 1])) + 1, page) for row, page in self.turns]
        return Block(text, page=self.page, turns=tuple(turns))


@dataclass(frozen=True)
class Column:
    """The edges of the lines of one size in a region of a page."""

    left: float
    right: float


def furniture(pages: list[list[Line]], heights: list[float]) -> set[tuple[bool, str]]:
    """Headers, footers and page numbers: (at the top?, text with its digits as ``#``)."""
    seen: Counter[tuple[bool, str]] = Counter()
    for lines, height in zip(pages, heights, strict=True):
        seen.update({key for line in lines if (key := place_of(line, height))})
    enough = max(REPEATED_PAGES, REPEATED * len(pages))
    return {key for key, count in seen.items() if count >= enough}


def place_of(line: Line, height: float) -> tuple[bool, str] | None:
    """Where in a margin a line stands; None for a line in between."""
    if MARGIN * height < line.bottom and line.top < (1 - MARGIN) * height:
        return None
    return line.top < height / 2, re.sub(r"\d+", "#", "".join(line.text.split()))


def is_page_number(line: Line, height: float) -> bool:
    return place_of(line, height) is not None and PAGE_NUMBER.fullmatch(line.text.strip()) is not None


def heading_sizes(pages: Iterable[list[Line]]) -> list[float]:
    """Sizes of fonts that headings have, the largest first; the running text's is the one of most characters."""
    characters: Counter[float] = Counter()
    for lines in pages:
        for line in lines:
            characters[_size(line)] += len(line.text)
    if not characters:
        return []
    body = characters.most_common(1)[0][0]
    return sorted((size for size in characters if size >= LARGER * body), reverse=True)[:LEVELS]


class Writer:
    """Puts the lines and tables of a document together, across its columns and pages."""

    def __init__(self, sizes: list[float]) -> None:
        self.sizes = sizes
        self.open: Paragraph | RuledTable | None = None

    def region(self, lines: list[Line], page: int) -> Iterator[Block]:
        """One column of a page."""
        edges = {
            size: Column(
                min(line.x0 for line in lines if _size(line) == size),
                max(line.x1 for line in lines if _size(line) == size),
            )
            for size in {_size(line) for line in lines}
        }
        gaps = [after.top - before.bottom for before, after in pairwise(lines)]
        usual = median(gaps) if gaps else 0.0
        done = 0
        for cells, group in groupby(lines, key=lambda line: len(line.cells)):
            part = list(group)
            if cells > 1 and len(part) >= TABLE_ROWS:
                yield from self.close()
                yield Block(markdown.table([[text for _, text in line.cells] for line in part]), page=page)
            else:
                for place, line in enumerate(part, done):
                    yield from self._line(
                        line, page, edges[_size(line)], gaps[place - 1] - usual if place else None
                    )
            done += len(part)

    def table(self, rows: list[list[str]], page: int) -> Iterator[Block]:
        rows = [row for row in rows if any(row)]
        if isinstance(self.open, RuledTable) and self.continues(rows, page):
            self.open.turns.append((len(self.open.rows), page))
            self.open.rows += rows[1:] if rows[0] == self.open.rows[0] else rows
        else:
            yield from self.close()
            self.open = RuledTable(rows, page)

    def continues(self, rows: list[list[str]], page: int) -> bool:
        """Whether these first rows of a page may belong to the table at the end of the page before."""
        table = self.open
        return (
            isinstance(table, RuledTable)
            and len(rows[0]) == len(table.rows[0])
            and (table.turns[-1][1] if table.turns else table.page) == page - 1
        )

    def close(self) -> Iterator[Block]:
        """The paragraph or table that was being put together."""
        if self.open:
            yield self.open.block()
        self.open = None

    def _line(self, line: Line, page: int, column: Column, gap: float | None) -> Iterator[Block]:
        """``gap``: to the line above, more than usual; None for the first line of its column."""
        level = self._level(line)
        before = self.open
        if isinstance(before, Paragraph) and _goes_on(before, line, level, column, gap):
            joined = markdown.glued(before.text, line.text)
            if page != (before.turns[-1][1] if before.turns else before.page):
                before.turns.append((len(joined) - len(line.text), page))
            before.text, before.line, before.lines = joined, line, before.lines + 1
        else:
            yield from self.close()
            before = self.open = Paragraph(line.text, line, page, level, ITEM.match(line.text) is not None)
        # a quotation is narrower than its column
        narrow = before.lines > 1 and abs(line.x0 - column.left) > line.size
        before.edge = max(before.widest, line.x1) if narrow else column.right
        before.widest = max(before.widest, line.x1)

    def _level(self, line: Line) -> int:
        size = _size(line)
        if (
            size not in self.sizes
            or len(line.text) > HEADING_CHARACTERS
            or LEADER.search(line.text)
            or line.text.endswith(("。", "；", "，"))
        ):
            return 0
        return self.sizes.index(size) + 1


def _goes_on(before: Paragraph, line: Line, level: int, column: Column, gap: float | None) -> bool:
    """Whether a line belongs to the paragraph above it, or to the one at the end of the column or page before."""
    last = before.line
    if level != before.level or abs(line.size - last.size) > 0.1 * last.size or ITEM.match(line.text):
        return False
    if LEADER.search(before.text):
        return False
    if level:
        return gap is not None and gap < 0.5 * line.size and not line.cells
    # the line above ended for want of room: what comes next would not have fitted
    broken = last.x1 + _first_width(line) >= before.edge or line.text[0].islower()
    if line.cells or not broken:
        return False
    indented = line.x0 > column.left + 1.2 * line.size
    if gap is None:
        return not ENDED.search(before.text) and not indented
    hangs = abs(line.x0 - last.x0) < 0.5 * line.size or (before.item and before.lines == 1)
    if before.lines == 1 and not before.item:
        hangs = hangs and not ENDED.search(before.text)  # or else it is one more paragraph with an indent
    return gap < 0.5 * line.size and (not indented or hangs)


def _first_width(line: Line) -> float:
    """Two characters, since punctuation is not parted from what is before it; in other scripts a word."""
    if markdown.wide(line.text[0]):
        return 2.2 * line.size
    return (0.5 * len(line.text.split()[0]) + 0.25) * line.size


def _size(line: Line) -> float:
    return round(line.size * 2) / 2
