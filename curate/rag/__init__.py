"""RAG: the rows that are retrieved become chunks."""

from __future__ import annotations

import polars as pl

from curate.algorithms.chunking import cut_texts
from curate.rows import CHUNK, Outcome, because, time_text

VERSION = 1


def chunk(rows: pl.DataFrame, size: int, overlap: int) -> Outcome:
    """Chunks of at most ``size`` characters out of the rows that are retrieved.

    ``start`` and ``end`` are the chunk's place in its row's text (characters, end exclusive). ``dropped`` are
    the rows that gave none.
    """
    retrieved = rows.filter(pl.col("tier").is_in(["secondary", "both"]))
    title = pl.col("title").cast(pl.String) if "title" in rows.columns else pl.lit(None, pl.String)
    whole = retrieved.select(
        pl.col("row_id").alias("parent_id"),
        "corpus",
        title.fill_null("").alias("title"),
        pl.col("text").fill_null("").alias("body"),
        time_text("updated_at", rows).fill_null("").alias("updated_at"),
    )
    pieces = (
        cut_texts(whole, "body", size, overlap)
        .with_columns(
            pl.format("{}#{}", "parent_id", "number").alias("chunk_id"), pl.col("piece").alias("text")
        )
        .select(pl.col(name).cast(kind) for name, kind in CHUNK.items())
    )
    rest = rows.filter(~pl.col("row_id").is_in(pieces["parent_id"].implode()))
    why = {"primary": "training_only", "reference": "reference_only"}
    reason = pl.col("tier").replace_strict(why, default="empty", return_dtype=pl.String)
    return Outcome(pieces, because(rest, reason))
