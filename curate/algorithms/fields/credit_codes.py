"""Unified social credit codes (统一社会信用代码, GB 32100-2015): 18 characters, confirmed by their check character."""

from __future__ import annotations

import re
from itertools import product

import polars as pl

from curate.algorithms.checksums import is_credit_code
from curate.algorithms.fields.each_value import each_value, narrow

#: The standard has no I, O, S, V, Z because they are misread; L, Q and B are in it, but are mistaken as often.
_MISREAD = {"O": "0", "I": "1", "Z": "2", "S": "5"}
_MAYBE = {"L": "1", "Q": "0"}
_LABEL = re.compile(r"^[\u4e00-\u9fff]{2,10}:")
#: authority and kind of body, then six digits of its division
_HEAD = re.compile(r"[1-9ANY][1-9][0-9]{6}")


def parse_credit_codes(texts: pl.Series) -> pl.Series:
    """Each text as 18 characters, or null where the check character does not fit: half-width, upper case, no spaces.

    A misread letter (O for 0, I for 1) is mended only where the code then is confirmed.
    """
    return each_value(texts, _credit_code)


def _credit_code(text: str) -> str | None:
    plain = re.sub(r"[\s\-_.·]+", "", _LABEL.sub("", narrow(text))).upper()
    if len(plain) != 18 or not plain.isascii():
        return None
    if is_credit_code(plain):
        return plain
    sure = "".join(_MISREAD.get(mark, mark) for mark in plain)
    # an L or Q among the digits of the division can only be misread
    sure = sure[:2] + "".join(_MAYBE.get(mark, mark) for mark in sure[2:8]) + sure[8:]
    places = [place for place, mark in enumerate(sure) if mark in _MAYBE]
    if len(places) > 3:
        return None
    fits = set()
    for swap in product((False, True), repeat=len(places)):
        swapped = dict(zip(places, swap, strict=True))
        code = "".join(_MAYBE[mark] if swapped.get(place) else mark for place, mark in enumerate(sure))
        if is_credit_code(code) and _HEAD.match(code):
            fits.add(code)
    return fits.pop() if len(fits) == 1 else None
