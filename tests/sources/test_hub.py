"""Hugging Face data sets in local folders, and a hub that can't be reached."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import datasets
import polars as pl
import pytest

from curate.errors import CurateError
from curate.sources import Corpus, fetch


@pytest.fixture(autouse=True)
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


def rows(folder: Path, **dataset: Any) -> pl.DataFrame:
    corpus = Corpus(dataset=dataset)
    files = fetch(corpus, "c", folder, folder / "runs")
    return pl.concat(pl.read_parquet(file) for file in files)


def made(texts: list[str]) -> Any:
    return datasets.Dataset.from_dict(
        {"id": list(range(len(texts))), "text": texts, "tags": [["展"]] * len(texts)}
    )


def test_a_saved_data_set_is_read_with_its_types(tmp_path: Path) -> None:
    made(["甲", "乙"]).save_to_disk(str(tmp_path / "data"))
    found = rows(tmp_path, path="data")
    assert found.rows() == [(0, "甲", ["展"]), (1, "乙", ["展"])]
    assert found.schema == {"id": pl.Int64, "text": pl.String, "tags": pl.List(pl.String)}


def test_a_split_is_chosen_and_a_wrong_one_told(tmp_path: Path) -> None:
    splits = datasets.DatasetDict({"train": made(["甲"]), "test": made(["乙"])})
    splits.save_to_disk(str(tmp_path / "data"))
    assert rows(tmp_path, path="data")["text"].to_list() == ["甲"]
    assert rows(tmp_path, path="data", split="test")["text"].to_list() == ["乙"]
    with pytest.raises(CurateError, match="没有 tset") as error:
        rows(tmp_path, path="data", split="tset")
    assert "test" in error.value.hint


def test_a_folder_of_data_files_is_read(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "train.jsonl").write_text('{"text": "甲"}\n{"text": "乙"}\n', encoding="utf-8")
    assert rows(tmp_path, path="data")["text"].to_list() == ["甲", "乙"]


def test_an_unchanged_folder_is_not_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from curate.sources.hub import HubRows

    made(["甲"]).save_to_disk(str(tmp_path / "data"))
    rows(tmp_path, path="data")
    monkeypatch.setattr(HubRows, "frames", None)
    assert rows(tmp_path, path="data").height == 1


def test_a_name_on_a_hub_that_is_out_of_reach_says_so(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="数据集 nobody/nothing 读不出来") as error:
        rows(tmp_path, path="nobody/nothing")
    assert "本地文件夹" in error.value.hint
