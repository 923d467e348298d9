"""What LLaMA-Factory would refuse or quietly ignore in a configuration, found before it runs.

Its own parser refuses unknown keys only and checks few values: ``stage: orpo`` and ``quantization_method:
bitsandbytes`` pass, and the second trains without any quantization. ``arguments.json`` lists what the pinned
release accepts; ``list_arguments`` makes it.
"""

from __future__ import annotations

import json
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from typing import Any, Literal

from curate.export.trainer.argument_rules import RULES, Finding, Kind
from curate.language import say

LISTING = Path(__file__).with_name("arguments.json")

#: keys of other trainers and of earlier releases -> the key of this one; "" means leave it out
RENAMED = {
    "evaluation_strategy": "eval_strategy",
    "no_cuda": "use_cpu",
    "save_safetensors": "",
    "group_by_length": "",
    "max_seq_length": "cutoff_len",
    "max_length_tokens": "cutoff_len",
    "lora_r": "lora_rank",
    "lora_target_modules": "lora_target",
    "target_modules": "lora_target",
    "early_stopping_patience": "early_stopping_steps",
    "gradient_checkpoint": "gradient_checkpointing",
    "batch_size": "per_device_train_batch_size",
    "epochs": "num_train_epochs",
    "model": "model_name_or_path",
    "beta": "pref_beta",
}
#: values of other trainers and of earlier releases -> what to write
MEANT = {
    ("stage", "orpo"): "stage: dpo, pref_loss: orpo",
    ("stage", "simpo"): "stage: dpo, pref_loss: simpo",
    ("stage", "pretrain"): "stage: pt",
    ("pref_loss", "dpo"): "pref_loss: sigmoid",
    ("quantization_method", "bitsandbytes"): "quantization_method: bnb",
    ("flash_attn", "flash_attention_2"): "flash_attn: fa2",
    ("template", "deepseek_r1"): "template: deepseekr1",
    ("finetuning_type", "qlora"): "finetuning_type: lora, quantization_bit: 4",
}
#: a comma text or a list: LLaMA-Factory splits the one and takes the other
SPLIT = {
    *("dataset", "eval_dataset", "lora_target", "oft_target", "additional_target", "interleave_probs"),
    *("freeze_trainable_modules", "freeze_extra_modules", "galore_target", "apollo_target"),
}
TYPES: dict[str, type | tuple[type, ...]] = {
    "bool": bool,
    "int": int,
    "float": (int, float),
    "str": str,
    "dict": dict,
    "list": list,
    "null": type(None),
}


@cache
def listing() -> dict[str, Any]:
    """``versions`` and ``keys``; a key has ``class``, ``types``, ``default``, ``train_only`` and maybe ``values``."""
    found: dict[str, Any] = json.loads(LISTING.read_text(encoding="ascii"))
    return found


def template_names() -> list[str]:
    """The templates of the pinned LLaMA-Factory."""
    return list(listing()["keys"]["template"]["values"])


def check_arguments(
    settings: dict[str, Any], kind: Literal["train", "predict", "merge", "chat"]
) -> list[Finding]:
    """What is wrong in a configuration: ``(key, problem, hint)``, keys first in their order, then what clashes.

    ``merge`` is what ``llamafactory-cli export`` reads. Files that it names are not looked at.
    """
    found = [one for key, value in settings.items() if (one := _check_key(key, value, kind))]
    wrong = {key for key, _, _ in found}
    # a clash with a wrong value says nothing new
    sound = {key: value for key, value in settings.items() if key not in wrong}
    return found + [one for rule in RULES for one in rule(sound, kind) if one[0] not in wrong]


def _check_key(key: str, value: Any, kind: Kind) -> Finding | None:
    known = listing()["keys"].get(key)
    if known is None or (known["train_only"] and kind in ("merge", "chat")):
        return _unknown(key, kind, exists=known is not None)
    if value is None and key == "report_to":
        return key, say("report_to 不能为空值", "report_to is null"), "report_to: none"
    if not _fits(key, value, known):
        wanted = " / ".join(name for name in known["types"] if name != "null")
        return (
            key,
            say(f"{key} 的值 {value!r} 类型不对", f"{key} has a value of the wrong type: {value!r}"),
            _meant(key, value, known)
            or say(f"应为 {wanted}，数字不加引号", f"write {wanted}; numbers without quotes"),
        )
    given = value if isinstance(value, list) else [value]
    if "values" in known and value is not None:
        unlisted = [one for one in given if one not in known["values"]]
        if unlisted:
            return (
                key,
                say(f"{key} 没有 {unlisted[0]!r} 这个值", f"{key} has no value {unlisted[0]!r}"),
                _meant(key, unlisted[0], known),
            )
    return None


def _unknown(key: str, kind: Kind, exists: bool) -> Finding:
    problem = say(f"LLaMA-Factory 不认识 {key}", f"LLaMA-Factory does not know {key}")
    if exists:
        return (
            key,
            say(
                f"{key} 只用于训练，{kind} 配置会被拒绝",
                f"{key} is for training only; a {kind} configuration with it is refused",
            ),
            say("去掉它", "leave it out"),
        )
    if key in RENAMED:
        new = RENAMED[key]
        return key, problem, say(f"改用 {new}", f"write {new}") if new else say("去掉它", "leave it out")
    near = get_close_matches(key, listing()["keys"], n=1)
    hint = say(f"是不是 {near[0]}？", f"is it {near[0]}?") if near else say("去掉它", "leave it out")
    return key, problem, hint


def _fits(key: str, value: Any, known: dict[str, Any]) -> bool:
    if key in SPLIT and isinstance(value, list):
        return True
    if value is None:
        # a default of null stands for "not set" even where the type does not say so
        return "null" in known["types"] or known["default"] is None
    if isinstance(value, bool):
        return bool({"bool", "any"} & set(known["types"]))
    return any(name == "any" or isinstance(value, TYPES[name]) for name in known["types"])


def _meant(key: str, value: Any, known: dict[str, Any]) -> str:
    """What was meant by a value, else the values that there are; "" when they are not listed."""
    values = [str(one) for one in known.get("values", ())]
    if not values:
        return ""
    if (key, value) in MEANT:
        return MEANT[(key, value)]
    if value is False and "no" in values:  # YAML reads an unquoted no as false
        return f'{key}: "no"'
    near = get_close_matches(str(value), values, n=3)
    shown = near or values[:12]
    more = "" if near or len(values) <= 12 else " …"
    return say(f"可选：{'、'.join(shown)}{more}", f"one of: {', '.join(shown)}{more}")
