"""Pairs, rows and decisions on disk, as a review project meets them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl

from curate.pairs import PAIR, as_pairs
from curate.review.project import Material
from curate.review.schema import DECISION, ITEM
from curate.rows import Table

SOURCE = "星海展览成立于2012年，展馆面积12000平方米，2024年接待观众3.5万人次。"


def pair(pair_id: str, output: str = "展馆面积12000平方米。", **more: Any) -> dict[str, Any]:
    """A model's training pair about the row in front of ``#``."""
    row = pair_id.partition("#")[0]
    made = {"source": SOURCE, "evidence": "展馆面积12000平方米", "prompt": "recipes/prompts/doc_qa.j2"}
    return {
        "pair_id": pair_id, "parent_id": row, "corpus": row.partition(":")[0], "cluster_id": row, "tier": "primary",
        "split": "train", "origin": "llm", "kind": "sft", "task": "doc_qa", "question": "qa", "system": "",
        "instruction": "星海展览的展馆有多大？", "input": "", "output": output, "score": 0.9, "made": made,
    } | more  # fmt: skip


def frame(*pairs: dict[str, Any]) -> pl.DataFrame:
    """The pairs with all their columns; ``made`` may name some of its fields alone."""
    fields = {field.name: None for field in PAIR["made"].fields}  # type: ignore[union-attr]
    whole = [one | {"made": fields | one["made"] if one.get("made") else None} for one in pairs]
    return as_pairs(pl.DataFrame(whole, schema={name: PAIR[name] for name in PAIR}))


def table(file: Path, rows: pl.DataFrame, corpus: str = "c", shards: int = 1) -> Table:
    size = -(-rows.height // shards)
    files = []
    for number in range(shards):
        shard = file.with_name(f"{file.name}-{number}.parquet")
        rows.slice(number * size, size).write_parquet(shard)
        files.append(shard)
    return Table(corpus, tuple(files))


def rows(*told: dict[str, Any]) -> pl.DataFrame:
    """Rows behind the split."""
    system = {"cluster_id": None, "copies": 1, "tier": "primary", "split": "train"}
    return pl.DataFrame([system | {"corpus": row["row_id"].partition(":")[0]} | row for row in told])


def material(
    folder: Path, pairs: pl.DataFrame, told: pl.DataFrame | None = None, shards: int = 1
) -> Material:
    own = {"c": table(folder / "rows", told)} if told is not None else {}
    return Material([table(folder / "pairs", pairs, shards=shards)], own)


def items(*item_ids: str, part: str = "sample") -> pl.DataFrame:
    return pl.DataFrame([{"item_id": one, "part": part} for one in item_ids], schema=ITEM)


def decided(**values: dict[str, Any]) -> pl.DataFrame:
    """Decisions by item; ``decided(**{"c:1#q": {"value": "accept"}})``. Other values than ``value`` are the columns."""
    told = []
    for item_id, known in values.items():
        said = {"decision": known["value"]} | known.get("values", {})
        told.append(
            {"item_id": item_id, "by": "agreed", "votes": 2, "guideline": "abc"}
            | known
            | {"values": json.dumps(said, ensure_ascii=False)}
        )
    return pl.DataFrame(told, schema=DECISION)
