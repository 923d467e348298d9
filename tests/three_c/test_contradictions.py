"""Contradictions: rows of one entity that disagree, before dedupe and behind it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.rows import Table
from curate.three_c.contradictions import contradictions

from .made_tables import made_table


def found(before: Table, final: Table | None, folder: Path) -> tuple[dict[str, Any], pl.DataFrame]:
    return contradictions("companies", ["code"], ["name", "city"], before, final, folder)


def fields(figures: dict[str, Any], what: str) -> dict[str, Any]:
    return {one["field"]: one[what] for one in figures["fields"]}


@pytest.fixture
def before(tmp_path: Path) -> Table:
    """A: two names; B: two cities; C: agrees; D: alone."""
    columns = {
        "code": ["A", "A", "B", "B", "B", "C", "C", "D"],
        "name": ["甲", "乙", "丙", "丙", "丙", "丁", "丁", "戊"],
        "city": ["杭州", "杭州", "上海", "北京", "上海", "广州", None, "深圳"],
    }
    return made_table(tmp_path, "companies", columns, shards=3)


def test_entities_with_several_rows_are_counted_by_field(before: Table, tmp_path: Path) -> None:
    figures, examples = found(before, None, tmp_path)
    assert (figures["entities"], figures["rows"], figures["contradicting"]) == (3, 7, 2)
    assert fields(figures, "contradicting") == {"name": 1, "city": 1}
    assert fields(figures, "share") == {"name": 0.333333, "city": 0.333333}
    assert figures["left"] is None
    assert examples.select("entity", "field", "row_id", "value", "rows").rows() == [
        ("B", "city", "companies:2", "上海", 2),
        ("B", "city", "companies:3", "北京", 1),
        ("A", "name", "companies:0", "甲", 1),
        ("A", "name", "companies:1", "乙", 1),
    ], "each value with one row that has it, the largest entity first"


def test_the_final_rows_say_what_dedupe_kept_and_what_it_left(before: Table, tmp_path: Path) -> None:
    rows = pl.concat(before.frames())
    final = made_table(tmp_path, "companies", rows[[1, 2, 3, 5, 7]].to_dict(), name="final")
    figures, _ = found(before, final, tmp_path)
    assert fields(figures, "left") == {"name": 0, "city": 1}
    assert fields(figures, "left_share") == {"name": 0.0, "city": 0.333333}
    name, city = (one["examples"][0] for one in figures["fields"])
    assert (name["stays"], name["kept"], name["kept_value"]) == (False, "companies:1", "乙")
    assert (city["stays"], city["kept"]) == (True, None), "two rows are left of B"


@pytest.mark.parametrize(
    ("one", "other", "differ", "why"),
    [
        ("浙江 杭州", "浙江杭州", False, "white space is no difference"),
        ("ＡＢＣ（杭州）", "abc(杭州)", False, "nor are width and case"),
        ("a\u3000b", "ab", False, "nor is an ideographic space"),
        ("杭州", None, False, "an empty cell contradicts nothing"),
        ("杭州", "  ", False, "nor do blanks"),
        ("138****8000", "13800138000", False, "nor does a masked value"),
        ("杭州", "宁波", True, "two cities"),
        ("it's", "its", True, "a quotation mark is one"),
    ],
)
def test_two_values_differ(tmp_path: Path, one: str, other: str | None, differ: bool, why: str) -> None:
    table = made_table(
        tmp_path, "companies", {"code": ["A", "a "], "name": ["甲", "甲"], "city": [one, other]}
    )
    figures, _ = found(table, None, tmp_path)
    assert figures["entities"] == 1, "the entity is compared in the same way"
    assert fields(figures, "contradicting")["city"] == int(differ), why


@pytest.mark.parametrize("code", [None, "", "9133****0001"])
def test_rows_without_a_readable_entity_are_of_none(tmp_path: Path, code: str | None) -> None:
    columns = {"code": [code, code], "name": ["甲", "乙"], "city": ["杭州", "杭州"]}
    table = made_table(
        tmp_path, "companies", pl.DataFrame(columns, schema_overrides={"code": pl.String}).to_dict()
    )
    assert found(table, None, tmp_path)[0]["entities"] == 0


def test_dates_numbers_and_several_entity_columns(tmp_path: Path) -> None:
    columns = {
        "a": ["x", "x", "xy"],
        "b": ["yz", "yz", "z"],
        "n": [1.5, 1.5, 2.0],
        "l": [["p"], ["q"], ["p"]],
    }
    table = made_table(tmp_path, "companies", columns)
    figures, _ = contradictions("companies", ["a", "b"], ["n", "l"], table, None, tmp_path)
    assert figures["entities"] == 1, "x+yz is not xy+z"
    assert fields(figures, "contradicting") == {"n": 0, "l": 1}


def test_personal_data_is_masked_in_what_is_told(tmp_path: Path) -> None:
    columns = {"code": ["A", "A"], "name": ["甲", "甲"], "city": ["13800138000", "13900139000"]}
    figures, examples = found(made_table(tmp_path, "companies", columns), None, tmp_path)
    assert fields(figures, "contradicting")["city"] == 1
    assert not any("138001" in value or "139001" in value for value in examples["value"])


def test_columns_that_the_final_rows_lack_leave_the_rest_unknown(before: Table, tmp_path: Path) -> None:
    final = made_table(tmp_path, "companies", {"code": ["A"], "name": ["甲"]}, name="final")
    figures, _ = found(before, final, tmp_path)
    assert figures["left"] is None and figures["contradicting"] == 2


def test_the_same_rows_in_another_order_give_the_same_result(before: Table, tmp_path: Path) -> None:
    rows = pl.concat(before.frames())
    turned = made_table(tmp_path, "companies", rows.reverse().to_dict(), shards=1, name="turned")
    first, second = found(before, before, tmp_path), found(turned, turned, tmp_path)
    assert first[0] == second[0]
    assert first[1].equals(second[1])
