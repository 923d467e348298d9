"""Quantities that are not written as one number: 一半, 十几家, 数百, 两三天, 每平方米."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

from curate.algorithms.grounding.kinds import Bound
from curate.algorithms.grounding.quantity import Quantity
from curate.algorithms.grounding.units import UNIT, UNITS

#: 十几 [11, 19], 几十 [20, 99], 上千 [1000, 1999] …
_SOME = re.compile(
    rf"(?P<some>[几数上近百千]?(?:十几|十余|十多|几十|数十|上百|近百|百余|百多|几百|数百|上千|近千|千余|几千|数千|上万|近万|万余|几万|数万"
    rf"|(?P<two>一二|二三|两三|三四|三五|四五|五六|六七|七八|八九)(?P<ten>[十百千])?))(?P<group>[万亿]*)(?P<unit>{UNIT})"
)
_SIZE = {"十": 10, "百": 100, "千": 1000, "万": 10000}
#: 每平方米, 元/小时, 每年: a price's other half
_PER = re.compile(
    r"(?:每|(?<=元)/|(?<=元)每)(?:一|1|个)?(?P<unit>平方米|平米|㎡|m²|立方米|m³|公里|千米|米|公斤|千克|吨|小时|分钟|千瓦时|度电|年|个?月|周|[天日](?=[0-9一二三四五六七八九十百千.]+元))(?![初中底末度])"
)
_HALVES = re.compile(
    r"(?P<over>过|超|逾|大)?(?:(?<![0-9])一半|半数|减半|半价|折半|各半|对半)|(?P<most>过半|大半)"
)


def halves(text: str, taken: bytearray) -> Iterator[Quantity]:
    """一半, 过半: 50 %."""
    for match in _HALVES.finditer(text):
        if not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = b"\1" * len(match[0])
            bound: Bound = "over" if match["over"] or match["most"] else ""
            yield Quantity(match.start(), match.end(), Decimal(50), Decimal(50), "%", bound)


def prices_per(text: str, taken: bytearray) -> Iterator[Quantity]:
    """每平方米: one 平方米."""
    for match in _PER.finditer(text):
        if not any(taken[match.start() : match.end()]):
            taken[match.start() : match.end()] = b"\1" * len(match[0])
            unit, factor = UNITS[match["unit"]]
            yield Quantity(match.start(), match.end(), factor, factor, unit)


def intervals(text: str, taken: bytearray) -> Iterator[Quantity]:
    """十几家: 11 to 19."""
    for match in _SOME.finditer(text):
        before = text[match.start() - 1] if match.start() else "\n"
        if any(taken[match.start() : match.end()]) or before in "零一二三四五六七八九十百千万0123456789第":
            continue
        group = Decimal(1)
        for mark in match["group"]:
            group *= {"万": 10**4, "亿": 10**8}[mark]
        low, high = _interval(match["some"], match["two"], match["ten"])
        unit, factor = UNITS[match["unit"]]
        taken[match.start() : match.end()] = b"\1" * len(match[0])
        yield Quantity(match.start(), match.end(), low * group * factor, high * group * factor, unit, "about")


def _interval(some: str, two: str | None, ten: str | None) -> tuple[Decimal, Decimal]:
    if two:
        size = _SIZE.get(ten or "", 1)
        low, high = ("零一二三四五六七八九".index(mark.replace("两", "二")) for mark in two)
        return Decimal(low * size), Decimal(high * size)
    if some[0] == "十":
        return Decimal(11), Decimal(19)
    size = _SIZE[next(mark for mark in some if mark in _SIZE)]
    if some[0] in "几数":
        return Decimal(2 * size), Decimal(10 * size - 1)
    return (
        (Decimal(size * 8) / 10, Decimal(size)) if some[0] == "近" else (Decimal(size), Decimal(2 * size - 1))
    )
