"""Pairs: one piece of training data, made of the row ``parent_id``; and what it is as a conversation."""

from __future__ import annotations

import polars as pl

#: (role, content); roles: user, assistant, function_call, tool. Contents of a function_call are JSON.
MESSAGES = pl.List(pl.Struct({"role": pl.String, "content": pl.String}))

#: What a pair is for. ``sft``: question and answer. ``preference``: with a worse answer (DPO). ``kto``: an answer that
#: was liked or not. ``pretrain``: a text, without a question. For the evaluation
#: alone: ``recall``, a question that is trained on, in other words; ``unknown``, one that the data does not answer.
KINDS = ("sft", "preference", "kto", "pretrain", "recall", "unknown")
ASKED_ONLY = ("recall", "unknown")

#: How a pair was made, beside the pair: it goes into the release's provenance, never into a training file. ``source``: the
#: text that the answer must be grounded in, at ``start:end`` of its row's text (characters, end exclusive). ``prompt``: the
#: file of the prompt or the templates. ``requests``: the keys of all requests that were paid for the slot. Tokens and
#: ``cost`` are this pair's share of them. ``failure``: why a slot gave no pair; such a candidate ends at the gates.
#: ``scores``: what each gate found. ``parents``: all rows that it tells of, where they are several.
MADE = pl.Struct(
    {
        "source": pl.String,
        "start": pl.Int64,
        "end": pl.Int64,
        "evidence": pl.String,
        "prompt": pl.String,
        "prompt_sha256": pl.String,
        "model": pl.String,
        "parameters": pl.String,
        "requests": pl.List(pl.String),
        "finish_reason": pl.String,
        "calls": pl.Int64,
        "input_tokens": pl.Int64,
        "output_tokens": pl.Int64,
        "cost": pl.Float64,
        "currency": pl.String,
        "failure": pl.String,
        "detail": pl.String,
        "scores": pl.List(pl.Struct({"gate": pl.String, "score": pl.Float64, "note": pl.String})),
        "parents": pl.List(pl.String),
    }
)

#: What people decided on a pair that they judged: ``decision`` (accept | edit | reject; of a preference a | b …), ``by`` (agreed |
#: majority | expert), how many ``votes`` counted, the ``reason`` that was given, the version of the ``guideline``, and what the
#: pair ``was`` before they changed it, in JSON. Names of people stay in the house.
REVIEWED = pl.Struct(
    {
        "decision": pl.String,
        "by": pl.String,
        "votes": pl.Int64,
        "reason": pl.String,
        "guideline": pl.String,
        "was": pl.String,
    }
)

#: ``origin``: real | template | llm. ``output``: the answer (the better one, or the text of ``pretrain``); ``thought``:
#: what was thought before it. ``messages``: the turns of a conversation of several, null for a single question;
#: they end with the answer, or with the user's where there are two to compare. ``tools``: JSON. ``facts``: values that a
#: right answer holds. ``label``: the class that a classifying answer names. ``of_pair``: the pair that it was made from.
#: ``slot_id``: what was to be filled by a model. ``score``: how well it passed the gates, 0 to 1; null where none looked.
#: ``review``: what people decided; null where none judged it.
PAIR: dict[str, pl.DataType | type[pl.DataType]] = {
    "pair_id": pl.String,
    "parent_id": pl.String,
    "corpus": pl.String,
    "cluster_id": pl.String,
    "tier": pl.String,
    "split": pl.String,
    "origin": pl.String,
    "kind": pl.String,
    "task": pl.String,
    "question": pl.String,
    "system": pl.String,
    "instruction": pl.String,
    "input": pl.String,
    "output": pl.String,
    "thought": pl.String,
    "messages": MESSAGES,
    "tools": pl.String,
    "rejected": pl.String,
    "desirable": pl.Boolean,
    "facts": pl.List(pl.String),
    "label": pl.String,
    "of_pair": pl.String,
    "slot_id": pl.String,
    "score": pl.Float64,
    "made": MADE,
    "review": REVIEWED,
}

#: The form in which R1 and Qwen3 think, and that LLaMA-Factory looks for to the letter.
THINK, THOUGHT = "<think>\n", "\n</think>\n\n"


