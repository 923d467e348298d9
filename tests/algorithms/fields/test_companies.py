"""Company names in one way of writing."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.fields.companies import parse_companies

WRITTEN = {
    "保正(上海)供应链 管理股份有限公司": "保正（上海）供应链管理股份有限公司",
    "阿里巴巴 （中国） 有限公司": "阿里巴巴（中国）有限公司",
    "深圳市【科力达】科技有限公司。": "深圳市（科力达）科技有限公司",
    "ＴＣＬ 集团股份有限公司": "TCL集团股份有限公司",
    "北京艾弗特•勃格科技有限公司": "北京艾弗特·勃格科技有限公司",
    "“小米”科技": "“小米”科技",  # quotes in front are a part of it
    "“小米科技”": "小米科技",
    "某某责任有限公司": "某某有限责任公司",
    "某某有限公司公司": "某某有限公司",
    "某某有限公司": "某某有限公司",
    "某某有限责任公司": "某某有限责任公司",
    "Huawei Technologies Co.,Ltd": "Huawei Technologies Co., Ltd.",
    "HUAWEI CO., LTD.": "HUAWEI Co., Ltd.",
    "Foo Corp. Ltd": "Foo Corp., Ltd.",
    "Foo Company Limited": "Foo Company Limited",
    "Foo Inc": "Foo Inc.",
    "Foo, Inc.": "Foo, Inc.",
    "Foo Zinc": "Foo Zinc",
    "Tacoltd": "Tacoltd",
}


@pytest.mark.parametrize(("name", "wanted"), WRITTEN.items())
def test_a_name_has_one_way_of_writing(name: str, wanted: str) -> None:
    assert parse_companies(pl.Series([name, wanted])).to_list() == [wanted, wanted]


@pytest.mark.parametrize("name", ["123", "-", "——", "", None])
def test_what_has_no_letter_is_no_name(name: str | None) -> None:
    assert parse_companies(pl.Series([name], dtype=pl.String)).to_list() == [None]
