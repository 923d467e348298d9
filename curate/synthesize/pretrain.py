"""pretrain: texts to go on pre-training with, cut at the ends of sentences."""

from __future__ import annotations

from typing import ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.algorithms.chunking import cut_texts
from curate.options import CorpusName
from curate.pairs import as_pairs
from curate.rows import Outcome, because
from curate.unit import Unit


class Pretrain(Unit):
    """把正文整理成继续预训练的文本，长的在句末切开。 / Texts for continued pre-training, cut at the ends of sentences.

    LLaMA-Factory packs such texts and loses the last piece, or cuts off what is too long. So the texts are cut here,
    without overlap, and trained one by one. A piece holds one token a character at the most in Qwen's and
    DeepSeek's vocabularies, but for rare characters: 1,400 characters stay below 2,048 tokens.
    """

    not_in_fingerprint: ClassVar = frozenset({"use"})

    use: Literal["pretrain"] = "pretrain"
    corpus: CorpusName
    """语料 / the corpus"""
    max_chars: int = Field(1400, ge=50)
    """每段最多多少字 / characters a piece, at the most"""

    @property
    def stem(self) -> str:
        """The task's name in pairs and manifests."""
        return "pretrain"

    def apply(self, rows: pl.DataFrame) -> Outcome:
        """The pieces of the rows that train; ``dropped`` are the rows that gave none."""
        usable = rows.filter(pl.col("split").is_not_null())
        pieces = cut_texts(usable, "text", self.max_chars, 0).select(
            pl.format("{}#pretrain.{}", "row_id", "number").alias("pair_id"),
            pl.col("row_id").alias("parent_id"),
            "corpus",
            "cluster_id",
            "tier",
            "split",
            pl.lit("real").alias("origin"),
            pl.lit("pretrain").alias("kind"),
            pl.lit("pretrain").alias("task"),
            pl.lit("text").alias("question"),
            pl.lit("").alias("instruction"),
            pl.col("piece").alias("output"),
        )
        rest = rows.filter(~pl.col("row_id").is_in(pieces["parent_id"].implode()))
        reason = pl.when(pl.col("split").is_null()).then(pl.lit("retrieval_only")).otherwise(pl.lit("empty"))
        return Outcome(as_pairs(pieces), because(rest, reason))
