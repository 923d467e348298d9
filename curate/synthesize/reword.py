"""Tasks that say a pair in other words: what they share. Facts are locked away before a model sees the words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from curate.algorithms.locked import lock, unlock
from curate.clients.chat.plan import Malformed
from curate.clients.chat.request import Accepted, Plan, Rejected
from curate.pairs import asked
from curate.rows import Outcome
from curate.synthesize.answer import Answer, reader, text
from curate.synthesize.ends import at_once
from curate.synthesize.slots import of_pairs
from curate.synthesize.task import ModelTask

_GIVEN = ("instruction", "input", "output", "thought", "system", "label", "facts", "question")
_PLACE = re.compile(r"⟦ ?([0-9]+) ?⟧")
#: Between question and answer while both are locked as one; no text holds it.
_BETWEEN = "\x1f"


class Question(Answer):
    """A question in other words."""

    question: str = text("问题", 300)


class Both(Answer):
    """A question and its answer in other words."""

    question: str = text("问题", 300)
    answer: str = text("回答", 1200)


@dataclass(frozen=True)
class Held:
    """A pair's words with placeholders for their facts. ``answer`` is empty where it shall stay as it is."""

    question: str
    answer: str
    values: Any

    @classmethod
    def of(cls, question: str, answer: str) -> Held:
        held = lock(f"{question}{_BETWEEN}{answer}")
        first, _, second = held.text.partition(_BETWEEN)
        return cls(first, second, held.values)

    def moved(self, question: str, answer: str) -> str:
        """What is wrong with the placeholders of new words, in the words of a correction; empty where nothing is. Each part
        keeps its own: a name that went from the question into the answer leaves a question about nothing.
        """
        for name, old, new in (("question", self.question, question), ("answer", self.answer, answer)):
            had, has = sorted(map(int, _PLACE.findall(old))), sorted(map(int, _PLACE.findall(new)))
            if had != has:
                return f"{name} 里的占位符应当恰好是 {_listed(had)}，现在是 {_listed(has)}"
        return ""

    def freed(self, question: str, answer: str) -> dict[str, str] | None:
        """New words with their facts back; None where a fact was written out beside the placeholders."""
        whole = unlock(f"{question}{_BETWEEN}{answer}", self.values)
        if whole is None:
            return None
        first, _, second = whole.partition(_BETWEEN)
        return {"question": first, "answer": second}


def _listed(places: list[int]) -> str:
    return " ".join(f"⟦{place}⟧" for place in places) or "（没有）"


class RewordingTask(ModelTask):
    """A task that says a pair in other words; the facts stay as they are, to the letter."""

    variables: ClassVar[Mapping[str, Any]] = {"question": "⟦1⟧的展馆有多大？", "answer": "⟦1⟧的展馆有⟦2⟧。"}
    needed: ClassVar = frozenset({"question"})
    answer: ClassVar = Both

    of: str
    """从哪个任务的问答做起：模板文件名或任务名 / the earlier task whose pairs it starts from"""
    answers: bool = False
    """回答也换说法；否则只换问题，答案原样 / the answer too; else it stays as it is"""
    max_similarity: float = Field(0.95, gt=0, le=1)
    """与原句相似到这个程度就算没改，不要 / wording that is so much like the old is dropped"""

    def slots(self, pairs: pl.DataFrame) -> Outcome:
        """A slot a pair; the pair's own words are the source."""
        return self.several(pairs, 1)

    def several(self, pairs: pl.DataFrame, times: int) -> Outcome:
        """``times`` slots a pair."""
        both = pl.concat_str(asked(), pl.lit("\n"), pl.col("output"))
        return of_pairs(pairs, self.stem, {}, both, _GIVEN, times)

    def held(self, given: Mapping[str, Any]) -> Held:
        """The words that shall change, locked."""
        return Held.of(given["instruction"], given["output"] if self.answers else "")

    @property
    def form(self) -> type[Both] | type[Question]:
        """The form of the answer."""
        return Both if self.answers else Question

    def reader(
        self, held: Held, look: Callable[[dict[str, str]], Any | Malformed]
    ) -> Callable[[str], Any | Malformed]:
        """Reads new words that kept their placeholders, and hands them on still locked."""

        def seen(found: Both | Question) -> Any | Malformed:
            words = {"question": found.question, "answer": getattr(found, "answer", "")}
            wrong = held.moved(**words)
            return Malformed(wrong) if wrong else look(words)

        return reader(self.form, seen)

    def last_reader(self, held: Held) -> Callable[[str], Any | Malformed]:
        """Reads the words that the pair shall have, with their facts back, and how like the old ones they are."""
        from rapidfuzz import fuzz

        def look(words: dict[str, str]) -> dict[str, Any] | Malformed:
            free = held.freed(**words)
            # placeholders count as little as they are long: a long name would make any two questions alike
            alike = fuzz.ratio(held.question, words["question"]) / 100
            return {**free, "alike": alike} if free else Malformed("除占位符外，不要写数字、日期、名称")

        return self.reader(held, look)

    def end(self, value: dict[str, Any]) -> Plan:
        """``unchanged`` where the words are the old ones."""
        same = value["alike"] >= self.max_similarity
        return at_once(Rejected("unchanged", f"{value['alike']:.2f}") if same else Accepted(value))

    def pairs(self, slot: Mapping[str, Any], value: Any) -> list[dict[str, Any]]:
        """The pair in its new words."""
        given = json.loads(slot["given"])
        kept = ("input", "thought", "system", "label", "facts", "question")
        output = value["answer"] if self.answers else given["output"]
        return [{**{name: given[name] for name in kept}, "instruction": value["question"], "output": output}]
