"""What can be checked in an answer: the kinds of claims."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "number", "date", "time", "code", "url", "email", "quote", "latin", "organisation", "place", "person", "words"
]  # fmt: skip
#: 增长 up, 下降 down
Trend = Literal["", "up", "down"]
#: how a number is hedged: 超过 over, 不足 under, 约 about
Bound = Literal["", "over", "under", "about"]


@dataclass(frozen=True, slots=True)
class Claim:
    """A part of a text that its source must hold, at ``text[start:end]``.

    Attributes:
        value: in the one form that all writings share: 1200 for 一千二百 and 1,200 (in the unit's base: 30000 元 for 3万元,
            5400 秒 for 一个半小时), ``20~99`` for 几十, ``2026-03-05`` (``????-03-05`` without the year, ``2026-Q3``, ``2026-03-上旬``,
            ``星期1``, 春 for 春季, 国庆), ``09:30``, codes in capitals without separators, URLs without scheme and ``www.``.
        unit: 元, 家, 平方米, % … (``units.py``); ``第…`` for ordinals; ``12h`` for a time that may be morning or afternoon; else empty.
            ``words``: a part without any of these that the source does not know.
        text: as it is written.
        bound: how a number is hedged.
    """

    kind: Kind
    value: str
    unit: str
    start: int
    end: int
    text: str
    bound: Bound = ""
