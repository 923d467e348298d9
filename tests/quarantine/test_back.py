"""What comes back with a sheet: only what was changed, checked at once, and nothing left out without a word."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from curate.errors import CurateError, UsageError
from curate.quarantine import summary, take_back, take_off, write_sheet
from curate.returned import Store
from curate.run import open_run
from tests.quarantine import owner
from tests.small_workspace import run

C101, C102, C103 = "companies:C101", "companies:C102", "companies:C103"


def back(workspace: Path, cells: dict[tuple[str, str], Any], **options: Any) -> Any:
    page = "forums" if any(row.startswith("forums") for row, _ in cells) else "companies"
    file = owner.edit(workspace / "表.xlsx", workspace / "改好.xlsx", cells, page)
    return take_back(workspace, file, by="王芳", why="查了合同", **options)


def test_a_mended_row_is_taken_with_what_the_source_said(workspace: Path) -> None:
    taken = back(workspace, {(C101, "成立日期"): "2010-05-06"})
    assert (taken.good, taken.wrong, taken.untouched, taken.told) == ([C101], {}, 3, [])
    (line,) = Store(workspace).lines()
    assert (line.column, line.was, line.value) == ("founded", "不详", "2010-05-06")
    assert (line.by, line.why, line.file, line.run) == ("王芳", "查了合同", "改好.xlsx", taken.run)


def test_a_masked_cell_that_nobody_touched_is_not_returned(workspace: Path) -> None:
    back(workspace, {(C101, "成立日期"): "2010-05-06"})
    assert load_workbook(workspace / "表.xlsx")["companies"]["K2"].value == "138****5678"
    assert [line.column for line in Store(workspace).lines()] == ["founded"]


def test_what_is_still_wrong_is_told_and_not_taken(workspace: Path) -> None:
    taken = back(workspace, {(C101, "成立日期"): "2010-05-06", (C103, "公司名称"): "甲方展览"})
    assert taken.wrong == {C103: ["成立日期：不是日期，请写成 2026-03-05"]}
    assert {line.row_id for line in Store(workspace).lines()} == {C101}


def test_anyway_takes_what_is_still_wrong(workspace: Path) -> None:
    taken = back(workspace, {(C103, "公司名称"): "甲方展览"}, anyway=True)
    assert (list(taken.wrong), len(taken.lines), taken.refused) == ([C103], 1, [])


def test_a_look_takes_nothing(workspace: Path) -> None:
    taken = back(workspace, {(C101, "成立日期"): "2010-05-06"}, only_look=True)
    assert taken.good == [C101]
    assert not Store(workspace).file.exists()


def test_the_second_half_of_a_mend_may_come_with_a_second_file(workspace: Path) -> None:
    back(workspace, {(C103, "公司名称"): "甲方展览"}, anyway=True)
    taken = back(workspace, {(C103, "成立日期"): "2011-12-25"})
    assert taken.good == [C103], "the name that came back before counts in the check"


def test_the_same_file_twice_is_nothing_new(workspace: Path) -> None:
    back(workspace, {(C101, "成立日期"): "2010-05-06"})
    taken = take_back(workspace, workspace / "改好.xlsx", by="王芳")
    assert (taken.lines, taken.again) == ([], 1)
    assert len(Store(workspace).lines()) == 1


def test_a_key_may_be_mended_and_the_row_keeps_its_id(workspace: Path) -> None:
    taken = back(workspace, {(C102, "编号"): "C202", (C102, "员工人数"): 5})
    assert taken.good == [C102]
    assert taken.told == [f"companies 第 3 行：改了主键或身份列（编号），行号仍是 {C102}"]


def test_a_typed_column_takes_what_it_can_hold(workspace: Path) -> None:
    assert back(workspace, {("forums:f2", "seats"): "三十"}).wrong == {
        "forums:f2": ["seats：源数据里这一列是 Int64，放不下这个值", "seats：不能小于 10"]
    }
    assert back(workspace, {("forums:f2", "seats"): 30}).good == ["forums:f2"]


def _delete_row(sheet: Any) -> None:
    sheet.delete_rows(2)


def _add_row(sheet: Any) -> None:
    sheet.append([None, None, None, None, "companies:C999", None, "C999", "新公司", "2020-01-01", "5"])


def _write_row_id(sheet: Any) -> None:
    sheet["E2"] = "companies:C102x"


def _swap_row_ids(sheet: Any) -> None:
    sheet["E2"], sheet["E3"] = sheet["E3"].value, sheet["E2"].value


def _write_hidden(sheet: Any) -> None:
    sheet["C2"] = "d_000000000000000000000000"


def _copy_row(sheet: Any) -> None:
    sheet.append([cell.value for cell in sheet[2]])


def _delete_column(sheet: Any) -> None:
    sheet.delete_cols(12)


def _add_column(sheet: Any) -> None:
    sheet["M1"], sheet["M2"] = "备注", "已核对"


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (_delete_row, "有 1 行不在表里，仍然隔离"),
        (_add_row, "是后来加的，没有收"),
        (_write_row_id, "行号 companies:C102x 或隐藏的列被改过，没有收"),
        (_swap_row_ids, "行号 companies:C102 或隐藏的列被改过，没有收"),
        (_write_hidden, "行号 companies:C101 或隐藏的列被改过，没有收"),
        (_copy_row, "和“companies 第 2 行”是同一行，只收前一个"),
        (_delete_column, "表里没有这些列，按没有改处理：简介"),
        (_add_column, "这些列是后来加的，没有收：备注"),
    ],
)
def test_what_was_done_to_the_sheet_itself_is_told(workspace: Path, edit: Any, told: str) -> None:
    book = load_workbook(workspace / "表.xlsx")
    edit(book["companies"])
    book.save(workspace / "改好.xlsx")
    taken = take_back(workspace, workspace / "改好.xlsx", by="王芳")
    assert any(told in sentence for sentence in taken.told), taken.told
    assert taken.lines == []


def test_a_sheet_of_another_workspace_is_refused(workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    owner.make(other)
    with pytest.raises(UsageError, match="这个工作区里没有运行") as error:
        take_back(other, workspace / "表.xlsx", by="王芳")
    assert "-C" in error.value.hint


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("表.xls", b"", "只收 .xlsx 和 .csv"),
        ("表.xlsx", b"PK\x03\x04", "不是隔离区的表"),
        ("表.xlsx", b"", "不是隔离区的表"),
        ("表.csv", "编号,公司名称\nC1,甲\n".encode(), "没有“行号”和 curate_run"),
        ("表.csv", b"", "没有“行号”和 curate_run"),
    ],
    ids=["an old format", "half a file", "an empty file", "a table of the owner's own", "an empty csv"],
)
def test_a_file_that_is_no_sheet_is_refused(workspace: Path, name: str, content: bytes, told: str) -> None:
    file = workspace / "in" / name
    file.parent.mkdir()
    file.write_bytes(content)
    with pytest.raises(CurateError, match=told):
        take_back(workspace, file, by="王芳")


def test_the_owner_may_work_on_unmasked_values(workspace: Path) -> None:
    sheet = write_sheet(open_run(workspace), workspace / "表.xlsx", unmasked=True).sheet
    assert load_workbook(sheet)["companies"]["K2"].value == "13812345678"
    taken = back(workspace, {(C101, "成立日期"): "2010-05-06"})
    assert (taken.good, [line.column for line in taken.lines]) == ([C101], ["founded"])


@pytest.mark.parametrize("what", ["改好.xlsx", C101])
def test_undo_takes_back_a_file_or_a_row(workspace: Path, what: str) -> None:
    back(workspace, {(C101, "成立日期"): "2010-05-06"})
    where = str(workspace / what) if what.endswith("xlsx") else what
    assert [line.row_id for line in take_off(workspace, where, by="李雷", why="改错了")] == [C101]
    assert Store(workspace).in_force() == []


def test_undo_of_what_never_came_back_is_told(workspace: Path) -> None:
    with pytest.raises(UsageError, match="没有 companies:C1 的退回值"):
        take_off(workspace, "companies:C1", by="李雷")


def test_the_summary_counts_by_field_and_rule(workspace: Path) -> None:
    told = summary(open_run(workspace))
    assert told.rows == {"companies": 3, "forums": 1}
    assert [(one.corpus, one.heading, one.rule, one.rows) for one in told.broken] == [
        ("companies", "成立日期", "date_from_datetime_parsing", 2),
        ("companies", "公司名称", "string_too_short", 1),
        ("companies", "员工人数", "greater_than_equal", 1),
        ("forums", "seats", "greater_than_equal", 1),
    ]
    back(workspace, {(C101, "成立日期"): "2010-05-06"})
    assert [line.row_id for line in summary(open_run(workspace)).waiting] == [C101]


def test_unmasked_values_need_a_permission(workspace: Path) -> None:
    (workspace / "policy.yaml").write_text(
        "roles: {owner: [return]}\nusers: {}\ndefault: [owner]\n", encoding="utf-8"
    )
    told = run("quarantine", "write", workspace / "明文.xlsx", "--unmasked", "-C", workspace)
    assert told.exit_code == 5, told.output
    assert not (workspace / "明文.xlsx").exists()
    assert run("quarantine", "write", workspace / "打码.xlsx", "-C", workspace).exit_code == 0


def test_show_is_json_for_programs(workspace: Path) -> None:
    told = json.loads(run("quarantine", "show", "--json", "-C", workspace).stdout)
    assert told["rows"] == {"companies": 3, "forums": 1}


def test_a_sheet_of_no_corpus_is_told(workspace: Path) -> None:
    with pytest.raises(UsageError, match="没有隔离 news 的行"):
        write_sheet(open_run(workspace), workspace / "表2.xlsx", corpus="news")
