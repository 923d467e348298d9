"""How each kind of value is written and compared."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from curate.dedupe.matching import RecordRules
from curate.dedupe.matching.fields import match_fields
from curate.dedupe.matching.kinds import KINDS

CREDIT = ["91440300MA5F8WTJ0M", "91440300335372439P"]


@pytest.mark.parametrize(
    ("kind", "value", "form"),
    [
        ("code", " 91440300ma5f8wtj0m ", "91440300MA5F8WTJ0M"),
        ("code", "9144-0300", "91440300"),
        ("code", "000000", None),
        ("code", "无", None),
        ("phone", "+86 138 0013 8000", "13800138000"),
        ("phone", "0755-12345678", "75512345678"),
        ("phone", "(0755) 1234 5678 转 801", "75512345678"),
        ("phone", "0755-12345678-801", "75512345678"),
        ("phone", "13800138000、13900139000", "13800138000"),
        ("phone", "404/231-1368", "4042311368"),
        ("phone", "暂无", None),
        ("phone", "0000000000", None),
        ("email", " Wei.Zhang＠Example.COM", "wei.zhang@example.com"),
        ("email", "没有", None),
        ("number", "100万元人民币", "1000000.0"),
        ("number", "¥1,299.00", "1299.0"),
        ("number", "面议", None),
        ("date", "2018-08-08", "20180808"),
        ("date", "2018年8月", "201808"),
        ("date", "19590612", "19590612"),
        ("date", "1999", "1999"),
        ("date", "2018-08-08 12:30:00", "20180808"),
        ("date", "长期", None),
        ("category", "深圳市", "深圳"),
        ("category", " Tech ", "tech"),
    ],
)
def test_a_value_has_one_form(kind: str, value: str, form: str | None) -> None:
    found = KINDS[kind].form(pl.Series([value])).to_list()
    assert found == [form]


@pytest.mark.parametrize(
    ("kind", "one", "other", "least", "most"),
    [
        ("person", "张伟", "张伟", 1, 1),
        ("person", "张伟", "张玮", 0.9, 0.9),
        ("person", "张伟", "Wei Zhang", 0.9, 0.9),
        ("person", "张伟", "张强", 0, 0.6),
        ("person", "catherine", "katherine", 0.85, 0.99),
        ("person", "catherine", "bob", 0, 0.6),
        ("code", "A1234", "A1235", 0.5, 0.95),
        ("phone", "13800138000", "13800138001", 0, 0),
        ("number", "100", "90", 0.9, 0.9),
        ("number", "100", "1", 0, 0.1),
        ("date", "1990-05-06", "1990-06-05", 0.85, 0.85),
        ("date", "1990-05-06", "1990-05-16", 0.85, 0.85),
        ("date", "1990-05-06", "1990", 0.95, 0.95),
        ("date", "1990-05-06", "1987-11-30", 0, 0),
        ("date", "1998", "1999", 0, 0),
        ("title", "第十二届中国国际家具展", "第12届中国国际家具展", 1, 1),
        ("title", "第十二届中国国际家具展", "第十三届中国国际家具展", 0, 0.65),
        ("title", "2024中国国际家具展", "2025中国国际家具展", 0, 0.65),
        ("title", "CES2024", "CES2025", 0, 0.65),
        ("title", "上海国际汽车展", "北京国际汽车展", 0, 0.7),
        ("title", "Sony Turntable PS-LX350H", "sony pslx350h turntable, belt drive", 0.85, 1),
        ("title", "Sony Turntable PS-LX350H", "Sony Turntable PS-LX250H", 0, 0.65),
        ("title", "型号 X1000 打印机", "型号 X2000 打印机", 0, 0.65),
        ("title", "洗发水 500ml", "洗发水 500 ML", 1, 1),
        ("title", "洗发水 500ml", "洗发水 1L", 0, 0.65),
        ("title", "皮套 黑色", "皮套 白色", 0, 0.85),
        ("address", "科兴路8号B栋", "科兴路 8 号 B 栋", 0.9, 1),
        ("address", "科兴路8号", "科兴路18号", 0, 0.65),
    ],
)
def test_values_of_a_kind_are_alike(kind: Any, one: str, other: str, least: float, most: float) -> None:
    rules = RecordRules(match={"x": kind})
    # others, so that a token of the pair is rare
    rows = pl.DataFrame({"x": [one, other, "别的什么", "2001-01-01", "something else"]})
    field = match_fields(rows, rules)[0]
    there, back = field.similarity(np.array([0, 1]), np.array([1, 0]))
    assert least - 1e-9 <= there <= most + 1e-9
    assert there == back, "in either order"


def test_a_missing_value_says_nothing() -> None:
    rows = pl.DataFrame({"x": ["a@b.com", None, "", "  "]})
    field = match_fields(rows, RecordRules(match={"x": "email"}))[0]
    assert np.isnan(field.similarity(np.array([0, 0, 0]), np.array([1, 2, 3]))).all()


def test_two_valid_codes_are_two_entities() -> None:
    rows = pl.DataFrame({"x": [*CREDIT, "91440300MA5F8WTJ0N", None]})  # the third has a wrong check character
    field = match_fields(rows, RecordRules(match={"x": "code"}))[0]
    assert field.forbidden(np.array([0, 0, 0]), np.array([1, 2, 3])).tolist() == [True, False, False]


def test_columns_that_are_no_text_are_read() -> None:
    born = pl.Series(["2020-01-02"] * 2).str.to_date()
    rows = pl.DataFrame({"n": [1000, 1000], "d": born, "p": [["13800138000", "13900139000"], None]})
    fields = match_fields(rows, RecordRules(match={"n": "number", "d": "date", "p": "phone"}))
    assert [field.values["form"].to_list() for field in fields] == [["1000.0"], ["20200102"], ["13800138000"]]
