"""Tasks: what makes pairs. Of rows, of pairs, or of the slots that a model fills."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import polars as pl
from pydantic import BaseModel, Field, model_validator

from curate.clients.chat.request import Plan
from curate.options import CorpusName, WorkspaceFile
from curate.rows import Outcome
from curate.synthesize.prompt import Writer
from curate.unit import Unit

#: A slot: a place for one answer of a model. ``source``: the text that the answer must be grounded in, at ``start:end`` of
#: its row's text. ``question``: the kind of question. ``of_pair``: the pair that it starts from, of a task over pairs.
#: ``given``: what the prompt shall know besides, as a JSON object.
SLOT = {
    "slot_id": pl.String,
    "parent_id": pl.String,
    "of_pair": pl.String,
    "corpus": pl.String,
    "cluster_id": pl.String,
    "tier": pl.String,
    "split": pl.String,
    "question": pl.String,
    "source": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "given": pl.String,
}
TASK_NAME = r"^[a-z][a-z0-9_]*$"


class PairTask(Unit):
    """A task that makes pairs out of the pairs of an earlier task, without a model."""

    not_in_fingerprint: ClassVar = frozenset({"use"})

    corpus: CorpusName
    """语料 / the corpus"""
    of: str
    """从哪个任务的问答做起：模板文件名或任务名 / the earlier task whose pairs it starts from"""

    @property
    def stem(self) -> str:
        """The task's name in pairs and manifests: it says what was done to which task."""
        return f"{self.unit_name()}_{self.of}"

    @abstractmethod
    def apply(self, pairs: pl.DataFrame) -> Outcome:
        """Pairs out of pairs; ``kept`` has ``of_pair``, ``dropped`` are the pairs that gave none, with ``row_id`` = pair_id."""


class ModelTask(Unit):
    """A task whose slots a model fills. Its pairs are of origin ``llm``.

    ``variables``: what its prompt may name, each with a value to try the prompt with. ``needed``: what it must name, each
    in a fence: ``load_prompt`` checks both. ``answer``: the form of the model's answer; None for plain text.
    """

    not_in_fingerprint: ClassVar = frozenset({"use", "max_slots"})
    variables: ClassVar[Mapping[str, Any]]
    needed: ClassVar[frozenset[str]]
    answer: ClassVar[type[BaseModel] | None] = None

    corpus: CorpusName
    """语料 / the corpus"""
    prompt: WorkspaceFile
    """提示词文件：recipes/prompts/*.j2 / the prompt's file"""
    stem: str = Field("", pattern=r"^([a-z][a-z0-9_]*)?$", alias="name")
    """任务名：同一语料有几个同类任务时要各起一个 / the task's name, where a corpus has several of a kind"""
    max_slots: int | None = Field(None, ge=1)
    """最多请模型写多少条；按编号的哈希选 / slots at the most, chosen by the hash of their ids"""

    @model_validator(mode="before")
    @classmethod
    def _named(cls, options: Any) -> Any:
        """Without a name of its own it is called after the unit, and the task that it starts from."""
        if not isinstance(options, dict) or options.get("name") or options.get("stem"):
            return options
        of = options.get("of")
        return {**options, "name": f"{cls.unit_name()}_{of}" if of else cls.unit_name()}

    @abstractmethod
    def slots(self, rows: pl.DataFrame) -> Outcome:
        """Slots (the columns of ``SLOT``) out of rows, or of pairs where the task has ``of``; ``dropped`` are those that gave
        none. Pure, and local to the rows.
        """

    @abstractmethod
    def plan(self, slot: Mapping[str, Any], writer: Writer) -> Plan:
        """What to ask for a slot, and what to make of the replies. Pure."""

    @abstractmethod
    def pairs(self, slot: Mapping[str, Any], value: Any) -> list[dict[str, Any]]:
        """The pairs of an accepted answer, as columns of ``PAIR`` that differ from the slot's: ``instruction``, ``input``,
        ``output``, ``thought``, ``messages``, ``rejected``, ``kind`` (sft unless said), ``question``, and ``evidence``.
        """
