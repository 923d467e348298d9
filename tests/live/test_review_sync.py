"""Push and pull against a real Label Studio: nothing twice, nothing lost, whoever does what meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.clients.labelstudio.api import Server
from curate.errors import CurateError
from curate.review.assess import Assessment
from curate.review.log import Log
from curate.review.pull import Pulled, pull
from curate.review.push import Pushed, push
from curate.review.schema import Stage, as_json, content_of, opaque
from tests.conftest import ROOT
from tests.review.small_pages import PAIR_DATA, page
from tests.review.small_votes import assessed, items, project, results, text
from tests.servers.labelstudio import Person, Served, labelstudio

pytestmark = [
    pytest.mark.live,
    # label-studio-sdk 2.1 reads the answer to its token by a method that pydantic is giving up
    pytest.mark.filterwarnings("ignore:The `parse_obj` method is deprecated"),
]

WHOSE = ("expo", "pairs")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with labelstudio(tmp_path_factory.mktemp("server")) as started:
        yield started


@pytest.fixture(scope="module")
def people(served: Served) -> Iterator[list[Person]]:
    """Three annotators, the expert, the administrator."""
    accounts = (*served.annotators, served.expert, served.admin)
    there = [Person(served.url, account) for account in accounts]
    yield there
    for person in there:
        person.web.close()


class Review:
    """A review of some items in a workspace of its own: push and pull with what the log knows at that moment."""

    def __init__(self, server: Server, log: Log, expert: str, number: int = 6) -> None:
        self.server, self.log, self.page, self.expert = server, log, page(), expert
        self.project = project(name="pairs")
        self.items = some_items(number)

    def assessed(self) -> Assessment:
        rows = self.log.annotations(*WHOSE).iter_rows(named=True)
        events = self.log.events(*WHOSE)
        return assessed(self.items, *rows, what=self.project, events=events, experts=[self.expert])

    def push(self, stage: Stage = "annotate", **more: Any) -> Pushed:
        told = self.assessed()
        return push(self.server, self.log, "expo", self.project, self.page, self.items, told, stage, **more)

    def pull(self, stage: Stage = "annotate", full: bool = False) -> Pulled:
        return pull(self.server, self.log, "expo", self.project, self.page, self.items, stage, full=full)

    def tasks(self, project: int) -> dict[str, int]:
        """Item -> its newest task."""
        names = {opaque("pairs", item): item for item in self.items["item_id"]}
        return {names[task.curate_id]: task.task_id for task in self.server.listing(project)}

    def states(self) -> list[tuple[str, str, str]]:
        """(item, annotator, state) of all votes."""
        votes = self.assessed().votes.with_columns(pl.col("annotator").fill_null("nobody"))
        return sorted(votes.select("item_id", "annotator", "state").rows())


def some_items(number: int) -> pl.DataFrame:
    """Items that differ, with marks on some."""
    named = items(*(f"{place:04}" for place in range(number)))
    data = [PAIR_DATA | {"answer": f"一共 {place} 家。\r\n😀𠮷 <b>&amp;"} for place in range(number)]
    value = {"start": 0, "end": 2, "text": "本届", "labels": ["evidence"]}
    marks = [{"id": "m1", "from_name": "evidence", "to_name": "source", "type": "labels", "value": value}]
    return named.with_columns(
        pl.Series("data", [as_json(one) for one in data]),
        pl.Series("content", [content_of(one) for one in data]),
        pl.Series("marks", [as_json(marks) if place % 2 else None for place in range(number)], pl.String),
    )


@pytest.fixture
def review(served: Served, tmp_path: Path) -> Iterator[Review]:
    assert served.admin.token is not None
    with (
        Server(served.url, served.admin.token) as server,
        Log(tmp_path / "runs" / "review.sqlite") as log,
    ):
        yield Review(server, log, served.expert.email)


def test_two_pushes_leave_every_item_once_and_as_it_was(review: Review, people: list[Person]) -> None:
    first, second = review.push(), review.push()
    assert (first.created, second.created, second.already) == (6, 0, 6)
    assert first.project_id == second.project_id
    number = first.project_id or 0
    told = list(review.server.changed(number, None))
    sent = [json.loads(data) for data in review.items["data"]]
    shown = [{name: task["data"][name] for name in PAIR_DATA} for task in told]
    assert shown == sent
    review.pull()
    made = people[0].web.get(f"/api/projects/{number}/").json()
    assert (made["title"], made["show_instruction"], made["maximum_annotations"]) == ("expo · pairs", True, 2)
    assert "<h1>说明</h1>" in made["expert_instruction"]


def test_marks_are_shown_to_annotators_beforehand(review: Review, people: list[Person]) -> None:
    number = review.push().project_id or 0
    task = people[0].web.get(f"/api/tasks/{review.tasks(number)['0001']}/").json()
    (shown,) = task["predictions"]
    assert shown["result"][0]["value"]["text"] == "本届"
    assert people[0].web.get(f"/api/projects/{number}/").json()["model_version"] == shown["model_version"]


def test_a_pull_in_parts_is_as_one_at_once(review: Review, people: list[Person], tmp_path: Path) -> None:
    number = review.push().project_id or 0
    for person in people[:2]:
        while (task := person.next(number)) is not None:
            person.says(task, results("accept"))
            review.pull()
    parts = review.log.annotations(*WHOSE)
    assert parts.height == 12
    assert set(review.assessed().votes["state"]) == {"counted"}
    assert review.assessed().decided.height == 6
    with Log(tmp_path / "runs" / "other.sqlite") as review.log:
        assert review.push().already == 6  # finds the project by its mark
        assert review.pull().new == 12
        assert review.log.annotations(*WHOSE).equals(parts)


def test_changed_deleted_and_skipped_annotations_are_seen(review: Review, people: list[Person]) -> None:
    number = review.push().project_id or 0
    task, (li, wu, he, *_) = review.tasks(number), people
    changed, deleted = li.says(task["0000"], results("accept")), wu.says(task["0000"], results("accept"))
    he.says(task["0001"], [], was_cancelled=True)
    whole = li.says(task["0002"], results("accept"))
    pulled = review.pull()
    assert (pulled.seen, pulled.new, pulled.skipped) == (4, 4, 1)
    li.changes(changed, result=results("reject"))
    wu.deletes(f"annotations/{deleted}")
    pulled = review.pull()
    assert (pulled.new, pulled.changed, pulled.deleted) == (0, 1, 1)
    assert review.states() == sorted(
        [
            ("0000", li.email, "counted"), ("0000", wu.email, "deleted"), ("0001", he.email, "skipped"),
            ("0002", li.email, "counted"),
        ]
    )  # fmt: skip
    assert review.assessed().votes.filter(item_id="0000", state="counted")["value"].to_list() == ["reject"]
    people[4].deletes(f"tasks/{task['0002']}")
    assert review.pull().deleted == 0
    assert review.pull(full=True).deleted == 1
    assert whole in {int(name.rpartition("/")[2]) for name in review.log.annotations(*WHOSE).filter(deleted=True)["annotation_id"]}  # fmt: skip


def test_a_hostile_list_is_caught_entirely(review: Review, people: list[Person]) -> None:
    number = review.push().project_id or 0
    task, (li, wu, he, *_) = review.tasks(number), people
    li.says(task["0000"], results("accept"), completed_by=wu.number)
    own = li.says(task["0001"], results("accept"))
    he.changes(own, result=results("reject"))
    li.says(task["0002"], results("accept"))
    li.says(task["0002"], results("reject"))
    li.says(task["0003"], results("perhaps"))
    wu.says(task["0003"], [])
    he.says(task["0003"], [{"foo": 1}])
    li.says(task["0004"], [text("no_such_control", "x")])
    he.web.patch(f"/api/tasks/{task['0005']}/", json={"data": {"answer": "changed", "question": "?", "passage": "s", "about": "a",
        "curate_id": opaque("pairs", "0005"), "curate_content": review.items["content"][5], "curate_round": 1}}).raise_for_status()  # fmt: skip
    li.says(task["0005"], results("accept"))
    pulled = review.pull()
    assert dict(pulled.wrong) == {"forged": 2}
    assert review.states() == sorted(
        [
            ("0000", wu.email, "forged"), ("0001", li.email, "forged"), ("0002", li.email, "counted"),
            ("0002", li.email, "replaced"), ("0003", li.email, "invalid"), ("0003", wu.email, "invalid"),
            ("0003", he.email, "invalid"), ("0004", li.email, "invalid"), ("0005", li.email, "stale"),
        ]
    )  # fmt: skip


def test_what_a_deleted_user_said_is_no_vote(review: Review, people: list[Person]) -> None:
    number = review.push().project_id or 0
    admin, task = people[4], review.tasks(number)["0000"]
    made = admin.web.post("/api/users/", json={"email": "fluechtig@example.com", "username": "fluechtig"})
    guest = int(made.raise_for_status().json()["id"])
    admin.says(task, results("accept"), completed_by=guest)
    assert set(review.pull().wrong) <= {"forged", "no_annotator"}
    admin.deletes(f"users/{guest}")
    assert dict(review.pull(full=True).wrong) == {"deleted_user": 1}
    assert review.states() == [("0000", "nobody", "deleted_user")]


def test_a_vote_that_does_not_count_hands_the_item_to_a_third_person(
    review: Review, people: list[Person]
) -> None:
    number, (li, wu, he, *_) = review.push().project_id or 0, people
    bad = review.tasks(number)["0002"]
    for person in (li, wu):
        while (task := person.next(number)) is not None:
            person.says(task, [{"foo": 1}] if task == bad and person is li else results("accept"))
    assert he.next(number) is None
    review.pull()
    assert review.push().updated_overlap == 1
    assert he.next(number) == bad
    he.says(bad, results("accept"))
    assert he.next(number) is None
    review.pull()
    assert review.assessed().decided.height == 6
    assert review.push().updated_overlap == 0


def test_items_that_were_put_back_and_annotators_set_aside_go_round_again(
    review: Review, people: list[Person]
) -> None:
    number, (li, wu, he, *_) = review.push().project_id or 0, people
    for person in (li, wu):
        while (task := person.next(number)) is not None:
            person.says(task, results("accept"))
    review.pull()
    review.log.exclude(*WHOSE, li.email, "lin", "careless")
    review.log.put_back(*WHOSE, ["0000"], "lin", "anew")
    pushed = review.push()
    assert (pushed.created, pushed.updated_overlap) == (1, 5)
    asked = []
    while (task := he.next(number)) is not None:
        asked.append(task)
        he.says(task, results("accept"))
    assert sorted(asked) == sorted(review.tasks(number).values())
    assert wu.next(number) == review.tasks(number)["0000"]


def test_a_dispute_goes_to_the_expert_and_the_decision_comes_home(
    review: Review, people: list[Person]
) -> None:
    number, (li, wu, _, expert, *_) = review.push().project_id or 0, people
    task = review.tasks(number)["0000"]
    li.says(task, results("accept"))
    wu.says(task, results("reject"))
    review.pull()
    court = review.push("adjudicate", prune=True)
    assert (court.created, court.project_id != number) == (1, True)
    case = expert.next(court.project_id or 0)
    assert case is not None
    shown = expert.web.get(f"/api/tasks/{case}/").json()["data"]["verdicts"]
    assert "标注员甲" in shown
    assert li.email not in shown
    expert.says(case, [*results("reject"), text("decision_reason", "照原文", to="verdicts")])
    assert review.pull("adjudicate").new == 1
    (decision,) = review.assessed().decided.to_dicts()
    assert (decision["value"], decision["by"], decision["reason"], decision["decider"]) == (
        "reject", "expert", "照原文", expert.email,
    )  # fmt: skip
    again = review.push("adjudicate", prune=True)
    assert (again.created, again.deleted, again.obsolete) == (0, 0, 0)


def test_a_page_that_drops_a_used_control_needs_a_new_project(review: Review, people: list[Person]) -> None:
    number = review.push().project_id or 0
    people[0].says(review.tasks(number)["0000"], results("accept"))
    review.page = page(
        review.page.xml.replace('name="decision"', 'name="verdict"').replace('"decision"', '"verdict"')
    )
    with pytest.raises(CurateError, match=r"不接受") as error:
        review.push()
    assert "--again" in error.value.hint
    again = review.push(again=True)
    assert (again.created, again.project_id != number) == (6, True)


PUSHES = """
import sys
from pathlib import Path
from curate.clients.labelstudio.api import Server
from curate.review.log import Log
from tests.live.test_review_sync import Review
with Server(sys.argv[1], sys.stdin.readline().strip()) as server, Log(Path(sys.argv[2])) as log:
    print("begins", flush=True)
    review = Review(server, log, "x@x.cn", int(sys.argv[3]))
    print(review.push(on_rows=lambda rows: print("sent", flush=True)).created, flush=True)
