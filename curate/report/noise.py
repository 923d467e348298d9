"""How noisy a run's rows are, to be read."""

from __future__ import annotations

from typing import Any

from curate.cache import Step
from curate.language import say
from curate.noise import rule_word
from curate.report.words import count
from curate.run import PastRun


def noise_of(run: PastRun) -> Step | None:
    """The step that measured the noise; None where the recipe has no ``noise``."""
    return next((step for step in run.steps if step.phase == "noise"), None)


def noise_line(metrics: dict[str, Any]) -> str:
    """The estimate in one sentence."""
    rate, rows, flagged = metrics["rate"], count(metrics["rows"]), count(metrics["flagged"])
    if metrics["source"] == "rules":
        return say(
            f"剩下的噪声：{rate:.2%}（规则查了全部 {rows} 行，标出 {flagged} 行；还没有人工判断，规则漏了多少不知道）",
            f"noise left: {rate:.2%} (rules looked at all {rows} rows and flagged {flagged}; nobody has judged a sample, so what rules miss is not known)",
        )
    return say(
        f"剩下的噪声：{rate:.2%}（人工抽样估计，{metrics['confidence']:.0%} 置信区间 {metrics['low']:.2%}–{metrics['high']:.2%}；共 {rows} 行）",
        f"noise left: {rate:.2%} (by a judged sample, {metrics['confidence']:.0%} interval {metrics['low']:.2%} to {metrics['high']:.2%}; of {rows} rows)",
    )


def noise_rules(metrics: dict[str, Any]) -> list[tuple[str, int, str]]:
    """(rule with its word, rows, examples), the commonest first."""
    return [
        (
            say(f"{rule_word(rule)} {rule}", f"{rule} ({rule_word(rule)})"),
            rows,
            "、".join(metrics["examples"][rule]),
        )
        for rule, rows in metrics["rules"].items()
    ]


def noise_next(step: Step) -> str:
    """What people can do to make the estimate a measurement."""
    if step.metrics["source"] != "rules" or not (step.folder / "sample.csv").exists():
        return ""
    return say(
        f"请人判断抽样：{step.folder / 'sample.csv'}，在 noisy 列填 是/否，存成自己的文件，再写进配方 noise 的 verdicts",
        f"have people judge the sample {step.folder / 'sample.csv'}: fill in noisy (yes/no), keep it as a file of your own, name it in noise: verdicts",
    )
