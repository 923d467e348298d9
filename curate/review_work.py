"""What the commands of ``curate review`` do: they join the recipe, the items of its newest run, the log and the server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from curate.audit import record
from curate.errors import CurateError, UsageError
from curate.files import replacing
from curate.language import say
from curate.policy import need
from curate.recipe import Loaded, load
from curate.review import Interface, Log
from curate.review.adjudicate import for_adjudication
from curate.review.calibration import calibration
from curate.review.prodigy import read_prodigy, write_prodigy
from curate.review.pull import pull as pull_project
from curate.review.push import disputed_items
from curate.review.push import push as push_project
from curate.review.requeue import exclude, include, requeue
from curate.review.schema import Stage
from curate.review.server_export import read_export
from curate.review.server_log import ServerLog
from curate.review.sheets import read_sheet, write_sheet
from curate.review.status import progress
from curate.said import Sampled, open_log, sampled

STAGES: tuple[Stage, ...] = ("annotate", "adjudicate")


@dataclass(frozen=True)
class Told:
    """What a command says of one project."""

    name: str
    stage: Stage
    found: Any
    plan: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {"project": self.name, "stage": self.stage, **self.found}


@contextmanager
def _opened(recipe: Path, project: str | None, act: str = "") -> Iterator[tuple[Loaded, Log, list[Sampled]]]:
    """The recipe, its log and its projects.

    Args:
        act: what the user is about to change; empty where they only look.

    Raises:
        NotAllowed: the user may not.
    """
    loaded = load(recipe)
    if act:
        need(loaded.workspace, "review", f"curate review {act}")
    with open_log(loaded.workspace) as log:
        yield loaded, log, sampled(loaded, log, project)


def _note(loaded: Loaded, action: str, told: list[Told] | int, why: str = "", project: str = "") -> None:
    """What was done stands in the audit log."""
    if isinstance(told, int):
        record(
            loaded.workspace, action, {"recipe": loaded.recipe.name, "project": project, "items": told}, why
        )
        return
    for one in told:
        about = {"recipe": loaded.recipe.name, "project": one.name, "stage": one.stage, **_counts(one.found)}
        record(loaded.workspace, action, about, why)


def _counts(found: Any) -> dict[str, int]:
    """The figures of what a push or pull did."""
    return {name: value for name, value in vars(found).items() if isinstance(value, int)}


@contextmanager
def _server(loaded: Loaded) -> Iterator[Any]:
    """The recipe's Label Studio.

    Raises:
        CurateError: the recipe names none, or it cannot be reached.
    """
    from curate.clients.labelstudio.api import Server

    about = loaded.recipe.review.server
    if about is None:
        raise CurateError(
            say("配方的 review 里没有写 server", "the recipe's review names no server"),
            say(
                "加上 server: {url: …, token_env: …}；没有服务器就用 --to 写成文件、--from 读回来",
                "add server: {url: …, token_env: …}; without one use --to and --from with files",
            ),
        )
    url, token = about.opened()
    with Server(url, token) as server:
        yield server


def push_items(recipe: Path, project: str | None, *, prune: bool, again: bool) -> list[Told]:
    """Send the items of the newest run to the server, and to the experts' project what changed there."""
    with _opened(recipe, project, "push") as (loaded, log, found), _server(loaded) as server:
        told = [
            Told(
                one.project.name,
                "annotate",
                push_project(
                    server, log, loaded.recipe.name, one.project, one.interface, one.items, one.assessment,
                    prune=prune, again=again,
                ),
            )
            for one in found
        ]  # fmt: skip
        _note(loaded, "review.push", told)
        return told


def push_disputes(recipe: Path, project: str | None) -> list[Told]:
    """Send the disputes to the experts' projects; those that are settled since leave them."""
    with _opened(recipe, project, "adjudicate") as (loaded, log, found), _server(loaded) as server:
        told = [
            Told(
                one.project.name,
                "adjudicate",
                push_project(
                    server, log, loaded.recipe.name, one.project, one.interface, one.items, one.assessment,
                    "adjudicate", prune=True,
                ),
            )
            for one in found
        ]  # fmt: skip
        _note(loaded, "review.adjudicate", told)
        return told


def pull_annotations(recipe: Path, project: str | None, *, full: bool) -> list[Told]:
    """Take what is new on the server into the log, of the annotators' projects and of the experts'."""
    told = []
    with _opened(recipe, project, "pull") as (loaded, log, found), _server(loaded) as server:
        for one in found:
            for stage in STAGES:
                if (
                    stage == "annotate"
                    or ServerLog(log, loaded.recipe.name, one.project.name, stage, server.url).made()
                ):
                    pulled = pull_project(
                        server,
                        log,
                        loaded.recipe.name,
                        one.project,
                        one.interface,
                        one.items,
                        stage,
                        full=full,
                    )
                    told.append(Told(one.project.name, stage, pulled))
        _note(loaded, "review.pull", told)
    return told


