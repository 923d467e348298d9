"""A review project: what people judge, how many of them, and what their agreement must be."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.options import WorkspaceFile, located
from curate.review.interface import Interface, load_interface
from curate.rows import Outcome, Table, nothing_dropped
from curate.unit import Form, Unit

#: How the agreement is measured. ``auto``: Cohen's kappa for two annotators, Fleiss' where every item has the same number of
#: votes, else Krippendorff's alpha.
Statistic = Literal["auto", "cohen_kappa", "fleiss_kappa", "krippendorff_alpha", "gwet_ac1"]


@dataclass(frozen=True)
class Material:
    """What a project can choose its items from.

    Attributes:
        pairs: the pairs of every task, behind the gates; empty for a project that looks at rows.
        rows: corpus -> its rows behind the split.
        noise, dedupe: the folders of those steps (``sample.parquet``, ``review.parquet``), where the run has them.
    """

    pairs: Sequence[Table]
    rows: dict[str, Table]
    noise: Path | None = None
    dedupe: Path | None = None


@dataclass(frozen=True)
class Chosen:
    """``items``: the columns of ``schema.ITEM``, in the order of ``place``. ``plan``: what to tell of the choice; JSON."""

    items: pl.DataFrame
    plan: dict[str, Any]


class Gate(Form):
    """一致性要达到多少。 / The agreement that is asked for."""

    kappa: float = Field(0.8, ge=0, le=1)
    """最低一致性系数 / the least coefficient"""
    statistic: Statistic = "auto"
    """用哪个系数 / which coefficient"""
    min_items: int = Field(20, ge=1)
    """至少多少条有足够的判断才算数，否则提醒 / items with enough votes below which the figure is said to be unsafe"""


class Project(Unit):
    """What all projects have in common; the subclasses say what is judged and what becomes of it."""

    not_in_fingerprint: ClassVar = frozenset(
        {"use", "gate", "annotators", "disputes", "interface", "guideline"}
    )
    #: the part of the flow that it looks at: ``rows`` behind the split, or ``pairs`` behind the gates
    of: ClassVar[Literal["rows", "pairs"]]
    #: the control of the interface whose values must agree
    control: ClassVar[str]
    #: the ``$fields`` that its items have
    fields: ClassVar[tuple[str, ...]]

    interface: WorkspaceFile
    """标注界面 / the labeling interface"""
    guideline: WorkspaceFile
    """标注说明 / the guideline"""
    annotators: int = Field(2, ge=1, le=20)
    """每一条由几个人判断 / annotators of each item"""
    gate: Gate = Gate()
    """一致性的门槛 / the gate of agreement"""
    disputes: Literal["expert", "majority", "drop"] = "expert"
    """意见不一时：专家裁决、按多数（平票仍归专家）、还是不要 / who settles disputes: the expert, the majority (a tie goes to the expert), or the item is dropped"""
    gold: WorkspaceFile | None = None
    """标准答案（jsonl：data、expected），混在里面考察标注员 / items with known answers, in jsonl: data and expected"""
    stem: str = Field("", pattern=r"^[a-z0-9_]*$", alias="name")
    """项目名，不写就用种类名 / the project's name; its kind unless given"""

    @property
    def name(self) -> str:
        return self.stem or self.unit_name()

    @property
    def page(self) -> Interface:
        """What people see.

        Raises:
            CurateError: the interface or the guideline cannot be read.
        """
        return load_interface(located(self.interface), located(self.guideline))

    def concerns(self, corpus: str) -> bool:  # noqa: ARG002
        """May it change or drop rows (or pairs) of this corpus?"""
        return True

    @abstractmethod
    def choose(self, material: Material) -> Chosen:
        """The items that people should judge. Depends on nothing but the options and the material: the same rows give the same
        items, and a row more or less leaves the others in.
        """

    def apply(self, frame: pl.DataFrame, items: pl.DataFrame, decided: pl.DataFrame) -> Outcome:  # noqa: ARG002
        """What becomes of a shard of rows or pairs: every one is kept (perhaps changed) or dropped with its reason.

        Args:
            items: ``schema.ITEM``, of the sample alone.
            decided: ``schema.DECISION``.
        """
        return Outcome(frame, nothing_dropped(frame))

    def settle(self, items: pl.DataFrame, decided: pl.DataFrame) -> dict[str, Any]:  # noqa: ARG002
        """What the decisions say of the data, as metrics of the step; JSON.

        Raises:
            GateFailed: more is wrong than the recipe allows.
        """
        return {}
