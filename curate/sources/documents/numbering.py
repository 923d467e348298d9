"""The numbers that Word writes before paragraphs: 第一条, （二）, 1.1 stand nowhere in a document's text.

A file holds formats only (ECMA-376 part 1, 17.9): each list counts its levels, and a level's template (``第%1条``)
says how it shows.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
DIGITS = "〇一二三四五六七八九"
ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"),
         (9, "ix"), (5, "v"), (4, "iv"), (1, "i"))  # fmt: skip


@dataclass(frozen=True)
class Level:
    form: str
    template: str
    start: int


class Numbering:
    """The lists of one document; ``mark`` counts on, so paragraphs are asked for in reading order."""

    def __init__(self, root: Any) -> None:
        """``root``: the element ``w:numbering``; None when the document has no lists."""
        self.levels: dict[tuple[str, int], Level] = {}
        self.list_of: dict[str, str] = {}  # several lists may count on as one
        self.counts: dict[str, dict[int, int]] = defaultdict(dict)
        if root is None:
            return
        kinds = {kind.get(f"{W}abstractNumId"): kind for kind in root.iterfind(f"{W}abstractNum")}
        for one in root.iterfind(f"{W}num"):
            number, kind = one.get(f"{W}numId"), one.find(f"{W}abstractNumId").get(f"{W}val")
            starts = {
                int(over.get(f"{W}ilvl")): int(_value(over, "startOverride", "1"))
                for over in one.iterfind(f"{W}lvlOverride")
                if over.find(f"{W}startOverride") is not None
            }
            self.list_of[number] = f"{kind}/{number}" if starts else kind
            for level in kinds[kind].iterfind(f"{W}lvl") if kind in kinds else []:
                depth = int(level.get(f"{W}ilvl"))
                self.levels[number, depth] = Level(
                    _value(level, "numFmt", "decimal"),
                    _value(level, "lvlText", ""),
                    starts.get(depth, int(_value(level, "start", "1"))),
                )

    def mark(self, number: str, depth: int) -> str:
        """What stands before the list's next paragraph of this depth; ``-`` for a bullet, "" for nothing."""
        level = self.levels.get((number, depth))
        if level is None or level.form == "none":
            return ""
        if level.form == "bullet":
            return "-"
        counts = self.counts[self.list_of[number]]
        counts[depth] = counts.get(depth, level.start - 1) + 1
        for deeper in [other for other in counts if other > depth]:
            del counts[deeper]
        mark = level.template
        for place in range(depth + 1):
            if (upper := self.levels.get((number, place))) is not None:
                mark = mark.replace(f"%{place + 1}", shown(counts.get(place, upper.start), upper.form))
        return mark.strip()


def shown(number: int, form: str) -> str:
    """A number in one of Word's formats (``ST_NumberFormat``); in digits where the format is not known."""
    return FORMS.get(form, str)(number)


def chinese(number: int) -> str:
    """十二, 二十, 一百零三: up to 9999."""
    if not 0 < number < 10_000:
        return str(number)
    text, gap = "", False
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            text += ("零" if gap and text else "") + DIGITS[digit] + unit
        gap = not digit
    return text.removeprefix("一") if text.startswith("一十") else text


def _letters(number: int) -> str:
    return chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 + 1)


def _roman(number: int) -> str:
    text = ""
    for value, letters in ROMAN:
        text += letters * (number // value)
        number %= value
    return text


def _circled(number: int) -> str:
    return chr(0x2460 + number - 1) if 1 <= number <= 20 else f"({number})"


def _value(element: Any, name: str, default: str) -> str:
    found = element.find(f"{W}{name}")
    return default if found is None else str(found.get(f"{W}val", default))


FORMS: dict[str, Callable[[int], str]] = {
    **dict.fromkeys(
        ["chineseCounting", "chineseCountingThousand", "japaneseCounting", "taiwaneseCountingThousand"],
        chinese,
    ),
    **dict.fromkeys(
        ["ideographDigital", "taiwaneseDigital"],
        lambda number: "".join(DIGITS[int(one)] for one in str(number)),
    ),
    **dict.fromkeys(["decimalEnclosedCircle", "decimalEnclosedCircleChinese"], _circled),
    "decimalZero": lambda number: f"{number:02}",
    "lowerLetter": _letters,
    "upperLetter": lambda number: _letters(number).upper(),
    "lowerRoman": _roman,
    "upperRoman": lambda number: _roman(number).upper(),
}
