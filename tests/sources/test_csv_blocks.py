"""Large csv files: block by block they are what Python's csv module reads."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.encoding import UNDECODABLE
from curate.sources import Corpus, csv_rows
from curate.sources.csv_blocks import in_blocks
from curate.sources.csv_rows import Table
from curate.sources.opening import Batch, File
from tests.sources.conftest import Read

PIECES = [
    "a",
    "展",
    ",",
    '"',
    "\n",
    "\r\n",
    "\r",
    '""',
    ',"',
    '",',
    '"\n',
    UNDECODABLE,
    " ",
    "\x00",
    "\ufeff",
    "#",
]


class Unread(File):
    """A file that is not there: tells the number of bad places in front instead of a byte."""

    def undecodable(
        self,
        line: int,
        raw: str,
        before: int = 0,
        place: str = "",  # noqa: ARG002
    ) -> tuple[int, str, str, str]:
        return line, "undecodable", str(before), raw


def table(width: int) -> Table:
    return Table(Unread(Path("a.csv"), Corpus(path="a.csv"), "a.csv"), ",", list("pqr")[:width])


def told(found: Iterable[Batch]) -> tuple[list[Any], list[Any]]:
    batches = list(found)
    bad = [row for batch in batches for row in batch.bad.rows()]
    return [row for batch in batches for row in batch.rows.rows()], sorted(bad)


@given(
    pieces=st.lists(st.sampled_from(PIECES), max_size=40),
    width=st.integers(1, 3),
    block=st.integers(1, 9),
    head=st.integers(0, 20),
)
@settings(max_examples=60)
def test_any_text_gives_the_same_rows_and_the_same_complaints(
    pieces: list[str], width: int, block: int, head: int
) -> None:
    text = "".join(pieces)
    rest = iter([text[at : at + block] for at in range(head, len(text), block)])
    in_parts = told(in_blocks(table(width), text[:head], rest, 2, 5, block))
    assert in_parts == told(table(width).small(text, 2, 5))


def test_a_large_file_is_read_in_blocks(see: Read, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "SMALL", 100)
    lines = [f'{number},"展会{number},上海"' for number in range(300)]
    lines[150] = '150,引号"在中间'
    lines[200] = "200,多,一格"
    content = "\n".join(["id,name", *lines]).encode("gb18030")
    bad = content.index(b"\n250,") + 6
    (tmp_path / "a.csv").write_bytes(content[:bad] + b"\xff" + content[bad:])
    seen = see("a.csv", key="id", text="name")
    assert seen.step.reasons == {"wrong_cell_count": 1, "undecodable": 1}
    assert seen.dropped["detail"].to_list() == [
        "a.csv 第 202 行有 3 格，表头有 2 格",
        f"a.csv 第 252 行有解不出来的字节（文件的第 {bad} 字节，从 0 数起）",
    ]
    assert seen.rows["id"].to_list() == [str(n) for n in range(300) if n not in (200, 250)]
    assert seen.rows["name"].to_list()[149:151] == ["展会149,上海", '引号"在中间']


def test_an_open_quote_ends_where_no_cell_is_so_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST", 50)
    rows = "".join(f"{number},好\n" for number in range(40))
    found, bad = told(in_blocks(table(2), f'x,"没闭合\n{rows}', iter([rows]), 2, 0, 20))
    assert len(found) == 80
    assert [(line, reason) for line, reason, _, _ in bad] == [(2, "unclosed_quote")]
