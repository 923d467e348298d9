"""llamafactory in a recipe: what is wrong with it is told before anything runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from curate.export.llamafactory import Llamafactory

WRONG: list[tuple[dict[str, Any], str]] = [
    ({"formats": ["messages"]}, "formats 里要有 alpaca 或 sharegpt"),
    ({"model": "qwen3-8"}, "没有叫 qwen3-8 的模型"),
    ({"gpu": {"card": "RTX 490"}}, "不认识显卡 RTX 490"),
    ({"model": "qwen3-32b", "gpu": {"memory_gb": 8}}, "放不下"),
    ({"train": {"learning_rte": 0.1}}, "learning_rte"),
    ({"train": {"learning_rate": "high"}}, "learning_rate"),
    ({"train": {"dpo": {"pref_loss": "dpo"}}}, "pref_loss"),
    ({"train": {"val_size": 0.1}}, "val_size 由发布版本决定"),
    ({"train": {"cutoff_len": 2048}}, "cutoff_len 由发布版本决定"),
    ({"train": {"sft": {"template": "qwen"}}}, "template 由发布版本决定"),
    ({"train": {"evaluate": {"max_new_token": 5}}}, "evaluate.max_new_token"),
    ({"train": {"sft": 3}}, "sft 下面要写"),
    ({"method": "int4", "train": {"quantization_method": "bitsandbytes"}}, "quantization_method"),
    ({"cutoff": 10}, "greater than or equal to 64"),
    ({"personal_data": ["name"]}, "personal_data"),
]


@pytest.mark.parametrize(("options", "told"), WRONG, ids=[told for _, told in WRONG])
def test_a_wrong_option_is_told(options: dict[str, Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(ValidationError) as error:
        Llamafactory.model_validate(options, context={"workspace": tmp_path})
    assert told in str(error.value)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"train": {"learning_rate": 0.00005, "lora_rank": 8, "early_stopping_steps": 5}},
        {"train": {"warmup_steps": None, "sft": {"num_train_epochs": 1.0}, "merge": {"export_size": 2}}},
        {"model": "qwen3-32b", "gpu": {"card": "A100"}, "method": "int8"},
        {"model": "deepseek-r1-distill-qwen-32b", "gpu": {"memory_gb": 24, "count": 2}},
    ],
)
def test_a_right_one_is_taken(options: dict[str, Any], tmp_path: Path) -> None:
    assert Llamafactory.model_validate(options, context={"workspace": tmp_path}).model


def test_a_catalogue_of_ones_own_adds_a_model(tmp_path: Path) -> None:
    own = """\
my-model:
  hub: me/my-model
  template: qwen
  context: 4096
  parameters: 494032768
  layers: 24
  hidden: 896
  intermediate: 4864
  heads: 14
  kv_heads: 2
  vocabulary: 151936
  tied: true
"""
    (tmp_path / "models.yaml").write_text(own, encoding="utf-8")
    options = {"model": "my-model", "models": "models.yaml"}
    unit = Llamafactory.model_validate(options, context={"workspace": tmp_path})
    assert unit.model_in(tmp_path).hub == "me/my-model"
    (tmp_path / "models.yaml").write_text(own.replace("layers: 24", "layers: 12"), encoding="utf-8")
    with pytest.raises(ValidationError, match=r"models\.yaml"):
        Llamafactory.model_validate(options, context={"workspace": tmp_path})
