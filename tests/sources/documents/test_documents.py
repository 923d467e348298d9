"""Documents of all kinds in one folder."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.sources.corpus import Corpus
from curate.sources.documents import read_document
from curate.sources.documents.document import Block, heading, joined
from curate.sources.documents.markdown import glued, table
from curate.sources.opening import File
from tests.sources.conftest import Read
from tests.sources.documents.conftest import ReadDocument
from tests.sources.documents.test_docx import headed, made
from tests.sources.documents.test_pdf import made as made_pdf
from tests.sources.documents.test_pdf import scan, two_paragraphs

WHOLE = {"a.pdf": made_pdf(two_paragraphs), "a.docx": made(headed)}


def test_every_file_of_a_folder_is_a_row_or_dropped_with_its_reason(see: Read, tmp_path: Path) -> None:
    for name, data in {
        "合同.docx": made(headed),
        "旧.doc": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 100,
        "报告.pdf": made_pdf(two_paragraphs),
        "扫描.pdf": made_pdf(scan),
        "包.pdf.gz": gzip.compress(made_pdf(two_paragraphs)),
        "半.pdf.gz": gzip.compress(made_pdf(two_paragraphs))[:-30],
        "页.html": "<title>页</title><p>正文</p>".encode(),
        "记.md": "# 记\n正文".encode(),
    }.items():
        (tmp_path / name).write_bytes(data)
    seen = see("*.*", key="file")
    assert sorted(seen.ids) == ["c:包", "c:合同", "c:报告", "c:记", "c:页"]
    assert sorted(seen.dropped.select("row_id", "reason").rows()) == [
        ("c:!半.pdf.gz:1", "unreadable"),
        ("c:!扫描.pdf:1", "scanned"),
        ("c:!旧.doc:1", "old_format"),
    ]


def test_without_the_extra_the_run_says_how_to_install_it(
    read: ReadDocument, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "docx", None)
    with pytest.raises(CurateError, match=r"pip install 'curate\[docs\]'"):
        read("a.docx", made(headed))


@pytest.mark.parametrize(
    ("blocks", "pages", "text", "starts"),
    [
        ([Block("甲"), Block("乙", page=2)], 2, "甲\n\n乙", [0, 3]),
        ([Block("甲", "item"), Block("乙", "item")], 0, "甲\n乙", []),
        ([Block("甲乙", turns=((1, 2),)), Block("丙", page=4)], 4, "甲乙\n\n丙", [0, 1, 4, 4]),
        ([Block("乙", page=2)], 3, "乙", [0, 0, 1]),
        ([heading(" 一 \n 二 ", 9)], 1, "###### 一 二", [0]),
    ],
)
def test_pages_begin_where_their_first_text_stands(
    blocks: list[Block], pages: int, text: str, starts: list[int]
) -> None:
    assert joined(blocks, pages) == (text, starts)


@pytest.mark.parametrize(
    ("left", "right", "whole"),
    [
        ("展会在", "上海", "展会在上海"),
        ("共有", "ABC", "共有ABC"),
        ("two", "words", "two words"),
        ("compa-", "nies", "companies"),
        ("COVID-", "19", "COVID-19"),
        ("in\u00ad", "formation", "information"),
        ("", "头", "头"),
    ],
)
def test_the_halves_of_a_broken_line(left: str, right: str, whole: str) -> None:
    assert glued(left, right) == whole


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([["区", "价"], ["A", "1"]], "| 区 | 价 |\n| --- | --- |\n| A | 1 |"),
        ([["区", None, "价"], ["A", "", "1\n元"], ["", "", ""]], "| 区 | 价 |\n| --- | --- |\n| A | 1元 |"),
        ([["区", "价"], ["A"]], "| 区 | 价 |\n| --- | --- |\n| A |  |"),
        ([["只有一行", "两格"]], "只有一行 两格"),
        ([["框"], ["里"]], "框\n里"),
        ([["a|b", "a|b"]], "a|b"),
        ([], ""),
    ],
)
def test_tables(rows: list[list[str | None]], text: str) -> None:
    assert table(rows) == text


@settings(max_examples=40)
@given(st.text(st.sampled_from("<>/=&;!-\"' abpltdrscihx1\n　展会") | st.characters(), max_size=80))
def test_no_text_breaks_the_reader_of_pages(text: str) -> None:
    for options in ({}, {"main_content": False}):
        with TemporaryDirectory() as folder:
            path = Path(folder) / "a.html"
            path.write_text(text, encoding="utf-8", errors="ignore", newline="")
            [batch] = read_document(File(path, Corpus(path="a", **options), "a"))
            assert batch.rows.height + batch.bad.height == 1


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 3000), data=st.binary(min_size=1, max_size=20))
@pytest.mark.parametrize("name", ["a.pdf", "a.docx"])
def test_no_damage_breaks_the_run(read: ReadDocument, name: str, place: int, data: bytes) -> None:
    whole = WHOLE[name]
    read(name, whole[:place] + data + whole[place + len(data) :])
