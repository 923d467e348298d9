"""LLaMA-Factory trains what the pipeline exports, with the release's own files: every stage, then what comes after it.

The files stay as they are (``start`` proves it). What is said on the command line is the tiny model, that there is no
card, and less and faster training than the data deserve: that the loss falls shall show in half a minute.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from curate.export.trainer.real import load_with_llamafactory, loaded_text
from tests.conftest import copy_example
from tests.live.releases import (
    exporter_of,
    in_train_env,
    losses,
    make_release,
    read_rows,
    read_settings,
    recipe_like,
    run,
    start,
    state,
    thirds,
    tiny_model,
)
from tests.live.train_env import train_python

pytestmark = pytest.mark.live

Releases = Callable[[str], Path]
Train = Callable[[str, str], str]

FAST: dict[str, Any] = {"use_cpu": "true", "logging_steps": 1}
#: release -> stages; steps and learning rate of each
STAGES: dict[tuple[str, str], tuple[int, float]] = {
    ("service", "sft"): (24, 0.01),
    ("service", "dpo"): (30, 0.002),
    ("service", "kto"): (30, 0.002),
    ("service", "pt"): (20, 0.01),
    ("alpaca", "sft"): (24, 0.01),
    ("thoughts", "sft"): (24, 0.01),
    ("int4", "sft"): (24, 0.01),
}
#: How far the mean loss of the last third is below that of the first, at least: several times what chance gives.
FALL = 0.03
#: What the recipe of a release changes in recipes/service.yaml.
CHANGES: dict[str, dict[str, Any]] = {
    "service": {},
    "alpaca": {"formats": ["alpaca"]},
    "thoughts": {"formats": ["alpaca"]},
    "int4": {"formats": ["sharegpt"], "method": "int4"},
}


@pytest.fixture(scope="module")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Releases:
    """A release by its name, made at first use; all of one workspace."""
    original = copy_example(tmp_path_factory.mktemp("training")) / "recipes/service.yaml"

    @cache
    def release(name: str) -> Path:
        def change(recipe: dict[str, Any]) -> None:
            exporter_of(recipe).update(CHANGES[name])
            if name == "thoughts":  # these rows and no others
                recipe["corpora"] = {"reasoned": recipe["corpora"]["reasoned"]}
                recipe["clean"] = ["repair_text", "fold_width", "fold_space"]
                tasks = recipe["synthesize"]["tasks"]
                recipe["synthesize"]["tasks"] = [
                    task for task in tasks if next(iter(task.values()))["corpus"] == "reasoned"
                ]

        return make_release(original if name == "service" else recipe_like(original, name, change))

    return release


@pytest.fixture(scope="module")
def model(releases: Releases, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny") / "model", releases("service"), hidden=128)


@pytest.fixture(scope="module")
def train(releases: Releases, model: Path) -> Train:
    """What is printed when a stage of a release is trained; each is trained once."""

    @cache
    def trained(name: str, stage: str) -> str:
        steps, rate = STAGES[name, stage]
        return start(releases(name), stage, model, max_steps=steps, learning_rate=rate, **FAST)

    return trained


def rows_of(release: Path, yaml: str, key: str) -> dict[str, int]:
    """Data sets that a YAML names -> rows that the manifest promises."""
    promised = json.loads((release / "manifest.json").read_text(encoding="utf-8"))["datasets"]
    return {name: promised[name] for name in read_settings(release / yaml)[key].split(",")}


@pytest.mark.parametrize("name", CHANGES)
def test_rows_in_are_rows_trained(name: str, releases: Releases, model: Path) -> None:
    release = releases(name)
    loaded = load_with_llamafactory(release, train_python(), model)
    assert loaded.ok, loaded_text(loaded)
    assert {one.yaml for one in loaded.yamls} >= {
        f"train_{stage}.yaml" for known, stage in STAGES if known == name
    }
    for one in loaded.yamls:
        arrived = {each.dataset: each.trained for each in one.datasets}
        parts = [rows_of(release, one.yaml, key) for key in ("dataset", "eval_dataset")]
        assert arrived == parts[0] | parts[1]


@pytest.mark.parametrize(("name", "stage"), STAGES)
def test_it_trains_and_the_loss_falls(name: str, stage: str, releases: Releases, train: Train) -> None:
    log, release = train(name, stage), releases(name)
    assert f"Num examples = {sum(rows_of(release, f'train_{stage}.yaml', 'dataset').values()):,}\n" in log
    output = release / "output" / stage
    first, last = thirds(losses(output))
    print(f"{name} {stage}: {first:.4f} -> {last:.4f}")
    assert first - last > FALL
    assert state(output)["global_step"] == STAGES[name, stage][0]
    assert (output / "adapter_model.safetensors").is_file()


def test_alpaca_and_sharegpt_are_the_same_training(releases: Releases, train: Train) -> None:
    """The same rows in the same order, token by token: so are the losses."""
    logs = []
    for name in ("service", "alpaca"):
        train(name, "sft")
        logs.append(losses(releases(name) / "output/sft"))
    assert logs[0] == pytest.approx(logs[1], abs=1e-4)


def test_conversations_and_calls_are_among_what_trains(releases: Releases) -> None:
    release = releases("service")
    rows = read_rows(release / "data/service_train_chat.jsonl")
    roles = {message["role"] for row in rows for message in row["messages"]}
    assert {"user", "assistant", "function_call", "tool"} <= roles
    assert any(row["tools"] for row in rows)
    assert "service_train_chat" in rows_of(release, "train_sft.yaml", "dataset")


def test_thoughts_are_learned_with_their_answers(releases: Releases, model: Path) -> None:
    release = releases("thoughts")
    assert read_settings(release / "train_sft.yaml")["enable_thinking"] is True
    row = read_rows(release / "data/thoughts_train_alpaca.jsonl")[0]
    (loaded,) = load_with_llamafactory(release, train_python(), model).yamls
    learned = loaded.example["labels"]
    assert learned == row["output"] + "<｜end▁of▁sentence｜>"
    assert learned.startswith("<think>\n")
    assert "\n</think>\n\n" in learned


#: Loads the model as train_sft.yaml says, with and without the old spelling of the method, and counts its layers.
LAYERS = """
import json, sys
from omegaconf import OmegaConf
from llamafactory.hparams import get_train_args
from llamafactory.model import load_model, load_tokenizer

