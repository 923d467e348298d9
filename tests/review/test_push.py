"""Push: each item goes out once, whatever happened before, and the queue asks as many people as are still needed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.review.log import EVENT, Log
from curate.review.push import Pushed
from curate.review.remote import as_html, title_of
from curate.review.schema import opaque
from tests.review.small_pages import PAIR, page
from tests.review.small_sync import EXPERT, HE, LI, SAMPLE, WU, Review, small_review
from tests.review.small_votes import decides, items, project, results, said


def within(instructions: str) -> str:
    """A guideline's own part, without the style around it."""
    style, _, rest = instructions.partition("</style>")
    assert style.startswith('<div class="guideline"><style>') and rest.endswith("</div>")
    return rest.removesuffix("</div>")


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with small_review(tmp_path) as made:
        yield made


def test_the_first_push_makes_a_project_with_guideline_and_overlap(review: Review) -> None:
    pushed = review.push()
    (number,) = review.server.projects
    made = review.server.projects[number]
    assert pushed == Pushed(
        created=4, project_id=number, url=f"http://ls.example:8080/projects/{number}/data"
    )
    assert (made["title"], made["overlap"], made["config"]) == ("expo · pairs", 2, PAIR)
    assert within(made["instructions"]) == "<h1>说明</h1>\n<p>接受就是都对。</p>\n"


def test_a_task_holds_what_is_shown_and_our_three_marks_and_nothing_else(review: Review) -> None:
    review.items = items("0", part="control", expected='{"decision":["reject"]}', score=0.2, of="other")
    review.push()
    (task,) = review.server.tasks.values()
    (item,) = review.items.to_dicts()
    assert task["data"] == json.loads(item["data"]) | {
        "curate_id": opaque("pairs", "0"),
        "curate_content": item["content"],
        "curate_round": 1,
    }
    assert "predictions" not in task


def test_tasks_go_out_in_the_order_of_place(review: Review) -> None:
    review.items = SAMPLE.with_columns(pl.Series("place", [3, 1, 2, 0]))
    review.push()
    told = [task["data"]["curate_id"] for task in review.server.tasks.values()]
    assert told == [opaque("pairs", item) for item in ("3", "1", "2", "0")]


def test_marks_go_out_as_a_prediction(review: Review) -> None:
    marks = [
        {"from_name": "evidence", "to_name": "source", "type": "labels", "value": {"start": 0, "end": 2}}
    ]
    review.items = items("0", marks=json.dumps(marks))
    review.push()
    (task,) = review.server.tasks.values()
    assert [prediction["result"] for prediction in task["predictions"]] == [marks]
    assert all(prediction["model_version"] for prediction in task["predictions"])


def test_a_second_push_changes_nothing(review: Review) -> None:
    first = review.push()
    assert review.push() == replace(first, created=0, already=4)
    assert len(review.server.tasks) == 4
    assert len(review.server.projects) == 1


def test_new_items_are_added_to_the_same_project(review: Review) -> None:
    review.push()
    review.items = items("0", "1", "2", "3", "4", "5")
    pushed = review.push()
    assert (pushed.created, pushed.already) == (2, 4)


def test_a_push_that_broke_off_is_finished_by_the_next(review: Review) -> None:
    review.server.fail_after = 2
    with pytest.raises(CurateError, match="broke off"):
        review.push()
    review.server.fail_after = None
    pushed = review.push()
    assert (pushed.created, pushed.already) == (2, 2)
    assert len(review.server.projects) == 1


def test_a_project_that_was_made_but_never_noted_is_found_again(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:
        killed.setattr(
            "curate.review.server_log.ServerLog.remember", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt)
        )
        with pytest.raises(KeyboardInterrupt):
            review.push()
    assert review.push().created == 4
    assert len(review.server.projects) == 1


