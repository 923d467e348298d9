"""preferences: which answer is better, without a hint which was meant to be."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from curate.review.preference import Preferences, better_is_first
from curate.review.schema import ITEM
from tests.review.pair_tables import decided, frame, items, material, pair, rows

ROWS = rows(*[{"row_id": f"c:{n}", "text": f"第{n}行"} for n in range(40)])
#: Of the first the better answer stands as a, of the second as b.
FIRST = next(f"c:{n}#q" for n in range(40) if better_is_first(f"c:{n}#q"))
SECOND = next(f"c:{n}#q" for n in range(40) if not better_is_first(f"c:{n}#q"))


def project(**options: Any) -> Preferences:
    return Preferences(interface="preference.xml", guideline="preference.md", **options)


def two(pair_id: str, **more: Any) -> dict[str, Any]:
    return pair(pair_id, "好的回答。", rejected="差的回答。", kind="preference", **more)


def test_the_order_is_drawn_and_says_nothing(tmp_path: Path) -> None:
    pairs = frame(*[two(f"c:{n}#q") for n in range(40)], pair("c:1#other"))
    told = project().choose(material(tmp_path, pairs, ROWS))
    assert told.items.schema == pl.Schema(ITEM)
    assert told.items.height == 40
    shown = {item_id: json.loads(data) for item_id, data in told.items.select("item_id", "data").iter_rows()}
    assert set(shown[FIRST]) == {"question", "answer_a", "answer_b", "passage", "about"}
    assert (shown[FIRST]["answer_a"], shown[FIRST]["answer_b"]) == ("好的回答。", "差的回答。")
    assert (shown[SECOND]["answer_a"], shown[SECOND]["answer_b"]) == ("差的回答。", "好的回答。")
    assert 10 <= sum(better_is_first(one) for one in shown) <= 30
    assert told.items["expected"].null_count() == 40


def test_the_turns_before_the_two_answers_are_the_question(tmp_path: Path) -> None:
    turns = [
        {"role": "user", "content": "甲？"},
        {"role": "assistant", "content": "乙。"},
        {"role": "user", "content": "丙？"},
    ]
    told = project().choose(material(tmp_path, frame(two("c:1#q", messages=turns)), ROWS))
    assert json.loads(told.items["data"][0])["question"] == "用户：甲？\n助手：乙。\n用户：丙？"


VERDICTS = [
    (FIRST, "a", False),
    (FIRST, "b", True),
    (SECOND, "a", True),
    (SECOND, "b", False),
]


@pytest.mark.parametrize(("pair_id", "value", "swapped"), VERDICTS)
def test_a_comparison_is_turned_round_where_people_see_it_so(pair_id: str, value: str, swapped: bool) -> None:
    pairs, told = frame(two("c:99#q"), two(pair_id)), decided(**{pair_id: {"value": value}})
    outcome = project().apply(pairs, items(pair_id), told)
    output, rejected, review = outcome.kept.select("output", "rejected", "review").row(1)
    assert (output, rejected) == (("差的回答。", "好的回答。") if swapped else ("好的回答。", "差的回答。"))
    assert review["decision"] == value
    was = json.loads(review["was"]) if review["was"] else None
    assert was == ({"output": "好的回答。", "rejected": "差的回答。"} if swapped else None)
    assert_frame_equal(outcome.kept.head(1), pairs.head(1))
    counts = project().settle(items(pair_id), told)
    assert counts == {"kept": int(not swapped), "swapped": int(swapped), "tie": 0, "bad": 0}


def test_what_is_no_comparison_goes() -> None:
    pairs = frame(*[two(f"c:{n}#q") for n in range(4)], two("c:4#q", origin="real"), pair("c:5#q"))
    told = decided(**{"c:0#q": {"value": "tie"}, "c:1#q": {"value": "bad", "reason": "都不对"}})
    outcome = project(unsampled="drop").apply(pairs, items("c:0#q", "c:1#q", "c:2#q"), told)
    assert {row[0]: row[1:] for row in outcome.dropped.select("pair_id", "reason", "detail").iter_rows()} == {
        "c:0#q": ("tie_in_review", None),
        "c:1#q": ("both_bad_in_review", "都不对"),
        "c:2#q": ("disputed_in_review", None),
        "c:3#q": ("not_reviewed", None),
    }
    assert outcome.kept["pair_id"].to_list() == ["c:4#q", "c:5#q"]


def test_without_decisions_nothing_changes() -> None:
    pairs = frame(two("c:1#q"), pair("c:2#q"))
    outcome = project().apply(pairs, pl.DataFrame(schema=ITEM), decided())
    assert_frame_equal(outcome.kept, pairs)
    assert project().settle(items(), decided()) == {"kept": 0, "swapped": 0, "tie": 0, "bad": 0}
