"""What people found, to be read: for ``curate review report`` and for the HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curate.language import say
from curate.report.grids import drawn
from curate.report.review_sheets import (
    confusion_sheet,
    disputes_of,
    note_lines,
    pairs_sheet,
    people_sheet,
    plan_sheet,
    rates_sheets,
    rubric_sheet,
    score_lines,
    ticked_sheet,
    values_sheet,
)
from curate.report.synthesis_text import Sheet
from curate.report.words import count
from curate.review.failure import paradox_lines, statistic_text

#: columns of a terminal; characters of the bar; disputes that are shown
WIDTH, BAR, SHOWN = 120, 40, 20


def report_text(found: Mapping[str, Any], plan: Mapping[str, Any] | None = None) -> str:
    """A project: whether people agree, on what they don't, and what that says of the data.

    Args:
        found: the findings of an assessment (``curate.review.findings``).
        plan: of the choice of the sample.
    """
    parts: list[list[Any]] = [[head_line(found), *agreement_lines(found)]]
    parts += [sheet.text() for sheet in sheets_of(found, plan or {})]
    lines = [*score_lines(found), *note_lines(found)]
    parts += [lines] if lines else []
    parts += [_dispute_lines(found)] if found["disputes"] else []
    return "\n\n".join(drawn(*part, width=WIDTH) for part in parts)


def head_line(found: Mapping[str, Any]) -> str:
    """What is judged, and how far it is."""
    decided, sample = found["decided"]["items"], found["items"].get("sample", 0)
    told = say(
        f"审核项目 {found['project']}：{count(sample)} 条，已有结论 {count(decided)} 条",
        f"review project {found['project']}: {count(sample)} items, {count(decided)} decided",
    )
    if found["missing"]:
        told += say(f"，{count(found['missing'])} 条没有看够人", f", {count(found['missing'])} lack votes")
    if found["disputed"]:
        told += say(
            f"，{count(found['disputed'])} 条等专家", f", {count(found['disputed'])} wait for an expert"
        )
    return told


def verdict_of(found: Mapping[str, Any]) -> tuple[str, bool | None]:
    """(does the agreement reach what the recipe asks for, in words; the same as a truth value, None where it is undefined)."""
    agreement, limit = found["agreement"], found["gate"]["kappa"]
    if agreement is None or agreement["value"] is None or found["annotators"] == 1:
        return say("一致性无从计算", "agreement cannot be computed"), None
    if agreement["value"] >= limit:
        return say(f"达到要求的 {limit:.2f}", f"reaches the {limit:.2f} that is asked for"), True
    return say(f"没有达到要求的 {limit:.2f}", f"is below the {limit:.2f} that is asked for"), False


def interval_bar(agreement: Mapping[str, Any], limit: float) -> str:
    """Agreement from 0 to 1: ``━`` its interval, ``●`` the figure, ``│`` what is asked for."""
    cells = ["·"] * (BAR + 1)

    def place(figure: float) -> int:
        return round(BAR * min(1.0, max(0.0, figure)))

    if agreement["low"] is not None:
        for cell in range(place(agreement["low"]), place(agreement["high"]) + 1):
            cells[cell] = "━"
    cells[place(limit)] = "│"
    cells[place(agreement["value"])] = "●"
    return "0 " + "".join(cells) + " 1"


def sheets_of(found: Mapping[str, Any], plan: Mapping[str, Any]) -> list[Sheet]:
    """All tables, in the order in which they are read."""
    sheets = [
        confusion_sheet(found),
        values_sheet(found),
        people_sheet(found),
        pairs_sheet(found),
        rubric_sheet(found),
        *rates_sheets(found),
        ticked_sheet(found),
        plan_sheet(plan),
    ]
    return [sheet for sheet in sheets if sheet is not None]


#: what projects count -> how it is said
SETTLED = {
    "accepted": "接受",
    "edited": "修改",
    "rejected": "不要",
    "kept": "好坏如原来",
    "swapped": "好坏对调",
    "tie": "分不出好坏",
    "bad": "都不好",
    "same": "是同一个",
    "different": "不是同一个",
    "unsure": "拿不准",
}


def settled_line(use: str, told: Mapping[str, Any]) -> str:
    """What the decisions of a project of this kind say of the data: a share with its interval, or how many of each."""
    if told.get("rate") is not None:
        share = f"{told['rate']:.2%}" + (
            f"（{told['low']:.2%}–{told['high']:.2%}）" if told.get("high") is not None else ""
        )
        words = {
            "noise_audit": say("人工估计的噪声率", "noise rate by people"),
            "personal_data": say("漏掉个人信息的行", "rows with personal data"),
        }
        return f"  {words.get(use, say('比例', 'share'))} {share}"
    counts = told.get("values", told)
    listed = say("，", ", ").join(
        f"{say(SETTLED.get(value, value), value)} {number}"
        for value, number in counts.items()
        if isinstance(number, int)
    )
    return f"  {listed}" if listed else ""


def review_section(
    several: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]], shown: int = SHOWN
) -> list[dict[str, Any]]:
    """The projects of a run for ``review.html.j2``.

    Args:
        several: (findings, plan) of each project.
        shown: disputes of each.
    """
    return [
        {
            "head": head_line(found),
            "figure": _figure(found),
            "lines": agreement_lines(found, bar=False),
            "good": verdict_of(found)[1],
            "sheets": sheets_of(found, plan),
            "notes": [*score_lines(found), *note_lines(found)],
            "disputes_title": _disputes_title(found, shown),
            "disputes": disputes_of(found, shown),
        }
        for found, plan in several
    ]


def agreement_lines(found: Mapping[str, Any], bar: bool = True) -> list[str]:
    agreement = found["agreement"]
    if agreement is None:
        return [say("还没有判断。", "No votes yet.")]
    if found["annotators"] == 1:
        return [
            say("每条只有一个人看，没有一致性可言。", "One annotator each: there is no agreement to measure.")
        ]
    told = f"{statistic_text(agreement)}{say('；', '; ')}{verdict_of(found)[0]}"
    drawing = bar and agreement["value"] is not None
    lines = [told, *([interval_bar(agreement, found["gate"]["kappa"])] if drawing else [])]
    return lines + [line.strip() for line in paradox_lines(agreement, found)]


def _figure(found: Mapping[str, Any]) -> dict[str, str] | None:
    """Places on a line from 0 to 1, in per cent: the interval, the figure, the limit."""
    agreement = found["agreement"]
    if agreement is None or agreement["value"] is None:
        return None
    low, high = (agreement["value"] if agreement[end] is None else agreement[end] for end in ("low", "high"))
    figures = {
        "low": low,
        "wide": max(0.0, high) - max(0.0, low),
        "value": agreement["value"],
        "limit": found["gate"]["kappa"],
    }
    return {name: f"{100 * min(1.0, max(0.0, figure)):.2f}" for name, figure in figures.items()}


def _disputes_title(found: Mapping[str, Any], shown: int) -> str:
    number = len(found["disputes"])
    title = say(f"争议与裁决（{count(number)} 条", f"Disputes and what was decided ({count(number)}")
    return title + (say(f"，前 {shown} 条）", f", the first {shown})") if number > shown else say("）", ")"))


def _dispute_lines(found: Mapping[str, Any]) -> list[str]:
    lines = [_disputes_title(found, SHOWN)]
    for one in disputes_of(found, SHOWN):
        said = say("；", "; ").join(f"{who} {what}" for who, what in one["said"])
        lines += [f"  {one['item']}  {one['text']}", f"      {said}", f"      → {one['decided']}"]
    return lines
