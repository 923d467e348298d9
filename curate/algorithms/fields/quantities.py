"""Quantities: 1.2万平米, 10,000㎡, 15亩 -> a number in one unit."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import polars as pl

from curate.algorithms.fields.amounts import decimal_text
from curate.algorithms.fields.each_value import each_value, narrow
from curate.algorithms.numerals import to_number

#: What is measured -> how much of the first unit one of each is (GB 3100-1993; 亩, 斤: 国务院 1984; 坪: 400/121 m²).
UNITS: dict[str, dict[str, Fraction]] = {
    "area": {
        "平方米 平米 平方 m2 sqm 平方公尺 squaremeter squaremeters squaremetre squaremetres": Fraction(1),
        "平方厘米 cm2": Fraction(1, 10**4),
        "公顷 ha hectare hectares": Fraction(10**4),
        "平方公里 平方千米 km2": Fraction(10**6),
        "亩": Fraction(2000, 3),
        "平方英尺 sqft ft2 squarefeet": Fraction("0.09290304"),
        "坪": Fraction(400, 121),
    },
    "length": {
        "米 m 公尺 meter meters metre metres": Fraction(1),
        "厘米 公分 cm": Fraction(1, 100),
        "毫米 mm": Fraction(1, 1000),
        "微米 μm um": Fraction(1, 10**6),
        "千米 公里 km": Fraction(1000),
        "英寸 inch inches in": Fraction("0.0254"),
        "英尺 ft feet foot": Fraction("0.3048"),
        "英里 mile miles": Fraction("1609.344"),
    },
    "mass": {
        "千克 公斤 kg": Fraction(1),
        "克 g": Fraction(1, 1000),
        "毫克 mg": Fraction(1, 10**6),
        "吨 t 公吨": Fraction(1000),
        "斤": Fraction(1, 2),
        "磅 lb lbs": Fraction("0.45359237"),
    },
    "volume": {
        "升 l 公升": Fraction(1),
        "毫升 ml": Fraction(1, 1000),
        "立方米 m3 方": Fraction(1000),
        "立方厘米 cm3": Fraction(1, 1000),
    },
    "time": {
        "秒 秒钟 s": Fraction(1),
        "分钟 分 min mins": Fraction(60),
        "小时 钟头 h hour hours": Fraction(3600),
        "天 日 day days": Fraction(86400),
        "周 星期 week weeks": Fraction(604800),
    },
    "months": {"月 个月 month months": Fraction(1), "年 year years": Fraction(12)},
    "power": {"瓦 w": Fraction(1), "千瓦 kw": Fraction(1000), "兆瓦 mw": Fraction(10**6)},
    "people": {"人 名 位": Fraction(1)},
}
_BY_NAME = {
    name: (measure, factor)
    for measure, units in UNITS.items()
    for names, factor in units.items()
    for name in names.split()
}
_LONGEST_FIRST = sorted(_BY_NAME, key=len, reverse=True)
_LABEL = re.compile(r"^[\u4e00-\u9fff]{2,8}:")
#: a third of 亩 has no end: so many decimals are told
_PLACES = Decimal("0.000001")


def quantity_unit(name: str) -> str:
    """The unit as it is looked up: ㎡ -> m2. One that is not in the table (家, 件, 展位) counts only itself."""
    return re.sub(r"[\s.]+", "", narrow(name).lower())


def parse_quantities(texts: pl.Series, unit: str) -> pl.Series:
    """Each text as a plain decimal number in ``unit``, or null; a number without a unit is in ``unit`` already."""
    wanted = quantity_unit(unit)
    return each_value(texts, lambda text: _quantity(text, wanted))


def _quantity(text: str, wanted: str) -> str | None:
    plain = _LABEL.sub("", re.sub(r"\s+", "", narrow(text).lower()))
    plain = re.sub(r"\(([^()]+)\)$", r"\1", plain)  # 500(平方米)
    bare = to_number(plain)
    if bare is not None:
        return decimal_text(bare)
    for name in (wanted, *_LONGEST_FIRST):
        number = to_number(plain.removesuffix(name)) if plain.endswith(name) else None
        if number is not None:
            return _converted(number, name, wanted)
    return None


def _converted(number: Decimal, name: str, wanted: str) -> str | None:
    if name == wanted:
        return decimal_text(number)
    measure, factor = _BY_NAME[name]
    other, target = _BY_NAME.get(wanted, ("", Fraction(1)))
    if other != measure:
        return None
    told = Fraction(number) * factor / target
    return decimal_text((Decimal(told.numerator) / Decimal(told.denominator)).quantize(_PLACES))
