"""What is chosen for which card, and what is said when nothing fits."""

from __future__ import annotations

from typing import Any

import pytest

from curate.errors import CurateError
from curate.export.training.gpus import Gpu
from curate.export.training.plan import FILL, Part, cutoff_for
from tests.export.training.cases import MODELS, model, part, plan

R1 = "deepseek-r1-distill-qwen-"


@pytest.mark.parametrize(
    ("name", "card", "count", "longest", "method", "batch", "zero"),
    [
        (R1 + "7b", "RTX 4090", 1, 900, "lora", 2, 0),
        (R1 + "7b", "RTX 4090", 1, 2000, "lora", 1, 0),
        (R1 + "7b", "RTX 4090", 1, 4000, "int8", 1, 0),
        (R1 + "7b", "RTX 4080", 1, 900, "int8", 2, 0),
        (R1 + "7b", "RTX 3060", 1, 900, "int4", 2, 0),
        (R1 + "14b", "RTX 4090", 1, 900, "int8", 2, 0),
        (R1 + "14b", "RTX 4090", 2, 900, "lora", 2, 3),
        (R1 + "32b", "A100", 1, 900, "lora", 2, 0),
        (R1 + "32b", "RTX 4090", 1, 500, "int4", 1, 0),
        (R1 + "32b", "A100", 2, 900, "lora", 2, 2),
        (R1 + "1.5b", "T4", 1, 900, "lora", 2, 0),
    ],
)
def test_the_best_method_that_fits_is_taken(
    name: str, card: str, count: int, longest: int, method: str, batch: int, zero: int
) -> None:
    chosen = plan(name, Gpu(card=card, count=count), longest=longest)
    assert (chosen.method, chosen.batch, chosen.zero) == (method, batch, zero)
    assert chosen.estimate.total <= chosen.gpu.memory_gb * FILL


def test_the_table_of_candidates_says_why_each_was_refused() -> None:
    chosen = plan(R1 + "7b", Gpu(memory_gb=10))
    assert [(each.method, each.batch) for each in chosen.tried if each.checkpointing] == [
        ("lora", 2),
        ("lora", 1),
        ("int8", 2),
        ("int8", 1),
        ("int4", 2),
        ("int4", 1),
    ]
    *refused, taken = chosen.tried
    assert all(each.refused for each in refused)
    assert taken.refused == ""
    assert taken.total == chosen.estimate.total
    assert chosen.tried[0].label == "LoRA（16 位），批 2"
    assert taken.label == "QLoRA INT4，批 1"
    for each in refused:
        if each.checkpointing:
            assert each.total > 10 * FILL
            assert each.refused == f"超出 {each.total - 10 * FILL:.1f} GB"


@pytest.mark.parametrize(
    ("longest", "cutoff"),
    [(1, 512), (512, 512), (513, 1024), (2048, 2048), (30_000, 32_768), (33_000, 40_960)],
)
def test_the_cutoff_is_the_smallest_usual_one_that_holds_the_longest_row(longest: int, cutoff: int) -> None:
    # 40,960 is the whole context of Qwen3
    assert cutoff_for(model("qwen3-8b"), longest) == cutoff


def test_a_row_longer_than_the_context_is_an_error_that_says_what_to_do() -> None:
    with pytest.raises(CurateError, match="最多 40,960") as caught:
        cutoff_for(model("qwen3-8b"), 40_961)
    assert "cutoff" in caught.value.hint


def test_what_the_user_sets_is_kept() -> None:
    chosen = plan(cutoff=4096, method="int4", rank=8, targets="q_proj,v_proj")
    assert (chosen.cutoff, chosen.method, chosen.rank, chosen.targets) == (4096, "int4", 8, "q_proj,v_proj")
    assert {each.method for each in chosen.tried} == {"int4"}


def test_a_cutoff_above_the_context_is_refused() -> None:
    with pytest.raises(CurateError, match="cutoff 是 65,536"):
        plan("qwen3-8b", cutoff=65_536)


def test_where_there_is_room_the_layers_are_not_recomputed() -> None:
    roomy, tight = plan("qwen2.5-1.5b-instruct", longest=500), plan(longest=900)
    assert not roomy.checkpointing
    assert roomy.estimate.total <= 24 * 0.8
    assert tight.checkpointing


