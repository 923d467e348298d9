"""The trainer's sentence: with the model's tokenizer our lengths are LLaMA-Factory's, and nothing is lost or cut."""

from __future__ import annotations

import re
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from curate.cli import main
from curate.export.release import read_manifest
from curate.export.trainer.real import load_with_llamafactory
from tests.conftest import copy_example
from tests.live.releases import exporter_of, make_release, recipe_like, run, tiny_model
from tests.live.train_env import train_python

pytestmark = pytest.mark.live


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_example(tmp_path_factory.mktemp("hand_off"))


@pytest.fixture(scope="module")
def model(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    release = make_release(workspace / "recipes/service.yaml")
    return tiny_model(tmp_path_factory.mktemp("models") / "r1", release)


def measured(workspace: Path, model: Path, name: str, **options: object) -> Path:
    """A release whose lengths were counted with the model's own tokenizer."""

    def change(recipe: dict[str, object]) -> None:
        exporter_of(recipe).update({"tokenizer": str(model), **options})

    return make_release(recipe_like(workspace / "recipes/service.yaml", name, change))


def check(release: Path, model: Path) -> str:
    return run(
        "export", "check", release, "--tokenizer", model, "--with-llamafactory", "--python", train_python()
    )


def test_the_trainers_sentence(workspace: Path, model: Path) -> None:
    release = measured(workspace, model, "measured")
    told = check(release, model)
    for stage, part in read_manifest(release)["stages"].items():
        rows = f"{part['rows_train']:,}"
        sentence = f"train_{stage}.yaml: 读入 {rows} 行，训练 {rows} 行，截断 0 行，模板 deepseekr1，最长 "
        assert sentence in told, told
    assert "模型学习: <think>" in told
    assert "<｜end▁of▁sentence｜>" in told


def test_our_lengths_are_llamafactorys_row_by_row(workspace: Path, model: Path, tmp_path: Path) -> None:
    release = measured(workspace, model, "measured")
    assert read_manifest(release)["tokens"]["measured"]
    load_with_llamafactory(release, train_python(), model, lengths=tmp_path / "lengths.jsonl")
    theirs = pl.read_ndjson(tmp_path / "lengths.jsonl")
    ours = pl.read_parquet(release / "provenance.parquet").filter(split="train")
    for kind, endings in {
        "sft": ["sharegpt", "chat"],
        "kto": ["kto"],
        "pretrain": ["pretrain"],
        "preference": ["preference"],
    }.items():
        names = [f"measured_train_{ending}" for ending in endings]
        counted = theirs.filter(pl.col("dataset").is_in(names))["tokens"].sort().to_list()
        assert counted == ours.filter(kind=kind)["tokens"].sort().to_list(), kind
        assert len(counted) > 10


def test_what_would_be_cut_is_left_out_and_nothing_else(workspace: Path, model: Path) -> None:
    whole = read_manifest(measured(workspace, model, "measured"))
    longest = max(part["longest"] for part in whole["stages"].values())
    release = measured(workspace, model, "shorter", cutoff=max(64, longest * 2 // 3))
    manifest = read_manifest(release)
    over = manifest["tokens"]["dropped"]["over_cutoff"]
    assert over == manifest["tokens"]["over"] > 0
    kept, all_ = (sum(sum(k.values()) for k in m["pairs"].values()) for m in (manifest, whole))
    assert kept == all_ - over
    assert "截断 0 行" in check(release, model)


@pytest.mark.parametrize("files", ["jsonl", "parquet"])
def test_folders_of_shards_are_loaded_whole(workspace: Path, model: Path, files: str) -> None:
    release = measured(
        workspace, model, f"shards_{files}", files=files, shard_rows=50, formats=["sharegpt", "alpaca"]
    )
    shards = sorted((release / f"data/shards_{files}_train_sharegpt").iterdir())
    assert [shard.name for shard in shards[:2]] == [f"00000.{files}", f"00001.{files}"]
    rows = read_manifest(release)["stages"]["sft"]["rows_train"]
    assert len(shards) > 3
    assert f"train_sft.yaml: 读入 {rows:,} 行，训练 {rows:,} 行，截断 0 行" in check(release, model)


def test_a_cutoff_that_is_too_small_is_found_by_the_real_one(workspace: Path, model: Path) -> None:
    release = measured(workspace, model, "measured")
    longest = read_manifest(release)["stages"]["sft"]["longest"]
    settings = release / "train_sft.yaml"
    sound = settings.read_text(encoding="utf-8")
    settings.write_text(re.sub(r"cutoff_len: \d+", f"cutoff_len: {longest // 2}", sound), encoding="utf-8")
    try:
        result = CliRunner().invoke(main, ["export", "check", str(release), "--tokenizer", str(model)])
        assert result.exit_code == 4
        assert "cutoff_len" in result.output
    finally:
        settings.write_text(sound, encoding="utf-8")
