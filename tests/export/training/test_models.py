"""The catalogue: right numbers, templates that exist, and mistakes told with their lines."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.errors import CurateError, RecipeError
from curate.export.training.models import Model, find_model, load_models, packaged_models
from tests.export.training.cases import MODELS

#: exact, as the files of weights have them
EXACT = {
    "deepseek-r1-distill-qwen-1.5b": 1_777_088_000,
    "deepseek-r1-distill-qwen-7b": 7_615_616_512,
    "deepseek-r1-distill-qwen-14b": 14_770_033_664,
    "deepseek-r1-distill-qwen-32b": 32_763_876_352,
    "deepseek-r1-distill-llama-8b": 8_030_261_248,
    "deepseek-r1-distill-llama-70b": 70_553_706_496,
    "qwen2.5-0.5b-instruct": 494_032_768,
    "qwen3-8b": 8_190_735_360,
    "qwen3-30b-a3b": 30_532_122_624,
}

EXAMPLE = """\
my-model:
  hub: me/my-model
  template: qwen
  thinking: never
  context: 32768
  parameters: 7615616512
  layers: 28
  hidden: 3584
  intermediate: 18944
  heads: 28
  kv_heads: 4
  vocabulary: 152064
"""


def recount(model: Model) -> int:
    """All parameters, written out apart from the code: attention with its biases or norms, SwiGLU, norms."""
    head = model.head_dim or model.hidden // model.heads
    queries, keys = model.heads * head, model.kv_heads * head
    attention = 2 * model.hidden * queries + 2 * model.hidden * keys
    qwen2 = model.template in ("qwen", "deepseekr1") and "llama" not in model.name
    extra = queries + 2 * keys if qwen2 else 2 * head if "qwen3" in model.name else 0
    forward = 3 * model.hidden * model.intermediate
    if model.experts:
        forward = model.experts * forward + model.experts * model.hidden
    layer = attention + extra + forward + 2 * model.hidden
    tables = 1 if model.tied else 2
    return model.layers * layer + tables * model.vocabulary * model.hidden + model.hidden


@pytest.mark.parametrize("name", MODELS)
def test_the_number_of_parameters_is_that_of_the_shapes_to_the_last_one(name: str) -> None:
    assert MODELS[name].parameters == recount(MODELS[name])
    assert abs(MODELS[name].counted / MODELS[name].parameters - 1) < 0.001


def test_known_models_have_their_known_numbers() -> None:
    assert {name: MODELS[name].parameters for name in EXACT} == EXACT


def test_every_model_has_the_template_and_the_thinking_of_its_family() -> None:
    for name, model in MODELS.items():
        family = {
            "deepseek-r1": ("deepseekr1", "always"),
            "qwen2.5": ("qwen", "never"),
            "qwen3": ("qwen3_nothink", "never") if name.endswith("2507") else ("qwen3", "hybrid"),
        }[next(start for start in ("deepseek-r1", "qwen2.5", "qwen3") if name.startswith(start))]
        assert (model.template, model.thinking) == family, name
        assert name == name.lower()
        assert model.hub.split("/")[-1].lower() == name
        assert model.license


def test_the_sizes_that_are_asked_for_are_there() -> None:
    sizes = {"deepseek-r1-distill-qwen-": ["1.5b", "7b", "14b", "32b"], "qwen3-": ["0.6b", "8b", "32b"]}
    assert {start + size for start, all_of in sizes.items() for size in all_of} <= set(MODELS)


def test_experts_are_neither_quantised_nor_given_adapters() -> None:
    experts = MODELS["qwen3-30b-a3b"]
    assert list(experts.shapes) == ["q_proj", "k_proj", "v_proj", "o_proj"]
    assert experts.linear < 0.05 * experts.parameters


@pytest.mark.parametrize("key", ["hub", "template", "layers", "kv_heads", "vocabulary"])
def test_a_missing_number_is_named_at_the_models_line(tmp_path: Path, key: str) -> None:
    file = tmp_path / "models.yaml"
    kept = [line for line in EXAMPLE.splitlines() if not line.startswith(f"  {key}:")]
    file.write_text("# 我的模型\n" + "\n".join(kept) + "\n", encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_models(file)
    assert [problem.line for problem in caught.value.problems] == [2]
    assert f"my-model.{key}：缺少这一项" in str(caught.value)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("layers: 28", "layers: 27"),
        ("hidden: 3584", "hidden: 3548"),
        ("intermediate: 18944", "intermediate: 19844"),
        ("kv_heads: 4", "kv_heads: 8"),
        ("vocabulary: 152064", "vocabulary: 125064"),
        ("parameters: 7615616512", "parameters: 7161616512"),
        ("vocabulary: 152064", "vocabulary: 152064\n  tied: true"),
    ],
)
def test_a_mistyped_number_does_not_agree_with_the_others(tmp_path: Path, right: str, wrong: str) -> None:
    file = tmp_path / "models.yaml"
    file.write_text(EXAMPLE.replace(right, wrong), encoding="utf-8")
    with pytest.raises(RecipeError, match="重算"):
        load_models(file)


@pytest.mark.parametrize(
    ("right", "wrong", "line", "told"),
    [
        ("thinking: never", "thinking: sometimes", 4, "只能是"),
        ("kv_heads: 4", "kv_head: 4", 11, "是不是 kv_heads"),
        ("context: 32768", "context: 很长", 5, "应当是整数"),
    ],
)
def test_a_wrong_value_is_told_with_its_line(
    tmp_path: Path, right: str, wrong: str, line: int, told: str
) -> None:
    file = tmp_path / "models.yaml"
    file.write_text(EXAMPLE.replace(right, wrong), encoding="utf-8")
    with pytest.raises(RecipeError) as caught:
        load_models(file)
    assert line in [problem.line for problem in caught.value.problems]
    assert told in str(caught.value)


@pytest.mark.parametrize("text", ["- a\n- b\n", "just text\n", "my-model:\n", "a: {b: [}\n"])
def test_a_file_of_another_shape_is_a_readable_error(tmp_path: Path, text: str) -> None:
    (tmp_path / "models.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(RecipeError):
        load_models(tmp_path / "models.yaml")


def test_a_users_file_adds_models_and_wins_over_the_packaged_ones(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    file.write_text(EXAMPLE + EXAMPLE.replace("my-model:", "qwen3-8b:"), encoding="utf-8")
    models = load_models(file)
    assert set(models) == {*MODELS, "my-model"}
    assert models["qwen3-8b"].hub == "me/my-model"
    assert models["qwen3-4b"] == MODELS["qwen3-4b"]


@pytest.mark.parametrize("name", ["qwen3-8b", "Qwen3-8B", "Qwen/Qwen3-8B"])
def test_a_model_is_found_by_its_own_and_its_hub_name(name: str) -> None:
    assert find_model(name, MODELS).name == "qwen3-8b"


def test_an_unknown_model_gets_the_nearest_name() -> None:
    with pytest.raises(CurateError) as caught:
        find_model("deepseek-r1-destill-qwen-7b", MODELS)
    assert "是不是 deepseek-r1-distill-qwen-7b？" in caught.value.hint


def test_the_catalogue_is_the_one_that_init_copies() -> None:
    assert packaged_models().parent.name == "recipes"
    assert packaged_models().is_file()
