"""What kinds of characters a text holds, told in one pass over its bytes.

A cleaner names what it looks for; texts without any of it, usually most, are never looked at again. One pass that
answers for all cleaners costs what one of their regular expressions costs.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.chinese_script import RARE, changed_alone
from curate.algorithms.mojibake import gbk_pair
from curate.algorithms.text import utf8

Marks = npt.NDArray[np.uint32]

#: control, zero-width, directional and private-use characters, rare line ends
INVISIBLE = 1 << 0
#: a letter À-ÿ: the first half of UTF-8 that was read as Latin-1
LATIN = 1 << 1
#: ``<`` before a letter, ``/``, ``!`` or ``?``
TAG = 1 << 2
#: ``&`` before a letter or ``#``
ENTITY = 1 << 3
#: full-width letters, digits and the ideographic space
WIDE = 1 << 4
#: white space to fold: not a single space between words, of which one side is not Han
SPACE = 1 << 5
#: a character that OpenCC's t2s changes, or one of ``chinese_script.RARE``
TRADITIONAL = 1 << 6
#: five digits (also full-width) with nothing but separators between them, at most three in a row
NUMBER = 1 << 7
#: ``@`` or ``＠``
AT = 1 << 8
#: seven Chinese numerals (〇零一…九幺两) with nothing but separators between them
HAN_NUMBER = 1 << 9
#: the same mark (no letter, digit or white space) three times in a row, or one of ``ONE_IS_ENOUGH`` twice
PUNCTUATION_RUN = 1 << 10
#: characters that a wrong conversion leaves: �, 锟, 烫, 屯
LOST = 1 << 11
#: ``//``, or ``www``
URL = 1 << 12
#: a line feed
LINES = 1 << 13
#: a Latin letter beside a digit or after a Chinese province's sign: what plates, passports and account names hold
LETTER_DIGIT = 1 << 14
#: two characters behind each other that UTF-8 gives when it is read as GBK (``algorithms.mojibake``)
READ_AS_GBK = 1 << 15
#: a carriage return
RETURN = 1 << 26
#: look at every text
ANY = 1 << 31

# Kinds of single characters, as the kernel sees them; the first bits are those above that need no neighbour.
SINGLE = INVISIBLE | RETURN | LATIN | WIDE | TRADITIONAL | AT | LOST | LINES
IS_HAN, DIGIT, NUMERAL, SEPARATOR, WHITE, MARK, LETTER, GBK_FIRST, GBK_SECOND, ONCE = (
    1 << place for place in range(16, 26)
)

#: (first, last) code points of what nobody typed: control characters but tab and line feed, zero-width and directional
#: marks, soft hyphen, byte order mark, interlinear and variation marks for text, noncharacters, private use (lost emoji
#: of apps). Some end a line, and joiners have their place in pictures and in some scripts.
INVISIBLES = (
    (0x00, 0x08), (0x0B, 0x1F), (0x7F, 0x9F), (0xAD, 0xAD), (0x180E, 0x180E), (0x200B, 0x200F), (0x2028, 0x202E),
    (0x2060, 0x2064), (0x2066, 0x206F), (0xFE0E, 0xFE0E), (0xFEFF, 0xFEFF), (0xFFF9, 0xFFFB), (0xE000, 0xF8FF), (0xF0000, 0x10FFFF),
)  # fmt: skip
LINE_ENDS, JOINERS = "\r\u0085\u2028\u2029", "\u200c\u200d"
HAN = ((0x2E80, 0x2FDF), (0x3005, 0x3007), (0x3021, 0x3029), (0x3038, 0x303B), (0x3400, 0x4DBF), (0x4E00, 0x9FFF),
       (0xF900, 0xFAFF), (0x20000, 0x323AF))  # fmt: skip
#: white space that ``fold_space`` folds, but the plain space and the line feed
BLANKS = "\t\x0b\f\r\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000"
NUMERALS = "〇零一二三四五六七八九幺两壹贰叁肆伍陆柒捌玖○"
ONE_IS_ENOUGH = "！？，、；：。～!?"
#: what people put between the groups of a number
SEPARATORS = " \u00a0\u3000-‐‑‒–—―－_.．·•()（）[]+＋/、,，:：\u200b\u200d\ufeff"


def invisible_but(kept: str) -> str:
    """A class of ``INVISIBLES``, without the characters ``kept``, for the regular expressions of Polars."""
    ranges = "".join(rf"\x{{{first:X}}}-\x{{{last:X}}}" for first, last in INVISIBLES)
    return rf"[{ranges}--[{kept}]]"


def marks_of(texts: pl.Series) -> Marks:
    """The bits above for each text, ``ANY`` always among them; null has none."""
    from curate.algorithms import kernels

    data, offsets = utf8(texts)
    out = np.empty(len(texts), np.uint32)
    kernels.character_marks(data, offsets, table(), out)
    if texts.null_count():
        out[texts.is_null().to_numpy()] = 0
    return out


def holding(texts: pl.Series, kinds: int) -> pl.Series:
    """The places of the texts that hold any of some kinds of characters."""
    return pl.Series((marks_of(texts) & kinds) != 0).arg_true()


@cache
def table() -> npt.NDArray[np.uint32]:
    """The kinds of every code point."""
    table = np.zeros(0x110000, np.uint32)

    def put(kind: int, *ranges: tuple[int, int]) -> None:
        for first, last in ranges:
            table[first : last + 1] |= kind

    def put_all(kind: int, marks: str) -> None:
        put(kind, *((ord(mark), ord(mark)) for mark in marks))

    put(INVISIBLE, *INVISIBLES)
    table[0x0D] = RETURN
    put(LATIN, (0xC0, 0xFF))
    put(WIDE, (0xFF10, 0xFF19), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A), (0x3000, 0x3000))
    put_all(AT, "@＠")
    put_all(LOST, "\ufffd锟烫屯")
    put_all(LINES, "\n")
    put(IS_HAN, *HAN)
    put(DIGIT, (0x30, 0x39), (0xFF10, 0xFF19))
    put(LETTER, (0x41, 0x5A), (0x61, 0x7A), (0xFF21, 0xFF3A), (0xFF41, 0xFF5A))
    put_all(NUMERAL, NUMERALS)
    put_all(SEPARATOR, SEPARATORS)
    put_all(WHITE, BLANKS)
    put(MARK, (0x21, 0x2F), (0x3A, 0x40), (0x5B, 0x60), (0x7B, 0x7E), (0xA1, 0xBF), (0x2010, 0x2027), (0x2030, 0x205E),
        (0x2190, 0x2BFF), (0x3001, 0x3004), (0x3008, 0x3020), (0x3030, 0x3030), (0xFF01, 0xFF0F), (0xFF1A, 0xFF20),
        (0xFF3B, 0xFF40), (0xFF5B, 0xFF65))  # fmt: skip
    put_all(TRADITIONAL, changed_alone("t2s") + RARE)
    put_all(ONCE, ONE_IS_ENOUGH)
    first, second = gbk_pair()
    put_all(GBK_FIRST, first)
    put_all(GBK_SECOND, second)
    return table
