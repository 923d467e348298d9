"""Push: the items that people should judge go to Label Studio, each once.

Label Studio imports everything that it is given, so what is there is listed first and only what is missing goes out. A task is
known by the item's outside name, the digest of what it shows and its round. A push that was killed is finished by the next.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import polars as pl

from curate.clients.labelstudio.api import MODEL_VERSION
from curate.errors import CurateError
from curate.language import say
from curate.review.adjudicate import for_adjudication, verdicts_text
from curate.review.interface import Interface
from curate.review.log import Log
from curate.review.project import Project
from curate.review.remote import as_html, gone, mark_of, syncing, title_of
from curate.review.schema import Stage, opaque
from curate.review.server_log import Made, ServerLog

if TYPE_CHECKING:
    from curate.clients.labelstudio.api import Listed, Server
    from curate.review.assess import Assessment

#: Votes that fill a place in Label Studio's queue without counting here: another person must be asked.
VOID = frozenset(
    {"forged", "deleted_user", "no_annotator", "not_an_expert", "invalid", "replaced", "set_aside"}
)
#: (outside name, content, round)
Key = tuple[str, str, int]
#: told with how many tasks went out
OnRows = Callable[[int], None]


@dataclass(frozen=True)
class Pushed:
    """What a push did.

    Attributes:
        created: tasks that went out.
        already: tasks that were there.
        updated_overlap: tasks that now ask for more, or fewer, people.
        obsolete: tasks that nobody needs any more and nobody has judged (their item was changed, put back or left the sample);
            they stay in the annotators' queue.
        deleted: such tasks that were deleted, and second tasks of the same item, which a push leaves that was killed.
        project_id, url: of the project on the server; None and "" where there was nothing to push.
    """

    created: int = 0
    already: int = 0
    updated_overlap: int = 0
    obsolete: int = 0
    deleted: int = 0
    project_id: int | None = None
    url: str = ""


@dataclass(frozen=True)
class _Task:
    """A task as it should be. ``overlap``: how many people Label Studio should hand it to."""

    key: Key
    data: dict[str, Any]
    marks: list[Any] | None
    overlap: int


def push(
    server: Server,
    log: Log,
    recipe: str,
    project: Project,
    interface: Interface,
    items: pl.DataFrame,
    assessment: Assessment,
    stage: Stage = "annotate",
    *,
    again: bool = False,
    prune: bool = False,
    on_rows: OnRows = lambda rows: None,
) -> Pushed:
    """Bring the server's project in line with the items; a second push changes nothing.

    Args:
        items: ``schema.ITEM``.
        assessment: of the annotations by now: from it follow who must be asked once more, and for ``adjudicate`` what is disputed.
        again: make a new project, whatever was made before.
        prune: delete tasks that nobody needs, if nobody has judged them.
        on_rows: told with how many tasks went out.

    Raises:
        CurateError: the server cannot be reached or refuses; the project was deleted there; an item lacks a field of the page.
    """
    adjudicates = stage == "adjudicate"
    page = for_adjudication(interface) if adjudicates else interface
    people = 1 if adjudicates else project.annotators
    shown = disputed_items(interface, items, assessment) if adjudicates else items
    remote = ServerLog(log, recipe, project.name, stage, server.url)
    with syncing(log):
        if shown.is_empty() and remote.made() is None:
            return Pushed()
        title = title_of(recipe, project.name, stage)
        made, fresh = _project(server, remote, Made(0, title, page.version, people), page, again)
        seats = _seats(assessment, stage, remote.annotation_id(made.server_id, ""))
        wanted = _tasks(project, page, shown, seats, people, assessment.rounds)
        remote.name({opaque(project.name, item): item for item in shown["item_id"]})
        return _align(server, made, fresh, wanted, people, prune, on_rows)


def disputed_items(interface: Interface, items: pl.DataFrame, assessment: Assessment) -> pl.DataFrame:
    """The disputed items, with what everybody said as one more field of ``data``."""
    found = items.join(
        assessment.disputed.select("item_id", "content", "verdicts"),
        on=["item_id", "content"],
        maintain_order="left",
    )
    data = [
        json.dumps(
            json.loads(data) | {"verdicts": verdicts_text(interface, json.loads(verdicts))},
            ensure_ascii=False,
        )
        for data, verdicts in found.select("data", "verdicts").iter_rows()
    ]
    return found.drop("verdicts").with_columns(pl.Series("data", data, pl.String))


def _seats(assessment: Assessment, stage: Stage, own: str) -> Counter[str]:
    """Item -> how many people more, or fewer, than usual must be asked: a vote that does not count takes a seat in the server's
    queue, and one that came from elsewhere (a sheet, another server) needs none.
    """
    rounds, seats = assessment.rounds, Counter[str]()
    told = assessment.votes.filter(pl.col("stage") == stage)
    for item, number, state, name in told.select("item_id", "round", "state", "annotation_id").iter_rows():
        if name.startswith(own):
            seats[item] += state in VOID and number == rounds.get(item, 1)
        else:
            seats[item] -= state == "counted"
    return seats


def _tasks(
    project: Project,
    page: Interface,
    items: pl.DataFrame,
    seats: Mapping[str, int],
    people: int,
    rounds: Mapping[str, int],
) -> list[_Task]:
    """The tasks that should be there, in the order in which people should see them."""
    tasks = []
    for item in items.sort("place", "item_id").iter_rows(named=True):
        overlap = people + seats.get(item["item_id"], 0)
        if overlap < 1:
            continue
        key = (opaque(project.name, item["item_id"]), item["content"], rounds.get(item["item_id"], 1))
        data = json.loads(item["data"])
        if missing := [field for field in page.fields if data.get(field) is None]:
            raise CurateError(
                say(
                    f"{project.name} 的条目 {item['item_id']} 没有 {missing[0]}，而标注界面 {page.file.name} 要显示 ${missing[0]}",
                    f"the item {item['item_id']} of {project.name} has no {missing[0]}, but {page.file.name} shows ${missing[0]}",
                ),
                say(f"可用的字段：{'、'.join(data)}", f"its fields are: {', '.join(data)}"),
            )
        data |= dict(zip(("curate_id", "curate_content", "curate_round"), key, strict=True))
        tasks.append(_Task(key, data, json.loads(item["marks"] or "null"), overlap))
    return tasks


def _align(
    server: Server,
    made: Made,
    fresh: bool,
    wanted: Sequence[_Task],
    people: int,
    prune: bool,
    on_rows: OnRows,
) -> Pushed:
    there, doubled = ({}, []) if fresh else _by_key(server.listing(made.server_id))
    missing = [task for task in wanted if task.key not in there]
    created = server.import_tasks(made.server_id, [_outside(task) for task in missing], on_rows)
    if missing and (not fresh or any(task.overlap != people for task in missing)):
        # the server goes on with what a push sent that was killed: some tasks may stand there twice by now
        there, doubled = _by_key(server.listing(made.server_id))
    keys = {task.key for task in wanted}
    unneeded = [task for key, task in there.items() if key not in keys]
    overlaps = _overlaps(wanted, there, [*doubled, *unneeded])
    for number, tasks in sorted(overlaps.items()):
        server.set_overlap(tasks, number)
    twice = [task.task_id for task in doubled if not task.annotations]
    untouched = [task.task_id for task in unneeded if not task.annotations]
    doomed = twice + (untouched if prune else [])
    deleted = server.delete_tasks(doomed) if doomed else 0
    return Pushed(
        created=created,
        already=len(wanted) - len(missing),
        updated_overlap=sum(map(len, overlaps.values())),
        obsolete=0 if prune else len(untouched),
        deleted=deleted,
        project_id=made.server_id,
        url=f"{server.url.rstrip('/')}/projects/{made.server_id}/data",
    )


def _by_key(listing: Sequence[Listed]) -> tuple[dict[Key, Listed], list[Listed]]:
    """(key -> its task, further tasks of the same keys). Of two that ask the same, the one goes on that people have judged more."""
    first: dict[Key, Listed] = {}
    doubled = []
    for task in sorted(listing, key=lambda task: (-task.annotations, task.task_id)):
        key = (task.curate_id, task.content, task.round)
        if key in first:
            doubled.append(task)
        else:
            first[key] = task
    return first, doubled


def _overlaps(
    wanted: Sequence[_Task], there: Mapping[Key, Listed], unneeded: Sequence[Listed]
) -> dict[int, list[int]]:
    """Overlap -> the tasks that do not have it yet. An unneeded task that was begun is closed: nobody is asked any more."""
    changes = defaultdict(list)
    for task in wanted:
        listed = there.get(task.key)
        if listed is not None and listed.overlap != task.overlap:
            changes[task.overlap].append(listed.task_id)
    for listed in unneeded:
        if 0 < listed.annotations < listed.overlap:
            changes[listed.annotations].append(listed.task_id)
    return changes


def _outside(task: _Task) -> dict[str, Any]:
    """A task as Label Studio imports it."""
    if task.marks is None:
        return {"data": task.data}
    return {"data": task.data, "predictions": [{"model_version": MODEL_VERSION, "result": task.marks}]}


def _project(
    server: Server, remote: ServerLog, wanted: Made, page: Interface, again: bool
) -> tuple[Made, bool]:
    """The project on the server, made or changed so that it is as wanted; is it new?"""
    made = None if again else remote.made()
    if made and not server.find_project(made.server_id):
        raise gone(made)
    if made is None:
        mark = mark_of(remote.log, remote.recipe, remote.project, remote.stage, remote.count())
        found = server.find_marked(mark)
        if found is None:
            text = as_html(page.guideline)
            number = server.create_project(wanted.title, page.xml, text, wanted.overlap, mark)
            new = replace(wanted, server_id=number)
            remote.remember(new)
            return new, True
        made = Made(found, "", "", 0)
    now = replace(wanted, server_id=made.server_id)
    if now != made:
        _change(server, made, now, page)
        remote.remember(now)
    return now, False


def _change(server: Server, made: Made, now: Made, page: Interface) -> None:
    """Page, guideline and overlap as they are now."""
    changed: dict[str, Any] = {}
    if now.version != made.version:
        changed |= {"config": page.xml, "instructions": as_html(page.guideline)}
    if now.overlap != made.overlap:
        # this becomes the overlap of all its tasks: _align puts right what should differ
        changed["overlap"] = now.overlap
    if changed:
        server.update_project(made.server_id, **changed)
