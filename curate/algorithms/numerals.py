"""Numbers as people write them in Chinese text: 一千二百, 叁仟万, 3.5万, 1,200, １２００.

What cannot be read surely is no number: a range (100-200), an approximation (十几, 三五百, 近百万), a digit string with
a broken thousands separator (1,20). Values are ``Decimal``, so that 0.1万 is 1000 and nothing else.

Rules of reading: GB/T 15835-2011 (numerals in publications) and the bank's capitals 壹贰叁肆伍陆柒捌玖拾佰仟 of
支付结算办法 (1997), appendix 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

_DIGITS = {mark: value for value, marks in enumerate(
    ["零〇○", "一壹弌幺", "二贰貳弍两兩", "三叁參叄弎", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖"]
) for mark in marks}  # fmt: skip
_TENS = {"廿": 20, "卅": 30, "卌": 40}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
#: 兆 is no unit: 10^6 here, 10^12 there
_GROUPS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
#: nobody has so much, or knows it so exactly: it is a code
_TOO_MUCH, _TOO_LONG = Decimal(10**15), 24
_WIDE = str.maketrans("０１２３４５６７８９．，＋－％", "0123456789.,+-%")

_ARABIC = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_SPOKEN = f"[{''.join(_DIGITS)}{''.join(_TENS)}{''.join(_UNITS)}]"
_GROUP = f"[{''.join(_GROUPS)}]"
#: Written like a number (``read_number`` says whether it is one): 3.5, 3.5万, 1亿2000万, 一千二百, 三点五万, 3千万, 半
NUMBER = re.compile(
    rf"(?:{_ARABIC}[百佰千仟]?|{_SPOKEN}+(?:点[{''.join(_DIGITS)}]+)?)(?:{_GROUP}+(?:{_ARABIC}[百佰千仟]?|{_SPOKEN}+)?)*半?"
    rf"|半(?={_GROUP})"
)
#: what stands in front of 万 or 亿, or at the end
_SECTION = re.compile(
    rf"(?P<arabic>{_ARABIC})(?P<thousand>[百佰千仟]?)|(?P<spoken>{_SPOKEN}+)(?:点(?P<after>[{''.join(_DIGITS)}]+))?"
)


@dataclass(frozen=True)
class Number:
    """A number in a text, at ``text[start:end]``."""

    start: int
    end: int
    value: Decimal


def to_number(text: str) -> Decimal | None:
    """The number that a whole text is, or None: white space around it, a sign and full-width digits are allowed.

    >>> to_number("一千二百"), to_number("3.5万"), to_number("叁仟万"), to_number("1,200"), to_number("100-200")
    (Decimal('1200'), Decimal('35000'), Decimal('30000000'), Decimal('1200'), None)
    """
    narrow = text.translate(_WIDE)
    if re.search(r"[0-9]\s+[0-9]", narrow):  # two numbers
        return None
    plain = "".join(narrow.split())
    negative = plain[:1] in ("-", "−", "负")
    plain = plain[1:] if negative or plain[:1] == "+" else plain
    value = read_number(plain)
    if value is None or value >= _TOO_MUCH:
        return None
    return -value if negative else value


def numbers_in(text: str) -> list[Number]:
    """The numbers of a text, in order. A part that is written like a number and is none (十几, 1,20) is left out."""
    return list(_numbers(text.translate(_WIDE)))


def _numbers(text: str) -> Iterator[Number]:
    for found in NUMBER.finditer(text):
        value = read_number(found[0])
        before, after = text[: found.start()][-1:], text[found.end() :][:2]
        approximate = before in ("几", "数", "近") or after[:1] in ("几", "多", "余", "来")
        # 1,20 and 1.2.3: a piece of something else
        piece = (before in (".", ",") and text[: found.start()][-2:-1].isdigit()) or re.match(
            r"[.,][0-9]", after
        )
        if value is not None and not approximate and not piece:
            yield Number(found.start(), found.end(), value)


def read_number(text: str) -> Decimal | None:
    """The value of an unsigned number without spaces, or None."""
    half = text.endswith("半") and len(text) > 1
    parts = re.split(f"({_GROUP}+)", text[:-1] if half else text)
    if text == "半":
        return Decimal("0.5")
    total, limit, last = Decimal(0), Decimal("Infinity"), Decimal(1)
    for place in range(0, len(parts), 2):
        group = Decimal(1)
        for mark in parts[place + 1] if place + 1 < len(parts) else "":
            group *= _GROUPS[mark]
        if not parts[place]:
            if place == len(parts) - 1 and place:  # ends with 万
                break
            return None
        value = _section(parts[place], last)
        if value is None or value * group >= limit:  # 3万亿 is one group; 5万6亿 is none
            return None
        total, limit, last = total + value * group, group, group
    if half:  # 三万半, 两百半 are not said; 一个半 has its measure word between
        return total + last / 2 if last > 1 else None
    return total


def _section(text: str, above: Decimal) -> Decimal | None:
    """One section. ``above``: the group in front of it (万 in 三万五)."""
    if text == "半":
        return Decimal("0.5")
    found = _SECTION.fullmatch(text)
    if not found or len(text) > _TOO_LONG:
        return None
    if found["arabic"]:
        if above > 1 and len(text) == 1:  # 1万2: 12000 as it is said, 10002 as it is written
            return None
        number = Decimal(found["arabic"].replace(",", ""))
        return number * _UNITS[found["thousand"]] if found["thousand"] else number
    spoken = _spoken(found["spoken"])
    if spoken is None or not found["after"]:
        # 三万五 = 35000: one bare digit behind a group counts tenths of it
        return (
            spoken * above / 10 if spoken is not None and above > 1 and text in _DIGITS and spoken else spoken
        )
    return spoken + Decimal("0." + "".join(str(_DIGITS[mark]) for mark in found["after"]))


def _spoken(text: str) -> Decimal | None:
    """一千二百〇五, 二〇〇三 (digit by digit), 廿三, 十五, 两百五 (250)."""
    if all(mark in _DIGITS for mark in text):
        # 三五 (three to five) is no number; 二〇〇三, 一二三四 are digits one by one
        zero = any(_DIGITS[mark] == 0 for mark in text)
        if len(text) == 1 or zero or len(text) >= 3:
            return Decimal("".join(str(_DIGITS[mark]) for mark in text))
        return None
    total, digit, unit, zero = 0, None, 10**4, False
    for mark in text:
        if mark in _TENS:
            if digit is not None or unit <= 10:
                return None
            total, unit, zero = total + _TENS[mark], 10, False
        elif mark in _UNITS:
            if _UNITS[mark] >= unit or digit == 0:
                return None
            if digit is None and _UNITS[mark] != 10:  # 百, 千 alone mean "about"; 十 is ten
                return None
            unit = _UNITS[mark]
            total, digit, zero = total + (1 if digit is None else digit) * unit, None, False
        elif _DIGITS[mark] == 0:
            if digit is not None:
                return None
            zero = True
        elif digit is not None:
            return None
        else:
            digit = _DIGITS[mark]
    if digit is not None:
        # 两百五 = 250, but 两百零五 = 205
        total += digit * (unit // 10 if unit in (100, 1000) and not zero else 1)
    return Decimal(total)