def test_a_lost_log_finds_its_project_and_its_tasks_again(review: Review, tmp_path: Path) -> None:
    review.push()
    review.log.close()
    for file in (tmp_path / "runs").iterdir():
        file.unlink()
    with Log(tmp_path / "runs" / "review.sqlite") as review.log:
        assert review.push().already == 4
    assert len(review.server.projects) == 1


def test_another_workspace_has_its_own_project(review: Review, tmp_path: Path) -> None:
    review.push()
    with Log(tmp_path / "other" / "review.sqlite") as review.log:
        assert review.push().created == 4
    assert len(review.server.projects) == 2


class TestDeletedProject:
    def test_is_told_and_not_silently_made_anew(self, review: Review) -> None:
        review.push()
        review.server.projects.clear()
        with pytest.raises(CurateError, match="已经被删除") as error:
            review.push()
        assert "--again" in error.value.hint

    def test_is_made_anew_when_asked(self, review: Review) -> None:
        review.push()
        review.server.projects.clear()
        review.server.tasks.clear()
        assert review.push(again=True).created == 4
        assert review.push().already == 4

    def test_again_makes_a_new_one_beside_one_that_is_there(self, review: Review) -> None:
        first, second = review.push().project_id, review.push(again=True).project_id
        assert first != second
        assert review.push().project_id == second


class TestRounds:
    def test_an_item_that_was_put_back_goes_out_once_more(self, review: Review) -> None:
        review.push()
        review.say("0", li="accept", wu="reject")
        review.pull()
        review.log.put_back("expo", "pairs", ["0"], "wang", "anew")
        pushed = review.push()
        assert (pushed.created, pushed.already) == (1, 3)
        assert review.server.tasks[review.task("0")]["data"]["curate_round"] == 2
        assert review.server.next(pushed.project_id or 0, LI) == review.task("1")

    def test_an_old_round_that_was_begun_is_closed(self, review: Review) -> None:
        review.push()
        review.say("0", li="accept")
        review.pull()
        review.log.put_back("expo", "pairs", ["0"], "wang", "anew")
        assert review.push().updated_overlap == 1
        old = review.server.tasks[review.task("0", 0)]
        assert (old["overlap"], old["data"]["curate_round"]) == (1, 1)
        assert review.push().updated_overlap == 0