def as_pairs(rows: pl.DataFrame) -> pl.DataFrame:
    """``rows`` with all columns of ``PAIR``, in their order; what is not there is null."""
    return rows.select(
        (pl.col(name) if name in rows.columns else pl.lit(None)).cast(kind).alias(name)
        for name, kind in PAIR.items()
    )


def made(**told: pl.Expr) -> pl.Expr:
    """The column ``made`` from some of its fields; the others are null."""
    fields = {field.name: field.dtype for field in MADE.fields}
    return pl.struct(
        told.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in fields.items()
    ).alias("made")


def asked() -> pl.Expr:
    """What the user says: instruction, and input on the next line, as LLaMA-Factory joins them."""
    more = pl.col("input").fill_null("")
    return pl.when(more != "").then(pl.col("instruction") + "\n" + more).otherwise("instruction")


def answer() -> pl.Expr:
    """The answer with its thought before it."""
    thought = pl.col("thought").fill_null("")
    return (
        pl.when(thought != "")
        .then(pl.concat_str(pl.lit(THINK), thought, pl.lit(THOUGHT), pl.col("output")))
        .otherwise("output")
    )


def message(role: str, content: pl.Expr) -> pl.Expr:
    return pl.struct(pl.lit(role).alias("role"), content.alias("content"))


def prompt() -> pl.Expr:
    """The turns before the answer, without the system's."""
    without_last = pl.col("messages").list.head(pl.col("messages").list.len() - 1)
    return (
        pl.when(pl.col("messages").is_null())
        .then(pl.concat_list(message("user", asked())))
        .when(pl.col("kind") == "preference")
        .then("messages")
        .otherwise(without_last)
    )


def with_system(turns: pl.Expr) -> pl.Expr:
    """``turns`` behind the system's message, where there is one."""
    system = pl.concat_list(message("system", pl.col("system").fill_null("")))
    return pl.when(pl.col("system").fill_null("") != "").then(system.list.concat(turns)).otherwise(turns)


def conversation(last: pl.Expr) -> pl.Expr:
    """The whole conversation, ending with the answer ``last``."""
    return with_system(prompt().list.concat(pl.concat_list(message("assistant", last))))


def whole(pairs: pl.DataFrame) -> pl.Expr:
    """The conversation of these pairs with its answer."""
    if pairs["messages"].null_count() == pairs.height:  # the usual cases need no choice a row
        turns = [message("user", asked()), message("assistant", answer())]
        none, said = (pairs["system"].fill_null("") == "").all(), (pairs["system"].fill_null("") != "").all()
        if none or said:
            return pl.concat_list(*([message("system", pl.col("system"))] if said else []), *turns)
        return conversation(answer())
    several = with_system(pl.col("messages"))
    return pl.when(pl.col("messages").is_null()).then(conversation(answer())).otherwise(several)


def question_text() -> pl.Expr:
    """What makes two pairs ask the same: all that stands before the answer, or the text itself; its spelling (width,
    case, outer spaces) makes no difference.
    """
    turns = prompt().list.eval(pl.element().struct.field("content")).list.join("\x1f")
    exact = (
        pl.when(pl.col("kind") == "pretrain")
        .then("text\x1f" + pl.col("output"))
        .when(pl.col("messages").is_null())
        .then(asked())
        .otherwise(turns)
    )
    return exact.str.normalize("NFKC").str.strip_chars().str.to_lowercase()


def thinks() -> pl.Expr:
    """Does the answer begin with a thought?"""
    last = pl.col("messages").list.get(-1, null_on_oob=True).struct.field("content").fill_null("")
    return (pl.col("thought").fill_null("") != "") | last.str.starts_with(THINK)


def all_text() -> pl.Expr:
    """Everything that a pair would show a model, with line breaks between."""
    turns = pl.col("messages").list.eval(pl.element().struct.field("content")).list.join("\n")
    columns = ("system", "instruction", "input", "thought", "output", "tools", "rejected")
    return pl.concat_str([*columns, turns.alias("turns")], separator="\n", ignore_nulls=True)
