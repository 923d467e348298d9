"""LLaMA-Factory's environment: it imports, its list of settings is ours, and it trains and merges a tiny model."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from curate.export.trainer import arguments
from tests.live import hand_release
from tests.live.hand_release import settings, small_model, write_yaml
from tests.live.tiny_model import Kind
from tests.live.train_env import train_python

pytestmark = pytest.mark.live

HERE = Path(arguments.__file__).parent


@pytest.fixture(scope="session")
def python() -> Path:
    return train_python()


@pytest.fixture(scope="session")
def models(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[Kind], Path]:
    return cache(lambda kind: small_model(tmp_path_factory.mktemp(kind), python, kind))


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return hand_release.write_release(tmp_path / "发布 v1")


def _environment(python: Path) -> dict[str, str]:
    return {"PATH": f"{python.parent}:/usr/bin:/bin", "HF_HUB_OFFLINE": "1", "HOME": "/tmp"}


def test_the_environment_imports_what_a_release_needs(python: Path) -> None:
    modules = "llamafactory.train.tuner, bitsandbytes, tensorboard, jieba, nltk, rouge_chinese, peft, trl, matplotlib"
    done = subprocess.run([python, "-I", "-c", f"import {modules}"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (python.parent / "llamafactory-cli").is_file()


def test_the_listing_of_settings_is_current(python: Path, tmp_path: Path) -> None:
    made = tmp_path / "arguments.json"
    subprocess.run([python, "-I", HERE / "list_arguments.py", made], check=True, capture_output=True)
    assert made.read_bytes() == arguments.LISTING.read_bytes()


def test_what_its_parser_refuses_we_refuse_too(python: Path, tmp_path: Path) -> None:
    """Each of these stops LLaMA-Factory before it reads data; ``check_arguments`` names the same key."""
    wrong: list[dict[str, Any]] = [
        {},
        {"cutof_len": 512},
        {"evaluation_strategy": "steps"},
        {"save_safetensors": True},
        {"no_cuda": True},
        {"val_size": 0.1},
        {"stage": "dpo", "neat_packing": True},
        {"stage": "kto", "mask_history": True},
        {"mask_history": True, "train_on_prompt": True},
        {"quantization_bit": 4, "finetuning_type": "full"},
        {"use_dora": True, "finetuning_type": "full"},
        {"stage": "dpo", "pref_loss": "ipo", "dpo_label_smoothing": 0.1},
        {"interleave_probs": "0.5,0.5"},
        {"lr_scheduler_type": "cosin"},
        {"eval_strategy": "sometimes"},
        {"load_best_model_at_end": True, "eval_strategy": "steps", "eval_steps": 7, "save_steps": 10},
        {"streaming": True},
        {"do_train": False, "do_predict": True},
        {"bf16": True, "fp16": True},
    ]
    base = settings("sft", ("alpaca",), quantization_bit=None, bf16=False, use_cpu=True, report_to="none")
    cases = [{**base, "output_dir": str(tmp_path / "out"), **changed} for changed in wrong]
    script = (
        "import json, sys\nfrom llamafactory.hparams import get_train_args\nrefused = []\n"
        "for case in json.loads(sys.argv[1]):\n"
        "    try:\n        get_train_args(case)\n        refused.append(False)\n"
        "    except Exception:\n        refused.append(True)\n"
        "print(json.dumps(refused))"
    )
    done = subprocess.run(
        [python, "-I", "-c", script, json.dumps(cases)],
        capture_output=True,
        text=True,
        env=_environment(python),
    )
    refused = json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
    assert refused == [False] + [True] * (len(wrong) - 1)
    for changed, case in zip(wrong, cases, strict=True):
        found = arguments.check_arguments(case, "predict" if case.get("do_predict") else "train")
        assert bool(found) == bool(changed), changed
        assert not changed or {key for key, _, _ in found} & {*changed, "predict_with_generate"}, found


def test_the_tiny_model_is_the_same_again(
    python: Path, models: Callable[[Kind], Path], tmp_path: Path
) -> None:
    first = models("qwen")
    again = small_model(tmp_path / "again", python, "qwen")
    for name in ("model.safetensors", "tokenizer.json"):
        assert (first / name).read_bytes() == (again / name).read_bytes()


def test_it_trains_and_merges(
    release: Path, python: Path, models: Callable[[Kind], Path], tmp_path: Path
) -> None:
    """Two steps with the loader's own settings, LoRA merged, and a line for TensorBoard."""
    model, cli = models("deepseekr1"), python.parent / "llamafactory-cli"
    small = {
        "max_steps": 2,
        "per_device_train_batch_size": 2,
        "lora_rank": 4,
        "logging_steps": 1,
        "bf16": False,
    }
    more = {
        "model_name_or_path": str(model),
        "output_dir": str(tmp_path / "lora"),
        "use_cpu": True,
        "quantization_bit": None,
    }
    write_yaml(release / "train_sft.yaml", settings("sft", ("sharegpt",), **small, **more))
    run = subprocess.run(
        [cli, "train", "train_sft.yaml"],
        cwd=release,
        capture_output=True,
        text=True,
        env=_environment(python),
    )
    assert run.returncode == 0, run.stderr[-2000:]
    assert list((tmp_path / "lora").rglob("events.out.tfevents.*")) or list(
        release.rglob("events.out.tfevents.*")
    )
    merge = {"model_name_or_path": str(model), "adapter_name_or_path": str(tmp_path / "lora")}
    write_yaml(
        release / "merge.yaml",
        {
            **merge,
            "template": "deepseekr1",
            "finetuning_type": "lora",
            "export_dir": str(tmp_path / "merged"),
        },
    )
    done = subprocess.run(
        [cli, "export", "merge.yaml"], cwd=release, capture_output=True, text=True, env=_environment(python)
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert (tmp_path / "merged" / "config.json").is_file()
