"""A right answer with one number, date or code made wrong, so that it looks as right as before.

Same format, unit and order of magnitude; a date that exists; and never a value that is true of something else in the
source: a "wrong" answer that happens to be right would teach the contrary.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from curate.algorithms.numerals import numbers_in

#: What is never changed: addresses, titles, quotations.
_LOCKED = r"(?P<locked>https?://\S+|www\.\S+|\S+@\S+|[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.(?:com|cn|net|org)\S*|《[^》]*》)"
_DATE = r"(?P<date>(?<!\d)\d{4}(?:年\d{1,2}月\d{1,2}日|[-/.]\d{1,2}[-/.]\d{1,2}(?!\d)))"
_MONTH = r"(?P<month>(?<!\d)\d{4}年\d{1,2}月)"
_DAY = r"(?P<day>(?<!\d)\d{1,2}月\d{1,2}日)"
_TIME = r"(?P<time>(?<!\d)\d{1,2}[:：]\d{2}(?!\d))"
_CODE = (
    r"(?P<code>(?=[A-Za-z0-9-]*\d)(?=[A-Za-z0-9-]*[A-Za-z])[A-Za-z0-9][A-Za-z0-9-]*|(?<!\d)\d{7,}(?![\d.]))"
)
_YEAR = r"(?P<year>(?<![\d.,])(?:19|20)\d{2}(?=年|届|[^\d.,家人名万亿元平个㎡台吨千百%％]|$))"
_NUMBER = r"(?P<number>(?<![\d.,])(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?[%％]?(?!\d))"
_SPANS = re.compile("|".join([_LOCKED, _DATE, _MONTH, _DAY, _TIME, _CODE, _YEAR, _NUMBER]))
_SPOKEN = ("一二三四五六七八九", "壹贰叁肆伍陆柒捌玖")
_MEASURES = "家个人名天年月届米台间项次场座层位期种款万亿"
#: Short ones are words: 5G, 3D, B2B.
_SHORTEST_CODE = 4


def wrong_number(answer: str, draw: int, question: str = "", source: str = "") -> str | None:
    """``answer`` with one value changed wherever it stands, or None where there is none to change.

    Args:
        draw: chooses which value and how.
        question: what stands in it is not changed, for then the answer would be one to another question.
        source: its values are true.
    """
    true = "\n".join([answer, question, source])
    values = {number.value for number in numbers_in(true)}
    dates = set(_dates(true))
    places = [place for place in _places(answer) if place[1] not in question]
    for turn in range(len(places)):
        kind, old = places[(draw + turn) % len(places)]
        for new in _rotated(list(_CHANGES[kind](old)), draw // 7):
            if new not in true and _is_false(kind, new, values, dates) and not _hidden(old, answer):
                return _replaced(answer, old, new)
    return None


def _places(answer: str) -> list[tuple[str, str]]:
    """(kind, text) of what can be changed, each text once, in order."""
    found = [(str(one.lastgroup), one[0], one.start(), one.end()) for one in _SPANS.finditer(answer)]
    for number in numbers_in(answer):
        text, after = answer[number.start : number.end], answer[number.end : number.end + 1]
        spoken = not any(mark.isascii() and mark.isdigit() for mark in text)
        counted = len(text) > 1 or (text in "二三四五六七八九" and after and after in _MEASURES)
        apart = all(end <= number.start or number.end <= start for _, _, start, end in found)
        if spoken and counted and apart:
            found.append(("spoken", text, number.start, number.end))
    usable = [
        (kind, text)
        for kind, text, _, _ in sorted(found, key=lambda one: one[2])
        if kind != "locked" and not (kind == "code" and len(text) < _SHORTEST_CODE)
    ]
    return list(dict.fromkeys(usable))


def _replaced(answer: str, old: str, new: str) -> str:
    """Every ``old`` that is no part of a longer number or code."""
    return re.sub(rf"(?<![A-Za-z0-9.,]){re.escape(old)}(?![A-Za-z0-9])", lambda _: new, answer)


def _hidden(old: str, answer: str) -> bool:
    return _replaced(answer, old, "") == answer


def _is_false(kind: str, new: str, values: set[Decimal], dates: set[date]) -> bool:
    if kind == "date":
        return not set(_dates(new)) & dates
    if kind in ("number", "year", "spoken"):
        told = {number.value for number in numbers_in(new.rstrip("%％"))}
        return bool(told) and not told & values
    return True


def _dates(text: str) -> Iterator[date]:
    for found in re.finditer(r"(\d{4})(?:年|[-/.])(\d{1,2})(?:月|[-/.])(\d{1,2})", text):
        try:
            yield date(*map(int, found.groups()))
        except ValueError:
            continue


def _rotated(changes: list[str], by: int) -> list[str]:
    by = by % len(changes) if changes else 0
    return changes[by:] + changes[:by]


def _in_parts(
    text: str, least: tuple[int, ...], most: tuple[int, ...], steps: tuple[tuple[int, ...], ...]
) -> Iterator[str]:
    """A text of several numbers with one of them moved by a step; leading zeros stay."""
    parts = re.split(r"(\d+)", text)
    for place, moves in enumerate(steps):
        old = parts[2 * place + 1]
        for move in moves:
            if least[place] <= int(old) + move <= most[place]:
                yield "".join(
                    [*parts[: 2 * place + 1], f"{int(old) + move:0{len(old)}d}", *parts[2 * place + 2 :]]
                )


def _date_changes(text: str) -> Iterator[str]:
    days, months, years = (1, -1, 3, -3, 7, -7, 10, -10), (1, -1, 2, -2, 3, -3), (-1, 1)
    for new in _in_parts(text, (1900, 1, 1), (2100, 12, 31), (years, months, days)):
        if next(_dates(new), None):
            yield new


def _month_changes(text: str) -> Iterator[str]:
    yield from _in_parts(text, (1900, 1), (2100, 12), ((-1, 1, -2, 2), (1, -1, 2, -2, 3, -3)))


def _day_changes(text: str) -> Iterator[str]:
    yield from _in_parts(text, (1, 1), (12, 28), ((1, -1, 2, -2), (1, -1, 3, -3, 7, -7, 10)))


def _time_changes(text: str) -> Iterator[str]:
    yield from _in_parts(text, (0, 0), (23, 59), ((1, -1, 2, -2), (30, -30, 15, -15)))


def _year_changes(text: str) -> Iterator[str]:
    yield from _in_parts(text, (1900,), (2100,), ((-1, 1, -2, 2, -3, 3, -5, 5),))


def _code_changes(text: str) -> Iterator[str]:
    """One of the last two digits another: a code differs from its neighbours there."""
    digits = [place for place, mark in enumerate(text) if mark.isdigit()]
    for place in reversed(digits[-2:]):
        for step in (1, 3, 7, 9):
            yield text[:place] + str((int(text[place]) + step) % 10) + text[place + 1 :]


def _number_changes(text: str) -> Iterator[str]:
    """The first or second digit that says something, another; as many digits as before."""
    digits = [place for place, mark in enumerate(text) if mark.isdigit()]
    told = [place for place in digits if text[place] != "0"]
    if not told:
        return
    first, last = told[0], told[-1]
    for place in [place for place in digits if first <= place <= last][:2]:
        old = int(text[place])
        # the last of them must not become 0: 1,200 would then be rounder than it was
        least = 1 if place in (first, last) else 0
        for step in (1, -1, 2, -2, 3, -3):
            if least <= old + step <= 9:
                new = text[:place] + str(old + step) + text[place + 1 :]
                if not (_whole_at_most(text) and not _whole_at_most(new)):
                    yield new


def _whole_at_most(text: str) -> bool:
    """A share that is not above the whole."""
    return text[-1] in "%％" and float(text[:-1].replace(",", "")) <= 100


def _spoken_changes(text: str) -> Iterator[str]:
    """One digit another; of 二〇二六, said digit by digit, the last."""
    one_by_one = len(text) >= 3 and all(mark in "".join(_SPOKEN) + "零〇○" for mark in text)
    for place, mark in list(enumerate(text))[-1 if one_by_one else 0 :]:
        plain = "二" if mark in "两兩" else mark
        row = next((row for row in _SPOKEN if plain in row), None)
        for step in (1, -1, 2, -2, 3) if row else ():
            value = row.index(plain) + step if row else 0
            if row and 0 <= value < 9:
                yield text[:place] + row[value] + text[place + 1 :]


_CHANGES: dict[str, Callable[[str], Iterator[str]]] = {
    "date": _date_changes,
    "month": _month_changes,
    "day": _day_changes,
    "time": _time_changes,
    "code": _code_changes,
    "year": _year_changes,
    "number": _number_changes,
    "spoken": _spoken_changes,
}
