"""What a review found, as tables and lines; the terminal prints them and the HTML page shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from curate.language import say
from curate.report.synthesis_text import Sheet
from curate.report.words import brief, count
from curate.review.failure import in_order, value_word

Found = Mapping[str, Any]
#: values of which a table of confusion is drawn; beyond it the commonest confusions are listed
MOST_VALUES = 8
MOST_LINES = 12
#: answers up to which intervals have a place beside their shares
MOST_RANGES = 4
#: the columns of an item by which error rates are told
GROUPS = {
    "origin": ("来源", "origin"),
    "task": ("任务", "task"),
    "corpus": ("语料", "corpus"),
    "prompt": ("提示词或模板", "prompt or template"),
    "source": ("资料", "source"),
}
BY = {
    "agreed": ("意见一致", "agreed"),
    "majority": ("按多数", "majority"),
    "expert": ("专家裁决", "expert"),
    "dropped": ("有争议，不要", "disputed, dropped"),
}


def shown_figure(figure: float | None) -> str:
    return "—" if figure is None else f"{figure:.2f}"


def percent(share: float | None) -> str:
    return "—" if share is None else f"{share:.0%}"


def values_sheet(found: Found) -> Sheet | None:
    """How far people agree on each answer."""
    lines = {one["value"]: one for one in found["per_value"]}
    if len(lines) < 2:
        return None
    heads = [
        say("答案", "answer"), say("判断", "votes"), say("占比", "share"), "kappa", say("一人这么说时别人也这么说", "specific agreement"),
    ]  # fmt: skip
    shares = found["agreement"]["prevalence"]
    rows = [
        [
            value_word(found, value), count(lines[value]["ratings"]), percent(shares.get(value)), shown_figure(lines[value]["kappa"]),
            percent(lines[value]["specific"]),
        ]
        for value in in_order(found, lines)[:MOST_LINES]
    ]  # fmt: skip
    return Sheet(say("每个答案的一致性", "Agreement on each answer"), heads, 1, rows)


def confusion_sheet(found: Found) -> Sheet | None:
    """What stands against what; of many values the commonest confusions."""
    counts = {(one["left"], one["right"]): one["count"] for one in found["confusion"]}
    values = in_order(found, {left for left, _ in counts})
    if len(values) < 2:
        return None
    title = say("混淆表：两个人对同一条的判断（对）", "Confusion: two votes on one item (pairs)")
    if len(values) <= MOST_VALUES:
        rows = [
            [
                value_word(found, left),
                # a disagreement has no first and second: the table is symmetric, and half of it tells all
                *("" if place < row else count(counts[left, right]) for place, right in enumerate(values)),
            ]
            for row, left in enumerate(values)
        ]
        return Sheet(title, ["", *(value_word(found, value) for value in values)], 1, rows)
    different = [(number, *pair) for pair, number in counts.items() if pair[0] < pair[1] and number]
    worst = sorted(different, key=lambda one: (-one[0], one[1:]))[:MOST_LINES]
    rows = [
        [value_word(found, left), value_word(found, right), count(number)] for number, left, right in worst
    ]
    return Sheet(title, [say("一个人", "one"), say("另一个人", "the other"), say("对", "pairs")], 2, rows)


def people_sheet(found: Found) -> Sheet | None:
    heads = [
        say("标注员", "annotator"), say("判断", "votes"), say("与其他人一致", "like the rest"), "kappa",
        say("专家同意", "expert agrees"), say("对照题看出", "controls noticed"), say("标准题答对", "gold right"), say("秒/条", "s each"), say("小时", "hours"),
        say("不计入", "not counted"),
    ]  # fmt: skip
    rows = [
        [
            one["annotator"], count(one["votes"]), percent(one["raw"]), shown_figure(one["kappa"]),
            _of(one["expert_right"], one["expert"]), _of(one["control_right"], one["control"]), _of(one["gold_right"], one["gold"]),
            "—" if one["seconds"] is None else count(one["seconds"]), f"{one['hours']:.1f}",
            count(sum(number for state, number in one["states"].items() if state != "counted")),
        ]
        for one in found["people"]
    ]  # fmt: skip
    return Sheet(say("标注员", "Annotators"), heads, 1, rows) if rows else None


def pairs_sheet(found: Found) -> Sheet | None:
    """Pairs of annotators, those who differ most first; of spans with F1."""
    if len(found["pairwise"]) < 2 and not found["spans"]:
        return None
    f1 = {(one["a"], one["b"]): one for one in found["spans"] or []}
    heads = [say("标注员", "annotator"), "", say("共同", "in common"), say("一致", "alike"), "kappa"]
    heads += [say("F1（完全相同）", "F1 (exact)"), say("F1（有重叠）", "F1 (overlap)")] if f1 else []
    rows = []
    for one in found["pairwise"][:MOST_LINES]:
        row = [one["a"], one["b"], count(one["items"]), percent(one["raw"]), shown_figure(one["kappa"])]
        spans = f1.get((one["a"], one["b"]), {})
        rows.append(
            row + ([shown_figure(spans.get("exact")), shown_figure(spans.get("relaxed"))] if f1 else [])
        )
    return Sheet(say("两两之间", "Pairs of annotators"), heads, 2, rows)


def rubric_sheet(found: Found) -> Sheet | None:
    heads = [
        say("评分项", "rubric"),
        say("打分", "marks"),
        say("平均", "mean"),
        "alpha",
        say("加权 kappa", "weighted kappa"),
    ]
    rows = [
        [
            one["control"],
            count(one["marks"]),
            f"{one['mean']:.2f}",
            shown_figure(one["alpha"]),
            shown_figure(one["weighted_kappa"]),
        ]
        for one in found["marks"]
    ]
    return (
        Sheet(say("评分的一致性（有序）", "Agreement on the marks (ordinal)"), heads, 1, rows)
        if rows
        else None
    )


def ticked_sheet(found: Found) -> Sheet | None:
    """The reasons that were given."""
    rows = [[word, count(number)] for told in found["ticked"].values() for word, number in told.items()]
    title = say("勾选的理由（已有结论的）", "Reasons that were ticked (of what is decided)")
    return Sheet(title, [say("理由", "reason"), say("条", "items")], 1, rows[:MOST_LINES]) if rows else None


def rates_sheets(found: Found) -> list[Sheet]:
    """The shares of the answers by where things come from, with their intervals."""
    rates = found["rates"]
    if not rates or not rates["all"]:
        return []
    names = {"": say("合计", "all"), **{group: say(*words) for group, words in GROUPS.items()}}
    whole = len(rates["values"]) <= MOST_RANGES
    reach = say("（95% 区间）", " (95% interval)") if whole else ""
    sheets = []
    for group, lines in {"": rates["all"], **rates["groups"]}.items():
        if not lines or (len(lines) == 1 and group):
            continue
        heads = [names[group], say("条", "items"), *(value_word(found, value) for value in rates["values"])]
        rows = [
            [str(line["group"]) or names[""], count(line["items"]), *(_range(line["shares"][value], whole) for value in rates["values"])]
            for line in lines[:MOST_LINES]
        ]  # fmt: skip
        title = say(f"结论的比例{reach}：{names[group]}", f"Shares of decisions{reach}: {names[group]}")
        sheets.append(Sheet(title, heads, 1, rows))
    return sheets


def score_lines(found: Found) -> list[str]:
    """How well the judge and the gates foretell what people accept."""
    lines = []
    for key, name in (
        ("judge", say("评审的分", "the judge's score")),
        ("score", say("过关的分", "the gates' score")),
    ):
        told = found[key]
        if told and told["auc"] is not None:
            reach = f"{told['low']:.2f}–{told['high']:.2f}"
            lines.append(
                say(
                    f"{name}与人：随便取一条接受的和一条没接受的，前者分更高的机会是 {told['auc']:.2f}（95% 区间 {reach}，0.5 等于瞎猜；只看过了关的 {count(told['items'])} 条）",
                    f"{name} and people: of an accepted and another pair, the accepted one has the higher score in {told['auc']:.2f} of all cases (95% interval {reach}; 0.5 is guessing; of the {count(told['items'])} that passed the gates)",
                )
            )
    return lines


def note_lines(found: Found) -> list[str]:
    """What else should be known of the figures and of annotators."""
    lines = []
    if found["rates"] and (open_ones := found["missing"] + found["disputed"]):
        lines.append(
            say(
                f"还有 {count(open_ones)} 条没有结论，上面的比例还会变",
                f"{count(open_ones)} items are not decided yet: the shares above will change",
            )
        )
    for one in found["drift"]:
        lines.append(
            say(
                f"{one['annotator']} 后来与其他人的一致从 {one['first']:.0%} 降到 {one['last']:.0%}（p = {one['p']:.4f}），请谈一谈",
                f"{one['annotator']} came to agree less with the rest: {one['first']:.0%} at first, {one['last']:.0%} now (p = {one['p']:.4f}); have a talk",
            )
        )
    for one in found["anchored"]:
        lines.append(
            say(
                f"{one['annotator']}：预先标出的 {count(one['shown'])} 处原样留下 {count(one['kept'])} 处，自己标了 {count(one['own'])} 处",
                f"{one['annotator']}: of {count(one['shown'])} marks shown beforehand {count(one['kept'])} were left as they were; {count(one['own'])} of their own",
            )
        )
    for one in found["judged_own"]:
        lines.append(
            say(
                f"专家 {one['annotator']} 裁决了自己也标过的 {one['items']} 条",
                f"the expert {one['annotator']} decided on {one['items']} item(s) that they had judged themselves",
            )
        )
    return lines


def plan_sheet(plan: Found) -> Sheet | None:
    """Of each origin: how many there are, how many were drawn, how many the wanted margin needs."""
    if not plan.get("origins"):
        return None
    heads = [
        say("来源", "origin"), say("条", "pairs"), say("抽样比例", "share"), say("抽了", "drawn"),
        say(f"±{plan['margin']:.0%} 需要", f"needed for ±{plan['margin']:.0%}"), say("够吗", "enough"),
    ]  # fmt: skip
    enough = {True: say("够", "yes"), False: say("不够", "no"), None: "—"}
    rows = [
        [
            one["origin"],
            count(one["pairs"]),
            one["share"],
            count(one["drawn"]),
            count(one["needed"]),
            enough[one["enough"]],
        ]
        for one in plan["origins"]
    ]
    return Sheet(say("抽样", "The sample"), heads, 1, rows)


def disputes_of(found: Found, most: int) -> list[dict[str, Any]]:
    """Disputed items with what each person said, side by side, and what was decided: item, text, said, decided, open."""
    return [
        {
            "item": one["item_id"],
            "text": brief(one["text"]),
            "said": [(vote["annotator"], _said(found, vote)) for vote in one["said"]],
            "decided": _decided(found, one),
            "open": one["by"] is None,
        }
        for one in found["disputes"][:most]
    ]


def _said(found: Found, vote: Found) -> str:
    more = brief(vote["more"])
    return _answer(found, vote["value"]) + (say(f"（{more}）", f" ({more})") if more else "")


def _decided(found: Found, one: Found) -> str:
    if one["by"] is None:
        return say("等专家裁决", "waits for an expert")
    told = say(*BY[one["by"]])
    if one["value"] is not None:
        told += say("：", ": ") + _answer(found, one["value"])
    why = [one["decider"] or "", brief(one["reason"])]
    more = say("，", ", ").join(part for part in why if part)
    return told + (say(f"（{more}）", f" ({more})") if more else "")


def _answer(found: Found, value: str) -> str:
    """Of marks their JSON, cut short: the text is beside it."""
    return brief(value) if found["control"]["tag"] == "Labels" else value_word(found, value)


def _of(right: int, number: int) -> str:
    return f"{right}/{number}" if number else "—"


def _range(share: Sequence[float], whole: bool) -> str:
    return f"{share[0]:.1%}" + (f" ({share[1]:.0%}–{share[2]:.0%})" if whole else "")
