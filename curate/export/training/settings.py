"""Every setting of a training, with its reason. Names are LLaMA-Factory 0.9.5's with transformers 5.5."""

from __future__ import annotations

from functools import partial
from typing import Any

from curate.export.training import loop
from curate.export.training.memory import adapter_parameters
from curate.export.training.plan import Part, Plan, Stage, choose
from curate.export.training.yaml_text import Setting
from curate.language import say

__all__ = ["Part", "Plan", "Setting", "Stage", "choose", "enable_thinking", "settings_for"]


def settings_for(
    plan: Plan, part: Part, overrides: dict[str, Any] | None = None, *, model_path: str | None = None
) -> list[Setting]:
    """The settings of one training in the order of the file.

    Args:
        overrides: the recipe's own values; null removes a key. A mapping under a stage's name (``sft: {...}``) is
            for that stage alone.
        model_path: a folder; the model's name on the hub when absent.
    """
    own = own_settings(overrides or {}, part.stage)
    full = own.get("finetuning_type", "lora") == "full"
    settings = [
        *model_settings(plan, model_path),
        *_method(plan, full),
        *_stage(part),
        *_data(plan, part),
        *loop.training(plan, part, own, full),
        *loop.evaluation(plan, part, own),
        *loop.output(part, own, plan),
    ]
    return apply_overrides(settings, own)


def own_settings(overrides: dict[str, Any], stage: str) -> dict[str, Any]:
    """What the recipe sets for this stage: for all, and over it for this one."""
    stages = ("sft", "dpo", "kto", "pt", "evaluate", "merge", "chat")
    common = {key: value for key, value in overrides.items() if key not in stages}
    return common | (overrides.get(stage) or {})


def apply_overrides(settings: list[Setting], own: dict[str, Any]) -> list[Setting]:
    """The recipe's values in the place of ours; null removes; what we do not set comes at the end."""
    why = say("配方指定", "set by the recipe")
    kept = []
    for setting in settings:
        if setting.key not in own:
            kept.append(setting)
        elif own[setting.key] is not None:
            kept.append(Setting(setting.section, setting.key, own[setting.key], why))
    known = {setting.key for setting in settings}
    added = [Setting("recipe", key, value, why) for key, value in own.items() if key not in known]
    return kept + [setting for setting in added if setting.value is not None]


def enable_thinking(plan: Plan, part: Part) -> Setting | None:
    """How the template treats thoughts: by the model and by how many rows have one; None: leave it out."""
    put = partial(Setting, "data")
    if plan.model.thinking == "never" or part.stage == "pt":
        return None
    if part.thoughts == 0:
        why = say(
            "没有一行带思考：空思考放进问题，不参与训练；否则等于教模型不思考",
            "no row has a thought: the empty one goes into the prompt and is not trained",
        )
        return put("enable_thinking", False, why)
    if part.thoughts >= part.rows_train:
        why = say("每行都带思考，思考和回答一起训练", "every row has a thought, and it is trained")
        return put("enable_thinking", True, why)
    why = say(
        f"{part.rows_train:,} 行里 {part.thoughts:,} 行带思考：按每行原样训练，不补空思考",
        f"{part.thoughts:,} of {part.rows_train:,} rows have a thought: each is trained as it is",
    )
    return put("enable_thinking", None, why)


def model_settings(plan: Plan, model_path: str | None) -> list[Setting]:
    """The model; the same in every file."""
    put = partial(Setting, "model")
    own = say("配方指定的文件夹", "the recipe's folder")
    hub = say(
        "模型名，第一次用时下载；已下载的换成它的文件夹",
        "downloaded at first use; put its folder here if you have it",
    )
    return [
        put("model_name_or_path", model_path or plan.model.hub, own if model_path else hub),
        put("trust_remote_code", False, say("不运行模型自带的代码", "run no code of the model's")),
        put(
            "template",
            plan.model.template,
            say(
                f"{plan.model.name} 的聊天模板；换模型时要一起换，写错不会报错",
                f"the chat template of {plan.model.name}; a wrong one gives no error",
            ),
        ),
    ]


def quantization(method: str) -> list[Setting]:
    """The lines that load the weights in 8 or 4 bits; none for 16 bits."""
    put = partial(Setting, "method")
    if method == "lora":
        return []
    bits = 8 if method == "int8" else 4
    return [
        put(
            "quantization_bit",
            bits,
            say(f"权重压成 {bits} 位，放得进显卡", f"{bits}-bit weights, to fit the card"),
        ),
        put(
            "quantization_method",
            "bnb",
            say(
                "bitsandbytes；0.9.5 只认 bnb 这个写法，写错会悄悄不量化",
                "bitsandbytes; any other word silently quantises nothing",
            ),
        ),
    ]


