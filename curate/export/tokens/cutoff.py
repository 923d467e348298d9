"""What LLaMA-Factory 0.9.5 would cut off at a ``cutoff_len``, and sums over turns.

Source: ``infer_seqlen`` in ``llamafactory/data/processor/processor_utils.py`` and its callers. A turn that does not
fit loses the end of its prompt, the end of its answer, or both; turns behind it are lost whole. No warning is given.

One row of a table of turns is one turn: ``row`` (UInt32, 0-based), ``source`` and ``target`` (Int64, the tokens of
its prompt and its answer), sorted by row and turn.
"""

from __future__ import annotations

import polars as pl


def fits(tokens: pl.Series, cutoff_len: int) -> pl.Series:
    """Whether a row of so many tokens stays whole (Boolean, null for null); exact in every stage.

    No more than ``cutoff_len`` is kept, so a longer row loses something. A shorter or equal one loses nothing: of a
    prompt and an answer that together fit into what the turns before them left, one takes less than half, and the
    other is given all the rest; or both take exactly half. For dpo the tokens are those of the prompt and of the
    longer answer.
    """
    return tokens <= cutoff_len


def totals(turns: pl.DataFrame, rows: int) -> pl.Series:
    """Tokens of the whole sequence of every row (Int64, null for a row without turns)."""
    summed = turns.group_by("row").agg(tokens=pl.col("source").sum() + pl.col("target").sum())
    return _by_row(summed, rows, "tokens")


def asked_and_answered(turns: pl.DataFrame, rows: int) -> pl.DataFrame:
    """``prompt`` and ``answer`` (Int64) of every row: all up to the last answer, and the last answer."""
    by_row = turns.group_by("row", maintain_order=True).agg(
        tokens=pl.col("source").sum() + pl.col("target").sum(), answer=pl.col("target").last()
    )
    parts = by_row.select("row", "answer", prompt=pl.col("tokens") - pl.col("answer"))
    return pl.DataFrame([_by_row(parts, rows, name) for name in ("prompt", "answer")])


def _by_row(values: pl.DataFrame, rows: int, name: str) -> pl.Series:
    every = pl.DataFrame({"row": pl.int_range(rows, dtype=pl.UInt32, eager=True)})
    return every.join(values, on="row", how="left", maintain_order="left")[name]
