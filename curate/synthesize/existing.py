"""existing: rows that are training data already: answers that people gave, dialogues, ratings, comparisons."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field, model_validator

from curate.language import say
from curate.options import CorpusName, problem
from curate.pairs import MESSAGES, as_pairs
from curate.rows import Outcome, because
from curate.synthesize.conversation import answer_of, read_conversation, wrong_tools
from curate.unit import Unit

#: What a rating may be written as.
LIKED = ("true", "1", "1.0", "yes", "y", "是", "好", "赞", "满意", "有用", "👍")
DISLIKED = ("false", "0", "0.0", "no", "n", "否", "差", "踩", "不满意", "没用", "👎")


class Existing(Unit):
    """已有的问答、多轮对话、工具调用、好坏对比和点赞点踩，直接作训练数据。 / Rows that are training data already.

    Each option names the column that holds it. A question and its answer: ``instruction`` and ``output``. A
    conversation: ``messages``, JSON, as ShareGPT (from, value) or OpenAI (role, content, tool_calls) write it.
    With ``chosen`` and ``rejected``: preference pairs, for DPO. With ``desirable``: liked or not, for KTO.
    """

    not_in_fingerprint: ClassVar = frozenset({"use"})

    use: Literal["existing"] = "existing"
    corpus: CorpusName
    """语料 / the corpus"""
    instruction: str = ""
    """问题所在的列 / the column of the question"""
    input: str = ""
    """附加材料所在的列 / the column of material behind the question"""
    output: str = ""
    """答案所在的列 / the column of the answer"""
    thought: str = ""
    """思考过程所在的列，写成 <think>…</think> 放在答案前 / the column of the thought before the answer"""
    system: str = ""
    """系统提示所在的列 / the column of the system prompt"""
    messages: str = ""
    """整段对话所在的列（JSON） / the column of whole conversations (JSON)"""
    tools: str = ""
    """可用工具所在的列（JSON） / the column of the tools at hand (JSON)"""
    chosen: str = ""
    """较好的回答所在的列 / the column of the better answer"""
    rejected: str = ""
    """较差的回答所在的列 / the column of the worse answer"""
    desirable: str = ""
    """是否满意所在的列：true/false、是/否、赞/踩 / the column of the rating: true or false"""
    origin: Literal["real", "llm"] = "real"
    """这些答案是人写的还是大模型写的；大模型的受 mix.cap 限制 / who wrote the answers; a model's are limited by mix.cap"""
    stem: str = Field("existing", pattern=r"^[a-z][a-z0-9_]*$", alias="name")
    """任务名：同一语料有几个时要各起一个 / the task's name, where a corpus has several"""

    @model_validator(mode="after")
    def _fits(self) -> Existing:
        told = ""
        if bool(self.instruction) == bool(self.messages):
            told = say(
                "instruction 和 messages 要写一个，只写一个", "give instruction or messages, one of them"
            )
        elif bool(self.chosen) != bool(self.rejected):
            told = say("chosen 和 rejected 要一起写", "chosen and rejected go together")
        elif self.chosen and (self.output or self.desirable):
            told = say(
                "有了 chosen 和 rejected，就不写 output 和 desirable",
                "with chosen and rejected there is no output and no desirable",
            )
        elif self.instruction and not self.chosen and not self.output:
            told = say("缺少 output：答案在哪一列？", "output is missing: which column holds the answer?")
        elif self.messages and (self.output or self.input or self.thought):
            told = say(
                "messages 里已有全部内容，不要再写 output、input、thought",
                "messages hold it all: no output, input, thought",
            )
        elif self.tools and not self.messages:
            told = say("有 tools 就要有 messages", "tools need messages")
        if told:
            raise problem(told, say("说明：curate catalogue existing", "see curate catalogue existing"))
        return self

    @property
    def columns(self) -> dict[str, str]:
        """Option -> the column that it names."""
        named = (
            "instruction",
            "input",
            "output",
            "thought",
            "system",
            "messages",
            "tools",
            "chosen",
            "rejected",
            "desirable",
        )
        return {name: str(getattr(self, name)) for name in named if getattr(self, name)}

    @property
    def kind(self) -> str:
        return "preference" if self.chosen else "kto" if self.desirable else "sft"

    def apply(self, rows: pl.DataFrame) -> Outcome:
        """A pair a row that trains; ``dropped`` are the others, each with its reason."""
        usable = rows.filter(pl.col("split").is_not_null())
        told = usable.select(
            "row_id", "corpus", "cluster_id", "tier", "split",
            *(_as_text(usable[column], name).str.strip_chars().alias(f"own_{name}") for name, column in self.columns.items()),
        )  # fmt: skip
        told = told.with_columns(
            pl.lit(None, pl.String).alias(f"own_{name}")
            for name in type(self).model_fields
            if f"own_{name}" not in told.columns
        )
        whole = (
            self._conversations(told)
            if self.messages
            else told.with_columns(
                pl.lit(None, MESSAGES).alias("turns"), pl.lit(None, pl.String).alias("why")
            )
        )
        lowered = pl.col("own_desirable").str.to_lowercase()
        rating = pl.when(lowered.is_in(LIKED)).then(True).when(lowered.is_in(DISLIKED)).then(False)
        made = whole.with_columns(
            pl.concat_str(pl.col("row_id"), pl.lit(f"#{self.stem}.pair")).alias("pair_id"),
            pl.col("row_id").alias("parent_id"),
            pl.lit(self.origin).alias("origin"),
            pl.lit(self.kind).alias("kind"),
            pl.lit(self.stem).alias("task"),
            pl.lit("pair").alias("question"),
            pl.col("own_system").fill_null("").alias("system"),
            pl.col("own_instruction").fill_null("").alias("instruction"),
            pl.col("own_input").fill_null("").alias("input"),
            pl.coalesce("own_chosen", "own_output", pl.lit("")).alias("output"),
            pl.col("own_thought").alias("thought"),
            pl.col("turns").alias("messages"),
            pl.col("own_tools").alias("tools"),
            pl.col("own_rejected").alias("rejected"),
            rating.alias("desirable"),
        )
        made = self._from_turns(made) if self.messages else made
        reason = self._reason()
        good = made.filter(reason.is_null())
        bad = made.filter(reason.is_not_null()).select(
            "row_id", reason.alias("reason"), pl.col("why").alias("detail")
        )
        rest = rows.filter(~pl.col("row_id").is_in(good["parent_id"].implode())).join(
            bad, on="row_id", how="left", maintain_order="left"
        )
        return Outcome(
            as_pairs(good),
            because(
                rest.drop("reason", "detail"),
                pl.lit(rest["reason"].fill_null("retrieval_only")),
                detail=pl.lit(rest["detail"]),
            ),
        )

    def _reason(self) -> pl.Expr:
        """Why a row gives no pair, or null."""
        empty = (pl.col("output").fill_null("") == "") | (
            pl.lit(bool(self.instruction)) & (pl.col("instruction") == "")
        )
        if self.chosen:
            empty |= pl.col("rejected").fill_null("") == ""
        return (
            pl.when(pl.col("why").is_not_null())
            .then(pl.lit("bad_turns"))
            .when(empty)
            .then(pl.lit("fields_missing"))
            .when(pl.lit(bool(self.desirable)) & pl.col("desirable").is_null())
            .then(pl.lit("bad_rating"))
        )

    def _conversations(self, told: pl.DataFrame) -> pl.DataFrame:
        """``turns``, ``why`` they cannot be used, and the system's message where the row has no other."""
        read = [
            read_conversation(text, ends_asking=bool(self.chosen))
            for text in told["own_messages"].fill_null("")
        ]
        found: dict[str, Any] = {
            "turns": pl.Series([turns for turns, _, _ in read], dtype=MESSAGES),
            "spoken": pl.Series([system for _, system, _ in read], dtype=pl.String),
            "why": pl.Series([why for _, _, why in read], dtype=pl.String),
            "tools_why": pl.Series(
                [wrong_tools(text) for text in told["own_tools"].fill_null("")], dtype=pl.String
            ),
        }
        return told.with_columns(**found).with_columns(
            pl.coalesce("own_system", "spoken").alias("own_system"),
            pl.coalesce("why", "tools_why").alias("why"),
        )

    def _from_turns(self, made: pl.DataFrame) -> pl.DataFrame:
        """``instruction`` and ``output`` beside the turns: for people, and for what looks at pairs in general."""
        content = pl.col("messages").list.get(-1, null_on_oob=True).struct.field("content")
        first = pl.col("messages").list.get(0, null_on_oob=True).struct.field("content").fill_null("")
        return made.with_columns(
            first.alias("instruction"),
            (pl.col("output") if self.chosen else content.fill_null("")).alias("output"),
        )


def _as_text(values: pl.Series, option: str) -> pl.Series:
    """A column as text: nested values, as Parquet has them, as JSON; answers that are kept as messages as what they say."""
    if values.dtype.is_nested():
        told = [
            None if value is None else json.dumps(value, ensure_ascii=False, default=str)
            for value in values.to_list()
        ]
        values = pl.Series(values.name, told, dtype=pl.String)
    text = values.cast(pl.String)
    if option not in ("chosen", "rejected"):
        return text
    kept_as_json = text.str.contains(r"^\s*[\[{]").fill_null(False)
    if not kept_as_json.any():
        return text
    return text.clone().scatter(
        kept_as_json.arg_true(), [answer_of(value) for value in text.filter(kept_as_json)]
    )
