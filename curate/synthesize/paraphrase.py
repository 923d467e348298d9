"""paraphrase: the same question in other words, by a model that never sees its facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.clients.chat.plan import standard, then
from curate.clients.chat.request import Plan
from curate.rows import Outcome
from curate.synthesize.prompt import Writer
from curate.synthesize.reword import RewordingTask
from curate.synthesize.slots import number_of

STYLES = ["口语一些，像电话里问的", "书面一些", "更简短", "换一个句式", "说得更具体、更客气"]
#: Between the samples of one pair's slots there is room for the fresh ones of each slot.
APART = 8


class Paraphrase(RewordingTask):
    """用大模型改写问题（和答案），数字、日期、名称锁住不动。 / Other words for a question (and its answer); facts are locked."""

    variables: ClassVar = {**RewordingTask.variables, "style": STYLES[0]}

    use: Literal["paraphrase"] = "paraphrase"
    times: int = Field(1, ge=1, le=10)
    """每个问答改写几次 / how often each pair is reworded"""
    styles: list[str] = Field(STYLES, min_length=1)
    """希望的说法，各次轮流 / the manners that are asked for, by turns"""

    def slots(self, pairs: pl.DataFrame) -> Outcome:
        """``times`` slots a pair."""
        return self.several(pairs, self.times)

    def plan(self, slot: Mapping[str, Any], writer: Writer) -> Plan:
        """One answer; ``unchanged`` where it says the same in the same words."""
        given = json.loads(slot["given"])
        held = self.held(given)
        style = self.styles[(number_of(slot["of_pair"]) + given["number"]) % len(self.styles)]
        values = {"question": held.question, "answer": held.answer, "style": style}
        first = writer.request(values, self.form, sample=given["number"] * APART)
        return then(standard(first, self.last_reader(held)), self.end)
