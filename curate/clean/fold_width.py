"""fold_width: full-width letters and digits."""

from __future__ import annotations

import re
from typing import ClassVar, Literal

import polars as pl

from curate.algorithms.characters import WIDE
from curate.algorithms.html_tags import TAG
from curate.clean.cleaner import Notes, TextCleaner
from curate.clean.strip_html import ENTITY

FULL = [chr(code + 0xFEE0) for code in range(0x21, 0x7F) if chr(code).isalnum()] + ["\u3000"]
NARROW = [chr(code) for code in range(0x21, 0x7F) if chr(code).isalnum()] + [" "]
TABLE = str.maketrans(dict(zip(FULL, NARROW, strict=True)))
#: what could become a tag or an entity when its wide letters are folded
BRACKETED = r"<[^<>]*>|&[^&;<>\s]{1,40};"


class FoldWidth(TextCleaner):
    """全角字母、数字和空格变半角；标点不动。 / Fold full-width letters, digits and spaces; never punctuation.

    NFKC would also turn ，（）？ into ASCII, which is wrong for Chinese prose.
    """

    looks_for: ClassVar = WIDE
    use: Literal["fold_width"] = "fold_width"

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        folded = values.str.replace_many(FULL, NARROW)
        risky = values.str.contains(BRACKETED)
        if not risky.any():
            return folded
        places = risky.arg_true()
        texts = [_folded(text) for text in values.gather(places).to_list()]
        return folded.scatter(places, pl.Series(texts, dtype=pl.String))


def _folded(text: str) -> str:
    """``text`` folded, but for brackets that would become a tag or an entity."""
    parts = re.split(f"({BRACKETED})", text)
    for place, part in enumerate(parts):
        narrow = part.translate(TABLE)
        if not (place % 2 and re.fullmatch(f"{TAG}|{ENTITY}", narrow)):
            parts[place] = narrow
    return "".join(parts)
