"""Settings that LLaMA-Factory refuses or quietly ignores are found before it runs."""

from __future__ import annotations

from typing import Any

import pytest

from curate.export.trainer.argument_rules import Kind
from curate.export.trainer.arguments import check_arguments, listing, template_names

TRAIN: dict[str, Any] = {
    "model_name_or_path": "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
    "trust_remote_code": False,
    "stage": "sft",
    "do_train": True,
    "finetuning_type": "lora",
    "lora_rank": 16,
    "lora_alpha": 32,
    "lora_dropout": 0.1,
    "lora_target": "all",
    "quantization_bit": 4,
    "quantization_method": "bnb",
    "dataset_dir": "data",
    "dataset": "expo_train_alpaca,expo_train_tools",
    "eval_dataset": "expo_validation_alpaca",
    "template": "deepseekr1",
    "enable_thinking": None,
    "cutoff_len": 4096,
    "overwrite_cache": True,
    "preprocessing_num_workers": 4,
    "output_dir": "output/sft",
    "overwrite_output_dir": True,
    "logging_steps": 10,
    "eval_strategy": "steps",
    "eval_steps": 50,
    "save_steps": 100,
    "load_best_model_at_end": True,
    "metric_for_best_model": "eval_loss",
    "early_stopping_steps": 3,
    "report_to": "tensorboard",
    "learning_rate": 0.00005,
    "num_train_epochs": 3,
    "lr_scheduler_type": "cosine",
    "warmup_steps": 20,
    "bf16": True,
    "deepspeed": "deepspeed/zero2.json",
}
BASES: dict[Kind, dict[str, Any]] = {
    "train": TRAIN,
    "predict": {
        "model_name_or_path": "m",
        "adapter_name_or_path": "output/sft",
        "stage": "sft",
        "do_predict": True,
        "predict_with_generate": True,
        "finetuning_type": "lora",
        "dataset_dir": "data",
        "eval_dataset": "expo_predict",
        "template": "deepseekr1",
        "output_dir": "output/predict",
        "max_new_tokens": 512,
    },
    "merge": {
        "model_name_or_path": "m",
        "adapter_name_or_path": "output/sft",
        "template": "deepseekr1",
        "finetuning_type": "lora",
        "export_dir": "output/merged",
        "export_size": 5,
        "export_device": "cpu",
    },
    "chat": {
        "model_name_or_path": "m",
        "adapter_name_or_path": "output/sft",
        "template": "deepseekr1",
        "finetuning_type": "lora",
        "infer_backend": "huggingface",
    },
}


@pytest.mark.parametrize("kind", BASES)
def test_good_settings_pass(kind: Kind) -> None:
    assert check_arguments(BASES[kind], kind) == []


