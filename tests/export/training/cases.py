"""What the tests of this folder share: a plan for a model on a card, and parts of a release."""

from __future__ import annotations

from typing import Any

from curate.export.training.gpus import Gpu
from curate.export.training.models import Model, load_models
from curate.export.training.plan import Part, Plan, Stage, choose

MODELS = load_models()


def model(name: str) -> Model:
    return MODELS[name]


def part(stage: Stage = "sft", rows: int = 1000, **changes: Any) -> Part:
    """A part with validation data and no thoughts, 900 tokens at the most."""
    given: dict[str, Any] = {
        "train": [f"expo_train_{stage}"],
        "validation": [f"expo_validation_{stage}"],
        "rows_validation": rows // 10,
        "longest": 900,
    }
    return Part(stage=stage, rows_train=rows, **(given | changes))


def plan(name: str = "deepseek-r1-distill-qwen-7b", gpu: Gpu | None = None, **changes: Any) -> Plan:
    """A plan for one card of 24 GB unless told otherwise."""
    given: dict[str, Any] = {"cutoff": None, "longest": 900, "rows": 1000, "part": part()}
    return choose(model(name), gpu or Gpu(), **(given | changes))
