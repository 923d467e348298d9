"""Predictions and the questions they answer, one row each, with proof that they belong together."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import CurateError
from curate.language import say

KINDS = ("facts", "recall", "text", "classification", "unknown")
#: what a row of ``eval/tasks.jsonl`` must have; the rest has defaults
TASK = {"id": pl.String, "kind": pl.String, "reference": pl.String}
OPTIONAL = dict.fromkeys(["corpus", "task", "question", "prompt", "label"], pl.String) | {
    "facts": pl.List(pl.String)
}
#: A label this long that begins the reference was cut by ``cutoff_len``; a shorter one may be chance (characters).
CUT = 20

_THOUGHT = r"(?s)^.*</think>"


@dataclass(frozen=True)
class Read:
    """The questions of a release with a model's answers.

    ``rows``: the columns of the tasks, ``key`` (``task.question``), ``parent`` (the id before ``#``) and
    ``answer`` (the prediction without its thought).
    """

    rows: pl.DataFrame
    labels: dict[str, list[str]]
    unclosed_thoughts: int
    cut_labels: int


def find_release(predictions: Path) -> Path:
    """The release folder that a predictions file lies in.

    Raises:
        CurateError: it lies in none.
    """
    for folder in predictions.absolute().parents:
        if (folder / "eval" / "tasks.jsonl").is_file():
            return folder
    raise CurateError(
        say(f"{predictions} 不在发布目录里", f"{predictions} is not inside a release folder"),
        say("用 --release 指出发布目录", "name the release folder with --release"),
    )


def read(predictions: Path, release: Path) -> Read:
    """The answers in ``predictions`` beside their questions in ``release``.

    ``predictions`` is LLaMA-Factory's ``generated_predictions.jsonl``, or the folder it lies in.

    Raises:
        CurateError: a file is missing or broken, or the two do not belong together.
    """
    if predictions.is_dir():
        predictions = predictions / "generated_predictions.jsonl"
    tasks, labels = _tasks(release / "eval" / "tasks.jsonl"), _labels(release / "eval" / "labels.json")
    found = _predicted(predictions)
    if "id" in found.columns:
        found = _by_id(found, tasks, predictions)
    elif found.height != tasks.height:
        raise CurateError(
            say(
                f"{predictions} 有 {found.height} 行，评测题有 {tasks.height} 道",
                f"{predictions} has {found.height} rows, the release has {tasks.height} questions",
            ),
            say(
                "用本版发布目录的 evaluate.yaml 重新预测，不要设 max_samples",
                "predict anew with this release's evaluate.yaml, without max_samples",
            ),
        )
    rows = tasks.with_columns(found["predict"], found["label"].alias("given"), found["prompt"].alias("asked"))
    rows = rows.with_columns(
        _without_thought("predict").alias("answer"),
        _without_thought("reference").alias("reference"),
        _unclosed("predict").alias("unclosed"),
    )
    cut = _check_labels(rows, predictions)
    return Read(rows.drop("predict", "given", "asked", "unclosed"), labels, int(rows["unclosed"].sum()), cut)


def _unclosed(column: str) -> pl.Expr:
    """A thought that never ends: opened in the answer, or in the prompt as R1's own chat template does."""
    rest = pl.col(column).str.replace(_THOUGHT, "")
    opened = pl.col("asked").fill_null("").str.strip_chars_end().str.ends_with("<think>")
    return rest.str.contains("<think>", literal=True) | (
        opened & ~pl.col(column).str.contains("</think>", literal=True)
    )


def _without_thought(column: str) -> pl.Expr:
    rest = pl.col(column).str.replace(_THOUGHT, "")
    if column == "predict":
        rest = pl.when(_unclosed(column)).then(pl.lit("")).otherwise(rest)
    return rest.str.strip_chars()


def _check_labels(rows: pl.DataFrame, file: Path) -> int:
    """How many labels the trainer had cut; a label that is another text stops the evaluation."""

    def bare(expr: pl.Expr) -> pl.Expr:
        # the trainer's tokenizer may change spaces and normalise characters
        return (
            expr.fill_null("")
            .str.replace(_THOUGHT, "")
            .str.normalize("NFKC")
            .str.replace_all(r"[\s\ufffd]", "")
        )

    label, reference = bare(pl.col("given")), bare(pl.col("reference"))
    checked = rows.with_row_index("row").with_columns(label.alias("bare"), reference.alias("wanted"))
    other = checked.filter((pl.col("bare") != "") & (pl.col("bare") != pl.col("wanted")))
    cut = pl.col("wanted").str.starts_with(pl.col("bare")) & (pl.col("bare").str.len_chars() >= CUT)
    wrong = other.filter(~cut)
    if wrong.height:
        row = wrong.row(0, named=True)
        raise CurateError(
            say(
                f"{file} 第 {row['row'] + 1} 行的标准答案与评测题 {row['id']} 的不同："
                f"“{row['given'][:60]}” 不是 “{row['reference'][:60]}”（共 {wrong.height} 行不同）",
                f"{file}, line {row['row'] + 1}: the label is not that of question {row['id']}: "
                f"'{row['given'][:60]}' is not '{row['reference'][:60]}' ({wrong.height} lines differ)",
            ),
            say(
                "预测用的数据与这个发布目录不是同一版：换成生成它的那一版（--release），或重新预测",
                "the data predicted on are not this release's: name the right one with --release, or predict anew",
            ),
        )
    return other.height


def _by_id(found: pl.DataFrame, tasks: pl.DataFrame, file: Path) -> pl.DataFrame:
    """The predictions in the order of the tasks."""
    twice = found.filter(pl.col("id").is_duplicated())
    unknown = found.join(tasks, on="id", how="anti", maintain_order="left")
    missing = tasks.join(found, on="id", how="anti", maintain_order="left")
    for rows, zh, en in [
        (twice, "出现了不止一次", "stands there more than once"),
        (unknown, "不在评测题里", "is no question of the release"),
        (missing, "没有预测", "has no prediction"),
    ]:
        if rows.height:
            name = rows["id"][0]
            raise CurateError(
                say(
                    f"{file}：{name} {zh}（共 {rows.height} 行如此）",
                    f"{file}: {name} {en} ({rows.height} such rows)",
                ),
                say(
                    "每道评测题要有且只有一行预测，id 与 eval/tasks.jsonl 相同",
                    "give one row for each question, with the ids of eval/tasks.jsonl",
                ),
            )
    return tasks.select("id").join(found, on="id", how="left", maintain_order="left")


def _predicted(file: Path) -> pl.DataFrame:
    rows = []
    with_id = None
    for line, row in _objects(file):
        if not isinstance(row.get("predict"), str):
            raise _broken(file, line, say("没有 predict 这一项文字", "has no text under predict"))
        if with_id not in (None, "id" in row):
            raise _broken(file, line, say("有的行有 id，有的没有", "some rows have an id and some have not"))
        with_id = "id" in row
        rows.append({name: _text(row.get(name)) for name in ("id", "prompt", "predict", "label")})
    schema = dict.fromkeys(["id", "prompt", "predict", "label"], pl.String)
    frame = pl.DataFrame(rows, schema=schema)
    if not rows:
        raise CurateError(
            say(f"{file} 里没有预测", f"{file} holds no predictions"),
            say(
                "用发布目录的 evaluate.yaml 运行 llamafactory-cli train，再评测",
                "run llamafactory-cli train with the release's evaluate.yaml, then evaluate",
            ),
        )
    return frame if with_id else frame.drop("id")


def _tasks(file: Path) -> pl.DataFrame:
    rows = []
    for line, row in _objects(file):
        if not all(isinstance(row.get(name), str) for name in TASK) or row["kind"] not in KINDS:
            raise _broken(file, line, say("不是完整的评测题", "is not a whole question"))
        rows.append({name: row.get(name) for name in [*TASK, *OPTIONAL]})
    if not rows:
        raise CurateError(
            say(f"{file} 里没有评测题", f"{file} holds no questions"),
            say("重新导出发布目录，测试集不能为空", "export the release anew, with a test split"),
        )
    text = pl.selectors.string().fill_null("")
    return pl.DataFrame(rows, schema={**TASK, **OPTIONAL}).with_columns(
        text,
        pl.col("facts").fill_null([]),
        pl.format("{}.{}", pl.col("task").fill_null(""), pl.col("question").fill_null("")).alias("key"),
        pl.col("id").str.replace("#.*$", "").alias("parent"),
    )


def _labels(file: Path) -> dict[str, list[str]]:
    if not file.is_file():
        return {}
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise _broken(file, 1, str(error)) from error
    return {str(name): [str(label) for label in labels] for name, labels in found.items()}


def _objects(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line number and object of each line that is not blank."""
    try:
        content = file.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CurateError(
            say(f"打不开 {file}：{error.strerror}", f"cannot open {file}: {error.strerror}"),
            say(
                "预测文件由 evaluate.yaml 写出，评测题在发布目录的 eval/ 里",
                "evaluate.yaml writes the predictions; the questions are in the release's eval/",
            ),
        ) from error
    except UnicodeDecodeError as error:
        raise _broken(file, 1, say("不是 UTF-8", "is not UTF-8")) from error
    # split at line feeds only: U+2028 is text
    for line, text in enumerate(content.split("\n"), start=1):
        if not text.strip():
            continue
        try:
            row = json.loads(text)
        except ValueError as error:
            raise _broken(file, line, say("不是完整的 JSON", "is not whole JSON")) from error
        if not isinstance(row, dict):
            raise _broken(file, line, say("不是 JSON 对象", "is not a JSON object"))
        yield line, row


def _text(value: Any) -> str | None:
    # half a surrogate pair is no text for Polars
    return None if value is None else str(value).encode("utf-8", "replace").decode()


def _broken(file: Path, line: int, what: str) -> CurateError:
    return CurateError(
        say(f"{file} 第 {line} 行：{what}", f"{file}, line {line}: {what}"),
        say(
            "文件可能没有写完：重新预测，或改好这一行",
            "the file may be unfinished: predict anew, or mend this line",
        ),
    )
