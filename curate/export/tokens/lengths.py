"""How many tokens a row has for LLaMA-Factory 0.9.5."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Literal

import polars as pl

from curate.export.tokens.counter import Counter, Estimated, Measured
from curate.export.tokens.cutoff import asked_and_answered, totals
from curate.export.tokens.estimate import Vocabulary
from curate.export.tokens.templates import CONTENT, EMPTY_THOUGHT, THOUGHT, Id, Slots, find_template
from curate.export.tokens.tools import calls_text, tools_text

Stage = Literal["sft", "dpo", "kto"]

_MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))
_THOUGHT = f"(?s){THOUGHT[0]}.*?{THOUGHT[1]}"


class Lengths:
    """Token counts of rows under a chat template.

    Args:
        template: a name of ``TEMPLATES``.
        tokenizer: the folder of the model's ``tokenizer.json`` and ``tokenizer_config.json``; None: estimate.
        enable_thinking: as in the settings of the training; only templates that reason look at it.
        vocabulary: for an estimate, whose; None: the template's. R1-Distill-Llama has Llama's under ``deepseekr1``.

    Raises:
        CurateError: no such template, or the tokenizer cannot be read.

    A row that LLaMA-Factory drops (roles out of order, no answer) or dies of (a null text, a tool call that is no
    JSON) has no length: null.
    """

    def __init__(
        self,
        template: str,
        tokenizer: Path | None = None,
        enable_thinking: bool | None = True,
        vocabulary: Vocabulary | None = None,
    ) -> None:
        self.template = find_template(template)
        self.enable_thinking = enable_thinking
        self.measured = tokenizer is not None
        """False: the lengths are estimates."""
        self._count: Counter
        if tokenizer:
            self._count = Measured(tokenizer, self.template)
        else:
            known: Vocabulary = "llama3" if template == "llama3" else "qwen"
            self._count = Estimated(int(Id.BOS in self.template.prefix), vocabulary or known)

    def conversation(
        self, messages: pl.Series, tools: pl.Series | None = None, stage: Stage = "sft"
    ) -> pl.Series:
        """Tokens of whole sequences.

        Args:
            messages: List(Struct{role, content}) ending with the answer; roles system, user, assistant,
                function_call, tool.
            tools: String, a JSON list a row, null or ``""`` where there is none.
            stage: dpo and kto drop the thoughts of all answers but the last; sft keeps them.

        Returns:
            ``tokens``, Int64, one a row; null for a row that LLaMA-Factory refuses.
        """
        return totals(self.turns(messages, tools, stage != "sft"), len(messages))

    def preference(
        self, chosen: pl.Series, rejected: pl.Series, tools: pl.Series | None = None
    ) -> pl.DataFrame:
        """Tokens of preference rows (stage dpo).

        Args:
            chosen: the conversations that end with the better answer, as for ``conversation``.
            rejected: the same conversations, ending with the worse answer.
            tools: as for ``conversation``.

        Returns:
            ``prompt``, ``chosen``, ``rejected`` and ``tokens``, Int64, null for a row that is refused. The prompt is
            the one of ``chosen`` for both, as there; ``tokens`` is the longer of the two sequences, the one that
            decides whether the row is cut.
        """
        better = asked_and_answered(self.turns(chosen, tools, True), len(chosen))
        worse = asked_and_answered(self.turns(rejected, tools, True), len(rejected))
        table = better.select("prompt", chosen="answer").with_columns(rejected=worse["answer"])
        # null if either is: a maximum alone would pass over it
        longer = pl.when(pl.col("chosen") > pl.col("rejected")).then("chosen").otherwise("rejected")
        known = pl.all_horizontal(pl.all().is_not_null())
        return table.with_columns(tokens=pl.when(known).then(pl.col("prompt") + longer))

    def text(self, texts: pl.Series) -> pl.Series:
        """Tokens of plain texts (stage pt): no template, the end token behind each (Int64)."""
        return self._count.ended(texts, self.template.end_of_text).alias("tokens")

    def turns(
        self, messages: pl.Series, tools: pl.Series | None = None, last_only: bool = False
    ) -> pl.DataFrame:
        """Tokens turn by turn, the shape that ``cutoff.py`` describes; refused rows have none.

        ``last_only``: thoughts are dropped from all answers but the last, as by ``mask_history`` and in dpo and kto.
        """
        rows = _rows(messages, tools)
        spoken = self._thoughts(_spoken(rows), last_only)
        asked, answered = (spoken.filter(pl.col("position") % 2 == odd) for odd in (0, 1))
        pieces = self.template
        source = self._roles(asked, {"user": pieces.user, "tool": pieces.observation})
        target = self._roles(answered, {"assistant": pieces.assistant, "function_call": pieces.function})
        first = self._first(rows).gather(asked["row"])
        empty = self._count.fixed(EMPTY_THOUGHT) * answered["empty_thought"].cast(pl.Int64)
        table = asked.select("row", "position").with_columns(
            source=source, target=target, first=first, empty=empty
        )
        # counted into the loss only when thinking is asked for
        learnt = self.enable_thinking is True
        turns = table.select(
            "row",
            source=pl.col("source")
            + pl.when(pl.col("position") == 0).then("first").otherwise(0)
            + (0 if learnt else pl.col("empty")),
            target=pl.col("target") + (pl.col("empty") if learnt else 0),
        )
        broken = turns.filter(pl.any_horizontal(pl.col("source", "target").is_null()))
        return turns.join(broken, on="row", how="anti", maintain_order="left")

    def _thoughts(self, spoken: pl.DataFrame, last_only: bool) -> pl.DataFrame:
        """Thoughts taken out of the answers, and ``empty_thought``: whether an empty one is put in."""
        if not self.template.reasoning:
            return spoken.with_columns(empty_thought=pl.lit(False))
        answer, last = pl.col("position") % 2 == 1, pl.col("position") == pl.col("messages") - 1
        bare = answer
        if self.enable_thinking is not False:
            bare = answer & ~last if last_only else pl.lit(False)
        without = pl.col("content").str.replace_all(_THOUGHT, "").str.strip_chars_start("\n")
        lacks = ~pl.col("content").str.contains_any(["<think>", "</think>"])
        return spoken.with_columns(content=pl.when(bare).then(without).otherwise("content")).with_columns(
            empty_thought=answer & lacks & (last if last_only else True)
        )

    def _roles(self, part: pl.DataFrame, roles: dict[str, Slots]) -> pl.Series:
        """Tokens of messages, each in the pieces of its role."""
        indexed = part.select("role", "position", "content").with_row_index("index")
        counted = [
            said.select("index").with_columns(tokens=self._pieces(slots, self._said(role, said)))
            for role, slots in roles.items()
            if (said := indexed.filter(role=role)).height
        ]
        if not counted:
            return pl.Series("tokens", [], dtype=pl.Int64)
        return pl.concat(counted).sort("index")["tokens"]

    def _said(self, role: str, said: pl.DataFrame) -> pl.Series:
        if role == "function_call":
            return _mapped(said["content"], lambda text: calls_text(self.template.tool_format, text))
        if role == "user":
            # LLaMA-Factory fills this in as well, once
            turn = (pl.col("position") // 2).cast(pl.String)
            return said.select(pl.col("content").str.replace("{{idx}}", turn, literal=True)).to_series()
        return said["content"]

    def _first(self, rows: pl.DataFrame) -> pl.Series:
        """Tokens before the first message of every row: the start token, and the system text with the tools."""
        shown = _mapped(rows["tools"], lambda text: tools_text(self.template.tool_format, text))
        system = (
            pl.when(pl.col("system") == "").then(pl.lit(self.template.default_system)).otherwise("system")
        )
        spelt = rows.with_columns(system=system, shown=shown)
        texts = spelt.select(pl.col("system") + pl.col("shown").fill_null("")).to_series()
        none = spelt.select((pl.col("system") == "") & (pl.col("tools") == "")).to_series()
        bad = spelt.select(pl.col("shown").is_null() & (pl.col("tools") != "")).to_series()
        counted = self._pieces(self.template.system, texts)
        start = self._pieces(self.template.prefix, pl.Series([""]))[0]
        frame = pl.DataFrame({"counted": counted, "none": none, "bad": bad})
        return frame.select(
            start + pl.when("bad").then(None).when("none").then(0).otherwise("counted")
        ).to_series()

    def _pieces(self, slots: Slots, texts: pl.Series) -> pl.Series:
        ids = {Id.BOS: self._count.bos, Id.EOS: self._count.eos}
        fixed, counted = 0, pl.repeat(0, len(texts), dtype=pl.Int64, eager=True)
        for slot in slots:
            if isinstance(slot, Id):
                fixed += ids[slot]
            elif CONTENT in slot:
                before, _, after = slot.partition(CONTENT)
                counted = self._count.around(before, texts, after)
            else:
                fixed += self._count.fixed(slot)
        return (counted + fixed).alias("tokens")


def _rows(messages: pl.Series, tools: pl.Series | None) -> pl.DataFrame:
    """``row``, ``system`` and ``tools`` (``""`` where there is none), and ``messages`` without the system's."""
    # a column of nothing but nulls has no fields to ask for; the others are asked by name
    typed = messages.cast(_MESSAGES) if messages.dtype in (pl.Null, pl.List(pl.Null)) else messages
    given = typed.to_frame("messages").with_row_index("row")
    first = pl.col("messages").list.first()
    told = (first.struct.field("role") == "system").fill_null(False)
    return given.select(
        "row",
        system=pl.when(told).then(first.struct.field("content")).fill_null(""),
        tools=(pl.lit("") if tools is None else tools.cast(pl.String).fill_null("")),
        messages=pl.col("messages").list.slice(told.cast(pl.Int64)),
    )


