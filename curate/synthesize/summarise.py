"""summarise: a text's spans and their summaries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from pydantic import Field

from curate.clients.chat.plan import standard, then
from curate.clients.chat.request import Plan
from curate.synthesize.answer import Answer, reader, text
from curate.synthesize.ends import unless_empty
from curate.synthesize.prompt import Writer
from curate.synthesize.slots import chosen
from curate.synthesize.span_task import SAMPLE, SpanTask

ASK = [
    "请概括下面这段文字的主要内容。",
    "用两三句话总结下面的内容。",
    "下面这段话讲了什么？请简要说明。",
    "请为下面的文字写一段摘要。",
]


class Summary(Answer):
    """A summary."""

    summary: str = text("摘要，只用资料里的内容；资料不值得概括就留空", 600)


class Summarise(SpanTask):
    """概括一段文字，文字附在问题后面。 / Summaries of texts; the text stands behind the question.

    A longer text is cut into spans, each summarised as a passage of its own: a summary of a text's beginning would be
    taken for one of the whole.
    """

    variables: ClassVar = {**SAMPLE, "max_summary_chars": 200}
    needed: ClassVar = frozenset({"source"})
    answer: ClassVar = Summary

    use: Literal["summarise"] = "summarise"
    span_chars: int = Field(2000, ge=100)
    """正文在句末切成多少字的段，一段写一个摘要 / characters of a span; a summary each"""
    min_chars: int = Field(200, ge=1)
    """再短的段并入前一段；整篇都不到就不写 / shorter spans join the one before; shorter texts are left out"""
    max_summary_chars: int = Field(200, ge=20)
    """摘要最多多少字，写给模型看 / characters of a summary at the most, as the model is told"""
    ask: list[str] = Field(ASK, min_length=1)
    """几种问法 / phrasings of the question"""

    def plan(self, slot: Mapping[str, Any], writer: Writer) -> Plan:
        """One answer; an empty one: ``nothing_to_ask``."""
        values = {**self.told(slot), "max_summary_chars": self.max_summary_chars}
        read = reader(Summary, lambda found: found.summary)
        return then(standard(writer.request(values, Summary), read), unless_empty)

    def pairs(self, slot: Mapping[str, Any], value: Any) -> list[dict[str, Any]]:
        """The text with its summary."""
        return [
            {
                "instruction": chosen(self.ask, slot["slot_id"]),
                "input": slot["source"],
                "output": value,
                "question": "summary",
            }
        ]
