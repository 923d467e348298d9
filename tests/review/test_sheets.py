"""sheets: a workbook goes out, answers come back, and nothing is lost or believed on the way."""

from __future__ import annotations

import csv
import hashlib
import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from python_calamine import CalamineWorkbook

from curate.errors import CurateError
from curate.review.schema import ANNOTATION
from curate.review.sheets import read_sheet, write_sheet
from tests.review.small_pages import PAIR, PAIR_DATA, SPANS, SPANS_DATA, items_of, judged, page, span

ANNA = "anna@example.com"
THREE = items_of(*(PAIR_DATA | {"answer": f"一共 {count} 家。"} for count in (48, 84, 12)))


def written(path: Path, items: pl.DataFrame = THREE, xml: str | None = None, **rounds: int) -> Path:
    write_sheet(path, items, page(xml) if xml else page(), "pairs", rounds)
    return path


def sheet_of(path: Path) -> tuple[Any, Worksheet, dict[str, int]]:
    book = openpyxl.load_workbook(path)
    sheet = book["标注"]
    return book, sheet, {str(cell.value).split("（")[-1].rstrip("）"): cell.column for cell in sheet[1]}


def filled(path: Path, answers: Mapping[int, Mapping[str, Any]]) -> Path:
    """Row of the sheet -> column -> what somebody writes there."""
    book, sheet, columns = sheet_of(path)
    for row, cells in answers.items():
        for name, value in cells.items():
            sheet.cell(row, columns[name]).value = value
    book.save(path)
    return path


def read(path: Path, items: pl.DataFrame = THREE, xml: str | None = None, **options: Any) -> pl.DataFrame:
    return read_sheet(path, items, page(xml) if xml else page(), "pairs", ANNA, **options)


def test_what_is_filled_in_comes_back_as_annotations(tmp_path: Path) -> None:
    path = filled(
        written(tmp_path / "anna.xlsx", **{"p:1": 2}),
        {
            2: {"decision": "接受", "clear": 5},
            3: {"decision": "拒绝", "reasons": "数字错误、资料里没有", "note": "1+1 不对"},
            4: {"decision": "修改", "edited_answer": "共 12 家企业。", "evidence": "48 家[依据]"},
        },
    )
    annotations = read(path, updated_at="2026-11-22T10:00:00+00:00")
    assert annotations.schema == pl.Schema(ANNOTATION)
    assert annotations["item_id"].to_list() == ["p:0!control", "p:1", "p:2"]
    assert annotations["annotation_id"].to_list() == [
        f"anna@example.com:annotate:anna.xlsx:{name}" for name in annotations["item_id"]
    ]
    assert annotations["wrong"].null_count() == 3, annotations["detail"].to_list()
    assert annotations["round"].to_list() == [1, 2, 1]
    assert annotations["content"].to_list() == THREE["content"].to_list()
    assert set(annotations["annotator"]) == {ANNA}
    assert set(annotations["guideline"]) == {page().version}
    assert set(annotations["updated_at"]) == {"2026-11-22T10:00:00+00:00"}
    said = judged(page(), THREE, annotations)
    assert not any(one.problems for one in said.values())
    assert [one.values for one in said.values()] == [
        {"decision": "accept", "clear": 5},
        {"decision": "reject", "reasons": ["unsupported", "wrong_fact"], "note": "1+1 不对"},
        {
            "decision": "edit",
            "edited_answer": "共 12 家企业。",
            "evidence": [{"start": 6, "end": 10, "text": "48 家", "label": "evidence"}],
        },
    ]


def test_rows_that_nobody_has_judged_are_no_annotations(tmp_path: Path) -> None:
    path = filled(written(tmp_path / "a.xlsx"), {3: {"decision": "接受"}, 4: {"note": "  "}})
    assert read(path)["item_id"].to_list() == ["p:1"]


def test_the_time_is_when_the_sheet_was_saved(tmp_path: Path) -> None:
    path = filled(written(tmp_path / "a.xlsx"), {3: {"decision": "接受"}})
    os.utime(path, (1_790_000_000, 1_790_000_000))
    assert read(path)["updated_at"].to_list() == ["2026-09-21T14:13:20+00:00"]


@pytest.mark.parametrize(
    ("cells", "detail"),
    [
        ({"decision": "通过"}, "第 3 行“结论”：没有选项“通过”，可以写：接受、修改、拒绝"),
        ({"decision": "接受", "clear": 9}, "第 3 行“清楚”：应是 1 到 5 的整数，不是“9”"),
        ({"decision": "接受", "reasons": "数字错误"}, "第 3 行“理由”：和“结论”不符，不该填"),
        ({"decision": "接受", "edited_answer": "新"}, "第 3 行“改后的回答”：和“结论”不符，不该填"),
        ({"decision": "拒绝"}, "第 3 行：必填的 reasons 没有填"),
        ({"decision": "修改"}, "第 3 行：必填的 edited_answer 没有填"),
        ({"note": "好"}, "第 3 行：必填的 decision 没有填"),
        ({"decision": "好", "clear": "好"}, "；第 3 行“清楚”："),
        ({"decision": "接受", "evidence": "参观[依据]"}, "第 3 行“依据”：原文里没有“参观”"),
    ],
)
def test_a_row_that_cannot_be_read_is_told_with_row_and_column(
    tmp_path: Path, cells: dict[str, Any], detail: str
) -> None:
    annotations = read(filled(written(tmp_path / "a.xlsx"), {3: cells}))
    assert annotations["wrong"].to_list() == ["invalid"]
    assert detail in annotations["detail"][0]


