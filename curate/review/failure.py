"""Why a gate of agreement fails, in words: the figure, what lies behind it, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from unicodedata import east_asian_width

from curate.language import say
from curate.review.project import Project

#: values up to which the table of confusion is drawn; beyond it the commonest confusions are listed
DRAWN = 4
CONFUSIONS = 5
#: of the most disputed items as many stand on a line
A_LINE = 4
#: a figure of fewer items is blamed on nobody
FEWEST = 10
NAMES = {
    "cohen_kappa": ("Cohen’s kappa", "Cohen's kappa"),
    "fleiss_kappa": ("Fleiss’ kappa", "Fleiss' kappa"),
    "krippendorff_alpha": ("Krippendorff’s alpha", "Krippendorff's alpha"),
    "gwet_ac1": ("Gwet’s AC1", "Gwet's AC1"),
}


def failure(project: Project, told: Mapping[str, Any], recipe: Path) -> tuple[str, str]:
    """(what is wrong, what to do): a page of a terminal; the report has the whole."""
    agreement = told["agreement"]
    lines = [
        say(
            f"一致性不够，要求至少 {project.gate.kappa:.2f}：{statistic_text(agreement)}",
            f"people do not agree; at least {project.gate.kappa:.2f} is asked for: {statistic_text(agreement)}",
        ),
        *paradox_lines(agreement, told),
        *_confusion_lines(told),
        *_worst_lines(told),
        *_disputed_lines(told),
    ]
    return "\n".join(lines), _what_to_do(project, recipe)


def statistic_text(agreement: Mapping[str, Any]) -> str:
    """``Fleiss' kappa 0.62 (95% interval 0.51–0.72), raw agreement 85%, AC1 0.79; 120 items, 3 people, 240 votes``."""
    name = say(*NAMES[agreement["statistic"]])
    value = say("没有定义", "undefined") if agreement["value"] is None else f"{agreement['value']:.2f}"
    if agreement["low"] is not None:
        reach = f"{agreement['low']:.2f}–{agreement['high']:.2f}"
        value += say(f"（95% 区间 {reach}）", f" (95% interval {reach})")
    raw = (
        ""
        if agreement["raw"] is None
        else say(f"，原始一致率 {agreement['raw']:.0%}", f", raw agreement {agreement['raw']:.0%}")
    )
    ac1 = (
        ""
        if agreement["ac1"] is None
        else say(f"，AC1 {agreement['ac1']:.2f}", f", AC1 {agreement['ac1']:.2f}")
    )
    seen = say(
        f"；{agreement['items']} 条，{agreement['annotators']} 人，{agreement['ratings']} 个判断",
        f"; {agreement['items']} items, {agreement['annotators']} people, {agreement['ratings']} votes",
    )
    return f"{name} {value}{raw}{ac1}{seen}"


def paradox_lines(agreement: Mapping[str, Any], told: Mapping[str, Any]) -> list[str]:
    """Why a high agreement gives a low kappa, where it does (Feinstein and Cicchetti 1990)."""
    if not agreement["paradox"]:
        return []
    value, share = max(agreement["prevalence"].items(), key=lambda pair: (pair[1], pair[0]))
    word = value_word(told, value)
    chance = sum(part * part for part in agreement["prevalence"].values())
    return [
        say(
            f"  原始一致率高、kappa 却低，是因为 {share:.0%} 的判断都是“{word}”：照这个比例随便选，两个人也会有 {chance:.0%} 一致，kappa 只看超出这一部分的；",
            f"  the raw agreement is high and kappa low because {share:.0%} of all votes say “{word}”: two people who drew their answers blindly in these proportions would agree on {chance:.0%}, and kappa counts only what goes beyond;",
        ),
        say(
            f"  AC1 {agreement['ac1']:.2f} 不受这个影响。少见的答案上大家仍然意见不一：多抽一些可疑的条目，或在配方里写明 gate: {{statistic: gwet_ac1}} 并说明理由",
            f"  AC1 {agreement['ac1']:.2f} is free of this. On the rare answers people still differ: sample more doubtful items, or declare gate: {{statistic: gwet_ac1}} and say why",
        ),
    ]


def _confusion_lines(told: Mapping[str, Any]) -> list[str]:
    """Pairs of votes on one item: what the one said, what the other."""
    counts = {(one["left"], one["right"]): one["count"] for one in told["confusion"]}
    values = in_order(told, {left for left, _ in counts})
    if not values:
        return []
    if len(values) > DRAWN:
        different = [(count, pair) for pair, count in counts.items() if pair[0] < pair[1] and count]
        worst = sorted(different, key=lambda one: (-one[0], one[1]))[:CONFUSIONS]
        named = [
            f"{value_word(told, pair[0])}–{value_word(told, pair[1])} {count:,}" for count, pair in worst
        ]
        return [say("  最常混淆：", "  confused most: ") + say("、", ", ").join(named)]
    words = [value_word(told, value) for value in values]
    rows = [
        # symmetric: half of it tells all
        [word, *("" if place < row else f"{counts[left, right]:,}" for place, right in enumerate(values))]
        for row, (word, left) in enumerate(zip(words, values, strict=True))
    ]
    unit = say("（字对）", " (pairs of characters)") if told["control"]["tag"] == "Labels" else ""
    title = say(f"  混淆表{unit}：两个人对同一条的判断", f"  confusion{unit}: two votes on one item")
    return [title, *("    " + line for line in _aligned([["", *words], *rows]))]


