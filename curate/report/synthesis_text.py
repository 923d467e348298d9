"""Synthesis in words: tables and sentences, which the terminal prints and the HTML page shows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from curate.language import say
from curate.report.grids import columns, drawn
from curate.report.synthesis import Rejected, Synthesis, rejected_examples, synthesis
from curate.report.words import PHASE_NAMES, brief, count, money, reason_name, reason_word
from curate.run import PastRun

#: columns of a terminal that the tables take at the most
WIDTH = 100
#: blocks of the bar
BAR = 40


@dataclass(frozen=True)
class Sheet:
    """A table. The cells behind the first ``left`` columns are numbers."""

    title: str
    heads: list[str]
    left: int
    rows: list[list[str]]

    def text(self) -> list[Any]:
        """The lines for the terminal."""
        grid = columns(*self.heads, right=tuple(range(self.left, len(self.heads))))
        for row in self.rows:
            grid.add_row(*row)
        return [self.title, grid]


def synthesis_text(run: PastRun, corpus: str | None = None) -> list[str]:
    """The section for the terminal, no wider than ``WIDTH``."""
    found = synthesis(run, corpus)
    if found is None:
        return []
    share, left_out = share_of(found), left_out_lines(found)
    hint = say("一条的来历：curate explain 编号", "where one came from: curate explain PAIR_ID")
    parts: list[list[Any]] = [
        tasks_sheet(found).text() if found.tasks else [],
        [*_rejected_sheet(found).text(), hint] if found.rejected else [],
        [*(bill_sheet(found).text() if found.asked else []), *bill_lines(found)],
        shares_sheet(found).text() if found.shares else [],
        [bar(share.share, share.cap), share.told] if share else [],
        left_out,
    ]
    return ["\n" + drawn(*part, width=WIDTH) for part in parts if part]


def tasks_sheet(found: Synthesis) -> Sheet:
    heads = [
        say("任务", "task"), say("语料", "corpus"), say("从", "from"), say("空位", "slots"), say("答了", "answered"),
        say("问答", "pairs"), say("过关", "passed"), say("合并后", "mixed"), say("最后", "last"),
    ]  # fmt: skip
    rows = []
    for line in found.tasks:
        figures = (line.rows, line.slots, line.answered, line.pairs, line.passed, line.mixed, line.last)
        cells = ("" if figure is None else count(figure) for figure in figures)
        rows.append([line.task, line.corpus, *cells])
    return Sheet(say("合成：每个任务的问答", "Synthesis: the pairs of each task"), heads, 2, rows)


def _rejected_sheet(found: Synthesis) -> Sheet:
    heads = [say("阶段", "phase"), say("原因", "reason"), say("条", "pairs"), say("花费", "cost")]
    rows = [
        [PHASE_NAMES[one.phase], reason_name(one.reason), count(one.pairs), _cost(one)]
        for one in found.rejected
    ]
    return Sheet(_why_rejected(), heads, 2, rows)


def _why_rejected() -> str:
    return say("大模型写的问答为什么没有留下", "Why pairs of a model were dropped")


def _cost(one: Rejected) -> str:
    return money(one.cost, one.currency) if one.cost else ""


def bill_sheet(found: Synthesis) -> Sheet:
    heads = [
        say("任务", "task"), say("模型", "model"), say("空位", "slots"), say("已有", "cached"), say("付费", "paid"),
        say("重试", "retried"), say("输入", "input"), say("输出", "output"), say("花费", "cost"),
    ]  # fmt: skip
    names = ("slots", "cached", "paid", "retried", "input_tokens", "output_tokens")
    rows = [
        [
            told["task"],
            told["model"],
            *(count(told[name]) for name in names),
            money(told["cost"], told["currency"]),
        ]
        for told in found.asked
    ]
    title = say("这次运行的账单（输入、输出按 token）", "The bill of this run (input and output in tokens)")
    return Sheet(title, heads, 2, rows)


def shares_sheet(found: Synthesis) -> Sheet:
    """Origins of the training split by pairs, characters and tokens."""
    heads = [say("来源", "origin"), say("条", "pairs"), "%", say("字", "characters"), "%", "token", "%"]
    names = ("rows", "characters", "tokens")
    total = {name: sum(one[name] or 0 for one in found.shares) for name in names}
    rows = []
    for one in found.shares:
        cells = [one["origin"]]
        for name in names:
            cells += [count(one[name] or 0), f"{100 * (one[name] or 0) / max(total[name], 1):.1f}"]
        rows.append(cells)
    return Sheet(say("训练集里各种来源的份额", "Origins of the training set"), heads, 1, rows)


def bill_lines(found: Synthesis) -> list[str]:
    """What all answers cost that this run used, in this run or before, and what a pair cost that passed."""
    lines = []
    for currency, cost in found.paid.items():
        tasks = [line for line in found.tasks if line.slots is not None and line.currency == currency]
        passed = sum(line.passed or 0 for line in tasks)
        each = (
            say(
                f"，过关的每条 {money(cost / passed, currency)}",
                f", {money(cost / passed, currency)} a pair that passed",
            )
            if passed
            else ""
        )
        spent = sum(told["cost"] for told in found.asked if told["currency"] == currency)
        lines.append(
            say(
                f"用到的回答一共 {money(cost, currency)}，其中这次付 {money(spent, currency)}{each}",
                f"all answers in use cost {money(cost, currency)}, {money(spent, currency)} of it in this run{each}",
            )
        )
    return lines


@dataclass(frozen=True)
class Share:
    """What the cap says: the share of the counted origins, the limit, and in words."""

    share: float
    cap: float
    told: str


def share_of(found: Synthesis) -> Share | None:
    """How much of the training set the cap counts; None where no cap was looked at."""
    counted = found.cap.get("counts")
    if not counted or not found.shares:
        return None
    rows = sum(one["rows"] for one in found.shares)
    mine = sum(one["rows"] for one in found.shares if one["origin"] in counted)
    limit = Fraction(found.cap["cap"])
    names, trimmed = " + ".join(counted), found.cap.get("trimmed", 0)
    cut = say(f"，为此去掉 {count(trimmed)} 条", f", {count(trimmed)} were cut for it") if trimmed else ""
    told = say(
        f"{names} 占训练集 {count(mine)}/{count(rows)} = {mine / max(rows, 1):.2%}，上限 {limit} = {float(limit):.2%}{cut}",
        f"{names}: {count(mine)}/{count(rows)} = {mine / max(rows, 1):.2%} of the training set; the cap is {limit} = {float(limit):.2%}{cut}",
    )
    return Share(mine / max(rows, 1), float(limit), told)


def bar(share: float, cap: float) -> str:
    """The share as blocks, with the cap as a line."""
    whole = max(share, cap) * 4 / 3 or 1.0
    full, line = round(BAR * share / whole), round(BAR * cap / whole)
    blocks = ["█" if place < full else "░" for place in range(BAR)]
    return "".join([*blocks[:line], "│", *blocks[line:]])


def left_out_lines(found: Synthesis) -> list[str]:
    """The tasks that were not done because no endpoint is set, and what they would add."""
    lines = []
    for told in found.left_out:
        slots = told.get("slots")
        more = (
            say(
                f"设好后会请模型写 {count(slots)} 处",
                f"with them a model is asked for {count(slots)} answers",
            )
            if slots is not None
            else say("设好后再看要写多少", "with them it will tell how many answers it needs")
        )
        missing = ", ".join(told["missing"])
        lines.append(
            say(
                f"没有做：{told['task']}（{told['corpus']}），没有设置 {missing}；{more}",
                f"left out: {told['task']} ({told['corpus']}), {missing} not set; {more}",
            )
        )
    if lines:
        recipe = "curate run RECIPE --dry-run"
        lines.append(
            say(f"先看要花多少：{recipe.replace('RECIPE', '配方')}", f"what it would cost: {recipe}")
        )
    return lines


def pair_lines(row: dict[str, Any]) -> list[str]:
    """A dropped pair as an example: what it asks, what it answers, what it cost."""
    made = row.get("made") or {}
    paid = money(made["cost"], made["currency"]) if made.get("cost") else ""
    spoken = say("模型的原话：", "the model said: ") if made.get("failure") else say("答：", "answer: ")
    told = [(say("问：", "question: "), brief(row["instruction"])), (spoken, brief(row["output"]))]
    lines = [label + text for label, text in told if text]
    return [*lines[:-1], f"{lines[-1]}  {paid}".rstrip()] if lines else [paid] if paid else []


def synthesis_page(run: PastRun, shown: int) -> dict[str, Any] | None:
    """The section of the HTML page."""
    found = synthesis(run)
    if found is None:
        return None
    share = share_of(found)
    whole = max(share.share, share.cap) * 4 / 3 or 1.0 if share else 1.0
    return {
        "tasks": tasks_sheet(found) if found.tasks else None,
        "bill": bill_sheet(found) if found.asked else None,
        "bill_lines": bill_lines(found),
        "shares": shares_sheet(found) if found.shares else None,
        "share": share,
        "full": f"{100 * share.share / whole:.2f}" if share else "",
        "line": f"{100 * share.cap / whole:.2f}" if share else "",
        "left_out": left_out_lines(found),
        "why": _why_rejected(),
        "rejected": [_group(run, one, shown) for one in found.rejected],
    }


def _group(run: PastRun, one: Rejected, shown: int) -> dict[str, Any]:
    """A reason with its examples, as the page lists it."""
    return {
        "reason": one.reason,
        "word": reason_word(one.reason),
        "rows": one.pairs,
        "where": " · ".join(part for part in (PHASE_NAMES[one.phase], _cost(one)) if part),
        "examples": [
            {"row_id": row["pair_id"], "why": row["detail"] or "", "text": " ".join(pair_lines(row))}
            for row in rejected_examples(run, one, shown)
        ],
    }
