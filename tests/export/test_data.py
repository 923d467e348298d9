"""The data files: what LLaMA-Factory loses silently or dies of must not be in them."""

from __future__ import annotations

import importlib
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.export.data import Data, DataFiles
from curate.export.provenance import PROVENANCE
from curate.pairs import PAIR, made
from tests.export.conftest import on_disk, pairs


def lines(file: Path) -> list[dict[str, Any]]:
    # split at line feeds only: U+0085 and U+2028 are text
    return [json.loads(line) for line in file.read_text(encoding="utf-8").split("\n") if line]


SPELLINGS = ("alpaca", "sharegpt")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def write(folder: Path, rows: pl.DataFrame, shard_rows: int = 17, **options: Any) -> Data:
    given: dict[str, Any] = {"formats": SPELLINGS, "ending": "jsonl", "shard_rows": 1000} | options
    tables = on_disk(folder.parent / f"in{shard_rows}", rows, shard_rows)
    return DataFiles(folder, "expo", **given).write(tables, folder.parent / "scratch")


def test_the_rows_of_both_formats_are_the_pairs(folder: Path) -> None:
    rows = pairs()
    counts = write(folder, rows).rows
    assert counts == {"expo_predict": 15} | {
        f"expo_{split}_{form}": rows.filter(split=split).height
        for split in ("train", "validation", "test")
        for form in SPELLINGS
    }
    for split in ("train", "validation", "test"):
        want = rows.filter(split=split)
        alpaca = lines(folder / f"data/expo_{split}_alpaca.jsonl")
        assert all(list(row) == ["instruction", "input", "output", "system"] for row in alpaca)
        assert sorted(tuple(row.values()) for row in alpaca) == sorted(
            want.select("instruction", "input", "output", "system").rows()
        )
        sharegpt = [row["messages"] for row in lines(folder / f"data/expo_{split}_sharegpt.jsonl")]
        for plain, messages in zip(alpaca, sharegpt, strict=True):
            asked = plain["instruction"] + ("\n" + plain["input"] if plain["input"] else "")
            system = [{"role": "system", "content": plain["system"]}] if plain["system"] else []
            assert messages == [
                *system,
                {"role": "user", "content": asked},
                {"role": "assistant", "content": plain["output"]},
            ]


def values(found: Any) -> list[Any]:
    """All values at any depth."""
    if isinstance(found, dict):
        found = list(found.values())
    return [deep for value in found for deep in values(value)] if isinstance(found, list) else [found]


def test_no_value_is_null_and_chinese_stands_as_it_is(folder: Path) -> None:
    write(folder, pairs(system=pl.Series([None] * 60, dtype=pl.String)))  # type: ignore[arg-type]
    for file in folder.glob("data/*.jsonl"):
        content = file.read_bytes()
        assert "答" in content.decode()
        assert b"\\u" not in content.replace(b"\\u0085", b"").replace(b"\\u2028", b"")
        assert not content.startswith(b"\xef\xbb\xbf")
        assert content.endswith(b"\n")
        assert None not in values(lines(file))
    assert {row["system"] for row in lines(folder / "data/expo_train_alpaca.jsonl")} == {""}


def test_dataset_info_is_ascii_and_complete(folder: Path) -> None:
    write(folder, pairs())
    content = (folder / "data/dataset_info.json").read_bytes()
    assert content.isascii()
    info = json.loads(content)
    names = [f"expo_{s}_{f}" for s in ("train", "validation", "test") for f in SPELLINGS]
    assert sorted(info) == sorted(["expo_predict", *names])
    for name, entry in info.items():
        assert name.isascii()
        assert "," not in name
        assert entry["file_name"] == f"{name}.jsonl"
        assert (folder / "data" / entry["file_name"]).is_file()
    assert info["expo_train_alpaca"] == {
        "file_name": "expo_train_alpaca.jsonl",
        "formatting": "alpaca",
        "columns": {"prompt": "instruction", "query": "input", "response": "output", "system": "system"},
    }
    assert info["expo_train_sharegpt"] == {
        "file_name": "expo_train_sharegpt.jsonl",
        "formatting": "sharegpt",
        "columns": {"messages": "messages"},
        "tags": {
            "role_tag": "role",
            "content_tag": "content",
            "user_tag": "user",
            "assistant_tag": "assistant",
            "observation_tag": "tool",
            "function_tag": "function_call",
            "system_tag": "system",
        },
    }
    # every column that the entry names is in every row
    for entry in info.values():
        for row in lines(folder / "data" / entry["file_name"]):
            assert set(entry["columns"].values()) <= set(row)


