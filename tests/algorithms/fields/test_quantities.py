"""Quantities in one unit."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.fields.quantities import parse_quantities

READ = [
    ("1.2万平米", "平方米", "12000"),
    ("10,000㎡", "平方米", "10000"),
    ("15亩", "平方米", "10000"),
    ("3公顷", "平方米", "30000"),
    ("200 sq m", "平方米", "200"),
    ("1,000 SQM", "㎡", "1000"),
    ("12坪", "平方米", "39.669421"),
    ("三千平方米", "平方米", "3000"),
    ("占地面积：3000平方米", "平方米", "3000"),
    ("500(平方米)", "平方米", "500"),
    ("20000", "平方米", "20000"),
    ("1200 mm", "米", "1.2"),
    ("5吨", "公斤", "5000"),
    ("90分钟", "小时", "1.5"),
    ("3年", "个月", "36"),
    ("5.5kW", "瓦", "5500"),
    ("一千二百名", "人", "1200"),
    ("500家", "家", "500"),
]
UNREAD = [
    ("约100平米", "平方米"),
    ("100-200㎡", "平方米"),
    ("500米", "平方米"),
    ("5000平方米（展厅）", "平方米"),
    ("500多家", "家"),
    ("500家", "个"),
    ("平方米", "平方米"),
    ("9" * 16 + "平方公里", "平方米"),
]


@pytest.mark.parametrize(("text", "unit", "wanted"), READ)
def test_a_quantity_is_a_number_of_the_unit(text: str, unit: str, wanted: str) -> None:
    assert parse_quantities(pl.Series([text, wanted]), unit).to_list() == [wanted, wanted]


@pytest.mark.parametrize(("text", "unit"), UNREAD)
def test_another_measure_or_an_unsure_number_is_null(text: str, unit: str) -> None:
    assert parse_quantities(pl.Series([text, None]), unit).to_list() == [None, None]
