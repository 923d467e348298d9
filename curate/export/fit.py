"""Fit: the pairs that a model can be trained on as they are. What LLaMA-Factory would drop, cut, or misread is taken
out here, with its reason.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from curate.algorithms.personal_data import KINDS, Kind, kinds_in
from curate.export.tokens import CONTROL_TOKENS, Lengths, fits
from curate.language import say
from curate.pairs import THINK, THOUGHT, all_text, answer, conversation, whole
from curate.rows import Outcome, keep_where

VERSION = 2

#: LLaMA-Factory replaces these by pictures, films and sounds, and stops where it finds none.
MEDIA = r"<(?:image|video|audio)>"


def inspect(pairs: pl.DataFrame, lengths: dict[str, Lengths], allowed: Sequence[Kind]) -> Outcome:
    """The pairs that can be trained on, with ``tokens``: their length under the model's template.

    ``allowed`` are the kinds of personal data that may stay.
    """
    texts = pairs.select(all_text().alias("text"))["text"]
    looked_for = [kind for kind in KINDS if kind not in allowed]
    seen = pairs.with_columns(
        texts.alias("all_text"),
        texts.str.extract(CONTROL_TOKENS, 0).alias("control"),
        kinds_in(texts, looked_for).alias("personal"),
        pl.Series("tokens", tokens(pairs, lengths), dtype=pl.Int64),
    )
    # a question may be empty where a conversation or a text stands for it
    question = (pl.col("kind") == "pretrain") | pl.col("messages").is_not_null() | filled("instruction")
    compared = pl.col("kind") != "preference"
    outcome = keep_where(
        seen,
        {
            "empty": filled("output") & question & (compared | filled("rejected")) & ~_empty_turn(),
            "control_token": pl.col("control").is_null(),
            "broken_thought": ~_broken_thought(),
            "media_tag": ~pl.col("all_text").str.contains(MEDIA),
            "personal_data": pl.col("personal").is_null(),
            "bad_rating": (pl.col("kind") != "kto") | pl.col("desirable").is_not_null(),
            "bad_turns": pl.col("tokens").is_not_null(),
            "same_answers": compared
            | (pl.col("output").str.strip_chars() != pl.col("rejected").str.strip_chars()),
        },
        {"control_token": pl.col("control"), "personal_data": pl.col("personal")},
    )
    helpers = ("all_text", "control", "personal")
    return Outcome(outcome.kept.drop(helpers), _as_rows(outcome.dropped.drop(helpers)))


def cut(pairs: pl.DataFrame, cutoff: int) -> Outcome:
    """The pairs that fit into ``cutoff`` tokens; LLaMA-Factory would cut the others without a word."""
    told = pl.format(say("{} 个 token，放不进 {}", "{} tokens do not fit into {}"), "tokens", pl.lit(cutoff))
    outcome = keep_where(pairs, {"over_cutoff": pl.lit(fits(pairs["tokens"], cutoff))}, {"over_cutoff": told})
    return Outcome(outcome.kept, _as_rows(outcome.dropped))


def filled(column: str) -> pl.Expr:
    return pl.col(column).fill_null("").str.strip_chars() != ""


def _empty_turn() -> pl.Expr:
    """Does a turn of the conversation say nothing, or nothing behind its thought?"""
    content = pl.element().struct.field("content")
    said = content.str.replace(rf"(?s)^{THINK}.*?{THOUGHT.rstrip()}", "").str.strip_chars()
    return pl.col("messages").list.eval(said == "").list.any().fill_null(False)


def _as_rows(dropped: pl.DataFrame) -> pl.DataFrame:
    # a pair is its own row here: its id is the row_id that trace and accounting know
    return dropped.with_columns(pl.col("pair_id").alias("row_id"))


def _broken_thought() -> pl.Expr:
    """A mark of a thought anywhere but around the one before the answer: a model would learn to think in the middle,
    or never to stop.
    """
    mark = r"</?think>"
    apart = pl.concat_str(
        ["system", "instruction", "input", "output", "thought", "rejected"], separator="\n", ignore_nulls=True
    )
    turns = pl.col("messages").list.eval(_turn_is_broken(mark)).list.any().fill_null(False)
    return (
        pl.when(pl.col("messages").is_null())
        .then(apart.str.contains(mark))
        .otherwise(
            turns
            | pl.concat_str(["system", "rejected"], separator="\n", ignore_nulls=True).str.contains(mark)
        )
    )


def _turn_is_broken(mark: str) -> pl.Expr:
    content, role = pl.element().struct.field("content"), pl.element().struct.field("role")
    whole = content.str.starts_with(THINK) & content.str.contains(THOUGHT, literal=True)
    rest = content.str.replace(THINK, "", literal=True).str.replace(THOUGHT, "", literal=True)
    return (
        pl.when((role == "assistant") & whole)
        .then(rest.str.contains(mark))
        .otherwise(content.str.contains(mark))
    )


def tokens(pairs: pl.DataFrame, lengths: dict[str, Lengths]) -> pl.Series:
    """The length of each pair, in tokens; of a preference pair that of its longer side; null where the turns are not
    as LLaMA-Factory wants them.

    Args:
        lengths: kind of pair -> what counts its tokens.
    """
    parts = [pl.DataFrame(schema={"place": pl.UInt32, "tokens": pl.Int64})]
    for rows in pairs.with_row_index("place").partition_by("kind"):
        kind = rows["kind"][0]
        counted = _tokens_of(kind, rows, lengths[kind])
        parts.append(rows.select("place", counted.cast(pl.Int64).alias("tokens")))
    return pl.concat(parts).sort("place")["tokens"]


def _tokens_of(kind: str, rows: pl.DataFrame, lengths: Lengths) -> pl.Series:
    if kind == "pretrain":
        return lengths.text(rows["output"])
    if kind == "preference":
        sides = rows.select(conversation(answer()).alias("a"), conversation(pl.col("rejected")).alias("b"))
        return lengths.preference(sides["a"], sides["b"])["tokens"]
    turns = rows.select(whole(rows).alias("m"))["m"]
    return lengths.conversation(turns, rows["tools"], "kto" if kind == "kto" else "sft")
