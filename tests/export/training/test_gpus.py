"""Cards by name."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from curate.export.training.gpus import Gpu, cards_with


@pytest.mark.parametrize(
    ("written", "memory", "bf16"),
    [
        ("RTX 3060", 12, True),
        ("rtx4090", 24, True),
        ("NVIDIA GeForce RTX 4080", 16, True),
        ("4090", 24, True),
        ("Tesla V100-32GB", 32, False),
        ("V100 16GB", 16, False),
        ("T4", 16, False),
        ("A10", 24, True),
        ("L40S", 48, True),
        ("A100", 80, True),
        ("A100-SXM4-40GB", 40, True),
        ("H100", 80, True),
        ("H20", 96, True),
    ],
)
def test_a_card_fills_in_memory_and_precision(written: str, memory: float, bf16: bool) -> None:
    gpu = Gpu.model_validate({"card": written})
    assert (gpu.memory_gb, gpu.bf16, gpu.count) == (memory, bf16, 1)


def test_what_is_written_wins_over_the_card() -> None:
    assert Gpu(card="RTX 4090", memory_gb=48).memory_gb == 48


def test_without_a_word_it_is_one_card_of_24_gb() -> None:
    assert (Gpu().memory_gb, Gpu().count, Gpu().bf16, Gpu().label) == (24, 1, True, "1 x 24 GB")
    assert Gpu(card="RTX 4090", count=2).label == "2 x RTX 4090 (24 GB)"


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"card": "RTX 4900"}, "不认识显卡"),
        ({"memory_gb": 0}, "greater than 0"),
        ({"count": 0}, "greater than or equal to 1"),
        ({"memory": 24}, "Extra inputs"),
    ],
)
def test_what_cannot_be_is_refused(given: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Gpu.model_validate(given)


def test_cards_that_hold_enough_come_smallest_first() -> None:
    assert cards_with(41)[:2] == ["L40", "A100 80G"]
    assert cards_with(200) == []
