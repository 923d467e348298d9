"""The main content of a web page: what is left when navigation, advertisements and footers are gone.

Known tools choose paragraphs by ASCII commas, word counts and 25 characters at the least, which leaves out Chinese
pages of short lines. Here what is surely not content goes first (by tags, by the names that sites give their parts,
by the share of links); then the smallest element that holds nearly all of the remaining text is the content. So a
mistake keeps a line too many rather than losing one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

#: never text
SILENT = (
    "script", "style", "noscript", "template", "iframe", "object", "embed", "svg", "canvas", "audio", "video",
    "select", "datalist", "button", "input", "textarea", "head", "title", "map", "rt", "rp",
)  # fmt: skip
HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
#: containers of content that a script makes visible (WeChat)
UNHIDDEN = ("js_content", "page-content")
BESIDE = ("nav", "footer", "aside", "menu", "dialog")
#: words in the class, id or role of parts that are beside the content
BESIDE_WORDS = re.compile(
    r"(?:^|[\s_-])(?:nav(?:bar|igation|box|menu)?|(?:top|main|sub|side|foot|head)(?:nav|menu|bar)|menu|bread-?crumbs?|crumbs?"
    r"|toc|catalog(?:ue)?|foot(?:er)?|copyright|beian|friend[-_]?links?|sitemap|side(?:bar)?|aside|widget"
    r"|rank(?:ing)?|hot(?:news|list)|recommend(?:ed|ation|ations|s)?|related?(?:[-_]?\w+)?|similar|timeline|stream|feed"
    r"|editsection|pager?|pagination|share|social|sns|bdsharebuttonbox|follow|subscribe|newsletter|qr[-_]?code\w*|erweima"
    r"|app[-_]?download|ads?|adv|advert(?:isement|s)?|banner|promo(?:tion)?|sponsor(?:ed)?|guanggao|login|register"
    r"|signup|toolbar|pchide|popup|modal|cookie\w*|consent|comments?(?:[-_]?(?:list|box|area|section))?|disqus"
    r"|daohang|dibu|cebian|xiangguan|tuijian|paihang)(?:[\s_-]|$)",
    re.IGNORECASE,
)
#: names of short lines about the content: whole names only, for ``info`` alone may as well be the content
LINE_WORDS = re.compile(
    r"(?:^|\s)(?:info|meta|date|time|byline|source|laiyuan|editor|zrbj|position|location|author|author-?info|userinfo|profile"
    r"|tags?|cate(?:gory|gories)?|links?|more|prev-?next|print|search\w*|tools?|op|feedback|reply-?(?:box|form))(?:\s|$)",
    re.IGNORECASE,
)
LINE = 80
#: a part that holds more than this share of the page's own text is not beside it, whatever its name
MOST_BESIDE = 0.4
#: containers of so many links go when links are this share of their text
LINKED = 0.6
LINKS = 3
LISTS = ("ul", "ol", "dl", "table", "tr", "td", "div", "section", "p")
#: the only article of a page is its content from this share of the text
ARTICLE = 0.2
#: the legal lines at the end of a page
IMPRINT = re.compile(
    r"ICP[备证]\D{0,3}\d|公网安备|举报(?:电话|邮箱)[:：]"
    r"|(?:版权所有|Copyright|©).{0,60}?(?:19|20)\d\d|(?:19|20)\d\d.{0,30}?版权所有",
    re.IGNORECASE | re.DOTALL,
)
IMPRINT_LENGTH = 300
IMPRINTED = ("div", "table", "td", "footer", "section", "p", "center")
#: an element that holds this share of the remaining text holds the content
ENOUGH = 0.9
CONTAINERS = (
    "div",
    "section",
    "article",
    "main",
    "center",
    "form",
    "table",
    "tbody",
    "tr",
    "td",
    "blockquote",
)


def without_unseen(body: Any) -> None:
    """Take out what a browser does not show."""
    for element in list(body.iter(*SILENT)):
        element.drop_tree()
    for element in body.xpath(".//*[@hidden or @style]"):
        unhidden = element.get("id") in UNHIDDEN
        if not unhidden and (element.get("hidden") is not None or HIDDEN.search(element.get("style", ""))):
            element.drop_tree()


def main_content(body: Any) -> Any:
    """The element that holds the content, with what is beside it taken out of the tree."""
    sizes, _ = measured(body)
    _drop(part for part, size in sizes.items() if size.whole <= IMPRINT_LENGTH and _is_imprint(part))
    sizes, _ = measured(body)
    most = MOST_BESIDE * sizes[body].own
    _drop(
        part
        for part, size in sizes.items()
        if part is not body and size.own <= most and _is_beside(part, size) and part.find(".//h1") is None
    )
    sizes, _ = measured(body)
    most = MOST_BESIDE * sizes[body].own
    sizes, linked = measured(body, lambda part, size: size.own < most and _is_linked(part, size))
    _drop(linked)
    return _smallest(_declared(body, sizes), sizes)


@dataclass(frozen=True)
class Size:
    """Characters without white space: all of an element's text, that of links in it, and how many links."""

    whole: int = 0
    linked: int = 0
    links: int = 0

    @property
    def own(self) -> int:
        return self.whole - self.linked


