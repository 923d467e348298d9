"""How far the review projects are, as the terminal shows it (``curate review status``)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from curate.language import say
from curate.report.grids import columns, drawn
from curate.report.words import count
from curate.review.schema import state_name

#: columns of a terminal that the tables take at the most
WIDTH = 110


def status_text(told: dict[str, Any]) -> str:
    """A project (``review.status.progress``): items and votes, what is open, and a table of its annotators."""
    parts: list[Any] = [_head(told), *_lines(told)]
    if told["annotators"]:
        parts += ["", _people(told["annotators"])]
    return drawn(*parts, width=WIDTH)


def _head(told: dict[str, Any]) -> str:
    share = told["votes"] / told["votes_wanted"] if told["votes_wanted"] else 1.0
    return say(
        f"{told['project']}：{count(told['complete'])} / {count(told['items'])} 条判完（每条 {told['annotators_wanted']} 人，已有 {min(share, 1):.0%} 的判断）",
        f"{told['project']}: {count(told['complete'])} of {count(told['items'])} items judged "
        f"({told['annotators_wanted']} people each; {min(share, 1):.0%} of the votes are there)",
    )


def _lines(told: dict[str, Any]) -> list[str]:
    lines = []
    if told["votes_left"]:
        lines.append(_left(told))
    if told["disputed"] or told["adjudicated"]:
        lines.append(
            say(
                f"  争议待裁决 {count(told['disputed'])} 条，专家已裁决 {count(told['adjudicated'])} 条",
                f"  disputes open: {count(told['disputed'])}; settled by an expert: {count(told['adjudicated'])}",
            )
        )
    if void := {state: number for state, number in told["states"].items() if state != "counted"}:
        listed = say("，", ", ").join(
            f"{state_name(state)} {count(number)}" for state, number in void.items()
        )
        lines.append(say(f"  不计入的标注：{listed}", f"  annotations that do not count: {listed}"))
    lines.append(
        say(f"  标注说明版本 {told['guideline']}", f"  version of page and guideline {told['guideline']}")
    )
    return lines


def _left(told: dict[str, Any]) -> str:
    left, hours = told["votes_left"], told["hours_left"]
    if hours is None:
        return say(f"  还差 {count(left)} 个判断", f"  votes still wanted: {count(left)}")
    return say(
        f"  还差 {count(left)} 个判断，按每条 {told['seconds']:.0f} 秒约需 {hours:.1f} 人时",
        f"  votes still wanted: {count(left)}, at {told['seconds']:.0f} s an item about {hours:.1f} hours of work",
    )


def _people(lines: Sequence[dict[str, Any]]) -> Any:
    grid = columns(
        say("标注员", "annotator"), say("计入", "counted"), say("今天", "today"), say("跳过", "skipped"), say("无效", "invalid"),
        say("其他", "other"), say("秒/条", "s/item"), say("最后一次", "last seen"), right=(1, 2, 3, 4, 5, 6),
    )  # fmt: skip
    for line in lines:
        expert = say("（裁决）", " (expert)") if line["stage"] == "adjudicate" else ""
        seconds = "" if line["seconds"] is None else f"{line['seconds']:.0f}"
        figures = [count(line[name]) for name in ("votes", "today", "skipped", "invalid", "other")]
        grid.add_row(f"{line['annotator']}{expert}", *figures, seconds, _when(line["last_seen"]))
    return grid


def _when(at: str | None) -> str:
    """In the reader's own time."""
    return datetime.fromisoformat(at).astimezone().strftime("%m-%d %H:%M") if at else ""
