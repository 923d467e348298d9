"""md and txt: the text as it is."""

from __future__ import annotations

import re

import polars as pl

from curate.algorithms.encoding import UNDECODABLE
from curate.errors import CurateError
from curate.sources.documents.document import Unread, stem_of
from curate.sources.opening import File

#: what a post may begin with, and no heading of Markdown: ``#广交会# 今天开幕``
HASHTAG = re.compile(r"#[^#\s][^#\n]*#")


def read_plain(file: File) -> pl.DataFrame:
    """``file``, ``title`` (its first line) and ``text``. A first line that is a Markdown heading is no part of the
    text.
    """
    try:
        with file.text() as text:
            whole = text.read()
    except CurateError as error:
        raise Unread("unreadable", error.problem) from error
    if UNDECODABLE in whole:
        line, _, detail, raw = file.undecodable(whole[: whole.index(UNDECODABLE)].count("\n") + 1, whole)
        raise Unread("undecodable", detail, line, raw)
    first, _, rest = whole.lstrip("\r\n\ufeff").partition("\n")
    heads = first.startswith("#") and not HASHTAG.match(first)
    body = rest.strip() if heads else whole
    title = (first.lstrip("#") if heads else first).strip() or stem_of(file.path)
    return pl.DataFrame({"file": [stem_of(file.path)], "title": [title], "text": [body]})
