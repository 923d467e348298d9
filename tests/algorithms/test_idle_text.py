"""Texts that say nothing are told from those that only look so."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.idle_text import idle_parts


def told(text: str | None, part: str) -> float:
    return float(idle_parts(pl.Series([text], dtype=pl.String))[part].item())


TRIALS = ["测试", "测试数据1", "这是一条测试", "test", "Test 123", "测试测试测试", "asdf", "ASDFGH", "qwerty123", "111", "aaaa",
          "试一下", "随便写", "测试公司名称", "示例文本，请忽略", "123456", "hello world", "zxcv", "测试一下！！！"]  # fmt: skip
NO_TRIALS = ["测试仪器展", "压力测试报告显示合格", "检测设备", "A12", "2026", "13812345678", "试驾体验很好", "test of time", "展会", "好", "软件测试工程师",
             "样例丰富的教材值得一看", "", "1 号馆", "POI数据", "were", "abc集团", "示范区", None]  # fmt: skip


@pytest.mark.parametrize("text", TRIALS)
def test_a_text_typed_to_try_a_form(text: str) -> None:
    assert told(text, "trial") == 1


@pytest.mark.parametrize("text", NO_TRIALS)
def test_no_trial(text: str | None) -> None:
    assert told(text, "trial") == 0


GARBLED = {
    "UTF-8 as GBK, lost": "锟斤拷锟斤拷",
    "uninitialised memory": "烫烫烫烫",
    "replacement character": "展会�开幕",
    "UTF-8 as Latin-1": "ä½\u00a0å¥½ï¼\u008c",
    "UTF-8 as Windows-1252": "itâ€™s fine",
    "GB2312 as Latin-1": "ÄãºÃÊÀ½ç",
}
CLEAN = {
    "a pound of tissue": "一斤拷贝纸",
    "French": "café à la crème, élève naïf",
    "hot": "烫烫手",
    "dots of a contents page": "café ········ 12",
    "none": "",
    "null": None,
}


@pytest.mark.parametrize("text", GARBLED.values(), ids=GARBLED.keys())
def test_garbled(text: str) -> None:
    assert told(text, "garbled") == 1


@pytest.mark.parametrize("text", CLEAN.values(), ids=CLEAN.keys())
def test_not_garbled(text: str | None) -> None:
    assert told(text, "garbled") == 0


def test_boilerplate_is_a_share_of_the_characters() -> None:
    assert told("责任编辑：张三", "boilerplate") == 1
    assert told("扫码关注公众号，查看更多精彩内容", "boilerplate") > 0.9
    assert told("展会今天开幕。" * 20 + "责任编辑：张三", "boilerplate") == pytest.approx(7 / 147)
    assert told("展会今天开幕。", "boilerplate") == 0


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("展会今天开幕。\n责任编辑：张三", 1),
        ("展会今天开幕。（责任编辑：张三）", 1),
        ("点击查看更多\n展会", 1),
        ("他是本刊的责任编辑，姓张", 0),
    ],
)
def test_a_phrase_of_the_site_counts_where_a_line_begins_with_it_or_ends_in_it(text: str, own: int) -> None:
    assert (told(text, "boilerplate") > 0) == own


def test_advertising_is_counted_by_the_hundred_characters() -> None:
    assert told("代开发票，加微信abc123，正规可查", "advert") == 100 * 3 / 20
    assert told("警方提醒：不要轻信代开发票。" + "这是一起诈骗案件。" * 20, "advert") == pytest.approx(
        100 / 194
    )
    assert told("展会今天开幕", "advert") == 0


def test_no_rows_have_the_same_columns() -> None:
    empty = idle_parts(pl.Series([], dtype=pl.String))
    assert empty.schema == idle_parts(pl.Series(["加微信"])).schema
