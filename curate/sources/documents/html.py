"""html: the main content of a page, or all of it with ``main_content: false``."""

from __future__ import annotations

import codecs
import re
from functools import cache
from typing import Any

from curate.algorithms.encoding import BYTE_ORDER_MARKS, MARK, UNDECODABLE
from curate.errors import CurateError
from curate.language import say
from curate.sources.documents.document import Document, Unread, flat, library
from curate.sources.documents.html_blocks import blocks
from curate.sources.documents.html_main import main_content, without_unseen
from curate.sources.documents.office import content
from curate.sources.opening import File

CHARSET = re.compile(rb"""charset\s*=\s*["']?\s*([a-zA-Z0-9_:-]+)""")
#: what is declared -> what is meant: browsers read the larger set as well (WHATWG Encoding)
MEANT = {"gb2312": "gb18030", "gbk": "gb18030", "big5": "big5hkscs", "iso8859-1": "cp1252", "ascii": "cp1252"}
#: where a declaration must stand
HEAD = 4096
ATTRIBUTES = r"""(?:[^<>"']|"[^"]*"|'[^']*')*"""
#: those of tags that are one letter long, which have values or are HTML's own: ``0<i 且 i>n`` is no tag
VALUES = (
    r"""(?:\s+[a-zA-Z_:@][\w:.\-]*\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+)"""
    r"""|\s+(?:hidden|download|inert|itemscope|[a-z]+-[\w-]+))*"""
)
NAMES = (
    "figcaption|figure|hgroup|main|mark|meter|nav|picture|ruby|section|slot|time|rtc|data|dialog|bdi|big|"
    "m[inos]|mrow|mfrac|msup|msub|msubsup|msqrt|mroot|mtext|mspace|mtable|mtr|mtd|munder|mover|munderover|mstyle|"
    "mpadded|mphantom|semantics|annotation|nobr|marquee|xml"
)
SITE = re.compile(r"\s*[_|｜]\s*|\s+[-–—]\s+")


def read_html(file: File) -> Document:
    """Headings, lists and tables as Markdown. Where nothing is left of the page by taking out what is beside its
    content, all of it is the content.
    """
    page = decoded(file, content(file))
    root = _parsed(page)
    title, author = _title(root), _meta(root, "author")
    created = _meta(root, "article:published_time", "pubdate", "publishdate", "date")
    whole = list(blocks(main_content(_seen(root)))) if file.corpus.main_content else []
    whole = whole or list(blocks(_seen(_parsed(page))))
    if UNDECODABLE in title or any(UNDECODABLE in block.text for block in whole):
        raise Unread("undecodable", say("正文里有解不出来的字节", "bytes in the text do not decode"))
    return Document(whole, title, author=author, created=created)


def decoded(file: File, data: bytes) -> str:
    """The page's text: by its byte order mark or ``encoding``, else as UTF-8 where it is that (what pages declare
    is often wrong), else as it declares, else as found.
    """
    marked = any(data.startswith(mark) for mark in BYTE_ORDER_MARKS)
    if not (file.corpus.encoding or marked or b"\0" in data[:HEAD]):
        for encoding in ("utf-8", _declared(data[:HEAD])):
            try:
                return data.decode(encoding)
            except (UnicodeDecodeError, LookupError):
                continue
    try:
        return data.decode(file.encoding, MARK).replace("\0", "")
    except CurateError as error:
        raise Unread("undecodable", error.problem) from error


def _declared(head: bytes) -> str:
    found = CHARSET.search(head)
    try:
        name = codecs.lookup(found[1].decode()).name if found else ""
    except LookupError:
        name = ""
    return MEANT.get(name, name)


def _parsed(page: str) -> Any:
    html = library("lxml.html")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        return html.document_fromstring(_escaped(page).encode("utf-8", "replace"), parser=parser)
    except library("lxml.etree").ParserError as error:
        raise Unread("no_content", say("没有文字", "there is no text")) from error


def _seen(root: Any) -> Any:
    """The page's body without what a browser does not show."""
    body = root.find(".//body")
    body = root if body is None else body
    without_unseen(body)
    return body


def _escaped(page: str) -> str:
    """``<`` that begins no tag of HTML becomes ``&lt;``, or the parser takes ``0<i`` for italics and swallows the
    text behind it.
    """
    return _known_tags().sub(lambda found: "&lt;" if found[0] == "<" else found[0], page)


@cache
def _known_tags() -> re.Pattern[str]:
    """A tag or comment of HTML, a script with its content, or a lone ``<``."""
    names = "|".join(sorted(name for name in library("lxml.html.defs").tags if len(name) > 1))
    return re.compile(
        rf"<!--.*?-->|<(script|style|svg)\b{ATTRIBUTES}>.*?</\1\s*>|<[!?][^<>]*>"
        rf"|</?(?:{names}|{NAMES}|[a-z]\w*[:-][\w:-]*)(?=[\s/>]){ATTRIBUTES}>"
        rf"|</?[abipqsu]{VALUES}\s*/?>|<",
        re.IGNORECASE | re.DOTALL,
    )


def _title(root: Any) -> str:
    """The page's only ``h1``, else its title without the name of the site."""
    heads = {" ".join(head.text_content().split()) for head in root.iter("h1")} - {""}
    shown = _meta(root, "og:title") or " ".join((root.findtext(".//title") or "").split())
    if len(heads) == 1:
        head = heads.pop()
        # a site's logo is an h1 as well: then the title does not begin with it
        if not shown or flat(shown).startswith(flat(head)[:8]):
            return head
    return SITE.split(shown)[0] or shown


def _meta(root: Any, *names: str) -> str | None:
    for name in names:
        for found in root.xpath(".//meta[@name=$name or @property=$name]", name=name):
            if text := (found.get("content") or "").strip():
                return str(text)
    return None