class TestObsolete:
    def test_tasks_of_changed_items_are_told_and_kept(self, review: Review) -> None:
        review.push()
        review.items = items(
            "0", "1", "2", "3", data={"question": "?", "answer": "!", "passage": "s", "about": "a"}
        )
        pushed = review.push()
        assert (pushed.created, pushed.obsolete, pushed.deleted) == (4, 4, 0)
        assert len(review.server.tasks) == 8

    def test_prune_deletes_only_those_that_nobody_judged(self, review: Review) -> None:
        review.push()
        review.say("0", li="accept")
        review.items = items("3")
        pushed = review.push(prune=True)
        assert (pushed.already, pushed.obsolete, pushed.deleted) == (1, 0, 2)
        assert set(review.server.tasks) == {review.task("0"), review.task("3")}

    def test_a_task_that_is_there_twice_is_deleted_and_the_judged_one_goes_on(self, review: Review) -> None:
        review.push()
        review.server.import_tasks(1, [{"data": review.server.tasks[review.task("0")]["data"]}])
        review.say("0", li="accept")
        judged = review.task("0", 1)
        assert review.push().deleted == 1
        assert review.task("0", 0) == judged
        assert len(review.server.tasks) == 4

    def test_what_the_server_still_did_for_a_push_that_was_killed_is_not_there_twice(
        self, review: Review, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        review.push()
        review.items = items("0", "1", "2", "3", "4")
        imports, late = review.server.import_tasks, []

        def both(project: int, tasks: list[dict[str, Any]], *more: Any) -> int:
            late.append(imports(project, tasks))
            return imports(project, tasks, *more)

        monkeypatch.setattr(review.server, "import_tasks", both)
        pushed = review.push()
        assert (pushed.created, pushed.deleted, late) == (1, 1, [1])
        assert len(review.server.tasks) == 5

    def test_two_that_were_both_judged_stay_and_only_one_goes_on(self, review: Review) -> None:
        review.push()
        review.server.import_tasks(1, [{"data": review.server.tasks[review.task("0")]["data"]}])
        for place in (0, 1):
            review.server.annotate(review.task("0", place), LI, results("accept"))
        pushed = review.push()
        assert (pushed.deleted, pushed.updated_overlap) == (0, 1)
        assert sorted(task["overlap"] for task in review.server.tasks.values()) == [1, 2, 2, 2, 2]


class TestTopUp:
    """A vote that does not count took a seat in the server's queue: another person is asked."""

    @pytest.mark.parametrize(
        "wrong",
        [
            pytest.param({"result": [{"foo": 1}]}, id="invalid"),
            pytest.param({"result": results("accept"), "completed_by": HE}, id="forged"),
            pytest.param(
                {"result": results("accept"), "completed_by": 77, "updated_by": 77}, id="by nobody we know"
            ),
        ],
    )
    def test_hands_the_item_to_somebody_else(self, review: Review, wrong: dict[str, Any]) -> None:
        review.push()
        review.say("0", wu="accept")
        review.server.annotate(review.task("0"), LI, **wrong)
        review.pull()
        pushed = review.push()
        assert pushed.updated_overlap == 1
        assert review.server.tasks[review.task("0")]["overlap"] == 3
        assert review.push().updated_overlap == 0

    def test_after_somebody_was_excluded_others_are_asked_everywhere(self, review: Review) -> None:
        review.push()
        for item in "0123":
            review.say(item, li="accept", wu="accept")
        review.pull()
        review.log.exclude("expo", "pairs", "li@x.cn", "wang", "careless")
        assert review.push().updated_overlap == 4
        assert review.server.next(1, HE) == review.task("0")

    def test_is_taken_back_when_the_vote_counts_after_all(self, review: Review) -> None:
        review.push()
        review.server.annotate(review.task("0"), LI, [{"foo": 1}])
        review.pull()
        review.push()
        bad = review.server.tasks[review.task("0")]["annotations"][0]["id"]
        review.server.change(review.task("0"), bad, LI, result=results("accept"))
        review.pull()
        assert review.push().updated_overlap == 1
        assert review.server.tasks[review.task("0")]["overlap"] == 2

    def test_a_skipped_item_needs_no_more_seats(self, review: Review) -> None:
        review.push()
        review.server.annotate(review.task("0"), LI, [], was_cancelled=True)
        review.pull()
        assert review.push().updated_overlap == 0
        assert review.server.next(1, WU) == review.task("0")

    def test_votes_from_sheets_need_no_seat_on_the_server(self, review: Review) -> None:
        half, whole = said("0", "a", "accept"), [said("1", "a", "accept"), said("1", "b", "accept")]
        pushed = review.push(half, *whole)
        assert pushed.created == 3
        assert review.server.tasks[review.task("0")]["overlap"] == 1
        assert review.server.tasks[review.task("2")]["overlap"] == 2


def test_more_annotators_than_before_are_asked(review: Review) -> None:
    review.push()
    review.project = project(name="pairs", annotators=3)
    review.push()
    assert {task["overlap"] for task in review.server.tasks.values()} == {3}
    assert review.push().updated_overlap == 0


def test_a_revised_guideline_goes_to_the_server(review: Review) -> None:
    review.push()
    review.page = replace(review.page, guideline="# 新说明")
    assert review.push().already == 4
    assert within(review.server.projects[1]["instructions"]) == "<h1>新说明</h1>\n"


def test_a_page_that_the_server_refuses_is_tried_again_by_the_next_push(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    review.push()
    review.page = page(PAIR.replace("接受", "通过"))

    def refuse(*_: Any, **__: Any) -> None:
        raise CurateError("refused")

    with monkeypatch.context() as refusing:
        refusing.setattr(review.server, "update_project", refuse)
        with pytest.raises(CurateError, match="refused"):
            review.push()
    review.push()
    assert review.server.projects[1]["config"] == review.page.xml


def test_an_item_without_a_field_of_the_page_is_told_before_anything_is_imported(review: Review) -> None:
    review.items = items("0", data={"question": "?", "answer": "!", "about": "a"})
    with pytest.raises(CurateError, match=r"\$passage"):
        review.push()
    assert not review.server.tasks


class TestAdjudication:
    def test_shows_the_expert_all_verdicts_without_names(self, review: Review) -> None:
        review.push()
        review.say("0", li="accept", wu="reject")
        review.pull()
        pushed = review.push(stage="adjudicate")
        made, task = review.server.projects[pushed.project_id or 0], review.server.tasks[review.task("0")]
        assert (made["title"], made["overlap"], pushed.created) == ("expo · pairs · 裁决", 1, 1)
        assert "decision_reason" in made["config"]
        assert "接受" in task["data"]["verdicts"]
        assert "li@" not in json.dumps(task)
        assert review.push(stage="adjudicate").already == 1

    def test_makes_no_project_while_nothing_is_disputed(self, review: Review) -> None:
        assert review.push(stage="adjudicate") == Pushed()
        assert not review.server.projects

    def test_what_is_settled_is_done_and_not_obsolete(self, review: Review) -> None:
        review.push()
        review.say("0", li="accept", wu="reject")
        review.pull()
        review.push(stage="adjudicate")
        review.server.annotate(review.task("0"), EXPERT, json.loads(decides("0", "reject")["result"]))
        assert review.pull(stage="adjudicate").new == 1
        assert review.assessed().decided["by"].to_list() == ["expert"]
        assert review.push(stage="adjudicate").obsolete == 0

    def test_a_decision_of_somebody_who_is_no_expert_asks_for_another(self, review: Review) -> None:
        review.push()
        review.say("0", li="accept", wu="reject")
        review.pull()
        review.push(stage="adjudicate")
        review.server.annotate(review.task("0"), LI, json.loads(decides("0", "reject")["result"]))
        review.pull(stage="adjudicate")
        review.push(stage="adjudicate")
        assert review.server.tasks[review.task("0")]["overlap"] == 2


@pytest.mark.parametrize(
    ("markdown", "html"),
    [
        (
            "# 标题\n\n- 一\n- **二**",
            "<h1>标题</h1>\n<ul>\n<li>一</li>\n<li><strong>二</strong></li>\n</ul>\n",
        ),
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>\n"),
    ],
)
def test_a_guideline_becomes_html_and_nothing_in_it_is_obeyed(markdown: str, html: str) -> None:
    assert within(as_html(markdown)) == html


def test_a_table_of_the_guideline_is_a_table() -> None:
    assert "<td>二</td>" in as_html("|a|b|\n|-|-|\n|一|二|\n")


def test_a_title_is_never_longer_than_label_studio_takes() -> None:
    assert len(title_of("很长的名字" * 20, "pairs", "adjudicate")) == 50
    assert title_of("很长的名字" * 20, "pairs", "adjudicate").endswith(" · 裁决")


def test_what_was_put_back_in_a_saved_file_goes_out_in_its_round(review: Review) -> None:
    saved = {
        "event_id": "file 0",
        "kind": "put_back",
        "item_id": "1",
        "annotator": None,
        "by": "wang",
        "why": "anew",
        "at": "2026-01-01T00:00:00Z",
    }
    review.push(events=pl.DataFrame([saved], schema=EVENT))
    rounds = {
        task["data"]["curate_id"]: task["data"]["curate_round"] for task in review.server.tasks.values()
    }
    assert rounds == {opaque("pairs", item): 2 if item == "1" else 1 for item in "0123"}
