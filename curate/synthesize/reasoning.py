"""reasoning: thoughts in front of answers that are known, kept only where they lead to the answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.clients.chat.plan import standard
from curate.clients.chat.request import Accepted, Plan, Rejected, Reply, Request
from curate.pairs import asked
from curate.rows import Outcome
from curate.synthesize.answer import Answer, reader, text
from curate.synthesize.prompt import Writer
from curate.synthesize.right import wrong_about
from curate.synthesize.slots import of_pairs
from curate.synthesize.span_task import SAMPLE
from curate.synthesize.task import ModelTask

_GIVEN = ("asked", "material", "instruction", "input", "output", "system", "label", "facts", "question")


class Thought(Answer):
    """A thought and what it came to."""

    thought: str = text("一步一步的思考", 1500)
    answer: str = text("最后的回答", 600)


class Conclusion(Answer):
    """What a model that thinks by itself came to."""

    answer: str = text("最后的回答", 600)


class Reasoning(ModelTask):
    """给已知答案的问答补上思考过程（R1 的 <think>），答对才留。 / Thoughts before known answers, kept when the answer is right.

    The model sees the question and the text that the pair was made from, never the answer. Where its own answer holds
    the facts of the known one (``facts``, ``label``, else the claims of the output), the pair is the base pair with the
    thought in front: its answer is the known one, which is right and has the form that the question wants. Else the
    slot is rejected as ``wrong_answer``.
    """

    variables: ClassVar = {"question": "参展企业有多少家？", "source": SAMPLE["source"], "native": False}
    needed: ClassVar = frozenset({"question"})
    answer: ClassVar = Thought

    use: Literal["reasoning"] = "reasoning"
    of: str
    """从哪个任务的问答做起：模板文件名或任务名 / the earlier task whose pairs it starts from"""
    native: bool = False
    """用推理模型自己的思考（reasoning_content），不另写 / the thought of a reasoning model itself, not one that it writes down"""
    max_answer_chars: int = Field(200, ge=1)
    """只用答案不超过这么多字的：长答案对不对没法核对 / base pairs with longer answers are left out: nobody could check them"""

    def slots(self, pairs: pl.DataFrame) -> Outcome:
        """A slot a pair that has an answer to check and something to reason from."""
        material = pl.col("made").struct.field("source").fill_null("")
        whole = pairs.with_columns(
            asked().alias("asked"), material.alias("material"), pl.col("input").fill_null("").alias("input")
        )
        label = pl.col("label").fill_null("") != ""
        # a template's question alone can only be guessed at
        material_there = (
            (pl.col("material") != "") | (pl.col("input") != "") | label | (pl.col("origin") == "real")
        )
        short = pl.col("output").str.len_chars() <= self.max_answer_chars
        source = pl.concat_str("material", "asked", "output", separator="\n")
        outcome = of_pairs(
            whole, self.stem, {"answer_too_long": short, "nothing_to_reason_from": material_there}, source, _GIVEN
        )  # fmt: skip
        return Outcome(outcome.kept, outcome.dropped.drop("asked", "material"))

    def plan(self, slot: Mapping[str, Any], writer: Writer) -> Plan:
        """One answer; ``no_thought`` or ``wrong_answer`` where it is none to train on."""
        given = json.loads(slot["given"])
        values = {"question": given["asked"], "source": given["material"], "native": self.native}
        form: type[Thought] | type[Conclusion] = Conclusion if self.native else Thought
        first = writer.request(values, form)
        inner = standard(first, reader(form, lambda found: found.model_dump()))

        def plan(replies: Sequence[Reply]) -> Request | Accepted | Rejected:
            end = inner(replies)
            return self._end(end.value, replies[-1].reasoning, given) if isinstance(end, Accepted) else end

        return plan

    def _end(self, told: dict[str, str], own: str, given: dict[str, Any]) -> Accepted | Rejected:
        thought = (told.get("thought") or own).strip()
        if not thought:
            return Rejected("no_thought")
        wrong = wrong_about(
            given["output"], given["facts"] or [], given["label"] or "", told["answer"], given["asked"]
        )
        return (
            Rejected("wrong_answer", wrong)
            if wrong
            else Accepted({"thought": thought, "said": told["answer"]})
        )

    def pairs(self, slot: Mapping[str, Any], value: Any) -> list[dict[str, Any]]:
        """The base pair with the thought before its answer."""
        given = json.loads(slot["given"])
        kept = ("instruction", "input", "output", "system", "label", "facts", "question")
        return [{**{name: given[name] for name in kept}, "thought": value["thought"]}]
