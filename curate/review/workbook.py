"""A project as an Excel workbook: the instructions, a row for each item, and lists to pick from.

Its hidden columns say which item a row is; nothing says which items are controls.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from curate.algorithms.spreadsheet import MOST_CELL
from curate.errors import CurateError
from curate.files import replacing
from curate.language import say
from curate.review.answers import Shown, shown_items
from curate.review.interface import Control, Interface
from curate.review.typed import NONE

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.worksheet import Worksheet

GUIDE, ITEMS, LISTS = "说明", "标注", "选项"
#: The hidden columns, and what their values begin with: Excel would take some bare digests for numbers.
HIDDEN = {"curate_id": "i_", "curate_content": "c_", "curate_round": "r_", "curate_guideline": "v_"}
NUMBER, MARKED = "编号", "预先标出的"
FIELDS = {
    "question": "问题", "answer": "回答", "passage": "资料", "about": "出处", "text": "文字",
    "left": "左", "right": "右", "answer_a": "回答 A", "answer_b": "回答 B", "verdicts": "各位标注员的判断",
}  # fmt: skip
_WIDTHS = {"about": 16, "question": 36}


def write_sheet(
    path: Path, items: pl.DataFrame, interface: Interface, project_name: str, rounds: Mapping[str, int]
) -> int:
    """Write the workbook of a project; the same items give the same bytes.

    Args:
        items: ``schema.ITEM``; those that are still to be judged.
        rounds: item -> its round; 1 unless given.

    Returns:
        how many items it holds.

    Raises:
        CurateError: a text is longer than a cell of Excel.
    """
    from xlsxwriter import Workbook

    rows = shown_items(items, project_name, rounds)
    with replacing(path) as temporary:
        # Nothing of the data is ever a formula, a link or a number.
        safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
        with Workbook(str(temporary), safe) as book:
            book.set_properties({"title": project_name, "created": datetime(2000, 1, 1)})
            _write_guide(book, interface, project_name, len(rows))
            sheet = book.add_worksheet(ITEMS)
            _write_items(book, sheet, interface, rows)
            _write_lists(book, sheet, interface, len(rows), _controls_at(interface, rows))
    return len(rows)


def _marked(rows: list[Shown]) -> bool:
    return any(row.marks for row in rows)


def _controls_at(interface: Interface, rows: list[Shown]) -> int:
    """The column of the first control."""
    return len(HIDDEN) + 1 + len(interface.fields) + _marked(rows)


def _write_guide(book: Workbook, interface: Interface, project_name: str, count: int) -> None:
    sheet = book.add_worksheet(GUIDE)
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    strong = book.add_format({"text_wrap": True, "bold": True, "font_size": 14})
    sheet.set_column(0, 0, 110)
    told = [
        f"{project_name}：共 {count} 条，在“{ITEMS}”页填写，一条一行",
        "· 有下拉列表的格子从列表里选；可以多选的，几个选项之间用顿号隔开，如 甲、乙",
        f"· 标文字的格子写成 文字[标签]，一行一个；原文里有几处的，后面写明位置，如 张三[人名] 2–4；看过而没有的写“{NONE}”",
        "· 改后的问题、回答：改了哪个写哪个，没改的空着",
        "· 还没判断的整行空着；不要改动、删除隐藏的列和表头",
        "",
        *(f"{_heading(interface, name)}：{_offer(control)}" for name, control in interface.controls.items()),
        "",
        *interface.guideline.splitlines(),
    ]
    for row, line in enumerate(told):
        sheet.write_string(row, 0, line[:MOST_CELL], strong if row == 0 or line.startswith("#") else plain)


def _write_items(book: Workbook, sheet: Worksheet, interface: Interface, rows: list[Shown]) -> None:
    head = book.add_format(
        {"bold": True, "bg_color": "#DDEBF7", "border": 1, "text_wrap": True, "valign": "top"}
    )
    text = book.add_format({"text_wrap": True, "valign": "top"})
    open_ = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#FFFBE6", "border": 1})
    fields = [FIELDS.get(name, name) for name in interface.fields]
    marked = [MARKED] if _marked(rows) else []
    heads = [*HIDDEN, NUMBER, *fields, *marked, *(_heading(interface, name) for name in interface.controls)]
    for place, name in enumerate(heads):
        sheet.write_string(0, place, name, head)
    sheet.set_column(0, len(HIDDEN) - 1, 3, None, {"hidden": True})
    for place, name in enumerate(interface.fields, len(HIDDEN) + 1):
        sheet.set_column(place, place, _WIDTHS.get(name, 60))
    sheet.set_column(len(HIDDEN) + 1 + len(fields), len(heads) - 1, 20)
    sheet.freeze_panes(1, len(HIDDEN) + 1)
    for line, row in enumerate(rows, 1):
        hidden = (row.key, row.content, str(row.round), interface.version)
        told = [mark + value for mark, value in zip(HIDDEN.values(), hidden, strict=True)]
        told += [str(line), *(row.data.get(name, "") for name in interface.fields)]
        told += [_regions(interface, row)] if marked else []
        for place, cell in enumerate(told):
            if len(cell) > MOST_CELL:
                raise CurateError(
                    say(
                        f"第 {line} 条的“{heads[place]}”有 {len(cell)} 字，Excel 的一格放不下（最多 {MOST_CELL} 字）",
                        f"“{heads[place]}” of item {line} has {len(cell)} characters; a cell of Excel holds {MOST_CELL}",
                    ),
                    say(
                        "把原文切短，或改用 Label Studio、Prodigy",
                        "cut the source, or use Label Studio or Prodigy",
                    ),
                )
            sheet.write_string(line, place, cell, text)
        for place in range(len(told), len(heads)):
            sheet.write_blank(line, place, None, open_)


def _write_lists(book: Workbook, sheet: Worksheet, interface: Interface, count: int, first: int) -> None:
    """Lists stand on a sheet of their own: within a cell's rule they could hold no comma and 255 characters in all."""
    lists = book.add_worksheet(LISTS)
    lists.hide()
    for column, (place, control) in enumerate(enumerate(interface.controls.values(), first)):
        for row, word in enumerate(_words(control)):
            lists.write_string(row, column, word)
        source = f"={LISTS}!${_letter(column)}$1:${_letter(column)}${len(_words(control))}"
        if not count or not _words(control):
            continue
        if control.several or control.tag == "Labels":
            # a list takes one, so that it is only shown
            rule: dict[str, Any] = {
                "validate": "any",
                "input_title": interface.title(control.name)[:32],
                "input_message": _offer(control)[:255],
            }
        else:
            rule = {
                "validate": "list",
                "source": source,
                "error_title": "没有这个选项",
                "error_message": "请从列表里选",
            }
        sheet.data_validation(1, place, count, place, rule)


def _words(control: Control) -> list[str]:
    if control.tag == "Rating":
        return [str(mark) for mark in range(1, (control.most or 0) + 1)]
    return [control.words[value] for value in control.values]


def _letter(column: int) -> str:
    from xlsxwriter.utility import xl_col_to_name

    return str(xl_col_to_name(column))


def _heading(interface: Interface, name: str) -> str:
    """The name stands behind the title, so that a column is found wherever it was moved."""
    return f"{interface.title(name)}（{name}）"


def _offer(control: Control) -> str:
    how = {"Labels": "文字[标签]，标签有：", "Rating": "打分：", "TextArea": "写文字"}.get(
        control.tag, "选一个："
    )
    how = "可以选几个，用顿号隔开：" if control.several and control.tag == "Choices" else how
    return how + "、".join(_words(control))


def _regions(interface: Interface, row: Shown) -> str:
    lines = []
    for mark in row.marks:
        value, control = mark["value"], interface.controls.get(mark["from_name"])
        if control:
            label = control.words.get(value["labels"][0], value["labels"][0])
            lines.append(f"{value['text']}[{label}] {value['start']}–{value['end']}")
    return "\n".join(lines)
