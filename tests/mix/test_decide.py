"""The mix as a whole: each pair goes for one reason, the first, and what is left is as it was."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from curate.mix import Mix, carry_out, decide
from curate.mix.decide import VERDICT
from curate.rows import WHY
from tests.mix.tables import LLM, TEST, pair, tables

LONG = "云帆储能科技公司去年在华东地区一共签下了几个储能电站项目，总容量是多少？"
TOLD = "一共签下七个储能电站项目，总容量约为二百兆瓦时，年内全部并网，公司还计划在西北扩产。"


def test_a_pair_goes_for_the_first_reason_that_there_is(tmp_path: Path) -> None:
    exam = pair("c:9#exam", instruction=LONG, output=TOLD, **TEST)
    mine = [
        pair("c:1#same", instruction=LONG, output=TOLD, **LLM),
        pair("c:1#near", instruction=LONG + "请答", output=TOLD, **LLM),
        pair("c:1#taken", instruction="想了解一下，" + LONG, output="七个。", **LLM),
        *(pair(f"c:1#more{n}", **LLM) for n in range(3)),
    ]
    told, _ = decide(tables(tmp_path, [exam], mine), Mix(quota={"row": 2}))
    assert told.schema == pl.Schema(VERDICT)
    reasons = dict(told.select("pair_id", "reason").iter_rows())
    assert reasons.pop("c:1#same") == "same_question"
    assert reasons.pop("c:1#near") == "near_duplicate"
    assert reasons.pop("c:1#taken") == "contaminated"
    assert list(reasons.values()) == ["over_quota"]


def test_what_is_dropped_says_why_and_what_is_kept_is_as_it_was(tmp_path: Path) -> None:
    made = tables(
        tmp_path,
        [pair("c:1#a", instruction="问？"), pair("c:2#b"), pair("c:3#c", instruction="问？", **TEST)],
    )
    told, _ = decide(made, Mix())
    [frame] = made[0].frames()
    outcome = carry_out(frame, told)
    assert outcome.kept.equals(frame.filter(pl.col("pair_id") != "c:1#a"))
    [gone] = outcome.dropped.to_dicts()
    assert {name: gone[name] for name in ("row_id", *WHY)} == {
        "row_id": "c:1#a", "reason": "same_question", "detail": None, "of": "c:3#c", "similarity": None,
    }  # fmt: skip


@pytest.mark.parametrize("tasks", [[], [[]]], ids=["no task", "no pairs"])
def test_nothing_is_no_error(tmp_path: Path, tasks: list[list[dict[str, object]]]) -> None:
    told, _ = decide(
        tables(tmp_path, *tasks), Mix(balance={"by": "label", "min": 3}, long_tail={"by": "task"})
    )
    assert told.is_empty()


def test_the_order_of_tasks_and_rows_makes_no_difference(tmp_path: Path) -> None:
    one = [pair(f"c:{n}#q", instruction=f"第{n % 7}问？", **LLM) for n in range(20)]
    other = [pair(f"d:{n}#q", instruction=f"第{n % 5}问？", corpus="d") for n in range(20)]
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    told, _ = decide(tables(tmp_path / "a", one, other), Mix())
    again, _ = decide(tables(tmp_path / "b", other[::-1], one[::-1]), Mix())
    assert told.equals(again)
    assert told.height == 33
