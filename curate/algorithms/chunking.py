"""Cut a text into chunks at the ends of sentences."""

from __future__ import annotations

import re

import polars as pl

#: A sentence ends behind its stop and the quotes or brackets that close with it, or at a line's end.
SENTENCE_END = re.compile(r"[。！？!?；;…]+[”’」』）)\]】》]*|\n+")


def spans(text: str, size: int, overlap: int) -> list[tuple[int, int]]:
    """(start, end) of chunks of whole sentences, at most ``size`` characters each, that together cover the text
    but for white space around them.

    A chunk repeats the last sentences of the one before as far as they fit into ``overlap`` characters. A
    sentence longer than ``size`` is cut where it is full.
    """
    pieces = _pieces(text, size)
    chunks = []
    first = 0
    while first < len(pieces):
        last = first
        while last + 1 < len(pieces) and pieces[last + 1][1] - pieces[first][0] <= size:
            last += 1
        chunks.append((pieces[first][0], pieces[last][1]))
        if last + 1 == len(pieces):
            break
        first = last + 1
        while (
            first - 1 > 0
            and pieces[last][1] - pieces[first - 1][0] <= overlap
            and (pieces[last + 1][1] - pieces[first - 1][0] <= size)
        ):
            first -= 1
    return chunks


def cut_texts(rows: pl.DataFrame, column: str, size: int, overlap: int) -> pl.DataFrame:
    """A row a chunk of ``column``, behind the row's own columns: ``number`` (0-based), ``start``, ``end`` (characters, end
    exclusive), ``piece``. A row without text gives none.
    """
    cut = pl.Series(
        "span",
        # short texts, the usual case, are one chunk: their span costs no search for sentences
        [
            [(0, len(text))]
            if len(text) <= size and text == text.strip() and text
            else spans(text, size, overlap)
            for text in rows[column].fill_null("")
        ],
        dtype=pl.List(pl.List(pl.Int64)),
    )
    start, end = pl.col("span").list.get(0), pl.col("span").list.get(1)
    return (
        rows.with_columns(cut, pl.int_ranges(cut.list.len()).alias("number"))
        .filter(pl.col("span").list.len() > 0)
        .explode("span", "number")
        .with_columns(start.alias("start"), end.alias("end"))
        .with_columns(pl.col(column).str.slice(start, end - start).alias("piece"))
        .drop("span")
    )


def _pieces(text: str, size: int) -> list[tuple[int, int]]:
    """Sentences without the white space around them: a piece of nothing else would make a chunk that only
    repeats its neighbour's end.
    """
    ends = [found.end() for found in SENTENCE_END.finditer(text)]
    if not ends or ends[-1] != len(text):
        ends.append(len(text))
    pieces, start = [], 0
    for end in ends:
        first, last = _bare(text, start, end)
        while first < last:
            piece = _bare(text, first, min(first + size, last))
            pieces.append(piece)
            first, _ = _bare(text, piece[1], last)
        start = end
    return pieces


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without the white space around it."""
    part = text[start:end]
    return start + len(part) - len(part.lstrip()), end - (len(part) - len(part.rstrip()))
