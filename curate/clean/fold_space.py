"""fold_space: white space that carries nothing."""

from __future__ import annotations

import re
from typing import Literal

import polars as pl

from curate.clean.cleaner import TextCleaner, only_where

#: Every white space but the line feed (Unicode's White_Space).
SPACE = r"[\t\x0B\f\r \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]"
HAN = r"\p{Han}"
#: A line may be broken when it is at least this long (characters); one without a mark within, which may be the
#: heading of a paragraph, only when it is this much of the text's longest line: a page has one width.
BROKEN_LINE, WIDTH = 15, 0.7
MARK_WITHIN = re.compile(r"[，。！？；、].")
STOP = re.compile(r"[。！？!?…；;：:.”’」』）)\]】》]$")
OPEN_END = re.compile(r"[\u3400-\u9FFF\U00020000-\U000323AF，、]$")
#: What a line begins with that goes on with a sentence: a Han character, but no label (地址：) and no number (一、).
GOES_ON = re.compile(
    r"(?![^\n，。]{1,10}[：:])(?!第?[一二三四五六七八九十百]{1,4}[、章节条款])[\u3400-\u9FFF\U00020000-\U000323AF]"
)
#: Three Han characters, each alone between spaces: the text went through a reader that sets one behind each.
SINGLES = rf"(?:^|[^\p{{Han}} ]|{HAN} ){HAN} {HAN} {HAN}(?: |[^\p{{Han}}]|$)"


class FoldSpace(TextCleaner):
    """空白归一：连续空格并成一个，去掉汉字之间的空格，接上断行。 / Fold white space; rejoin broken lines.

    PDF and OCR put a space behind every character (展 会 信 息) and break lines inside sentences. The one is told
    from the space that sets two clauses of a headline apart (奋进新时代 欢乐迎新年) by a run of single characters
    somewhere in the text; the other from lines that a person ended so by the sentence, which goes on with a Han character
    and ends with a stop further on. Headings, numbered items and fields (``地址：``) keep their lines.
    """

    use: Literal["fold_space"] = "fold_space"
    between_han: Literal["runs", "all", "none"] = "runs"
    """汉字之间的空格：runs 只在有“一字一空”（展 会 信 息）的文本里去掉，all 全去掉，none 不动 / remove spaces between Han characters: where a text has runs of single ones, in all texts, in none"""
    join_lines: bool = True
    """把句中断开的行接上 / rejoin lines that were broken inside a sentence"""

    def rewrite_column(self, values: pl.Series) -> pl.Series:
        pattern = (
            rf"(?:{SPACE}{{2,}}|[\t\x0B\f\r\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]|\n|^ | $|{HAN} {HAN})"
        )
        return only_where(values, pattern, self._fold)

    def _fold(self, values: pl.Series) -> pl.Series:
        text = (
            pl.col("x")
            # one non-breaking space between two Han characters: a web editor's, it sets nothing apart
            .str.replace_all(rf"({HAN})\u00A0({HAN})", "${1}${2}")
            .str.replace_all(rf"({HAN})\u00A0({HAN})", "${1}${2}")
            .str.replace_all(rf"{SPACE}+", " ")
            .str.replace_all(r" ?\n ?", "\n")
            .str.replace_all(r"\n{3,}", "\n\n")
            .str.strip_chars()
        )
        folded = values.to_frame("x").select(text)["x"]
        if self.between_han == "runs":
            folded = only_where(folded, SINGLES, _without_spaces)
        elif self.between_han == "all":
            folded = _without_spaces(folded)
        if not self.join_lines:
            return folded
        return only_where(
            folded,
            rf"[^\n]{{{BROKEN_LINE - 1}}}[{HAN}，、]\n{HAN}",
            lambda broken: pl.Series([_joined(whole) for whole in broken.to_list()], dtype=pl.String),
        )


def _without_spaces(values: pl.Series) -> pl.Series:
    text = pl.col("x")
    # twice: a match takes the character that the next one would begin with
    for _ in range(2):
        text = text.str.replace_all(rf"({HAN}) ({HAN})", "${1}${2}")
    return values.to_frame("x").select(text)["x"]


def _joined(text: str) -> str:
    """``text`` with its broken lines joined.

    The sentence must end with a stop, in the next line or in one that is joined to it: who breaks lines instead
    of writing stops (verses, lists, many posts) means the breaks.
    """
    lines = text.split("\n")
    width = max(BROKEN_LINE, WIDTH * max(map(len, lines)))
    joins = [False] * len(lines)
    for at in range(len(lines) - 2, -1, -1):
        is_open = bool(OPEN_END.search(lines[at]) and GOES_ON.match(lines[at + 1]))
        least = BROKEN_LINE if MARK_WITHIN.search(lines[at]) else width
        joins[at] = (
            is_open and len(lines[at]) >= least and (joins[at + 1] or bool(STOP.search(lines[at + 1])))
        )
    return "".join(line + ("" if join else "\n") for line, join in zip(lines, joins, strict=True))[:-1]
