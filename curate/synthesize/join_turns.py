"""join_turns: several pairs of one row as one conversation, without a model."""

from __future__ import annotations

import json
import re
from typing import Any, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from curate.language import say
from curate.options import problem
from curate.pairs import MESSAGES, as_pairs, asked, made
from curate.rows import Outcome
from curate.sql import ask
from curate.synthesize.derived import DRAWS, derived, drawn, single, with_the_rest
from curate.synthesize.task import PairTask

#: What all questions of a row share is its name when it has so many characters.
LEAST_NAME = 4
#: What stands around a name in a question, and is none of it.
_AROUND = re.compile(
    r"^(?:请问|请|麻烦|想了解一下|我想知道|介绍一下|说说|讲讲)+[，,]?|[的是在有和于为位了，。？！]+$"
)


#: What stands before a name that a pronoun may replace; and what behind it shows that more of the name follows.
_BEFORE_NAME = re.compile(
    r"(?:^|[，。：；]|请问|一下|说说|讲讲|给我|告诉我|了解|看到|查到|用到|参加|概括|描述)$"
)
_BEHIND_PART = re.compile(r"[号（(）)》”」A-Za-z0-9]")


class JoinTurns(PairTask):
    """把同一行的几个问答连成一段多轮对话；不用大模型。 / Several pairs of one row as a conversation, without a model.

    A row gives one conversation of 2 to ``turns`` questions; how many, and which, the hash of its id chooses. With
    ``refer`` the later questions say 这家公司 for the name: what all of the row's questions share. Where that is not sure
    (fewer than 4 characters, twice in the question, behind 型号为 or in brackets) the name stays.
    """

    use: Literal["join_turns"] = "join_turns"
    turns: int = Field(3, ge=2, le=4)
    """一段对话最多几问几答（2–4） / questions of a conversation, at the most"""
    refer: str = ""
    """后面的问题里用什么代替名称，如 这家公司；不写就保留名称 / what stands for the name in later questions; empty keeps the name"""
    share: float = Field(1.0, gt=0, le=1)
    """多大比例的行要做（0–1），按编号的哈希选 / the share of rows that are used, chosen by the hash of their ids"""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.refer != self.refer.strip():
            raise problem(say("refer 前后有空格", "refer has spaces around it"))
        return self

    def apply(self, pairs: pl.DataFrame) -> Outcome:
        marked = pairs.with_columns((single() & (pl.col("thought").fill_null("") == "")).alias("fits"))
        usable = marked.filter("fits")
        taken = self._taken(usable)
        made_of = self._conversations(usable, taken)
        first = taken.group_by("conversation", maintain_order=True).agg(pl.col("pair_id").first())
        joined = taken.join(first.rename({"pair_id": "of_pair"}), on="conversation", how="left")
        of = pl.col("pair_id").replace_strict(
            joined["pair_id"], joined["of_pair"] + f"+{self.stem}", default=None, return_dtype=pl.String
        )
        reason = (
            pl.when(~pl.col("fits"))
            .then(pl.lit("not_for_task"))
            .when(pl.col("pair_id").is_in(taken["pair_id"].implode()))
            .then(pl.lit("joined"))
            .when(pl.len().over("parent_id", "system", "fits") < 2)
            .then(pl.lit("too_few_turns"))
            .otherwise(pl.lit("not_sampled"))
        )
        outcome = with_the_rest(marked, made_of, reason, of)
        return Outcome(outcome.kept, outcome.dropped.drop("fits"))

    def _taken(self, usable: pl.DataFrame) -> pl.DataFrame:
        """(pair_id, conversation), in the order of the turns: the pairs of each row that are joined. Their questions
        differ and they share their system's message.
        """
        names = usable.select(
            pl.concat_str("parent_id", pl.col("system").fill_null(""), separator="\x1f").alias("row")
        )["row"]
        draws = drawn(names, self.stem).alias("of_row")
        return ask(
            f"""SELECT pair_id, row AS conversation FROM (
                  SELECT *, row_number() OVER (PARTITION BY row ORDER BY md5(pair_id), pair_id) AS turn,
                         count(*) OVER (PARTITION BY row) AS size
                  FROM (SELECT *, row_number() OVER (PARTITION BY row, asked ORDER BY md5(pair_id), pair_id) AS again FROM pairs)
                  WHERE again = 1)
                WHERE size > 1 AND of_row < {int(self.share * DRAWS)} AND turn <= 2 + of_row % {self.turns - 1}
                ORDER BY first_value(place) OVER (PARTITION BY row ORDER BY place), turn""",
            pairs=usable.select("pair_id", asked().alias("asked"), names, draws).with_row_index("place"),
        )

    def _conversations(self, usable: pl.DataFrame, taken: pl.DataFrame) -> pl.DataFrame:
        """The pairs that the conversations make; one stands under the id of its first turn."""
        every = usable.select(
            "pair_id", "parent_id", "instruction", asked().alias("asked"), "output", "origin", "score"
        )
        questions = dict(every.group_by("parent_id").agg("instruction").iter_rows()) if self.refer else {}
        told = taken.join(every, on="pair_id", how="left", maintain_order="left")
        rows = [
            self._joined(part.to_dicts(), questions)
            for part in told.partition_by("conversation", maintain_order=True)
        ]
        about = pl.DataFrame(
            rows,
            schema={"pair_id": pl.String, "turns": MESSAGES, "last": pl.String, "worst": pl.String, "least": pl.Float64, "joined": pl.String},
        )  # fmt: skip
        base = about.join(usable, on="pair_id", how="left", maintain_order="left")
        conversations = derived(base, self.stem).with_columns(
            pl.col("turns").alias("messages"),
            pl.lit("conversation").alias("question"),
            pl.lit("").alias("input"),
            pl.col("last").alias("output"),
            pl.col("turns").list.get(0, null_on_oob=True).struct.field("content").alias("instruction"),
            pl.when(pl.col("worst") == "llm")
            .then(pl.lit("llm"))
            .otherwise(pl.lit("template"))
            .alias("origin"),
            pl.col("least").alias("score"),
            pl.lit(None, pl.String).alias("label"),
            made(parameters=pl.col("joined")),
        )
        return as_pairs(conversations)

    def _joined(self, turns: list[dict[str, Any]], questions: dict[str, list[str]]) -> dict[str, Any]:
        """One conversation. Its worst origin is its own, and its least score."""
        name = shared_name(questions[turns[0]["parent_id"]]) if questions else ""
        messages = []
        for number, turn in enumerate(turns):
            question = turn["asked"]
            if number and name:
                question = referred(question, name, self.refer)
            messages += [
                {"role": "user", "content": question},
                {"role": "assistant", "content": turn["output"]},
            ]
        scores = [turn["score"] for turn in turns if turn["score"] is not None]
        return {
            "pair_id": turns[0]["pair_id"],
            "turns": messages,
            "last": turns[-1]["output"],
            "worst": "llm" if any(turn["origin"] == "llm" for turn in turns) else "template",
            "least": min(scores, default=None),
            "joined": json.dumps({"joined": [turn["pair_id"] for turn in turns]}, ensure_ascii=False),
        }


