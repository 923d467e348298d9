"""What review asks of a Label Studio server, by its SDK and, where that has no call for it, by the SDK's own HTTP client.

Its documentation is silent on most of what the docstrings here say: measured on 1.23.2.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Self

from curate.clients.labelstudio import failures
from curate.clients.labelstudio.connection import PAGE, Connection
from curate.errors import CurateError
from curate.language import say

#: who made the marks that annotators see beforehand
MODEL_VERSION = "curate"
#: what is read of a task. The server applies the list to the annotations in it as well: a field that is not named here is
#: silently missing from them
_CHANGED = (
    "id,data,annotations,updated_at,completed_by,updated_by,result,was_cancelled,ground_truth,created_at,lead_time,"
    "parent_prediction,unique_id"
)
_LISTED = "id,data,overlap,total_annotations,cancelled_annotations"
_ANNOTATION = (
    "id", "completed_by", "updated_by", "result", "was_cancelled", "ground_truth", "created_at", "updated_at",
    "lead_time", "parent_prediction", "unique_id",
)  # fmt: skip


@dataclass(frozen=True)
class Listed:
    """A task of ours. ``overlap``: to how many people the server hands it. ``annotations``: what is there, skipped ones too."""

    task_id: int
    curate_id: str
    content: str
    round: int
    overlap: int
    annotations: int

    @property
    def key(self) -> tuple[str, str, int]:
        return self.curate_id, self.content, self.round


class Server:
    """A Label Studio server, as the account of a token may use it; a context manager.

    Args:
        url: ``http://127.0.0.1:8080``; also below a path.
        token: a personal access token (exchanged and renewed by the SDK) or, where the server allows it, a legacy one.
        tries: how often reading is tried when the server breaks or the connection does; writing is never repeated blindly.

    Raises:
        CurateError: every method, when the server cannot be reached, refuses, or is no Label Studio. Neither the token nor
            the server's words are in its text.
    """

    #: seconds before looking what came of an import without an answer: the server may still be at it
    pause = 3.0

    def __init__(self, url: str, token: str, tries: int = 3) -> None:
        self._to = Connection(url, token, tries)
        self.url = self._to.url
        #: task -> its project, of the tasks that were listed
        self._listed: dict[int, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._to.close()

    def version(self) -> str:
        """Of the server: ``1.23.2``."""
        what = say("查版本", "its version")
        said = self._to.get(what, "api/version", "label-studio-os-package")
        return str(said["label-studio-os-package"]["version"])

    def users(self) -> dict[int, str]:
        """Number -> e-mail, in lower case, of everybody in the organisation. Who was deleted is not there any more."""
        found = self._to.ask(say("列出用户", "list the users"), self._to.sdk.users.list)
        return {user.id: str(user.email).lower() for user in found}

    def whoami(self) -> str:
        """The e-mail of the token's account."""
        return str(
            self._to.ask(say("查当前用户", "whose token it is"), self._to.sdk.users.whoami).email
        ).lower()

    def find_project(self, project: int) -> bool:
        """Is it there?"""
        return self._to.found(_of(project), f"api/projects/{project}/")

    def find_marked(self, mark: str) -> int | None:
        """The project whose description holds this mark; the oldest of several. Titles need not be unique on a server."""
        what, found, page = say("查找项目", "find the project"), [], 0
        more = True
        while more:
            page += 1
            answer = self._to.get(
                what, "api/projects/", "results", "next", include="id,description", page=page, page_size=PAGE
            )
            found += [one["id"] for one in answer["results"] if mark in (one["description"] or "").split()]
            more = bool(answer["next"])
        return min(found, default=None)

    def create_project(
        self, title: str, config: str, instructions_html: str, overlap: int, mark: str = ""
    ) -> int:
        """Make a project and give its number. Tasks are handed out in their order, each to ``overlap`` different people; what
        somebody skips goes to others; the guideline is shown before the first task.

        Args:
            title: at most 50 characters are kept, which is all that the server takes.
            mark: kept in the description, for ``find_marked``.
        """
        what = say(f"新建项目 {title}", f"make the project {title}")
        body = {
            "title": title[:50],
            "description": mark,
            "label_config": config,
            "expert_instruction": instructions_html,
            "show_instruction": True,
            "maximum_annotations": overlap,
            "sampling": "Sequential sampling",
            "skip_queue": "REQUEUE_FOR_OTHERS",
            "show_skip_button": True,
        }
        answer = self._to.send(what, "POST", "api/projects/", body, fine=400)
        if answer.status_code == 400:
            raise CurateError(
                say(
                    f"Label Studio 不接受项目 {title} 的标注界面或标题",
                    f"Label Studio refuses the interface or the title of the project {title}",
                ),
                say(
                    "标题 3 到 50 个字；用 curate check 检查界面",
                    "a title has 3 to 50 characters; curate check looks at the interface",
                ),
            )
        return int(self._to.ask(what, lambda: answer.json()["id"]))

    def update_project(
        self,
        project: int,
        config: str | None = None,
        instructions: str | None = None,
        overlap: int | None = None,
    ) -> None:
        """Change what is given. A new ``overlap`` becomes that of all tasks, also of those that had another one.

        Raises:
            CurateError: the interface cannot be changed any more: a control that annotations use has gone or was renamed. (A
                choice that is in use may vanish without a word.)
        """
        changes = {"label_config": config, "expert_instruction": instructions, "maximum_annotations": overlap}
        given = {name: value for name, value in changes.items() if value is not None}
        answer = self._to.send(_of(project), "PATCH", f"api/projects/{project}/", given, fine=400)
        if answer.status_code == 400:
            raise CurateError(
                say(
                    f"Label Studio 不接受项目 {project} 的新标注界面或设置",
                    f"Label Studio refuses the new interface or settings of the project {project}",
                ),
                say(
                    "已用过的控件不能改名或删除：恢复原来的名字，或新建一个项目（curate review push --again）",
                    "a control in use can neither be renamed nor removed: restore its name, or make a new project (curate review push --again)",
                ),
            )

    def listing(self, project: int) -> list[Listed]:
        """Our tasks of a project, by number; those that somebody else put there have no ``curate_id`` and are left out. 10,000
        take 4 to 6 s.
        """
        pages = self._to.pages(_of(project), project, {"include": _LISTED}, [])
        found = [listed for task in pages if (listed := _listed(task)) is not None]
        self._listed |= {task.task_id: project for task in found}
        return found

    def import_tasks(
        self,
        project: int,
        tasks: Sequence[Mapping[str, Any]],
        on_rows: Callable[[int], None] = lambda rows: None,
    ) -> int:
        """Add tasks in this order, 1,000 a call, and give how many came.

        The server imports the same task as often as it is sent. So a call without an answer is not repeated but looked into:
        what is there is not sent again. (A server that is still at it when we look may import twice all the same.)

        Marks (``predictions``, with ``MODEL_VERSION``) are shown to annotators only where the project names their version, which
        is seen to.

        Args:
            tasks: ``{"data": {"curate_id", "curate_content", "curate_round", …}, "predictions": […]}``.
            on_rows: is told how many were added by each call.
        """
        left, failed = list(tasks), 0
        while left:
            try:
                self._import(project, left[:PAGE])
                on_rows(len(left[:PAGE]))
                left, failed = left[PAGE:], 0
            except failures.Unsure:
                failed += 1
                if failed == self._to.tries:
                    raise
                time.sleep(self.pause * failed)
                there = {task.key for task in self.listing(project)}
                missing = [task for task in left if _key(task["data"]) not in there]
                on_rows(len(left) - len(missing))
                left = missing
        if any(task.get("predictions") for task in tasks):
            self._show_marks(project)
        return len(tasks)

    def _import(self, project: int, batch: Sequence[Mapping[str, Any]]) -> None:
        answer = self._to.send(_of(project), "POST", f"api/projects/{project}/import", list(batch), fine=400)
        if answer.status_code == 400:
            raise CurateError(
                say(f"项目 {project} 不接受这些任务", f"the project {project} refuses these tasks"),
                say(
                    "标注界面里的 $字段 在每个任务里都要有：检查界面和项目的字段",
                    "every task needs all $fields of the interface: compare the interface with the project's fields",
                ),
            )

    def _show_marks(self, project: int) -> None:
        """Label Studio shows only the predictions whose version the project names, and lets it be named once there is one."""
        path = f"api/projects/{project}/"
        if self._to.get(_of(project), path, include="model_version").get("model_version") != MODEL_VERSION:
            self._to.send(_of(project), "PATCH", path, {"model_version": MODEL_VERSION})

    def set_overlap(self, tasks: Collection[int], people: int) -> None:
        """Hand these tasks to so many people each. One call or two a task, ten a second: the server has no other way.

        A task that was full stays marked as done when its overlap is raised (1.23.2), and is then handed to nobody.
        """
        for task in tasks:
            what = say(f"任务 {task}", f"task {task}")
            changed = self._to.send(what, "PATCH", f"api/tasks/{task}/", {"overlap": people}).json()
            full = changed["total_annotations"] >= people
            if changed["is_labeled"] != full:
                self._to.send(what, "PATCH", f"api/tasks/{task}/", {"is_labeled": full})

    def delete_tasks(self, tasks: Collection[int]) -> int:
        """Delete tasks that nobody has annotated, and give how many. Only what ``listing`` gave, so only ours; and what was annotated
        since then stays.
        """
        deleted = 0
        for project in sorted({self._listed[task] for task in tasks if task in self._listed}):
            now = self.listing(project)
            empty = [task.task_id for task in now if task.task_id in set(tasks) and not task.annotations]
            for start in range(0, len(empty), PAGE):
                chosen = {"selectedItems": {"all": False, "included": empty[start : start + PAGE]}}
                params = {"id": "delete_tasks", "project": project}
                self._to.send(_of(project), "POST", "api/dm/actions/", chosen, params=params)
            deleted += len(empty)
        return deleted

    def changed(self, project: int, since: str | None = None) -> Iterator[dict[str, Any]]:
        """Tasks that changed after ``since`` (ISO 8601; all of them without it), by number: ``id``, ``data``, ``updated_at`` and
        ``annotations``, each with ``id, completed_by, updated_by, result, was_cancelled, ground_truth, created_at, updated_at,
        lead_time, parent_prediction, unique_id``.

        A task changes when an annotation of it is made, changed or deleted, or its data are; not by a draft. It comes with *all* its
        annotations, so one that was there before and is missing was deleted. A deleted task is not here: compare ``listing``.
        10,000 tasks take 5 s without annotations; a pull of what changed 0.2 s and more.

        Who made it: ``completed_by`` (number of a user) is what the sender wrote, when it was made or later; ``updated_by`` is the
        account that sent it last, set by the server. They differ where somebody annotated in another's name, gave an annotation
        away, or changed somebody else's. Not to be seen: who takes over another's annotation (then both are the new one; a log
        knows the former). A user's deletion makes both null, and the task does *not* count as changed: only ``since=None``
        shows it. ``unique_id`` is null: this way of reading does not give it. ``parent_prediction``: the mark it started from.
        """
        after = [("updated_at", "Datetime", _moment(since))] if since else []
        for task in self._to.pages(_of(project), project, {"fields": "all", "include": _CHANGED}, after):
            yield {
                "id": task["id"],
                "data": task["data"],
                "updated_at": task["updated_at"],
                "annotations": [_annotation(one) for one in task["annotations"]],
            }


def _of(project: int) -> str:
    return say(f"项目 {project}", f"project {project}")


def _key(data: Mapping[str, Any]) -> tuple[str, str, int] | None:
    """(curate_id, content, round) of a task of ours."""
    name, content, number = (data.get(f"curate_{part}") for part in ("id", "content", "round"))
    if isinstance(name, str) and isinstance(content, str) and isinstance(number, int):
        return name, content, number
    return None


def _listed(task: Mapping[str, Any]) -> Listed | None:
    key = _key(task["data"])
    there = task["total_annotations"] + task["cancelled_annotations"]
    return None if key is None else Listed(task["id"], *key, task["overlap"], there)


def _annotation(found: Mapping[str, Any]) -> dict[str, Any]:
    """An annotation with all its fields; users as numbers, whichever way this server writes them."""
    plain = {name: found.get(name) for name in _ANNOTATION}
    for name in ("completed_by", "updated_by"):
        user = plain[name]
        plain[name] = user.get("id") if isinstance(user, Mapping) else user
    return plain


def _moment(iso: str) -> str:
    """As the filter wants it: with microseconds, in UTC; anything else is an error 500."""
    at = datetime.fromisoformat(iso)
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
