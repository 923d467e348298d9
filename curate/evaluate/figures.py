"""Figures with their intervals, over all questions and over parts of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from curate.evaluate.bootstrap import Floats, interval, resampled
from curate.evaluate.overlap import SUMS, bleu, f1

#: figures that are means over the questions they apply to; the columns of the same names are null elsewhere
MEANS = (
    "points",
    "facts_found",
    "facts_all",
    "exact",
    "accuracy",
    "declined",
    "refused",
    "bleu4",
    "rouge1",
    "rouge2",
    "rougeL",
    "empty",
    "repetitive",
)
#: figures of sums: corpus BLEU, and F1 over labels
OTHERS = ("bleu4_corpus", "macro_f1", "micro_f1")
#: figures of which less is better
LESS_IS_BETTER = frozenset({"refused", "empty", "repetitive"})
#: groups of questions that get figures of their own
PARTS = {"corpus": "corpus", "question": "key", "kind": "kind"}
#: with fewer questions an interval says little
FEW = 30


@dataclass(frozen=True)
class Figure:
    """A figure in 0..1 and its 95 % interval; ``questions`` it was computed from, about ``rows`` source rows.

    The interval is None where all questions are about one row.
    """

    value: float
    low: float | None
    high: float | None
    questions: int
    rows: int

    def as_json(self) -> dict[str, float | int | None]:
        return {
            "value": round(self.value, 6),
            "low": None if self.low is None else round(self.low, 6),
            "high": None if self.high is None else round(self.high, 6),
            "questions": self.questions,
            "rows": self.rows,
        }


@dataclass(frozen=True)
class Sums:
    """What figures are computed from: a row for each source row (the cluster), columns that add up."""

    matrix: Floats
    names: list[str]

    def figures(self, matrix: Floats) -> dict[str, Floats]:
        """The figures of summed columns (..., columns); NaN where no question of the kind is among them."""
        at = {name: matrix[..., place] for place, name in enumerate(self.names)}
        with np.errstate(invalid="ignore", divide="ignore"):
            found = {name: at[name] / at[f"{name} count"] for name in MEANS}
            match, total = (
                np.stack([at[f"{part}{n}"] for n in range(1, 5)], axis=-1) for part in ("match", "total")
            )
            found["bleu4_corpus"] = np.where(at["wanted"] == 0, np.nan, bleu(match, total, at["wanted"]))
            labels = [name.removesuffix(" tp") for name in self.names if name.endswith(" tp")]
            if labels:
                tp, fp, fn = (
                    np.stack([at[f"{name} {part}"] for name in labels], -1) for part in ("tp", "fp", "fn")
                )
                each = np.where(tp + fp + fn == 0, np.nan, f1(tp, tp + fp, tp + fn))
                known = ~np.isnan(each)
                found["macro_f1"] = np.where(known, each, 0).sum(-1) / known.sum(-1)
                found["micro_f1"] = 2 * tp.sum(-1) / (2 * tp + fp + fn).sum(-1)
        return found


def sums_of(rows: pl.DataFrame) -> Sums:
    """The sums of scored rows, by parent in sorted order."""
    columns = []
    for name in MEANS:
        columns += [pl.col(name).sum().cast(pl.Float64), pl.col(name).count().alias(f"{name} count")]
    columns += [pl.col(name).sum() for name in SUMS]
    for key, label in _labels(rows):
        of, right, named = (pl.col("key") == key), (pl.col("label") == label), (pl.col("named") == label)
        name = f"{key} {label}"
        columns += [
            (of & right & named).sum().alias(f"{name} tp"),
            (of & ~right & named).sum().alias(f"{name} fp"),
            (of & right & ~named).sum().alias(f"{name} fn"),
        ]
    table = rows.group_by("parent").agg(columns).sort("parent").drop("parent")
    return Sums(table.cast(pl.Float64).to_numpy(), table.columns)


def _labels(rows: pl.DataFrame) -> list[tuple[str, str]]:
    """The questions' labels that are right or named somewhere."""
    asked = rows.filter(pl.col("kind") == "classification")
    names = asked.select("key", pl.concat_list("label", "named").alias("label")).explode("label")
    allowed = asked.select("key", pl.col("allowed").alias("label")).explode("label").unique()
    return names.unique().join(allowed, on=["key", "label"], how="semi").sort("key", "label").rows()


def figures_of(rows: pl.DataFrame) -> dict[str, Figure]:
    """The figures of scored rows that apply to them."""
    sums = sums_of(rows)
    values = sums.figures(sums.matrix.sum(axis=0))
    drawn = sums.figures(resampled(sums.matrix)) if len(sums.matrix) > 1 else {}
    found = {}
    for name, value in values.items():
        if np.isnan(value):
            continue
        used = rows.filter(applies(name))
        low, high = (interval(drawn[name]) if name in drawn else None) or (None, None)
        found[name] = Figure(float(value), low, high, used.height, used["parent"].n_unique())
    return found


def applies(name: str) -> pl.Expr:
    """Which rows a figure is computed from."""
    column = {"bleu4_corpus": "bleu4", "macro_f1": "accuracy", "micro_f1": "accuracy"}.get(name, name)
    return pl.col(column).is_not_null()
