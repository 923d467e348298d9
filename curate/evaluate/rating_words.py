"""The result of an online A/B test as text for people."""

from __future__ import annotations

from curate.evaluate.groups import MISMATCH, Effect, Ratings
from curate.language import say


def ratings_text(ratings: Ratings) -> str:
    """The report on an online A/B test."""
    hours = (
        say("没有时间", "no times")
        if ratings.hours is None
        else say(f"{ratings.hours:.1f} 小时", f"{ratings.hours:.1f} hours")
    )
    control = f"{ratings.control}: {ratings.control_users}, {ratings.control_mean:.3f}"
    lines = [
        say(
            f"对照组 {control}（人数，人均评分）；{hours}", f"control {control} (users, mean rating); {hours}"
        )
    ]
    for effect in ratings.effects:
        lines.append(f"{effect.group}: {effect.users}, {effect.mean:.3f}" + _effect_text(effect))
        lines.append("  " + _conclusion(effect, ratings))
    if ratings.skipped:
        lines.append(
            say(
                f"注意：{ratings.skipped} 条评分没有用户或分数，没有计入",
                f"note: {ratings.skipped} ratings without user or value are left out",
            )
        )
    return "\n".join(lines)


def _effect_text(effect: Effect) -> str:
    if effect.p is None or effect.low is None or effect.high is None:
        return ""
    d = "" if effect.d is None else f", d={effect.d:+.2f}"
    return f"; {effect.difference:+.3f} [{effect.low:+.3f}, {effect.high:+.3f}], p={effect.p:.4f}{d}"


def _conclusion(effect: Effect, ratings: Ratings) -> str:
    told = {
        "better": say(
            f"比对照组好（p < {ratings.alpha:g}）", f"better than the control (p < {ratings.alpha:g})"
        ),
        "worse": say(
            f"比对照组差（p < {ratings.alpha:g}）", f"worse than the control (p < {ratings.alpha:g})"
        ),
        "open": say(
            f"看不出差别（p 不小于 {ratings.alpha:g}）",
            f"no difference can be shown (p not under {ratings.alpha:g})",
        ),
        "too_early": say(
            f"还不能下结论：数据不满 {ratings.least_hours:g} 小时",
            f"no conclusion yet: under {ratings.least_hours:g} hours of data",
        ),
        "no_times": say(
            f"不能下结论：没有 time 列，不知道是否满 {ratings.least_hours:g} 小时",
            f"no conclusion: without a time column nobody knows about the {ratings.least_hours:g} hours",
        ),
        "mismatch": say(
            f"不能下结论：各组人数与比例不符（p={ratings.shares_p:.2g} < {MISMATCH}），先查分流和日志",
            f"no conclusion: the groups' sizes do not fit their shares (p={ratings.shares_p:.2g} < {MISMATCH}); look into routing and logging first",
        ),
        "too_few": say("不能下结论：有一组不到 2 人", "no conclusion: a group has fewer than 2 users"),
    }
    return told[effect.verdict]
