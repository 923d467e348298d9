"""Rows: what a unit gives back, and tables on disk."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.rows import (
    RESERVED,
    WHY,
    Table,
    because,
    keep_where,
    nothing_dropped,
    time_text,
    value_columns,
    with_text,
)
from tests.conftest import Rows


def test_the_first_rule_that_fails_is_the_reason(rows: Rows) -> None:
    given = rows("a", "b", "c", n=[1, 5, 9])
    outcome = keep_where(given, {"small": pl.col("n") > 3, "not_large": pl.col("n") > 7})
    assert outcome.kept["row_id"].to_list() == ["news:2"]
    assert outcome.dropped.select("row_id", "reason").rows() == [("news:0", "small"), ("news:1", "not_large")]


def test_a_rule_that_is_null_is_not_fulfilled(rows: Rows) -> None:
    outcome = keep_where(rows("a", None), {"no_text": pl.col("text") == "a"})
    assert outcome.dropped["row_id"].to_list() == ["news:1"]


def test_a_detail_is_told_by_the_rule_that_dropped_the_row_only(rows: Rows) -> None:
    given = rows("a", "b", n=[1, 5])
    outcome = keep_where(
        given, {"small": pl.col("n") > 3, "odd": pl.col("n") % 2 == 0}, {"small": pl.col("n")}
    )
    assert outcome.dropped.select("reason", "detail").rows() == [("small", "1"), ("odd", None)]


def test_kept_and_dropped_rows_have_the_columns_they_came_with(rows: Rows) -> None:
    given = rows("a", "b", n=[1, 5])
    outcome = keep_where(given, {"small": pl.col("n") > 3})
    assert outcome.kept.schema == given.schema
    assert outcome.dropped.schema == {**given.schema, **WHY}


@given(numbers=st.lists(st.one_of(st.none(), st.integers(0, 9))))
@settings(max_examples=60)
def test_every_row_is_in_exactly_one_frame_in_its_order(numbers: list[int | None]) -> None:
    frame = pl.DataFrame({"n": pl.Series(numbers, dtype=pl.Int64)}).with_row_index("at")
    outcome = keep_where(frame, {"small": pl.col("n") > 3, "nine": pl.col("n") != 9})
    assert outcome.kept["at"].is_sorted()
    assert outcome.dropped["at"].is_sorted()
    assert sorted([*outcome.kept["at"], *outcome.dropped["at"]]) == list(range(len(numbers)))


def test_nothing_dropped_fits_below_dropped_rows(rows: Rows) -> None:
    given = rows("a")
    dropped = because(given, pl.lit("copy"), of=pl.lit("news:9"), similarity=pl.lit(0.9))
    assert pl.concat([nothing_dropped(given), dropped]).select(*WHY).rows() == [("copy", None, "news:9", 0.9)]


def test_value_columns_are_the_rows_own(rows: Rows) -> None:
    assert value_columns(rows("a", title=["甲"])) == ["title", "text", "updated_at"]
    assert value_columns(pl.DataFrame(schema=dict.fromkeys(RESERVED, pl.String))) == []


def test_text_is_made_anew_from_a_column_or_a_template(rows: Rows) -> None:
    given = rows("old", title=["甲"], n=[3])
    assert with_text(given, None)["text"].item() == "old"
    assert with_text(given, "title")["text"].item() == "甲"
    assert with_text(given, "n")["text"].item() == "3"
    assert with_text(given, "{{ title }}{{ n }}号")["text"].item() == "甲3号"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (datetime(2026, 3, 5, 14, 30), "2026-03-05 14:30:00"),
        (date(2026, 3, 5), "2026-03-05"),
        ("三月五日", "三月五日"),
        (None, None),
    ],
)
def test_times_as_text_have_no_empty_fractions(value: object, text: str | None) -> None:
    frame = pl.DataFrame({"at": [value]})
    assert frame.select(time_text("at", frame)).item() == text


def test_a_table_is_its_shards_in_order(tmp_path: Path) -> None:
    shards = tuple(tmp_path / f"{number}.parquet" for number in range(3))
    for number, shard in enumerate(shards):
        pl.DataFrame(
            {"a": [number] * number, "b": ["x"] * number}, schema={"a": pl.Int64, "b": pl.String}
        ).write_parquet(shard)
    table = Table("news", shards)
    assert table.heights == (0, 1, 2)
    assert table.rows == 3
    assert table.schema == {"a": pl.Int64, "b": pl.String}
    assert table.narrow(["a"])["a"].to_list() == [1, 2, 2]
    assert [frame.columns for frame in table.frames(["b"])] == [["b"]] * 3
    assert [frame.height for frame in table.frames()] == [0, 1, 2]
