"""How a release can be damaged: the tools, and the damage to files, settings and the provenance."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

Change = Callable[[Path], object]
INFO, TRAIN = "data/dataset_info.json", "data/expo_train_alpaca.jsonl"


@dataclass(frozen=True)
class Damage:
    """One damage. ``word`` stands in what is said of ``file``, also when the digests were made to fit again; ``word`` is
    "" where only the digests tell, because the release would train just the same.
    """

    sentence: str
    change: Change
    file: str
    word: str
    base: str = "all"


def raw(name: str, change: Callable[[bytes], bytes]) -> Change:
    return lambda folder: (folder / name).write_bytes(change((folder / name).read_bytes()))


def row(name: str, change: Callable[[Any], Any], line: int = 2) -> Change:
    """Change one row; ``change`` gives back the row, or the raw line."""

    def edit(content: bytes) -> bytes:
        lines = content.split(b"\n")
        made = change(json.loads(lines[line - 1]))
        text = (
            made
            if isinstance(made, bytes)
            else json.dumps(made, ensure_ascii=False, separators=(",", ":")).encode()
        )
        return b"\n".join([*lines[: line - 1], text, *lines[line:]])

    return raw(name, edit)


def lines(name: str, change: Callable[[list[bytes]], list[bytes]]) -> Change:
    return raw(name, lambda content: b"".join(change(content.splitlines(keepends=True))))


def setting(name: str, key: str, value: str | None) -> Change:
    """A YAML's key gets another value, is added, or goes (None)."""

    def edit(content: bytes) -> bytes:
        text = content.decode()
        new = "" if value is None else f"{key}: {value}\n"
        found = re.search(rf"^{key}:.*\n", text, flags=re.MULTILINE)
        return (text.replace(found[0], new) if found else text + new).encode()

    return raw(name, edit)


def as_json(name: str, change: Callable[[Any], Any]) -> Change:
    """``change`` edits the value in place, or gives back another."""

    def edit(content: bytes) -> bytes:
        value = json.loads(content)
        made = change(value)
        return json.dumps(value if made is None else made, indent=1).encode() + b"\n"

    return raw(name, edit)


def entry(name: str, **keys: Any) -> Change:
    """An entry of dataset_info.json gets keys; None takes one out."""

    def edit(info: Any) -> None:
        info[name] = {key: value for key, value in (info[name] | keys).items() if value is not None}

    return as_json(INFO, edit)


def frame(name: str, change: Callable[[pl.DataFrame], pl.DataFrame]) -> Change:
    return lambda folder: change(pl.read_parquet(folder / name)).write_parquet(folder / name)


def swap(one: str, other: str) -> Change:
    def exchange(folder: Path) -> None:
        (folder / one).rename(folder / "x")
        (folder / other).rename(folder / one)
        (folder / "x").rename(folder / other)

    return exchange


def remove(name: str) -> Change:
    return lambda folder: (folder / name).unlink()


def write(name: str, content: bytes) -> Change:
    def put(folder: Path) -> None:
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_bytes(content)

    return put


def _row_of(column: str, value: Any, where: pl.Expr | None = None) -> Callable[[pl.DataFrame], pl.DataFrame]:
    at = pl.int_range(pl.len()) == 0 if where is None else where
    return lambda pairs: pairs.with_columns(pl.when(at).then(pl.lit(value)).otherwise(column).alias(column))


def _shared(column: str) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """The first test pair gets the training pair's value."""
    test = (pl.col("split") == "test") & (pl.col("kind") == "sft")
    return lambda pairs: pairs.with_columns(
        pl.when(test)
        .then(pl.lit(pairs.filter(split="train", kind="sft")[column][0]))
        .otherwise(column)
        .alias(column)
    )


def packed(release: Path) -> None:
    content = (release / TRAIN).read_bytes()
    (release / f"{TRAIN}.gz").write_bytes(gzip.compress(content))
    (release / TRAIN).unlink()


