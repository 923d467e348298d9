"""Every setting by its rule, and what the recipe sets wins."""

from __future__ import annotations

from typing import Any

import pytest

from curate.export.training.gpus import Gpu
from curate.export.training.plan import Part, Plan
from curate.export.training.settings import settings_for
from tests.export.training.cases import part, plan

R1, HYBRID, NEVER = "deepseek-r1-distill-qwen-7b", "qwen3-8b", "qwen2.5-7b-instruct"


def values(chosen: Plan, given: Part, **overrides: Any) -> dict[str, Any]:
    """Key -> value, and no key twice."""
    settings = [each for each in settings_for(chosen, given, overrides) if each.key]
    found = {each.key: each.value for each in settings}
    assert len(found) == len(settings)
    return found


def test_the_settings_that_the_plan_asks_for() -> None:
    found = values(plan(), part())
    wanted = {
        "model_name_or_path": "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
        "trust_remote_code": False,
        "template": "deepseekr1",
        "stage": "sft",
        "do_train": True,
        "finetuning_type": "lora",
        "lora_rank": 16,
        "lora_alpha": 32,
        "lora_dropout": 0.1,
        "lora_target": "all",
        "flash_attn": "auto",
        "disable_gradient_checkpointing": False,
        "dataset_dir": "data",
        "dataset": "expo_train_sft",
        "eval_dataset": "expo_validation_sft",
        "cutoff_len": 1024,
        "packing": False,
        "overwrite_cache": True,
        "per_device_train_batch_size": 2,
        "gradient_accumulation_steps": 4,
        "lr_scheduler_type": "cosine",
        "bf16": True,
        "eval_strategy": "steps",
        "eval_on_each_dataset": False,
        "load_best_model_at_end": True,
        "metric_for_best_model": "eval_loss",
        "greater_is_better": False,
        "early_stopping_steps": 3,
        "output_dir": "output/sft",
        "overwrite_output_dir": True,
        "report_to": "tensorboard",
        "plot_loss": True,
    }
    assert {key: found[key] for key in wanted} == wanted


def test_what_the_trainer_refuses_or_what_leaks_is_never_there() -> None:
    for stage in ("sft", "dpo", "kto", "pt"):
        found = values(plan(), part(stage))
        assert not set(found) & {"val_size", "warmup_ratio", "evaluation_strategy", "neat_packing", "no_cuda"}


def test_every_value_has_its_reason() -> None:
    for stage in ("sft", "dpo", "kto", "pt"):
        chosen = plan(R1, Gpu(card="V100", count=2), longest=4000)
        for each in settings_for(chosen, part(stage), {"weight_decay": 0.01}):
            assert each.reason, each.key


@pytest.mark.parametrize(
    ("stage", "rows", "rate"),
    [
        ("sft", 1_000, 0.0001),
        ("sft", 99_999, 0.0001),
        ("sft", 100_000, 0.00005),
        ("pt", 1_000, 0.0001),
        ("pt", 200_000, 0.00005),
        ("dpo", 1_000, 0.000005),
        ("kto", 200_000, 0.000005),
    ],
)
def test_the_learning_rate(stage: Any, rows: int, rate: float) -> None:
    assert values(plan(), part(stage, rows))["learning_rate"] == rate


def test_all_parameters_train_slower_and_without_lora() -> None:
    found = values(plan(), part(), finetuning_type="full")
    assert found["learning_rate"] == 0.00001
    assert not [key for key in found if key.startswith(("lora_", "quantization_"))]


@pytest.mark.parametrize(
    ("model", "thoughts", "thinking"),
    [
        (R1, 1000, True),
        (R1, 0, False),
        (R1, 1, None),
        (R1, 999, None),
        (HYBRID, 1000, True),
        (HYBRID, 0, False),
        (HYBRID, 500, None),
        (NEVER, 0, "left out"),
        (NEVER, 1000, "left out"),
        (NEVER, 500, "left out"),
        ("qwen3-4b-instruct-2507", 0, "left out"),
    ],
)
def test_thinking_follows_the_model_and_the_rows(model: str, thoughts: int, thinking: Any) -> None:
    found = values(plan(model), part(thoughts=thoughts))
    assert found.get("enable_thinking", "left out") == thinking


def test_plain_text_has_no_thinking() -> None:
    assert "enable_thinking" not in values(plan(), part("pt", thoughts=5))


@pytest.mark.parametrize(
    ("method", "lines"),
    [
        ("lora", {}),
        ("int8", {"quantization_bit": 8, "quantization_method": "bnb"}),
        ("int4", {"quantization_bit": 4, "quantization_method": "bnb"}),
    ],
)
def test_quantisation(method: Any, lines: dict[str, Any]) -> None:
    found = values(plan(method=method), part())
    assert {key: value for key, value in found.items() if key.startswith("quantization")} == lines


def test_an_old_card_computes_in_fp16() -> None:
    found = values(plan(gpu=Gpu(card="V100")), part())
    assert found["fp16"] is True
    assert "bf16" not in found


@pytest.mark.parametrize(
    ("count", "longest", "name", "file"),
    [
        (1, 900, R1, None),
        (2, 900, R1, "deepspeed/zero2.json"),
        (2, 900, "deepseek-r1-distill-qwen-14b", "deepspeed/zero3.json"),
    ],
)
def test_several_cards_use_deepspeed(count: int, longest: int, name: str, file: str | None) -> None:
    found = values(plan(name, Gpu(count=count), longest=longest), part())
    assert found.get("deepspeed") == file


