"""Pairs on disk, as the mix gets them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from curate.pairs import PAIR
from curate.rows import Table


def pair(pair_id: str, **more: Any) -> dict[str, Any]:
    """A training pair of a template that resembles no other."""
    row, _, question = pair_id.partition("#")
    return {
        "pair_id": pair_id,
        "parent_id": row,
        "cluster_id": row,
        "corpus": "c",
        "tier": "primary",
        "split": "train",
        "origin": "template",
        "kind": "sft",
        "task": "t",
        "question": question or "q",
        "instruction": f"{pair_id}是什么？",
        "input": "",
        "output": f"{pair_id}的答案。",
    } | more


def tables(folder: Path, *tasks: list[dict[str, Any]]) -> list[Table]:
    """A table a task, of shards of eight pairs."""
    found = []
    for number, rows in enumerate(tasks):
        frame = pl.DataFrame(rows, schema=PAIR)
        shards = []
        for place, shard in enumerate(frame.iter_slices(8) if frame.height else [frame]):
            shards.append(folder / f"t{number}_{place}.parquet")
            shard.write_parquet(shards[-1])
        found.append(Table("c", tuple(shards)))
    return found


LLM, REAL = {"origin": "llm"}, {"origin": "real"}
TEST, VALIDATION = {"split": "test"}, {"split": "validation"}