LEFT_OUT = object()
WRONG: list[tuple[str, Kind, dict[str, Any], str, str]] = [
    ("a misspelt key", "train", {"cutof_len": 512}, "cutof_len", "cutoff_len"),
    ("a key of an earlier release", "train", {"evaluation_strategy": "steps"}, "evaluation_strategy", "eval_strategy"),
    ("a key that is gone", "train", {"save_safetensors": True}, "save_safetensors", "leave it out"),
    ("a key of another trainer", "train", {"max_seq_length": 512}, "max_seq_length", "cutoff_len"),
    ("a key of training in chat", "chat", {"learning_rate": 0.1}, "learning_rate", "leave it out"),
    ("a key of training in a merge", "merge", {"bf16": True}, "bf16", "leave it out"),
    ("a number in quotes", "train", {"cutoff_len": "512"}, "cutoff_len", "int"),
    ("true for a number", "train", {"lora_rank": True}, "lora_rank", "int"),
    ("half a token", "train", {"cutoff_len": 512.5}, "cutoff_len", "int"),
    ("null for a number", "train", {"lora_rank": None}, "lora_rank", "int"),
    ("report_to null", "train", {"report_to": None}, "report_to", "report_to: none"),
    ("an unknown logger", "train", {"report_to": ["tensorbord"]}, "report_to", "tensorboard"),
    ("orpo as a stage", "train", {"stage": "orpo"}, "stage", "pref_loss: orpo"),
    ("dpo as a loss", "train", {"stage": "dpo", "pref_loss": "dpo"}, "pref_loss", "sigmoid"),
    ("flash_attn: true", "train", {"flash_attn": True}, "flash_attn", "auto"),
    ("the old name of bnb", "train", {"quantization_method": "bitsandbytes"}, "quantization_method", "bnb"),
    ("a method that loads checkpoints", "train", {"quantization_method": "gptq"}, "quantization_method", "bnb"),
    ("a template that is none", "train", {"template": "deepseek-r1"}, "template", "deepseekr1"),
    ("an unquoted no", "train", {"save_strategy": False}, "save_strategy", '"no"'),
    ("an unknown schedule", "train", {"lr_scheduler_type": "cosin"}, "lr_scheduler_type", "cosine"),
    ("no template", "train", {"template": LEFT_OUT}, "template", "template"),
    ("no output folder", "train", {"output_dir": LEFT_OUT}, "output_dir", "output_dir"),
    ("no data", "train", {"dataset": LEFT_OUT}, "dataset", "dataset"),
    ("nothing switched on", "train", {"do_train": LEFT_OUT}, "do_train", "do_train: true"),
    ("early stopping without a metric", "train", {"metric_for_best_model": LEFT_OUT, "load_best_model_at_end": False}, "early_stopping_steps", "metric"),
    ("early stopping without evaluation", "train", {"eval_strategy": "no", "load_best_model_at_end": False}, "early_stopping_steps", "eval_strategy"),
    ("saves between evaluations", "train", {"save_steps": 120}, "save_steps", "save_steps: 150"),
    ("saves by epoch, evaluates by step", "train", {"save_strategy": "epoch"}, "save_strategy", "steps"),
    ("two sources of evaluation", "train", {"val_size": 0.1}, "val_size", "val_size"),
    ("evaluates on nothing", "train", {"eval_dataset": LEFT_OUT}, "eval_strategy", "eval_dataset"),
    ("a renamed metric", "train", {"eval_on_each_dataset": True}, "metric_for_best_model", "eval_expo_validation_alpaca_loss"),
    ("neat packing of preferences", "train", {"stage": "dpo", "neat_packing": True}, "neat_packing", "stage: sft"),
    ("packing of preferences", "train", {"stage": "kto", "packing": True}, "packing", "stage: sft"),
    ("quantized full tuning", "train", {"finetuning_type": "full"}, "quantization_bit", "lora"),
    ("three bits", "train", {"quantization_bit": 3}, "quantization_bit", "4"),
    ("a quantized merge", "merge", {"quantization_bit": 4}, "quantization_bit", "leave"),
    ("both precisions", "train", {"fp16": True}, "fp16", "fp16"),
    ("a share of warm-up", "train", {"warmup_ratio": 0.1}, "warmup_ratio", "warmup_steps"),
    ("half a step of warm-up", "train", {"warmup_steps": 0.1}, "warmup_steps", "warmup_steps: 1"),
    ("interleave_once", "train", {"mix_strategy": "interleave_once"}, "mix_strategy", "concat"),
    ("probabilities without mixing", "train", {"interleave_probs": "0.5,0.5", "eval_dataset": "a,b"}, "interleave_probs", "interleave_under"),
    ("a probability too few", "train", {"mix_strategy": "interleave_under", "interleave_probs": "1.0", "eval_dataset": "a"}, "interleave_probs", "one"),
    ("streaming without end", "train", {"streaming": True}, "streaming", "streaming"),
    ("a prediction without answers", "predict", {"predict_with_generate": LEFT_OUT}, "predict_with_generate", "true"),
    ("a prediction on nothing", "predict", {"eval_dataset": LEFT_OUT}, "eval_dataset", "eval_dataset"),
    ("a merge to nowhere", "merge", {"export_dir": LEFT_OUT}, "export_dir", "export_dir"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "changed", "key", "hint"), [one[1:] for one in WRONG], ids=[one[0] for one in WRONG]
)
def test_it_is_told_once_with_what_to_write(
    kind: Kind, changed: dict[str, Any], key: str, hint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    settings = {name: value for name, value in {**BASES[kind], **changed}.items() if value is not LEFT_OUT}
    found = check_arguments(settings, kind)
    assert [one[0] for one in found] == [key]
    assert hint in found[0][2]


def test_null_is_fine_where_it_means_not_set() -> None:
    unset = dict.fromkeys(("deepspeed", "enable_thinking", "quantization_bit", "max_samples", "eval_steps"))
    assert check_arguments({**TRAIN, **unset, "save_steps": 100}, "train") == []


def test_lists_are_fine_where_commas_are() -> None:
    lists = {
        "dataset": ["a", "b"],
        "lora_target": ["q_proj", "v_proj"],
        "report_to": ["tensorboard", "mlflow"],
    }
    assert check_arguments({**TRAIN, **lists}, "train") == []


def test_pre_training_needs_no_template() -> None:
    settings = {name: value for name, value in TRAIN.items() if name != "template"}
    assert check_arguments({**settings, "stage": "pt"}, "train") == []


def test_several_mistakes_come_in_the_order_of_the_keys() -> None:
    found = check_arguments(
        {"stage": "orpo", "cutoff_len": "512", **BASES["chat"], "nonsense_key": 1}, "chat"
    )
    assert [key for key, _, _ in found] == ["stage", "cutoff_len", "nonsense_key"]


def test_both_languages_say_it(monkeypatch: pytest.MonkeyPatch) -> None:
    zh = check_arguments({**TRAIN, "fp16": True}, "train")
    monkeypatch.setenv("CURATE_LANG", "en")
    en = check_arguments({**TRAIN, "fp16": True}, "train")
    assert "不能同时用" in zh[0][1]
    assert "exclude each other" in en[0][1]


def test_the_listing_is_that_of_the_pinned_release() -> None:
    assert listing()["versions"] == {
        "llamafactory": "0.9.5",
        "transformers": "5.5.4",
        "datasets": "4.0.0",
        "torch": "2.13.0",
    }
    assert {"deepseekr1", "qwen", "qwen3", "qwen3_nothink", "llama3"} <= set(template_names())
    assert len(template_names()) > 100
