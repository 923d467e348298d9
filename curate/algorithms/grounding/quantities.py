"""Numbers with their units in a plain text.

Read alike: 一千二百家 and 1,200家, 3万元 and 30000元, 三成, 30% and 百分之三十, 打8折 and 八折, 一个半小时 and 90分钟, 3-5万元 and 3万元至5万元,
第十二届 and 第12届. 十几, 数百, 两三 are intervals. 一 before a counter is an article (一家公司) and no number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from curate.algorithms.grounding.hedges import bound_of, trend_of
from curate.algorithms.grounding.inexact import halves, intervals, prices_per
from curate.algorithms.grounding.quantity import Quantity
from curate.algorithms.grounding.units import COUNTERS, UNIT, UNITS
from curate.algorithms.numerals import NUMBER, read_number

_N = NUMBER.pattern
_CURRENCY = {"$": "美元", "US$": "美元", "USD": "美元", "€": "欧元", "£": "英镑", "HK$": "港元"}
_ONE_TENTH = "(?:成(?![立为功本员品果交都长熟绩效千就因型人语])|折(?![叠扣合弯返]))"
_HALF_UNIT = "(?:个?小时|个月|个星期|天|年|日|个?钟头|公里|公斤|米|吨|亩)"
#: a quantity: its number with all that belongs to it
_QUANTITY = re.compile(
    rf"(?P<sign>零下|负(?=[0-9])|(?<![0-9A-Za-z%℃元年月日)])-(?=[0-9]))?"
    rf"(?:(?P<currency>人民币|￥|HK\$|US\$|USD|RMB|[$€£])\s?)?"
    rf"(?P<ordinal>第)?"
    rf"(?:(?P<part>百|千|万)分之(?P<of>{_N})|(?P<below>{_N})分之(?P<above>{_N})"
    rf"|(?P<tenths>[0-9.]+|[一二两三四五六七八九]{{1,2}}){_ONE_TENTH}(?P<rest>[半一二三四五六七八九](?![个年月成折家人分]))?"
    rf"|(?P<half>半)(?={_HALF_UNIT})"
    rf"|(?P<number>{_N})(?P<more>[多余来几])?(?P<group>(?<=[多余来几])[万亿]+)?)"
    rf"\s?(?P<half_more>个半(?=小时|月|钟头|星期))?"
    rf"(?P<unit>{UNIT})?(?P<half_end>半(?![年月天小数]))?"
)
_BETWEEN = re.compile(r"(?:-|至|到|、|和|或者?|及|与|乘以?|[×xX*/])\s?")
_RANGE = re.compile(r"(?:-|至|到)\s?")
#: 一天, 一点, 一级: more often a word than a measure
_NO_MEASURE_TEXT = "天 日 分 点 号 级 度 转 代 刻钟 兆 股 块 角 安 斤"
_NO_MEASURE = frozenset(_NO_MEASURE_TEXT.split())
_SECONDS = re.compile(r"\s?[0-9零一二三四五六七八九十]+秒")
_RANGE_TO = re.compile(rf"(?:-|至|到)(?:{_N})(?:{UNIT})")
_ITEM, _LIST = re.compile(r"[,，、:是]"), re.compile(r"\.(?![0-9])|[、)]")
_ITEM_BEFORE = ("", "(", *"\n。；;:，,！？")
_ALONE = frozenset("一二三四五六七八九十两半零〇")


def quantities(text: str, taken: bytearray) -> Iterator[Quantity]:
    """The quantities of a plain text in order, outside of what is ``taken`` (1 for each character of another claim)."""
    found = [*halves(text, taken), *intervals(text, taken), *prices_per(text, taken)]
    for match in _QUANTITY.finditer(text):
        if (told := _read(match, text)) and not any(taken[told.start : told.end]):
            taken[told.start : told.end] = b"\1" * (told.end - told.start)
            found.append(told)
    found.sort(key=lambda told: told.start)
    yield from _joined(_shared(text, found))


def _read(match: re.Match[str], text: str) -> Quantity | None:
    part = match.groupdict()
    if part["of"] or part["below"]:
        return _fraction(match, text)
    if part["tenths"]:
        return _tenths(match, text)
    number = Decimal("0.5") if part["half"] else read_number(part["number"])
    if number is None:
        return None
    unit, factor = UNITS.get(part["unit"] or "", ("", Decimal(1)))
    if part["unit"] == "分" and (_SECONDS.match(text, match.end()) or text[: match.start()].endswith("时")):
        unit, factor = UNITS["分钟"]
    end = match.end() if part["unit"] else match.end("number" if not part["half"] else "half")
    if not part["unit"] and part["more"]:
        end = match.end("group") if part["group"] else match.end("more")
    if not part["half"] and not _counts(part, unit, text, match):
        return None
    if part["half_more"] or (part["half_end"] and unit):
        number += Decimal("0.5")
    for mark in part["group"] or "":
        number *= {"万": 10**4, "亿": 10**8}[mark]
    if part["sign"]:
        number = -number
    if part["currency"] and not unit:
        unit = _CURRENCY.get(part["currency"], "元")
    if part["ordinal"]:
        unit, factor = "第" + unit, Decimal(1)
    told = _quantity(text, match.start(), end, number * factor, unit, number)
    if part["number"] == "一" and not part["ordinal"] and not part["half_more"]:
        told = replace(told, article=_is_article(unit, part["unit"], text[: match.start()]))
    return replace(told, bound="over") if part["more"] in ("多", "余", "几") else told


def _counts(part: dict[str, str | None], unit: str, text: str, match: re.Match[str]) -> bool:
    """Whether it is a number that somebody counted: 一家公司, 十分, 参展, 一般 are not."""
    number = part["number"] or ""
    if (
        not unit
        and len(number) <= 2
        and _LIST.match(text, match.end("number"))
        and text[: match.start()][-1:] in _ITEM_BEFORE
    ):
        return False  # 1. …；2. …
    if number[0].isdigit() and number[0].isascii():
        behind = text[match.end("number") : match.end("number") + 1]
        return not (behind.isascii() and behind.isalpha() and not part["unit"])
    if part["ordinal"]:
        if not unit and _ITEM.match(text, match.end("number")) and text[: match.start()][-1:] in _ITEM_BEFORE:
            return False  # 第一，…；第二，…
        return (not text.startswith(("时间", "一手"), match.end("number")) and number != "一") or bool(unit)
    if not unit:
        if len(number) == 1 and _RANGE_TO.match(text, match.end("number")):  # 三到五个
            return number in _ALONE
        # 一千二百, 三百二十六 without a unit; 二〇一九 is a year or a code
        return len(number) >= 3 and bool(set(number) & set("十百千万亿"))
    if len(number) == 1 and number not in _ALONE:
        return False
    return not (number == "十" and part["unit"] in ("分",)) and not (number == "零" or number == "〇")


def _is_article(unit: str, way: str | None, before: str) -> bool:
    """一家公司, 一天, 前一年."""
    return unit in COUNTERS or way in _NO_MEASURE or before[-1:] in tuple("前上下后新这那头每同")


def _fraction(match: re.Match[str], text: str) -> Quantity | None:
    """百分之三十, 三分之一."""
    if match["of"]:
        share = read_number(match["of"])
        scale = {"百": Decimal(1), "千": Decimal("0.1"), "万": Decimal("0.01")}[match["part"]]
        return None if share is None else _quantity(text, match.start(), match.end("of"), share * scale, "%")
    below, above = read_number(match["below"]), read_number(match["above"])
    if not below or above is None:
        return None
    return _quantity(text, match.start(), match.end("above"), above * 100 / below, "%")


def _tenths(match: re.Match[str], text: str) -> Quantity | None:
    """七成半 75%, 九五折 and 95折 9.5折."""
    told, end = match["tenths"], match.end("tenths") + 1
    spoken = "零一二三四五六七八九"
    digits = told.replace("两", "二")
    digits = digits.translate({ord(mark): str(value) for value, mark in enumerate(spoken)})
    if not re.fullmatch(r"[0-9]+(?:\.[0-9]+)?", digits):
        return None
    number = Decimal(digits)
    if text[end - 1] == "折":
        return _quantity(text, match.start(), end, number / 10 if number >= 10 else number, "折")
    if match["rest"]:
        end += 1
        number += Decimal("0.5") if match["rest"] == "半" else Decimal(spoken.index(match["rest"])) / 10
    return _quantity(text, match.start(), end, number * 10, "%")


def _quantity(
    text: str, start: int, end: int, value: Decimal, unit: str, bare: Decimal = Decimal(0)
) -> Quantity:
    bound, trend = bound_of(text, start, end), trend_of(text, start)
    return Quantity(start, end, value, value, unit, bound, bare, trend=trend)


def _shared(text: str, found: list[Quantity]) -> list[Quantity]:
    """3-5万元 is 3万元 and 5万元; 3×3米 is 3米 and 3米."""
    for place in range(len(found) - 2, -1, -1):
        first, second = found[place], found[place + 1]
        between = _BETWEEN.fullmatch(text, first.end, second.start)
        if first.unit not in ("", "第") or not between or not second.unit or not second.bare:
            continue
        scale = Decimal(1)
        if _RANGE.fullmatch(text, first.end, second.start) and second.bare >= 10**4 > first.low:
            scale = Decimal(10**8 if second.bare >= 10**8 else 10**4)
        value = first.low * scale * (second.high / second.bare)
        found[place] = replace(first, low=value, high=value, unit=second.unit, bare=first.bare)
    return found


def _joined(found: list[Quantity]) -> Iterator[Quantity]:
    """1小时30分钟 is one time."""
    held: Quantity | None = None
    for told in found:
        if held and told.unit == held.unit == "秒" and told.start == held.end and told.low < held.low:
            held = replace(held, end=told.end, low=held.low + told.low, high=held.high + told.high)
            continue
        if held:
            yield held
        held = told
    if held:
        yield held
