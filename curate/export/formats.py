"""The formats of training data: pairs in, rows of a file out. Pure Polars expressions.

Sources: LLaMA-Factory 0.9.5 ``data/converter.py``; TRL 1.16, ms-swift 4.6 and OpenAI on data set formats.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import polars as pl

from curate.pairs import answer, conversation, message, prompt, whole, with_system

#: Complete, because a name that is not listed is taken for absent: without ``query`` LLaMA-Factory loses
#: ``input`` and without ``system_tag`` it drops every row that has a system message, both silently.
TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "observation_tag": "tool",
    "function_tag": "function_call",
    "system_tag": "system",
}
ALPACA = {"prompt": "instruction", "query": "input", "response": "output", "system": "system"}

#: Pairs of one question, and those of several turns.
SINGLE = (pl.col("kind") == "sft") & pl.col("messages").is_null()
SEVERAL = (pl.col("kind") == "sft") & pl.col("messages").is_not_null()
WITHOUT_TOOLS = (pl.col("kind") == "sft") & (pl.col("tools").fill_null("") == "") & ~pl.col("calls")
PREFERENCE, KTO, PRETRAIN = (pl.col("kind") == kind for kind in ("preference", "kto", "pretrain"))


def text(column: str) -> pl.Expr:
    # "" and not null: a column that is null for its first 10 MB stops LLaMA-Factory's loader
    return pl.col(column).fill_null("")


def _alpaca(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(text("instruction"), text("input"), answer().alias("output"), text("system"))


def _messages(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(whole(pairs).alias("messages"))


def _chat(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(whole(pairs).alias("messages"), text("tools"))


def _preference(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(
        with_system(prompt()).alias("messages"),
        message("assistant", answer()).alias("chosen"),
        message("assistant", pl.col("rejected")).alias("rejected"),
    )


def _kto(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(whole(pairs).alias("messages"), pl.col("desirable").alias("kto_tag"))


def _pretrain(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(pl.col("output").alias("text"))


def _trl_preference(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(
        with_system(prompt()).alias("prompt"),
        pl.concat_list(message("assistant", answer())).alias("chosen"),
        pl.concat_list(message("assistant", pl.col("rejected"))).alias("rejected"),
    )


def _trl_kto(pairs: pl.DataFrame) -> pl.DataFrame:
    last = whole(pairs).list.tail(1)
    return pairs.select(
        with_system(prompt()).alias("prompt"), last.alias("completion"), pl.col("desirable").alias("label")
    )


def _swift_preference(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(
        conversation(answer()).alias("messages"), pl.col("rejected").alias("rejected_response")
    )


def _swift_kto(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(whole(pairs).alias("messages"), pl.col("desirable").alias("label"))


def _openai_preference(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(
        pl.struct(with_system(prompt()).alias("messages")).alias("input"),
        pl.concat_list(message("assistant", answer())).alias("preferred_output"),
        pl.concat_list(message("assistant", pl.col("rejected"))).alias("non_preferred_output"),
    )


#: columns that a Hugging Face data set carries besides the conversation
_ORIGIN = ("pair_id", "parent_id", "corpus", "task", "origin")


def _huggingface(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(*_ORIGIN, whole(pairs).alias("messages"), text("tools"))


def _huggingface_preference(pairs: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([pairs.select(_ORIGIN), _trl_preference(pairs)], how="horizontal")


def _huggingface_kto(pairs: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([pairs.select(_ORIGIN), _trl_kto(pairs)], how="horizontal")


def _huggingface_pretrain(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.select(*_ORIGIN, pl.col("output").alias("text"))


@dataclass(frozen=True, eq=False)
class Format:
    """A file of the release.

    Attributes:
        path: without its ending; ``{name}`` is the data set's, ``{split}`` the part's.
        takes: which pairs it holds.
        rows: pairs -> the file's rows.
        info: LLaMA-Factory's entry for it; None for other trainers' files.
        ending: ``jsonl`` or ``parquet``.
    """

    path: str
    takes: pl.Expr
    rows: Callable[[pl.DataFrame], pl.DataFrame]
    info: dict[str, Any] | None = None
    ending: str = "jsonl"

    def dataset(self, name: str, split: str) -> str:
        """LLaMA-Factory's name for it: the file's, without folder and ending."""
        return self.path.format(name=name, split=split).rpartition("/")[2]


_SHAREGPT = {"formatting": "sharegpt", "tags": TAGS}
#: What goes to LLaMA-Factory whatever the recipe chooses, where there are such pairs.
LLAMAFACTORY = {
    "chat": Format(
        "data/{name}_{split}_chat", SEVERAL, _chat, {**_SHAREGPT, "columns": {"messages": "messages", "tools": "tools"}}
    ),
    "preference": Format(
        "data/{name}_{split}_preference", PREFERENCE, _preference,
        {**_SHAREGPT, "ranking": True, "columns": {"messages": "messages", "chosen": "chosen", "rejected": "rejected"}},
    ),
    "kto": Format(
        "data/{name}_{split}_kto", KTO, _kto, {**_SHAREGPT, "columns": {"messages": "messages", "kto_tag": "kto_tag"}}
    ),
    "pretrain": Format(
        "data/{name}_{split}_pretrain", PRETRAIN, _pretrain, {"formatting": "alpaca", "columns": {"prompt": "text"}}
    ),
}  # fmt: skip
#: What the recipe's ``formats`` adds.
CHOSEN = {
    "alpaca": (
        Format("data/{name}_{split}_alpaca", SINGLE, _alpaca, {"formatting": "alpaca", "columns": ALPACA}),
    ),
    "sharegpt": (
        Format("data/{name}_{split}_sharegpt", SINGLE, _messages, {**_SHAREGPT, "columns": {"messages": "messages"}}),
    ),
    "messages": (
        Format("messages/{split}", WITHOUT_TOOLS, _messages),
        Format("trl/{split}_preference", PREFERENCE, _trl_preference),
        Format("trl/{split}_kto", KTO, _trl_kto),
        Format("swift/{split}_preference", PREFERENCE, _swift_preference),
        Format("swift/{split}_kto", KTO, _swift_kto),
        Format("openai/{split}_preference", PREFERENCE, _openai_preference),
    ),
    "huggingface": (
        Format("huggingface/sft/{split}", pl.col("kind") == "sft", _huggingface, ending="parquet"),
        Format("huggingface/preference/{split}", PREFERENCE, _huggingface_preference, ending="parquet"),
        Format("huggingface/kto/{split}", KTO, _huggingface_kto, ending="parquet"),
        Format("huggingface/pretrain/{split}", PRETRAIN, _huggingface_pretrain, ending="parquet"),
    ),
}  # fmt: skip


def with_calls(pairs: pl.DataFrame) -> pl.DataFrame:
    """``pairs`` with ``calls``: does the conversation call a function?"""
    if pairs["messages"].null_count() == pairs.height:
        return pairs.with_columns(pl.lit(False).alias("calls"))
    roles = (
        pl.col("messages")
        .list.eval(pl.element().struct.field("role").is_in(["function_call", "tool"]))
        .list.any()
    )
    return pairs.with_columns(roles.fill_null(False).alias("calls"))
