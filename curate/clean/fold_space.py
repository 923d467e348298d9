"""fold_space: white space that carries nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from typing import ClassVar, Literal

import polars as pl

from curate.algorithms import characters
from curate.algorithms.white_space import BROKEN, folded
from curate.algorithms.white_space import SINGLES as SPACED
from curate.clean.cleaner import Notes, TextCleaner, only_where

HAN = r"\p{Han}"
#: A line may be broken when it is at least this long (characters).
BROKEN_LINE = 15
#: The lines of a page differ by so many columns at most: a wide character that did not fit, a mark that must not begin
#: a line. A Chinese character takes two columns.
SPREAD = 4
#: Where a sentence surely goes on: what ends no clause, what begins none.
UNENDED = re.compile(r"[及与與或於于]$")
UNBEGUN = re.compile(r"[的者们們]")
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
    somewhere in the text; the other from lines that a person ended so (headlines, posts, verses) by the page, whose full
    lines are equally wide, and by the sentence, which goes on with a Han character and ends with a stop further on.
    Headings, numbered items and fields (``地址：``) keep their lines.
    """

    version: ClassVar = 2
    looks_for: ClassVar = characters.SPACE
    use: Literal["fold_space"] = "fold_space"
    between_han: Literal["runs", "all", "none"] = "runs"
    """汉字之间的空格：runs 只在有“一字一空”（展 会 信 息）的文本里去掉，all 全去掉，none 不动 / remove spaces between Han characters: where a text has runs of single ones, in all texts, in none"""
    join_lines: Literal["pages", "all", "none"] = "pages"
    """句中断开的行：pages 只在看得出是按版面宽度断开时接上，all 只要句子没完就接上，none 不接 / rejoin lines that were broken inside a sentence: where a page's width shows, wherever the sentence goes on, nowhere"""

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        whole, flags = folded(values)
        whole = whole.str.strip_chars()
        if self.between_han == "runs":
            whole = _at(whole, flags & SPACED, partial(_only_where, SINGLES, _without_spaces))
        elif self.between_han == "all":
            whole = _without_spaces(whole)
        if self.join_lines == "none":
            return whole
        rejoin = partial(_each, partial(_joined, self.join_lines == "all"))
        broken = rf"[^\n]{{{BROKEN_LINE - 1}}}[{HAN}，、]\n{HAN}"
        return _at(whole, flags & BROKEN, partial(_only_where, broken, rejoin))


def _at(values: pl.Series, flags: pl.Series, rewrite: Callable[[pl.Series], pl.Series]) -> pl.Series:
    places = (flags != 0).arg_true()
    return values if places.is_empty() else values.clone().scatter(places, rewrite(values.gather(places)))


def _only_where(pattern: str, rewrite: Callable[[pl.Series], pl.Series], values: pl.Series) -> pl.Series:
    return only_where(values, pattern, rewrite)


def _each(rewrite: Callable[[str], str], values: pl.Series) -> pl.Series:
    return pl.Series([rewrite(text) for text in values.to_list()], dtype=pl.String)


def _without_spaces(values: pl.Series) -> pl.Series:
    text = pl.col("x")
    # twice: a match takes the character that the next one would begin with
    for _ in range(2):
        text = text.str.replace_all(rf"({HAN}) ({HAN})", "${1}${2}")
    return values.to_frame("x").select(text)["x"]


def _joined(everywhere: bool, text: str) -> str:
    """``text`` with its broken lines joined.

    The sentence must end with a stop, in the next line or in one that is joined to it: who breaks lines instead
    of writing stops (verses, lists, many posts) means the breaks.

    Args:
        everywhere: do without the signs of a page.
    """
    lines = text.split("\n")
    pairs = list(pairwise(lines))
    is_open = [
        len(line) >= BROKEN_LINE
        and 8 * line.count(" ") <= len(line)  # no list of names
        and bool(OPEN_END.search(line) and GOES_ON.match(below))
        for line, below in pairs
    ]
    if not everywhere:
        wide = _page_wide([line for line, one in zip(lines, is_open, strict=False) if one], lines)
        is_open = [
            one and bool(line in wide or UNENDED.search(line) or UNBEGUN.match(below))
            for one, (line, below) in zip(is_open, pairs, strict=True)
        ]
    joins = [False] * len(lines)
    for at in range(len(pairs) - 1, -1, -1):
        joins[at] = is_open[at] and (joins[at + 1] or bool(STOP.search(lines[at + 1])))
    return "".join(line + ("" if join else "\n") for line, join in zip(lines, joins, strict=True))[:-1]


def _page_wide(open_lines: list[str], lines: list[str]) -> set[str]:
    """Those of the lines with an open end that a page broke: at least two and half of them are equally wide, hardly any
    line is wider (a paragraph below its headline would be), and not most of them end in a comma, as verses do.
    """
    columns = {line: sum(1 + (mark > "\u2e7f") for mark in line) for line in lines}
    alike: list[str] = []
    for widest in {columns[line] for line in open_lines}:
        window = [line for line in open_lines if widest - SPREAD <= columns[line] <= widest]
        alike = max(alike, window, key=lambda some: (len(some), columns[some[0]] if some else 0))
    if len(alike) < 2 or 2 * len(alike) < len(open_lines):
        return set()
    widest = max(columns[line] for line in alike)
    wider = sum(columns[line] > widest + SPREAD for line in lines)
    commas = sum(line[-1] in "，、" for line in alike)
    return set(alike) if wider <= len(alike) / 10 and 2 * commas <= len(alike) else set()
