"""The scores of one model on a release's test questions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.evaluate.answers import NO_LABEL, facts_found, named_label, repeats, same
from curate.evaluate.declining import declines
from curate.evaluate.figures import PARTS, Figure, figures_of
from curate.evaluate.overlap import SUMS, overlap
from curate.evaluate.predictions import Read, read
from curate.language import say

#: confusions that are told
CONFUSIONS = 10


@dataclass(frozen=True)
class Scores:
    """What ``score`` found. ``rows`` has a row for each question; ``parts``: corpus, question or kind -> name
    -> figures; ``labels``: precision, recall and F1 of each label; ``confusions``: the commonest errors.
    """

    predictions: Path
    rows: pl.DataFrame
    figures: dict[str, Figure]
    parts: dict[str, dict[str, dict[str, Figure]]]
    labels: list[dict[str, Any]]
    confusions: list[dict[str, Any]]
    unclosed_thoughts: int
    cut_labels: int

    def as_json(self) -> dict[str, Any]:
        def told(figures: dict[str, Figure]) -> dict[str, Any]:
            return {name: figure.as_json() for name, figure in figures.items()}

        return {
            "predictions": str(self.predictions),
            "questions": self.rows.height,
            "figures": told(self.figures),
            **{
                f"by_{part}": {name: told(of) for name, of in all_.items()}
                for part, all_ in self.parts.items()
            },
            "labels": self.labels,
            "confusions": self.confusions,
            "empty_answers": int(self.rows["empty"].sum()),
            "repetitive_answers": int(self.rows["repetitive"].sum()),
            "unclosed_thoughts": self.unclosed_thoughts,
            "cut_labels": self.cut_labels,
        }


def score(predictions: Path, release: Path) -> Scores:
    """Score the answers in ``predictions`` to the test questions of the release folder.

    Raises:
        CurateError: a file is missing or broken, or the two do not belong together.
    """
    found = read(predictions, release)
    rows = scored(found)
    parts = {
        part: {name: figures_of(group) for name, group in _groups(rows, column)}
        for part, column in PARTS.items()
    }
    return Scores(
        predictions,
        rows,
        figures_of(rows),
        parts,
        _label_figures(rows),
        _confusions(rows),
        found.unclosed_thoughts,
        found.cut_labels,
    )


def _groups(rows: pl.DataFrame, column: str) -> list[tuple[str, pl.DataFrame]]:
    """The parts of the rows, by name; questions without a corpus or a name are no part."""
    names = rows[column].unique().sort()
    return [(name, rows.filter(pl.col(column) == name)) for name in names if name not in ("", ".")]


def scored(found: Read) -> pl.DataFrame:
    """The rows with ``MEANS`` (null where one does not apply), the sums of BLEU, ``named`` and ``allowed``.

    ``points`` is what a question is worth, 0..1: the share of its facts found, a right label, a rightly
    declined answer, and for long answers ROUGE-L.
    """
    rows = found.rows
    kind, answerable = pl.col("kind"), pl.col("kind") != "unknown"
    refusals = rows.filter(kind == "unknown")["reference"]
    rows = _with_labels(rows, found.labels).with_columns(
        *overlap(rows["answer"], rows["reference"]),
        facts_found(rows["answer"], rows["facts"]).alias("facts_found"),
        declines(rows["answer"], refusals).alias("declines"),
        same(pl.col("answer"), pl.col("reference")).alias("exact"),
        (pl.col("answer") == "").alias("empty"),
        repeats(rows["answer"]).alias("repetitive"),
    )
    rows = rows.with_columns(
        pl.when(kind.is_in(["facts", "recall"])).then("facts_found"),
        pl.when(kind == "classification").then(pl.col("named") == pl.col("label")).alias("accuracy"),
        pl.when(~answerable).then("declines").alias("declined"),
        *(
            pl.when(answerable).then(name).alias(name)
            for name in ("bleu4", "rouge1", "rouge2", "rougeL", "exact")
        ),
        *(pl.when(answerable).then(name).otherwise(0).alias(name) for name in SUMS),
    )
    rows = rows.with_columns((pl.col("facts_found") == 1).alias("facts_all"))
    right = pl.col("facts_all").fill_null(False) | pl.col("accuracy").fill_null(False) | pl.col("exact")
    return rows.with_columns(
        # an answer that holds what was asked is no refusal, nor is one to a question whose right answer
        # has such words itself ("has no negative records")
        pl.when(answerable)
        .then(pl.col("declines") & ~right & ~declines(rows["reference"], refusals.clear()))
        .alias("refused"),
        pl.coalesce(
            pl.col("facts_found"),
            pl.col("accuracy").cast(pl.Float64),
            pl.col("declined").cast(pl.Float64),
            pl.col("rougeL"),
        ).alias("points"),
    )


def _with_labels(rows: pl.DataFrame, labels: dict[str, list[str]]) -> pl.DataFrame:
    """``named``: the label that an answer names; ``allowed``: those it may name."""
    asked = rows.filter(pl.col("kind") == "classification")
    found = [_named(group, labels.get(str(key), [])) for (key,), group in asked.group_by("key")]
    schema: dict[str, Any] = {"id": pl.String, "named": pl.String, "allowed": pl.List(pl.String)}
    names = pl.concat([pl.DataFrame(schema=schema), *found])
    return rows.join(names, on="id", how="left", maintain_order="left")


def _named(rows: pl.DataFrame, labels: list[str]) -> pl.DataFrame:
    """The same for the rows of one question."""
    stranger = rows.filter(~pl.col("label").is_in(labels))
    if stranger.height:
        row = stranger.row(0, named=True)
        raise CurateError(
            say(
                f"评测题 {row['id']} 的标签 {row['label']} 不在 eval/labels.json 的 {row['key']} 里",
                f"the label {row['label']} of question {row['id']} is not under {row['key']} in eval/labels.json",
            ),
            say("发布目录被改过：重新导出", "the release was changed: export it anew"),
        )
    return rows.select(
        "id", named_label(rows["answer"], labels).alias("named"), pl.lit(labels).alias("allowed")
    )


def _label_figures(rows: pl.DataFrame) -> list[dict[str, Any]]:
    """Precision, recall and F1 of each label that is right or named somewhere, by question."""
    asked = rows.filter(pl.col("kind") == "classification")
    counts = {
        "support": asked.group_by("key", "label").len(),
        "named": asked.group_by("key", pl.col("named").alias("label")).len(),
        "right": asked.filter(pl.col("named") == pl.col("label")).group_by("key", "label").len(),
    }
    labels = pl.concat([table.select("key", "label") for table in counts.values()]).unique()
    for name, table in counts.items():
        labels = labels.join(table.rename({"len": name}), on=["key", "label"], how="left")
    table = (
        labels.filter(pl.col("label") != NO_LABEL)
        .with_columns(pl.col("support", "named", "right").fill_null(0))
        .sort("key", "label")
    )
    return [
        {
            "question": row["key"],
            "label": row["label"],
            "support": row["support"],
            # no answer names the label: nothing was found, and nothing precisely
            "precision": round(row["right"] / max(row["named"], 1), 6),
            "recall": round(row["right"] / max(row["support"], 1), 6),
            "f1": round(2 * row["right"] / (row["support"] + row["named"]), 6),
        }
        for row in table.rows(named=True)
    ]


def _confusions(rows: pl.DataFrame) -> list[dict[str, Any]]:
    wrong = rows.filter((pl.col("kind") == "classification") & (pl.col("named") != pl.col("label")))
    counts = wrong.group_by(pl.col("key").alias("question"), "label", "named").len("times")
    order = ["times", "question", "label", "named"]
    return counts.sort(order, descending=[True, False, False, False]).head(CONFUSIONS).to_dicts()
