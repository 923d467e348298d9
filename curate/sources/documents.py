"""Documents: one file, one row."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from curate.algorithms.encoding import UNDECODABLE
from curate.sources.opening import Batch, File, batch


def read_document(file: File) -> Iterator[Batch]:
    """One document a file: ``file`` (its name without the ending), ``title`` (its first line) and ``text``. A first
    line that is a Markdown heading is no part of the text.
    """
    with file.text() as text:
        whole = text.read()
    if UNDECODABLE in whole:
        place = whole[: whole.index(UNDECODABLE)].count("\n") + 1
        yield batch(pl.DataFrame(), [file.undecodable(place, whole)])
        return
    first, _, rest = whole.lstrip("\r\n\ufeff").partition("\n")
    body = rest.strip() if first.startswith("#") else whole
    title = first.lstrip("#").strip() or file.path.stem
    stem = Path(file.path.name.removesuffix(".gz")).stem
    yield batch(pl.DataFrame({"file": [stem], "title": [title], "text": [body]}))
