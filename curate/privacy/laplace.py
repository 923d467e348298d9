"""Noise that hides any one row: pure epsilon-differential privacy (Dwork, McSherry, Nissim & Smith 2006) by OpenDP.

Its stability maps give the sensitivity to one row more or less, its measurements the discrete Laplace noise, its privacy maps what
is spent. Rows become whole numbers before OpenDP sees them, each by itself, so that one row more or less stays one number more or
less, and no rounding of floating-point sums leaks anything (Mironov 2012).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.privacy.asked import Statistic
from curate.rows import Table

I64 = npt.NDArray[np.int64]

#: Of 100 figures 95 are this near: what ``plus_minus`` says.
ALPHA = 0.05
#: A value between the bounds of a mean is one of so many steps on each side of their middle.
STEPS = 10_000


@dataclass(frozen=True)
class Figure:
    """A number with noise. Of 100 such figures 95 are within ``plus_minus`` of the truth; None: too few rows to tell.

    Attributes:
        value: the category or the range; empty for a count and a mean.
    """

    corpus: str
    kind: str
    column: str
    value: str
    number: float | None
    plus_minus: float | None


# ---------------------------------------------------------------- rows as whole numbers, each by itself


def _whole(table: Table, column: str, work: Callable[[pl.Series], I64]) -> I64:
    found = [work(frame[column]) for frame in table.frames([column])]
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _categories(values: list[str]) -> Callable[[pl.Series], I64]:
    """The place of each value; the number of places for all others."""
    places = {value: place for place, value in enumerate(values)}

    def work(column: pl.Series) -> I64:
        told = column.cast(pl.String).replace_strict(places, default=len(places), return_dtype=pl.Int64)
        return told.fill_null(len(places)).to_numpy()

    return work


def _ranges(edges: list[float]) -> Callable[[pl.Series], I64]:
    """The number of the range of each value; the number of ranges for those outside and for none."""

    def work(column: pl.Series) -> I64:
        numbers = column.cast(pl.Float64).fill_null(math.nan).to_numpy()
        place = np.searchsorted(edges, numbers, side="right") - 1
        place[numbers == edges[-1]] = len(edges) - 2
        outside = np.isnan(numbers) | (numbers < edges[0]) | (numbers > edges[-1])
        return np.where(outside, len(edges) - 1, place).astype(np.int64)

    return work


def _steps(low: float, high: float) -> Callable[[pl.Series], I64]:
    """Each value as steps from the middle of the bounds; rows without a value are left out."""

    def work(column: pl.Series) -> I64:
        numbers = column.cast(pl.Float64).fill_nan(None).drop_nulls().to_numpy()
        place = (np.clip(numbers, low, high) - low) / (high - low)
        return np.rint(place * 2 * STEPS - STEPS).astype(np.int64)

    return work


# ---------------------------------------------------------------- noise

#: What answers one table from its rows.
Tell = Callable[[Table], list[Figure]]


def mechanisms(tables: list[Statistic], epsilon: Fraction) -> list[Tell]:
    """One a table, their epsilon shared out by weight; what OpenDP says that they spend is not more than ``epsilon``.

    Raises:
        CurateError: OpenDP is not installed.
    """
    weights = [Fraction(str(one.weight)) for one in tables]
    made = [mechanism(one, epsilon * weight / sum(weights)) for one, weight in zip(tables, weights, strict=True)]  # fmt: skip
    spent = sum((cost for _, cost in made), Fraction(0))
    if spent > epsilon:
        raise CurateError(
            say(
                f"privacy.statistics：要花的预算 {float(spent)} 超过 epsilon {float(epsilon)}，没有公布任何数",
                f"privacy.statistics would spend {float(spent)}, more than epsilon {float(epsilon)}; nothing was published",
            ),
            say("这是程序的错误，请报告给开发者", "this is a defect of curate: report it"),
        )
    return [tell for tell, _ in made]


def mechanism(one: Statistic, epsilon: Fraction) -> tuple[Tell, Fraction]:
    """What answers one table, and what that spends (at most ``epsilon``)."""
    if one.kind == "mean":
        return _mean(one, epsilon)
    if one.kind == "count":
        labels, number_of = [""], _categories([])
    elif one.kind == "by":
        labels, number_of = [*(one.values or ()), say("（其他）", "(others)")], _categories(one.values or [])
    else:
        edges = one.edges or []
        labels = [f"{a:g}–{b:g}" for a, b in pairwise(edges)]
        labels, number_of = [*labels, say("（范围外或没有）", "(outside or none)")], _ranges(edges)
    noise = _Noise.of_counts(len(labels), epsilon)

    def tell(table: Table) -> list[Figure]:
        # a count below 0 is noise: cutting it off tells nothing more
        counts = noise.draw(_whole(table, one.column, number_of))
        return [
            Figure(one.corpus, one.kind, one.column if one.kind != "count" else "", label, max(found, 0), math.ceil(noise.near))
            for label, found in zip(labels, counts, strict=True)
        ]  # fmt: skip

    return tell, noise.spent


def _mean(one: Statistic, epsilon: Fraction) -> tuple[Tell, Fraction]:
    """Half for the sum, half for how many there are; one of both may err more often, so each is held to half of ``ALPHA``."""
    low, high = one.bounds or (0.0, 0.0)
    half = (high - low) / 2
    total = _Noise.of_sum(STEPS, epsilon / 2, ALPHA / 2)
    count = _Noise.of_counts(1, epsilon / 2, ALPHA / 2)

    def tell(table: Table) -> list[Figure]:
        steps = _whole(table, one.column, _steps(low, high))
        summed, rows = total.draw(steps)[0], count.draw(np.zeros_like(steps))[0]
        number = near = None
        if rows > 2 * count.near:
            share = min(max(summed / STEPS / rows, -1.0), 1.0)
            # |sum'/n' - sum/n| = |e_sum - (sum/n) e_n| / n', and |sum/n| is at most |sum'/n'| more than that
            error = (total.near / STEPS + abs(share) * count.near) / (rows - count.near) + 1 / STEPS
            if error < 1:
                number, near = round((low + high) / 2 + share * half, 6), round(error * half, 6)
        return [Figure(one.corpus, "mean", one.column, "", number, near)]

    return tell, total.spent + count.spent


class _Noise:
    """A question of OpenDP's about whole numbers, with the least noise for an epsilon.

    Attributes:
        near: ``1 - alpha`` of the answers are this near to the truth.
        spent: epsilon for one row more or less, as OpenDP's privacy map says.
    """

    def __init__(self, question: Any, epsilon: Fraction, alpha: float) -> None:
        import opendp.prelude as dp

        budget = float(epsilon)
        if Fraction(budget) > epsilon:
            budget = math.nextafter(budget, 0)
        scale = dp.binary_search_param(lambda scale: question >> dp.m.then_laplace(scale), 1, budget, T=float)
        self._measured = question >> dp.m.then_laplace(scale)
        self.spent = Fraction(float(self._measured.map(1)))
        self.near = float(dp.discrete_laplacian_scale_to_accuracy(scale, alpha))

    @classmethod
    def of_counts(cls, kinds: int, epsilon: Fraction, alpha: float = ALPHA) -> _Noise:
        """How many of each number below ``kinds``; the last stands for all others."""
        dp, space = _opendp()
        if kinds == 1:
            return cls(space >> dp.t.then_count(TO="i64"), epsilon, alpha)
        counted = dp.t.then_count_by_categories(list(range(kinds - 1)), null_category=True, TOA="i64")
        return cls(space >> counted, epsilon, alpha)

    @classmethod
    def of_sum(cls, most: int, epsilon: Fraction, alpha: float = ALPHA) -> _Noise:
        """The sum of numbers from ``-most`` to ``most``."""
        dp, space = _opendp()
        return cls(space >> dp.t.then_clamp((-most, most)) >> dp.t.then_sum(), epsilon, alpha)

    def draw(self, numbers: I64) -> list[int]:
        told = self._measured(np.ascontiguousarray(numbers, np.int64))
        return list(told) if isinstance(told, list) else [told]


def _opendp() -> tuple[Any, Any]:
    """OpenDP, and its space of whole numbers where one row more or less is a distance of 1.

    Raises:
        CurateError: it is not installed.
    """
    try:
        import opendp.prelude as dp
    except ImportError as error:
        raise CurateError(
            say(
                "公布统计要用 OpenDP，它没有安装",
                "published statistics need OpenDP, which is not installed",
            ),
            say("运行 pip install 'curate[privacy]'", "run pip install 'curate[privacy]'"),
        ) from error
    dp.enable_features("contrib")  # OpenDP's name for what its own vetting has not finished; Laplace is of it
    return dp, (dp.vector_domain(dp.atom_domain(T="i64")), dp.symmetric_distance())
