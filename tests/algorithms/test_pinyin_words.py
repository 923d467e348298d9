"""Pinyin to search names by."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.pinyin_words import Style, pinyin_words

NAMES = {
    "重庆": "chong qing",
    "重要": "zhong yao",
    "长沙": "chang sha",
    "银行": "yin hang",
    "行走": "xing zou",
    "绿地": "lv di",
    "重庆ABC银行（北京）1号": "chong qing abc yin hang bei jing 1 hao",
    "张 玮": "zhang wei",
    "Zhang Wei": "zhang wei",
    "": "",
}
PEOPLE = {"单田芳": "shan tian fang", "曾志伟": "zeng zhi wei", "仇英": "qiu ying", "尉迟恭": "yu chi gong"}


@pytest.mark.parametrize(("name", "wanted"), NAMES.items())
def test_polyphones_are_read_by_phrase(name: str, wanted: str) -> None:
    assert pinyin_words(pl.Series([name])).to_list() == [wanted]


@pytest.mark.parametrize(("name", "wanted"), PEOPLE.items())
def test_surnames_are_read_as_surnames_where_the_names_are_peoples(name: str, wanted: str) -> None:
    assert pinyin_words(pl.Series([name]), surnames=True).to_list() == [wanted]


@pytest.mark.parametrize(
    ("style", "wanted"),
    [
        ("plain", ["chong-qing-yin-hang", "shan-x"]),
        ("tone", ["chóng-qìng-yín-háng", "shàn-x"]),
        ("initials", ["cqyh", "sx"]),
    ],
)
def test_a_style_has_tones_or_initials(style: Style, wanted: list[str]) -> None:
    assert pinyin_words(pl.Series(["重庆银行", "单X"]), style, "-", surnames=True).to_list() == wanted


def test_null_stays_null_and_the_table_says_what_pypinyin_says() -> None:
    from pypinyin import lazy_pinyin

    names = ["朝阳科技", "乐山音乐", "厦门大厦", "都江堰", "会计师事务所", "柏林寺", "绿色能源", "成都银行"]
    told = pinyin_words(pl.Series([*names, None]))
    assert told.to_list() == [*(" ".join(lazy_pinyin(name)) for name in names), None]
