"""The settings of the training loop, of the evaluation with early stopping, and of what is kept."""

from __future__ import annotations

from functools import partial
from typing import Any

from curate.export.training.plan import Part, Plan
from curate.export.training.schedule import epochs, evaluate_every, number, rate, steps
from curate.export.training.yaml_text import Setting
from curate.language import say


def precision(plan: Plan) -> Setting:
    """bf16 where the card has it."""
    put = partial(Setting, "training")
    if plan.gpu.bf16:
        why = say("显卡支持 bf16，比 fp16 稳", "the card has bf16, which is steadier than fp16")
        return put("bf16", True, why)
    return put("fp16", True, say("这张卡没有 bf16", "this card has no bf16"))


def training(plan: Plan, part: Part, own: dict[str, Any], full: bool) -> list[Setting]:
    put = partial(Setting, "training")
    sizes = plan.sizes(part)
    speed, why_speed = rate(part, full)
    times, why_times = epochs(part)
    epoch, total = steps(plan, part, own)
    cards = say(f" x {plan.gpu.count} 张卡", f" x {plan.gpu.count} cards") if plan.gpu.count > 1 else ""
    together = say(
        f"每次更新 {sizes.batch} x {sizes.accumulation}{cards} = {sizes.effective} 行，一遍约 {epoch} 次",
        f"an update is {sizes.batch} x {sizes.accumulation}{cards} = {sizes.effective} rows; an epoch has some {epoch}",
    )
    pairs = part.stage == "dpo"
    fits = say("显存放得下的", "what the card holds") + (
        say("；一行有两个回答", "; a row is two answers") if pairs else ""
    )
    return [
        put("per_device_train_batch_size", sizes.batch, fits),
        put("gradient_accumulation_steps", sizes.accumulation, together),
        put("learning_rate", speed, why_speed),
        put("lr_scheduler_type", "cosine", say("余弦下降", "falls as a cosine")),
        put(
            "warmup_steps",
            min(500, round(total / 10)),
            say("前一成步数升温，必须是整数", "the first tenth, a whole number"),
        ),
        put("num_train_epochs", times, why_times),
        put("optim", "adamw_torch", say("显存估算按它算", "the one that the estimate counts")),
        precision(plan),
        put("seed", 42, say("可重复", "repeatable")),
    ]


def evaluation(plan: Plan, part: Part, own: dict[str, Any]) -> list[Setting]:
    put = partial(Setting, "evaluation")
    every = number(own, "eval_steps", evaluate_every(plan, part, own))
    kept = [
        put("save_total_limit", 3, say("最多留 3 个，省磁盘", "keeps 3 on the disk")),
        put("save_only_model", False, say("断了能接着训", "a broken run can go on")),
    ]
    if not part.validation:
        no = say("没有验证数据，所以不验证、不早停", "no validation data: no evaluation, no early stopping")
        each = say("每遍保存一次", "once an epoch")
        return [put("", None, no), put("save_strategy", "epoch", each), *kept]
    same = say("和验证同步，最好的那次才留得住", "with the evaluation, so that the best one is there")
    saves = [
        put("save_strategy", "steps", say("按步数保存", "by updates")),
        put("save_steps", every, same),
        *kept,
    ]
    return [
        put("eval_strategy", "steps", say("按步数验证", "by updates")),
        put("eval_steps", every, say("全程约验证十来次", "a dozen evaluations in all")),
        put("per_device_eval_batch_size", plan.sizes(part).batch, say("和训练一样", "as in training")),
        put(
            "eval_on_each_dataset",
            False,
            say(
                "合在一起算；分开算指标会改名，早停就找不到它", "together: apart, the metric has another name"
            ),
        ),
        *saves,
        put("load_best_model_at_end", True, say("最后取最好的那次", "ends with the best one")),
        put("metric_for_best_model", "eval_loss", say("看验证损失", "by the validation loss")),
        put("greater_is_better", False, say("损失越小越好", "a smaller loss is better")),
        put(
            "early_stopping_steps",
            3,
            say("连续 3 次验证没有变好就停", "stops after 3 evaluations without a better one"),
        ),
    ]


def output(part: Part, own: dict[str, Any], plan: Plan) -> list[Setting]:
    put = partial(Setting, "output")
    total = steps(plan, part, own)[1]
    return [
        put("output_dir", f"output/{part.stage}", say("适配器和检查点", "adapter and checkpoints")),
        put(
            "overwrite_output_dir",
            True,
            say(
                "重跑就是重训；否则第二次会接着上次、一步不训就结束。接着训：resume_from_checkpoint=output/…/checkpoint-N",
                "a second run trains anew; without this it would end at once. To go on: resume_from_checkpoint=...",
            ),
        ),
        put("logging_steps", 10 if total >= 100 else 1, say("多少步记一次", "updates between notes")),
        put("plot_loss", True, say("画损失曲线", "draws the loss")),
        put("report_to", "tensorboard", say("tensorboard --logdir output", "tensorboard --logdir output")),
    ]
