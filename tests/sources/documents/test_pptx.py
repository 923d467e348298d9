"""pptx: a slide is a page."""

from __future__ import annotations

import io
from typing import Any

import pptx
import pytest
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from tests.sources.documents.conftest import ReadDocument


def saved(deck: Any) -> bytes:
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


def box(shapes: Any, text: str, left: float, top: float) -> None:
    shapes.add_textbox(Inches(left), Inches(top), Inches(2), Inches(0.5)).text_frame.text = text


@pytest.fixture(scope="module")
def deck() -> bytes:
    made = pptx.Presentation()
    first = made.slides.add_slide(made.slide_layouts[1])
    first.shapes.title.text = "招商方案"
    first.placeholders[1].text = "规模\n面积"
    first.placeholders[1].text_frame.paragraphs[1].level = 1
    first.notes_slide.notes_text_frame.text = "先讲数据"
    second = made.slides.add_slide(made.slide_layouts[5])
    second.shapes.title.text = "展位\v与价格"
    box(second.shapes, "右", 6, 2)
    box(second.shapes, "下", 1, 3)
    group = second.shapes.add_group_shape()
    box(group.shapes, "组内左", 1, 2)
    table = second.shapes.add_table(2, 2, Inches(1), Inches(4), Inches(4), Inches(1)).table
    table.cell(0, 0).merge(table.cell(0, 1))
    for row, column, text in ((0, 0, "价"), (1, 0, "A"), (1, 1, "B")):
        table.cell(row, column).text = text
    data = CategoryChartData()
    data.categories = ["2023", "2024"]
    data.add_series("观众", (1.5, 2))
    second.shapes.add_chart(XL_CHART_TYPE.COLUMN_CLUSTERED, Inches(1), Inches(6), Inches(4), Inches(1), data)
    made.slides.add_slide(made.slide_layouts[6])
    return saved(made)


def test_shapes_are_read_from_top_to_bottom_and_left_to_right(read: ReadDocument, deck: bytes) -> None:
    seen = read("a.pptx", deck)
    assert (seen.row["title"], seen.row["pages"], seen.headings) == ("招商方案", 3, [[2, "展位 与价格"]])
    assert seen.page(1) == "- 规模\n  - 面积\n\n> 备注：先讲数据\n\n"
    assert seen.page(2) == (
        "## 展位 与价格\n\n组内左\n\n右\n\n下\n\n| 价 | 价 |\n| --- | --- |\n| A | B |\n\n"
        "|  | 观众 |\n| --- | --- |\n| 2023 | 1.5 |\n| 2024 | 2 |"
    )
    assert seen.page(3) == ""


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (saved(pptx.Presentation()), "no_content"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 of 2003", "old_format"),
        (b"no archive", "unreadable"),
    ],
)
def test_what_cannot_be_read_goes_alone(read: ReadDocument, data: bytes, reason: str) -> None:
    assert read("a.pptx", data).dropped["reason"] == reason
