"""Rows of a file as typed frames; what does not fit the type is named, row by row, and left out.

A row that Polars reads and writes back to the same bytes has the keys, the types and no other: that is the quick
way, for whole batches. Only rows that come back different are looked at one by one: another writer's spaces are
no mistake, a number where a text should be is one.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from curate.export.checks.finding import Finding, anew, stops
from curate.export.checks.words import Tally
from curate.language import say

#: bytes of a batch
BLOCK = 8_000_000
BOM = b"\xef\xbb\xbf"
#: where a null stands in JSON; in a text it may stand, too
NULLS = [":null", "[null", ",null"]
#: how other encodings and packed files begin
STARTS = {
    b"\x1f\x8b": "gzip",
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK\x03\x04": "zip",
}


@dataclass(frozen=True)
class Batch:
    """Some rows of one file.

    Attributes:
        rows: the typed rows, with ``line`` (1-based) in front.
        text: each of them as JSON on one line, in Polars' own spelling.
    """

    rows: pl.DataFrame
    text: pl.Series


def first_bytes(file: Path, name: str) -> Finding | None:
    """What the first and last bytes of a JSON Lines file tell: empty, packed, another encoding, cut off."""
    size = file.stat().st_size
    with file.open("rb") as opened:
        start = opened.read(4)
        opened.seek(max(size - 1, 0))
        last = opened.read(1)
    found = next((told for mark, told in STARTS.items() if start.startswith(mark)), None)
    then = stops()
    if not size:
        told = say("文件是空的", "the file is empty")
    elif found:
        told = say(f"是 {found}，不是 UTF-8 的 JSON Lines", f"{found}, not JSON Lines in UTF-8")
    elif start.startswith(BOM):
        told = say("文件开头有 BOM", "the file begins with a BOM")
        then = say("LLaMA-Factory 能读，别的训练工具会中断", "LLaMA-Factory reads it, other trainers stop")
    elif last != b"\n":
        told = say(
            "最后一行没有结束，文件可能被截断", "the last line is not ended; the file may have been cut off"
        )
    else:
        return None
    return Finding(name, None, f"{told}{say('；', '; ')}{then}", anew())


def read_lines(file: Path, schema: pl.Schema, tally: Tally) -> Iterator[Batch]:
    """The good rows of a JSON Lines file, batch by batch; the others go to ``tally``."""
    line = 1
    with file.open("rb") as opened:
        rest = opened.read(3)
        rest = b"" if rest == BOM else rest
        while block := opened.read(BLOCK):
            block = rest + block
            end = block.rfind(b"\n") + 1
            rest = block[end:]
            if end:
                batch, count = _typed(block[:end], line, schema, tally)
                line += count
                yield batch
    if rest:
        yield _typed(rest, line, schema, tally)[0]


def _typed(block: bytes, first: int, schema: pl.Schema, tally: Tally) -> tuple[Batch, int]:
    """The batch of some whole lines, and their number."""
    raw = _decoded(block, first, tally)
    lines = pl.Series("line", range(first, first + len(raw)), dtype=pl.Int64)
    as_read = _parsed(raw, schema)
    odd = pl.Series([True] * len(raw))
    if as_read is not None:
        # a null comes back as it was
        odd = ~as_read.struct.json_encode().eq_missing(raw) | raw.str.contains_any(NULLS)
    bad = [
        number for number, text in zip(lines.filter(odd), raw.filter(odd), strict=True)
        if not _is_good(number, text, schema, tally)
    ]  # fmt: skip
    good = ~lines.is_in(pl.Series(bad, dtype=pl.Int64).implode()) if bad else None
    if good is not None or as_read is None:
        kept = raw if good is None else raw.filter(good)
        lines = lines if good is None else lines.filter(good)
        together = _parsed(kept, schema) if len(kept) else None
        as_read = _one_by_one(kept, schema) if together is None else together
    text = as_read.struct.json_encode() if len(as_read) else pl.Series([], dtype=pl.String)
    return Batch(as_read.struct.unnest().insert_column(0, lines), text.alias("text")), len(raw)


def _decoded(block: bytes, first: int, tally: Tally) -> pl.Series:
    """The lines as texts; one that is no UTF-8 becomes null."""
    block = block.removesuffix(b"\n")
    try:
        return pl.Series("raw", block.decode().split("\n"), dtype=pl.String)
    except UnicodeDecodeError:
        texts: list[str | None] = []
        for number, line in enumerate(block.split(b"\n"), first):
            try:
                texts.append(line.decode())
            except UnicodeDecodeError:
                texts.append(None)
                tally.add("not_utf8", [number])
        return pl.Series("raw", texts, dtype=pl.String)


def _parsed(raw: pl.Series, schema: pl.Schema) -> pl.Series | None:
    """The rows, or None where one of them stops Polars' reader."""
    if raw.null_count():
        return None
    try:
        rows = raw.str.json_decode(pl.Struct(schema))
    except pl.exceptions.PolarsError:
        return None
    return rows if len(rows) == len(raw) else None


