"""Amounts of money in one unit."""

from __future__ import annotations

from decimal import Decimal

import polars as pl
import pytest

from curate.algorithms.fields.amounts import Unit, amount_unit, parse_amounts

WAN = Unit(Decimal(10000), "CNY")
READ = {
    "3,000万人民币": "3000 CNY", "叁仟万元整": "3000 CNY", "人民币叁仟万元整": "3000 CNY", "叁拾万圆整": "30 CNY",
    "1.2亿": "12000 CNY", "1亿2000万元": "12000 CNY", "五百万": "500 CNY", "500萬元": "500 CNY", "２００万元": "200 CNY",
    "500万 元": "500 CNY", "500.0000万": "500 CNY", "500（万元）": "500 CNY", "500万元（人民币）": "500 CNY",
    "注册资本：500万元": "500 CNY", "-500万元": "-500 CNY", "0万元": "0 CNY", "5000千元": "500 CNY", "50百万": "5000 CNY",
    "RMB 5,000,000": "500 CNY", "￥3,000.00": "0.3 CNY", "¥5000": "0.5 CNY", "500w": "500 CNY", "3元5角": "0.00035 CNY",
    "-3元5角": "-0.00035 CNY",
    "USD 2.5M": "250 USD", "US$2.5 million": "250 USD", "$100": "0.01 USD", "500万美元": "500 USD",
    "2400 万元 美元": "2400 USD", "HK$1bn": "100000 HKD", "5千万日元": "5000 JPY", "450万港元": "450 HKD",
    "500": "500 CNY", "1.5": "1.5 CNY", "１２": "12 CNY",
}  # fmt: skip
UNREAD = {
    "about": "约500万", "at least": "500万以上", "a range": "100-200万", "nearly": "近500万", "and more": "500余万元",
    "two amounts": "500万元（实缴300万元）", "a number behind": "500万人民币200", "two currencies": "100美元港元",
    "no number": "万人民币", "about a million": "百万元", "a broken separator": "1,20万", "words": "保密",
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), READ.items())
def test_an_amount_is_a_number_of_the_unit_and_a_currency(text: str, wanted: str) -> None:
    amount, currency = wanted.split()
    told = parse_amounts(pl.Series([text, amount]), WAN)
    assert told.row(0) == (amount, currency)
    assert told["amount"][1] == amount, "what was read is read as itself"


@pytest.mark.parametrize("text", UNREAD.values(), ids=UNREAD)
def test_what_is_no_amount_for_sure_is_null(text: str) -> None:
    assert parse_amounts(pl.Series([text, None]), WAN).rows() == [(None, None), (None, None)]


@pytest.mark.parametrize(
    ("name", "unit"),
    [
        ("元", Unit(Decimal(1), "CNY")),
        ("万元", WAN),
        ("亿元", Unit(Decimal(10**8), "CNY")),
        ("万美元", Unit(Decimal(10**4), "USD")),
        ("USD", Unit(Decimal(1), "USD")),
        ("吨", None),
        ("", None),
    ],
)
def test_a_unit_is_a_scale_and_a_currency(name: str, unit: Unit | None) -> None:
    assert amount_unit(name) == unit