def _method(plan: Plan, full: bool) -> list[Setting]:
    put = partial(Setting, "method")
    if full:
        why = say("全参数微调：计划不建议，显存估算也不适用", "all parameters: the estimate does not hold")
        settings = [put("finetuning_type", "full", why)]
    else:
        trained = adapter_parameters(plan.model, plan.rank, plan.targets)
        share = trained / plan.model.parameters
        settings = [
            put(
                "finetuning_type",
                "lora",
                say(
                    f"只训练 {trained:,} 个参数（{share:.2%}）",
                    f"trains {trained:,} parameters ({share:.2%})",
                ),
            ),
            put("lora_rank", plan.rank, say("计划的 r", "the plan's r")),
            put("lora_alpha", 2 * plan.rank, say("r 的两倍", "twice r")),
            put("lora_dropout", 0.1, say("防过拟合", "against over-fitting")),
            put(
                "lora_target",
                plan.targets,
                say("加在哪些线性层上；all 是全部", "the linear layers it is put on"),
            ),
            *quantization(plan.method),
        ]
    saved = say("重算各层以省显存，慢约三分之一", "recompute layers: less memory, a third slower")
    roomy = say("显存够，不重算更快", "there is room: faster without recomputation")
    settings.append(
        put("disable_gradient_checkpointing", not plan.checkpointing, saved if plan.checkpointing else roomy)
    )
    settings.append(put("flash_attn", "auto", say("有什么用什么", "the best that is installed")))
    if plan.zero:
        shared = (
            say("权重也分到各卡", "shares out the weights as well")
            if plan.zero == 3
            else say("梯度和优化器分到各卡", "shares out gradients and optimizer")
        )
        settings.append(put("deepspeed", f"deepspeed/zero{plan.zero}.json", shared))
        waits = say("多卡等待数据准备不超时", "cards wait for the data's preparation")
        settings.append(put("ddp_timeout", 180000000, waits))
    return settings


def _stage(part: Part) -> list[Setting]:
    put = partial(Setting, "method")
    why = {
        "sft": say("指令微调", "supervised fine-tuning"),
        "dpo": say("偏好训练：好坏回答成对", "preferences: a good and a bad answer each"),
        "kto": say("偏好训练：单个回答标好坏", "preferences: single answers, good or bad"),
        "pt": say("继续预训练：只有正文", "continued pre-training on plain text"),
    }[part.stage]
    settings = [put("stage", part.stage, why), put("do_train", True, say("训练", "train"))]
    if part.stage in ("dpo", "kto"):
        away = say("离原模型多远，越小越远", "how far from the first model; smaller is farther")
        settings.append(put("pref_beta", 0.1, away))
    if part.stage == "dpo":
        settings.append(put("pref_loss", "sigmoid", say("DPO 的损失", "DPO's own loss")))
        chain = say(
            "从基础模型开始；要接在 sft 之后（16 位 LoRA）：bash train.sh dpo adapter_name_or_path=output/sft create_new_adapter=true",
            "starts at the base model; to go on from sft (16-bit LoRA): bash train.sh dpo "
            "adapter_name_or_path=output/sft create_new_adapter=true",
        )
        settings.append(put("", None, chain))
    return settings


def _data(plan: Plan, part: Part) -> list[Setting]:
    put = partial(Setting, "data")
    place = say("从发布文件夹算起，train.sh 会先进入它", "from the release folder, where train.sh goes first")
    workers = 4 if part.rows_train >= 10_000 else 1
    settings = [
        put("dataset_dir", "data", place),
        put("dataset", ",".join(part.train), say(f"{part.rows_train:,} 行", f"{part.rows_train:,} rows")),
    ]
    if part.validation:
        rows = part.rows_validation
        why = say(
            f"{rows:,} 行，我们自己按组切分；不用 val_size，它随机切，相似的行会漏过去",
            f"{rows:,} rows, split by groups; val_size would split at random and leak",
        )
        settings.append(put("eval_dataset", ",".join(part.validation), why))
    longest = (
        say(
            f"最长的一行 {part.longest:,} token，没有一行会被截断",
            f"the longest row has {part.longest:,} tokens: none is cut",
        )
        if part.longest <= plan.cutoff
        else say(
            f"最长的一行 {part.longest:,} token，会被截断",
            f"the longest row has {part.longest:,} tokens and will be cut",
        )
    )
    settings += [
        put("cutoff_len", plan.cutoff, longest),
        put("packing", False, say("一行是一行，不拼接，不丢尾", "rows are not joined, no tail is lost")),
    ]
    thinking = enable_thinking(plan, part)
    return [
        *settings,
        *([thinking] if thinking else []),
        put("overwrite_cache", True, say("不用旧缓存", "no stale cache")),
        put("preprocessing_num_workers", workers, say("处理数据的进程数", "processes for the data")),
    ]