def shared_name(questions: list[str]) -> str:
    """What all the questions share, without what stands around a name; empty where it is too short to be sure of.

    >>> shared_name(["云帆有限公司的主营业务是什么？", "请问云帆有限公司的官网是什么？"])
    '云帆有限公司'
    """
    shortest = min(questions, key=len)
    for size in range(len(shortest), LEAST_NAME - 1, -1):
        for start in range(len(shortest) - size + 1):
            piece = shortest[start : start + size]
            if all(piece in question for question in questions):
                name = _AROUND.sub("", _AROUND.sub("", piece)).strip()
                return name if len(name) >= LEAST_NAME and _whole(name, questions) else ""
    return ""


def referred(question: str, name: str, refer: str) -> str:
    """``refer`` for the name where the sentence surely stays one: 型号为它的伺服压力机 is none.

    >>> referred("请问云帆公司成立于何时？", "云帆公司", "它"), referred("编号为A120的观众来自哪里？", "A120", "它")
    ('请问它成立于何时？', '编号为A120的观众来自哪里？')
    """
    before, found, after = question.partition(name)
    safe = found and name not in after and _BEFORE_NAME.search(before) and not _BEHIND_PART.match(after)
    return before + refer + after if safe and refer else question


def _whole(name: str, questions: list[str]) -> bool:
    """Is the name nowhere cut out of a number, a code or a Latin word?"""
    before, behind = (
        "[A-Za-z0-9]" if mark.isascii() and mark.isalnum() else "" for mark in (name[0], name[-1])
    )
    cut = re.compile(
        "|".join(
            part
            for part in (before and before + re.escape(name), behind and re.escape(name) + behind)
            if part
        )
    )
    return not cut.pattern or not any(cut.search(question) for question in questions)
