"""repair_text: characters that no person typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, ClassVar, Literal

import polars as pl

from curate.algorithms import characters
from curate.algorithms.characters import LINE_ENDS, Marks, invisible_but, marks_of
from curate.algorithms.fixpoint import until_stable
from curate.algorithms.mojibake import CP1252_SIGNS, from_gb2312, from_gbk, from_latin, gbk_sign
from curate.clean.cleaner import Notes, TextCleaner, only_where

if TYPE_CHECKING:
    from ftfy import TextFixerConfig

INVISIBLE = invisible_but(LINE_ENDS)
#: Letters and signs that bytes turn into when they are read as Latin-1 or Windows-1252: a lead byte's letter followed
#: by the next byte's sign or letter, if need be behind something invisible. The decision is made later; the pattern
#: only spares it clean rows.
MOJIBAKE = (
    rf"[À-ÿ](?:[\u0080-\u00FE{CP1252_SIGNS}]|{INVISIBLE}+[\u0080-\u00FE{CP1252_SIGNS}]|"
    rf" [\u0080-\u00BF{CP1252_SIGNS}])|Ã(?:{INVISIBLE}|\s)"
)
#: Pictures that a zero-width joiner makes one (a family, a person at work), and the scripts whose spelling needs
#: joiners: there they are no dirt.
PICTURE = r"\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]*"
CURSIVE = (
    r"[\p{Arabic}\p{Mongolian}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}\p{Telugu}"
    r"\p{Kannada}\p{Malayalam}\p{Sinhala}]"
)
JOINED = rf"({PICTURE}(?:\u200D{PICTURE})+|{CURSIVE}[\u200C\u200D])"
#: a terminal's colours and movements
ESCAPE = r"\x1B\[[0-9;?]*[a-zA-Z]"
#: Invisible characters with a meaning. Windows-1252's quotes, dashes and euro that were read as Latin-1; what GB 18030
#: had to put into the private use area until Unicode had the character (its edition of 2022 names them); and
#: A3A0, which many editors of the nineties wrote for an ideographic space.
MEANT = {
    "\x80": "€", "\x84": "„", "\x91": "‘", "\x92": "’", "\x93": "“", "\x94": "”", "\x96": "–", "\x97": "—",
    "\ue5e5": "\u3000", "\ue7c7": "ḿ",
    "\ue78d": "︐", "\ue78e": "︒", "\ue78f": "︑", "\ue790": "︓", "\ue791": "︔", "\ue792": "︕", "\ue793": "︖",
    "\ue794": "︗", "\ue795": "︘", "\ue796": "︙",
    "\ue81e": "龴", "\ue826": "龵", "\ue82b": "龶", "\ue82c": "龷", "\ue832": "龸", "\ue843": "龹", "\ue854": "龺",
    "\ue864": "龻",
}  # fmt: skip
LATIN = re.compile("[À-ÿ]")
WHITE = re.compile(r"[^\S\n]+")
#: Scripts (Syriac, Thaana, N'Ko …) whose bytes are two accented letters: ``Üßª`` is no ``Üߪ``.
UNLIKELY = re.compile(r"[\u0700-\u08FF]")


class RepairText(TextCleaner):
    """修复乱码，去掉控制符、零宽字符、软连字符和私用区字符。 / Repair mojibake; remove invisible characters.

    Mojibake: UTF-8 read as Windows-1252 (``CafÃ©``, ``ä¸Šæµ·``), UTF-8 read as GBK (``浣犲ソ``), GB2312 read as
    Latin-1 (``ÄãºÃ``). ftfy runs without its changes of width and quotes, which would turn Chinese punctuation
    into ASCII. What can't be repaired (锟斤拷) is the business of ``drop_garbled``.
    """

    version: ClassVar = 2
    libraries: ClassVar = ("ftfy",)
    looks_for: ClassVar = characters.INVISIBLE | characters.RETURN | characters.LATIN | characters.READ_AS_GBK
    use: Literal["repair_text"] = "repair_text"

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        return repaired(values)


def repaired(values: pl.Series) -> pl.Series:
    """The texts without mojibake and invisible characters."""
    # half of a mojibake's own characters may be invisible, so it is mended first; and an invisible character may part
    # its halves, so that it shows only when that is gone
    marks = marks_of(values)
    broken = pl.Series(marks & (characters.LATIN | characters.READ_AS_GBK) != 0)
    plain = _visible(values.filter(~broken), marks[~broken.to_numpy()])
    if not broken.any():
        return plain
    mended = only_where(values.filter(broken), f"{gbk_sign()}|{MOJIBAKE}", _until_mended)
    whole = values.clone().scatter((~broken).arg_true(), plain)
    return whole.scatter(broken.arg_true(), _visible(mended, marks_of(mended)))


def _until_mended(values: pl.Series) -> pl.Series:
    return until_stable(values, _mended)


def _mended(values: pl.Series) -> pl.Series:
    mended = _each(values, lambda text: _from_latin(from_gbk(text)))
    return _visible(mended, marks_of(mended))


def _visible(values: pl.Series, marks: Marks) -> pl.Series:
    """The texts, of which ``marks`` say what characters they hold, without invisible ones."""
    if (marks & characters.RETURN).any():
        values = values.str.replace_all("\r\n", "\n", literal=True).str.replace_all("\r", "\n", literal=True)
    places = pl.Series(marks & characters.INVISIBLE != 0).arg_true()
    if places.is_empty():
        return values
    return values.clone().scatter(places, _without_invisible(values.gather(places)))


def _without_invisible(values: pl.Series) -> pl.Series:
    """Joined pictures are matched first and put back whole; whatever else matches goes."""
    lines = values.str.replace_all("[\u0085\u2028\u2029]", "\n")
    meant = lines.str.replace_many(list(MEANT), list(MEANT.values()))
    return meant.str.replace_all(rf"{JOINED}|{ESCAPE}|{INVISIBLE}", "${1}")


def _each(values: pl.Series, repair: Callable[[str], str]) -> pl.Series:
    return pl.Series(values.name, [repair(text) for text in values.to_list()], dtype=pl.String)


def _from_latin(text: str) -> str:
    from ftfy import fix_text

    if not LATIN.search(text):
        return text
    chinese = from_gb2312(from_latin(text))
    if chinese != text:
        return chinese
    western: str = fix_text(text, _ftfy())
    # ftfy sees another mojibake where another cleaner has folded white space
    plain = WHITE.sub(" ", western).strip()
    again: str = fix_text(plain, _ftfy())
    western = western if again == plain else again
    return text if len(UNLIKELY.findall(western)) > len(UNLIKELY.findall(text)) else western


@cache
def _ftfy() -> TextFixerConfig:
    from ftfy import TextFixerConfig

    return TextFixerConfig(
        unescape_html=False,
        remove_terminal_escapes=False,
        fix_latin_ligatures=False,
        fix_character_width=False,
        uncurl_quotes=False,
        fix_line_breaks=False,
        fix_surrogates=False,
        remove_control_chars=False,
        normalization=None,
        explain=False,
    )
