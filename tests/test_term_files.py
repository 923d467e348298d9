"""Lists and tables of terms: every format gives the same rows, and what is wrong is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
import xlsxwriter

from curate.errors import Problem
from curate.term_files import read_lines, read_table, terms_in

COLUMNS = {"term": ("词",), "aliases": ("别名",), "code": ()}


def rows(file: Path) -> list[tuple[int, dict[str, str]]]:
    problems: list[Problem] = []
    found = read_table(str(file), COLUMNS, problems)
    assert problems == []
    return found


def problems(file: Path) -> list[tuple[int, str]]:
    told: list[Problem] = []
    read_table(str(file), COLUMNS, told)
    assert all(problem.hint for problem in told)
    return [(problem.line, problem.what) for problem in told]


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_a_csv_is_read_in_any_encoding(tmp_path: Path, encoding: str, delimiter: str) -> None:
    text = '词,别名,Code\r\n 展览会 ,展会|"展销",A1\r\n\r\n论坛,,\r\n,,\r\n'.replace(",", delimiter)
    assert rows(write(tmp_path, "t.csv", text, encoding)) == [
        (2, {"term": "展览会", "aliases": '展会|"展销"', "code": "A1"}),
        (4, {"term": "论坛"}),
    ]


def test_a_cell_may_span_lines(tmp_path: Path) -> None:
    assert [line for line, _ in rows(write(tmp_path, "t.csv", 'term,code\n"甲\n乙",1\n丙,2\n'))] == [2, 4]


def test_xlsx_rows_have_their_number(tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "t.xlsx") as book:
        sheet = book.add_worksheet()
        for number, cells in enumerate([["词", "code"], ["展览会", 12], [], ["论坛", "A1"]]):
            sheet.write_row(number, 0, cells)
    assert rows(tmp_path / "t.xlsx") == [
        (2, {"term": "展览会", "code": "12"}),
        (4, {"term": "论坛", "code": "A1"}),
    ]


def test_yaml_items_have_their_line(tmp_path: Path) -> None:
    text = "- 词: 展览会\n  别名: [展会, 展销]\n  code: 12\n- term: 论坛\n  aliases:\n"
    assert rows(write(tmp_path, "t.yaml", text)) == [
        (1, {"term": "展览会", "aliases": "展会|展销", "code": "12"}),
        (4, {"term": "论坛"}),
    ]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("t.csv", "term,别称\n甲,乙\n", (1, "没有“别称”这一列的用法")),
        ("t.csv", "term,code\n甲,1\n乙,2,3\n", (3, "有 3 格，表头只有 2 格")),
        ("t.csv", 'term,code\n甲,1\n"乙,2\n丙,3\n', (3, "引号不成对：unexpected end of data")),
        ("t.doc", "term\n", (0, "不认识 .doc 文件")),
        ("t.yaml", "- term: 甲\n- 乙\n", (2, "每一项应写成“名称: 内容”")),
        ("t.yaml", "term: 甲\n", (1, "每一项应写成“名称: 内容”")),
        ("t.yaml", "- term: 甲\n  trem: 乙\n", (1, "没有“trem”这一列的用法")),
    ],
)
def test_what_is_wrong_is_told_with_its_line(
    tmp_path: Path, name: str, text: str, told: tuple[int, str]
) -> None:
    assert problems(write(tmp_path, name, text)) == [told]


def test_a_broken_workbook_is_told(tmp_path: Path) -> None:
    assert problems(write(tmp_path, "t.xlsx", "no zip"))[0][1].startswith("读不出来")


def test_bytes_that_do_not_decode_are_told_with_their_line(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_bytes("代开发票\n广告".encode() + b"\xff\n" + "刷单返利\n".encode() * 9)
    told: list[Problem] = []
    read_lines(str(tmp_path / "t.txt"), told)
    assert [(problem.line, problem.what) for problem in told] == [(2, "有解不出来的字节")]


def test_lines_leave_out_comments_and_blanks(tmp_path: Path) -> None:
    file = write(tmp_path, "t.txt", "# 说明\r\n\r\n 代开 \r\nC#\r\n")
    assert read_lines(str(file), []) == [(3, "代开"), (4, "C#")]


def test_bars_part_the_terms_of_a_cell() -> None:
    assert terms_in(" 展会|展销 会｜展会||") == ["展会", "展销 会"]
