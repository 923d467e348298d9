"""Readers: a file becomes batches of rows, and what could not be read as a row.

Rows of text formats are all strings: types come from the schema, so that 00123 stays 00123, and so that a
column that is a number here and a word there cannot break a run. An empty cell is null.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from curate.sources.corpus import Corpus, Format
from curate.sources.csv_rows import read_csv
from curate.sources.documents import read_document
from curate.sources.jsonl_rows import read_jsonl
from curate.sources.opening import Batch, File
from curate.sources.parquet_rows import read_parquet
from curate.sources.xlsx_rows import read_xlsx

READERS: dict[Format, Callable[[File], Iterator[Batch]]] = {
    "csv": read_csv,
    "xlsx": read_xlsx,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "text": read_document,
}


def batches(file: File) -> Iterator[Batch]:
    """The rows of one file.

    Raises:
        CurateError: the file as a whole can't be read (encoding, sheet, damaged archive).
    """
    yield from READERS[file.format](file)


def files(corpus: Corpus, paths: list[Path], sample: bool = False) -> list[File]:
    """The corpus's files, called by their names; where two have one name, by their paths below the folder that
    holds them all.
    """
    counts = Counter(path.name for path in paths)
    root = os.path.commonpath([path.parent for path in paths]) if paths else ""
    return [
        File(path, corpus, path.name if counts[path.name] == 1 else path.relative_to(root).as_posix(), sample)
        for path in paths
    ]
