"""jsonl: rows of text, parsed by DuckDB; a few of them by Python, which is sooner ready."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import polars as pl

from curate.algorithms.encoding import UNDECODABLE
from curate.language import say
from curate.sources.opening import BATCH, Bad, Batch, File, batch
from curate.sql import ask

#: bytes of lines read at once
BATCH_BYTES = 16 << 20
#: lines that Python parses while DuckDB still prepares
FEW = 500


def _line(number: int) -> str:
    return say(f"第 {number} 行", f"line {number}")


def read_jsonl(file: File) -> Iterator[Batch]:
    """One JSON object a line; a nested value stays JSON."""
    number = before = 0

    with file.text() as text:
        while lines := text.readlines(BATCH_BYTES):
            for start in range(0, len(lines), BATCH):
                part = lines[start : start + BATCH]
                yield parsed(file, part, number + start + 1, before, _line)
                before += sum(line.count(UNDECODABLE) for line in part)
            number += len(lines)


def parsed(file: File, lines: list[str], first: int, before: int, place: Callable[[int], str]) -> Batch:
    """JSON objects as columns of text.

    Args:
        first: the number of the first line.
        before: places that do not decode in front of it.
        place: what the line of a number is called.
    """
    few = _few(lines) if len(lines) <= FEW else None
    if few is not None:
        return batch(few)
    part = pl.DataFrame({"line": pl.Series(lines, dtype=pl.String)}).with_row_index("number", offset=first)
    part = part.filter(pl.col("line").str.strip_chars() != "")
    checked = ask(
        """SELECT number::BIGINT AS number, line,
                  CASE WHEN json_valid(line) AND json_type(line) = 'OBJECT' THEN json_keys(line) END AS keys,
                  coalesce(len(keys) > 0, false) AS good
           FROM part ORDER BY number""",
        part=part,
    )
    undecodable = pl.col("line").str.contains(UNDECODABLE, literal=True)
    good = checked.filter(pl.col("good") & ~undecodable)
    bad: list[Bad] = []
    counted = 0
    for line, raw in checked.filter(~pl.col("good") | undecodable).select("number", "line").iter_rows():
        if UNDECODABLE in raw:
            before += sum(text.count(UNDECODABLE) for text in lines[counted : line - first])
            counted = line - first
            bad.append(file.undecodable(line, raw, before, place(line)))
        else:
            told = say(
                f"{file.name} {place(line)}不是完整的 JSON 对象",
                f"{file.name} {place(line)} is not a JSON object",
            )
            bad.append((line, "bad_json", told, raw.rstrip()))
    return batch(_objects(good), bad)


def _few(lines: list[str]) -> pl.DataFrame | None:
    """The objects of lines in which all is well and Python writes what DuckDB writes; None of others."""
    # half a surrogate pair is no text; of a control character's code the two write the letters differently
    if any(mark in line.lower() for line in lines for mark in (UNDECODABLE, r"\ud", r"\u00")):
        return None
    try:
        objects = [
            json.loads(line, object_pairs_hook=_once, parse_float=_plain, parse_constant=_plain)
            for line in lines
            if line.strip(" \t\r\n")
        ]
    except (ValueError, RecursionError):
        return None
    if not all(isinstance(found, dict) and found for found in objects):
        return None
    names = list(dict.fromkeys(name for found in objects for name in found))
    return pl.DataFrame(
        {name: [_as_text(found.get(name)) for found in objects] for name in names},
        schema=dict.fromkeys(names, pl.String),
    )


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is there twice")
    return found


def _plain(number: str) -> float:
    value = float(number)
    if value and not 1e-4 <= abs(value) < 1e15:
        raise ValueError("written differently")  # 1e-07 and 1e-7; also NaN
    return value


def _objects(lines: pl.DataFrame) -> pl.DataFrame:
    """JSON objects as columns of text; a nested value stays JSON."""
    names = list(dict.fromkeys(lines["keys"].explode().drop_nulls().to_list()))
    if not names:
        return pl.DataFrame()
    if "" in names or len({name.lower() for name in names}) < len(names):
        # DuckDB's structs know no empty name and don't tell ID from id; json() takes out a last comma
        plain = ask("SELECT json(line)::VARCHAR AS line FROM rows ORDER BY number", rows=lines.drop("keys"))
        objects = [json.loads(line) for line in plain["line"]]
        return pl.DataFrame(
            {name: [_as_text(found.get(name)) for found in objects] for name in names},
            schema=dict.fromkeys(names, pl.String),
        )
    shape = json.dumps(dict.fromkeys(names, "VARCHAR"), ensure_ascii=False).replace("'", "''")
    found = ask(
        f"SELECT from_json(line, '{shape}') AS value FROM rows ORDER BY number", rows=lines.drop("keys")
    )
    return found["value"].struct.unnest()


def _as_text(value: Any) -> str | None:
    """As DuckDB writes it: a text bare, else JSON without blanks."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
