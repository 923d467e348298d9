"""strip_html: known tags and entities, nothing that merely looks like one."""

from __future__ import annotations

import re
from functools import partial
from html import unescape
from html.entities import html5
from typing import ClassVar, Literal

import polars as pl

from curate.algorithms import characters
from curate.algorithms.fixpoint import until_stable
from curate.algorithms.html_tags import ATTRIBUTES, BLOCKS, INLINE, PAIRED
from curate.clean.cleaner import Notes, TextCleaner, only_holding, only_where
from curate.clean.repair_text import repaired

#: such tags; a paragraph counts anyway, unless it is rather the p of ``n<p>q``
BARE = rf"(?i)<(?:{PAIRED.replace('|p|', '|')})\s*>|[0-9A-Za-z]<p\s*>[0-9A-Za-z]"
_ANY_PAIRED = re.compile(rf"(?i)<(/?)({PAIRED})({ATTRIBUTES})\s*>")
#: (what a text must hold, pattern, text) of what few pages have
RARE = (
    ("<[!?]", r"(?s)<!--.*?-->|(?i)<!doctype\s[^<>]*>|<\?xml[\s:][^<>]*>", ""),
    (
        "(?i)<s(?:cript|tyle)|</s(?:cript|tyle)",
        r"(?is)<script\b[^>]*>.*?</script\s*>|<style\b[^>]*>.*?</style\s*>|</(?:script|style)\s*>",
        "",
    ),
    # the cells of a row are told apart
    ("(?i)<t[dh]", rf"(?i)\s*(?:</t[dh]\s*>\s*)?<t[dh]{ATTRIBUTES}\s*>\s*", "\t"),
)
#: stands for the ``<`` of a tag that is none; a noncharacter, which no text holds
NO_TAG = "\ufdd0"
ENTITY = r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});"
#: an ampersand that was escaped, however often
AMPERSAND = r"&(?:(?:amp|AMP|#0*38|#[xX]0*26);)+"
#: a non-breaking space whose entity lost its end, or has a Chinese one
OPEN_SPACE = r"&nbsp(；|[^;a-zA-Z0-9_=]|$)"


class StripHtml(TextCleaner):
    """去掉 HTML 标签，段落变成换行，实体还原成字符。 / Remove HTML tags, turn blocks into lines, decode entities.

    Only tags that HTML has, written as HTML writes them, count: ``0<i 且 i<n`` and ``<温度>`` stay, and so does the
    ``<b>`` of ``a<b>c``, which nothing closes. Script, style and comments go with their content. What was escaped
    several times over (``&amp;lt;p&amp;gt;``) is decoded to its end and is a tag then, so that cleaning twice is
    cleaning once; invisible characters and mojibake that come to light go as in ``repair_text``.
    """

    version: ClassVar = 2
    libraries: ClassVar = ("ftfy",)
    looks_for: ClassVar = characters.TAG | characters.ENTITY
    use: Literal["strip_html"] = "strip_html"

    def rewrite_column(self, values: pl.Series, notes: Notes) -> pl.Series:
        return until_stable(values, _stripped)


def _stripped(values: pl.Series) -> pl.Series:
    untagged = only_where(values, r"<[a-zA-Z/!?]", _untag)
    bare = only_where(untagged, rf"{ENTITY}|{OPEN_SPACE}", _decode)
    # what stood on both sides of a tag, or was an entity, may be mojibake together, or invisible
    return only_holding(
        bare, characters.INVISIBLE | characters.RETURN | characters.LATIN | characters.READ_AS_GBK, repaired
    )


def _replaced(pattern: str, instead: str, values: pl.Series) -> pl.Series:
    return values.str.replace_all(pattern, instead)


def _untag(values: pl.Series) -> pl.Series:
    text = pl.col("x")
    marked = only_where(values, BARE, _without_false_tags)
    for needs, pattern, instead in RARE:
        marked = only_where(marked, needs, partial(_replaced, pattern, instead))
    plain = marked.to_frame("x").select(
        # inline tags first: a paragraph that holds an image only leaves no empty line behind
        text.str.replace_all(rf"(?i)</?(?:{INLINE}){ATTRIBUTES}\s*/?>", "")
        # line ends around a block tag are the page's source code, not the text's
        .str.replace_all(rf"(?i)(?:\s*</?(?:{BLOCKS}){ATTRIBUTES}\s*/?>\s*)+", "\n")
        .str.strip_chars("\n\t")
    )["x"]
    return plain.str.replace_all(NO_TAG, "<", literal=True)


def _without_false_tags(values: pl.Series) -> pl.Series:
    """``NO_TAG`` for the ``<`` of bare tags that nothing closes."""
    return pl.Series([_paired(text) for text in values.to_list()], dtype=pl.String)


def _paired(text: str) -> str:
    open_tags: dict[str, list[re.Match[str]]] = {}
    for tag in _ANY_PAIRED.finditer(text):
        same = open_tags.setdefault(tag[2].lower(), [])
        if not tag[1]:
            same.append(tag)
        elif same:
            same.pop()
    alone = [tag for tags in open_tags.values() for tag in tags if not tag[3] and not _may_stay_open(tag)]
    for tag in alone:
        text = text[: tag.start()] + NO_TAG + text[tag.start() + 1 :]
    return text


def _may_stay_open(tag: re.Match[str]) -> bool:
    """A paragraph need not be closed, unless it is rather the p of ``n<p>q``."""
    if tag[2].lower() != "p":
        return False
    before, behind = tag.string[: tag.start()][-1:], tag.string[tag.end() :][:1]
    return not (before.isascii() and before.isalnum() and behind.isascii() and behind.isalnum())


def _decode(values: pl.Series) -> pl.Series:
    """Named entities by one pass of Aho-Corasick in Polars; values with numbered ones, which are rare, by ``html``.

    ``unescape`` of a whole text would also take the ``&copy`` of ``?a=1&copy=2`` for an entity.
    """
    names = {f"&{name}": text for name, text in html5.items() if name.endswith(";")}
    single = only_where(values, r"&(?:amp|AMP|#)", lambda some: some.str.replace_all(AMPERSAND, "&"))
    named = single.str.replace_many(list(names), list(names.values()))
    named = only_where(named, OPEN_SPACE, _decode_open)
    return only_where(named, "&#", _decode_numbered)


def _decode_open(values: pl.Series) -> pl.Series:
    return values.str.replace_all("&nbsp；", "\u00a0", literal=True).str.replace_all(OPEN_SPACE, "\u00a0${1}")


def _decode_numbered(values: pl.Series) -> pl.Series:
    texts = [
        re.sub(r"&#[0-9a-fA-FxX]{1,8};", lambda found: _numbered(found[0]), text) for text in values.to_list()
    ]
    return pl.Series(texts, dtype=pl.String)


def _numbered(entity: str) -> str:
    """``&#20013;`` -> ``中``; the number of no character stays."""
    mark = unescape(entity)
    return entity if mark == "\ufffd" else mark
