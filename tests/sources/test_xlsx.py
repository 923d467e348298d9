"""xlsx: cells as a person sees them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter

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
        (date(2026, 3, 5), "2026-03-05"),
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
    found = see("a.xlsx", text="name").rows["value"][0]
    assert (found or "").removesuffix(" 00:00:00") == (text or "")


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
    assert "sheet: 名称" in error.value.hint


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
