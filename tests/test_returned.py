"""Returned values: what is kept of them, and how they go into the rows of a run."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.returned import PATCH, Line, Store, as_cells, put_in, typed_as
from curate.returned.store import FORM

LINE = Line(
    "demo", "companies", "companies:1", "name", "return", "甲", "甲公司", "王芳", "2026-11-22T08:00:00.000000Z",
    "表.xlsx", "a" * 64, "20261122-160000_demo", "查了合同",
)  # fmt: skip


def patches(*cells: tuple[str, str, str | None, str | None]) -> pl.DataFrame:
    return pl.DataFrame(cells, schema=PATCH, orient="row")


def rows(**columns: list[Any]) -> pl.DataFrame:
    count = len(next(iter(columns.values())))
    return pl.DataFrame({"row_id": [f"companies:{n}" for n in range(1, count + 1)], **columns})


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


class TestStore:
    def test_makes_no_file_while_nothing_came_back(self, store: Store) -> None:
        assert store.patches("demo", "companies").is_empty()
        assert not store.file.exists()

    def test_keeps_who_when_why_and_what_the_source_said(self, store: Store) -> None:
        assert store.add([LINE]) == [LINE]
        assert store.lines() == [LINE]
        assert store.patches("demo", "companies").rows() == [("companies:1", "name", "甲", "甲公司")]

    def test_another_recipe_or_corpus_does_not_see_it(self, store: Store) -> None:
        store.add([LINE])
        assert store.patches("weekly", "companies").is_empty()
        assert store.patches("demo", "visitors").is_empty()

    @pytest.mark.parametrize(
        "second",
        [LINE, replace(LINE, file="同一张表.xlsx"), replace(LINE, sha256="b" * 64, by="李雷")],
        ids=["same file", "same file, another name", "another file, same value"],
    )
    def test_what_is_known_is_no_news(self, store: Store, second: Line) -> None:
        store.add([LINE])
        assert store.add([second]) == []

    def test_an_old_file_that_comes_again_does_not_undo_a_newer_one(self, store: Store) -> None:
        store.add([LINE])
        store.add([replace(LINE, value="甲股份公司", sha256="b" * 64)])
        assert store.add([LINE]) == []
        assert store.patches("demo", "companies")["value"].to_list() == ["甲股份公司"]

    def test_undo_lets_the_source_count_and_keeps_the_history(self, store: Store) -> None:
        store.add([LINE])
        gone = store.undo(store.in_force(), "李雷", "改错了")
        assert [(line.kind, line.by, line.why) for line in gone] == [("undo", "李雷", "改错了")]
        assert store.patches("demo", "companies").is_empty()
        assert [line.kind for line in store.lines()] == ["return", "undo"]

    def test_behind_an_undo_the_same_file_is_news_again(self, store: Store) -> None:
        store.add([LINE])
        store.undo(store.in_force(), "李雷", "")
        assert store.add([LINE]) == [LINE]
        assert store.patches("demo", "companies").height == 1

    def test_a_file_that_is_no_store_is_told(self, store: Store) -> None:
        store.file.parent.mkdir()
        store.file.write_text("这不是数据库，" * 200, encoding="utf-8")
        with pytest.raises(CurateError, match="不能读写") as error:
            store.patches("demo", "companies")
        assert "移到别处" in error.value.hint

    def test_a_newer_curate_s_store_is_told(self, store: Store) -> None:
        store.add([LINE])
        connection = sqlite3.connect(store.file)
        connection.execute(f"PRAGMA user_version={FORM + 1}")
        connection.close()
        with pytest.raises(CurateError, match="更新版本"):
            store.lines()


class TestPutIn:
    def test_a_value_takes_the_place_of_what_the_source_said(self) -> None:
        patched, notes = put_in(
            rows(name=["甲", "乙"]), patches(("companies:1", "name", "甲", "甲公司")), None
        )
        assert patched["name"].to_list() == ["甲公司", "乙"]
        assert notes.rows() == [("companies:1", "returned", "name", "returned", "甲公司")]

    @pytest.mark.parametrize(
        ("now", "becomes", "what"),
        [
            ("甲", "甲公司", "returned"),
            ("甲公司", "甲公司", "returned"),
            ("丙", "丙", "stale"),
            (None, None, "stale"),
        ],
        ids=["as it was", "mended at the source too", "changed since", "emptied since"],
    )
    def test_a_source_that_has_changed_wins(self, now: str | None, becomes: str | None, what: str) -> None:
        table = rows(name=pl.Series([now], dtype=pl.String).to_list()).cast({"name": pl.String})
        patched, notes = put_in(table, patches(("companies:1", "name", "甲", "甲公司")), None)
        assert patched["name"].to_list() == [becomes]
        assert notes["what"].to_list() == [what]

    def test_an_empty_cell_is_filled_and_a_cell_is_emptied(self) -> None:
        table = rows(name=[None, "乙"]).cast({"name": pl.String})
        given = patches(("companies:1", "name", None, "甲公司"), ("companies:2", "name", "乙", None))
        patched, _ = put_in(table, given, None)
        assert patched["name"].to_list() == ["甲公司", None]

    def test_a_text_that_is_made_of_columns_is_made_anew_where_one_changed(self) -> None:
        table = rows(name=["甲", "乙"], text=["甲！", "旧"])
        patched, _ = put_in(table, patches(("companies:1", "name", "甲", "甲公司")), "{{name}}！")
        assert patched["text"].to_list() == ["甲公司！", "旧"]

    def test_a_row_of_another_shard_is_none_of_this_one_s(self) -> None:
        table = rows(name=["甲"])
        patched, notes = put_in(table, patches(("companies:9", "name", "甲", "甲公司")), None)
        assert patched.equals(table)
        assert notes.is_empty()

    def test_a_column_that_the_source_has_no_more_is_stale(self) -> None:
        _, notes = put_in(rows(name=["甲"]), patches(("companies:1", "city", "沪", "上海")), None)
        assert notes["what"].to_list() == ["stale"]

    def test_typed_columns_keep_their_types(self) -> None:
        table = rows(seats=[3], guests=[["李四"]], opened=[date(2026, 3, 5)])
        given = patches(
            ("companies:1", "seats", "3", "30"),
            ("companies:1", "guests", '["李四"]', '["李四", "王五"]'),
            ("companies:1", "opened", "2026-03-05", "2026-03-06"),
        )
        patched, notes = put_in(table, given, None)
        assert patched.schema == table.schema
        assert patched.row(0)[1:] == (30, ["李四", "王五"], date(2026, 3, 6))
        assert set(notes["what"]) == {"returned"}

    def test_a_value_that_the_column_cannot_hold_is_left_out(self) -> None:
        table = rows(seats=[3])
        patched, notes = put_in(table, patches(("companies:1", "seats", "3", "三十")), None)
        assert patched.equals(table)
        assert notes["what"].to_list() == ["stale"]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (" 30 ", pl.Int64(), 30),
        ("3.5", pl.Float64(), 3.5),
        ("3.5", pl.Int64(), None),
        ("TRUE", pl.Boolean(), True),
        ("是", pl.Boolean(), None),
        ("2026-03-05", pl.Date(), date(2026, 3, 5)),
        ("2026-02-30", pl.Date(), None),
        ("2026-03-05 14:30:00", pl.Datetime("us"), datetime(2026, 3, 5, 14, 30)),
        ("[1", pl.List(pl.Int64()), None),
        ("00123", pl.String(), "00123"),
    ],
)
def test_a_typed_text_gets_the_type_of_its_column(text: str, kind: pl.DataType, value: object) -> None:
    assert typed_as(pl.Series([text]), kind).to_list() == [value]


def test_cells_are_the_text_that_a_person_would_type() -> None:
    table = rows(
        seats=[3], free=[True], guests=[["李四"]], opened=[datetime(2026, 3, 5, 14, 30)], phone=["00123"]
    )
    cells = as_cells(table, [name for name in table.columns if name != "row_id"])
    assert cells.row(0)[1:] == ("3", "true", '["李四"]', "2026-03-05 14:30:00", "00123")
