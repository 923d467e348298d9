"""A dry run as text: what each task would ask, what that costs, and some prompts as they would be sent."""

from __future__ import annotations

from decimal import Decimal

from curate.dry_run import Priced, Prices
from curate.language import say
from curate.report.grids import columns, drawn
from curate.report.words import count, money, wide

#: A prompt is shown up to so many characters.
SHOWN = 1200


def dry_run_text(prices: Prices) -> str:
    """The table of the tasks, the sum against the budget, and the prompts."""
    head = say("试算：没有发出一个请求", "Dry run: no request was sent")
    if not prices.tasks:
        return head + "\n" + say("这份配方不请大模型", "this recipe asks no model")
    if prices.model:
        head += say(f"。模型 {prices.model}", f". Model {prices.model}")
    return "\n".join([head, "", _table(prices), "", *_sums(prices), *_prompts(prices)])


def _table(prices: Prices) -> str:
    grid = columns(
        say("任务", "task"), say("语料", "corpus"), say("要写", "slots"), say("已有回答", "answered"),
        say("还要请求", "requests"), say("输入 token", "input tokens"), say("输出 token", "output tokens"),
        say("估计", "likely"), say("最多", "at most"), right=tuple(range(2, 9)),
    )  # fmt: skip
    for task in prices.tasks:
        grid.add_row(task.task, task.corpus, *_figures(task, prices.currency))
    known = [task.estimate for task in prices.tasks if task.estimate]
    calls = count(sum(found.calls for found in known))
    sums = (_price(prices.likely, prices.currency), _price(prices.at_most, prices.currency))
    grid.add_row(say("合计", "in all"), "", "", "", calls, "", "", *sums)
    waiting = [
        say(f"{task.task} 要等 {task.of} 做完才知道", f"{task.task}: known when {task.of} is done")
        for task in prices.tasks
        if task.estimate is None
    ]
    return drawn(grid, *waiting)


def _figures(task: Priced, currency: str | None) -> list[str]:
    found = task.estimate
    if found is None:
        return ["?"] * 7
    figures = (found.slots, found.cached, found.calls, found.input_tokens, found.output_tokens)
    return [*map(count, figures), _price(found.cost, currency), _price(found.cost_at_most, currency)]


def _price(amount: Decimal | None, currency: str | None) -> str:
    return "-" if currency is None or amount is None else money(float(amount), currency)


def _sums(prices: Prices) -> list[str]:
    """What is not in the sum, and the sum against what may be spent."""
    lines = []
    if prices.judged:
        lines.append(
            say(
                "评审（judge）的请求没有算在内：要等问答写出来",
                "The judge's requests are not in it: they are about pairs that are not written yet",
            )
        )
    if prices.currency is None:
        hint = say(
            "没有写 price，算不出钱：在 model 下加 price: {input: …, output: …}（每百万 token）",
            "no price is set: add price: {input: …, output: …} a million tokens below model",
        )
        return [*lines, hint]
    spent = prices.spent.cost + prices.spent.lost_cost
    told = _price(spent, prices.currency)
    lines.append(say(f"已经花了 {told}", f"spent so far: {told}"))
    if prices.money is not None:
        left = prices.money - spent
        told = _price(left, prices.currency)
        enough = _enough(prices, left)
        lines.append(say(f"预算还剩 {told}，{enough}", f"left of the budget: {told}, {enough}"))
    return lines


def _enough(prices: Prices, left: Decimal) -> str:
    if prices.at_most <= left:
        return say("按最多算也够写这些", "enough for these even at most")
    if prices.likely <= left:
        return say("估计够写这些，按最多算不够", "likely enough for these, at most not")
    return say(
        "不够：提高 budget 或用 max_slots 少写一些", "not enough: raise the budget, or lower max_slots"
    )


def _prompts(prices: Prices) -> list[str]:
    lines = []
    for slot, messages in prices.prompts:
        lines += ["", f"── {slot} " + "─" * max(3, 60 - wide(slot) - len(slot))]
        for role, content in messages:
            more = len(content) - SHOWN
            rest = say(f"……（还有 {more} 字）", f"… ({more} more characters)") if more > 0 else ""
            lines.append(f"[{role}] {content[:SHOWN]}{rest}")
    return lines
