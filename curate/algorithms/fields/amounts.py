"""Amounts of money: 3,000万人民币, 叁仟万元整, USD 2.5M, 1.2亿 -> a number in one unit, and the currency (ISO 4217)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from curate.algorithms.fields.each_value import each_value, narrow
from curate.algorithms.numerals import to_number

#: Words for a currency, in lower case. ``$`` alone is the American one, ``¥`` the Chinese one: so they are used here.
CURRENCIES = {
    "CNY": "人民币元 人民币 人民幣 rmb cny ¥ cn¥",
    "USD": "美元 美金 美币 usd us$ $ 美圆",
    "HKD": "港元 港币 港幣 港圆 hkd hk$",
    "EUR": "欧元 歐元 eur €",
    "JPY": "日元 日币 日圆 jpy 円 jp¥",
    "GBP": "英镑 英鎊 gbp £",
    "TWD": "新台币 新臺幣 台币 臺幣 twd nt$ ntd",
    "MOP": "澳门元 澳门币 葡币 mop mop$",
    "KRW": "韩元 韩币 韩圆 krw ₩",
    "SGD": "新加坡元 新元 新币 新加坡币 sgd s$",
    "AUD": "澳元 澳币 澳大利亚元 aud a$",
    "CAD": "加元 加币 加拿大元 cad c$ ca$",
    "CHF": "瑞士法郎 瑞郎 chf",
    "RUB": "卢布 俄罗斯卢布 rub ₽",
    "INR": "卢比 印度卢比 inr ₹",
    "THB": "泰铢 thb ฿",
    "VND": "越南盾 vnd",
}
_WORDS = {word: code for code, words in CURRENCIES.items() for word in words.split()}
_SCALES = {
    "k": 3, "thousand": 3, "w": 4, "m": 6, "mn": 6, "mm": 6, "mio": 6, "million": 6, "millions": 6,
    "b": 9, "bn": 9, "billion": 9, "trillion": 12,
}  # fmt: skip
_CHINESE_SCALES = {
    "": 0,
    "百": 2,
    "千": 3,
    "万": 4,
    "十万": 5,
    "百万": 6,
    "千万": 7,
    "亿": 8,
    "十亿": 9,
    "百亿": 10,
    "万亿": 12,
}


def _any_of(words: dict[str, str] | dict[str, int]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_CURRENCY = rf"(?:{_any_of(_WORDS)})"
_AMOUNT = re.compile(
    rf"(?P<front>(?:{_CURRENCY})*)(?P<number>[^a-z$€£¥元圆]+?)(?P<scale>{_any_of(_SCALES)})?"
    rf"(?P<back>(?:{_CURRENCY}|[元圆块])*)(?:(?P<jiao>[0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖])角)?"
    rf"(?:零?(?P<fen>[0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖])分)?[整正]?(?P<end>{_CURRENCY}?)"
)
_UNIT = re.compile(rf"(?P<scale>{_any_of(_CHINESE_SCALES)}|)(?P<currency>{_any_of(_WORDS)}|元)?")
_LABEL = re.compile(r"^[\u4e00-\u9fff]{2,8}:")


@dataclass(frozen=True)
class Unit:
    """What an amount is to be told in: ``scale`` of it make one (万元: 10000), in ``currency``."""

    scale: Decimal
    currency: str


def amount_unit(name: str) -> Unit | None:
    """万元, 亿元, 元, 万美元, USD; None where it is none of these. 元 is Chinese."""
    found = _UNIT.fullmatch(name.strip().lower())
    if not name.strip() or not found:
        return None
    currency = _WORDS.get(found["currency"] or "", "CNY")
    return Unit(Decimal(10) ** _CHINESE_SCALES[found["scale"] or ""], currency)


def parse_amounts(texts: pl.Series, unit: Unit) -> pl.DataFrame:
    """amount, currency: both null where the text is no amount for sure (约500万, 100-200万, 500万以上).

    ``amount`` is a plain decimal number in ``unit``. A number without any unit is in ``unit`` already, so that what was
    read is read as itself; without a currency's name it is ``unit.currency``.
    """
    dtype = pl.Struct({"amount": pl.String, "currency": pl.String})
    return each_value(texts, lambda text: _amount(text, unit), dtype).struct.unnest()


def _amount(text: str, unit: Unit) -> dict[str, str] | None:
    plain = _LABEL.sub("", re.sub(r"\s+", "", narrow(text).lower()))
    number = to_number(plain)
    if number is not None and not re.search("[万萬亿億]", plain):
        return {"amount": decimal_text(number), "currency": unit.currency}
    plain = re.sub(r"\(([^()0-9]+)\)", r"\1", plain)
    found = _AMOUNT.fullmatch(plain)
    number = to_number(found["number"]) if found else None
    if found is None or number is None:
        return None
    words = re.findall(_CURRENCY, found["front"]) + re.findall(_CURRENCY, found["back"]) + [found["end"]]
    codes = {_WORDS[word] for word in words if word}
    if len(codes) > 1:
        return None
    small = [to_number(found[part]) if found[part] else Decimal(0) for part in ("jiao", "fen")]
    number = number * Decimal(10) ** _SCALES.get(found["scale"] or "", 0)
    part = sum((part or Decimal(0)) / 10 ** (place + 1) for place, part in enumerate(small))
    number += part.copy_sign(number)
    return {"amount": decimal_text(number / unit.scale), "currency": codes.pop() if codes else unit.currency}


def decimal_text(number: Decimal) -> str:
    """1E+3 -> 1000, 2.50 -> 2.5"""
    return format(number.normalize() if number else Decimal(0), "f")
