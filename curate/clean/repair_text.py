"""repair_text: characters that no person typed."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl

from curate.clean.cleaner import TextCleaner, only_where

#: Letters and signs that UTF-8 bytes turn into when they are read as Latin-1 or Windows-1252: a lead byte's
#: letter followed by a continuation byte's sign. ftfy then decides; the pattern only spares it clean rows.
_SIGNS = "".join(bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xC0))
MOJIBAKE = rf"[À-ÿ][\u0080-\u00BF{_SIGNS}]"

#: Control characters but tab and line feed, zero-width and directional marks, soft hyphen, byte order mark,
#: interlinear and variation marks for text, noncharacters, private use (lost emoji of apps).
INVISIBLE = (
    r"[\x00-\x08\x0B\x0C\x0E-\x1F\x7F-\x84\x86-\x9F\u00AD\u180E\u200B-\u200F\u202A-\u202E\u2060-\u2064\u2066-\u206F"
    r"\uFE0E\uFEFF\uFFF9-\uFFFB\uE000-\uF8FF\U000F0000-\U0010FFFF]"
)
#: Pictures that a zero-width joiner makes one (a family, a person at work): there the joiner is no dirt.
PICTURE = r"\p{Extended_Pictographic}[\uFE0F\p{Emoji_Modifier}]*"
JOINED = rf"({PICTURE}(?:\u200D{PICTURE})+)"


class RepairText(TextCleaner):
    """修复乱码，去掉控制符、零宽字符、软连字符和私用区字符。 / Repair mojibake; remove invisible characters.

    ftfy runs without its changes of width and quotes, which would turn Chinese punctuation into ASCII. What
    can't be repaired (锟斤拷) is the business of ``drop_garbled``.
    """

    libraries: ClassVar = ("ftfy",)
    use: Literal["repair_text"] = "repair_text"

    def rewrite_column(self, values: pl.Series) -> pl.Series:
        repaired = only_where(values, MOJIBAKE, _ftfy)
        text = pl.col("x").str.replace_all("\r\n?|\u0085|\u2028|\u2029", "\n")
        return only_where(repaired.to_frame("x").select(text)["x"], INVISIBLE, _visible)


def _visible(values: pl.Series) -> pl.Series:
    """Joined pictures are matched first and put back whole; whatever else matches goes."""
    return values.str.replace_all(rf"{JOINED}|{INVISIBLE}", "${1}")


def _ftfy(values: pl.Series) -> pl.Series:
    import ftfy

    config = ftfy.TextFixerConfig(
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
    return pl.Series([ftfy.fix_text(text, config) for text in values.to_list()], dtype=pl.String)