"""


def pushing(served: Served, file: Path, number: int) -> subprocess.Popen[str]:
    assert served.admin.token is not None
    process = subprocess.Popen(
        [sys.executable, "-c", PUSHES, served.url, str(file), str(number)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin is not None
    process.stdin.write(served.admin.token + "\n")
    process.stdin.flush()
    return process


def killed(served: Served, file: Path, number: int, line: str, after: float) -> bool:
    """Kill a push so many seconds after it printed this line; False if it was done before."""
    process = pushing(served, file, number)
    assert process.stdout is not None
    while process.stdout.readline().strip() != line:
        assert process.poll() is None
    time.sleep(after)
    os.kill(process.pid, signal.SIGKILL)
    rest, _ = process.communicate()
    return not rest.split()[-1:] or rest.split()[-1] == "sent"


def test_pushes_that_are_killed_in_the_middle_are_finished_by_the_next(
    review: Review, served: Served, tmp_path: Path
) -> None:
    file, number = tmp_path / "runs" / "review.sqlite", 3200
    moments = [("begins", 0.05), ("sent", 0.0), ("sent", 0.2)]
    assert [killed(served, file, number, line, after) for line, after in moments] == [True, True, True]
    review.items = some_items(number)
    pushed = review.push()
    time.sleep(3)  # what the server was still at, when a push was killed
    tasks = review.server.listing(pushed.project_id or 0)
    assert {task.curate_id for task in tasks} == {opaque("pairs", item) for item in review.items["item_id"]}
    assert len(tasks) == number
    assert 0 < pushed.created < number
    assert review.push().created == 0


def test_two_pushes_at_the_same_moment_make_no_task_twice(
    review: Review, served: Served, tmp_path: Path
) -> None:
    file = tmp_path / "runs" / "review.sqlite"
    both = [pushing(served, file, 500) for _ in range(2)]
    told = [process.communicate(timeout=120)[0].split()[-1] for process in both]
    assert sorted(told) == ["0", "500"]
    review.items = some_items(500)
    assert review.push().already == 500
