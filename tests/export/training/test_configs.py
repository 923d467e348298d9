"""The files as they are started: YAML that parses, DeepSpeed's JSON, versions that go together."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from curate.export.training.configs import write_configs
from curate.export.training.gpus import Gpu
from curate.export.training.plan import Plan
from tests.export.training.cases import part, plan

ALL = [part("pt"), part("kto"), part("dpo"), part()]


def read(file: Path, version: str = "1.2") -> dict[str, Any]:
    yaml = YAML(typ="safe", pure=True)
    yaml.version = version
    found = yaml.load(io.StringIO(file.read_text(encoding="utf-8")))
    assert isinstance(found, dict)
    return found


def write(folder: Path, chosen: Plan | None = None, **options: Any) -> list[str]:
    return write_configs(folder, "expo", chosen or plan(), ALL, predict="expo_predict", **options)


def test_the_files_of_a_release(tmp_path: Path) -> None:
    names = write(tmp_path)
    assert names == [
        "chat.yaml",
        "deepspeed/zero2.json",
        "deepspeed/zero3.json",
        "evaluate.yaml",
        "merge.yaml",
        "requirements-train.txt",
        "train.sh",
        "train_dpo.yaml",
        "train_kto.yaml",
        "train_pt.yaml",
        "train_sft.yaml",
    ]
    assert sorted(str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()) == names
    assert (tmp_path / "train.sh").stat().st_mode & 0o111


def test_only_what_there_is_data_for(tmp_path: Path) -> None:
    names = write_configs(tmp_path, "expo", plan(), [part("kto")])
    assert [name for name in names if name.endswith(".yaml")] == ["chat.yaml", "merge.yaml", "train_kto.yaml"]


def test_both_versions_of_yaml_read_the_same(tmp_path: Path) -> None:
    for name in write(tmp_path, overrides={"note": "no", "rate": 1e-7, "list": ["on", 1]}):
        if name.endswith(".yaml"):
            assert read(tmp_path / name, "1.1") == read(tmp_path / name, "1.2")


def test_every_value_stands_on_a_line_with_its_reason(tmp_path: Path) -> None:
    for name in write(tmp_path):
        if name.endswith(".yaml"):
            lines = (tmp_path / name).read_text(encoding="utf-8").splitlines()
            for line in lines:
                assert not line or line.startswith("#") or "  # " in line, line
            titles = [line for line in lines if line.startswith("### ")]
            assert len(titles) == len(set(titles)) >= 3, name


def test_the_same_release_is_the_same_bytes(tmp_path: Path) -> None:
    for name in write(tmp_path / "a"):
        write(tmp_path / "b")
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()


def test_what_comes_after_the_training_uses_its_model_template_and_adapter(tmp_path: Path) -> None:
    write(tmp_path)
    train = read(tmp_path / "train_sft.yaml")
    for name in ("evaluate.yaml", "merge.yaml", "chat.yaml"):
        found = read(tmp_path / name)
        for key in ("model_name_or_path", "template", "enable_thinking"):
            assert found[key] == train[key], (name, key)
        assert found["adapter_name_or_path"] == train["output_dir"] == "output/sft"


def test_the_evaluation_answers_the_test_questions_greedily(tmp_path: Path) -> None:
    write(tmp_path)
    found = read(tmp_path / "evaluate.yaml")
    wanted = {
        "stage": "sft",
        "do_predict": True,
        "predict_with_generate": True,
        "dataset_dir": "data",
        "eval_dataset": "expo_predict",
        "cutoff_len": 1024,
        "max_new_tokens": 1024,
        "do_sample": False,
        "output_dir": "output/predict",
        "report_to": "none",
    }
    assert {key: found[key] for key in wanted} == wanted
    assert found["per_device_eval_batch_size"] >= 1
    assert not {"do_train", "deepspeed", "dataset", "early_stopping_steps"} & set(found)


def test_a_merge_is_never_quantised(tmp_path: Path) -> None:
    write(tmp_path, plan(method="int4"))
    merge = read(tmp_path / "merge.yaml")
    assert not [key for key in merge if key.startswith("quantization")]
    wanted = {
        "export_dir": "output/merged",
        "export_size": 5,
        "export_device": "cpu",
        "export_legacy_format": False,
    }
    assert {key: merge[key] for key in wanted} == wanted
    assert read(tmp_path / "evaluate.yaml")["quantization_bit"] == 4
    assert read(tmp_path / "chat.yaml")["quantization_bit"] == 4


def test_weights_shared_out_in_training_are_quantised_to_answer_on_one_card(tmp_path: Path) -> None:
    chosen = plan("deepseek-r1-distill-qwen-14b", Gpu(count=2))
    assert (chosen.method, chosen.zero) == ("lora", 3)
    write(tmp_path, chosen)
    # 14.8 billion parameters in 16 bits are more than 24 GB
    assert read(tmp_path / "evaluate.yaml")["quantization_bit"] == 8


def test_a_plan_a_stage(tmp_path: Path) -> None:
    plans = {"sft": plan(longest=2000), "dpo": plan(longest=2000, part=part("dpo"))}
    write_configs(tmp_path, "expo", plans, [part(), part("dpo")])
    sft, dpo = read(tmp_path / "train_sft.yaml"), read(tmp_path / "train_dpo.yaml")
    assert "quantization_bit" not in sft
    assert dpo["quantization_bit"] == 8


def test_a_folder_of_the_users_own_with_spaces_and_chinese(tmp_path: Path) -> None:
    place = '/数据 盘/模型/R1 #2: "新"'
    write(tmp_path, model_path=place)
    for name in ("train_sft.yaml", "evaluate.yaml", "merge.yaml", "chat.yaml"):
        assert read(tmp_path / name)["model_name_or_path"] == place


def test_overrides_reach_the_files_they_name(tmp_path: Path) -> None:
    write(tmp_path, overrides={"seed": 1, "evaluate": {"max_new_tokens": 64}, "merge": {"export_size": 2}})
    assert read(tmp_path / "train_sft.yaml")["seed"] == read(tmp_path / "train_pt.yaml")["seed"] == 1
    assert read(tmp_path / "evaluate.yaml")["max_new_tokens"] == 64
    assert read(tmp_path / "evaluate.yaml")["seed"] == 42
    assert read(tmp_path / "merge.yaml")["export_size"] == 2
    assert "merge" not in read(tmp_path / "train_sft.yaml")


@pytest.mark.parametrize("stage", [2, 3])
def test_deepspeeds_json(tmp_path: Path, stage: int) -> None:
    write(tmp_path)
    found = json.loads((tmp_path / f"deepspeed/zero{stage}.json").read_text(encoding="utf-8"))
    assert found["zero_optimization"]["stage"] == stage
    for key in ("train_batch_size", "train_micro_batch_size_per_gpu", "gradient_accumulation_steps"):
        assert found[key] == "auto"
    assert found["bf16"] == {"enabled": "auto"}
    assert found["fp16"]["enabled"] == "auto"
    # without it the adapter that ZeRO-3 saves is empty
    assert ("stage3_gather_16bit_weights_on_model_save" in found["zero_optimization"]) == (stage == 3)


def test_the_environment_is_pinned(tmp_path: Path) -> None:
    write(tmp_path)
    lines = (tmp_path / "requirements-train.txt").read_text(encoding="utf-8").splitlines()
    pinned = dict(line.split("==") for line in lines if "==" in line)
    assert pinned["llamafactory"] == "0.9.5"
    assert pinned["transformers"] == "5.5.4"
    assert pinned["datasets"] == "4.0.0"
    assert "deepspeed" not in pinned
    assert any("pip install -r requirements-train.txt" in line for line in lines if line.startswith("#"))
    write(tmp_path, plan(gpu=Gpu(count=2)))
    assert "deepspeed==" in (tmp_path / "requirements-train.txt").read_text(encoding="utf-8")


def test_in_english_no_file_but_the_bilingual_script_has_chinese(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    for name in write(tmp_path, plan(gpu=Gpu(card="V100", count=2))):
        assert name == "train.sh" or (tmp_path / name).read_bytes().isascii(), name


def test_settings_of_a_language_are_the_same_values(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = write(tmp_path / "zh")
    monkeypatch.setenv("CURATE_LANG", "en")
    write(tmp_path / "en")
    for name in names:
        if name.endswith(".yaml"):
            assert read(tmp_path / "zh" / name) == read(tmp_path / "en" / name)
