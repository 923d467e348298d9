"""The gate of review: a run goes on when everything was judged, people agree, and disputes are settled."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from curate.errors import GateFailed, Waiting
from curate.language import say
from curate.review.assess import Assessment
from curate.review.failure import failure, undefined_text
from curate.review.project import Project
from curate.review.schema import state_name

TINY = 1e-9


def passes(project: Project, assessment: Assessment, recipe: Path) -> list[str]:
    """Lets a run go on, with what should be told nevertheless.

    First everything must be judged, then people must agree, then disputes must be settled. In this order, because agreement
    of half a sample says nothing, and an expert should not settle disputes that a better guideline would not have.

    Args:
        recipe: its file, as the commands that are told name it.

    Raises:
        Waiting: items lack votes, or wait for an expert.
        GateFailed: people agree less than the recipe asks for.
    """
    told = assessment.findings
    if assessment.missing.height:
        raise _waits_for_people(project, assessment, recipe)
    if told["agreement"] is None:
        return [_named(project, say("没有可判断的内容", "nothing to judge"))]
    if project.annotators > 1 and _below(project, told["agreement"]):
        problem, hint = failure(project, told, recipe)
        raise GateFailed(_named(project, problem), hint, gate="review")
    if assessment.disputed.height:
        raise _waits_for_expert(project, assessment, recipe)
    return [_named(project, line) for line in warnings(project, told)]


def _below(project: Project, agreement: Mapping[str, Any]) -> bool:
    """Where kappa is undefined everybody always said the same: nothing was confused. A figure that is equal to the limit passes,
    also if floating point makes it a little less.
    """
    return agreement["value"] is not None and agreement["value"] < project.gate.kappa - TINY


def warnings(project: Project, told: Mapping[str, Any]) -> list[str]:
    """What makes the figure less than it seems, where the gate lets it through."""
    agreement, gate = told["agreement"], project.gate
    lines = []
    if project.annotators == 1:
        lines.append(
            say(
                "每条只有一个人看，没有一致性可言，门槛没有检查；建议 annotators: 2",
                "one annotator each: there is no agreement to measure, and the gate was not checked; annotators: 2 is better",
            )
        )
    elif agreement["value"] is None:
        lines.append(undefined_text(told))
    elif agreement["low"] is not None and agreement["low"] < gate.kappa:
        lines.append(
            say(
                f"一致性 {agreement['value']:.2f} 过了 {gate.kappa:.2f}，但区间从 {agreement['low']:.2f} 起，样本再大些才稳",
                f"agreement {agreement['value']:.2f} passes {gate.kappa:.2f}, but its interval begins at {agreement['low']:.2f}: a larger sample would be surer",
            )
        )
    if project.annotators > 1 and agreement["items"] < gate.min_items:
        lines.append(
            say(
                f"只有 {agreement['items']} 条有两个人的判断，不到 {gate.min_items} 条，这个一致性靠不住",
                f"only {agreement['items']} items have two votes, fewer than {gate.min_items}: the figure is not safe",
            )
        )
    if older := told["older_guideline"]:
        lines.append(
            say(
                f"有 {older} 个判断是按以前的界面或标注说明做的，仍然计入；要按新的重看：curate review requeue",
                f"{older} vote(s) were made with an older page or guideline and count all the same; to have them made anew: curate review requeue",
            )
        )
    for one in told["judged_own"]:
        lines.append(
            say(
                f"专家 {one['annotator']} 裁决了自己也标过的 {one['items']} 条",
                f"the expert {one['annotator']} decided on {one['items']} item(s) that they had judged themselves",
            )
        )
    return lines


def _waits_for_people(project: Project, assessment: Assessment, recipe: Path) -> Waiting:
    missing = assessment.missing
    wanted = int((missing["wanted"] - missing["there"]).sum())
    sample = assessment.findings["items"].get("sample", 0)
    who = [line for line in assessment.findings["people"] if line["votes"]]
    told = say("、", ", ").join(f"{line['annotator']} {line['votes']}" for line in who[:6])
    so_far = say(f"；已有：{told}", f"; so far: {told}") if told else ""
    void = {
        name: n for name, n in assessment.findings["states"].items() if name not in ("counted", "skipped")
    }
    if void:
        told = say("、", ", ").join(f"{state_name(name)} {n}" for name, n in void.items())
        so_far += say(f"；不计入的：{told}（原因看 status）", f"; not counted: {told} (see status)")
    return Waiting(
        _named(
            project,
            say(
                f"{sample} 条里还有 {missing.height} 条没有看够 {project.annotators} 个人，缺 {wanted} 个判断{so_far}",
                f"{missing.height} of {sample} items have fewer than {project.annotators} votes, {wanted} are missing{so_far}",
            ),
        ),
        say(
            f"先 curate review push {recipe} 送去标注（没有服务器就加 --to 表.xlsx），标完 curate review pull {recipe} 取回（--from 表.xlsx --as 邮箱），再 curate run {recipe}；进度：curate review status {recipe}",
            f"curate review push {recipe} (without a server: --to sheet.xlsx), let people judge, curate review pull {recipe} (--from sheet.xlsx --as E-MAIL), then curate run {recipe} again; progress: curate review status {recipe}",
        ),
    )


def _waits_for_expert(project: Project, assessment: Assessment, recipe: Path) -> Waiting:
    count = assessment.disputed.height
    return Waiting(
        _named(
            project,
            say(f"有 {count} 条意见不一，等专家裁决", f"{count} item(s) are disputed and wait for an expert"),
        ),
        say(
            f"curate review adjudicate {recipe} 送给专家，裁决后 curate review pull {recipe}，再 curate run {recipe}",
            f"curate review adjudicate {recipe} hands them to the expert; then curate review pull {recipe}, and curate run {recipe} again",
        ),
    )


def _named(project: Project, what: str) -> str:
    return say(f"审核项目 {project.name}：{what}", f"review project {project.name}: {what}")
