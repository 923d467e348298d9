"""The rows of every format seen the same way: as a conversation, with a worse answer or a rating where there is one."""

from __future__ import annotations

from functools import cache

import polars as pl

from curate.export.content import content_text
from curate.export.formats import CHOSEN, LLAMAFACTORY, Format
from curate.pairs import MESSAGES, PAIR, asked, message, with_system

#: Roles that only LLaMA-Factory's own files may hold.
TOOL_ROLES = ("function_call", "tool")
ROLES = ("system", "user", "assistant", *TOOL_ROLES)


@cache
def schema_of(form: Format) -> pl.Schema:
    """The columns of a format's files."""
    nothing = pl.DataFrame(schema=PAIR).with_columns(pl.lit(False).alias("calls"))
    return form.rows(nothing).schema


def all_formats() -> list[Format]:
    return [*LLAMAFACTORY.values(), *(form for forms in CHOSEN.values() for form in forms)]


def view(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` as ``line``, ``turns`` (the whole conversation, null for a plain text), ``worse`` (the rejected answer: a
    list of messages, or null), ``answers`` (how many messages the answer has), ``tools``, ``liked``, ``plain``.
    """
    none = {
        "worse": pl.lit(None, MESSAGES),
        "answers": pl.lit(1),
        "tools": pl.lit(""),
        "liked": pl.lit(None, pl.Boolean),
    }
    none["plain"] = pl.lit(None, pl.String)
    parts = {**none, **_parts(frozenset(rows.columns))}
    return rows.select("line", **parts)


def _parts(columns: frozenset[str]) -> dict[str, pl.Expr]:
    """Which column is what; the names of the columns tell the format."""
    messages, prompt = pl.col("messages"), pl.col("prompt")
    if "text" in columns:
        return {"turns": pl.lit(None, MESSAGES), "plain": pl.col("text")}
    if "instruction" in columns:
        turns = pl.concat_list(message("user", asked()), message("assistant", pl.col("output")))
        return {"turns": with_system(turns)}
    if "preferred_output" in columns:
        better, worse = pl.col("preferred_output"), pl.col("non_preferred_output")
        turns = pl.col("input").struct.field("messages").list.concat(better)
        return {"turns": turns, "worse": worse, "answers": better.list.len()}
    if "rejected_response" in columns:
        return {"turns": messages, "worse": pl.concat_list(message("assistant", pl.col("rejected_response")))}
    if "kto_tag" in columns:
        return {"turns": messages, "liked": pl.col("kto_tag")}
    if "completion" in columns:
        last = pl.col("completion")
        return {"turns": prompt.list.concat(last), "liked": pl.col("label"), "answers": last.list.len()}
    if "label" in columns:
        return {"turns": messages, "liked": pl.col("label")}
    if "chosen" in columns and "prompt" in columns:
        better = pl.col("chosen")
        return {
            "turns": prompt.list.concat(better),
            "worse": pl.col("rejected"),
            "answers": better.list.len(),
        }
    if "chosen" in columns:
        turns = messages.list.concat(pl.concat_list("chosen"))
        return {"turns": turns, "worse": pl.concat_list("rejected")}
    return {"turns": messages} | ({"tools": pl.col("tools")} if "tools" in columns else {})


def content() -> pl.Expr:
    """What a row of a view teaches, as ``content_of`` says it of the pair."""
    worse = pl.col("worse").list.first().struct.field("content")
    return content_text(pl.col("turns"), worse, pl.col("liked"), pl.col("plain"))


def question() -> pl.Expr:
    """What a row of a view asks: all that stands before the answer but the system's text, folded (NFKC, case, space at
    the ends), so that two spellings of one question are one.
    """
    said = pl.element().struct
    users = (
        pl.col("turns")
        .list.head(pl.col("turns").list.len() - 1)
        .list.eval(said.field("content").filter(said.field("role") != "system"))
    )
    whole = pl.coalesce(users.list.join("\x1f"), "plain")
    return whole.str.normalize("NFKC").str.strip_chars().str.to_lowercase()
