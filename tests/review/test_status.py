"""How far a project is, counted by hand beside what is told."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from curate.report.review_status import status_text
from curate.review.status import progress
from tests.review.small_pages import page
from tests.review.small_votes import assessed, control_items, decides, everyone, items, project, said

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
SAMPLE = items("0", "1", "2", "3")


def told(*rows: dict[str, Any], sample: Any = SAMPLE, now: datetime = NOON, **options: Any) -> dict[str, Any]:
    what = project(name="pairs", **options)
    return progress(what, page(), sample, assessed(sample, *rows, what=what), now)


def test_counts_items_votes_and_what_is_left() -> None:
    found = told(*everyone({"a": "aaa-", "b": "ar--"}), sample=SAMPLE.vstack(control_items("9!control")))
    assert {name: found[name] for name in ("items", "complete", "begun", "votes", "votes_wanted", "votes_left")} == {
        "items": 5, "complete": 2, "begun": 1, "votes": 5, "votes_wanted": 10, "votes_left": 5,
    }  # fmt: skip
    assert found["parts"] == {"control": 1, "sample": 4}
    assert found["hours_left"] == pytest.approx(5 * 10 / 3600)


def test_more_votes_than_wanted_leave_nothing_over_for_other_items() -> None:
    assert told(*everyone({"a": "a", "b": "a", "c": "a"}))["votes_left"] == 6


def test_tells_disputes_and_what_the_expert_settled() -> None:
    rows = everyone({"a": "aaa", "b": "rra"})
    found = told(*rows, decides("0", "reject"))
    assert (found["disputed"], found["adjudicated"], found["decided"]) == (1, 1, 2)


def test_tells_what_each_did() -> None:
    rows = [
        said("0", "a", "accept", seconds=10.0, updated_at="2026-11-20T03:00:00Z"),
        said("1", "a", "accept", seconds=20.0, updated_at="2026-11-19T03:00:00Z"),
        said("2", "a", "accept", seconds=7200.0, updated_at="2026-11-19T04:00:00Z"),
        said("3", "a", "accept", skipped=True, updated_at="2026-11-20T04:00:00Z"),
        said("0", "b", [{"foo": 1}]),
        decides("0", "reject", seconds=None, updated_at="2026-11-20T05:00:00Z"),
    ]
    first, second, expert = told(*rows)["annotators"]
    assert first == {
        "annotator": "a@example.com", "stage": "annotate", "votes": 3, "today": 1, "skipped": 1, "invalid": 0, "other": 0,
        "seconds": 15.0, "last_seen": "2026-11-20T04:00:00+00:00",
    }  # fmt: skip
    assert (second["votes"], second["invalid"]) == (0, 1)
    assert (expert["stage"], expert["votes"], expert["seconds"]) == ("adjudicate", 1, None)


def test_today_is_the_readers_day() -> None:
    late = said("0", "a", "accept", updated_at="2026-11-19T17:00:00Z")
    shanghai = NOON.astimezone(timezone(timedelta(hours=8)))
    assert [told(late, now=now)["annotators"][0]["today"] for now in (NOON, shanghai)] == [0, 1]


def test_before_anybody_began_there_is_no_estimate() -> None:
    found = told()
    assert (found["hours_left"], found["seconds"], found["annotators"]) == (None, None, [])
    assert "还差 8 个判断" in status_text(found)


def test_the_text_says_all_that_matters_and_is_json_too() -> None:
    found = told(*everyone({"a": "aaa-", "b": "ar--"}), said("3", "b", [{"foo": 1}]))
    text = status_text(json.loads(json.dumps(found)))
    assert "pairs：2 / 4 条判完（每条 2 人，已有 62% 的判断）" in text
    assert "争议待裁决 1 条" in text
    assert "不计入的标注：不合界面 1" in text
    assert "b@example.com" in text
    assert found["guideline"] in text
