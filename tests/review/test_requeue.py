"""Items are put back and annotators set aside by somebody who says why; it is told what that changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curate.errors import UsageError
from curate.review.assess import Assessment
from curate.review.log import Log
from curate.review.requeue import exclude, include, requeue
from tests.review.small_votes import assessed, everyone, items, project

PROJECT = project(name="pairs")
SAMPLE = items("0", "1", "2", "3")
#: 0 agreed, 1 disputed, 2 half done, 3 untouched
SAID = everyone({"a": "aaa-", "b": "ar--"})
WHY = ("wang", "说明改过了")


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    with Log(tmp_path / "review.sqlite") as opened:
        yield opened


def now(log: Log) -> Assessment:
    """What the votes and the log say together."""
    return assessed(SAMPLE, *SAID, what=PROJECT, events=log.events("expo", "pairs"))


@pytest.mark.parametrize(
    ("what", "back", "told"),
    [
        ("disputed", {"1"}, "1 条退回重标，原来的 2 个判断不再计入"),
        ("all", {"0", "1", "2"}, "3 条退回重标，原来的 5 个判断不再计入；另有 1 条本来就在等人判断"),
        (["0", "3"], {"0"}, "1 条退回重标，原来的 2 个判断不再计入；另有 1 条"),
    ],
)
def test_what_is_put_back_and_what_that_costs(log: Log, what: Any, back: set[str], told: str) -> None:
    assert told in requeue(log, "expo", PROJECT, now(log), what, *WHY)
    assert now(log).rounds == dict.fromkeys(back, 2)
    assert set(log.events("expo", "pairs")["why"]) == {"说明改过了"}
    counted = now(log).votes.filter(state="counted")["item_id"]
    assert not set(counted) & back


def test_an_item_that_waits_already_is_not_put_back_again(log: Log) -> None:
    requeue(log, "expo", PROJECT, now(log), ["1"], *WHY)
    assert "没有要重标的条目" in requeue(log, "expo", PROJECT, now(log), ["1"], *WHY)
    assert now(log).rounds == {"1": 2}


def test_an_item_that_is_none_of_the_projects_is_refused_with_the_nearest(log: Log) -> None:
    names = items("news:1#doc_qa.1", "news:2#doc_qa.1")
    with pytest.raises(UsageError, match=r"news:1#doc_qa\.11") as error:
        requeue(log, "expo", PROJECT, assessed(names, what=PROJECT), ["news:1#doc_qa.11"], *WHY)
    assert "是不是 news:1#doc_qa.1" in error.value.hint
    assert log.events("expo", "pairs").is_empty()


def test_what_an_excluded_annotator_said_no_longer_counts(log: Log) -> None:
    told = exclude(log, "expo", PROJECT, now(log), "A@example.com", *WHY)
    assert "a@example.com 的 3 个判断不再计入，3 条要请别人补判" in told
    assert now(log).excluded == ["a@example.com"]
    assert set(now(log).votes.filter(state="counted")["annotator"]) == {"b@example.com"}
    assert "已经排除" in exclude(log, "expo", PROJECT, now(log), "a@example.com", *WHY)
    assert log.events("expo", "pairs").height == 1


def test_an_annotator_who_is_included_again_counts_again(log: Log) -> None:
    exclude(log, "expo", PROJECT, now(log), "a@example.com", *WHY)
    assert "此前搁置的有 3 个" in include(log, "expo", PROJECT, now(log), "a@example.com", *WHY)
    assert now(log).excluded == []
    assert now(log).votes.filter(state="counted").height == len(SAID)


def test_including_somebody_who_is_not_excluded_says_who_is(log: Log) -> None:
    exclude(log, "expo", PROJECT, now(log), "a@example.com", *WHY)
    assert "a@example.com" in include(log, "expo", PROJECT, now(log), "b@example.com", *WHY)
    assert log.events("expo", "pairs").height == 1


def test_an_unknown_annotator_is_refused_with_the_nearest(log: Log) -> None:
    with pytest.raises(UsageError, match=r"aa@example\.com") as error:
        exclude(log, "expo", PROJECT, now(log), "aa@example.com", *WHY)
    assert "a@example.com" in error.value.hint


@pytest.mark.parametrize(("by", "why"), [("wang", " "), ("", "careless")])
@pytest.mark.parametrize("act", [requeue, exclude, include])
def test_nothing_is_done_without_a_name_and_a_reason(log: Log, act: Any, by: str, why: str) -> None:
    with pytest.raises(UsageError, match="谁、为什么"):
        act(log, "expo", PROJECT, now(log), "a@example.com" if act is not requeue else "all", by, why)
    assert log.events("expo", "pairs").is_empty()
