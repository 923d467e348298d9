"""A dry run as text: what each task would ask, what that costs, and some prompts as they would be sent."""

from __future__ import annotations

from decimal import Decimal

from curate.dry_run import Prices
from curate.language import say
from curate.report.words import count, wide

#: A prompt is shown up to so many characters.
SHOWN = 1200


def dry_run_text(prices: Prices) -> str:
    """The table of the tasks, the sum against the budget, and the prompts."""
    head = say("试算：没有发出一个请求", "Dry run: no request was sent")
    if not prices.tasks:
        return head + "\n" + say("这份配方不请大模型", "this recipe asks no model")
    lines = [head + (say(f"。模型 {prices.model}", f". Model {prices.model}") if prices.model else ""), ""]
    names = say(
        "任务,语料,要写,已有回答,还要请求,输入 token,输出 token,估计,最多",
        "task,corpus,slots,answered,requests,input tokens,output tokens,likely,at most",
    )
    rows = [names.split(",")]
    likely, most, requests = Decimal(0), Decimal(0), 0
    for task in prices.tasks:
        found = task.estimate
        if found is None:
            told = say(f"要等 {task.of} 做完才知道", f"known when {task.of} is done")
            rows.append([task.task, task.corpus, told, "", "", "", "", "", ""])
            continue
        likely += found.cost or 0
        most += found.cost_at_most or 0
        requests += found.calls
        rows.append(
            [
                task.task, task.corpus, count(found.slots), count(found.cached), count(found.calls),
                count(found.input_tokens), count(found.output_tokens), _money(found.cost or Decimal(0), prices.currency),
                _money(found.cost_at_most or Decimal(0), prices.currency),
            ]
        )  # fmt: skip
    rows.append(
        [
            say("合计", "in all"),
            "",
            "",
            "",
            count(requests),
            "",
            "",
            _money(likely, prices.currency),
            _money(most, prices.currency),
        ]
    )
    lines += [*_table(rows), ""]
    if prices.judged:
        lines.append(
            say(
                "评审（judge）的请求没有算在内：要等问答写出来",
                "The judge's requests are not in it: they are about pairs that are not written yet",
            )
        )
    if prices.currency is None:
        lines.append(
            say(
                "没有写 price，算不出钱：在 model 下加 price: {input: …, output: …}（每百万 token）",
                "no price is set: add price: {input: …, output: …} a million tokens below model",
            )
        )
    else:
        spent = prices.spent.cost + prices.spent.lost_cost
        lines.append(
            say(
                f"已经花了 {_money(spent, prices.currency)}",
                f"spent so far: {_money(spent, prices.currency)}",
            )
        )
        if prices.money is not None:
            left = prices.money - spent
            enough = (
                say("按最多算也够写这些", "enough for these even at most")
                if most <= left
                else say("估计够写这些，按最多算不够", "likely enough for these, at most not")
                if likely <= left
                else say(
                    "不够：提高 budget 或用 max_slots 少写一些",
                    "not enough: raise the budget, or lower max_slots",
                )
            )
            lines.append(
                say(
                    f"预算还剩 {_money(left, prices.currency)}，{enough}",
                    f"left of the budget: {_money(left, prices.currency)}, {enough}",
                )
            )
    for slot, messages in prices.prompts:
        lines += ["", f"── {slot} " + "─" * max(3, 60 - wide(slot) - len(slot))]
        for role, content in messages:
            more = len(content) - SHOWN
            lines.append(
                f"[{role}] {content[:SHOWN]}"
                + (say(f"……（还有 {more} 字）", f"… ({more} more characters)") if more > 0 else "")
            )
    return "\n".join(lines)


def _money(amount: Decimal, currency: str | None) -> str:
    if currency is None:
        return "-"
    return f"¥{amount:,.2f}" if currency == "CNY" else f"{amount:,.2f} {currency}"


def _table(rows: list[list[str]]) -> list[str]:
    """Rows as aligned columns; the first two are names, the others figures."""
    widths = [max(len(row[place]) + wide(row[place]) for row in rows) for place in range(len(rows[0]))]
    told = []
    for row in rows:
        cells = []
        for place, cell in enumerate(row):
            space = " " * (widths[place] - len(cell) - wide(cell))
            cells.append(
                cell + space
                if place < 2 or (not cell[:1].isdigit() and cell[:1] not in "¥-")
                else space + cell
            )
        told.append("  ".join(cells).rstrip())
    return told
