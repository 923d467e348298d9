"""Attack: somebody is the only one of his age in his city, and everybody knows it."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from curate.errors import GateFailed
from curate.privacy import Anonymize
from tests.privacy.carried import PEOPLE, carry, people

CROWD: list[tuple[int | None, str | None, int]] = [
    (age, city, 8) for age in range(25, 45) for city in ("南京市", "广州市", "杭州市")
]


def test_one_rare_person_in_a_crowd_is_suppressed_or_dropped(tmp_path: Path) -> None:
    told = carry(tmp_path, people([*CROWD, (97, "三沙市", 1)]))
    assert told.rows.filter((pl.col("age") == 97) | (pl.col("city") == "三沙市")).height == 0
    assert told.dropped["reason"].to_list() == ["k_anonymity"]
    assert told.rows.group_by("age", "city").len()["len"].min() == 8


def test_each_value_is_common_but_together_they_are_one_person(tmp_path: Path) -> None:
    told = carry(
        tmp_path, people([(30, "南京市", 30), (60, "广州市", 30), (30, "广州市", 1)]), max_suppressed=0
    )
    assert told.measured["smallest"] >= 5
    assert told.measured["short"] == 0


def test_more_rare_people_than_may_be_suppressed_make_everything_coarser(tmp_path: Path) -> None:
    told = carry(tmp_path, people([*CROWD, *((60 + age, "三沙市", 1) for age in range(30))]))
    assert told.decided.metrics["suppressed"] <= 0.05 * told.decided.rows_in
    assert told.decided.metrics["loss"] > 0
    assert told.measured["smallest"] >= 5


def test_where_all_are_rare_the_run_stops(tmp_path: Path) -> None:
    told = carry(tmp_path, people([(20, "南京市", 1), (60, "三沙市", 1), (97, "拉萨市", 1)]))
    with pytest.raises(GateFailed, match="做不到 k-匿名：只有 3 行") as raised:
        Anonymize.model_validate(PEOPLE).gate(told.decided.metrics)
    assert "多收集一些行" in raised.value.hint
