"""Pairs and chunks on disk, as the exporters get them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from curate.pairs import PAIR
from curate.rows import CHUNK, Table

#: what must survive a file format
TEXTS = ["展会在哪里？", '他说"好"\\n', "第一行\n第二行\t\u0085\u2028", "🎪👨‍👩‍👧", "<|im_end|>", "null"]


def pairs(count: int = 60, **columns: list[str]) -> pl.DataFrame:
    """Pairs of all splits, every third one with an input and every fifth with a system prompt."""
    rows = [
        {
            "pair_id": f"c:{number}#company.location",
            "parent_id": f"c:{number}",
            "cluster_id": f"c:{number}",
            "corpus": "c",
            "tier": "primary",
            "split": ("train", "train", "validation", "test")[number % 4],
            "origin": "template",
            "kind": "sft",
            "task": "company",
            "question": "location",
            "system": "你是展会顾问。" if number % 5 == 0 else "",
            "instruction": f"{TEXTS[number % len(TEXTS)]}{number}",
            "input": f"材料{number}" if number % 3 == 0 else "",
            "output": f"{TEXTS[-number % len(TEXTS)]}答{number}",
        }
        for number in range(count)
    ]
    made = pl.DataFrame(rows, schema=PAIR).with_columns(**{k: pl.Series(v) for k, v in columns.items()})
    return made.with_columns(pl.lit(50, pl.Int64).alias("tokens"))


def chunks(count: int = 30) -> pl.DataFrame:
    rows = [
        {"chunk_id": f"c:{n}#0", "parent_id": f"c:{n}", "corpus": "c", "title": "", "text": TEXTS[n % len(TEXTS)], "start": 0, "end": 3, "updated_at": ""}
        for n in range(count)
    ]  # fmt: skip
    return pl.DataFrame(rows, schema=CHUNK)


def on_disk(folder: Path, rows: pl.DataFrame, shard_rows: int = 17) -> list[Table]:
    """Two tables of several shards."""
    tables = []
    folder.mkdir(parents=True, exist_ok=True)
    half = rows.height // 2
    for name, part in {"a": rows.head(half), "b": rows.slice(half)}.items():
        shards = []
        for number, shard in enumerate(part.iter_slices(shard_rows)):
            shards.append(folder / f"{name}{number}.parquet")
            shard.write_parquet(shards[-1])
        tables.append(Table(name, tuple(shards)))
    return tables