def test_a_split_without_rows_gets_neither_file_nor_entry(folder: Path) -> None:
    counts = write(folder, pairs().filter(pl.col("split") != "validation"), formats=["alpaca"]).rows
    assert sorted(counts) == ["expo_predict", "expo_test_alpaca", "expo_train_alpaca"]
    there = sorted(path.name for path in (folder / "data").iterdir())
    assert there == ["dataset_info.json", *(f"{name}.jsonl" for name in sorted(counts))]
    assert sorted(json.loads((folder / "data/dataset_info.json").read_bytes())) == sorted(counts)


def test_the_order_is_a_hashs_and_not_the_sources(folder: Path, tmp_path: Path) -> None:
    rows = pairs(200)
    write(folder, rows)
    other = tmp_path / "other" / "out"
    other.mkdir(parents=True)
    write(other, rows.sample(fraction=1, shuffle=True, seed=3), shard_rows=1000)
    files = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 8
    for file in files:
        assert (folder / file).read_bytes() == (other / file).read_bytes(), file
    numbers = [row["instruction"] for row in lines(folder / "data/expo_train_alpaca.jsonl")]
    assert numbers != rows.filter(split="train")["instruction"].to_list()


def test_the_datasets_library_loads_every_row(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = importlib.import_module("datasets")  # reads the setting when it is imported
    datasets.disable_progress_bars()
    counts = write(folder, pairs()).rows
    for form in ("alpaca", "sharegpt"):
        files = {
            split: str(folder / f"data/expo_{split}_{form}.jsonl")
            for split in ("train", "validation", "test")
        }
        loaded = datasets.load_dataset("json", data_files=files, cache_dir=str(tmp_path / "hub"))
        for split, rows in loaded.items():
            written = lines(Path(files[split]))
            assert len(rows) == counts[f"expo_{split}_{form}"] == len(written)
            assert list(rows) == written


def test_the_questions_are_a_sample_in_step_with_the_data_set_that_asks_them(folder: Path) -> None:
    rows = pairs(200)
    again = (
        rows.filter(split="train")
        .head(30)
        .with_columns(
            pl.col("pair_id") + ".recall",
            pl.lit("recall").alias("kind"),
            ("再问" + pl.col("instruction")).alias("instruction"),
        )
    )
    data = write(folder, pl.concat([rows, again]), questions=20)
    tasks, asked = lines(folder / "eval/tasks.jsonl"), lines(folder / "data/expo_predict.jsonl")
    assert dict(data.asked) == {"train": 20, "validation": 0, "test": 20}
    assert data.not_asked == 30
    assert [task["kind"] for task in tasks] == ["recall"] * 20 + ["text"] * 20
    for task, row in zip(tasks, asked, strict=True):
        shown = row["instruction"] + ("\n" + row["input"] if row["input"] else "")
        assert (task["prompt"], task["reference"], task["system"]) == (shown, row["output"], row["system"])
    trained = {row["instruction"] for row in lines(folder / "data/expo_train_alpaca.jsonl")}
    assert not trained & {row["instruction"] for row in asked[:20]}
    assert data.rows["expo_train_alpaca"] == 100, "what is only asked is not trained on"


@pytest.mark.parametrize("column", ["output", "instruction"])
def test_answers_that_are_all_dates_are_not_written_as_json(folder: Path, column: str) -> None:
    dates = [f"2024-05-{number % 28 + 1:02d}" for number in range(60)]
    with pytest.raises(CurateError, match="日期") as error:
        write(folder, pairs(**{column: dates}))
    assert "parquet" in error.value.hint


def test_dates_among_other_answers_are_fine_and_so_is_parquet(folder: Path, tmp_path: Path) -> None:
    dates = [f"2024-05-{number % 28 + 1:02d}" for number in range(60)]
    write(folder, pairs(output=[*dates[:-12], *["不清楚"] * 12]))
    (tmp_path / "other").mkdir()
    assert write(tmp_path / "other", pairs(output=dates), ending="parquet").rows["expo_train_alpaca"] == 30


#: A marker in every text of ``made``: it must be in the provenance, and nowhere else.
MARK = "造法"
MAKING = {
    name: pl.lit(f"{MARK}{name}")
    for name in (
        "source",
        "evidence",
        "prompt",
        "prompt_sha256",
        "model",
        "parameters",
        "finish_reason",
        "currency",
    )
} | {
    "source": pl.lit(f"{MARK}source，{MARK}evidence"),
    "start": pl.lit(3),
    "end": pl.lit(9),
    "requests": pl.concat_list(pl.lit(f"{MARK}key")),
    "cost": pl.lit(0.25),
    "failure": pl.lit(None),
}


def written_by_a_model(rows: pl.DataFrame, **making: pl.Expr) -> pl.DataFrame:
    told = rows.with_columns(
        made(**MAKING | making), pl.lit(0.75).alias("score"), (MARK + pl.col("pair_id")).alias("slot_id")
    )
    return told.select(*PAIR, "tokens")


FORMATS = ("alpaca", "sharegpt", "messages", "huggingface")


@pytest.mark.parametrize("ending", ["jsonl", "parquet"])
def test_how_a_pair_was_made_stands_in_the_provenance_and_in_no_other_file(folder: Path, ending: str) -> None:
    write(folder, written_by_a_model(pairs()), formats=FORMATS, ending=ending)
    told = pl.read_parquet(folder / "provenance.parquet")
    assert dict(told.schema) == PROVENANCE
    wanted = {"slot_id": f"{MARK}c:7#company.location", "score": 0.75, "source_start": 3, "source_end": 9,
              "model": f"{MARK}model", "requests": [f"{MARK}key"], "cost": 0.25, "parents": None}  # fmt: skip
    row = told.row(by_predicate=pl.col("pair_id") == "c:7#company.location", named=True)
    assert {name: row[name] for name in wanted} == wanted
    assert not {"failure", "detail", "made"} & set(told.columns)
    others = [path for path in folder.rglob("*") if path.is_file() and path.name != "provenance.parquet"]
    assert len(others) > 8
    for file in others:
        if file.suffix == ".parquet":
            rows = pl.read_parquet(file)
            assert not {"made", "score", "slot_id", "model"} & set(rows.columns), file
            assert MARK not in rows.write_json(), file
        else:
            assert MARK not in file.read_text(encoding="utf-8"), file


@pytest.mark.parametrize(
    ("source", "evidence", "allowed", "told"),
    [
        ("电话13800138000，周一至周五", "周一至周五", [], ("电话138****8000，周一至周五", "周一至周五")),
        (
            "电话13800138000，周一至周五",
            "电话13800138000",
            [],
            ("电话138****8000，周一至周五", "电话138****8000"),
        ),
        ("电话13800138000，周一至周五", "电话13800138000周一", [], ("电话138****8000，周一至周五", None)),
        (
            "电话13800138000，周一",
            "电话13800138000",
            ["mobile"],
            ("电话13800138000，周一", "电话13800138000"),
        ),
        ("周一至周五，展位 800 个", "800 个", [], ("周一至周五，展位 800 个", "800 个")),
        (None, "引文", [], (None, "引文")),
        (None, "电话13800138000", [], (None, "电话138****8000")),
    ],
)
def test_what_is_quoted_in_the_provenance_holds_no_personal_data_but_what_is_allowed(
    folder: Path, source: str | None, evidence: str, allowed: list[str], told: tuple[str | None, str | None]
) -> None:
    rows = written_by_a_model(pairs(8), source=pl.lit(source), evidence=pl.lit(evidence))
    write(folder, rows, personal_data=allowed)
    found = pl.read_parquet(folder / "provenance.parquet")
    assert set(found.select("source", "evidence").iter_rows()) == {told}
