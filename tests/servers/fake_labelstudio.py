"""A Label Studio server in memory, with the methods of ``curate.clients.labelstudio.api.Server`` that review uses.

It does what the real one does and nothing better: the same task is imported twice, titles are not unique, results are not
checked, everybody may annotate in another's name, and what is deleted is gone. The real one is in ``tests/live``.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from curate.clients.labelstudio.api import Listed
from curate.errors import CurateError

PEOPLE = {1: "li@x.cn", 2: "wu@x.cn", 3: "he@x.cn", 9: "zhuanjia@x.cn"}
#: seconds between two things that happen
TICK = 60.0


@dataclass
class FakeServer:
    """``fail_after``: the server breaks off when so many more tasks were imported."""

    url: str = "http://ls.example:8080"
    people: dict[int, str] = field(default_factory=lambda: dict(PEOPLE))
    projects: dict[int, dict[str, Any]] = field(default_factory=dict)
    tasks: dict[int, dict[str, Any]] = field(default_factory=dict)
    asked_since: list[str | None] = field(default_factory=list)
    fail_after: int | None = None
    _numbers: int = 0
    _clock: datetime = datetime(2026, 11, 22, 1, tzinfo=UTC)

    def _number(self) -> int:
        self._numbers += 1
        return self._numbers

    def _now(self) -> str:
        self._clock += timedelta(seconds=TICK)
        return self._clock.isoformat(timespec="microseconds").replace("+00:00", "Z")

    # what curate calls

    def users(self) -> dict[int, str]:
        return dict(self.people)

    def find_project(self, project: int) -> bool:
        return project in self.projects

    def find_marked(self, mark: str) -> int | None:
        return next((number for number, one in self.projects.items() if mark == one["mark"]), None)

    def create_project(
        self, title: str, config: str, instructions_html: str, overlap: int, mark: str = ""
    ) -> int:
        number = self._number()
        self.projects[number] = {
            "title": title, "config": config, "instructions": instructions_html, "overlap": overlap, "mark": mark,
        }  # fmt: skip
        return number

    def update_project(
        self,
        project: int,
        config: str | None = None,
        instructions: str | None = None,
        overlap: int | None = None,
    ) -> None:
        told = {"config": config, "instructions": instructions, "overlap": overlap}
        self.projects[project] |= {name: value for name, value in told.items() if value is not None}
        if overlap is not None:
            for task in self._of(project):
                task["overlap"] = overlap

    def listing(self, project: int) -> list[Listed]:
        return [
            Listed(
                task["id"], task["data"]["curate_id"], task["data"]["curate_content"], task["data"]["curate_round"],
                task["overlap"], len(task["annotations"]),
            )
            for task in self._of(project)
            if "curate_id" in task["data"]
        ]  # fmt: skip

    def import_tasks(
        self,
        project: int,
        tasks: Sequence[dict[str, Any]],
        on_rows: Callable[[int], None] = lambda rows: None,
    ) -> int:
        for task in tasks:
            if self.fail_after is not None:
                self.fail_after -= 1
                if self.fail_after < 0:
                    raise CurateError("the server broke off")
            number = self._number()
            self.tasks[number] = copy.deepcopy(task) | {
                "id": number, "project": project, "overlap": self.projects[project]["overlap"], "annotations": [],
                "updated_at": self._now(),
            }  # fmt: skip
        on_rows(len(tasks))
        return len(tasks)

    def set_overlap(self, tasks: Sequence[int], people: int) -> None:
        for number in tasks:
            self.tasks[number]["overlap"] = people

    def delete_tasks(self, tasks: Sequence[int]) -> int:
        empty = [number for number in tasks if not self.tasks[number]["annotations"]]
        for number in empty:
            del self.tasks[number]
        return len(empty)

    def changed(self, project: int, since: str | None) -> Iterator[dict[str, Any]]:
        self.asked_since.append(since)
        for task in self._of(project):
            if since is None or task["updated_at"] > since:
                yield copy.deepcopy(
                    {name: task[name] for name in ("id", "data", "annotations", "updated_at")}
                )

    # what people do

    def _of(self, project: int) -> list[dict[str, Any]]:
        return [task for task in self.tasks.values() if task["project"] == project]

    @staticmethod
    def _full(task: dict[str, Any]) -> int:
        return sum(not annotation["was_cancelled"] for annotation in task["annotations"])

    def next(self, project: int, who: int) -> int | None:
        """The task that the label stream hands out."""
        for task in self._of(project):
            mine = any(annotation["completed_by"] == who for annotation in task["annotations"])
            if not mine and self._full(task) < task["overlap"]:
                return int(task["id"])
        return None

    def annotate(self, task: int, who: int, result: Any, **more: Any) -> int:
        """``more``: fields of the annotation, such as ``completed_by`` in another's name."""
        at = self._now()
        made = {
            "id": self._number(), "completed_by": who, "updated_by": who, "result": result, "was_cancelled": False,
            "ground_truth": False, "created_at": at, "updated_at": at, "lead_time": 12.5, "parent_prediction": None,
            "unique_id": None,
        }  # fmt: skip
        self.tasks[task]["annotations"].append(made | more)
        self.tasks[task]["updated_at"] = at
        return int(made["id"])

    def change(self, task: int, annotation: int, who: int, **more: Any) -> None:
        at = self._now()
        for one in self.tasks[task]["annotations"]:
            if one["id"] == annotation:
                one |= more | {"updated_by": who, "updated_at": at}
        self.tasks[task]["updated_at"] = at

    def delete(self, task: int, annotation: int) -> None:
        kept = [one for one in self.tasks[task]["annotations"] if one["id"] != annotation]
        self.tasks[task] |= {"annotations": kept, "updated_at": self._now()}

    def delete_user(self, who: int) -> None:
        """No time tells it: only a full pull sees it."""
        del self.people[who]
        for task in self.tasks.values():
            for one in task["annotations"]:
                one |= {name: None for name in ("completed_by", "updated_by") if one[name] == who}
