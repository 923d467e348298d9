"""Readers: a file becomes batches of rows, and what could not be read as a row.

Rows of text formats are all strings: types come from the schema, so that 00123 stays 00123, and so that a
column that is a number here and a word there cannot break a run. An empty cell is null.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from curate.options import files_of
from curate.sources.corpus import Corpus, Format
from curate.sources.csv_rows import read_csv
from curate.sources.fetch import Remote, remote_of
from curate.sources.json_rows import read_json
from curate.sources.jsonl_rows import read_jsonl
from curate.sources.opening import Batch, File, batch
from curate.sources.parquet_rows import read_parquet
from curate.sources.sqlite_rows import read_sqlite
from curate.sources.xlsx_rows import read_xlsx


def _read_document(file: File) -> Iterator[Batch]:
    from curate.sources.documents import read_document  # heavy

    yield from read_document(file)


READERS: dict[Format, Callable[[File], Iterator[Batch]]] = {
    "csv": read_csv,
    "xlsx": read_xlsx,
    "json": read_json,
    "jsonl": read_jsonl,
    "parquet": read_parquet,
    "sqlite": read_sqlite,
    "text": _read_document,
    "pdf": _read_document,
    "docx": _read_document,
    "pptx": _read_document,
    "html": _read_document,
}


def batches(file: File) -> Iterator[Batch]:
    """The rows of one file.

    Raises:
        CurateError: the file as a whole can't be read (encoding, sheet, damaged archive).
    """
    # of its own: what it has read of a small file goes with it
    yield from READERS[file.format](replace(file))


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


class Source(Protocol):
    """Something that a corpus is read from: a file, a table of a database, a data set.

    Attributes:
        name: how messages and row ids call it.
        form: what it is, for people.
    """

    @property
    def name(self) -> str: ...

    @property
    def form(self) -> str: ...

    def batches(self) -> Iterator[Batch]:
        """Its rows."""


@dataclass(frozen=True)
class FileSource:
    """A file."""

    file: File

    @property
    def name(self) -> str:
        return self.file.name

    @property
    def form(self) -> str:
        return self.file.form

    def batches(self) -> Iterator[Batch]:
        yield from batches(self.file)


@dataclass(frozen=True)
class RemoteSample:
    """The first rows of a source that is no file, straight from it."""

    name: str
    remote: Remote
    rows: int

    @property
    def form(self) -> str:
        return self.remote.form

    def batches(self) -> Iterator[Batch]:
        for rows in self.remote.frames(self.rows):
            yield batch(rows)


def samples(corpus: Corpus, workspace: Path, rows: int) -> list[Source]:
    """What a corpus is read from, for a look at the first ``rows`` of it; nothing is written."""
    if corpus.path is None:
        return [RemoteSample(corpus.place, remote_of(corpus, workspace), rows)]
    return [FileSource(file) for file in files(corpus, files_of(workspace, corpus.path), sample=True)]