def write_items(recipe: Path, project: str | None, file: Path) -> int:
    """Write what is still to be judged into a sheet or a Prodigy file; how many items."""
    with _opened(recipe, project, "push") as (loaded, _, found):
        one = _the_one(found)
        left = _left(one)
        _writer(file)(file, left, one.interface, one.project.name, one.assessment.rounds)
        _note(loaded, "review.push", left.height, project=one.project.name)
        return left.height


def _left(one: Sampled) -> pl.DataFrame:
    """The items that too few people have judged."""
    counted = pl.col("state").eq("counted") & pl.col("stage").eq("annotate")
    votes = one.assessment.votes.filter(counted).group_by("item_id").agg(pl.len().alias("votes"))
    told = one.items.join(votes, on="item_id", how="left", maintain_order="left")
    return told.filter(pl.col("votes").fill_null(0) < one.project.annotators).drop("votes")


def write_disputes(recipe: Path, project: str | None, file: Path) -> int:
    """Write the disputes into a sheet for an expert; how many there are."""
    with _opened(recipe, project, "adjudicate") as (loaded, _, found):
        one = _the_one(found)
        items = disputed_items(one.interface, one.items, one.assessment)
        page = for_adjudication(one.interface)
        _writer(file)(file, items, page, one.project.name, one.assessment.rounds)
        _note(loaded, "review.adjudicate", items.height, project=one.project.name)
        return items.height


def read_items(
    recipe: Path, project: str | None, file: Path, annotator: str | None, adjudication: bool
) -> tuple[int, pl.DataFrame]:
    """Take a file that was filled in into the log; (how many annotations are new or changed, all of them)."""
    with _opened(recipe, project, "pull") as (loaded, log, found):
        one = _the_one(found)
        page = for_adjudication(one.interface)
        interface = page if adjudication else one.interface
        if adjudication and annotator is not None and annotator not in loaded.recipe.review.experts:
            raise UsageError(
                say(f"{annotator} 不在配方的 experts 里", f"{annotator} is none of the recipe's experts"),
                say("裁决要由专家来做", "only experts settle disputes"),
            )
        stage: Stage = "adjudicate" if adjudication else "annotate"
        read = _read(file, one.items, interface, one.project.name, annotator, stage)
        # the hidden column of a sheet can be written into: nobody was asked in a round that is still to come
        now = pl.col("item_id").replace_strict(one.assessment.rounds, default=1, return_dtype=pl.Int64)
        read = read.with_columns(pl.min_horizontal("round", now).alias("round"))
        if not adjudication and page.version in set(read["guideline"]):
            raise UsageError(
                say(f"{file} 是给专家裁决的", f"{file} is for an expert to settle disputes"),
                say("加上 --adjudication", "add --adjudication"),
            )
        new = log.add(loaded.recipe.name, one.project.name, read)
        _note(loaded, "review.pull", new, project=one.project.name)
        return new, read


def _the_one(found: list[Sampled]) -> Sampled:
    """Raises:
    UsageError: a file holds one project, and there are several.
    """
    if len(found) > 1:
        names = "、".join(one.project.name for one in found)
        raise UsageError(
            say("一个文件只能是一个项目的", "a file holds one project"),
            say(f"用 --project 指明：{names}", f"name it by --project: {names}"),
        )
    return found[0]


def _writer(file: Path) -> Callable[..., int]:
    if file.suffix == ".jsonl":
        return write_prodigy
    if file.suffix == ".xlsx":
        return write_sheet
    raise UsageError(
        say(f"不会写 {file.suffix} 文件", f"cannot write {file.suffix} files"),
        say("写成 .xlsx（Excel）或 .jsonl（Prodigy）", "write .xlsx (Excel) or .jsonl (Prodigy)"),
    )


