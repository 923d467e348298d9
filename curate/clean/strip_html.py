"""strip_html: known tags and entities, nothing that merely looks like one."""

from __future__ import annotations

import re
from html import unescape
from html.entities import html5
from typing import Literal

import polars as pl

from curate.clean.cleaner import TextCleaner, only_where

BLOCKS = (
    "address|article|aside|blockquote|br|center|dd|details|div|dl|dt|fieldset|figcaption|figure|footer|form|"
    "h[1-6]|header|hr|li|main|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|title|tr|ul"
)
INLINE = (
    "a|abbr|acronym|audio|b|base|bdi|bdo|big|body|button|canvas|caption|cite|code|col|colgroup|data|del|dfn|em|"
    "embed|font|head|html|i|iframe|img|input|ins|kbd|label|legend|link|map|mark|meta|noscript|object|param|"
    "picture|q|rp|rt|ruby|s|samp|select|small|source|span|strike|strong|sub|sup|svg|td|textarea|th|time|track|"
    "tt|u|var|video|wbr|o:p"  # o:p: pasted from Word
)
#: An attribute has a value or is one of HTML's boolean ones; so ``a<b and c>d`` is no tag.
ATTRIBUTES = (
    r"""(?:\s+[a-zA-Z_:@][\w:.\-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)"""
    r"""|\s+(?:async|autoplay|checked|controls|defer|disabled|hidden|loop|muted|nowrap|readonly|required|selected))*"""
)
ENTITY = r"&(?:[a-zA-Z][a-zA-Z0-9]{1,31}|#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6});"


class StripHtml(TextCleaner):
    """去掉 HTML 标签，段落变成换行，实体还原成字符。 / Remove HTML tags, turn blocks into lines, decode entities.

    Only tags that HTML has, written as HTML writes them, count: ``0<i 且 i<n`` and ``<温度>`` stay. Script,
    style and comments go with their content.
    """

    use: Literal["strip_html"] = "strip_html"

    def rewrite_column(self, values: pl.Series) -> pl.Series:
        untagged = only_where(values, r"<[a-zA-Z/!?]", _untag)
        return only_where(untagged, ENTITY, _decode)


def _untag(values: pl.Series) -> pl.Series:
    text = pl.col("x")
    return values.to_frame("x").select(
        text.str.replace_all(r"(?s)<!--.*?-->|(?i)<!doctype\s[^<>]*>|<\?xml[\s:][^<>]*>", "")
        .str.replace_all(r"(?is)<script\b[^>]*>.*?</script\s*>|<style\b[^>]*>.*?</style\s*>", "")
        # inline tags first: a paragraph that holds an image only leaves no empty line behind
        .str.replace_all(rf"(?i)</?(?:{INLINE}){ATTRIBUTES}\s*/?>", "")
        # line ends around a block tag are the page's source code, not the text's
        .str.replace_all(rf"(?i)(?:\s*</?(?:{BLOCKS}){ATTRIBUTES}\s*/?>\s*)+", "\n")
        .str.strip_chars("\n")
    )["x"]


def _decode(values: pl.Series) -> pl.Series:
    """Named entities by one pass of Aho-Corasick in Polars; values with numbered ones, which are rare, by ``html``.

    Either way every entity is decoded once, so that ``&amp;lt;`` becomes ``&lt;``. ``unescape`` of a whole text
    would also take the ``&copy`` of ``?a=1&copy=2`` for an entity.
    """
    names = {f"&{name}": text for name, text in html5.items() if name.endswith(";")}
    named = values.str.replace_many(list(names), list(names.values()))
    numbered = values.str.contains("&#", literal=True)
    if not numbered.any():
        return named
    places = numbered.arg_true()
    texts = [
        re.sub(ENTITY, lambda found: names.get(found[0]) or _numbered(found[0]), text)
        for text in values.gather(places).to_list()
    ]
    return named.scatter(places, pl.Series(texts, dtype=pl.String))


def _numbered(entity: str) -> str:
    """``&#20013;`` -> ``中``; a name that HTML does not have stays."""
    return unescape(entity) if entity[1] == "#" else entity
