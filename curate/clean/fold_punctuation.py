"""fold_punctuation: the same mark again and again."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl

from curate.algorithms.characters import PUNCTUATION_RUN
from curate.clean.cleaner import Notes, TextCleaner

#: Chinese marks of which one is enough.
SINGLE = "！？，、；：。～"
#: What an ASCII mark must follow to be Chinese punctuation: in code and Markdown !!, ..., ~~~ have meanings.
CHINESE = r"[\p{Han}，。！？、；：…～”’）》」』】]"
TITLE = r"《[^《》\n]{1,60}》"
#: what stands behind dots that are an ellipsis: no path, no quote of code, no page number (those are leader dots)
NO_PAGE = r"([^./\d\s'\"`A-Za-z_]|\s+[^./\d\s]|\s*$)"
#: (pattern, text), in this order. An expression takes the character behind the run, which may be the one in front of the
#: next; so those are there twice.
RULES = [
    # three full stops or middle dots are how people type an ellipsis
    (r"。{3,}|．{3,}|·{3,}", "……"),
    *[(rf"({CHINESE})\.{{3,}}{NO_PAGE}", "${1}……${2}")] * 2,
    # the titles of shows have their own: 《冲锋突刺！！吕布子》
    *((rf"({TITLE})|({mark}){mark}+", "${1}${2}") for mark in SINGLE),
    *[(rf"({CHINESE})!{{2,}}([^!A-Za-z0-9_$('\"`]|$)", "${1}!${2}")] * 2,
    # question marks inside a name are characters that were lost: 张??
    *[(rf"({CHINESE})\?{{2,}}([\s，。！”’）]|$)", "${1}?${2}")] * 2,
    (rf"({CHINESE})~{{3,}}", "${1}~"),
    (r"…{3,}", "……"),
    # the Chinese dash is two; more of them elsewhere are rules, and lines of fractions
    *[(r"([\p{Han}”』」》）])—{3,}([\p{Han}“『「《（])", "${1}——${2}")] * 2,
]


class FoldPunctuation(TextCleaner):
    """连续重复的标点并成一个（！！！！→！，。。。→……）。 / Fold runs of the same punctuation mark.

    Chinese marks, and ASCII marks that stand behind Chinese text. The Chinese ellipsis (……) and dash (——) are two
    characters and stay; so do Markdown (``---``, ``***``), code (``//``, ``::``, ``...``), lines to fill in
    (``____``) and masked numbers (``****``).
    """

    looks_for: ClassVar = PUNCTUATION_RUN
    use: Literal["fold_punctuation"] = "fold_punctuation"

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        text = pl.col("x")
        for pattern, mark in RULES:
            text = text.str.replace_all(pattern, mark)
        return values.to_frame("x").select(text)["x"]
