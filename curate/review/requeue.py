"""Put items back, and set annotators aside: what was said stays in the log, and no longer counts.

Each of these is an act of a person, with a reason that the audit log keeps.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Literal

import polars as pl

from curate.errors import UsageError
from curate.language import say
from curate.messages import did_you_mean
from curate.review.log import Log
from curate.review.project import Project
from curate.review.votes import person

if TYPE_CHECKING:
    from curate.review.assess import Assessment

#: unknown ids that are told
MOST_TOLD = 5


def requeue(
    log: Log,
    recipe: str,
    project: Project,
    assessment: Assessment,
    what: Literal["disputed", "all"] | Collection[str],
    by: str,
    why: str,
) -> str:
    """Items are judged anew: the disputed ones, all that anybody has judged, or these. What changes, in words.

    An item that nobody has judged since it was put back stays as it is: it is waiting already.

    Raises:
        UsageError: an id is none of this project's, or nobody says why.
    """
    _reasoned(by, why)
    chosen = _chosen(project, assessment, what)
    judged = _judged(assessment, chosen)
    if not judged:
        return say(
            f"{project.name}：没有要重标的条目（还没有人判断过，或已经退回、正在等人判断）",
            f"{project.name}: nothing to put back (nobody has judged it, or it is waiting already)",
        )
    log.put_back(recipe, project.name, sorted(judged), by, why)
    votes = assessment.votes.filter(pl.col("item_id").is_in(judged) & (pl.col("state") == "counted")).height
    waiting = len(set(chosen)) - len(judged)
    told = say(
        f"{project.name}：{len(judged)} 条退回重标，原来的 {votes} 个判断不再计入",
        f"{project.name}: {len(judged)} item(s) put back; {votes} vote(s) no longer count",
    )
    if waiting:
        told += say(f"；另有 {waiting} 条本来就在等人判断", f"; {waiting} more were waiting already")
    return told


def exclude(
    log: Log, recipe: str, project: Project, assessment: Assessment, annotator: str, by: str, why: str
) -> str:
    """Nothing that this annotator said, or will say, counts. What changes, in words.

    Raises:
        UsageError: nobody of that name has judged anything, or nobody says why.
    """
    _reasoned(by, why)
    name = _known(assessment, annotator)
    if name in assessment.excluded:
        return say(f"{name} 已经排除在外", f"{name} is excluded already")
    log.exclude(recipe, project.name, name, by, why)
    votes = assessment.votes.filter((pl.col("annotator") == name) & (pl.col("state") == "counted"))
    return say(
        f"{project.name}：{name} 的 {votes.height} 个判断不再计入，{votes['item_id'].n_unique()} 条要请别人补判",
        f"{project.name}: {votes.height} vote(s) of {name} no longer count; others must judge "
        f"{votes['item_id'].n_unique()} item(s)",
    )


def include(
    log: Log, recipe: str, project: Project, assessment: Assessment, annotator: str, by: str, why: str
) -> str:
    """What an excluded annotator said counts again. What changes, in words.

    Raises:
        UsageError: nobody says why.
    """
    _reasoned(by, why)
    name = person(annotator)
    out = assessment.excluded
    if name not in out:
        told = say(f"{name} 没有被排除", f"{name} is not excluded")
        return told + (
            say(f"；被排除的有：{'、'.join(out)}", f"; excluded are: {', '.join(out)}") if out else ""
        )
    log.include(recipe, project.name, name, by, why)
    votes = assessment.votes.filter((pl.col("annotator") == name) & (pl.col("state") == "set_aside")).height
    return say(
        f"{project.name}：{name} 的判断重新计入（此前搁置的有 {votes} 个，其中退回重标过的仍不计）",
        f"{project.name}: what {name} said counts again ({votes} vote(s) were set aside; those on items put back still are)",
    )


def _chosen(project: Project, assessment: Assessment, what: str | Collection[str]) -> list[str]:
    if what == "disputed":
        # what the expert has settled was disputed, too
        settled = assessment.decided.filter(pl.col("by").is_in(["expert", "majority", "dropped"]))
        return [*assessment.disputed["item_id"], *settled["item_id"]]
    tables = (assessment.votes, assessment.decided, assessment.disputed, assessment.missing)
    known = {item for table in tables for item in table["item_id"].drop_nulls()}
    if what == "all":
        return sorted(known)
    named = [what] if isinstance(what, str) else list(what)
    if unknown := [item for item in named if item not in known]:
        told = say("、", ", ").join(unknown[:MOST_TOLD])
        raise UsageError(
            say(
                f"{project.name} 没有这 {len(unknown)} 个条目：{told}",
                f"{project.name} has no such item ({len(unknown)}): {told}",
            ),
            did_you_mean(unknown[0], known) if known else "",
        )
    return named


def _judged(assessment: Assessment, chosen: Collection[str]) -> set[str]:
    """Those of them that somebody has judged in the round that they are in."""
    rounds = assessment.rounds
    votes = assessment.votes.filter(pl.col("item_id").is_in(list(chosen)) & (pl.col("state") != "deleted"))
    told = votes.select("item_id", pl.col("round").fill_null(1)).iter_rows()
    return {item for item, number in told if number >= rounds.get(item, 1)}


def _known(assessment: Assessment, annotator: str) -> str:
    name = person(annotator)
    known = assessment.votes["annotator"].drop_nulls().unique().to_list()
    if name not in known:
        raise UsageError(
            say(f"标注员里没有 {annotator}", f"there is no annotator {annotator}"),
            did_you_mean(name, known) if known else say("还没有人标注过", "nobody has judged anything yet"),
        )
    return name


def _reasoned(by: str, why: str) -> None:
    if not by.strip() or not why.strip():
        raise UsageError(
            say("要写明是谁、为什么这样做", "say who does it, and why"),
            say('加上 --why "理由"；它会写进审核日志', 'add --why "reason"; the log keeps it'),
        )
