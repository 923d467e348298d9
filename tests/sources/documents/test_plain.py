"""md and txt: one document a file."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.sources.conftest import Read


@pytest.mark.parametrize(
    ("content", "title", "text"),
    [
        ("# 展会总结\n\n观众增加。\n", "展会总结", "观众增加。"),
        ("## 二级标题\n正文", "二级标题", "正文"),
        ("\n\n# 前面有空行\n正文\n", "前面有空行", "正文"),
        ("\r\n# 视窗换行\r\n正文\r\n", "视窗换行", "正文"),
        ("\ufeff# 有字节序标记\n正文", "有字节序标记", "正文"),
        ("没有标题的第一行\n第二行", "没有标题的第一行", "没有标题的第一行\n第二行"),
        ("# 只有标题", "只有标题", None),
        ("#广交会# 今天开幕\n人很多", "#广交会# 今天开幕", "#广交会# 今天开幕\n人很多"),
        ("", "a", None),
    ],
)
def test_the_heading_is_the_title_and_not_text_but_a_plain_first_line_is_both(
    see: Read, tmp_path: Path, content: str, title: str, text: str | None
) -> None:
    (tmp_path / "a.md").write_bytes(content.encode())
    assert see("a.md", key="file").rows.select("row_id", "file", "title", "text").rows() == [
        ("c:a", "a", title, text)
    ]


def test_txt_and_gb18030_are_read_too(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes("展会总结\n观众增加。".encode("gb18030"))
    assert see("a.txt").rows["text"].to_list() == ["展会总结\n观众增加。"]


def test_a_document_that_does_not_decode_goes_alone(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("# 好\n正文", encoding="utf-8")
    (tmp_path / "b.md").write_bytes("# 坏\n正文".encode() + b"\xff\xff")
    seen = see("*.md", key="file")
    assert seen.ids == ["c:a"]
    assert seen.dropped.select("row_id", "reason").rows() == [("c:!b.md:2", "undecodable")]
    assert seen.dropped["detail"][0].startswith("b.md 第 2 行有解不出来的字节")


def test_a_file_cut_short_goes_alone(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("好", encoding="utf-8")
    (tmp_path / "b.txt.gz").write_bytes(gzip.compress("坏".encode() * 1000)[:-20])
    seen = see("*.txt*", key="file")
    assert seen.ids == ["c:a"]
    assert seen.dropped.select("row_id", "reason").rows() == [("c:!b.txt.gz:1", "unreadable")]