def measured(
    body: Any, beside: Callable[[Any, Size], bool] = lambda part, size: False
) -> tuple[dict[Any, Size], list[Any]]:
    """The size of every element, in document order, and those that are ``beside`` the content: they count for
    nothing above them.

    One pass, the children before their parents, so that a page of a thousand nested elements costs no more.
    """
    sizes: dict[Any, Size] = {}
    left_out = []
    elements = list(body.iter("*"))
    for element in reversed(elements):
        whole, linked, links = _characters(element.text), 0, 0
        for child in element:
            inner = sizes.get(child, Size())
            whole += inner.whole + _characters(child.tail)
            linked, links = linked + inner.linked, links + inner.links
        size = Size(whole, whole, links + 1) if element.tag == "a" else Size(whole, linked, links)
        if beside(element, size):
            left_out.append(element)
            size = Size()
        sizes[element] = size
    return {element: sizes[element] for element in elements}, left_out


def _characters(text: str | None) -> int:
    return len("".join(text.split())) if text else 0


def _is_imprint(part: Any) -> bool:
    return (
        part.tag in IMPRINTED
        and IMPRINT.search(part.text_content()) is not None
        and part.find(".//h1") is None
    )


def _is_beside(part: Any, size: Size) -> bool:
    names = f"{part.get('class', '')} {part.get('id', '')} {part.get('role', '')}"
    if part.tag in BESIDE:
        return True
    if part.tag in ("article", "main"):
        return False
    return BESIDE_WORDS.search(names) is not None or (
        size.own <= LINE and LINE_WORDS.search(names) is not None
    )


def _is_linked(part: Any, size: Size) -> bool:
    return part.tag in LISTS and size.links >= LINKS and size.linked > LINKED * size.whole


def _drop(parts: Iterable[Any]) -> None:
    for part in list(parts):
        if part.getparent() is not None:  # or it went with one that held it
            part.drop_tree()


def _declared(body: Any, sizes: dict[Any, Size]) -> Any:
    """The element that the page itself calls its article, unless hardly anything stands in it."""
    named = body.xpath(".//*[contains(@itemprop, 'articleBody')]") or body.xpath(".//article")
    if len(named) == 1 and sizes[named[0]].own > ARTICLE * sizes[body].own:
        return named[0]
    return body


def _smallest(body: Any, sizes: dict[Any, Size]) -> Any:
    found, enough = body, ENOUGH * sizes[body].whole
    while True:
        inner = next((child for child in found if sizes[child].whole >= enough), None)
        if inner is None or inner.tag not in CONTAINERS:
            return found
        found = inner
