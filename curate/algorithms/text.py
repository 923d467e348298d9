"""The normal form of a text: what dedupe compares."""

from __future__ import annotations

import polars as pl

#: Marks that carry no fact. Digits' own marks (. , - : / %) stay: 3.5 is not 35.
IDLE_MARKS = "，。！？、；：“”‘’（）《》〈〉【】「」『』…—～·!?;\"'()[]{}<>~"


def normal_form(text: pl.Expr) -> pl.Expr:
    """``text`` without white space and idle marks, NFKC, lower case. Digits are kept; null becomes empty.

    The Chinese marks go before NFKC, which would make some of them ASCII and so take 1，200 for 1,200.
    """
    idle = "[" + "".join("\\" + mark if mark in "[]" else mark for mark in IDLE_MARKS) + r"\s]"
    return (
        text.fill_null("")
        .str.replace_all(idle, "")
        .str.normalize("NFKC")
        .str.to_lowercase()
        .str.replace_all(r"\s", "")
    )
