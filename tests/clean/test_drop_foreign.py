"""drop_foreign: the share of Han characters, not a language identifier."""

from __future__ import annotations

import pytest

from tests.clean.tables import outcome_of, reasons

CHINESE = {
    "mixed with English": "展位A12 booth",
    "traditional": "歡迎參觀臺灣國際展覽會",
    "a company with its English name": "上海国际展览中心有限公司 SHANGHAI INTEX",
    "many brand names": "参展品牌包括Siemens和Bosch等",
    "an address of the web in prose": "公司官网http://www.abc.com/新闻中心欢迎访问我们的展位",
    "digits": "13812345678 2026-03-05 100%",
    "too few letters to judge": "OK",
    "emoji": "👨‍👩‍👧👍👍👍👍",
    "rare characters": "𠮷野家㐂",
    "empty": "",
    "null": None,
}
FOREIGN = {
    "English": "Welcome to the international fair",
    "Korean": "서울국제전시회에 오신 것을",
    "Russian": "Добро пожаловать на выставку",
    "one Han character among many words": "The 展 is open to all visitors today",
}


@pytest.mark.parametrize("text", CHINESE.values(), ids=CHINESE)
def test_chinese_and_what_cannot_be_judged_stays(text: str | None) -> None:
    assert reasons("drop_foreign", text) == [None]


@pytest.mark.parametrize("text", FOREIGN.values(), ids=FOREIGN)
def test_foreign_text_is_dropped(text: str) -> None:
    assert reasons("drop_foreign", text) == ["foreign"]


def test_three_latin_letters_weigh_as_one_character() -> None:
    assert reasons("drop_foreign", "展会" + "a" * 6, min_han=0.5) == [None]
    assert reasons("drop_foreign", "展会" + "a" * 7, min_han=0.5) == ["foreign"]


def test_texts_with_fewer_letters_than_asked_are_not_judged() -> None:
    assert reasons("drop_foreign", "abcde", "abcdef") == [None, "foreign"]
    assert reasons("drop_foreign", "abcdef", min_letters=7) == [None]


def test_the_detail_is_the_share() -> None:
    assert outcome_of("drop_foreign", "展abcdefghijkl").dropped["detail"].to_list() == ["汉字占 0.2"]