def _read(
    file: Path, items: pl.DataFrame, interface: Interface, project: str, annotator: str | None, stage: Stage
) -> pl.DataFrame:
    """``schema.ANNOTATION`` of a file, by what it is; ``annotator`` made all of it, where it is given."""
    if file.suffix in (".xlsx", ".xls", ".csv"):
        if annotator is None:
            raise UsageError(
                say("表格里没有写是谁填的", "a sheet does not say who filled it in"),
                say("加上 --as 邮箱", "add --as E-MAIL"),
            )
        return read_sheet(file, items, interface, project, annotator, stage=stage)
    if file.suffix == ".jsonl":
        read = read_prodigy(file, items, interface, project, stage=stage)
    elif file.suffix == ".json":
        read = read_export(file, items, interface, project, stage=stage)
    else:
        raise UsageError(
            say(f"不会读 {file.suffix} 文件", f"cannot read {file.suffix} files"),
            say(
                "可以读 .xlsx、.csv、.jsonl（Prodigy）、.json（Label Studio）",
                "give .xlsx, .csv, .jsonl (Prodigy) or .json (Label Studio)",
            ),
        )
    if annotator is None:
        return read
    nobody = pl.col("wrong") == "no_annotator"
    return read.with_columns(
        pl.lit(annotator).alias("annotator"),
        (pl.lit(f"{annotator}:") + pl.col("annotation_id")).alias("annotation_id"),
        pl.when(nobody.fill_null(False)).then(None).otherwise("wrong").alias("wrong"),
    )


def progress_of(recipe: Path, project: str | None) -> list[Told]:
    with _opened(recipe, project) as (_, _, found):
        return [
            Told(
                one.project.name, "annotate", progress(one.project, one.interface, one.items, one.assessment)
            )
            for one in found
        ]


def findings_of(recipe: Path, project: str | None) -> list[Told]:
    with _opened(recipe, project) as (_, _, found):
        return [Told(one.project.name, "annotate", one.assessment.findings, one.plan) for one in found]


def put_back(
    recipe: Path,
    project: str | None,
    what: str | list[str],
    without: str | None,
    with_again: str | None,
    by: str,
    why: str,
) -> list[str]:
    """Note what is judged anew or who is left out; what changes, in words."""
    with _opened(recipe, project, "requeue") as (loaded, log, found):
        told, errors = [], []
        for one in found:
            name, about = loaded.recipe.name, one.project
            try:
                if without is not None:
                    told.append(exclude(log, name, about, one.assessment, without, by, why))
                elif with_again is not None:
                    told.append(include(log, name, about, one.assessment, with_again, by, why))
                else:
                    told.append(requeue(log, name, about, one.assessment, what, by, why))
            except UsageError as error:  # none of this project's: perhaps of another
                errors.append(error)
        if not told:
            raise errors[0]
        done = {"recipe": loaded.recipe.name, "project": project, "by": by, "told": told}
        record(loaded.workspace, "review.requeue", done, why)
        return told


def write_calibration(recipe: Path, project: str | None, file: Path) -> int:
    """Write what everybody said otherwise than was decided; how many rows."""
    with _opened(recipe, project) as (_, _, found):
        parts = [
            calibration(one.assessment, one.items, one.interface).insert_column(
                0, pl.lit(one.project.name).alias("project")
            )
            for one in found
        ]
    rows = pl.concat(parts)
    with replacing(file) as temporary:
        rows.write_csv(temporary, include_bom=True)
    return rows.height


def save_annotations(recipe: Path, file: Path) -> int:
    """Write the newest version of all annotations of the recipe's projects, one a line."""
    loaded, count = load(recipe), 0
    with open_log(loaded.workspace) as log, replacing(file) as temporary:
        with temporary.open("w", encoding="utf-8") as out:
            for project in loaded.recipe.review.projects:
                for row in log.annotations(loaded.recipe.name, project.name).iter_rows(named=True):
                    out.write(json.dumps({"project": project.name, **row}, ensure_ascii=False) + "\n")
                    count += 1
                events = log.events(loaded.recipe.name, project.name).drop("event_id")
                for event in events.iter_rows(named=True):
                    out.write(
                        json.dumps({"project": project.name, "event": event}, ensure_ascii=False) + "\n"
                    )
    return count


def serve_labelstudio(
    workspace: Path, accounts: Path | None, port: int, env: Path, tell: Callable[[str], None]
) -> None:
    """Run a Label Studio of this machine until it is interrupted."""
    from curate.clients.labelstudio.serve import serve

    tell(
        say(
            "正在启动 Label Studio（第一次约一分钟）…",
            "starting Label Studio (about a minute the first time) …",
        )
    )

    def ready(url: str, secrets: Path) -> None:
        tell(
            say(
                f"Label Studio 在 {url}（Ctrl-C 停止）\n账号、密码和令牌在 {secrets}，只有你能读\n"
                f"另开一个终端：export LABEL_STUDIO_URL={url}，export LABEL_STUDIO_TOKEN=（文件里 admin 的 token），再 curate review push 配方",
                f"Label Studio is at {url} (Ctrl-C ends it)\nAccounts, passwords and tokens: {secrets}, readable by you alone\n"
                f"In another terminal: export LABEL_STUDIO_URL={url}, export LABEL_STUDIO_TOKEN=(admin's token in that file), then curate review push RECIPE",
            )
        )

    serve(workspace / "runs" / "labelstudio", port, accounts, env, ready)
