"""Evaluation files that people give: whatever their columns are called, all texts in them count."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from itertools import repeat
from pathlib import Path
from typing import Any

import polars as pl

from curate.algorithms.encoding import MARK, best_encoding
from curate.errors import CurateError
from curate.language import say
from curate.options import located

KINDS = (".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt", ".parquet")


def read_items(file: str) -> pl.DataFrame:
    """(where, text) of all texts of all items; ``where``: the file and the item's number in it.

    Raises:
        CurateError: the file cannot be read, or holds no text.
    """
    path, kind = located(file), Path(file).suffix.lower()
    if kind not in KINDS:
        raise _unreadable(
            file,
            say(f"不认识 {kind or '没有扩展名的'} 文件", f"cannot read {kind or 'a file without ending'}"),
        )
    try:
        values = list(_parquet(path) if kind == ".parquet" else _items(kind, _text(path)))
    except (OSError, ValueError, RecursionError, pl.exceptions.PolarsError, csv.Error) as error:
        raise _unreadable(file, str(error)) from error
    told = [
        (f"{file}:{number}", text)
        for number, value in enumerate(values, 1)
        for text in _texts_in(value)
        if text.strip()
    ]
    if not told:
        raise _unreadable(file, say("里面没有文字", "it holds no text"))
    return pl.DataFrame(told, schema={"where": pl.String, "text": pl.String}, orient="row")


def _unreadable(file: str, why: str) -> CurateError:
    return CurateError(
        say(f"评测文件 {file} 读不出来：{why}", f"the evaluation file {file} cannot be read: {why}"),
        say(f"改好它，或从 mix.decontaminate.files 里去掉；可用：{'、'.join(KINDS)}",
            f"mend it, or take it out of mix.decontaminate.files; known: {', '.join(KINDS)}"),
    )  # fmt: skip


def _text(path: Path) -> str:
    data = path.read_bytes()
    encoding, _, _ = best_encoding(data[:4], repeat([data]))
    return data.decode(encoding, errors=MARK)


def _items(kind: str, text: str) -> Iterator[Any]:
    if kind == ".txt":
        yield from text.splitlines()
    elif kind in (".csv", ".tsv"):
        rows = csv.reader(StringIO(text, newline=""), delimiter="\t" if kind == ".tsv" else ",", strict=True)
        next(rows, None)  # the names of the columns are no text
        yield from rows
    elif kind == ".json":
        found = json.loads(text)
        yield from found if isinstance(found, list) else [found]
    else:
        yield from (json.loads(line) for line in text.split("\n") if line.strip())


def _parquet(path: Path) -> Iterator[Any]:
    yield from pl.read_parquet(path).iter_rows()


def _texts_in(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from (text for item in value.values() for text in _texts_in(item))
    elif isinstance(value, list | tuple):
        yield from (text for item in value for text in _texts_in(item))
