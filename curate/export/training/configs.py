"""The files that LLaMA-Factory is started with: one YAML a training, and those for what comes after it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from curate.export.training.deepspeed import zero_config
from curate.export.training.loop import precision
from curate.export.training.memory import METHODS, Method, generation
from curate.export.training.plan import FILL, STAGES, Part, Plan
from curate.export.training.settings import (
    apply_overrides,
    enable_thinking,
    model_settings,
    own_settings,
    quantization,
    settings_for,
)
from curate.export.training.shell import requirements, train_script
from curate.export.training.yaml_text import Setting, yaml_text
from curate.files import write_text
from curate.language import say

#: tokens of an answer: with a thought before it, and without
ANSWER = {True: 4096, False: 1024}


def write_configs(
    folder: Path,
    name: str,
    plan: Plan | Mapping[str, Plan],
    parts: list[Part],
    *,
    model_path: str | None = None,
    overrides: dict[str, Any] | None = None,
    predict: str | None = None,
) -> list[str]:
    """Write all of it into the release folder; returns the names of the files, relative, sorted.

    Args:
        name: the release's name, for the headings.
        plan: one for all stages, or one a stage (then preferences need not make the others smaller).
        parts: one a stage; stages are sorted sft, dpo, kto, pt, and the first is what ``train.sh`` starts.
        model_path: a folder instead of the hub's name.
        overrides: see ``settings_for``; ``evaluate``, ``merge`` and ``chat`` may be keys as well.
        predict: the data set of the questions to be answered; None: no evaluate.yaml.
    """
    parts = sorted(parts, key=lambda part: STAGES.index(part.stage))
    own = overrides or {}
    first = parts[0]
    plans = {part.stage: plan if isinstance(plan, Plan) else plan[part.stage] for part in parts}
    plan = plans[first.stage]
    texts = {
        f"train_{part.stage}.yaml": yaml_text(
            _head(name, plans[part.stage], f"train.sh {part.stage}"),
            settings_for(plans[part.stage], part, own, model_path=model_path),
        )
        for part in parts
    }
    after = {
        "evaluate": _evaluate(plan, first, predict) if predict else [],
        "merge": _merge(plan, first),
        "chat": _chat(plan, first),
    }
    for task, settings in after.items():
        if settings:
            adapter = _adapter(first)
            whole = [*model_settings(plan, model_path), adapter, *settings]
            whole = apply_overrides(whole, own_settings({task: own.get(task)}, task))
            texts[f"{task}.yaml"] = yaml_text(_head(name, plan, f"train.sh {task}"), whole)
    for stage in (2, 3):
        texts[f"deepspeed/zero{stage}.json"] = json.dumps(zero_config(stage), indent=2) + "\n"
    texts["requirements-train.txt"] = requirements(plan.gpu.count > 1)
    stages: list[str] = [part.stage for part in parts]
    texts["train.sh"] = train_script(stages, bool(predict), plan.gpu.count, plan.gpu.count > 1)
    for file, text in texts.items():
        write_text(folder / file, text)
    (folder / "train.sh").chmod(0o755)
    return sorted(texts)


def _head(name: str, plan: Plan, command: str) -> list[str]:
    total = plan.estimate.total
    return [
        say(f"{name}：bash {command}", f"{name}: bash {command}"),
        say(
            "由 curate 生成，LLaMA-Factory 0.9.5。路径从发布文件夹算起，所以请用 train.sh 启动。",
            "Made by curate for LLaMA-Factory 0.9.5. Paths start at the release folder: start it by train.sh.",
        ),
        say(
            f"为 {plan.gpu.label} 选的，训练估计每张卡 {total:.1f} GB（{plan.estimate.conditions}）。",
            f"Chosen for {plan.gpu.label}; training takes some {total:.1f} GB a card ({plan.estimate.conditions}).",
        ),
    ]


def _adapter(part: Part) -> Setting:
    why = say(
        "训练好的适配器；评别的阶段写 adapter_name_or_path=output/dpo 等",
        "the trained adapter; another stage's: adapter_name_or_path=output/dpo and so on",
    )
    return Setting("model", "adapter_name_or_path", f"output/{part.stage}", why)


def answer_tokens(plan: Plan, part: Part) -> int:
    """Tokens that an answer may take: no more than a row of the data has, and room for a thought."""
    return min(plan.cutoff, ANSWER[part.thoughts > 0])


def _generating(plan: Plan, tokens: int) -> tuple[Method, int]:
    """(method, answers at a time) that fit one card: as trained, or smaller where training shared the weights."""
    limit = plan.gpu.memory_gb * FILL
    for method in METHODS[METHODS.index(plan.method) :]:
        for batch in (8, 4, 2, 1):
            if generation(plan.model, method, batch=batch, tokens=tokens) <= limit:
                return method, batch
    return "int4", 1


def _thinking(plan: Plan, part: Part) -> list[Setting]:
    setting = enable_thinking(plan, part)
    return (
        [Setting("generation", setting.key, setting.value, say("和训练一致", "as in training"))]
        if setting
        else []
    )


def _evaluate(plan: Plan, part: Part, predict: str) -> list[Setting]:
    tokens = answer_tokens(plan, part)
    method, batch = _generating(plan, plan.cutoff + tokens)
    data, put, out = (partial(Setting, section) for section in ("data", "generation", "output"))
    greedy = say("每次取最可能的词，结果可重复", "the likeliest word each time: repeatable")
    unused = say("贪心时不用；设成默认值免得警告", "not used when greedy; the default avoids a warning")
    bits = precision(plan)
    return [
        *[Setting("method", each.key, each.value, each.reason) for each in quantization(method)],
        Setting("method", "stage", "sft", say("只有 sft 能生成", "only sft generates")),
        Setting("method", "finetuning_type", "lora", say("适配器是 LoRA", "the adapter is LoRA")),
        Setting("method", "do_predict", True, say("回答测试集的问题", "answers the test questions")),
        data("dataset_dir", "data", say("从发布文件夹算起", "from the release folder")),
        data(
            "eval_dataset",
            predict,
            say("和 eval/tasks.jsonl 同样的行、同样的顺序", "the rows of eval/tasks.jsonl, in order"),
        ),
        data("cutoff_len", plan.cutoff, say("和训练一样", "as in training")),
        data("overwrite_cache", True, say("不用旧缓存", "no stale cache")),
        data("preprocessing_num_workers", 1, say("处理数据的进程数", "processes for the data")),
        put("predict_with_generate", True, say("真的生成回答", "writes real answers")),
        put("max_new_tokens", tokens, say("一个回答最多多少 token", "tokens of an answer at most")),
        put("do_sample", False, greedy),
        put("temperature", 1.0, unused),
        put("top_p", 1.0, unused),
        put("per_device_eval_batch_size", batch, say("一次回答几题", "questions at a time")),
        *_thinking(plan, part),
        Setting("generation", bits.key, bits.value, bits.reason),
        put("seed", 42, say("可重复", "repeatable")),
        out(
            "output_dir",
            "output/predict",
            say("generated_predictions.jsonl 在这里", "generated_predictions.jsonl is here"),
        ),
        out("overwrite_output_dir", True, say("重跑就重写", "a second run writes anew")),
        out("report_to", "none", say("没有曲线可画", "no curves to draw")),
    ]


def _merge(plan: Plan, part: Part) -> list[Setting]:
    put = partial(Setting, "output")
    whole = say(
        "合并到 16 位权重上，不能带 quantization_bit",
        "merges into 16-bit weights; quantization_bit must not be here",
    )
    return [
        Setting("method", "", None, whole),
        Setting("method", "finetuning_type", "lora", say("适配器是 LoRA", "the adapter is LoRA")),
        put("export_dir", "output/merged", say("合并后的完整模型", "the merged model")),
        put("export_size", 5, say("每个文件最多 5 GB", "5 GB a file")),
        put(
            "export_device",
            "cpu",
            say(
                f"在内存里合并，约需 {2 * plan.model.parameters / 1e9:.0f} GB 内存",
                f"in main memory: some {2 * plan.model.parameters / 1e9:.0f} GB",
            ),
        ),
        put("export_legacy_format", False, say("safetensors 格式", "safetensors")),
        *_thinking(plan, part),
    ]


def _chat(plan: Plan, part: Part) -> list[Setting]:
    tokens = answer_tokens(plan, part)
    method, _ = _generating(plan, plan.cutoff + tokens)
    put = partial(Setting, "generation")
    return [
        *quantization(method),
        Setting("method", "finetuning_type", "lora", say("适配器是 LoRA", "the adapter is LoRA")),
        put("infer_backend", "huggingface", say("不用另装推理引擎", "needs no other engine")),
        put("max_new_tokens", tokens, say("一个回答最多多少 token", "tokens of an answer at most")),
        *_thinking(plan, part),
    ]
