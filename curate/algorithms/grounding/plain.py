"""The one writing in which claims are searched: half-width, without white space that carries no meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass

_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F) if chr(code) not in "，；！？～"}
_DASHES = dict.fromkeys(map(ord, "–—−‐‑‒―～－〜~"), "-")
_MARKS = {ord("﹪"): "%", ord("¥"): "￥", ord("\u3000"): " "}
_PLAIN: dict[int, str | int] = {**_WIDE, **_DASHES, **_MARKS}
#: ，between full-width digits sets groups of thousands apart: １，２００
_GROUPS = re.compile(r"(?<=[０-９])，(?=[０-９]{3}(?![０-９]))")
#: White space stays between two Latin words or numbers only: "React 19", but 3 月 5 日 is 3月5日.
_IDLE = re.compile(
    r"(?:[\u200b-\u200f\u2060\ufeff]|\*\*)+|[^\S\n]+(?=[^\x21-\x7e])|(?<=[^\x21-\x7e])[^\S\n]+|^\s+|\s+$"
    r"|(?<=[0-9])\s+(?=-\s*[0-9])|(?<=[0-9]\s-)\s+(?=[0-9])|(?<=[0-9]-)\s+(?=[0-9])"
)
#: Marks that carry no fact: evidence is compared without them.
_UNMARKED = re.compile(r"[\s，。！？、；：“”‘’（）《》〈〉【】「」『』…·!?;\"'()\[\]{}<>*_`|#,:]+")


@dataclass(frozen=True, slots=True)
class Plain:
    """A text as claims are searched in it. ``places[i]`` is where its character i stands in the original."""

    text: str
    places: tuple[int, ...] | None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where text[start:end] stands in the original."""
        return (start, end) if self.places is None else (self.places[start], self.places[end - 1] + 1)


def plain(text: str) -> Plain:
    """A text in its plain writing; everything but white space keeps its place."""
    narrow = _GROUPS.sub(",", text).translate(_PLAIN)
    places: list[int] = []
    pieces: list[str] = []
    last = 0
    for found in _IDLE.finditer(narrow):
        pieces.append(narrow[last : found.start()])
        places.extend(range(last, found.start()))
        last = found.end()
    if not last:
        return Plain(narrow, None)
    places.extend(range(last, len(narrow)))
    return Plain("".join(pieces) + narrow[last:], tuple(places))


def unmarked(text: str) -> str:
    """A text without white space and punctuation, half-width, in lower case."""
    return _UNMARKED.sub("", _GROUPS.sub(",", text).translate(_PLAIN)).lower()
