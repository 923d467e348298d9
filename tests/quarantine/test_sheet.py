"""The sheet: what the owner sees, and that what was not touched comes back as it was."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from openpyxl import load_workbook
from python_calamine import CalamineWorkbook

from curate.quarantine.grid import read_grid
from curate.quarantine.shown import as_shown, content_of, is_cut
from curate.quarantine.workbook import Row, Sheet, write_workbook
from curate.review.workbook import MOST_CELL

#: values that Excel, or a reader of its files, might take for something else
NASTY = [
    "00123", "1e5", "TRUE", "2026/3/5", "  两边有空格 ", "一行\r\n两行", "\t制表", "响铃\x07", "😀" * 10, "'引号", '"双引号"', "_x000D_", "",
    "长" * (MOST_CELL + 1), "😀" * MOST_CELL, "<b>&amp;</b>",
]  # fmt: skip


def one_sheet(path: Path, rows: list[Row], **more: str) -> Path:
    columns = {f"c{place}": f"列{place}" for place in range(len(rows[0].cells))}
    sheet = Sheet("companies", columns, more, rows, len(rows), len(rows))
    write_workbook(path, [sheet], "20261122-160000_demo", "masked", ["说明第一行", "第二行"])
    return path


def untouched(path: Path) -> Path:
    return path


def saved_again(path: Path) -> Path:
    book = load_workbook(path)
    book.save(path)
    return path


def as_csv(encoding: str, end: str) -> Callable[[Path], Path]:
    """As Excel saves a sheet."""

    def save(path: Path) -> Path:
        import csv

        csv_file = path.with_suffix(".csv")
        with csv_file.open("w", encoding=encoding, newline="") as opened:
            rows = CalamineWorkbook.from_path(path).get_sheet_by_name("companies").to_python()
            csv.writer(opened, lineterminator=end).writerows(rows)
        return csv_file

    return save


@pytest.mark.parametrize(
    "saved",
    [untouched, saved_again, as_csv("utf-8-sig", "\r\n"), as_csv("gb18030", "\r\n")],
    ids=["as written", "xlsx, saved by another program", "csv, utf-8", "csv, gb18030"],
)
def test_what_is_not_touched_comes_back_as_it_was_shown(
    tmp_path: Path, saved: Callable[[Path], Path]
) -> None:
    shown = [as_shown(value) for value in NASTY]
    file = saved(one_sheet(tmp_path / "表.xlsx", [Row("companies:1", NASTY, {})]))
    (line,) = read_grid(file).lines
    assert line.row_id == "companies:1"
    assert list(line.cells.values()) == shown
    assert line.marks["curate_content"] == content_of("companies", "companies:1", shown)
    assert not line.formulas


@pytest.mark.parametrize(
    "text", ["长" * (MOST_CELL + 1), "😀" * (MOST_CELL // 2 + 1)], ids=["long", "of wide characters"]
)
def test_a_text_that_no_cell_holds_is_cut_marked_and_locked(tmp_path: Path, text: str) -> None:
    shown = as_shown(text)
    assert is_cut(shown)
    assert len(shown.encode("utf-16-le")) // 2 <= MOST_CELL
    cell = load_workbook(one_sheet(tmp_path / "表.xlsx", [Row("companies:1", [text, "短"], {})]))[
        "companies"
    ]["G2"]
    assert cell.protection.locked


def test_a_text_that_just_fits_is_whole() -> None:
    assert as_shown("长" * MOST_CELL) == "长" * MOST_CELL


def test_a_bad_cell_is_coloured_and_says_why(tmp_path: Path) -> None:
    wrong = {"c1": "至少要 2 个字符", "": "结束不能早于开始"}
    book = load_workbook(
        one_sheet(tmp_path / "表.xlsx", [Row("companies:1", ["好", "甲"], wrong)], c0="公司全称")
    )
    sheet = book["companies"]
    good, bad = sheet["G2"], sheet["H2"]
    assert (bad.comment.text, bad.fill.fgColor.rgb) == ("至少要 2 个字符", "FFF8CBAD")
    assert good.comment is None
    assert sheet["F2"].value == "列1：至少要 2 个字符\n结束不能早于开始"
    assert sheet["G1"].comment.text == "公司全称"


def test_a_rule_over_two_columns_marks_both_and_is_told_once(tmp_path: Path) -> None:
    wrong = dict.fromkeys(["c0", "c1"], "结束不能早于开始")
    sheet = load_workbook(one_sheet(tmp_path / "表.xlsx", [Row("companies:1", ["3月", "2月"], wrong)]))[
        "companies"
    ]
    assert sheet["F2"].value == "列0、列1：结束不能早于开始"
    assert {cell.fill.fgColor.rgb for cell in sheet[2][6:]} == {"FFF8CBAD"}


def test_only_the_owner_s_cells_are_open_and_our_columns_hidden(tmp_path: Path) -> None:
    sheet = load_workbook(one_sheet(tmp_path / "表.xlsx", [Row("companies:1", ["好"], {})]))["companies"]
    assert sheet.protection.sheet
    assert [cell.protection.locked for cell in sheet[2]] == [True] * 6 + [False]
    assert sheet.column_dimensions["A"].hidden
    assert not sheet.column_dimensions["E"].hidden
    assert {cell.number_format for cell in sheet[2]} == {"@"}


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    rows = [Row("companies:1", ["甲"], {"c0": "至少要 2 个字符"})]
    files = [one_sheet(tmp_path / name, rows) for name in ("a.xlsx", "b.xlsx")]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_sheets_of_long_and_reserved_names(tmp_path: Path) -> None:
    names = ["history", "a" * 40, "a" * 41]
    sheets = [Sheet(name, {"c": "列"}, {}, [Row(f"{name}:1", ["值"], {})], 1, 1) for name in names]
    write_workbook(tmp_path / "表.xlsx", sheets, "run", "masked", ["说明"])
    assert [line.marks["curate_corpus"] for line in read_grid(tmp_path / "表.xlsx").lines] == names


def test_columns_may_be_moved(tmp_path: Path) -> None:
    file = one_sheet(tmp_path / "表.xlsx", [Row("companies:1", ["甲", "乙"], {})])
    table = pl.read_excel(file, sheet_name="companies", infer_schema_length=0)
    moved = table.select(reversed(table.columns))
    moved.write_csv(tmp_path / "表.csv")
    (line,) = read_grid(tmp_path / "表.csv").lines
    assert line.cells == {"列0": "甲", "列1": "乙"}
