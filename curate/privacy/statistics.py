"""Published statistics with differential privacy: what a recipe's ``privacy.statistics`` asks, answered once and kept.

One person is one row here: where a person has several, the promise holds for each row, and for the person it is as many times weaker.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

from filelock import FileLock
from pydantic import BaseModel

from curate.files import sha256_of
from curate.language import say
from curate.privacy.asked import Statistic, Statistics, declared, need_column
from curate.privacy.budget import CEILING, Asked, Budget, Entry, shown
from curate.privacy.laplace import Figure, mechanisms
from curate.rows import Table

__all__ = ["Figure", "Published", "Statistic", "Statistics", "card_section", "publish"]


@dataclass(frozen=True)
class Published:
    """What may be published: figures with noise, and the account.

    Attributes:
        spent: of this data set so far, this publication included; ``left`` of ``total``.
        repeated: the same was asked before, and these are the same answers: nothing was spent.
    """

    entry: Entry
    figures: tuple[Figure, ...]
    spent: Fraction
    total: Fraction
    repeated: bool

    @property
    def epsilon(self) -> Fraction:
        return self.entry.epsilon

    @property
    def left(self) -> Fraction:
        return max(self.total - self.spent, Fraction(0))

    def as_json(self) -> dict[str, Any]:
        """For ``privacy`` of a release's manifest, where a ledger that was lost is read from."""
        return {
            "epsilon": float(self.epsilon), "spent": float(self.spent), "total": float(self.total),
            "figures": [asdict(figure) for figure in self.figures], "entry": self.entry.as_json(),
        }  # fmt: skip


def publish(
    statistics: Statistics,
    tables: Mapping[str, Table],
    keys: Mapping[str, str],
    workspace: Path,
    name: str,
    models: Mapping[str, type[BaseModel]] | None = None,
) -> Published:
    """Answer the tables with noise; or, where the same was asked of the same rows before, with the same answers.

    Args:
        tables, keys: corpus -> its rows, and the key of the step that made them (their digest).
        name: the data set's, whose budget it is.
        models: corpus -> its schema, for categories that are declared there as a Literal.

    Raises:
        GateFailed: the budget would be overspent; no noise was drawn.
        CurateError: OpenDP is not installed, a column is not there or is no number, or categories are not declared.
    """
    tables_asked = [declared(one, (models or {}).get(one.corpus)) for one in statistics.tables]
    corpora = sorted({one.corpus for one in tables_asked})
    epsilon, total = Fraction(str(statistics.epsilon)), Fraction(str(statistics.total))
    question = sha256_of(["statistics", 1, str(epsilon), [one.model_dump(mode="json") for one in tables_asked]])  # fmt: skip
    data = sha256_of({corpus: keys[corpus] for corpus in corpora})
    for one in tables_asked:
        need_column(one, tables[one.corpus])
    budget = Budget(workspace)
    budget.file.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(budget.file.with_suffix(".lock")):  # who asks the same at once waits for the answers
        asked = Asked(name, epsilon, question, data, corpora)
        entry = budget.answered(asked)
        repeated = entry is not None
        if entry is None:
            tells = mechanisms(tables_asked, epsilon)
            reserved = budget.reserve(asked, total)
            figures = [f for one, tell in zip(tables_asked, tells, strict=True) for f in tell(tables[one.corpus])]  # fmt: skip
            entry = budget.keep(reserved, [asdict(figure) for figure in figures])
        spent = budget.spent()
    told = tuple(Figure(**one) for one in entry.answers or ())
    return Published(entry, told, spent, min(total, CEILING), repeated)


# ---------------------------------------------------------------- for people


def card_section(published: Published) -> str:
    """The figures for a data set's card, in Markdown."""
    lines = [
        say("## 统计（差分隐私）", "## Statistics (differential privacy)"),
        "",
        say(
            f"这些数加了噪声，从它们看不出某一行在不在数据里：ε = {shown(published.epsilon)}（一行算一个人；增减一行，"
            f"任何结果的概率最多变 e^ε 倍）。“±”：100 个数里约 95 个离真值不超过它。这份数据至今公布合计 ε = {shown(published.spent)}，上限 {shown(published.total)}。",
            f"These figures carry noise, so that they don't tell whether any one row is in the data: ε = {shown(published.epsilon)} (a row counts as a person; one row more "
            f"or less changes the probability of any result by e^ε at most). ±: of 100 figures about 95 are this near to the truth. All publications of this data set so far: ε = {shown(published.spent)} of {shown(published.total)}.",
        ),
        "",
        say("| 语料 | 内容 | 数 | ± |", "| corpus | what | number | ± |"),
        "| --- | --- | ---: | ---: |",
    ]
    for figure in published.figures:
        number = say("行数太少，说不准", "too few rows to tell") if figure.number is None else f"{figure.number:,.6g}" if figure.kind == "mean" else f"{figure.number:,.0f}"  # fmt: skip
        near = "" if figure.plus_minus is None else f"{figure.plus_minus:,.3g}" if figure.kind == "mean" else f"{figure.plus_minus:,.0f}"  # fmt: skip
        lines.append(f"| {figure.corpus} | {_what(figure)} | {number} | {near} |")
    return "\n".join(lines)


def _what(figure: Figure) -> str:
    told = {
        "count": say("行数", "rows"),
        "by": f"{figure.column} = {figure.value}",
        "mean": say(f"{figure.column} 平均", f"mean of {figure.column}"),
        "histogram": f"{figure.column} {figure.value}",
    }[figure.kind]
    return told.replace("|", "\\|").replace("\n", " ")