def layers(**changed):
    given = {**OmegaConf.to_container(OmegaConf.load("train_sft.yaml")), "model_name_or_path": sys.argv[1]}
    model_args, data, training, finetuning, _ = get_train_args(
        {**given, "use_cpu": True, "output_dir": sys.argv[2], **changed})
    model = load_model(load_tokenizer(model_args)["tokenizer"], model_args, finetuning, is_trainable=True)
    return sorted({type(m).__name__ for name, m in model.named_modules() if name.endswith("base_layer")})

print(json.dumps([layers(), layers(quantization_method="bitsandbytes")]))
"""


def test_int4_is_four_bits(releases: Releases, model: Path, train: Train, tmp_path: Path) -> None:
    assert "Quantizing model to 4 bit with bitsandbytes." in train("int4", "sft")
    release = releases("int4")
    settings = read_settings(release / "train_sft.yaml")
    assert (settings["quantization_bit"], settings["quantization_method"]) == (4, "bnb")
    ours, misspelt = in_train_env(LAYERS, model, tmp_path, folder=release)
    assert ours == ["Linear4bit"]
    # what the wrong word does, without a warning
    assert misspelt == ["Linear"]


def test_training_stops_early(releases: Releases, model: Path) -> None:
    """The patience is the YAML's; a rate that makes the model worse from the first evaluation on brings it about."""
    release = releases("alpaca")
    patience, every, most = read_settings(release / "train_sft.yaml")["early_stopping_steps"], 2, 60
    rates: dict[str, Any] = {"learning_rate": 1, "lr_scheduler_type": "constant", "max_grad_norm": 1000}
    steps: dict[str, Any] = {
        "max_steps": most,
        "eval_steps": every,
        "save_steps": every,
        "output_dir": "output/early",
    }
    log = start(release, "sft", model, **FAST, **steps, **rates)
    found = state(release / "output/early")
    measured = [entry["eval_loss"] for entry in found["log_history"] if "eval_loss" in entry]
    best = measured.index(min(measured[: len(measured) - patience])) + 1
    assert found["global_step"] < most
    assert found["global_step"] == every * (best + patience)
    assert f"Loading best model from output/early/checkpoint-{every * best} " in log


#: Loads a merged model and lets it speak; gives back how many tokens it said, which weights
#: differ from those before training, and the names of all.
SPEAK = """
import json, sys
from transformers import AutoModelForCausalLM, AutoTokenizer
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
model = AutoModelForCausalLM.from_pretrained(sys.argv[1])
asked = tokenizer.apply_chat_template([{"role": "user", "content": "标准展位多少钱？"}], add_generation_prompt=True,
                                      return_tensors="pt", return_dict=True)
said = model.generate(**asked, max_new_tokens=8, min_new_tokens=8, do_sample=False)
weights = AutoModelForCausalLM.from_pretrained(sys.argv[2]).state_dict()
changed = [name for name, value in model.state_dict().items() if not value.float().equal(weights[name].float())]
print(json.dumps([said.shape[1] - asked["input_ids"].shape[1], sorted(changed), sorted(weights)]))
"""


def test_merging_gives_a_model_that_speaks(releases: Releases, model: Path, train: Train) -> None:
    train("service", "sft")
    release = releases("service")
    start(release, "merge", model)
    assert (release / "output/merged/model.safetensors").is_file()
    said, changed, known = in_train_env(SPEAK, "output/merged", model, folder=release)
    assert said == 8
    # all linear layers, as lora_target says, and nothing else
    assert changed == [name for name in known if name.endswith("_proj.weight")]


def test_one_can_chat_with_it(releases: Releases, model: Path, train: Train) -> None:
    train("service", "sft")
    told = start(releases("service"), "chat", model, "标准展位多少钱？\nexit\n", max_new_tokens=8)
    assert "Loaded adapter(s): output/sft" in told
    assert "User: Assistant: " in told


def test_the_test_questions_are_answered_and_scored(releases: Releases, model: Path, train: Train) -> None:
    train("service", "sft")
    release = releases("service")
    start(release, "evaluate", model, use_cpu="true", max_new_tokens=8)
    answers = release / "output/predict/generated_predictions.jsonl"
    tasks, given = read_rows(release / "eval/tasks.jsonl"), read_rows(answers)
    assert len(given) == len(tasks) > 0
    assert all(task["prompt"] in answer["prompt"] for task, answer in zip(tasks, given, strict=True))
    assert json.loads(run("eval", answers, "--json"))["questions"] == len(tasks)
