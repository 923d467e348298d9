"""multi_turn: conversations out of a text's spans."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from curate.clients.chat.plan import Malformed, standard, then
from curate.clients.chat.request import Plan
from curate.synthesize.answer import Answer, items, reader, text
from curate.synthesize.ends import unless_empty
from curate.synthesize.prompt import Writer
from curate.synthesize.span_task import SAMPLE, SpanTask


class Turn(Answer):
    """A question with its answer."""

    question: str = text("问题；第一问写全名称，后面的问题可以承接前文", 200)
    answer: str = text("完整的回答，只用资料里的内容", 600)
    evidence: str = text("资料里支持回答的原句，一字不改", 300)


class Talk(Answer):
    """A conversation."""

    turns: list[Turn] = items("对话的各轮；资料不够写两轮就留空", 8)


class MultiTurn(SpanTask):
    """从文档的每一段写一场多轮对话，每轮附原文依据。 / A conversation from each span, with evidence for each turn."""

    variables: ClassVar = {**SAMPLE, "turns": 3}
    needed: ClassVar = frozenset({"source"})
    answer: ClassVar = Talk

    use: Literal["multi_turn"] = "multi_turn"
    span_chars: int = Field(900, ge=50)
    """正文在句末切成多少字的段，一段写一场对话 / characters of a span; a conversation each"""
    turns: int = Field(3, ge=2, le=8)
    """一场对话最多几轮（一问一答算一轮） / turns of a conversation at the most, a question with its answer each"""

    def plan(self, slot: Mapping[str, Any], writer: Writer) -> Plan:
        """One answer with the whole conversation; none: ``nothing_to_ask``."""
        first = writer.request({**self.told(slot), "turns": self.turns}, Talk)
        return then(standard(first, reader(Talk, self._read)), unless_empty)

    def _read(self, found: Talk) -> list[dict[str, Any]] | Malformed:
        if len(found.turns) == 1:
            return Malformed("turns：至少要两轮，写不出就留空")
        return [turn.model_dump() for turn in found.turns[: self.turns]]

    def pairs(self, slot: Mapping[str, Any], value: Any) -> list[dict[str, Any]]:  # noqa: ARG002
        """The conversation; ``evidence`` holds a line a turn."""
        messages = [
            {"role": role, "content": turn[part]}
            for turn in value
            for role, part in (("user", "question"), ("assistant", "answer"))
        ]
        return [
            {
                "instruction": value[0]["question"],
                "output": value[-1]["answer"],
                "messages": messages,
                "evidence": "\n".join(turn["evidence"] for turn in value),
                "question": "conversation",
            }
        ]
