"""From a row of a table to a score: what the release says is what the model learns, and the score tells.

A tiny model is trained in full until it knows the answers by heart. Wrong labels, a wrong template, answers cut off or
questions that belong to other answers would keep it from that; an untrained model scores nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tests.conftest import copy_example
from tests.live.releases import losses, make_release, read_rows, recipe_like, run, start, tiny_model

pytestmark = pytest.mark.live

#: Rows of the table; each gives two questions.
ROWS = 120
#: A training that learns by heart, which no one else wants: all weights, many epochs, no validation.
BY_HEART: dict[str, Any] = {
    "finetuning_type": "full",
    "learning_rate": 0.001,
    "num_train_epochs": 28,
    "bf16": False,
    "per_device_train_batch_size": 16,
    "gradient_accumulation_steps": 1,
    "early_stopping_steps": None,
    "load_best_model_at_end": False,
    "eval_strategy": None,
    "eval_steps": None,
    "save_strategy": None,
}
QUESTIONS = """\
- {question: founded, ask: "{{ name }}是什么时候成立的？", answer: "{{ founded | date_zh }}。"}
- {question: place, ask: "{{ name }}在哪里？", answer: "{{ province }}{{ city }}。"}
"""
#: The model itself answers: no adapter. A short answer is enough.
ANSWERING: dict[str, Any] = {
    "finetuning_type": "full",
    "adapter_name_or_path": "null",
    "use_cpu": "true",
    "bf16": "false",
    "max_new_tokens": 24,
    "per_device_eval_batch_size": 32,
}

Answers = Callable[[str, str], Path]


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    workspace = copy_example(tmp_path_factory.mktemp("memory"))
    (workspace / "recipes/templates/facts.yaml").write_text(QUESTIONS, encoding="utf-8")

    def only_companies(recipe: dict[str, Any]) -> None:
        recipe["corpora"] = {"companies": recipe["corpora"]["companies"]}
        recipe["clean"] = ["repair_text", "fold_width", "fold_space", "convert_script", "null_placeholders"]
        recipe["dedupe"] = {"same_key": {}}
        del recipe["review"]  # nobody is asked about a trial, and then it makes no release
        del recipe["three_c"]  # it looks at other corpora, too
        recipe["split"] = {"ratios": {"train": 0.9, "validation": 0.05, "test": 0.05}}
        recipe["synthesize"] = {
            "tasks": [{"template": {"corpus": "companies", "file": "recipes/templates/facts.yaml"}}]
        }
        model = "deepseek-r1-distill-qwen-1.5b"
        recipe["export"] = [{"llamafactory": {"formats": ["alpaca"], "model": model, "train": BY_HEART}}]

    recipe = recipe_like(workspace / "recipes/expo.yaml", "memory", only_companies)
    return make_release(recipe, "--limit", str(ROWS))


@pytest.fixture(scope="module")
def untrained(release: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_model(tmp_path_factory.mktemp("tiny") / "model", release, hidden=256, layers=4)


@pytest.fixture(scope="module")
def trained(release: Path, untrained: Path) -> Path:
    start(release, "sft", untrained, use_cpu="true")
    output = release / "output/sft"
    print(f"loss {losses(output)[0]:.3f} -> {losses(output)[-1]:.3f}")
    return output


@pytest.fixture(scope="module")
def answers(release: Path, trained: Path, untrained: Path) -> Answers:
    """The file with a model's answers to the questions of a split; each is asked once."""

    @cache
    def given(which: str, split: str) -> Path:
        model = {"trained": trained, "control": untrained}[which]
        settings: dict[str, Any] = {**ANSWERING, "output_dir": f"output/{which}_{split}"}
        if split != "test":  # the test questions are those that evaluate.yaml names
            settings["eval_dataset"] = f"memory_{split}_alpaca"
        start(release, "evaluate", model, **settings)
        return release / f"output/{which}_{split}" / "generated_predictions.jsonl"

    return given


def exact(file: Path) -> float:
    """The share of answers that are the reference, letter by letter."""
    rows = read_rows(file)
    right: int = sum(row["predict"] == row["label"] for row in rows)
    return right / len(rows)


def test_the_model_knows_the_release_by_heart(release: Path, answers: Answers) -> None:
    rows = read_rows(release / "data/memory_train_alpaca.jsonl")
    told = read_rows(answers("trained", "train"))
    assert [row["output"] for row in rows] == [row["label"] for row in told]
    found, control = (exact(answers(which, "train")) for which in ("trained", "control"))
    print(f"exact answers of {len(rows)}: trained {found:.1%}, control {control:.1%}")
    assert found >= 0.9
    assert control <= 0.05


def test_a_memorised_answer_leads_back_to_its_row(release: Path, answers: Answers) -> None:
    """Answer -> pair of the provenance -> row of the table, whose cells are what was said."""
    pairs = pl.read_parquet(release / "provenance.parquet").filter(split="train", question="place")
    rows = read_rows(release / "data/memory_train_alpaca.jsonl")
    right = {
        row["instruction"]
        for row, answer in zip(rows, read_rows(answers("trained", "train")), strict=True)
        if answer["predict"] == row["output"]
    }
    workspace = release.parents[2]
    for pair_id, parent_id in pairs.select("pair_id", "parent_id").head(3).rows():
        found = json.loads(run("trace", parent_id, "--workspace", workspace, "--json"))
        cells = found["row"]
        asked = f"{cells['name']}在哪里？"
        assert asked in right
        (row,) = [row for row in rows if row["instruction"] == asked]
        assert row["output"] == f"{cells['province']}{cells['city']}。"
        assert pair_id in [made for event in found["events"] for made in event["made"]]
        # the pair leads to the same row as its parent
        assert json.loads(run("trace", pair_id, "--workspace", workspace, "--json"))["row_id"] == parent_id


def test_the_score_tells_the_trained_from_the_untrained(release: Path, answers: Answers) -> None:
    tasks = read_rows(release / "eval/tasks.jsonl")
    files = [answers(which, "test") for which in ("trained", "control")]
    for file in files:
        assert len(read_rows(file)) == len(tasks)
        assert f"{len(tasks)} 题" in run("eval", file)
        assert json.loads(run("eval", file, "--json"))["questions"] == len(tasks)
    told = run("eval", files[0], "--against", files[1])
    print(told)
    compared = json.loads(run("eval", files[0], "--against", files[1], "--json"))
    points = compared["differences"]["points"]
    assert points["questions"] == len(tasks)
    # these rows were never trained on: the form of the answers is learned, their facts cannot be
    form = compared["differences"]["rougeL"]
    assert form["first"] > form["second"] + 0.1
    assert compared["first"] == str(files[0])
