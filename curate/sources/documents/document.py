"""What every reader of documents gives: blocks of text in reading order, and from them one row."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib import import_module
from pathlib import PurePath
from types import ModuleType
from typing import Any, Literal

import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.sources.corpus import PACKED

#: characters of a first line that can be a title
TITLE = 80
#: titles and authors that programs write of their own accord
IDLE = (
    "Microsoft Word",
    "Microsoft PowerPoint",
    "PowerPoint",
    "untitled",
    "anonymous",
    "(anonymous)",
    "python-docx",
    "无标题",
    "未命名",
)
FILES = (".doc", ".docx", ".wps", ".ppt", ".pptx", ".pdf")
#: the columns of a document that has a layout
COLUMNS: dict[str, type[pl.DataType]] = {
    "file": pl.String,
    "title": pl.String,
    "text": pl.String,
    "headings": pl.String,
    "pages": pl.Int64,
    "page_starts": pl.String,
    "pages_without_text": pl.Int64,
    "author": pl.String,
    "created": pl.String,
}


class Unread(Exception):
    """A document that gives no text: the reason its row is dropped with, what was found, in which line of it."""

    def __init__(self, reason: str, detail: str, place: int = 1, raw: str = "") -> None:
        super().__init__(reason, detail)
        self.reason, self.detail, self.place, self.raw = reason, detail, place, raw


@dataclass(frozen=True)
class Block:
    """A paragraph, a heading (``level`` from 1), an item of a list or a table, already as Markdown.

    ``page`` from 1, where it begins; ``turns``: (offset in ``text``, page) of each page that begins inside it.
    """

    text: str
    kind: Literal["text", "heading", "item"] = "text"
    level: int = 0
    page: int = 1
    turns: tuple[tuple[int, int], ...] = ()

    @property
    def bare(self) -> str:
        """A heading's own words."""
        return self.text.lstrip("#").strip()


@dataclass(frozen=True)
class Document:
    """A document that could be read.

    ``title``: the one that readers of it see, where the format marks it; ``declared``: the one in its properties.
    ``pages``: of paged formats; ``pages_without_text`` of them are pictures only.
    """

    blocks: Sequence[Block]
    title: str = ""
    declared: str | None = None
    pages: int | None = None
    pages_without_text: int | None = None
    author: str | None = None
    created: date | str | None = None

    def row(self, stem: str) -> dict[str, Any]:
        """The values of ``COLUMNS``.

        A first heading that is the title is no part of the text. ``headings``: JSON ``[[level, heading], …]``.
        ``page_starts``: JSON ``[offset, …]``, where in ``text`` each page begins, in characters; a page without
        text begins where the next one does.
        """
        if not self.blocks:
            raise Unread("no_content", say("没有文字", "there is no text"))
        title, blocks = self._titled(stem)
        text, starts = joined(blocks, self.pages or 0)
        headings = [[block.level, block.bare] for block in blocks if block.kind == "heading"]
        created = self.created.isoformat() if isinstance(self.created, date) else self.created
        return {
            "file": stem,
            "title": title,
            "text": text,
            "headings": json.dumps(headings, ensure_ascii=False),
            "pages": self.pages,
            "page_starts": None if self.pages is None else json.dumps(starts),
            "pages_without_text": self.pages_without_text,
            "author": declared(self.author) or None,
            "created": created,
        }

    def _titled(self, stem: str) -> tuple[str, Sequence[Block]]:
        """The title, and the blocks without it: what the format marks, else the only heading of its level at the
        top, else what the properties say, else a short first line, else the file's name.
        """
        first = self.blocks[0]
        peers = {
            block.bare for block in self.blocks if block.kind == "heading" and block.level == first.level
        }
        heads = first.kind == "heading" and len(peers) == 1
        title = self.title or (first.bare if heads else "") or declared(self.declared)
        if title:
            repeated = first.kind != "item" and flat(first.bare) == flat(title)
            return title, self.blocks[1:] if repeated else self.blocks
        line = first.text.split("\n")[0].strip()
        short = first.kind == "text" and len(line) <= TITLE and not line.startswith("|")
        return (line if short else stem), self.blocks


def joined(blocks: Sequence[Block], pages: int) -> tuple[str, list[int]]:
    """The blocks as one text, and where in it each of the pages begins."""
    parts: list[str] = []
    found: dict[int, int] = {}
    length = 0
    before: Block | None = None
    for block in blocks:
        if before:
            gap = "\n" if before.kind == block.kind == "item" else "\n\n"
            parts.append(gap)
            length += len(gap)
        for offset, page in ((0, block.page), *block.turns):
            found.setdefault(page, length + offset)
        parts.append(block.text)
        length, before = length + len(block.text), block
    starts: list[int] = []
    for page in range(pages, 0, -1):
        starts.append(found.get(page, starts[-1] if starts else length))
    if starts:
        starts[-1] = 0
    return "".join(parts), starts[::-1]


def heading(text: str, level: int, page: int = 1) -> Block:
    level = min(max(level, 1), 6)
    words = " ".join(text.split())
    return Block(f"{'#' * level} {words}", "heading", level, page)


def flat(text: str) -> str:
    return "".join(text.split())


def declared(text: str | None) -> str:
    """A title or author from a file's properties, unless a program wrote it there."""
    text = " ".join((text or "").split())
    idle = any(text.casefold().startswith(name.casefold()) for name in IDLE)
    return "" if idle or PurePath(text).suffix.lower() in FILES else text


def stem_of(path: PurePath) -> str:
    """A file's name without its endings: ``a.md.gz`` -> ``a``."""
    return PurePath(path.name.removesuffix(path.suffix) if path.suffix in PACKED else path.name).stem


def library(name: str) -> ModuleType:
    """A module of the extra ``docs``.

    Raises:
        CurateError: it is not installed.
    """
    try:
        return import_module(name)
    except ImportError as error:
        raise CurateError(
            say(
                f"读这种文档要用 {name}，还没有安装", f"{name}, which reads such documents, is not installed"
            ),
            say("运行 pip install 'curate[docs]'", "run pip install 'curate[docs]'"),
            option=("path",),
        ) from error
