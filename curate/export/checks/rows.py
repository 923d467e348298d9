"""What the rows of a release's files say: turns, answers, tools, and what no text may hold. Polars over whole batches."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any

import polars as pl

from curate.algorithms.personal_data import Kind, kinds_in, search
from curate.export.checks.views import ROLES, TOOL_ROLES
from curate.export.checks.words import NAMED, Tally
from curate.export.fit import MEDIA
from curate.export.tokens import CONTROL_TOKENS
from curate.pairs import THINK, THOUGHT

MARK = r"</?think>"
#: A row without any of these needs no closer look: every control token has one of the first.
SUSPECT = ["<|", "<｜", "tool_call>", "tool_response>", "think>", "<image>", "<video>", "<audio>", r"\u0000"]


def check_rows(
    seen: pl.DataFrame, text: pl.Series, tools_allowed: bool, kinds: Sequence[Kind], tally: Tally
) -> None:
    """Name what is wrong with rows.

    Args:
        seen: a ``view``.
        text: the rows as JSON lines, to see quickly which need a closer look.
        tools_allowed: whether calls of functions may stand in this file.
        kinds: the personal data that must not be there.
    """
    said = _said(seen)
    _turns(said, seen, tools_allowed, tally)
    _answers(seen, tally)
    _tools(said, seen, tally)
    suspect = text.str.contains_any(SUSPECT)
    if suspect.any():
        _marks(seen.filter(suspect), tally)
    if kinds:
        # other hands may have written Han characters as \\u escapes, in which no word is known
        likely = text.str.contains(r"\u", literal=True).fill_null(False)
        likely = likely.scatter([suspect.place for suspect in search(text, kinds)], True)
        if likely.any():
            _personal(seen.filter(likely), kinds, tally)


def _said(seen: pl.DataFrame) -> pl.DataFrame:
    """One row a message: line, place (without the system's), turns, role, content, and whether it is the first."""
    turns = pl.col("turns")
    told = (turns.list.first().struct.field("role") == "system").fill_null(False).cast(pl.Int64)
    count = turns.list.len().cast(pl.Int64)
    rows = seen.filter(turns.is_not_null() & (count > 0)).select(
        "line",
        turns.alias("message"),
        (count - told).alias("turns"),
        pl.int_ranges(-told, count - told).alias("place"),
    )
    said = rows.explode("message", "place")
    one = pl.col("message").struct
    return said.select("line", "place", "turns", one.field("role"), one.field("content"))


def _turns(said: pl.DataFrame, seen: pl.DataFrame, tools_allowed: bool, tally: Tally) -> None:
    role, place = pl.col("role"), pl.col("place")
    allowed = ROLES if tools_allowed else [name for name in ROLES if name not in TOOL_ROLES]
    asks, answers = ["user", "tool"], ["assistant", "function_call"]
    in_turn = (
        pl.when(place < 0).then(role == "system")
        .when(place == 0).then(role == "user")
        .when(place % 2 == 0).then(role.is_in(asks))
        .otherwise(role.is_in(answers))
    )  # fmt: skip
    last = place == pl.col("turns") - 1
    blank = _blank(pl.col("content"))
    answered = role.is_in(answers)
    nothing = pl.col("turns").list.eval(pl.element().struct.field("role") != "system").list.any()
    name_rows("no_turns", seen.filter(~nothing.fill_null(True)), tally)
    name_rows("role", said.filter(~role.is_in(allowed)), tally, "role")
    name_rows("order", said.filter(~in_turn & role.is_in(allowed)), tally, "role")
    name_rows("end", said.filter(last & (place % 2 == 0)), tally)
    name_rows("empty_answer", said.filter(blank & answered), tally)
    name_rows("empty_question", said.filter(blank & (role == "user")), tally)
    name_rows("empty_turn", said.filter(blank & ~answered & (role != "user")), tally)
    name_rows("empty_text", seen.filter(pl.col("turns").is_null() & _blank(pl.col("plain"))), tally)


def _blank(content: pl.Expr) -> pl.Expr:
    """Nothing but white space, or a thought and nothing behind it."""
    bare = content.str.strip_chars()
    thought = content.str.starts_with(THINK) & bare.str.ends_with(THOUGHT.strip())
    return (bare == "") | thought


def _answers(seen: pl.DataFrame, tally: Tally) -> None:
    """Of preferences and ratings: one answer a side, the assistant's, and two that differ."""
    sides = seen.filter(pl.col("worse").is_not_null() | pl.col("liked").is_not_null())
    if sides.is_empty():
        return
    better = pl.col("turns").list.get(-1, null_on_oob=True).struct
    worse = pl.col("worse").list.first().struct
    wrong = better.field("role") != "assistant"
    other = pl.col("worse").is_not_null() & (worse.field("role") != "assistant").fill_null(True)
    same = _bare(better.field("content")) == _bare(worse.field("content"))
    one = (pl.col("answers") == 1) & (pl.col("worse").is_null() | (pl.col("worse").list.len() == 1))
    name_rows("one_answer", sides.filter(~one), tally)
    name_rows("answer_role", sides.filter(one & (wrong | other)), tally)
    name_rows("empty_answer", sides.filter(one & _blank(worse.field("content"))), tally)
    name_rows("same_answers", sides.filter(one & same), tally)


def _bare(content: pl.Expr) -> pl.Expr:
    """An answer without its thought."""
    return content.str.replace(rf"(?s)^{re.escape(THINK)}.*?{re.escape(THOUGHT)}", "").str.strip_chars()


def _tools(said: pl.DataFrame, seen: pl.DataFrame, tally: Tally) -> None:
    tools = seen.filter(pl.col("tools") != "")
    wrong = [text for text in tools["tools"].unique() if not _lists_tools(text)]
    if wrong:
        name_rows("tools", tools.filter(pl.col("tools").is_in(wrong)), tally)
    calls = said.filter(pl.col("role") == "function_call")
    broken = [text for text in calls["content"].unique() if not _is_call(text)]
    if broken:
        name_rows("call", calls.filter(pl.col("content").is_in(broken)), tally)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _lists_tools(text: str) -> bool:
    """Is this a list of tools as OpenAI or LLaMA-Factory writes them: objects with a name each?"""
    found = _json(text)
    if not isinstance(found, list):
        return False
    inner = [tool.get("function", tool) if isinstance(tool, dict) else None for tool in found]
    return all(isinstance(tool, dict) and isinstance(tool.get("name"), str) for tool in inner)


def _is_call(text: str) -> bool:
    found = _json(text)
    calls = found if isinstance(found, list) else [found]
    return bool(calls) and all(
        isinstance(call, dict)
        and isinstance(call.get("name"), str)
        and isinstance(call.get("arguments"), dict)
        for call in calls
    )


def _marks(seen: pl.DataFrame, tally: Tally) -> None:
    """Control tokens, media tags, NUL and stray marks of thoughts, in every text of rows that may hold one."""
    texts = _texts(seen)
    content, role = pl.col("content"), pl.col("role")
    control = texts.with_columns(content.str.extract(f"({CONTROL_TOKENS})").alias("found"))
    name_rows("control", control.filter(pl.col("found").is_not_null()), tally, "found")
    media = texts.with_columns(content.str.extract(f"({MEDIA})").alias("found"))
    name_rows("media", media.filter(pl.col("found").is_not_null()), tally, "found")
    name_rows("nul", texts.filter(content.str.contains("\0", literal=True)), tally)
    whole = (
        (role == "assistant") & content.str.starts_with(THINK) & content.str.contains(THOUGHT, literal=True)
    )
    rest = content.str.replace(THINK, "", literal=True).str.replace(THOUGHT, "", literal=True)
    stray = pl.when(whole).then(rest.str.contains(MARK)).otherwise(content.str.contains(MARK))
    name_rows("think", texts.filter(stray & (role != "tools")), tally)


def _texts(seen: pl.DataFrame) -> pl.DataFrame:
    """Every text of these rows: line, role, content. A rejected answer has the role ``rejected``: it never thinks."""
    parts = [_said(seen).select("line", "role", "content")]
    worse = (
        seen.filter(pl.col("worse").is_not_null()).select("line", pl.col("worse").alias("one")).explode("one")
    )
    parts.append(
        worse.select("line", pl.lit("rejected").alias("role"), pl.col("one").struct.field("content"))
    )
    for role in ("plain", "tools"):
        parts.append(seen.select("line", pl.lit(role).alias("role"), pl.col(role).alias("content")))
    return pl.concat(parts).filter(pl.col("content").is_not_null())


def _personal(seen: pl.DataFrame, kinds: Sequence[Kind], tally: Tally) -> None:
    texts = _texts(seen)
    found = texts.with_columns(kinds_in(texts["content"], kinds).alias("kind"))
    name_rows("personal", found.filter(pl.col("kind").is_not_null()), tally, "kind")


def name_rows(code: str, rows: pl.DataFrame, tally: Tally, detail: str | None = None) -> None:
    """Add the lines of ``rows`` to the tally; ``detail`` is a column that says more."""
    if rows.is_empty():
        return
    lines = rows["line"].unique().sort()
    said = str(rows.sort("line", maintain_order=True)[detail][0]) if detail else ""
    tally.add(code, lines.head(NAMED).to_list(), said, len(lines))
