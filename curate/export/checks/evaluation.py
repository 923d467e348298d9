"""The questions that are asked after training, and their references, line by line in step."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl

from curate.export.checks.finding import Finding, anew
from curate.export.checks.info import DataSet
from curate.export.checks.reading import Batch, first_bytes, read_lines, read_parquet
from curate.export.checks.views import schema_of
from curate.export.checks.words import Tally
from curate.language import say
from curate.pairs import THINK, THOUGHT, asked

TASKS, LABELS = "eval/tasks.jsonl", "eval/labels.json"
#: The columns of a task; ``kind`` is one of ``KINDS``.
SCHEMA = pl.Schema(
    {
        **dict.fromkeys(
            ["id", "corpus", "task", "question", "kind", "system", "prompt", "reference"], pl.String()
        ),
        "facts": pl.List(pl.String()),
        "label": pl.String(),
        "retrievable": pl.Boolean(),
    }
)
KINDS = ("facts", "recall", "text", "classification", "unknown")


def check_evaluation(
    folder: Path, manifest: dict[str, Any], sets: dict[str, DataSet], pairs: pl.DataFrame
) -> list[Finding]:
    """The tasks, the data set of their questions, and the labels."""
    if not (folder / TASKS).is_file():
        return []  # named as missing already, where there should be one
    tally = Tally()
    early = first_bytes(folder / TASKS, TASKS)
    tasks = _joined(batch.rows for batch in read_lines(folder / TASKS, SCHEMA, tally))
    found = [*([early] if early else []), *tally.findings(TASKS)]
    if tasks is None:
        return found
    predicted = sets.get(f"{manifest['name']}_predict")
    if predicted is None or not predicted.files:
        told = say("没有要回答的数据集", "there is no data set of questions to be answered")
        found.append(Finding(f"data/{manifest['name']}_predict", None, told, anew()))
    else:
        found += _in_step(folder, predicted, tasks)
    if tasks.height != manifest["asked"]:
        told = say(
            f"有 {tasks.height} 题，应有 {manifest['asked']}",
            f"it has {tasks.height} tasks, not {manifest['asked']}",
        )
        found.append(Finding(TASKS, None, told, anew()))
    tested = pairs.filter((pl.col("split") == "test") | (pl.col("kind") == "recall"))["pair_id"]
    strange = tasks.filter(~pl.col("id").is_in(tested.implode()) | pl.col("id").is_duplicated())
    found += _named(
        strange, say("题目不在测试集里，或出现两次", "the task is not of the test set, or stands twice")
    )
    found += _named(
        tasks.filter(~pl.col("kind").is_in(KINDS)), say("没有这种题", "there is no such kind of task")
    )
    return found + list(_labels(folder, tasks))


def _joined(parts: Iterator[pl.DataFrame]) -> pl.DataFrame | None:
    frames = list(parts)
    return pl.concat(frames) if frames else None


def _named(rows: pl.DataFrame, what: str) -> list[Finding]:
    if rows.is_empty():
        return []
    more = say(f"（共 {rows.height} 题）", f" ({rows.height} task(s))")
    return [Finding(TASKS, int(rows["line"][0]), what + more, anew())]


def _in_step(folder: Path, predicted: DataSet, tasks: pl.DataFrame) -> list[Finding]:
    """Task n is row n of the data set: the predictions come back by place alone."""
    tally, schema = Tally(), schema_of(predicted.form)
    parts = [
        batch.rows
        for file in predicted.files
        for batch in (
            read_parquet(folder / file, file, schema, tally)
            if file.endswith(".parquet")
            else read_lines(folder / file, schema, tally)
        )
        if isinstance(batch, Batch)
    ]
    told = (
        pl.concat(parts).select(asked().alias("asked"), bare().alias("answer"), "system") if parts else None
    )
    then = say("，分数会算错", ", and the scores would be wrong")
    if told is None or told.height != tasks.height:
        rows = 0 if told is None else told.height
        what = say(
            f"有 {tasks.height} 题，{predicted.name} 有 {rows} 行",
            f"{tasks.height} tasks, {rows} rows in {predicted.name}",
        )
        return [Finding(TASKS, None, what + then, anew())]
    same = (
        (told["asked"] == tasks["prompt"])
        & (told["answer"] == tasks["reference"])
        & (told["system"] == tasks["system"])
    )
    return _named(
        tasks.filter(~same),
        say(f"和 {predicted.name} 的同一行不一致", f"differs from its row of {predicted.name}") + then,
    )


def bare() -> pl.Expr:
    """The answer without its thought: references have none."""
    return pl.col("output").str.replace(rf"(?s)^{re.escape(THINK)}.*?{re.escape(THOUGHT)}", "")


def _labels(folder: Path, tasks: pl.DataFrame) -> Iterator[Finding]:
    """Every label that is to be told from others is known by the task's name."""
    try:
        labels = json.loads((folder / LABELS).read_text(encoding="utf-8"))
        names = {task: [str(label) for label in found] for task, found in labels.items()}
    except FileNotFoundError:
        return
    except (OSError, ValueError, AttributeError, TypeError) as error:
        yield Finding(LABELS, None, say(f"读不出来：{error}", f"cannot be read: {error}"), anew())
        return
    asked_for = (
        tasks.filter(pl.col("label") != "").select("task", "question", "label").unique().sort(pl.all())
    )
    for task, which, label in asked_for.iter_rows():
        if label not in names.get(f"{task}.{which}", []):
            told = say(f"{task}.{which} 没有标签 {label}", f"{task}.{which} lacks the label {label}")
            yield Finding(LABELS, None, told, anew())
