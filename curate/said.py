"""What people said by now: the log and the files of a recipe together, for the items that its newest run chose."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from curate.errors import UsageError
from curate.language import say
from curate.messages import did_you_mean
from curate.options import files_of
from curate.recipe import Loaded, shown
from curate.review import Assessment, Interface, Log, Project, assess
from curate.review.filed import Filed, read_filed
from curate.review.log import EVENT
from curate.run import PastRun, open_run, runs_folder


def open_log(workspace: Path) -> Log:
    """The log that all recipes of a workspace share."""
    folder = runs_folder(workspace)
    folder.mkdir(parents=True, exist_ok=True)
    return Log(folder / "review.sqlite")


def filed_of(loaded: Loaded) -> Filed:
    """What the files hold that the recipe names."""
    section = loaded.recipe.review
    return read_filed(
        [file for pattern in section.annotations for file in files_of(loaded.workspace, pattern)]
    )


def annotations_of(loaded: Loaded, project: Project, log: Log, filed: Filed) -> pl.DataFrame:
    """All annotations of a project: the log's, and those of the recipe's files."""
    logged = log.annotations(loaded.recipe.name, project.name)
    own = filed.annotations.get(project.name)
    if own is None:
        return logged
    return pl.concat([logged, own]).unique("annotation_id", keep="first", maintain_order=True)


def events_of(loaded: Loaded, project: Project, log: Log, filed: Filed) -> pl.DataFrame:
    """What was put back and who was excluded, oldest first: by the recipe's files and by the log; each once."""
    logged = log.events(loaded.recipe.name, project.name)
    saved = (
        pl.DataFrame(
            filed.events.get(project.name, []),
            schema={name: EVENT[name] for name in EVENT if name != "event_id"},
        )
        .with_row_index("event_id")
        .with_columns(pl.format("file {}", "event_id").alias("event_id"))
    )
    own = [name for name in EVENT if name != "event_id"]
    return (
        pl.concat([saved.select(*EVENT), logged])
        .unique(own, keep="first", maintain_order=True)
        .sort("at", maintain_order=True)
    )


def population(plan: dict[str, Any]) -> dict[str, int]:
    """Stratum -> how many rows or pairs it stands for."""
    return {line["stratum"]: line.get("pairs", line.get("rows")) for line in plan.get("strata", [])}


def assessed(
    loaded: Loaded, project: Project, items: pl.DataFrame, plan: dict[str, Any], log: Log, filed: Filed
) -> Assessment:
    """What the annotations that there are by now say of these items."""
    return assess(
        project,
        project.page,
        items,
        annotations_of(loaded, project, log, filed),
        events_of(loaded, project, log, filed),
        loaded.recipe.review.experts,
        population(plan),
    )


@dataclass(frozen=True)
class Sampled:
    """A project as the newest run of its recipe left it.

    Attributes:
        items: what that run wants judged.
        assessment: of the annotations that there are by now.
    """

    project: Project
    interface: Interface
    items: pl.DataFrame
    plan: dict[str, Any]
    assessment: Assessment


def sampled(loaded: Loaded, log: Log, name: str | None = None) -> list[Sampled]:
    """The recipe's projects, or the one of that name, that its newest run chose items for.

    Raises:
        UsageError: the recipe has no such project, or no run got that far.
    """
    projects = loaded.recipe.review.projects
    if not projects:
        raise UsageError(
            say("配方里没有 review 的项目", "the recipe has no review project"),
            say(
                "在 review 下写 projects，说明：curate catalogue pairs",
                "add review.projects; see curate catalogue pairs",
            ),
        )
    wanted = [project for project in projects if name in (None, project.name)]
    if not wanted:
        raise UsageError(
            say(f"没有叫 {name} 的审核项目", f"there is no review project {name}"),
            did_you_mean(str(name), [project.name for project in projects]),
        )
    run = newest_run(loaded)
    run.need_rows()
    filed, found = filed_of(loaded), []
    for project in wanted:
        step = next((s for s in run.steps if s.unit == f"items:{project.name}"), None)
        if step is not None:
            items = pl.read_parquet(step.folder / "items.parquet")
            plan = step.metrics["plan"]
            told = assessed(loaded, project, items, plan, log, filed)
            found.append(Sampled(project, project.page, items, plan, told))
    return found


def newest_run(loaded: Loaded) -> PastRun:
    """The newest run of this recipe that got as far as choosing what people should judge.

    Raises:
        UsageError: there is none.
    """
    for file in sorted(runs_folder(loaded.workspace).glob("*/manifest.json"), reverse=True):
        manifest = json.loads(file.read_text(encoding="utf-8"))
        if manifest["name"] == loaded.recipe.name and any(
            step["unit"].startswith("items:") for step in manifest["steps"]
        ):
            return open_run(loaded.workspace, file.parent.name)
    raise UsageError(
        say(
            f"配方 {loaded.recipe.name} 还没有运行到抽出要审核的内容",
            f"no run of {loaded.recipe.name} has chosen what people should judge",
        ),
        say(f"先运行 curate run {shown(loaded.file)}", f"first run curate run {shown(loaded.file)}"),
    )