SHARD = "data/expo_train_alpaca"
FILES = [
    Damage("the train file is gone", remove(TRAIN), "data/expo_train_alpaca", "no data file"),
    Damage("the train file has another name", lambda f: (f / TRAIN).rename(f / "data/train.jsonl"), "data/train.jsonl", "no data set"),
    Damage("the train file is packed", packed, "data/expo_train_alpaca.jsonl.gz", "no data set"),
    Damage("a stray file lies in data/", write("data/notes.txt", b"x\n"), "data/notes.txt", "no data set"),
    Damage("a stray file lies in messages/", write("messages/more.jsonl", b"{}\n"), "messages/more.jsonl", "not belong", "others"),
    Damage("a shard was added", lambda f: shutil.copy(f / SHARD / "00000.jsonl", f / SHARD / "00006.jsonl"), "data/expo_train_alpaca", "rows and should have", "shards"),
    Damage("a shard is gone", remove(f"{SHARD}/00002.jsonl"), SHARD, "shard is missing", "shards"),
    Damage("a README lies among the shards", write(f"{SHARD}/README.md", b"x\n"), f"{SHARD}/README.md", "no data set", "shards"),
    Damage("a .DS_Store lies among the shards", write(f"{SHARD}/.DS_Store", b"x"), f"{SHARD}/.DS_Store", "no data set", "shards"),
    Damage("a folder lies among the shards", lambda f: (f / SHARD / "old").mkdir(), f"{SHARD}/old", "folder", "shards"),
    Damage("a shard has another type", write(f"{SHARD}/00006.parquet", b"PAR1"), SHARD, "two types", "shards"),
    Damage("a shard is empty", raw(f"{SHARD}/00001.jsonl", lambda c: b""), f"{SHARD}/00001.jsonl", "empty", "shards"),
    Damage("the train and the test file changed places", swap(TRAIN, "data/expo_test_alpaca.jsonl"), TRAIN, "provenance"),
    Damage("a parquet file was cut off", raw("data/expo_train_sharegpt.parquet", lambda c: c[: len(c) // 2]), "data/expo_train_sharegpt.parquet", "cannot be read", "parquet"),
    Damage("a parquet file lost a column", frame("data/expo_train_chat.parquet", lambda d: d.drop("tools")), "data/expo_train_chat.parquet", "columns", "parquet"),
    Damage("a parquet file has a null", frame("data/expo_train_pretrain.parquet", _row_of("text", None)), "data/expo_train_pretrain.parquet", "null", "parquet"),
    Damage("a parquet answer was changed", frame("data/expo_train_pretrain.parquet", _row_of("text", "别的")), "data/expo_train_pretrain.parquet", "provenance", "parquet"),
    Damage("the hub's parquet file lost rows", frame("huggingface/sft/train-00000-of-00001.parquet", lambda d: d.head(3)), "huggingface/sft/train", "3 rows", "parquet"),
    Damage("TRL's preference file is gone", remove("trl/train_preference.jsonl"), "trl/train_preference", "0 rows", "others"),
    Damage("the answers of ms-swift are the same", row("swift/train_preference.jsonl", lambda r: r | {"rejected_response": r["messages"][-1]["content"]}), "swift/train_preference.jsonl", "the same", "others"),
    Damage("TRL's chosen is no list", row("trl/train_preference.jsonl", lambda r: r | {"chosen": r["chosen"][0]}), "trl/train_preference.jsonl", "type", "others"),
    Damage("OpenAI's preferred answer is missing", row("openai/train_preference.jsonl", lambda r: r | {"preferred_output": []}), "openai/train_preference.jsonl", "one answer", "others"),
    Damage("messages/ has a tool's turn", row("messages/train.jsonl", lambda r: {"messages": [*r["messages"], {"role": "tool", "content": "x"}]}), "messages/train.jsonl", "role", "others"),
    Damage("the README was edited", raw("README.md", lambda c: c + b"x"), "README.md", ""),
    Damage("the README is gone", remove("README.md"), "README.md", "missing"),
    Damage("JSON was written with spaces", row(TRAIN, lambda r: json.dumps(r).encode()), TRAIN, ""),
    Damage("the rows have line ends of Windows", raw(TRAIN, lambda c: c.replace(b"\n", b"\r\n")), TRAIN, ""),
    Damage("the rows are in another order", lines(TRAIN, lambda rows: rows[::-1]), TRAIN, ""),
    Damage("SHA256SUMS has a wrong digest", raw("SHA256SUMS", lambda c: b"0" * 64 + c[64:]), "SHA256SUMS", ""),
    Damage("SHA256SUMS has line ends of Windows", raw("SHA256SUMS", lambda c: c.replace(b"\n", b"\r\n")), "SHA256SUMS", ""),
    Damage("SHA256SUMS lacks a line", lines("SHA256SUMS", lambda rows: rows[1:]), "SHA256SUMS", ""),
]  # fmt: skip

DESCRIPTION = [
    Damage("the formatting is openai", entry("expo_train_sharegpt", formatting="openai"), INFO, "detailed thinking off", "turns"),
    Damage("a preference set is not ranking", entry("expo_train_preference", ranking=None), INFO, "ranking"),
    Damage("a plain set is ranking", entry("expo_train_alpaca", ranking=True), INFO, "ranking"),
    Damage("the column of the input is not listed", entry("expo_train_alpaca", columns={"prompt": "instruction", "response": "output", "system": "system"}), INFO, "columns"),
    Damage("the tag of the system is not listed", entry("expo_train_chat", tags={"role_tag": "role", "content_tag": "content"}), INFO, "tags"),
    Damage("formatting is misspelt as format", entry("expo_train_chat", formatting=None, format="sharegpt"), INFO, "formatting"),
    Damage("a data set is not described", as_json(INFO, lambda info: info.pop("expo_train_kto") and None), INFO, "expo_train_kto is missing"),
    Damage("a foreign data set is described", as_json(INFO, lambda info: info | {"alpaca_en": {"file_name": "expo_train_alpaca.jsonl"}}), INFO, "alpaca_en"),
    Damage("the described file is not there", entry("expo_train_alpaca", file_name="nowhere.jsonl"), INFO, "no file nowhere.jsonl"),
    Damage("the described file has an absolute path", entry("expo_train_alpaca", file_name="/data/expo_train_alpaca.jsonl"), INFO, "no file in data/"),
    Damage("the described file is above data/", entry("expo_train_alpaca", file_name="../messages/train.jsonl"), INFO, "no file in data/"),
    Damage("the training set points to the test file", entry("expo_train_alpaca", file_name="expo_test_alpaca.jsonl"), INFO, "another data set's"),
    Damage("only some rows are taken", entry("expo_train_alpaca", num_samples=3), INFO, "num_samples"),
    Damage("the data come from a hub", entry("expo_train_alpaca", hf_hub_url="x/y"), INFO, "hf_hub_url"),
    Damage("the description is not ASCII", raw(INFO, lambda c: c.replace(b'"formatting"', '"说明": "", "formatting"'.encode(), 1)), INFO, "ASCII"),
    Damage("the description begins with a BOM", raw(INFO, lambda c: b"\xef\xbb\xbf" + c), INFO, "cannot be read"),
    Damage("the description is cut off", raw(INFO, lambda c: c[:-20]), INFO, "cannot be read"),
    Damage("the description is a list", as_json(INFO, lambda info: [info]), INFO, "cannot be read"),
    Damage("the description is gone", remove(INFO), INFO, "missing"),
]  # fmt: skip

PAIRS = "provenance.parquet"
PROVENANCE = [
    Damage("a question stands in two splits", frame(PAIRS, _shared("question_md5")), PAIRS, "same question"),
    Damage("a group of similar rows stands in two splits", frame(PAIRS, _shared("cluster_id")), PAIRS, "similar rows"),
    Damage("a model wrote too many of the pairs", frame(PAIRS, _row_of("origin", "llm", pl.col("split") == "train")), PAIRS, "a model wrote"),
    Damage("the provenance lacks a pair", frame(PAIRS, lambda d: d.head(d.height - 1)), "manifest.json", "pairs"),
    Damage("the provenance lacks a column", frame(PAIRS, lambda d: d.drop("origin")), PAIRS, "columns"),
    Damage("the provenance is no parquet", raw(PAIRS, lambda c: c[:-9]), PAIRS, "cannot be read"),
    Damage("the provenance is gone", remove(PAIRS), PAIRS, "missing"),
    Damage("a pair does not fit the cutoff", frame(PAIRS, lambda d: d.with_columns(tokens=pl.lit(99_999, pl.Int64))), PAIRS, "cutoff_len"),
    Damage("a pair stands twice", frame(PAIRS, _row_of("pair_id", "c:sft1#a.b", pl.col("pair_id") == "c:sft2#a.b")), PAIRS, "stands twice"),
    Damage("a split is unknown", frame(PAIRS, _row_of("split", "dev")), PAIRS, "no value dev"),
    Damage("a model's pair says that a template made it", frame(PAIRS, _row_of("model", "m", pl.col("origin") != "llm")), PAIRS, "do not say so"),
    Damage("a pair made from a model's says that a template made it", frame(PAIRS, lambda d: _row_of("of_pair", d.filter(origin="llm")["pair_id"][0], pl.col("origin") != "llm")(d)), PAIRS, "do not say so"),
    Damage("a model wrote a pair of the test set", frame(PAIRS, lambda d: d.with_columns(pl.when(pl.col("split") == "test").then(pl.lit("llm")).otherwise("origin").alias("origin"), pl.when(pl.col("split") == "test").then(pl.lit("m")).alias("model"))), PAIRS, "not in the training set"),
    Damage("a score is no share", frame(PAIRS, lambda d: d.with_columns(score=pl.lit(1.5))), PAIRS, "between 0 and 1"),
    Damage("a source holds a telephone number", frame(PAIRS, _row_of("source", "电话13800138000")), PAIRS, "personal data"),
    Damage("the making of a pair is half gone", frame(PAIRS, lambda d: d.drop("evidence")), PAIRS, "columns"),
    Damage("a question's digest is null", frame(PAIRS, _row_of("question_md5", None)), PAIRS, "null"),
]  # fmt: skip

TASKS, LABELS = "eval/tasks.jsonl", "eval/labels.json"
EVALUATION = [
    Damage("the tasks are in another order", lines(TASKS, lambda rows: rows[::-1]), TASKS, "differs from its row"),
    Damage("a reference was changed", row(TASKS, lambda r: r | {"reference": "别的"}), TASKS, "differs from its row"),
    Damage("a task is gone", lines(TASKS, lambda rows: rows[1:]), TASKS, "tasks"),
    Damage("a task is a training pair's", row(TASKS, lambda r: r | {"id": "c:sft1#a.b"}), TASKS, "not of the test set"),
    Damage("a task is of an unknown kind", row(TASKS, lambda r: r | {"kind": "quiz"}), TASKS, "kind of task"),
    Damage("a task's facts are a text", row(TASKS, lambda r: r | {"facts": "北京"}), TASKS, "type"),
    Damage("the tasks are gone", remove(TASKS), TASKS, "missing"),
    Damage("a label is unknown", as_json(LABELS, lambda labels: {}), LABELS, "lacks the label"),
    Damage("the labels are no JSON", raw(LABELS, lambda c: c[:-4]), LABELS, "cannot be read"),
    Damage("a question to be answered was changed", row("data/expo_predict.jsonl", lambda r: r | {"instruction": "别的？"}), TASKS, "differs from its row"),
]  # fmt: skip

MANIFEST = [
    Damage("the manifest tells of more rows", as_json("manifest.json", lambda m: m["datasets"].update(expo_train_alpaca=9999)), TRAIN, "should have 9,999"),
    Damage("the manifest allows more of a model's pairs", as_json("manifest.json", lambda m: m.update(cap=0.9)), "manifest.json", "cap"),
    Damage("the manifest names another template", as_json("manifest.json", lambda m: m.update(template="qwen")), "train_sft.yaml", "template"),
    Damage("the manifest names no known template", as_json("manifest.json", lambda m: m.update(template="gpt5")), "manifest.json", "template"),
    Damage("the manifest lacks the stages", as_json("manifest.json", lambda m: m.pop("stages") and None), "manifest.json", "stages"),
    Damage("the manifest tells of other pairs", as_json("manifest.json", lambda m: m["pairs"]["train"].update(sft=1)), "manifest.json", "pairs"),
    Damage("the manifest's version is no version", as_json("manifest.json", lambda m: m.update(version="final")), "manifest.json", "version"),
]  # fmt: skip
