"""What the tasks that make pairs out of pairs have in common: which pairs they take, and what a derived pair inherits."""

from __future__ import annotations

import polars as pl

from curate.pairs import MESSAGES
from curate.rows import Outcome, because
from curate.sql import ask

#: A draw lies below this.
DRAWS = 1 << 32


def drawn(names: pl.Series, salt: str) -> pl.Series:
    """A number below ``DRAWS`` for each pair, from the MD5 of its id: it stays when other pairs come."""
    return ask(
        f"""SELECT ('0x' || substr(md5(name || '+{salt}'), 1, 8))::BIGINT AS draw FROM names ORDER BY place""",
        names=names.alias("name").to_frame().with_row_index("place"),
    )["draw"]


def single() -> pl.Expr:
    """Is it one question with one answer, to be trained on or tested as such?"""
    plain = (pl.col("kind") == "sft") & pl.col("messages").is_null() & (pl.col("tools").fill_null("") == "")
    return plain & (pl.col("instruction") != "") & (pl.col("output").str.strip_chars() != "")


def derived(base: pl.DataFrame, task: str, number: pl.Expr | None = None) -> pl.DataFrame:
    """``base`` as pairs made from it: who wrote the answer stays written (a model's stays a model's), what is no longer
    the row's own words is a template's. What the base cost is told of the base alone.
    """
    name = pl.format("{}+{}", "pair_id", pl.lit(task))
    return base.with_columns(
        pl.col("pair_id").alias("of_pair"),
        (name if number is None else pl.format("{}.{}", name, number)).alias("pair_id"),
        pl.when(pl.col("origin") == "llm").then(pl.lit("llm")).otherwise(pl.lit("template")).alias("origin"),
        pl.lit(task).alias("task"),
        pl.lit(None, pl.String).alias("slot_id"),
        pl.lit(None, pl.List(pl.String)).alias("facts"),
        pl.lit(None, MESSAGES).alias("messages"),
        pl.lit(None).cast(base.schema["made"]).alias("made"),
    )


def with_the_rest(
    pairs: pl.DataFrame, made: pl.DataFrame, reason: pl.Expr, of: pl.Expr | None = None
) -> Outcome:
    """``made``, and the pairs that gave none, with the reason."""
    rest = pairs.filter(~pl.col("pair_id").is_in(made["of_pair"].implode()))
    return Outcome(made, because(rest.with_columns(pl.col("pair_id").alias("row_id")), reason, of=of))
