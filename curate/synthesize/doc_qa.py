"""doc_qa: questions and answers out of a text's spans, each with the sentence that proves it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from curate.clients.chat.plan import Malformed, standard, then
from curate.clients.chat.request import Plan
from curate.synthesize.answer import Answer, items, reader, text
from curate.synthesize.ends import unless_empty
from curate.synthesize.prompt import Writer
from curate.synthesize.slots import number_of
from curate.synthesize.span_task import SAMPLE, SpanTask

#: Kinds of questions; each span is asked for the next few of them, so that a corpus is not asked for names alone.
TYPES = ["事实", "数字", "时间", "原因", "比较", "流程", "列举", "定义"]
OTHER = "其他"


class Found(Answer):
    """A question with its answer."""

    type: str = text("问题类型", 20)
    question: str = text("问题，写全名称，离开资料也看得懂", 200)
    answer: str = text("完整的回答，只用资料里的内容", 600)
    evidence: str = text("资料里支持回答的原句，一字不改", 300)


class AllFound(Answer):
    """What a span gives."""

    pairs: list[Found] = items("问答；资料里没有可问的就留空", 10)


class DocQa(SpanTask):
    """从文档的每一段写问答，附原文依据。 / Questions and answers from a document's spans, with the evidence.

    One request asks for all questions of a span: the span is paid once. The types that are wanted are the next few of
    ``types``, beginning at a place that the hash of the slot's id gives.
    """

    variables: ClassVar = {**SAMPLE, "per_span": 2, "types": TYPES[:2]}
    needed: ClassVar = frozenset({"source"})
    answer: ClassVar = AllFound

    use: Literal["doc_qa"] = "doc_qa"
    per_span: int = Field(2, ge=1, le=10)
    """一段最多写几个问答 / pairs of a span at the most"""
    types: list[str] = Field(TYPES, min_length=1)
    """问题类型，各段轮流 / kinds of questions, by turns"""

    def plan(self, slot: Mapping[str, Any], writer: Writer) -> Plan:
        """One answer with all pairs; none of them: ``nothing_to_ask``."""
        first = number_of(slot["slot_id"])
        wanted = min(self.per_span, len(self.types))
        types = [self.types[(first + place) % len(self.types)] for place in range(wanted)]
        values = {**self.told(slot), "per_span": self.per_span, "types": types}
        return then(standard(writer.request(values, AllFound), reader(AllFound, self._read)), unless_empty)

    def _read(self, found: AllFound) -> list[dict[str, Any]] | Malformed:
        return [pair.model_dump() for pair in found.pairs[: self.per_span]]

    def pairs(self, slot: Mapping[str, Any], value: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        """A pair a question."""
        return [
            {
                "instruction": pair["question"],
                "output": pair["answer"],
                "evidence": pair["evidence"],
                "question": pair["type"] if pair["type"] in self.types else OTHER,
            }
            for pair in value
        ]
