"""The kinds of personal data, what a search finds, and the plain writing that searches read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from curate.algorithms.characters import NUMERALS as HAN_NUMERALS

#: In the order in which they claim their place in a text: an address @qq.com may begin with a telephone number, a
#: bank card's digits may hold one.
Kind = Literal[
    "email", "id_card", "bank_card", "mobile", "landline", "wechat", "qq", "passport", "plate", "address", "person_name"
]  # fmt: skip
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Found:
    """One value in a text.

    Attributes:
        start, end: its place, in characters.
        value: in the one form that all its writings share: what a keyed hash is made of.
        shown: what may stay readable when it is masked.
    """

    kind: Kind
    start: int
    end: int
    value: str
    shown: str


@dataclass(frozen=True)
class Search:
    """How one kind is found: a quick look at all texts, a closer one at few, and the search of those that are left.

    Attributes:
        quick: a text is looked at if it holds one of the first (bits of ``algorithms.characters``,
            ``LONG_NUMBER``, or ``WORDED``: one of the ``words`` of any kind) and matches the second (a regular expression over the text as it is; empty:
            any text), for one of these pairs.
        likely: a regular expression of Rust's over the plain text, which looks neither back nor ahead: whatever
            ``find`` finds is in a text that it matches. It never reaches over a line's end.
        find: all of them in a plain text, in order, none over another.
        words: what a text that ``quick`` asks for by ``WORDED`` holds at least one of.
    """

    kind: Kind
    quick: tuple[tuple[int, str], ...]
    likely: str
    find: Callable[[str], Iterator[Found]]
    words: tuple[str, ...] = ()


#: beside the bits of ``algorithms.characters``: the text holds a word that personal data stand behind; a ``LONG_RUN``
WORDED, LONG_NUMBER = 1 << 30, 1 << 29
_WIDE = {chr(mark + 0xFEE0): chr(mark) for mark in range(0x21, 0x7F) if chr(mark).isalnum()}
_MARKS = {
    " ": "\u00a0\u2002\u2003\u2009\u202f\u3000\t",
    "-": "‐‑‒–—―−－",
    ".": "．",
    "·": "•・‧∙●⋅᛫",
    ":": "：",
    "@": "＠",
    "+": "＋",
    "/": "／",
    "_": "＿",
    "=": "＝",
    "#": "＃",
    ",": "，",
    ";": "；",
    "(": "（［【〔[",
    ")": "）］】〕]",
    "\u200b": "\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f",
}
#: Mark for mark, so that places stay: full-width letters, digits and the marks between them as ASCII; of the invisible
#: ones U+200B.
PLAIN: dict[str, str] = _WIDE | {mark: plain for plain, marks in _MARKS.items() for mark in marks}
_PLAIN = str.maketrans(PLAIN)
NUMERALS: dict[str, str] = dict(zip(HAN_NUMERALS, "0" + "0123456789" + "12" + "123456789" + "0", strict=True))
_NUMERALS = str.maketrans(NUMERALS)

#: What people put between the digits of a number: one mark, perhaps with blanks, perhaps invisible.
GAP = r"[ \-.·\u200b]{0,3}"
#: Not in the middle of a longer number, a decimal or a hexadecimal one (a file's name, an id in an address). No edge
#: of a word is asked for: both regex engines see none between a Han character and a digit.
BEFORE = r"(?<![0-9])(?<![0-9][.])(?<![0-9][a-f])(?<![0-9][a-f]{2})"
AFTER = r"(?![0-9])(?![a-f]{1,6}[0-9])"
_BETWEEN = "".join(mark for mark, plain in PLAIN.items() if plain in " -.·_/()\u200b")
_ANY_DIGIT = rf"[0-9０-９{HAN_NUMERALS}]"
#: Ten digits or numerals in a row in a text as it is, with what may stand between them: nothing shorter is a telephone
#: number with its area, an identity or a bank card.
LONG_RUN = rf"{_ANY_DIGIT}(?:[ .·_/()、\u200b{_BETWEEN}\-]{{0,8}}{_ANY_DIGIT}){{9}}"
#: Seven digits or numerals in a row: the shortest number that is written in Chinese.
SPOKEN_RUN = rf"[0-9{HAN_NUMERALS}](?:[ \-.·\u200b_/、]{{0,3}}[0-9{HAN_NUMERALS}]){{6}}"
_SPOKEN_RUN = re.compile(SPOKEN_RUN)
_NUMERAL = re.compile(f"[{HAN_NUMERALS}]")
#: An address in the web: numbers in it are ids, but for those that say what they are (``tel=``).
_URL = re.compile(r"(?:https?://|www\.)[!-~]*$")
_TELLS = re.compile(r"(?:tel|phone|mobile|sms|mail|email|qq|uin|wechat|wx)[:=/+]{1,3}$", re.IGNORECASE)


def plain(text: str) -> str:
    """``text`` as searches read it, as long as before."""
    return text.translate(_PLAIN)


def numerals_as_digits(text: str) -> str | None:
    """A plain text with its Chinese numerals as digits (幺 is 1), if there are enough in a row for a number."""
    runs = _SPOKEN_RUN.finditer(text)
    return text.translate(_NUMERALS) if any(has_numeral(text, *run.span()) for run in runs) else None


def has_numeral(text: str, start: int, end: int) -> bool:
    return bool(_NUMERAL.search(text, start, end))


def in_url(text: str, start: int) -> bool:
    """Does this place lie in the middle of a web address, and nothing before it says that a number follows?"""
    before = text[max(0, start - 300) : start]
    return bool(_URL.search(before)) and not _TELLS.search(before)


def matches(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Matches at every place where one begins: the one that a check refuses may overlap the right one."""
    found = pattern.search(text)
    while found:
        yield found
        found = pattern.search(text, found.start() + 1)


def in_order(*searches: Iterable[Found]) -> Iterator[Found]:
    """What several searches found, without what overlaps something before it."""
    found = [one for search in searches for one in search]
    end = -1
    for one in sorted(found, key=lambda one: (one.start, -one.end)):
        if one.start >= end:
            end = one.end
            yield one