def test_without_validation_data_nothing_is_evaluated_and_a_remark_says_so() -> None:
    given = part(validation=[], rows_validation=0)
    found = values(plan(), given)
    keys = {"eval_dataset", "eval_strategy", "eval_steps", "early_stopping_steps", "load_best_model_at_end"}
    assert not keys & set(found)
    assert found["save_strategy"] == "epoch"
    remarks = [each.reason for each in settings_for(plan(), given) if not each.key]
    assert any("没有验证数据" in remark for remark in remarks)


@pytest.mark.parametrize(
    ("rows", "validation", "every"),
    [
        # 375 updates in all, a twelfth is 31; but 100 rows are a tenth of the time of 41
        (1_000, 100, 40),
        # 375 updates in all and hardly anything to evaluate
        (1_000, 1, 30),
        # 3 updates an epoch
        (5, 1, 2),
        # 12,500 updates an epoch, twice; a tenth of the time for 10,000 rows
        (100_000, 10_000, 4150),
    ],
)
def test_evaluations_are_a_dozen_and_cost_little(rows: int, validation: int, every: int) -> None:
    found = values(plan(), part(rows=rows, rows_validation=validation))
    assert found["eval_steps"] == found["save_steps"] == every


@pytest.mark.parametrize("rows", [1, 7, 50, 333, 5_000, 80_000, 1_000_000])
def test_steps_are_whole_numbers_within_an_epoch(rows: int) -> None:
    given = part(rows=rows)
    found = values(plan(), given)
    epoch = -(-rows // plan().sizes(given).effective)
    assert 1 <= found["eval_steps"] <= epoch
    for key in ("eval_steps", "save_steps", "warmup_steps", "cutoff_len", "logging_steps"):
        assert type(found[key]) is int


def test_preferences_have_half_the_rows_and_their_loss() -> None:
    found = values(plan(part=part("dpo")), part("dpo"))
    wanted = {"stage": "dpo", "pref_beta": 0.1, "pref_loss": "sigmoid", "per_device_train_batch_size": 1}
    assert {key: found[key] for key in wanted} == wanted
    kto = values(plan(), part("kto"))
    assert (kto["stage"], kto["pref_beta"], "pref_loss" in kto) == ("kto", 0.1, False)


def test_the_recipe_replaces_removes_and_adds() -> None:
    found = values(plan(), part(), lora_rank=64, plot_loss=None, weight_decay=0.01, lora_alpha=None)
    assert found["lora_rank"] == 64
    assert "plot_loss" not in found
    assert "lora_alpha" not in found
    assert found["weight_decay"] == 0.01
    last = settings_for(plan(), part(), {"weight_decay": 0.01, "lora_rank": 64})
    assert (last[-1].section, last[-1].key, last[-1].reason) == ("recipe", "weight_decay", "配方指定")
    assert next(each.reason for each in last if each.key == "lora_rank") == "配方指定"


def test_a_stage_may_have_values_of_its_own() -> None:
    own: dict[str, Any] = {"seed": 7, "sft": {"learning_rate": 0.0002}, "dpo": {"pref_beta": 0.2, "seed": 8}}
    sft, dpo = values(plan(), part(), **own), values(plan(), part("dpo"), **own)
    assert (sft["seed"], sft["learning_rate"]) == (7, 0.0002)
    assert (dpo["seed"], dpo["learning_rate"], dpo["pref_beta"]) == (8, 0.000005, 0.2)
    assert not {"sft", "dpo"} & set(sft)


def test_what_follows_from_a_value_of_the_recipe_follows() -> None:
    assert values(plan(), part(), eval_steps=25)["save_steps"] == 25
    found = values(plan(), part(), max_steps=30)
    assert found["warmup_steps"] == 3
    assert found["eval_steps"] <= 30
    assert values(plan(), part(), gradient_accumulation_steps=1)["eval_steps"] > 40


@pytest.mark.parametrize("odd", ["ten", None, -1, 0, [5]])
def test_a_number_that_is_none_does_not_break_the_sums(odd: Any) -> None:
    # it stands in the file as it was written: the check of the arguments refuses it there
    found = values(plan(), part(), per_device_train_batch_size=odd, num_train_epochs=odd, max_steps=odd)
    assert found["warmup_steps"] == 38


def test_evaluations_may_be_a_share_of_the_training() -> None:
    assert values(plan(), part(), eval_steps=0.1)["save_steps"] == 0.1


def test_the_length_is_told_truly() -> None:
    reason = {each.key: each.reason for each in settings_for(plan(), part(longest=900))}["cutoff_len"]
    assert "没有一行会被截断" in reason
    short = plan(cutoff=512)
    reason = {each.key: each.reason for each in settings_for(short, part(longest=900))}["cutoff_len"]
    assert "会被截断" in reason
    assert "没有" not in reason


def test_reasons_in_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    for stage in ("sft", "dpo", "kto", "pt"):
        for each in settings_for(plan(), part(stage, thoughts=10), {"x": 1}):
            assert each.reason.isascii(), each
