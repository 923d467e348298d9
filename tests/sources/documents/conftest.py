"""One document and its row."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from curate.sources.corpus import Corpus
from curate.sources.documents import read_document
from curate.sources.opening import File


@dataclass(frozen=True)
class Read:
    """What became of a document: its row, or the line, reason, detail and raw text it was dropped with."""

    row: dict[str, Any]
    dropped: dict[str, Any]

    @property
    def text(self) -> str:
        return str(self.row["text"])

    @property
    def headings(self) -> list[list[Any]]:
        return list(json.loads(self.row["headings"]))

    def page(self, number: int) -> str:
        """The text of a page."""
        starts = [*json.loads(self.row["page_starts"]), len(self.text)]
        return self.text[starts[number - 1] : starts[number]]


ReadDocument = Callable[..., Read]


@pytest.fixture
def read(tmp_path: Path) -> ReadDocument:
    """``read("a.pdf", data, **options of the corpus)``."""

    def do(name: str, data: bytes | str, sample: bool = False, **options: Any) -> Read:
        (tmp_path / name).write_bytes(data if isinstance(data, bytes) else data.encode())
        [batch] = read_document(File(tmp_path / name, Corpus(path=name, **options), name, sample))
        assert batch.rows.height + batch.bad.height == 1
        return Read(
            batch.rows.row(0, named=True) if batch.rows.height else {},
            batch.bad.row(0, named=True) if batch.bad.height else {},
        )

    return do
