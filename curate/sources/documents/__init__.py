"""Documents: one file, one row, its layout as Markdown.

Headings become ``#``, tables pipe tables, lists lists; ``page_starts`` says where in the text each page begins, so
that a chunk can cite its page. The libraries are the extra ``docs``: pypdfium2 (PDF, fast), pdfplumber (ruled
tables in PDF), python-docx, python-pptx, lxml.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import polars as pl

from curate.sources.documents.document import COLUMNS, Document, Unread, stem_of
from curate.sources.documents.docx import read_docx
from curate.sources.documents.html import read_html
from curate.sources.documents.pdf import read_pdf
from curate.sources.documents.plain import read_plain
from curate.sources.documents.pptx import read_pptx
from curate.sources.opening import Batch, File, batch, shown

PARSERS: dict[str, Callable[[File], Document]] = {
    "pdf": read_pdf,
    "docx": read_docx,
    "pptx": read_pptx,
    "html": read_html,
}


def read_document(file: File) -> Iterator[Batch]:
    """One row a file: ``file`` (its name without the ending), ``title``, ``text``, and the others of ``COLUMNS``
    where the format has a layout.

    A document that can't be read is dropped alone, with its reason: ``scanned`` (pictures of text only),
    ``encrypted``, ``unreadable`` (damaged), ``garbled_font`` (its characters have no meaning outside their font),
    ``old_format``, ``no_content``, ``undecodable``.

    Raises:
        CurateError: the extra ``docs`` is not installed.
    """
    try:
        if file.format == "text":
            yield batch(read_plain(file))
        else:
            row = PARSERS[file.format](file).row(stem_of(file.path))
            yield batch(pl.DataFrame([row], schema=COLUMNS))
    except Unread as error:
        yield batch(pl.DataFrame(), [(error.place, error.reason, error.detail, shown(error.raw))])