def _spoken(rows: pl.DataFrame) -> pl.DataFrame:
    """One row a message: ``row``, ``position``, ``messages`` (their number), ``role``, ``content``.

    Only of rows that LLaMA-Factory takes: question and answer in turn, an even number of them.
    """
    count = pl.col("messages").list.len().cast(pl.Int64)
    even = rows.filter((count > 0) & (count % 2 == 0))
    message = pl.col("message").struct
    spoken = even.select(
        "row", pl.col("messages").alias("message"), messages=count, position=pl.int_ranges(0, count)
    ).explode("message", "position")
    spoken = spoken.select(
        "row", "messages", "position", role=message.field("role"), content=message.field("content")
    )
    asks, answers = ["user", "tool"], ["assistant", "function_call"]
    in_turn = pl.when(pl.col("position") % 2 == 0).then(pl.col("role").is_in(asks))
    right = in_turn.otherwise(pl.col("role").is_in(answers)) & pl.col("content").is_not_null()
    wrong = spoken.filter(~right.fill_null(False))
    return spoken.join(wrong, on="row", how="anti", maintain_order="left") if wrong.height else spoken


def _mapped(texts: pl.Series, change: Callable[[str], str | None]) -> pl.Series:
    """``change`` for every text; called once for each distinct one, of which there are few."""
    distinct = texts.unique().drop_nulls().to_list()
    changed = pl.Series([change(text) for text in distinct], dtype=pl.String)
    return texts.replace_strict(distinct, changed, default=None, return_dtype=pl.String)
