"""jsonl: rows of text, parsed by DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from curate.algorithms.encoding import UNDECODABLE
from curate.language import say
from curate.sources.opening import BATCH, Batch, File, batch
from curate.sql import ask

#: bytes of lines read at once
BATCH_BYTES = 16 << 20


def read_jsonl(file: File) -> Iterator[Batch]:
    """One JSON object a line; a nested value stays JSON."""
    number = 0
    with file.text() as text:
        while lines := text.readlines(BATCH_BYTES):
            for start in range(0, len(lines), BATCH):
                part = pl.DataFrame(
                    {"line": pl.Series(lines[start : start + BATCH], dtype=pl.String)}
                ).with_row_index("number", offset=number + start + 1)
                part = part.filter(pl.col("line").str.strip_chars() != "")
                if part.is_empty():
                    continue
                checked = ask(
                    """SELECT number::BIGINT AS number, line,
                              CASE WHEN json_valid(line) AND json_type(line) = 'OBJECT' THEN json_keys(line) END AS keys,
                              coalesce(len(keys) > 0, false) AS good
                       FROM part ORDER BY number""",
                    part=part,
                )
                undecodable = pl.col("line").str.contains(UNDECODABLE, literal=True)
                good = checked.filter(pl.col("good") & ~undecodable)
                bad = [
                    file.undecodable(line, raw)
                    if UNDECODABLE in raw
                    else (
                        line,
                        "bad_json",
                        say(
                            f"{file.name} 第 {line} 行不是完整的 JSON 对象",
                            f"{file.name} line {line} is not a JSON object",
                        ),
                        raw.rstrip(),
                    )
                    for line, raw in checked.filter(~pl.col("good") | undecodable)
                    .select("number", "line")
                    .iter_rows()
                ]
                yield batch(_objects(good), bad)
            number += len(lines)


def _objects(lines: pl.DataFrame) -> pl.DataFrame:
    """JSON objects as columns of text; a nested value stays JSON."""
    names = list(dict.fromkeys(lines["keys"].explode().drop_nulls().to_list()))
    if not names:
        return pl.DataFrame()
    if "" in names or len({name.lower() for name in names}) < len(names):
        # DuckDB's structs know no empty name and don't tell ID from id
        objects = [json.loads(line) for line in lines["line"]]
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
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)