def test_a_row_of_another_project_and_a_row_twice_are_told(tmp_path: Path) -> None:
    path = written(tmp_path / "a.xlsx")
    _, sheet, columns = sheet_of(path)
    first = sheet.cell(2, columns["curate_id"]).value
    answers = {
        2: {"decision": "接受"},
        3: {"decision": "拒绝", "reasons": "数字错误", "curate_id": first},
        4: {"decision": "接受", "curate_id": "i_0000000000000000"},
        5: {"decision": "接受"},
    }
    annotations = read(filled(path, answers))
    assert annotations["wrong"].to_list() == [None, "invalid", "unknown_item", "unknown_item"]
    assert annotations["detail"].to_list()[1:3] == ["第 3 行和第 2 行是同一条", "第 4 行不是这个项目的内容"]
    assert annotations["annotation_id"].n_unique() == 4


def test_an_item_that_changed_since_keeps_the_content_that_was_judged(tmp_path: Path) -> None:
    path = filled(written(tmp_path / "a.xlsx"), {3: {"decision": "接受"}})
    now = THREE.with_columns(content=pl.lit("another"))
    assert read(path, now)["content"].to_list() == [THREE["content"][1]]


def test_edits_that_were_left_empty_are_what_was_shown(tmp_path: Path) -> None:
    box = '<TextArea name="edited_question" toName="answer" value="$question" required="true"/>'
    xml = PAIR.replace('<TextArea name="edited_answer"', box + '<TextArea name="edited_answer"')
    path = filled(written(tmp_path / "a.xlsx", xml=xml), {3: {"decision": "修改", "edited_answer": "新"}})
    annotations = read(path, xml=xml)
    assert annotations["wrong"].to_list() == [None], annotations["detail"].to_list()
    assert judged(page(xml), THREE, annotations)["p:1"].values["edited_question"] == PAIR_DATA["question"]


def test_spans_by_hand(tmp_path: Path) -> None:
    items = items_of(SPANS_DATA, SPANS_DATA, SPANS_DATA)
    answers = {2: {"spans": "北京[机构]\n张三[人名] 2–4"}, 3: {"spans": "无"}, 4: {"spans": "张三[人名]"}}
    path = filled(written(tmp_path / "a.xlsx", items, SPANS), answers)
    annotations = read(path, items, SPANS)
    said = judged(page(SPANS), items, annotations)
    assert [one["text"] for one in said["p:0!control"].values["spans"]] == ["张三", "北京"]
    assert (said["p:1"].values, said["p:1"].problems) == ({}, [])
    assert annotations["wrong"].to_list() == [None, None, "invalid"]


def test_marks_are_shown_in_a_column_of_their_own(tmp_path: Path) -> None:
    items = items_of(SPANS_DATA, marks=[span(2, 4, "张三", "PER")])
    _, sheet, columns = sheet_of(written(tmp_path / "a.xlsx", items, SPANS))
    assert sheet.cell(2, columns["预先标出的"]).value == "张三[人名] 2–4"
    assert sheet.cell(2, columns["spans"]).value is None, "shown is not judged"


def test_nothing_in_a_sheet_is_ever_a_formula_or_a_link(tmp_path: Path) -> None:
    evil = ['=HYPERLINK("http://x","y")', "+1", "-2+3", "@SUM(A1)", "{=1}", "http://example.com", "0012"]
    items = items_of(*(PAIR_DATA | {"answer": text} for text in evil))
    _, sheet, columns = sheet_of(written(tmp_path / "a.xlsx", items))
    cells = [sheet.cell(row, len("iiii") + 1 + 2) for row in range(2, 2 + len(evil))]
    assert [cell.value for cell in cells] == evil
    assert {cell.data_type for cell in cells} == {"s"}
    assert not any(cell.hyperlink for cell in cells)
    assert columns["decision"] > 0


def test_a_sheet_does_not_tell_which_items_are_controls(tmp_path: Path) -> None:
    with zipfile.ZipFile(written(tmp_path / "a.xlsx")) as book:
        everything = b"".join(book.read(name) for name in book.namelist())
    assert b"control" not in everything.lower().replace(b"curate_", b"")
    assert b"p:0" not in everything and b"expected" not in everything


