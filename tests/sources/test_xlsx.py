"""xlsx: cells as a person sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
import xlwt

from curate.errors import CurateError
from tests.sources.conftest import Read

Sheets = dict[str, list[list[Any]]]


@pytest.fixture
def book(tmp_path: Path) -> Callable[[Sheets], Path]:
    def write(sheets: Sheets) -> Path:
        with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
            day = workbook.add_format({"num_format": "yyyy-mm-dd"})
            moment = workbook.add_format({"num_format": "yyyy-mm-dd hh:mm"})
            for name, rows in sheets.items():
                sheet = workbook.add_worksheet(name)
                for place, row in enumerate(rows):
                    for column, value in enumerate(row):
                        if isinstance(value, datetime):
                            sheet.write_datetime(place, column, value, moment)
                        elif isinstance(value, date):
                            sheet.write_datetime(place, column, value, day)
                        elif value is not None:
                            sheet.write(place, column, value)
        return tmp_path / "a.xlsx"

    return write


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (3, "3"),
        (2.5, "2.5"),
        (91310000123, "91310000123"),
        ("00123", "00123"),
        (3.0000000001, "3.0000000001"),
        (0.1 + 0.2, "0.3"),
        (1e20, "100000000000000000000"),
        (date(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5), "2026-03-05"),
        (datetime(2026, 3, 5, 14, 30), "2026-03-05 14:30:00"),
        (True, "true"),
        (None, None),
        ("", None),
    ],
)
def test_a_cell_becomes_the_text_that_a_person_would_type(
    see: Read, book: Callable[[Sheets], Path], cell: Any, text: str | None
) -> None:
    book({"表": [["name", "value"], ["甲", cell], ["乙", "x"]]})
    assert see("a.xlsx", text="name").rows["value"].to_list() == [text, "x"]


def test_a_sheet_is_chosen_by_name_or_number(see: Read, book: Callable[[Sheets], Path]) -> None:
    book({"封面": [["name"], ["甲"]], "数据": [["name"], ["乙"]]})
    assert see("a.xlsx", text="name").rows["name"].to_list() == ["甲"]
    assert see("a.xlsx", text="name", sheet="数据").rows["name"].to_list() == ["乙"]
    assert see("a.xlsx", text="name", sheet=2).rows["name"].to_list() == ["乙"]


@pytest.mark.parametrize("sheet", ["没有", 4])
def test_a_sheet_that_is_not_there_is_an_error(
    see: Read, book: Callable[[Sheets], Path], sheet: str | int
) -> None:
    book({"表": [["name"], ["甲"]]})
    with pytest.raises(CurateError, match=f"a.xlsx 的工作表 {sheet} 读不出来") as error:
        see("a.xlsx", text="name", sheet=sheet)
    assert error.value.hint == "可用的名称：表"


def test_a_file_that_is_no_workbook_is_an_error(see: Read, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 cut")
    with pytest.raises(CurateError, match=r"a\.xlsx 的工作表 1 读不出来"):
        see("a.xlsx", text="name")


def test_two_columns_of_one_name_are_an_error(see: Read, book: Callable[[Sheets], Path]) -> None:
    book({"表": [["name", "电话", "电话"], ["甲", "1", "2"]]})
    with pytest.raises(CurateError, match="表头里 电话 出现了两次"):
        see("a.xlsx", text="name")


def test_a_column_may_have_a_number_behind_its_name(see: Read, book: Callable[[Sheets], Path]) -> None:
    book({"表": [["name", "电话", "电话_1"], ["甲", "1", "2"]]})
    assert see("a.xlsx", text="name").rows.select("电话", "电话_1").rows() == [("1", "2")]


def test_a_formula_is_its_result_and_an_error_is_empty(see: Read, tmp_path: Path) -> None:
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as workbook:
        sheet = workbook.add_worksheet()
        sheet.write_row(0, 0, ["name", "value"])
        for place, (formula, value) in enumerate(
            [("=1+1", 2), ("=NA()", "#N/A"), ("=1/0", "#DIV/0!"), ('="a"&"b"', "ab")], 1
        ):
            sheet.write(place, 0, "甲")
            sheet.write_formula(place, 1, formula, None, value)
        sheet.write_row(5, 0, ["乙", 0.15], workbook.add_format({"num_format": "0%"}))
    assert see("a.xlsx", text="name").rows["value"].to_list() == ["2", None, None, "ab", "0.15"]


@pytest.fixture
def fair(tmp_path: Path) -> Path:
    """A title over the table, merged cells in it, a wide sheet, a hidden one."""
    with xlsxwriter.Workbook(tmp_path / "fair.xlsx") as workbook:
        sheet = workbook.add_worksheet("名单")
        sheet.merge_range("A1:C1", "2026年展商名单")
        sheet.write_row("A2", ["展馆", "name", "电话"])
        sheet.merge_range("A3:A5", "一号馆")
        for row, name in enumerate(["甲", "乙", "丙"], 2):
            sheet.write_row(row, 1, [name, f"1{row}"])
        sheet.write_blank("H9", None, workbook.add_format({"bold": True}))
        hidden = workbook.add_worksheet("隐藏")
        hidden.hide()
        hidden.write_row("B3", ["name"])
        hidden.write_row("B4", ["丁"])
    return tmp_path


def test_a_merged_cell_counts_for_all_its_cells(see: Read, fair: Path) -> None:
    rows = see("fair.xlsx", text="name", header=2).rows
    assert rows.select("展馆", "name", "电话").rows() == [
        ("一号馆", "甲", "12"),
        ("一号馆", "乙", "13"),
        ("一号馆", "丙", "14"),
    ]
    first = see("fair.xlsx", text="name", header=2, merged="first", folder=fair).rows
    assert first["展馆"].to_list() == ["一号馆", None, None]


@pytest.mark.usefixtures("fair")
def test_a_title_taken_for_the_header_is_an_error_that_names_the_option(see: Read) -> None:
    for merged, told in {"fill": "2026年展商名单 出现了两次", "first": "有几列没有名称"}.items():
        with pytest.raises(CurateError, match=told) as error:
            see("fair.xlsx", text="name", merged=merged)
        assert "header: 2" in error.value.hint


@pytest.mark.usefixtures("fair")
def test_a_hidden_sheet_and_a_table_that_starts_further_down_are_read(see: Read) -> None:
    assert see("fair.xlsx", text="name", sheet="隐藏").rows["name"].to_list() == ["丁"]


def test_an_old_workbook_is_read_as_a_new_one(see: Read, tmp_path: Path) -> None:
    book = xlwt.Workbook(encoding="utf-8")
    sheet = book.add_sheet("表")
    day = xlwt.easyxf(num_format_str="YYYY-MM-DD")
    for column, name in enumerate(["name", "on", "n", "馆"]):
        sheet.write(0, column, name)
    for row in (1, 2):
        sheet.write(row, 0, f"展商{row}")
        sheet.write(row, 1, date(2026, 3, row), day)
        sheet.write(row, 2, row * 1.5)
    sheet.write_merge(1, 2, 3, 3, "一号馆")
    book.save(str(tmp_path / "a.xls"))
    assert see("a.xls", text="name").rows.select("name", "on", "n", "馆").rows() == [
        ("展商1", "2026-03-01", "1.5", "一号馆"),
        ("展商2", "2026-03-02", "3", "一号馆"),
    ]


def test_an_empty_sheet_has_no_header(see: Read, book: Callable[[Sheets], Path]) -> None:
    book({"表": []})
    with pytest.raises(CurateError, match="没有表头"):
        see("a.xlsx", text="name")
