"""Provinces, cities and counties."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.fields.division_table import known, names
from curate.algorithms.fields.divisions import Level, parse_divisions

FULL = {
    "上海": "上海市", "浦东": "浦东新区", "沪": "上海市", "内蒙": "内蒙古自治区", "香港": "香港特别行政区", "广西": "广西壮族自治区",
    "浙江杭州西湖区": "浙江省杭州市西湖区", "浙江/杭州/西湖": "浙江省杭州市西湖区", "浙江省-杭州市": "浙江省杭州市",
    "北京 北京市 朝阳区": "北京市朝阳区", "北京市市辖区朝阳区": "北京市朝阳区", "中国广东省深圳市": "广东省深圳市",
    "南京鼓楼": "南京市鼓楼区", "昆山": "昆山市", "恩施州": "恩施土家族苗族自治州", "西双版纳": "西双版纳傣族自治州",
    "西安": "西安市", "长沙县": "长沙县", "吉林市": "吉林市", "朝阳区": "朝阳区", "河南省济源市": "河南省济源市",
    # former names
    "闸北区": "静安区", "上海市南汇区": "上海市浦东新区", "襄樊市": "襄阳市", "密云县": "密云区", "湖南省长沙市宁乡县": "湖南省长沙市宁乡市",
    "海南省昌江县": "海南省昌江黎族自治县", "户县": "鄠邑区", "广州东山区": "广州市越秀区",
}  # fmt: skip
ADDRESSES = {
    "北京市海淀区知春路1号": ("北京市", "北京市", "海淀区", "110108"),
    "上海浦东张江路1号": ("上海市", "上海市", "浦东新区", "310115"),
    "成都高新区天晖路360号": ("四川省", "成都市", None, "510100"),
    "上城区婺江路217号": ("浙江省", "杭州市", "上城区", "330102"),
    "浙江省义乌市北苑街道": ("浙江省", "金华市", "义乌市", "330782"),
    "宁波市江东北路375号": ("浙江省", "宁波市", None, "330200"),
    "东莞市常平镇": ("广东省", "东莞市", None, "441900"),
    "海南省昌江县石碌镇": ("海南省", None, "昌江黎族自治县", "469026"),
    "中国（上海）自由贸易试验区祖冲之路": ("上海市", "上海市", None, "310000"),
    "中国(四川)自由贸易试验区成都高新区吉泰三路": ("四川省", "成都市", None, "510100"),
    "昆山开发区西湖路28号": ("江苏省", "苏州市", "昆山市", "320583"),
    "杭州市西湖文化广场": ("浙江省", "杭州市", None, "330100"),
    "石家庄新华市场": ("河北省", "石家庄市", None, "130100"),
    "南通市海门市临江镇": ("江苏省", "南通市", "海门区", "320614"),
}
UNREAD = {
    "a road": "南京路100号", "a university": "北京大学", "one of many, in an address": "鼓楼区中山路1号",
    "a city or a district": "朝阳", "a zone of any town": "高新区凤祥路", "a lake of any town": "东湖开发区光谷大道",
    "abroad": "美国", "nothing said": "未知",
}  # fmt: skip
LEVELS: list[tuple[str, Level, str | None]] = [
    ("吉林", "province", "吉林省"),
    ("吉林", "city", "吉林市"),
    ("粤", "province", "广东省"),
    ("上海", "city", "上海市"),
    ("浙江杭州", "city", "杭州市"),
    ("浙江省杭州市西湖区", "province", "浙江省"),
    ("昆山", "city", "昆山市"),
    ("朝阳", "city", "朝阳市"),
    ("朝阳", "district", None),
    ("上海市浦东新区张江路", "city", None),
    ("浙江", "district", None),
]


@pytest.mark.parametrize(("text", "wanted"), FULL.items())
def test_a_place_is_written_in_full(text: str, wanted: str) -> None:
    assert parse_divisions(pl.Series([text, wanted]))["value"].to_list() == [wanted, wanted]


@pytest.mark.parametrize(("text", "wanted"), ADDRESSES.items())
def test_an_address_stays_and_tells_its_place(text: str, wanted: tuple[str | None, ...]) -> None:
    assert parse_divisions(pl.Series([text])).row(0) == (text, *wanted)


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_what_is_no_place_for_sure_is_null(text: str) -> None:
    assert parse_divisions(pl.Series([text, None])).rows() == [(None,) * 5] * 2


@pytest.mark.parametrize(("text", "level", "wanted"), LEVELS)
def test_a_column_of_one_level_holds_names_of_that_level(text: str, level: Level, wanted: str | None) -> None:
    assert parse_divisions(pl.Series([text]), level=level)["value"].to_list() == [wanted]


def test_other_columns_of_the_row_say_which_of_two_places_it_is() -> None:
    texts = pl.Series(["朝阳", "朝阳区", "鼓楼", "上海浦东"])
    within = pl.Series(["北京市", "长春", "江苏省南京市", "浙江省"])
    told = parse_divisions(texts, within)
    assert told["code"].to_list() == ["110105", "220104", "320106", "310115"]


def test_every_name_of_the_table_is_read_as_itself_unless_it_was_another_place() -> None:
    every = pl.Series(sorted(set(names().values())))
    told = parse_divisions(every)["value"]
    other = every.filter(told.is_null())
    assert other.to_list() == ["东山区"]  # in Hegang; until 2005 also a part of Guangzhou
    assert told.drop_nulls().to_list() == every.filter(told.is_not_null()).to_list()


def test_every_former_name_leads_to_a_place_of_today() -> None:
    assert {code for codes in known().values() for code in codes} <= set(names())