def test_the_page_is_made_for_people(tmp_path: Path) -> None:
    book, sheet, columns = sheet_of(written(tmp_path / "a.xlsx"))
    assert book.sheetnames == ["说明", "标注", "选项"]
    guide = [cell.value for cell in book["说明"]["A"]]
    assert "# 说明" in guide and "接受就是都对。" in guide
    assert "结论（decision）：选一个：接受、修改、拒绝" in guide
    assert sheet.freeze_panes == "F2"
    assert [sheet.column_dimensions[name].hidden for name in "AE"] == [True, False]
    rules = {next(iter(rule.sqref.ranges)).min_col: rule for rule in sheet.data_validations.dataValidation}
    assert (rules[columns["decision"]].type, rules[columns["decision"]].formula1) == (
        "list",
        "选项!$B$1:$B$3",
    )
    assert [cell.value for cell in book["选项"]["B"]][:3] == ["接受", "修改", "拒绝"]
    assert "顿号" in str(rules[columns["reasons"]].prompt)
    assert sheet.cell(2, columns["decision"] - 1).alignment.wrap_text


def test_the_same_items_give_the_same_bytes(tmp_path: Path) -> None:
    one, two = written(tmp_path / "a.xlsx"), written(tmp_path / "b.xlsx", THREE.reverse())
    assert hashlib.md5(one.read_bytes()).digest() == hashlib.md5(two.read_bytes()).digest()


def test_a_text_that_does_not_fit_a_cell_is_not_cut_in_silence(tmp_path: Path) -> None:
    long = items_of(PAIR_DATA, PAIR_DATA | {"passage": "长" * 40_000})
    with pytest.raises(CurateError, match="第 2 条的“资料”有 40000 字，Excel 的一格放不下"):
        written(tmp_path / "a.xlsx", long)
    assert not list(tmp_path.iterdir())


def as_csv(path: Path, encoding: str, delimiter: str = ",") -> Path:
    """As Excel saves a workbook's second sheet."""
    _, sheet, _ = sheet_of(path)
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows([cell.value for cell in row] for row in sheet)
    target = path.with_suffix(".csv")
    target.write_bytes(out.getvalue().encode(encoding))
    return target


@pytest.mark.parametrize(
    ("encoding", "delimiter"), [("utf-8-sig", ","), ("gb18030", ","), ("utf-16", "\t"), ("utf-8", ";")]
)
def test_csv_as_excel_saves_it(tmp_path: Path, encoding: str, delimiter: str) -> None:
    path = filled(
        written(tmp_path / "a.xlsx"), {3: {"decision": "拒绝", "reasons": "数字错误", "note": "一，\n二;三"}}
    )
    annotations = read(as_csv(path, encoding, delimiter))
    said = judged(page(), THREE, annotations)["p:1"]
    assert said.problems == []
    assert said.values["note"] == "一，\n二;三"
    assert annotations["content"].to_list() == [THREE["content"][1]]


def test_columns_are_found_wherever_they_were_moved(tmp_path: Path) -> None:
    path = filled(written(tmp_path / "a.xlsx"), {3: {"decision": "接受"}})
    _, sheet, _ = sheet_of(path)
    rows = [[*[cell.value for cell in row][::-1], "自己加的一列"] for row in sheet]
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.with_suffix(".csv").write_text(out.getvalue(), encoding="utf-8-sig")
    assert read(path.with_suffix(".csv"))["item_id"].to_list() == ["p:1"]


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [
        ("a.xlsx", b"no workbook", "读不了标注文件"),
        ("a.csv", "编号,结论\n1,接受\n".encode(), "没有 curate_id 这一列"),
        ("a.csv", "curate_id,结论（decision）\n".encode(), "缺少这些列：evidence"),
        ("a.csv", b"\xff\xfe\x00", "读不了标注文件"),
        ("a.csv", b"", "没有内容"),
    ],
)
def test_a_file_that_is_no_sheet_is_refused(tmp_path: Path, name: str, content: bytes, what: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CurateError, match=what):
        read(tmp_path / name)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match=r"读不了标注文件 .*nowhere\.xlsx"):
        read(tmp_path / "nowhere.xlsx")


def test_two_thousand_rows_are_written_and_read_whole(tmp_path: Path) -> None:
    items = items_of(*(PAIR_DATA | {"answer": f"第 {number} 个回答"} for number in range(2_000)))
    path = written(tmp_path / "a.xlsx", items)
    read_back = read(as_csv_filled(path), items)
    assert read_back.height == 2_000
    assert read_back["item_id"].to_list() == items["item_id"].to_list()


def as_csv_filled(path: Path) -> Path:
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name("标注").to_python()
    place = [str(cell) for cell in rows[0]].index("结论（decision）")
    for row in rows[1:]:
        row[place] = "接受"
    with path.with_suffix(".csv").open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path.with_suffix(".csv")
