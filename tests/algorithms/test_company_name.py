"""The parts of company names."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.company_name import company_names


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        (
            "深圳市科力达科技有限公司",
            {"place": "4403", "core": "科力达", "industry": "科技", "legal": "有限"},
        ),
        (
            "科力达（深圳）科技有限责任公司",
            {"place": "4403", "core": "科力达", "industry": "科技", "legal": "有限"},
        ),
        (
            "科力达科技（深圳）股份有限公司",
            {"place": "4403", "core": "科力达", "industry": "科技", "legal": "股份"},
        ),
        ("深圳科力達科技有限公司", {"core": "科力达"}),
        ("深圳市科力达科技有限公司上海分公司", {"place": "4403", "core": "科力达", "branch": "上海分公司"}),
        ("江苏省昆山市宏达机械厂", {"place": "320583", "core": "宏达", "industry": "机械厂"}),
        ("新昌县昌欣投资发展有限公司", {"place": "330624", "core": "昌欣", "industry": "投资发展"}),
        ("阿里巴巴（中国）网络技术有限公司", {"place": "0", "core": "阿里巴巴"}),
        ("上海三枪（集团）有限公司", {"core": "三枪", "group": "集团", "legal": "有限"}),
        ("山西信托有限公司", {"place": "14", "core": "山西", "industry": "信托"}),
        (
            "中国工商银行股份有限公司诸暨市支行",
            {"core": "中国工商", "industry": "银行", "branch": "诸暨支行"},
        ),
        ("工行诸暨支行", {"core": "中国工商", "industry": "银行", "branch": "诸暨支行"}),
        ("某某集团股份有限公司第四分公司", {"branch": "第四分公司", "digits": "4"}),
        ("志周企业管理合伙企业（有限合伙）", {"core": "志周", "legal": "合伙"}),
        ("Huawei Technologies Co., Ltd.", {"core": "huawei technologies", "legal": "ltd", "place": ""}),
        ("Magnifice (HK) Limited", {"place": "81", "core": "magnifice", "legal": "ltd"}),
        ("Ｓｏｎｙ　（中国）有限公司", {"core": "sony", "place": "0"}),
        ("横店影视股份有限公司", {"core": "横店", "industry": "影视"}),
    ],
)
def test_a_name_has_parts(name: str, parts: dict[str, str]) -> None:
    found = company_names(pl.Series([name])).row(0, named=True)
    assert {part: found[part] for part in parts} == parts


def test_an_empty_name_has_empty_parts() -> None:
    assert set(company_names(pl.Series([""])).row(0)) == {""}
