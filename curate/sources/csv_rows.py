"""csv and tsv: rows of text."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from itertools import islice
from typing import Any

import polars as pl

from curate.algorithms.encoding import UNDECODABLE
from curate.errors import CurateError
from curate.language import say
from curate.sources.opening import BATCH, Bad, Batch, File, batch, shown

NEWLINE = "\n"


def read_csv(file: File) -> Iterator[Batch]:
    """Comma, tab, semicolon or bar; a quoted cell may span lines."""
    csv.field_size_limit(1 << 28)
    with file.text() as text:
        first = text.readline()
        text.seek(0)
        delimiter = max("\t;|,", key=first.count)
        reader = csv.reader(text, delimiter=delimiter)
        header = [name.strip().lstrip("\ufeff") for name in next(reader, [])]
        check_header(file, header)
        lines = _numbered(reader, reader.line_num + 1, file)
        while rows := list(islice(lines, BATCH)):
            bad: list[Bad] = []
            good: list[list[str]] = []
            for line, row, whole in rows:
                if not whole:
                    told = say(
                        f"{file.name} 第 {line} 行的引号没有闭合，后面 {row[-1].count(NEWLINE)} 行都被它吞掉了",
                        f"{file.name} line {line} opens a quote that nothing closes; it swallows the "
                        f"{row[-1].count(NEWLINE)} lines behind it",
                    )
                    bad.append((line, "unclosed_quote", told, shown(delimiter.join(row))))
                elif len(row) != len(header):
                    told = say(
                        f"{file.name} 第 {line} 行有 {len(row)} 格，表头有 {len(header)} 格",
                        f"{file.name} line {line} has {len(row)} cells, the header {len(header)}",
                    )
                    bad.append((line, "wrong_cell_count", told, shown(delimiter.join(row))))
                elif any(UNDECODABLE in cell for cell in row):
                    bad.append(file.undecodable(line, delimiter.join(row)))
                else:
                    good.append(row)
            frame = pl.DataFrame(good, schema=dict.fromkeys(header, pl.String), orient="row")
            yield batch(frame, bad)


def _numbered(reader: Any, file_line: int, file: File) -> Iterator[tuple[int, list[str], bool]]:
    """(the physical line on which it starts, the record, is it whole). A quoted cell may span several lines;
    blank lines are no records. Only the last record can lack a closing quote.
    """
    last: tuple[int, list[str]] | None = None
    for row in reader:
        if row:
            if last:
                yield (*last, True)
            last = file_line, row
        file_line = reader.line_num + 1
    if last:
        yield (*last, NEWLINE not in last[1][-1] or _closed(file, last[0], reader.dialect.delimiter))


def _closed(file: File, line: int, delimiter: str) -> bool:
    """Does the record that starts on ``line`` close its quotes? The reader itself does not tell."""
    with file.text() as text:
        try:
            for _ in csv.reader(islice(text, line - 1, None), delimiter=delimiter, strict=True):
                pass
        except csv.Error as error:
            return "unexpected end" not in str(error)
    return True


def check_header(file: File, header: list[str]) -> None:
    twice = sorted({name for name in header if header.count(name) > 1})
    if not header or twice:
        raise CurateError(
            say(f"{file.path} 没有表头", f"{file.path} has no header line")
            if not header
            else say(
                f"{file.path} 的表头里 {twice[0]} 出现了两次",
                f"{file.path}: the header has {twice[0]!r} twice",
            ),
            say("第一行写列名，各不相同", "the first line holds the column names, all different"),
        )
