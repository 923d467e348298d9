"""Decide: how long a pair may be, and what is trained on what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.export.llamafactory import Llamafactory
from curate.export.tokens import fits, histogram, proposed_cutoff
from curate.export.training.plan import STAGES, Part, Stage
from curate.language import say
from curate.rows import Table

#: kind of pair -> LLaMA-Factory's name for training on it
STAGE_OF: dict[str, Stage] = {"sft": "sft", "preference": "dpo", "kto": "kto", "pretrain": "pt"}


def lengths_of(tables: list[Table], exporter: Llamafactory, workspace: Path) -> dict[str, Any]:
    """The lengths of the pairs in figures, and the cutoff that follows from them.

    Returns:
        ``cutoff``: tokens into which a pair must fit; ``longest``: tokens of the longest pair; ``longest_kept``: kind ->
        tokens of the longest that fits; ``over``: pairs that do not fit; ``bars``: [upper edge, pairs] of a histogram.

    Raises:
        CurateError: no pair is left.
    """
    parts = [table.narrow(["kind", "tokens"]) for table in tables if table.shards]
    pairs = pl.concat(parts) if parts else pl.DataFrame(schema={"kind": pl.String, "tokens": pl.Int64})
    if pairs.is_empty():
        raise CurateError(
            say("没有一条问答可以训练", "no pair can be trained on"),
            say("看每条为什么不行：curate show fit", "see why: curate show fit"),
        )
    cutoff = exporter.cutoff or min(proposed_cutoff(pairs["tokens"]), exporter.model_in(workspace).context)
    kept = (
        pairs.filter(fits(pairs["tokens"], cutoff)).group_by("kind").agg(pl.col("tokens").max()).sort("kind")
    )
    return {
        "cutoff": cutoff,
        "longest": pairs["tokens"].max(),
        "longest_kept": dict(kept.iter_rows()),
        "over": pairs.height - int(fits(pairs["tokens"], cutoff).sum()),
        "bars": histogram(pairs["tokens"]),
    }


def parts_of(
    rows: dict[str, int], pairs: dict[tuple[str, str], int], thoughts: dict[tuple[str, str], int], name: str,
    trained: str, longest: dict[str, int],
) -> list[Part]:  # fmt: skip
    """What is trained: a part a stage that has rows.

    Args:
        rows: data set -> rows.
        pairs: (split, kind) -> pairs.
        thoughts: (split, kind) -> pairs with a thought.
        trained: the format whose files train: alpaca or sharegpt.
        longest: kind -> tokens of its longest pair.
    """
    found = []
    for kind, stage in STAGE_OF.items():
        endings = (trained, "chat") if kind == "sft" else (kind,)

        def datasets(split: str, endings: tuple[str, ...] = endings) -> list[str]:
            return [f"{name}_{split}_{ending}" for ending in endings if f"{name}_{split}_{ending}" in rows]

        if datasets("train"):
            found.append(
                Part(
                    stage=stage,
                    train=datasets("train"),
                    validation=datasets("validation"),
                    rows_train=pairs["train", kind],
                    rows_validation=pairs["validation", kind],
                    thoughts=thoughts["train", kind],
                    longest=longest[kind],
                )
            )
    return sorted(found, key=lambda part: STAGES.index(part.stage))
