"""Settings of LLaMA-Factory that are fine alone and fail, or do nothing, together."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Literal

from curate.language import say

#: which of LLaMA-Factory's commands reads the configuration
Kind = Literal["train", "predict", "merge", "chat"]
#: key, what is wrong, what to write
Finding = tuple[str, str, str]
Settings = dict[str, Any]
Rule = Callable[[Settings, Kind], Iterator[Finding]]

#: LLaMA-Factory's defaults where a rule needs them
DEFAULTS = {"stage": "sft", "finetuning_type": "lora", "pref_loss": "sigmoid", "mix_strategy": "concat"}
#: never both; the second is the one to take back
EXCLUDE = (
    ("eval_dataset", "val_size"),  # our own split leaks no near-duplicates
    ("train_on_prompt", "mask_history"),
    ("bf16", "fp16"),
    ("predict_with_generate", "compute_accuracy"),
    ("quantization_bit", "resize_vocab"),
    ("quantization_bit", "pissa_init"),
)
#: key, and the setting without which it fails or does nothing
ONLY_WITH: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("neat_packing", "stage", ("sft",)),
    ("packing", "stage", ("sft", "pt")),
    ("train_on_prompt", "stage", ("sft",)),
    ("mask_history", "stage", ("sft",)),
    ("predict_with_generate", "stage", ("sft",)),
    ("load_best_model_at_end", "stage", ("pt", "sft", "dpo", "kto")),
    ("quantization_bit", "finetuning_type", ("lora", "oft")),
    ("adapter_name_or_path", "finetuning_type", ("lora",)),
    ("use_dora", "finetuning_type", ("lora",)),
    ("use_rslora", "finetuning_type", ("lora",)),
    ("pissa_init", "finetuning_type", ("lora",)),
    ("loraplus_lr_ratio", "finetuning_type", ("lora",)),
    ("dpo_label_smoothing", "pref_loss", ("sigmoid",)),
    ("interleave_probs", "mix_strategy", ("interleave_under", "interleave_over", "interleave_once")),
)
NEEDED: dict[Kind, tuple[str, ...]] = {
    "train": ("model_name_or_path", "template", "dataset", "output_dir", "do_train"),
    "predict": (
        *(
            "model_name_or_path",
            "template",
            "eval_dataset",
            "output_dir",
            "do_predict",
            "predict_with_generate",
        ),
    ),
    "merge": ("model_name_or_path", "template", "export_dir"),
    "chat": ("model_name_or_path", "template"),
}


def _value(settings: Settings, key: str) -> Any:
    return settings.get(key, DEFAULTS[key])


def _names(value: Any) -> list[str]:
    """The parts of a comma text or a list."""
    parts = value.split(",") if isinstance(value, str) else value or []
    return [str(part).strip() for part in parts]


def _needed(settings: Settings, kind: Kind) -> Iterator[Finding]:
    for key in NEEDED[kind]:
        if key == "template" and _value(settings, "stage") == "pt":
            continue  # plain text has none; elsewhere it would be guessed, and R1's chat template crashes the guess
        if not settings.get(key):
            hint = (
                f"{key}: true" if key.startswith(("do_", "predict_")) else say(f"写上 {key}", f"write {key}")
            )
            yield key, say(f"缺少 {key}", f"{key} is missing"), hint


def _together(settings: Settings, _kind: Kind) -> Iterator[Finding]:
    for stays, goes in EXCLUDE:
        if settings.get(stays) and settings.get(goes):
            problem = say(f"{stays} 和 {goes} 不能同时用", f"{stays} and {goes} exclude each other")
            yield goes, problem, say(f"去掉 {goes}", f"leave {goes} out")
    for key, other, allowed in ONLY_WITH:
        value = _value(settings, other)
        if settings.get(key) and value not in allowed:
            problem = say(f"{other}: {value} 时不能用 {key}", f"{key} does not go with {other}: {value}")
            yield (
                key,
                problem,
                say(f"去掉它，或写 {other}: {allowed[0]}", f"leave it out, or write {other}: {allowed[0]}"),
            )


def _evaluation(settings: Settings, kind: Kind) -> Iterator[Finding]:
    strategy = settings.get("eval_strategy", "no")
    if (
        kind == "train"
        and strategy != "no"
        and not (settings.get("val_size") or settings.get("eval_dataset"))
    ):
        problem = say("要评估却没有评估数据", "it evaluates but has nothing to evaluate on")
        yield "eval_strategy", problem, say("写上 eval_dataset", "write eval_dataset")
    if kind != "train" or settings.get("early_stopping_steps") is None:
        return
    if strategy == "no":
        problem = say("不评估就无法早停", "there is no early stopping without evaluation")
        yield "early_stopping_steps", problem, "eval_strategy: steps"
    if not (settings.get("metric_for_best_model") or settings.get("load_best_model_at_end")):
        problem = say("早停需要一个指标", "early stopping needs a metric")
        yield (
            "early_stopping_steps",
            problem,
            "load_best_model_at_end: true, metric_for_best_model: eval_loss",
        )


def _best_model(settings: Settings, kind: Kind) -> Iterator[Finding]:
    if kind != "train" or not settings.get("load_best_model_at_end"):
        return
    evaluates, saves = settings.get("eval_strategy", "no"), settings.get("save_strategy", "steps")
    if saves not in (evaluates, "best"):
        problem = say(
            f"保存（{saves}）和评估（{evaluates}）要用同一种策略",
            f"it saves by {saves} and evaluates by {evaluates}: both must be the same",
        )
        yield (
            "save_strategy",
            problem,
            f"save_strategy: {evaluates}" if evaluates != "no" else f"eval_strategy: {saves}",
        )
    elif saves == "steps":
        every = settings.get("save_steps", 500)
        at = settings.get("eval_steps") or settings.get("logging_steps", 500)
        if every >= 1 and at >= 1 and every % at:
            problem = say(
                f"save_steps（{every}）不是 eval_steps（{at}）的整数倍",
                f"save_steps ({every}) is no multiple of eval_steps ({at})",
            )
            yield "save_steps", problem, f"save_steps: {int(-(-every // at) * at)}"


def _metric(settings: Settings, kind: Kind) -> Iterator[Finding]:
    metric, names = settings.get("metric_for_best_model"), _names(settings.get("eval_dataset"))
    if kind != "train" or not settings.get("eval_on_each_dataset") or not names:
        return
    if not (metric or settings.get("load_best_model_at_end")):
        return
    plain = str(metric or "loss").removeprefix("eval_")
    if not any(plain.startswith(f"{name}_") for name in names):
        problem = say(
            f"eval_on_each_dataset 会改指标名，没有 {metric or 'eval_loss'}，第一次评估时会中断",
            f"eval_on_each_dataset renames the metrics: without {metric or 'eval_loss'} the first evaluation dies",
        )
        yield "metric_for_best_model", problem, f"metric_for_best_model: eval_{names[0]}_loss"


def _quantization(settings: Settings, kind: Kind) -> Iterator[Finding]:
    key, bits = "quantization_bit", settings.get("quantization_bit")
    if bits is not None and kind == "merge":
        problem = say("不能把 LoRA 合并进量化后的模型", "LoRA cannot be merged into a quantized model")
        yield key, problem, say("去掉 quantization_bit", "leave quantization_bit out")
    if bits not in (None, 4, 8) and settings.get("quantization_method", "bnb") == "bnb":
        yield key, say(f"bnb 没有 {bits} 位", f"bnb has no {bits} bits"), say("写 4 或 8", "write 4 or 8")
    if settings.get("export_quantization_bit") and not settings.get("export_quantization_dataset"):
        problem = say("导出时量化需要校准数据", "quantizing at export needs data to calibrate on")
        yield (
            "export_quantization_bit",
            problem,
            say("写上 export_quantization_dataset", "write export_quantization_dataset"),
        )
    preference = _value(settings, "stage") == "dpo" and _value(settings, "pref_loss") not in ("orpo", "simpo")
    if settings.get("pissa_init") and (preference or _value(settings, "stage") in ("ppo", "kto")):
        problem = say("这个阶段不能用 pissa_init", "pissa_init is not for this stage")
        yield "pissa_init", problem, "pissa_init: false"


def _steps(settings: Settings, kind: Kind) -> Iterator[Finding]:
    if settings.get("warmup_ratio") is not None:
        problem = say(
            "较新的 transformers 拒绝 warmup_ratio", "newer releases of transformers refuse warmup_ratio"
        )
        yield "warmup_ratio", problem, say("改用 warmup_steps（整数）", "write warmup_steps, a whole number")
    if settings.get("logging_dir") is not None:
        problem = say(
            "较新的 transformers 拒绝 logging_dir", "newer releases of transformers refuse logging_dir"
        )
        yield "logging_dir", problem, say("去掉它", "leave it out")
    if kind != "train":
        return
    warmup = settings.get("warmup_steps", 0)
    if warmup != int(warmup):
        problem = say("warmup_steps 要写整数", "warmup_steps must be a whole number")
        yield "warmup_steps", problem, f"warmup_steps: {max(1, round(warmup))}"
    if settings.get("streaming") and settings.get("max_steps", -1) < 1:
        yield "streaming", say("streaming 需要 max_steps", "streaming needs max_steps"), "streaming: false"


def _mixing(settings: Settings, _kind: Kind) -> Iterator[Finding]:
    if _value(settings, "mix_strategy") == "interleave_once":
        problem = say(
            "interleave_once 需要比 LLaMA-Factory 允许的更新的 datasets",
            "interleave_once needs a newer datasets than LLaMA-Factory allows",
        )
        yield "mix_strategy", problem, "mix_strategy: concat"
    chances = _names(settings.get("interleave_probs"))
    for key in ("dataset", "eval_dataset"):
        if chances and settings.get(key) and len(chances) != len(_names(settings[key])):
            problem = say(
                f"interleave_probs 和 {key} 的个数不同", f"interleave_probs and {key} differ in number"
            )
            hint = say("每个数据集写一个概率", "write one probability for each data set")
            yield "interleave_probs", problem, hint


RULES: tuple[Rule, ...] = (
    *(_needed, _together, _evaluation, _best_model, _metric, _quantization, _steps, _mixing),
)
