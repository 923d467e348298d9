"""How long, how fast and how often: learning rate, epochs, updates, evaluations."""

from __future__ import annotations

import math
from typing import Any

from curate.export.training.plan import Part, Plan
from curate.language import say

#: rows from which the data steers the model enough for the plan's low rates (1e-5 to 5e-5)
LARGE = 100_000
#: evaluating may take about a tenth of the time: a row costs a third of a trained one (no backward pass)
ROWS_A_STEP = 0.3


def rate(part: Part, full: bool) -> tuple[float, str]:
    if full:
        return 0.00001, say("全参数微调用 1e-5", "1e-5 for all parameters")
    if part.stage in ("dpo", "kto"):
        return 0.000005, say(
            "偏好训练容易过头，LLaMA-Factory 的例子是 5e-6",
            "preferences overshoot: 5e-6 as in the trainer's example",
        )
    if part.rows_train >= LARGE:
        return 0.00005, say(
            "数据多，用计划 1e-5～5e-5 的上限", "much data: the upper end of the plan's 1e-5 to 5e-5"
        )
    return 0.0001, say(
        "LoRA 常用 1e-4（LLaMA-Factory 的例子）；计划的 1e-5～5e-5 是大量数据和全参数用的",
        "the usual rate of LoRA; the plan's 1e-5 to 5e-5 is for much data or all parameters",
    )


def epochs(part: Part) -> tuple[float, str]:
    if part.stage == "pt":
        return 1.0, say("正文看一遍", "the text once")
    if part.stage in ("dpo", "kto"):
        return 1.0, say("偏好看多遍容易过拟合", "preferences over-fit when seen again")
    if part.rows_train >= LARGE:
        return 2.0, say("数据多，两遍", "much data: twice")
    return 3.0, say("三遍；早停会提前结束", "three times; early stopping may end it")


def steps(plan: Plan, part: Part, own: dict[str, Any]) -> tuple[int, int]:
    """(updates of an epoch, updates in all), with what the recipe sets."""
    sizes = plan.sizes(part)
    batch = number(own, "per_device_train_batch_size", sizes.batch)
    accumulation = number(own, "gradient_accumulation_steps", sizes.accumulation)
    epoch = max(1, math.ceil(part.rows_train / (batch * accumulation * plan.gpu.count)))
    most = number(own, "max_steps", 0)
    return epoch, int(most) or max(1, math.ceil(epoch * number(own, "num_train_epochs", epochs(part)[0])))


def number(own: dict[str, Any], key: str, otherwise: float) -> float:
    """The recipe's number, if it is one above 0; what is no number is the trainer's check to refuse."""
    value = own.get(key)
    return value if isinstance(value, int | float) and value > 0 else otherwise


def evaluate_every(plan: Plan, part: Part, own: dict[str, Any]) -> int:
    """Updates between evaluations: some 12 in all, at least one an epoch, not above a tenth of the time."""
    epoch, total = steps(plan, part, own)
    effective = max(1, round(part.rows_train / epoch))
    dear = math.ceil(part.rows_validation / (effective * ROWS_A_STEP))
    wanted = min(max(1, total // 12, dear), max(1, min(epoch, total)))
    return wanted if wanted < 20 else wanted - wanted % (50 if wanted >= 100 else 10)