def _aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Cells in columns, to the right; Han characters take two."""
    widths = [max(_width(row[place]) for row in rows) for place in range(len(rows[0]))]
    return [
        "  ".join(" " * (width - _width(cell)) + cell for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def _width(text: str) -> int:
    return sum(1 + (east_asian_width(mark) in "WF") for mark in text)


def _worst_lines(told: Mapping[str, Any]) -> list[str]:
    """The value and the two people that agree least."""
    lines = []
    values = [one for one in told["per_value"] if one["kappa"] is not None]
    if len(values) > 2:  # of two the one is as bad as the other
        worst = min(values, key=lambda one: (one["kappa"], one["value"]))
        lines.append(
            say(
                f"  分歧最大的答案：{value_word(told, worst['value'])}（kappa {worst['kappa']:.2f}，{worst['ratings']} 个判断）",
                f"  the worst answer: {value_word(told, worst['value'])} (kappa {worst['kappa']:.2f}, {worst['ratings']} votes)",
            )
        )
    pairs = _enough([one for one in told["pairwise"] if one["kappa"] is not None])
    if len(pairs) > 1:
        worst, figures = pairs[0], f"kappa {pairs[0]['kappa']:.2f}"
        lines.append(
            say(
                f"  分歧最大的两人：{worst['a']} 与 {worst['b']}（{figures}，共同 {worst['items']} 条，一致 {worst['raw']:.0%}）",
                f"  the two who differ most: {worst['a']} and {worst['b']} ({figures}, {worst['items']} in common, {worst['raw']:.0%} alike)",
            )
        )
        lines += _odd_one(told)
    return lines


def _odd_one(told: Mapping[str, Any]) -> list[str]:
    """Who agrees least with most of the others, and what they noticed. By the share and not by kappa: the items on which the
    others are of one mind are other ones for everybody, so that their kappas do not compare.
    """
    people = [{**line, "items": line["rest_items"]} for line in told["people"] if line["raw"] is not None]
    worst = min(_enough(people), key=lambda line: (line["raw"], line["annotator"]), default=None)
    if worst is None:
        return []
    shown, caught = worst["control"], worst["control_right"]
    noticed = (
        say(f"；对照题 {shown} 条看出 {caught} 条", f"; noticed {caught} of {shown} control items")
        if shown
        else ""
    )
    return [
        say(
            f"  与其他人最不一致的：{worst['annotator']}（{worst['rest_items']} 条里一致 {worst['raw']:.0%}{noticed}）",
            f"  furthest from the rest: {worst['annotator']} ({worst['raw']:.0%} alike of {worst['rest_items']} items{noticed})",
        )
    ]


def _enough(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that rest on enough items to be blamed; all of them where none does."""
    return [line for line in lines if line["items"] >= FEWEST] or lines


def _disputed_lines(told: Mapping[str, Any]) -> list[str]:
    names = [one["item"] for one in told["most_disputed"]]
    if not names:
        return []
    lines = ["    " + "  ".join(names[start : start + A_LINE]) for start in range(0, len(names), A_LINE)]
    return [say(f"  分歧最大的 {len(names)} 条：", f"  the {len(names)} most disputed items:"), *lines]


def _what_to_do(project: Project, recipe: Path) -> str:
    again = f"curate review requeue {recipe} --project {project.name}"
    reason = say("原因", "REASON")
    return "\n    ".join(
        [
            say("可以这样做：", "what to do:"),
            say(
                f"说明写得不清楚：改 {project.guideline}，再 {again} --disputed --why {reason}，然后 curate review push {recipe}",
                f"the guideline is not clear: revise {project.guideline}, then {again} --disputed --why {reason}, and curate review push {recipe}",
            ),
            say(
                f"有人不认真：{again} --without 邮箱 --why {reason}，再 push，缺的判断由别人补上",
                f"somebody is careless: {again} --without E-MAIL --why {reason}, then push: others make up for the votes",
            ),
            say(
                f"只请专家裁决不能提高一致性：裁决改的是结论，不是大家的判断。全文：curate review report {recipe}",
                f"adjudication alone does not lift agreement: it changes decisions, not what people said. The whole: curate review report {recipe}",
            ),
        ]
    )


def undefined_text(told: Mapping[str, Any]) -> str:
    """Everybody always said the same: no chance to be right by, so kappa is 0/0. Controls tell whether they looked."""
    shown, caught = (sum(line[name] for line in told["people"]) for name in ("control", "control_right"))
    noticed = (
        say(f"；对照题 {shown} 次看出 {caught} 次", f"; of {shown} control items {caught} were noticed")
        if shown
        else say("；也没有对照题可以证明他们认真看了", "; and no control item shows that they looked")
    )
    return say(
        f"所有人始终选了同一个答案，kappa 没有定义，只能放行{noticed}",
        f"everybody always said the same, so kappa is undefined and the gate lets it pass{noticed}",
    )


def in_order(told: Mapping[str, Any], values: Iterable[str]) -> list[str]:
    """Values as the page has them, others behind them."""
    known = list(told["control"]["words"])
    return sorted(values, key=lambda value: (known.index(value) if value in known else len(known), value))


def value_word(told: Mapping[str, Any], value: str) -> str:
    """A value in the words of the page; of a character its labels, where there are several."""
    from curate.algorithms.agreement.spans import OUTSIDE

    words = told["control"]["words"]
    if told["control"]["tag"] != "Labels":
        return str(words.get(value, value))
    return (
        say("未标", "none") if value == OUTSIDE else "+".join(words.get(one, one) for one in value.split("+"))
    )
