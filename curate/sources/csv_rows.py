"""csv and tsv: rows of text, exactly as Python's ``csv`` module reads them.

A small file is read by that module. Of a larger one compiled code finds the records, Polars reads those that are
regular, which mostly are all, and Python's module the others; memory is bounded by a block. A quote that nothing
closes costs its own line, not those behind it.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice

import polars as pl

from curate.algorithms.encoding import UNDECODABLE
from curate.errors import CurateError
from curate.language import say
from curate.sources.opening import BATCH, Bad, Batch, File, batch, shown

#: characters of a file that Python reads alone, and of a block of a larger one
SMALL, BLOCK = 1 << 20, 8 << 20
#: characters of the longest record: a quote that nothing closes within them is a slip
LONGEST = 16 << 20
#: what separates cells; the first wins where several would do
DELIMITERS = ",\t;|"
#: records by which the delimiter is told
TRIED = 50


@dataclass(frozen=True)
class Record:
    """``line``: on which it starts, 1-based. ``raw``: its text. ``whole``: no quote is left open."""

    line: int
    cells: list[str]
    raw: str
    whole: bool = True


def read_csv(file: File) -> Iterator[Batch]:
    """Comma, tab, semicolon or bar, told from several records; a quoted cell may span lines."""
    csv.field_size_limit(1 << 28)
    blocks = file.decoded()
    head = ""
    while len(head) < SMALL and (more := next(blocks, None)) is not None:
        head += more
    body = head[len(_above(head, file.corpus.header)) :]
    delimiter, line = file.corpus.delimiter or told_delimiter(body), file.corpus.header
    first = next(records(body, delimiter, line), Record(line, [], ""))
    table = Table(file, delimiter, header_of(file, first))
    table.check_width(islice(records(body, delimiter, line), 1, TRIED))
    start = len(head) - len(body) + len(first.raw)
    before, line = head.count(UNDECODABLE, 0, start), first.line + len(_lines(first.raw))
    if len(head) < SMALL or not delimiter.isascii():
        yield from table.small(head[start:] + "".join(blocks), line, before)
    else:
        from curate.sources.csv_blocks import in_blocks

        yield from in_blocks(table, head[start:], blocks, line, before)


@dataclass
class Table:
    """What the lines of one file have in common."""

    file: File
    delimiter: str
    header: list[str]

    def frame(self, rows: list[list[str]]) -> pl.DataFrame:
        return pl.DataFrame(rows, schema=dict.fromkeys(self.header, pl.String), orient="row")

    def bad(self, record: Record, before: int) -> Bad | None:
        """Why the record is no row; None for a good one. ``before``: undecodable places in front of it."""
        name, line, width = self.file.name, record.line, len(self.header)
        if not record.whole:
            told = say(
                f"{name} 第 {line} 行的引号没有闭合，只丢弃这一行，从下一行接着读",
                f"{name} line {line} opens a quote that nothing closes; only this line is left out",
            )
            return line, "unclosed_quote", told, shown(record.raw.rstrip("\r\n"))
        if len(record.cells) != width:
            told = say(
                f"{name} 第 {line} 行有 {len(record.cells)} 格，表头有 {width} 格",
                f"{name} line {line} has {len(record.cells)} cells, the header {width}",
            )
            return line, "wrong_cell_count", told, shown(self.delimiter.join(record.cells))
        if UNDECODABLE in record.raw:
            return self.file.undecodable(line, self.delimiter.join(record.cells), before)
        return None

    def small(self, body: str, line: int, before: int) -> Iterator[Batch]:
        """The batches of a text that is in memory."""
        found = records(body, self.delimiter, line)
        while part := list(islice(found, BATCH)):
            bad: list[Bad] = []
            good: list[list[str]] = []
            for record in part:
                wrong = self.bad(record, before)
                before += record.raw.count(UNDECODABLE)
                if wrong:
                    bad.append(wrong)
                else:
                    good.append(record.cells)
            yield batch(self.frame(good), bad)

    def check_width(self, rows: Iterable[Record]) -> None:
        """Raises:
        CurateError: no row has as many cells as the header, so the header is another line.
        """
        rows = list(rows)
        widths = Counter(len(record.cells) for record in rows)
        if len(rows) < 3 or len(self.header) in widths:
            return
        width = widths.most_common(1)[0][0]
        line = next(record.line for record in rows if len(record.cells) == width)
        raise CurateError(
            say(
                f"{self.file.path} 的表头有 {len(self.header)} 格，下面的行却都不是（多数有 {width} 格）",
                f"{self.file.path}: the header has {len(self.header)} cells, but no row has (most have {width})",
            ),
            say(
                f"表头上面有标题行时，写明表头在第几行，例如 header: {line}",
                f"where there is a title above the header, say which line the header is, such as header: {line}",
            ),
            option=("path",),
        )


def records(body: str, delimiter: str, line: int) -> Iterator[Record]:
    """The records of a text whose first line has the number ``line``; blank lines are none."""
    lines = _lines(body)
    start = 0
    while start < len(lines):
        taken = start
        reader = csv.reader(islice(lines, start, None), delimiter=delimiter)
        for cells in reader:
            begin, taken = taken, start + reader.line_num
            raw = "".join(lines[begin:taken])
            if taken == len(lines) and '"' in raw and not _closed(raw, delimiter):
                yield Record(line + begin, cells, lines[begin], whole=False)
                taken = begin + 1
                break
            if cells:
                yield Record(line + begin, cells, raw)
        start = taken


def _lines(text: str) -> list[str]:
    """With their ends: a line feed, a carriage return, or both."""
    import io

    return io.StringIO(text, newline="").readlines()


def _closed(raw: str, delimiter: str) -> bool:
    """Does the last record of a text close its quotes? The reader does not tell, but then takes in what follows."""
    return len(list(csv.reader([*_lines(raw.rstrip("\r\n") + "\n"), "next"], delimiter=delimiter))) > 1


def _above(head: str, header: int) -> str:
    """The lines above the header."""
    return "".join(_lines(head)[: header - 1]) if header > 1 else ""


def told_delimiter(body: str) -> str:
    """By the records at the head of a text: that with which most of them have as many cells as the first, and that
    more than one.
    """
    sample = body[:SMALL]

    def fit(delimiter: str) -> tuple[float, int]:
        widths = [len(record.cells) for record in islice(records(sample, delimiter, 1), TRIED)]
        if not widths or widths[0] == 1:
            return 0.0, 0
        return widths.count(widths[0]) / len(widths), widths[0]

    return max(DELIMITERS, key=fit)


def header_of(file: File, first: Record) -> list[str]:
    """The names of the columns."""
    if not first.whole:
        raise CurateError(
            say(
                f"{file.path} 的表头（第 {first.line} 行）引号没有闭合",
                f"{file.path}: the header (line {first.line}) opens a quote that nothing closes",
            ),
            say("补上引号", "close the quote"),
            option=("path",),
        )
    names = [name.strip().lstrip("\ufeff") for name in first.cells]
    check_header(file, names)
    return names


def check_header(file: File, header: list[str]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if not header or twice:
        raise CurateError(
            say(f"{file.path} 没有表头", f"{file.path} has no header line")
            if not header
            else say(
                f"{file.path} 的表头里有几列没有名称",
                f"{file.path}: several columns of the header have no name",
            )
            if not twice[0]
            else say(
                f"{file.path} 的表头里 {twice[0]} 出现了两次",
                f"{file.path}: the header has {twice[0]!r} twice",
            ),
            say(
                "第一行写列名，各不相同；表头上面有标题行时，写明表头在第几行，例如 header: 2",
                "the first line holds the column names, all different; where there is a title above them, "
                "say which line the header is, such as header: 2",
            ),
        )
