"""Hierarchies: what a value becomes, level by level."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.errors import CurateError
from curate.privacy.hierarchy import REGIONS, Hierarchy


def ladder(declared: Any, value: Any) -> list[Any]:
    return [level[0] for level in Hierarchy.model_validate(declared).levels(pl.Series("column", [value]))]


@pytest.mark.parametrize(
    ("declared", "value", "told"),
    [
        ("suppress", "经理", ["经理", None]),
        ({"bands": [5, 10, 20]}, 37, ["37", "35–39", "30–39", "20–39", None]),
        ({"bands": [5, 10, 20]}, "37.5", ["37.5", "35–39", "30–39", "20–39", None]),
        ({"bands": [0.5]}, 0.7, ["0.7", "0.5–<1.0", None]),
        ({"bands": [0.1, 0.3]}, 0.3, ["0.3", "0.3–<0.4", "0.3–<0.6", None]),
        ({"bands": [10], "within": [14, 100]}, 100, ["100", "100–109", None]),
        ({"bands": [10], "within": [14, 100]}, 130, [None, None, None]),
        ({"bands": [10]}, "不便透露", ["不便透露", None, None]),
        ({"division": ["province", "region"]}, "郑州", ["郑州", "河南省", "华中", None]),
        ({"division": ["city", "province"]}, "广东省", ["广东省", "广东省", "广东省", None]),
        ({"division": ["province", "region"]}, "朝阳区", ["朝阳区", None, None, None]),
        ({"division": ["province", "region"]}, "Paris", ["Paris", None, None, None]),
        (
            {"dates": ["month", "quarter", "year", "decade"]}, datetime(2026, 3, 12, 13),
            ["2026-03-12 13:00:00", "2026-03", "2026-Q1", "2026", "2020–2029", None],
        ),
        ({"dates": ["day", "year"]}, date(2026, 12, 1), ["2026-12-01", "2026-12-01", "2026", None]),
        # what the month does not know, the year does not either: else rows alike would part again
        ({"dates": ["month", "year"]}, "2025年", ["2025年", None, None, None]),
    ],
)  # fmt: skip
def test_a_value_becomes_coarser_level_by_level(declared: Any, value: Any, told: list[Any]) -> None:
    assert ladder(declared, value) == told


def test_every_province_lies_in_one_region() -> None:
    codes = [code for own in REGIONS.values() for code in own]
    assert len(codes) == len(set(codes)) == 34


@pytest.mark.parametrize(
    "declared",
    [{"bands": [5, 10, 30]}, {"division": ["city", "province", "region"]}, {"dates": ["day", "month", "quarter", "year"]}],
)  # fmt: skip
def test_what_is_alike_on_one_level_is_alike_on_all_above(declared: Any) -> None:
    values = pl.Series(
        "column",
        ["3", "17", "17.9", "44", "x", None, "上海", "南京", "南京市", "江苏省", "2026-03-01", "2026-04-01", "2026年", "2027"],
    )  # fmt: skip
    levels = Hierarchy.model_validate(declared).levels(values)
    for finer, coarser in pairwise(levels):
        above = pl.DataFrame({"a": finer, "b": coarser}).unique().group_by("a").len()["len"]
        assert above.max() == 1


def test_a_file_of_levels_in_any_encoding(tmp_path: Path) -> None:
    file = tmp_path / "industry.csv"
    file.write_text("值,大类,门类\n照明,电气,制造\n玩具,文体,制造\n", encoding="gb18030")
    assert Hierarchy(file=str(file)).names == ["as_is", "大类", "门类", "suppressed"]
    assert ladder({"file": str(file)}, "玩具") == ["玩具", "文体", "制造", None]
    assert ladder({"file": str(file)}, "殡葬") == ["殡葬", None, None, None]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("value,level1\na,x\na,y\n", "写了两次"),
        ("value,level1,level2\na,x,p\nb,x,q\n", "x 的上一级"),
        ("value\na\n", "至少一级"),
        ("", "至少一级"),
    ],
)
def test_a_file_whose_levels_do_not_nest_is_a_problem_of_the_recipe(
    tmp_path: Path, text: str, told: str
) -> None:
    (tmp_path / "levels.csv").write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError, match=told):
        Hierarchy.model_validate({"file": "levels.csv"}, context={"workspace": tmp_path})


@pytest.mark.parametrize(
    ("declared", "told"),
    [
        ({}, "写 suppress"),
        ("drop", "写 suppress"),
        ({"bands": [5], "dates": ["year"]}, "之一"),
        ({"bands": [5, 12]}, "整数倍"),
        ({"bands": [-5]}, "大于 0"),
        ({"bands": [5], "within": [9, 3]}, "左边小于右边"),
        ({"division": ["region", "province"]}, "从细到粗"),
        ({"dates": ["year", "year"]}, "不能重复"),
    ],
)
def test_a_hierarchy_that_cannot_be_is_refused(declared: Any, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Hierarchy.model_validate(declared)


def test_a_column_of_lists_is_no_quasi_identifier() -> None:
    with pytest.raises(CurateError, match="是列表"):
        Hierarchy.model_validate("suppress").levels(pl.Series("tags", [["a"]]))
