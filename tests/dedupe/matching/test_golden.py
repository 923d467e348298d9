"""The golden row of a group and the provenance of its values."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import polars as pl
import pytest

from curate.dedupe.matching import RecordRules, golden_rows


def rows(**columns: list[Any]) -> pl.DataFrame:
    size = len(next(iter(columns.values())))
    ids = [f"c:{number}" for number in range(size)]
    return pl.DataFrame(
        {
            "row_id": ids,
            "corpus": ["c"] * size,
            "cluster_id": ids,
            "copies": [1] * size,
            "updated_at": pl.Series(["2024-01-01", "2026-01-01", None, "2025-01-01"][:size], dtype=pl.String),
            "text": [f"正文{number}" for number in range(size)],
            **columns,
        },
        strict=False,
    )


def golden(told: pl.DataFrame, group: list[int], **rules: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    return golden_rows(told, np.array(group), RecordRules(match={"x": "title"}, golden=rules))


@pytest.mark.parametrize(
    ("rule", "values", "value", "source"),
    [
        ("best", ["甲", "乙", "丙"], "甲", None),
        ("best", [None, None, "丙"], "丙", "c:2"),
        ("best", ["", "乙", "丙"], "乙", "c:1"),
        ("newest", ["甲", "乙", "丙"], "乙", "c:1"),
        ("newest", ["甲", None, "丙"], "甲", None),
        ("longest", ["甲", "乙", "丙丙丙"], "丙丙丙", "c:2"),
        ("longest", ["甲甲", "乙乙", None], "甲甲", None),
        ("most_common", ["甲", "乙", "乙"], "乙", "c:1"),
        ("most_common", ["甲", "乙", None], "甲", None),
        ("most_common", [["甲"], ["乙"], ["乙"]], ["乙"], "c:1"),
        ("longest", [["甲"], ["乙", "丙"], None], ["乙", "丙"], "c:1"),
        ("union", ["甲、乙", "乙、丙", None], "甲、乙、丙", "c:0 c:1"),
        ("union", ["甲", "甲", None], "甲", None),
        ("largest", [3, None, 5], 5, "c:2"),
        ("smallest", [3, None, 2], 2, "c:2"),
        ("largest", [date(2020, 1, 1), None, date(2021, 1, 1)], date(2021, 1, 1), "c:2"),
        ("union", [[1], [1, 2], None], [1, 2], "c:0 c:1"),
        ("best", [None, None, None], None, None),
        ("newest", [None, None, None], None, None),
        ("union", [None, None, None], None, None),
    ],
)
def test_a_rule_chooses_a_value_and_says_whose(
    rule: str, values: list[Any], value: Any, source: str | None
) -> None:
    told = rows(x=values)
    made, provenance = golden(told, [0, 0, 0], x=rule)
    assert made.schema == told.schema
    assert made["x"].to_list() == [value]
    assert provenance["from_row_id"].to_list() == ([] if source is None else [source])
    if source:
        note = provenance.row(0, named=True)
        assert (note["row_id"], note["field"], note["rule"]) == ("c:0", "x", rule)


def test_system_columns_text_and_time_are_the_best_rows() -> None:
    made, _ = golden(rows(x=[None, "乙"]), [0, 0], x="newest")
    assert made.drop("x").row(0) == rows(x=[None, "乙"]).drop("x").row(0)


def test_only_groups_of_several_rows_have_a_golden_row() -> None:
    made, provenance = golden(rows(x=[None, "乙", "丙", "丁"]), [0, 1, 0, 3])
    assert made["row_id"].to_list() == ["c:0"]
    assert provenance.select("row_id", "from_row_id", "value", "was").rows() == [("c:0", "c:2", "丙", None)]


def test_the_representative_need_not_come_first() -> None:
    made, _ = golden(rows(x=["甲", "乙", None]), [2, 1, 2], x="best")
    assert made.select("row_id", "x").rows() == [("c:2", "甲")]


def test_order_says_who_is_better() -> None:
    told = rows(x=[None, "乙", "丙"])
    rules = RecordRules(match={"x": "title"})
    first, _ = golden_rows(told, np.array([0, 0, 0]), rules, np.array([0, 1, 2]))
    second, _ = golden_rows(told, np.array([0, 0, 0]), rules, np.array([0, 2, 1]))
    assert (first["x"].item(), second["x"].item()) == ("乙", "丙")


def test_without_groups_there_is_nothing() -> None:
    told = rows(x=["甲", "乙"])
    made, provenance = golden(told, [0, 1])
    assert (made.height, provenance.height) == (0, 0)
    assert made.schema == told.schema


def test_what_was_there_before_is_kept_as_text() -> None:
    _, provenance = golden(rows(x=[1.5, 2.5]), [0, 0], x="largest")
    assert provenance.select("value", "was").rows() == [("2.5", "1.5")]
