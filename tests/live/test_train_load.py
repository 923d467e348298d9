"""What LLaMA-Factory itself makes of a release folder: every row accounted for, every loss named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from curate.export.trainer.loaded import Loaded, LoadedSet, LoadedYaml
from curate.export.trainer.real import load_with_llamafactory, loaded_text
from tests.live import hand_release
from tests.live.hand_release import (
    CUTOFF,
    ROWS,
    answer,
    row,
    say,
    settings,
    small_model,
    write_rows,
    write_yaml,
)
from tests.live.tiny_model import Kind
from tests.live.train_env import train_python

pytestmark = pytest.mark.live


@pytest.fixture(scope="session")
def python() -> Path:
    return train_python()


@pytest.fixture(scope="session")
def models(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Path]:
    return cache(lambda kind: small_model(tmp_path_factory.mktemp(kind), python, kind))


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return hand_release.write_release(tmp_path / "发布 v1")


@pytest.fixture
def load(python: Path, models: Callable[[Kind], Path]) -> Callable[..., LoadedYaml]:
    def one(release: Path, yaml: str, kind: Kind = "deepseekr1", **more: Any) -> LoadedYaml:
        loaded = load_with_llamafactory(release, python, models(kind), yamls=(yaml,), **more)
        (found,) = loaded.yamls
        return found

    return one


def test_every_row_of_a_sound_release_is_trained_on(
    release: Path, python: Path, models: Callable[[Kind], Path]
) -> None:
    before = sorted(path.relative_to(release) for path in release.rglob("*"))
    loaded = load_with_llamafactory(release, python, models("deepseekr1"))
    assert loaded.ok, loaded_text(loaded)
    assert (loaded.llamafactory, loaded.transformers) == ("0.9.5", "5.5.4")
    by_stage = {one.stage: one for one in loaded.yamls}
    assert set(by_stage) == {"sft", "dpo", "kto", "pt"}
    for one in loaded.yamls:
        for each in one.datasets:
            assert each.rows == each.loaded == each.trained == (ROWS if each.part == "train" else ROWS // 4)
            assert each.cut == 0
            assert 0 < each.longest < CUTOFF
    assert [each.dataset for each in by_stage["sft"].datasets if each.part == "train"] == [
        "expo_train_alpaca",
        "expo_train_sharegpt",
        "expo_train_tools",
    ]
    assert by_stage["sft"].sequences == 3 * ROWS
    # loading leaves nothing behind in a release
    assert sorted(path.relative_to(release) for path in release.rglob("*")) == before


def test_the_example_is_what_the_model_sees_and_learns(
    release: Path, load: Callable[..., LoadedYaml]
) -> None:
    sft = load(release, "train_sft.yaml", example=1)
    assert sft.example["text"] == (
        f"<｜begin▁of▁sentence｜><｜User｜>1号展会在哪里？<｜Assistant｜>{answer(1)}<｜end▁of▁sentence｜>"
    )
    assert sft.example["labels"] == f"{answer(1)}<｜end▁of▁sentence｜>"
    dpo = load(release, "train_dpo.yaml")
    assert dpo.example["chosen_labels"] == f"{answer(0)}<｜end▁of▁sentence｜>"
    assert dpo.example["rejected_labels"] == "<think>\n\n</think>\n\n不知道。<｜end▁of▁sentence｜>"
    assert load(release, "train_kto.yaml", example=1).example["kto_tag"] is False


def by_set(loaded: Loaded) -> dict[str, LoadedSet]:
    return {each.dataset: each for one in loaded.yamls for each in one.datasets}


def test_a_lost_row_is_named(release: Path, python: Path, models: Callable[[Kind], Path]) -> None:
    asked = say("user", "问？")
    bad: dict[str, dict[str, Any]] = {
        "alpaca": {"instruction": "问？", "input": "", "output": None, "system": ""},
        "sharegpt": {"messages": [asked, asked]},
        "preference": {"messages": [asked], "chosen": None, "rejected": say("assistant", "答")},
    }
    for number, (form, lost) in enumerate(bad.items()):
        rows = [row(form, each) for each in range(ROWS)]
        rows[5 + number] = lost
        write_rows(release, f"expo_train_{form}", rows)
    loaded = load_with_llamafactory(release, python, models("deepseekr1"))
    lost_rows = {name: each.lost_rows for name, each in by_set(loaded).items() if each.lost}
    assert lost_rows == {
        "expo_train_alpaca": (5,),
        "expo_train_sharegpt": (6,),
        "expo_train_preference": (7,),
    }
    assert {one.stage: one.ok for one in loaded.yamls} == {
        "sft": False,
        "dpo": False,
        "kto": True,
        "pt": True,
    }
    assert "expo_train_sharegpt：丢了 1 行（第 7 行）" in loaded_text(loaded)


def test_a_cut_row_is_named(release: Path, python: Path, models: Callable[[Kind], Path]) -> None:
    long = "7号展会在" + "上海和广州" * CUTOFF
    for form in ("alpaca", "sharegpt", "tools", "preference", "kto"):
        text = json.dumps([row(form, number) for number in range(ROWS)], ensure_ascii=False)
        write_rows(release, f"expo_train_{form}", json.loads(text.replace("7号展会在上海举办", long, 1)))
    loaded = load_with_llamafactory(release, python, models("deepseekr1"))
    cut = {name: each.cut_rows for name, each in by_set(loaded).items() if each.cut}
    forms = ("alpaca", "sharegpt", "tools", "preference", "kto")
    assert cut == {f"expo_train_{form}": (7,) for form in forms}
    assert all(by_set(loaded)[name].longest > CUTOFF for name in cut)
    assert all(not each.lost for each in by_set(loaded).values())  # cut, and still trained on
    assert {one.stage: one.ok for one in loaded.yamls} == {
        "sft": False,
        "dpo": False,
        "kto": False,
        "pt": True,
    }


@pytest.mark.parametrize("form", ["tools", "preference"])
def test_the_verdict_is_right_to_the_token(
    release: Path, python: Path, models: Callable[[Kind], Path], tmp_path: Path, form: str
) -> None:
    """A limit one token below the longest row cuts it; the length itself is enough."""
    stage = "dpo" if form == "preference" else "sft"
    lengths = tmp_path / "lengths.jsonl"

    def load(*cutoffs: int) -> dict[int, list[dict[str, Any]]]:
        for cutoff in cutoffs:
            write_yaml(release / f"{cutoff}.yaml", settings(stage, (form,), cutoff_len=cutoff))
        names = tuple(f"{cutoff}.yaml" for cutoff in cutoffs)
        load_with_llamafactory(release, python, models("deepseekr1"), lengths=lengths, yamls=names)
        rows = [json.loads(line) for line in lengths.read_text().splitlines()]
        return {
            cutoff: [one for one in rows if one["part"] == "train" and one["yaml"] == f"{cutoff}.yaml"]
            for cutoff in cutoffs
        }

    tokens = [one["tokens"] for one in load(9999)[9999]]
    assert len(tokens) == ROWS
    longest = max(tokens)
    for cutoff, rows in load(longest - 1, longest, longest + 1).items():
        assert [one["tokens"] for one in rows] == tokens
        assert [one["cut"] for one in rows] == [each > cutoff for each in tokens]


def test_another_models_template_is_told(release: Path, python: Path, models: Callable[[Kind], Path]) -> None:
    cases: list[tuple[Kind, str, tuple[str, ...], tuple[str, ...]]] = [
        ("qwen", "deepseekr1", ("</think>", "<think>", "<｜Assistant｜>", "<｜User｜>"), ()),
        ("deepseekr1", "qwen", ("<|im_start|>",), ("<|im_end|>",)),
        ("deepseekr1", "deepseekr1", (), ()),
        ("qwen", "qwen", (), ()),
        ("qwen3", "qwen3", (), ()),
    ]
    for number, (kind, template, _, _) in enumerate(cases):
        named = {"model_name_or_path": str(models(kind)), "template": template}
        write_yaml(release / f"{number}.yaml", settings("sft", ("alpaca",), **named))
    names = tuple(f"{number}.yaml" for number in range(len(cases)))
    loaded = load_with_llamafactory(release, python, yamls=names)
    found = [(one.error, one.split_template_tokens, one.new_tokens, one.ok) for one in loaded.yamls]
    assert found == [("", split, new, not split) for _, _, split, new in cases]


def test_one_configuration_does_not_change_the_next(
    release: Path, python: Path, models: Callable[[Kind], Path]
) -> None:
    for path in release.glob("train_*.yaml"):
        path.unlink()
    write_yaml(
        release / "train_a.yaml", settings("sft", ("alpaca",), template="qwen", default_system="你是船长。")
    )
    write_yaml(release / "train_b.yaml", settings("sft", ("alpaca",), template="qwen"))
    loaded = load_with_llamafactory(release, python, models("qwen"))
    first, second = (one.example["text"] for one in loaded.yamls)
    assert "你是船长" in first
    assert "You are Qwen" in second


def test_what_stops_training_names_its_data_set(
    release: Path, python: Path, models: Callable[[Kind], Path]
) -> None:
    """Each case in a data folder of its own, so that one call of the loader tells of all."""
    told: dict[str, tuple[str, str]] = {}

    def case(name: str, stage: str, forms: tuple[str, ...], dataset: str, word: str, **more: Any) -> Path:
        shutil.copytree(release / "data", release / name)
        write_yaml(release / f"{name}.yaml", settings(stage, forms, dataset_dir=name, **more))
        told[f"{name}.yaml"] = (dataset, word)
        return release / name

    def spoil(folder: Path, dataset: str, rows: list[dict[str, Any]]) -> None:
        (folder / f"{dataset}.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))

    asked, good = say("user", "?"), say("assistant", "!")
    made = case("no-column", "dpo", ("preference",), "expo_train_preference", "rejected")
    spoil(made, "expo_train_preference", [{"messages": [asked], "chosen": good}])
    made = case("no-rows", "kto", ("kto",), "expo_validation_kto", "")
    spoil(made, "expo_validation_kto", [])
    made = case("no-file", "sft", ("alpaca", "tools"), "expo_train_tools", "not found")
    (made / "expo_train_tools.jsonl").unlink()
    made = case("no-json", "sft", ("alpaca", "tools"), "expo_train_tools", "")
    spoil(made, "expo_train_tools", [{**row("tools", 0), "tools": "none"}])
    made = case("null-text", "sft", ("sharegpt",), "expo_train_sharegpt", "")
    spoil(made, "expo_train_sharegpt", [{"messages": [asked, {"role": "assistant", "content": None}]}])
    case("other-stage", "dpo", ("preference", "kto"), "expo_train_kto", "not applicable")
    case("no-entry", "dpo", ("nothing",), "expo_train_nothing", "Undefined dataset")
    case("no-such-key", "dpo", ("preference",), "", "cutof_len", cutof_len=1)
    case("streaming", "sft", ("alpaca",), "", "streaming", streaming=True, max_steps=1)
    loaded = load_with_llamafactory(release, python, models("deepseekr1"), yamls=tuple(told))
    assert not loaded.ok
    for one in loaded.yamls:
        dataset, word = told[one.yaml]
        assert one.error, one.yaml
        assert word in one.error, one.error
        assert one.dataset == dataset, one.yaml


def test_a_model_that_is_not_here_is_told_to_be_named(release: Path, python: Path) -> None:
    loaded = load_with_llamafactory(release, python, yamls=("train_sft.yaml",))
    assert "--tokenizer" in loaded_text(loaded)


def test_packed_documents_are_accounted_for(release: Path, load: Callable[..., LoadedYaml]) -> None:
    """With small batches each drops its own rest; the blocks that come out say how many tokens are used."""
    more = {"cutoff_len": 128, "preprocessing_batch_size": 7}
    write_yaml(release / "train_pt.yaml", settings("pt", ("pretrain",), **more))
    found = load(release, "train_pt.yaml", lengths=release.parent / "lengths")
    rows = [json.loads(line) for line in (release.parent / "lengths").read_text().splitlines()]
    tokens = [one["tokens"] for one in rows if one["part"] == "train"]
    batches = [tokens[first : first + 7] for first in range(0, ROWS, 7)]
    assert found.sequences == sum(sum(batch) // 128 for batch in batches)
    assert found.packing
    assert found.ok
