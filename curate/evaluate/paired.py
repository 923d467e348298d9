"""Two models on the same questions: is the one better?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from curate.errors import CurateError
from curate.evaluate.bootstrap import interval, resampled, two_sided
from curate.evaluate.figures import PARTS, applies, sums_of
from curate.evaluate.scores import Scores, score
from curate.language import say

#: p below which a difference counts as shown
ALPHA = 0.05
#: the smallest difference of ``points`` worth looking for, where none is shown
WORTH = 0.02
#: the quantiles of the normal distribution for p < 0.05 and a power of 80 %
_POWER = 1.959964 + 0.841621
#: questions that are shown
SHOWN = 10

Outcome = Literal["better", "worse", "open"]


@dataclass(frozen=True)
class Difference:
    """A figure of the first model, of the second, and first minus second with its 95 % interval and p.

    ``low``, ``high`` and ``p`` are None where all questions are about one row. ``error``: the standard error.
    """

    first: float
    second: float
    low: float | None
    high: float | None
    p: float | None
    error: float
    questions: int

    @property
    def value(self) -> float:
        return self.first - self.second

    def as_json(self) -> dict[str, float | int | None]:
        def rounded(value: float | None) -> float | None:
            return None if value is None else round(value, 6)

        return {
            "first": rounded(self.first),
            "second": rounded(self.second),
            "difference": rounded(self.value),
            "low": rounded(self.low),
            "high": rounded(self.high),
            "p": rounded(self.p),
            "questions": self.questions,
        }


@dataclass(frozen=True)
class Comparison:
    """The first model against the second. ``outcome`` is about ``points``; ``needed``: how many questions would
    show the difference seen (or ``WORTH``, when that is more) with a power of 80 %, roughly.
    """

    first: Scores
    second: Scores
    differences: dict[str, Difference]
    parts: dict[str, dict[str, dict[str, Difference]]]
    outcome: Outcome
    needed: int | None
    most: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        def told(found: dict[str, Difference]) -> dict[str, Any]:
            return {name: difference.as_json() for name, difference in found.items()}

        return {
            "first": str(self.first.predictions),
            "second": str(self.second.predictions),
            "outcome": self.outcome,
            "questions_needed": self.needed,
            "differences": told(self.differences),
            **{
                f"by_{part}": {name: told(of) for name, of in all_.items()}
                for part, all_ in self.parts.items()
            },
            "most_different": self.most,
        }


def compare(predictions: Path, against: Path, release: Path) -> Comparison:
    """Score both files on the release and compare them.

    Raises:
        CurateError: a file is missing or broken, or does not belong to the release.
    """
    return compared(score(predictions, release), score(against, release))


def compared(first: Scores, second: Scores) -> Comparison:
    """``first`` against ``second`` by a paired bootstrap over source rows (Koehn 2004).

    Raises:
        CurateError: they answer different questions.
    """
    if first.rows["id"].to_list() != second.rows["id"].to_list():
        raise CurateError(
            say("两个预测文件答的不是同一批题", "the two files answer different questions"),
            say("用同一个发布目录评测两个模型", "evaluate both models on the same release"),
        )
    overall = differences(first.rows, second.rows)
    points = overall["points"]
    return Comparison(
        first,
        second,
        overall,
        {
            part: {
                name: differences(
                    first.rows.filter(pl.col(column) == name), second.rows.filter(pl.col(column) == name)
                )
                for name in first.parts[part]
            }
            for part, column in PARTS.items()
        },
        _outcome(points),
        _needed(points),
        _most(first.rows, second.rows),
    )


def differences(first: pl.DataFrame, second: pl.DataFrame) -> dict[str, Difference]:
    """The differences of two models' scored rows, which must be the same questions in the same order."""
    one, other = sums_of(first), sums_of(second)
    width = one.matrix.shape[1]
    # the same resamples of the same rows for both: that is what pairs them
    drawn = resampled(np.hstack([one.matrix, other.matrix]))
    values, others = one.figures(one.matrix.sum(0)), other.figures(other.matrix.sum(0))
    samples, other_samples = one.figures(drawn[:, :width]), other.figures(drawn[:, width:])
    found = {}
    for name, value in values.items():
        if name not in others or np.isnan(value) or np.isnan(others[name]):
            continue
        apart = samples[name] - other_samples[name]
        span = interval(apart) if len(one.matrix) > 1 else None
        found[name] = Difference(
            float(value),
            float(others[name]),
            span[0] if span else None,
            span[1] if span else None,
            two_sided(apart) if span else None,
            float(np.nanstd(apart)) if span else 0.0,
            first.filter(applies(name)).height,
        )
    return found


def _outcome(points: Difference) -> Outcome:
    if points.p is None or points.p >= ALPHA:
        return "open"
    return "better" if points.value > 0 else "worse"


def _needed(points: Difference) -> int | None:
    """None where no two answers differ in their points: then nothing can be said of other questions."""
    if not points.error:
        return None
    size = max(abs(points.value), WORTH)
    return max(1, round(points.questions * (_POWER * points.error / size) ** 2))


def _most(first: pl.DataFrame, second: pl.DataFrame) -> list[dict[str, Any]]:
    """The questions whose points differ most, with both answers."""
    rows = first.select(
        "id", "kind", "prompt", "reference", pl.col("answer").alias("first"), "points"
    ).with_columns(
        second["answer"].alias("second"), (pl.col("points") - second["points"]).round(6).alias("difference")
    )
    differing = rows.drop("points").filter(pl.col("difference") != 0)
    # by id where the difference is the same: one order on every machine
    return (
        differing.sort(pl.col("difference").abs(), pl.col("id"), descending=[True, False])
        .head(SHOWN)
        .to_dicts()
    )
