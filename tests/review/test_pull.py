"""Pull: all that people said comes home, in parts as at once, with what is wrong with it and what is gone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.review import pull as pulling
from curate.review.log import Log
from curate.review.pull import Pulled
from tests.review.small_sync import EXPERT, LI, WHOSE, WU, Review, small_review
from tests.review.small_votes import items, results


@pytest.fixture
def review(tmp_path: Path) -> Iterator[Review]:
    with small_review(tmp_path) as made:
        made.push()
        yield made


def counts(pulled: Pulled) -> dict[str, Any]:
    """What is not nought."""
    told = {name: getattr(pulled, name) for name in ("seen", "new", "changed", "deleted", "skipped")}
    return {name: number for name, number in (told | dict(pulled.wrong)).items() if number}


def only(review: Review) -> dict[str, Any]:
    """The one annotation of the log."""
    (row,) = review.log.annotations(*WHOSE).to_dicts()
    return row


def test_an_annotation_comes_home_with_all_that_is_known_of_it(review: Review) -> None:
    review.say("0", li="accept")
    assert counts(review.pull()) == {"seen": 1, "new": 1}
    project, (annotation,) = 1, review.server.tasks[review.task("0")]["annotations"]
    (item,) = review.items.filter(item_id="0").to_dicts()
    assert only(review) == {
        "annotation_id": f"ls/ls.example:8080/{project}/{annotation['id']}",
        "stage": "annotate",
        "item_id": "0",
        "content": item["content"],
        "round": 1,
        "annotator": "li@x.cn",
        "result": only(review)["result"],
        "skipped": False,
        "deleted": False,
        "seconds": 12.5,
        "guideline": review.page.version,
        "wrong": None,
        "detail": None,
        "created_at": annotation["created_at"],
        "updated_at": annotation["updated_at"],
    }
    assert review.assessed().votes["state"].to_list() == ["counted"]


def test_in_parts_is_as_at_once(review: Review, tmp_path: Path) -> None:
    for who in ("li", "wu"):
        for item in "0123":
            review.say(item, **{who: "accept"})
            review.pull()
    with Log(tmp_path / "runs" / "other.sqlite") as other:
        parts, review.log = review.log, other
        review.push()
        review.pull()
        assert other.annotations(*WHOSE).equals(parts.annotations(*WHOSE))
        assert other.digest(*WHOSE) == parts.digest(*WHOSE)
        review.log = parts


def test_only_what_changed_since_is_read(review: Review) -> None:
    for item in "0123":
        review.say(item, li="accept")
    newest = review.server.tasks[review.task("3")]["updated_at"]
    review.pull()
    review.say("3", wu="reject")
    assert counts(review.pull()) == {"seen": 2, "new": 1}
    first, second = review.server.asked_since
    assert first is None
    assert second is not None
    assert second < newest  # some seconds before: a change may be dated before it can be read


def test_nothing_new_moves_nothing(review: Review) -> None:
    review.say("0", li="accept")
    review.pull()
    before = review.log.digest(*WHOSE)
    assert counts(review.pull()) == {"seen": 1}
    assert review.log.digest(*WHOSE) == before


def test_a_changed_annotation_is_a_new_version(review: Review) -> None:
    review.say("0", li="accept")
    review.pull()
    task = review.task("0")
    number = review.server.tasks[task]["annotations"][0]["id"]
    review.server.change(task, number, LI, result=results("reject"))
    assert counts(review.pull()) == {"seen": 1, "changed": 1}
    assert review.assessed().votes["value"].to_list() == ["reject"]


def test_a_skipped_item_is_noted(review: Review) -> None:
    review.server.annotate(review.task("0"), LI, [], was_cancelled=True)
    assert counts(review.pull()) == {"seen": 1, "new": 1, "skipped": 1}
    assert only(review)["skipped"]


class TestDeleted:
    def test_an_annotation_that_is_gone_is_noted_as_deleted(self, review: Review) -> None:
        review.say("0", li="accept", wu="accept")
        review.pull()
        task = review.task("0")
        review.server.delete(task, review.server.tasks[task]["annotations"][0]["id"])
        assert counts(review.pull()) == {"seen": 1, "deleted": 1}
        gone = review.log.annotations(*WHOSE).filter(deleted=True).to_dicts()
        assert [(row["annotator"], row["updated_at"]) for row in gone] == [
            ("li@x.cn", review.server.tasks[task]["updated_at"])
        ]
        assert sorted(review.assessed().votes["state"]) == ["counted", "deleted"]

    def test_it_is_told_once(self, review: Review) -> None:
        review.say("0", li="accept")
        review.pull()
        review.server.delete(review.task("0"), review.server.tasks[review.task("0")]["annotations"][0]["id"])
        assert review.pull().deleted == 1
        assert review.pull().deleted == 0

    def test_a_task_that_is_gone_is_seen_by_a_full_pull(self, review: Review) -> None:
        review.say("0", li="accept", wu="accept")
        review.pull()
        del review.server.tasks[review.task("0")]
        assert review.pull().deleted == 0
        assert review.pull(full=True).deleted == 2
        assert review.log.annotations(*WHOSE)["deleted"].all()

    def test_annotations_of_another_project_or_from_files_are_left_alone(self, review: Review) -> None:
        review.say("0", li="accept")
        review.pull()
        filed = review.log.annotations(*WHOSE).with_columns(pl.lit("a.jsonl:1").alias("annotation_id"))
        review.log.add(*WHOSE, filed)
        review.push(again=True)
        assert review.pull(full=True).deleted == 0
        assert not review.log.annotations(*WHOSE)["deleted"].any()


class TestHostile:
    """What its source does not vouch for is kept, told, and no vote."""

    @pytest.mark.parametrize(
        ("said", "wrong", "annotator"),
        [
            pytest.param({"completed_by": WU}, "forged", "wu@x.cn", id="in another's name"),
            pytest.param({"updated_by": WU}, "forged", "li@x.cn", id="changed by another"),
            pytest.param(
                {"completed_by": None, "updated_by": None}, "deleted_user", None, id="of a deleted user"
            ),
            pytest.param({"completed_by": 77, "updated_by": 77}, "no_annotator", None, id="of nobody"),
            pytest.param({"result": "x" * 1_000_001}, "invalid", "li@x.cn", id="a megabyte"),
        ],
    )
    def test_is_told(self, review: Review, said: dict[str, Any], wrong: str, annotator: str | None) -> None:
        review.server.annotate(review.task("0"), LI, **({"result": results("accept")} | said))
        assert counts(review.pull()) == {"seen": 1, "new": 1, wrong: 1}
        assert (only(review)["wrong"], only(review)["annotator"]) == (wrong, annotator)
        assert only(review)["detail"]
        assert review.assessed().votes["state"].to_list() == [wrong]

    @pytest.mark.parametrize(
        ("said", "state"),
        [
            pytest.param([], "invalid", id="empty"),
            pytest.param([{"foo": 1}], "invalid", id="junk"),
            pytest.param(None, "invalid", id="null"),
            pytest.param(results("perhaps"), "invalid", id="unknown choice"),
            pytest.param([{"a": "\ud800"}], "invalid", id="half a surrogate pair"),
        ],
    )
    def test_results_that_fit_no_page_come_home_and_are_no_votes(
        self, review: Review, said: Any, state: str
    ) -> None:
        review.server.annotate(review.task("0"), LI, said)
        assert counts(review.pull()) == {"seen": 1, "new": 1}
        assert review.assessed().votes["state"].to_list() == [state]

    def test_a_megabyte_is_not_kept(self, review: Review) -> None:
        review.server.annotate(review.task("0"), LI, "x" * 1_000_001)
        review.pull()
        assert only(review)["result"] == "[]"
        assert "1000003" in only(review)["detail"]

    def test_of_two_by_one_person_the_newer_counts(self, review: Review) -> None:
        review.say("0", li="accept")
        review.say("0", li="reject")
        assert review.pull().new == 2
        votes = review.assessed().votes
        assert sorted(votes.select("state", "value").rows()) == [
            ("counted", "reject"),
            ("replaced", "accept"),
        ]

    @pytest.mark.parametrize(
        "data",
        [
            {"text": "by hand"},
            {"curate_id": "0" * 16},
            {"curate_id": None},
            {"curate_id": ["x"], "curate_round": "1"},
        ],
    )
    def test_tasks_that_are_not_ours_are_of_no_item(self, review: Review, data: dict[str, Any]) -> None:
        review.server.import_tasks(1, [{"data": data}])
        review.server.annotate(max(review.server.tasks), LI, results("accept"))
        assert counts(review.pull()) == {"seen": 1, "new": 1, "unknown_item": 1}

    def test_a_round_that_is_no_number_is_of_no_item(self, review: Review) -> None:
        review.server.tasks[review.task("0")]["data"]["curate_round"] = "2"
        review.say("0", li="accept")
        assert dict(review.pull().wrong) == {"unknown_item": 1}

    def test_a_task_whose_text_was_changed_on_the_server_is_stale(self, review: Review) -> None:
        review.server.tasks[review.task("0")]["data"]["answer"] = "something else"
        review.say("0", li="accept")
        review.pull()
        assert review.assessed().votes["state"].to_list() == ["stale"]

    def test_a_user_who_was_deleted_later_is_seen_by_a_full_pull(self, review: Review) -> None:
        review.say("0", li="accept")
        review.pull()
        review.server.delete_user(LI)
        assert dict(review.pull(full=True).wrong) == {"deleted_user": 1}
        assert review.assessed().votes["state"].to_list() == ["deleted_user"]

    def test_what_a_user_said_who_annotates_for_an_expert_is_no_decision(self, review: Review) -> None:
        review.say("0", li="accept", wu="reject")
        review.pull()
        review.push(stage="adjudicate")
        review.server.annotate(review.task("0"), LI, results("accept"), completed_by=EXPERT)
        assert dict(review.pull("adjudicate").wrong) == {"forged": 1}
        assert review.assessed().decided.is_empty()


def test_two_tasks_of_one_item_are_one(review: Review) -> None:
    review.server.import_tasks(1, [{"data": review.server.tasks[review.task("0")]["data"]}])
    review.server.annotate(review.task("0", 0), LI, results("accept"))
    review.server.annotate(review.task("0", 1), WU, results("accept"))
    review.pull()
    assert review.assessed().decided["item_id"].to_list() == ["0"]


def test_an_item_that_left_the_sample_and_came_back_has_its_votes(review: Review) -> None:
    whole, review.items = review.items, items("3")
    for item in "03":
        review.say(item, li="accept", wu="accept")
    assert not review.pull().wrong
    assert review.assessed().decided["item_id"].to_list() == ["3"]
    review.items = whole
    assert review.assessed().decided["item_id"].to_list() == ["0", "3"]


def test_the_guideline_is_that_of_the_time(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    old = review.page.version
    review.say("0", li="accept")
    review.page = replace(review.page, guideline="# new")
    monkeypatch.setattr("curate.review.server_log.now", lambda: review.server._now())
    review.push()
    review.say("0", wu="accept")
    review.pull()
    assert review.log.annotations(*WHOSE)["guideline"].to_list() == [old, review.page.version]


def test_a_pull_that_was_killed_before_its_last_batch_is_repeated(
    review: Review, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "BATCH", 1)
    for item in "0123":
        review.say(item, li="accept")
    whole = review.server.changed

    def breaks(project: int, since: str | None) -> Iterator[dict[str, Any]]:
        for number, task in enumerate(whole(project, since)):
            if number == 2:
                raise KeyboardInterrupt
            yield task

    with monkeypatch.context() as killed:
        killed.setattr(review.server, "changed", breaks)
        with pytest.raises(KeyboardInterrupt):
            review.pull()
    assert review.log.annotations(*WHOSE).height == 2
    assert counts(review.pull()) == {"seen": 4, "new": 2}
    assert review.server.asked_since == [None, None]


def test_a_project_that_was_never_pushed_is_told(tmp_path: Path) -> None:
    with small_review(tmp_path) as fresh:
        with pytest.raises(CurateError, match="还没有推送") as error:
            fresh.pull()
        assert "curate review push" in error.value.hint
        assert counts(fresh.pull("adjudicate")) == {}


def test_a_project_that_was_deleted_is_told_and_nothing_is_taken_for_deleted(review: Review) -> None:
    review.say("0", li="accept")
    review.pull()
    review.server.projects.clear()
    with pytest.raises(CurateError, match="已经被删除"):
        review.pull(full=True)
    assert not only(review)["deleted"]
