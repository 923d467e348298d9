"""Pairs that tasks over pairs start from."""

from __future__ import annotations

from typing import Any

import polars as pl

from curate.pairs import PAIR
from curate.rows import Outcome


def base(pair_id: str, instruction: str, output: str, **more: Any) -> dict[str, Any]:
    """A training pair of a template about the row in front of ``#``."""
    row, _, question = pair_id.partition("#t.")
    return {
        "pair_id": pair_id,
        "parent_id": row,
        "cluster_id": row,
        "corpus": "companies",
        "tier": "primary",
        "split": "train",
        "origin": "template",
        "kind": "sft",
        "task": "t",
        "question": question,
        "system": "",
        "instruction": instruction,
        "input": "",
        "output": output,
    } | more


def frame(*pairs: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(pairs, schema=PAIR)


def reasons(outcome: Outcome) -> dict[str, str]:
    """Pair that gave none -> why."""
    assert outcome.dropped["row_id"].equals(outcome.dropped["pair_id"].rename("row_id"))
    return dict(outcome.dropped.select("pair_id", "reason").iter_rows())


def whole(pairs: pl.DataFrame, outcome: Outcome) -> Outcome:
    """Every pair is a base or dropped, and what was made is a table of pairs."""
    assert outcome.kept.schema == pl.Schema(PAIR)
    assert outcome.kept["pair_id"].is_unique().all()
    assert outcome.kept["of_pair"].n_unique() + outcome.dropped.height == pairs.height
    assert not set(outcome.kept["of_pair"]) & set(outcome.dropped["pair_id"])
    return outcome
