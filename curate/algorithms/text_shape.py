"""The shape of a text: what it is made of, how its lines look, and how much of it repeats; one compiled pass.

FineWeb-2 (Penedo et al. 2025) and Gopher (Rae et al. 2021) count repeated n-grams of words. Chinese has no spaces between words,
so here all n-grams are of letters and digits, whatever stands between them: a Chinese word has one or two. The thresholds for
words don't carry over: repeats of 5 words are rare in good text, repeats of 5 characters make up a third of a law.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.characters import HAN
from curate.algorithms.text import utf8

#: A line of fewer characters is short: a heading, an entry of a menu.
SHORT_LINE = 10
#: A text with fewer lines is no menu.
MENU_LINES = 5
#: The limits of text that is worth reading, as shares: its repeated 10-grams and lines, its commonest 2-gram, its signs;
#: a text of fewer characters is not judged by them.
MOST_REPEATED_10, MOST_REPEATED_LINES, MOST_TOP_2, MOST_SIGNS, LEAST_JUDGED = 0.5, 0.3, 0.35, 0.5, 20
#: What a line of prose ends with.
ENDINGS = "。！？；：，、….!?;:,”’」』\"'）)》】]~～"
#: What an entry of a list or table, or a heading, begins with in Markdown and in Chinese offices.
ENTRIES = "0123456789０１２３４５６７８９-*+#|>•·●○■□◆①②③④⑤⑥⑦⑧⑨⑩（(│┃"
LATIN = ((0x41, 0x5A), (0x61, 0x7A), (0xAA, 0xAA), (0xBA, 0xBA), (0xC0, 0x24F), (0x1E00, 0x1EFF), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))  # fmt: skip
KANA = ((0x3041, 0x309F), (0x30A1, 0x30FA), (0x30FC, 0x30FF), (0x31F0, 0x31FF), (0xFF66, 0xFF9F))
HANGUL = ((0x1100, 0x11FF), (0x3131, 0x318E), (0xA960, 0xA97C), (0xAC00, 0xD7FB))
KINDS = ("white", "han", "latin", "kana", "hangul", "letter", "digit", "sign")


def shape_of(texts: pl.Series, repeats: Sequence[int] = (10,), tops: Sequence[int] = (2,)) -> pl.DataFrame:
    """The shape of each text; null is an empty text. Characters are counted without white space.

    Args:
        repeats: the n of the n-grams whose repeats are measured.
        tops: the n of those of which the commonest is measured.

    Returns:
        Columns, shares in 0..1 where nothing else is said (0 for an empty text):
        ``chars``: the number of characters; ``words``: of letters and digits; ``han, latin, kana, hangul, letter`` (of other scripts)``, digit, sign``:
        what they are, as numbers; ``lines``: the number of lines that are not blank; ``ended``: the share of those that
        end in punctuation, or begin as an entry of a list or table does; ``short``: of those shorter than ``SHORT_LINE``; ``line_feeds``: line feeds among all
        characters, white space too; ``repeated_lines``: the share of the characters in lines that were there before
        (a repeated paragraph is repeated lines); ``repeated_N``: the share of letters and digits in N-grams that were
        there before; ``top_N``: in repeats of the commonest N-gram, the first one not counted (may exceed 1, as they overlap).
    """
    from curate.algorithms import kernels_quality as kernels

    data, offsets = utf8(texts)
    sizes = sorted(set(repeats))
    counts = [np.empty((len(texts), width), np.int64) for width in (len(KINDS), 6, len(sizes), len(tops))]
    kernels.shapes(data, offsets, kinds_table(), SHORT_LINE, np.array(sizes, np.int64), np.array(tops, np.int64), *counts)  # fmt: skip
    kinds, lines, repeated, most = counts
    chars = kinds[:, 1:].sum(axis=1)
    words = chars - kinds[:, KINDS.index("sign")]
    share = 1 / np.maximum(words, 1)
    line = 1 / np.maximum(lines[:, 0], 1)
    return pl.DataFrame(
        {
            "chars": chars,
            "words": words,
            **{name: kinds[:, place] for place, name in enumerate(KINDS) if name != "white"},
            "lines": lines[:, 0],
            "ended": lines[:, 1] * line,
            "short": lines[:, 2] * line,
            "line_feeds": lines[:, 3] / np.maximum(kinds.sum(axis=1), 1),
            "repeated_lines": lines[:, 5] / np.maximum(chars, 1),
            **{f"repeated_{n}": repeated[:, place] * share for place, n in enumerate(sizes)},
            **{f"top_{n}": n * np.maximum(most[:, place] - 1, 0) * share for place, n in enumerate(tops)},
        }
    )


@cache
def kinds_table() -> npt.NDArray[np.uint8]:
    """The kind of every code point, as ``kernels_quality`` numbers them. A mark on a letter counts as a letter, but
    what it combines with is counted too: so it may, in scripts that few texts here hold.
    """
    from curate.algorithms import kernels_quality as kernels

    table = np.full(0x110000, kernels.SIGN, np.uint8)
    for code in range(0x20000):
        letter = chr(code)
        category = unicodedata.category(letter)[0]
        if letter.isspace():
            table[code] = kernels.WHITE
        elif category in "LM":
            table[code] = kernels.LETTER
        elif category == "N":
            table[code] = kernels.DIGIT
    for ranges, kind in (
        (LATIN, kernels.LATIN),
        (KANA, kernels.KANA),
        (HANGUL, kernels.HANGUL),
        (HAN, kernels.HAN),
    ):
        for first, last in ranges:
            table[first : last + 1] = kind
    for mark in ENDINGS:
        table[ord(mark)] |= kernels.ENDS_LINE
    for mark in ENTRIES:
        table[ord(mark)] |= kernels.BEGINS_ENTRY
    return table
