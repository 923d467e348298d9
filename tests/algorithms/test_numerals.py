"""Numbers as people write them in Chinese."""

from __future__ import annotations

from decimal import Decimal

import pytest

from curate.algorithms.numerals import numbers_in, to_number

READ = {
    "1200": "1200", "１２００": "1200", "1,200": "1200", "12,345,678.90": "12345678.90", " 1200 ": "1200", "-5": "-5",
    "负三": "-3", "+5": "5", "4.5": "4.5", "0": "0",
    "一千二百": "1200", "十": "10", "十五": "15", "二十": "20", "廿三": "23", "卅": "30", "一百零五": "105",
    "一百〇五": "105", "一百五": "150", "一百五十": "150", "两千两百": "2200", "一千零一十": "1010", "两": "2", "〇": "0",
    "零": "0", "三点五": "3.5", "半": "0.5",
    "二〇〇三": "2003", "二零零三": "2003", "一零一": "101", "壹贰叁": "123",
    "壹佰贰拾叁": "123", "壹万伍仟": "15000", "叁仟万": "30000000", "贰拾万": "200000",
    "3.5万": "35000", "3千万": "30000000", "5百万": "5000000", "1亿2000万": "120000000", "1.2亿": "120000000",
    "三万五": "35000", "三万五千": "35000", "三万零五": "30005", "一亿零五百万": "105000000", "三万亿": "3000000000000",
    "半亿": "50000000", "两亿半": "250000000", "十万": "100000", "一 千": "1000",
}  # fmt: skip
UNREAD = {
    "a range": "100-200", "about ten": "十几", "three to five": "三五", "three to five hundred": "三五百",
    "about a hundred": "百", "about a million": "百万", "a unit alone": "万", "two numbers": "1 200",
    "a broken separator": "1,20", "two points": "1.2.3", "powers": "1e5", "units upside down": "5万6亿",
    "a unit twice": "一百一百", "12000 as said, 10002 as written": "1万2", "兆 is 10^6 and 10^12": "2兆", "words": "abc",
    "nothing": "", "space": " ", "a long code": "1" * 30, "a longer one": "0." + "1" * 40,
}  # fmt: skip


@pytest.mark.parametrize(("text", "value"), READ.items())
def test_a_number_is_read(text: str, value: str) -> None:
    assert to_number(text) == Decimal(value)


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_what_is_no_number_for_sure_is_none(text: str) -> None:
    assert to_number(text) is None


def test_the_numbers_of_a_text_are_found_in_their_places() -> None:
    text = "资本3,000万元，员工一千二百人，占地十几亩，第三届，版本1.2.3，近三百家，一亿两千万"
    found = numbers_in(text)
    assert [text[number.start : number.end] for number in found] == [
        "3,000万",
        "一千二百",
        "三",
        "一亿两千万",
    ]
    assert [int(number.value) for number in found] == [30_000_000, 1200, 3, 120_000_000]


def test_a_range_in_a_text_is_its_two_ends() -> None:
    assert [int(number.value) for number in numbers_in("100-200人")] == [100, 200]
