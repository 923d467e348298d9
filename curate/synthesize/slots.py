"""Slots: cut out of the texts of rows, or one a pair; and choices that stay as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TypeVar

import polars as pl

from curate.algorithms.chunking import cut_texts
from curate.rows import Outcome, keep_where
from curate.synthesize.task import SLOT

Choice = TypeVar("Choice")

#: The pairs that a model may start from; of a conversation nobody could say which turn to change.
FIT_PAIRS = {
    "held_out": pl.col("split") == "train",
    "not_a_question": pl.col("kind") == "sft",
    "several_turns": pl.col("messages").is_null(),
}


def number_of(key: str) -> int:
    """A number that belongs to ``key`` for ever: the first 32 bits of its MD5, as the templates' choice is."""
    return int(hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()[:8], 16)


def chosen(options: Sequence[Choice], key: str) -> Choice:
    """One of ``options``, by the hash of ``key``."""
    return options[number_of(key) % len(options)]


def of_spans(rows: pl.DataFrame, stem: str, size: int, least: int, title: str | None) -> Outcome:
    """A slot for each span of whole sentences of ``text``, about ``size`` characters, of the rows that train.

    A span of fewer than ``least`` characters joins its neighbour, so that no end of a text is left out; a text that is
    shorter in all is dropped. ``source`` is the span with the row's title above it, where it does not hold it already:
    what a span tells is often said of the title alone.
    """
    fit = keep_where(
        rows,
        {
            "retrieval_only": pl.col("split").is_not_null(),
            "held_out": pl.col("split") == "train",
            "too_short": pl.col("text").fill_null("").str.strip_chars().str.len_chars() >= least,
        },
    )
    titles = pl.col(title).cast(pl.String).fill_null("") if title else pl.lit("")
    cut = cut_texts(
        fit.kept.select("row_id", "corpus", "cluster_id", "tier", "split", "text", titles.alias("own_title")),
        "text",
        size,
        0,
    )
    spans = _joined(cut, least)
    piece = pl.col("text").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
    headed = (pl.col("own_title") != "") & ~piece.str.contains(pl.col("own_title"), literal=True)
    slots = spans.with_columns(
        (pl.col("row_id") + f"#{stem}." + pl.col("number").cast(pl.String)).alias("slot_id"),
        pl.col("row_id").alias("parent_id"),
        pl.when(headed).then(pl.col("own_title") + "\n" + piece).otherwise(piece).alias("source"),
        pl.struct(pl.col("own_title").alias("title")).struct.json_encode().alias("given"),
    )
    return Outcome(as_slots(slots), fit.dropped)


def _joined(cut: pl.DataFrame, least: int) -> pl.DataFrame:
    """Spans of ``cut_texts``, short ones put into the one before them, and a short first one into the next."""
    short = (pl.col("end") - pl.col("start")) < least
    same = pl.col("row_id") == pl.col("row_id").shift(-1)
    marked = cut.with_columns((short & (pl.col("number") > 0)).alias("tail")).with_columns(
        (short & ~pl.col("tail") & same).fill_null(False).alias("head")
    )
    next_is_tail = (same & pl.col("tail").shift(-1)).fill_null(False)
    before_is_head = pl.col("head").shift(1).fill_null(False)
    return (
        marked.with_columns(
            pl.when(next_is_tail).then(pl.col("end").shift(-1)).otherwise("end").alias("end"),
            pl.when(before_is_head).then(pl.col("start").shift(1)).otherwise("start").alias("start"),
        )
        .filter(~pl.col("tail") & ~pl.col("head"))
        .with_columns(pl.int_range(pl.len()).over("row_id").alias("number"))
    )


def of_pairs(
    pairs: pl.DataFrame,
    stem: str,
    rules: Mapping[str, pl.Expr],
    source: pl.Expr,
    given: Sequence[str],
    times: int = 1,
) -> Outcome:
    """``times`` slots for each pair that the rules let through. ``given``: the columns that the task wants to know."""
    fit = keep_where(pairs, {**FIT_PAIRS, **rules})
    number = ("." + pl.col("number").cast(pl.String)) if times > 1 else pl.lit("")
    slots = (
        fit.kept.with_columns(pl.lit(list(range(times))).alias("number"))
        .explode("number")
        .with_columns(
            (pl.col("pair_id") + f"+{stem}" + number).alias("slot_id"),
            pl.col("pair_id").alias("of_pair"),
            source.alias("source"),
            pl.struct(*given, "number").struct.json_encode().alias("given"),
        )
    )
    dropped = fit.dropped.with_columns(pl.col("pair_id").alias("row_id"))
    return Outcome(as_slots(slots), dropped)


def as_slots(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with the columns of ``SLOT``, in their order; what is not there is null."""
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in SLOT.items()
    )
