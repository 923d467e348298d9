"""Large csv files: a block at a time, regular records by Polars, the others by Python."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.encoding import UNDECODABLE
from curate.sources import csv_rows
from curate.sources.csv_rows import Record, Table
from curate.sources.opening import Bad, Batch, batch

MARK_BYTES = UNDECODABLE.encode()


def in_blocks(
    table: Table, head: str, rest: Iterator[str], line: int, before: int, block: int = csv_rows.BLOCK
) -> Iterator[Batch]:
    """The batches of ``head`` and of the blocks behind it.

    Args:
        line: number of the first line.
        block: bytes taken at once.
        before: places that do not decode in front of it.
    """
    data, final = head.encode(), False
    while not final:
        parts, size = [data], 0
        while size < block and (more := next(rest, None)) is not None:
            parts.append(more.encode())
            size += len(parts[-1])
        data, final = b"".join(parts), size < block
        start = 0
        while True:
            part = _Block(table, data, start, line, final)
            yield part.batch(before)
            before += data.count(MARK_BYTES, start, part.end)
            start, line = part.end, part.line
            if not part.open or not (final or len(data) - start > csv_rows.LONGEST):
                break
            # the quote is a slip: its line is set aside, and what is behind it read again
            end = _line_end(data, start)
            raw = data[start:end].decode()
            wrong = table.bad(Record(line, [], raw, whole=False), before)
            assert wrong
            yield batch(table.frame([]), [wrong])
            before += raw.count(UNDECODABLE)
            start, line = end, line + 1
        data = data[start:]


def _line_end(data: bytes, start: int) -> int:
    """Where the line that begins at ``start`` ends, with its line feed, carriage return, or both."""
    places = [place for place in (data.find(b"\n", start), data.find(b"\r", start)) if place >= 0]
    end = min(places, default=len(data) - 1) + 1
    return end + 1 if data[end - 1 : end + 1] == b"\r\n" else end


class _Block:
    """The whole records of ``data`` from ``start`` on; ``end``, ``line`` and ``open`` tell where they stop."""

    def __init__(self, table: Table, data: bytes, start: int, line: int, final: bool) -> None:
        from curate.algorithms.csv_records import records, room

        self.table, self.data = table, data
        view = np.frombuffer(data, np.uint8)
        size = room(view[start:])
        self.begins, self.ends, self.lines = (np.empty(size, np.int64) for _ in range(3))
        self.cells, self.flags = np.empty(size, np.int64), np.empty(size, np.uint8)
        self.count, self.end, self.line, self.open = records(
            view, start, line, ord(table.delimiter), final,
            self.begins, self.ends, self.lines, self.cells, self.flags,
        )  # fmt: skip

    def batch(self, before: int) -> Batch:
        width, count = len(self.table.header), self.count
        plain = (self.cells[:count] == width) & (self.flags[:count] == 0)
        good = self._regular(plain)
        odd = np.flatnonzero(~plain)
        if not len(odd):
            return batch(good)
        bad: list[Bad] = []
        rows: list[list[str]] = []
        places: list[int] = []
        counted = int(self.begins[0])
        for place in odd:
            before += self.data.count(MARK_BYTES, counted, self.begins[place])
            counted = self.begins[place]
            raw = self.data[self.begins[place] : self.ends[place]].decode()
            record = next(csv_rows.records(raw, self.table.delimiter, int(self.lines[place])))
            wrong = self.table.bad(record, before)
            if wrong:
                bad.append(wrong)
            else:
                rows.append(record.cells)
                places.append(int(place))
        if rows:
            order = np.argsort(np.concatenate([np.flatnonzero(plain), places]), kind="stable")
            good = pl.concat([good, self.table.frame(rows)])[order]
        return batch(good, bad)

    def _regular(self, plain: npt.NDArray[np.bool_]) -> pl.DataFrame:
        """The records that any reader takes for the same."""
        begins, ends = self.begins[: self.count][plain], self.ends[: self.count][plain]
        if not len(begins):
            return self.table.frame([])
        breaks = np.flatnonzero(begins[1:] != ends[:-1])
        runs = zip([0, *breaks + 1], [*breaks, len(begins) - 1], strict=True)
        parts = [self.data[begins[first] : ends[last]] for first, last in runs]
        return pl.read_csv(
            b"".join(parts),
            has_header=False,
            separator=self.table.delimiter,
            schema=dict.fromkeys(self.table.header, pl.String),
            empty_string_is_null=False,
        )
