"""Does each entry follow the one before? If not: which were dropped, moved, put in between, or copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from curate.audit.entry import NOTHING
from curate.audit.trouble import Trouble
from curate.language import say


class Row(NamedTuple):
    """A line of the log. Not ``good``: its hash is wrong, and ``seq`` and ``hash`` are what it says of itself."""

    line: int
    seq: int
    hash: str
    previous: str
    good: bool = True


def chain_troubles(rows: list[Row], blind: list[int]) -> tuple[list[Trouble], set[int]]:
    """The troubles, and the numbers of the entries that are missing.

    Args:
        rows: in the order of the file.
        blind: lines that do not say which entry they were; each may stand for a missing one.
    """
    troubles = [*_copied(rows), *_moved(rows)]
    once = dict[str, Row]()
    for row in sorted(rows, key=lambda row: not row.good):
        once.setdefault(row.hash, row)
    chain, inserted = _chosen(list(once.values()))
    troubles += inserted
    missing = set[int]()
    before = Row(0, 0, NOTHING, "")
    for row in chain:
        gap = range(before.seq + 1, row.seq)
        unread = [line for line in blind if before.line < line < row.line]
        missing.update(gap)
        if len(gap) > len(unread):
            troubles.append(Trouble(row.line, "dropped", _dropped(gap)))
        elif not gap and row.good and before.good and row.previous != before.hash:
            troubles.append(Trouble(before.line or row.line, "edited", _unlinked(row)))
        before = row
    return troubles, missing


def _copied(rows: list[Row]) -> Iterator[Trouble]:
    first: dict[str, int] = {}
    for row in (row for row in rows if row.good):
        if row.hash in first:
            told = say(f"和第 {first[row.hash]} 行是同一条", f"the same entry as line {first[row.hash]}")
            yield Trouble(row.line, "copied", told)
        first.setdefault(row.hash, row.line)


def _moved(rows: list[Row]) -> Iterator[Trouble]:
    """Entries behind a later one. Lines that are no entries may say what they like."""
    seen, highest = set[str](), Row(0, 0, "", "")
    for row in rows:
        if not row.good or row.hash in seen:
            continue
        seen.add(row.hash)
        if row.seq < highest.seq:
            told = say(
                f"第 {row.seq} 条排在第 {highest.seq} 条（第 {highest.line} 行）后面",
                f"entry {row.seq} stands behind entry {highest.seq} (line {highest.line})",
            )
            yield Trouble(row.line, "swapped", told)
        highest = max(highest, row, key=lambda one: one.seq)


def _chosen(rows: list[Row]) -> tuple[list[Row], list[Trouble]]:
    """One row a number, in order. Of several the one that the next number goes on from is the log's own; the others were put in."""
    numbered: dict[int, list[Row]] = {}
    for row in sorted(rows, key=lambda row: (row.seq, row.line)):
        numbered.setdefault(row.seq, []).append(row)
    chain, inserted = [], []
    for seq, several in numbered.items():
        good = [row for row in several if row.good] or several[:1]
        wanted = {row.previous for row in numbered.get(seq + 1, [])}
        own = next((row for row in good if row.hash in wanted), good[0])
        chain.append(own)
        for row in good:
            if row is not own:
                told = say(f"第 {seq} 条已在第 {own.line} 行", f"entry {seq} is line {own.line}")
                inserted.append(Trouble(row.line, "inserted", told))
    return chain, inserted


def _dropped(gap: range) -> str:
    which = str(gap[0]) if len(gap) == 1 else f"{gap[0]}–{gap[-1]}"
    return say(f"这一行前面缺第 {which} 条", f"before this line entry {which} is missing")


def _unlinked(row: Row) -> str:
    return say(
        f"第 {row.line} 行接的不是它：内容换过，散列也重算过",
        f"line {row.line} was written behind another: its content was changed and its hash made anew",
    )