def test_preferences_need_two_sequences_and_so_less_weight() -> None:
    alone = plan(longest=2000)
    both = plan(longest=2000, part=[part(), part("dpo")])
    assert (alone.method, alone.batch) == ("lora", 1)
    assert both.batch == 2
    assert both.method != "lora"


@pytest.mark.parametrize(
    ("stage", "rows", "longest", "batch", "accumulation"),
    [
        ("sft", 100_000, 900, 2, 4),
        # one sequence at a time: twice the accumulation, the same update
        ("sft", 100_000, 2000, 1, 8),
        # few rows: an epoch of 20 updates at least, as far as it goes
        ("sft", 160, 900, 2, 4),
        ("sft", 159, 900, 2, 2),
        ("sft", 60, 900, 2, 1),
        ("sft", 3, 900, 2, 1),
        ("dpo", 100_000, 400, 1, 8),
        ("kto", 100_000, 400, 2, 4),
    ],
)
def test_rows_of_an_update(stage: Any, rows: int, longest: int, batch: int, accumulation: int) -> None:
    given = part(stage, rows)
    sizes = plan(longest=longest, part=given).sizes(given)
    assert (sizes.batch, sizes.accumulation) == (batch, accumulation)
    assert sizes.effective == batch * accumulation


def test_every_card_adds_to_an_update() -> None:
    given = part(rows=100_000)
    assert plan(gpu=Gpu(count=4), part=given).sizes(given).effective == 4 * 8


def refusal(name: str, gpu: Gpu, **changes: Any) -> CurateError:
    with pytest.raises(CurateError) as caught:
        plan(name, gpu, catalogue=MODELS.values(), **changes)
    return caught.value


def test_when_nothing_fits_the_error_says_what_would() -> None:
    error = refusal(R1 + "32b", Gpu(card="RTX 3060"), longest=2000, rows=12_345)
    assert "deepseek-r1-distill-qwen-32b 在 1 x RTX 3060 (12 GB) 上放不下" in error.problem
    assert "cutoff 2048" in error.problem
    assert "12,345 行" in error.problem
    # the smallest need is the 4-bit one with a row at a time
    assert "QLoRA INT4" in error.problem
    assert "换小一点的模型：deepseek-r1-distill-llama-8b, deepseek-r1-distill-qwen-7b" in error.hint
    assert "V100 32G" in error.hint
    assert "每张卡至少 27 GB 显存" in error.hint


def test_what_the_error_proposes_does_fit() -> None:
    card, name = Gpu(card="RTX 3060"), R1 + "14b"
    hint = refusal(name, card, longest=1500).hint
    assert "cutoff 改成" not in hint  # 512 tokens are too many as well
    smaller = hint.split("换小一点的模型：")[1].split("；")[0].split(", ")
    assert smaller == ["deepseek-r1-distill-llama-8b", R1 + "7b", R1 + "1.5b"]
    for other in smaller:
        assert plan(other, card, longest=1500)
    for other in hint.split("换显存更大的卡：")[1].split("；")[0].split(", "):
        assert plan(name, Gpu(card=other), longest=1500)


def test_a_shorter_cutoff_is_proposed_where_it_is_enough() -> None:
    card = Gpu(card="RTX 3060")
    hint = refusal(R1 + "7b", card, longest=8000).hint
    shorter = int(hint.split("cutoff 改成 ")[1].split("；")[0])
    assert plan(R1 + "7b", card, cutoff=shorter).cutoff == shorter
    with pytest.raises(CurateError):
        plan(R1 + "7b", card, cutoff=2 * shorter)


def test_a_forced_method_that_does_not_fit_is_refused() -> None:
    error = refusal(R1 + "7b", Gpu(card="RTX 3060"), method="lora")
    assert "LoRA（16 位）" in error.problem


def test_several_cards_never_share_out_8_bit_weights() -> None:
    assert {each.zero for each in plan(R1 + "14b", Gpu(count=2), method="int8").tried} == {2}


def test_the_same_question_has_the_same_answer() -> None:
    assert plan() == plan()
    assert isinstance(part(), Part)