def _one_by_one(texts: pl.Series, schema: pl.Schema) -> pl.Series:
    """Good rows that Polars reads otherwise than Python does."""
    return pl.Series([json.loads(text) for text in texts], dtype=pl.Struct(schema))


def _is_good(number: int, text: str | None, schema: pl.Schema, tally: Tally) -> bool:
    if text is None:
        return False
    wrong = mistake(text, schema)
    if wrong:
        tally.add(wrong[0], [number], wrong[1])
    return wrong is None


def mistake(text: str, schema: pl.Schema) -> tuple[str, str] | None:
    """What is wrong with one line: (code, detail); None where only the spelling is another."""
    if not text.strip():
        return "blank_line", ""
    twice: list[str] = []

    def unique(items: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(items)
        if len(made) < len(items):
            twice.extend(key for key in made if sum(key == other for other, _ in items) > 1)
        return made

    try:
        value = json.loads(text, object_pairs_hook=unique)
    except (ValueError, RecursionError) as error:
        return "not_json", str(error)
    if not isinstance(value, dict):
        return "not_object", type(value).__name__
    if twice:
        return "twice", twice[0]
    return misfit(value, pl.Struct(schema), "")


def misfit(value: Any, wanted: Any, at: str) -> tuple[str, str] | None:
    """How a JSON value differs from a Polars type: (code, where)."""
    if value is None:
        return "null", at
    if isinstance(wanted, pl.Struct):
        if not isinstance(value, dict):
            return "type", at
        fields = {field.name: field.dtype for field in wanted.fields}
        for key in [*fields, *value]:
            if (key in fields) != (key in value):
                return "keys", f"{at}.{key}".strip(".")
        parts = [(value[key], kind, f"{at}.{key}".strip(".")) for key, kind in fields.items()]
    elif isinstance(wanted, pl.List):
        if not isinstance(value, list):
            return "type", at
        parts = [(part, wanted.inner, f"{at}[{place}]") for place, part in enumerate(value)]
    else:
        kind = bool if wanted == pl.Boolean else str
        if not isinstance(value, kind):
            return "type", at
        lone = isinstance(value, str) and any("\ud800" <= mark <= "\udfff" for mark in value)
        return ("surrogate", at) if lone else None
    return next((wrong for part in parts if (wrong := misfit(*part))), None)


def parquet_batches(file: Path) -> Iterator[pl.DataFrame]:
    """The rows of a parquet file, some at a time; first a frame without rows, for the schema.

    By Arrow and not by Polars, which panics at some broken files instead of raising an error.

    Raises:
        OSError, ValueError: the file is broken.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with pq.ParquetFile(file) as opened:
        yield _frame(opened.schema_arrow.empty_table())
        for batch in opened.iter_batches(20_000):
            yield _frame(pa.Table.from_batches([batch]))


def _frame(table: Any) -> pl.DataFrame:
    table.validate(full=True)
    made = pl.from_arrow(table)
    assert isinstance(made, pl.DataFrame)
    return made


def read_parquet(file: Path, name: str, schema: pl.Schema, tally: Tally) -> Iterator[Batch | Finding]:
    """The rows of a parquet file, batch by batch; or what keeps it from being read."""
    first = 1
    try:
        for batch in parquet_batches(file):
            if batch.schema != schema:
                there, right = _told(batch.schema), _told(schema)
                told = say(f"列应当是 {right}，而不是 {there}", f"the columns should be {right}, not {there}")
                yield Finding(name, None, f"{told}{say('；', '; ')}{stops()}", anew())
                return
            yield _without_nulls(batch, first, schema, tally)
            first += batch.height
    except (OSError, ValueError, TypeError) as error:  # Arrow's own errors are among them
        told = say(f"读不出来：{error}", f"cannot be read: {error}")
        yield Finding(name, None, f"{told}{say('；', '; ')}{stops()}", anew())


def _without_nulls(batch: pl.DataFrame, first: int, schema: pl.Schema, tally: Tally) -> Batch:
    """The rows without a null at any depth; the others are named."""
    numbered = batch.with_row_index("line", first).cast({"line": pl.Int64})
    text = batch.to_struct().struct.json_encode() if batch.height else pl.Series([], dtype=pl.String)
    bad = []
    for row in numbered.filter(text.str.contains_any(NULLS)).iter_rows(named=True):
        line = row.pop("line")
        wrong = misfit(row, pl.Struct(schema), "")
        if wrong:
            tally.add(wrong[0], [line], wrong[1])
            bad.append(line)
    good = ~numbered["line"].is_in(pl.Series(bad, dtype=pl.Int64).implode())
    return Batch(numbered.filter(good), text.filter(good).alias("text"))


def _told(schema: pl.Schema | dict[str, Any]) -> str:
    return ", ".join(f"{name} {kind}" for name, kind in schema.items())
