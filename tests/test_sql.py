"""Conditions: what is refused, and what the others say about rows."""

from __future__ import annotations

import polars as pl
import pytest

from curate.errors import CurateError
from curate.sql import ask, check_condition, columns_of, holds

REFUSED = {
    "a subquery": "(SELECT 1) = 1",
    "a subquery behind IN": "a IN (SELECT b FROM t)",
    "EXISTS": "EXISTS (SELECT 1)",
    "a subquery inside a function": "coalesce(a, (SELECT max(b) FROM t)) = 1",
    "a subquery over a file": "(SELECT count(*) FROM read_text('/etc/passwd')) > 0",
    "a file as a table": "(SELECT content FROM '/etc/passwd') = ''",
    "FROM behind it": "1) FROM read_text('/etc/passwd') WHERE (true",
    "two statements": "true); DROP TABLE rows; SELECT (true",
    "two plain statements": "true); SELECT (true",
    "a union": "true) UNION ALL SELECT (false",
    "two conditions": "a > 1) AS x, (b > 1",
    "an open comment": "a > 1) --",
    "a window": "row_number() OVER () = 1",
    "a star": "* = 1",
    "all columns": "COLUMNS(*) > 1",
    "half a condition": "a >",
    "words": "城市 是 上海",
    "a statement": "SELECT 1",
}
ACCEPTED = [
    "a > 1",
    "city = '上海' AND area_sqm > 10000",
    "city IN ('上海', '北京')",
    '"展位 号" IS NOT NULL',
    "name LIKE '%有限公司'",
    "regexp_matches(text, '^[0-9]+$')",
    "CASE WHEN a > 1 THEN true END",
    "a BETWEEN 1 AND 2 -- a remark",
    "text <> 'SELECT * FROM t; --'",
    "len(text) > 20",
]


@pytest.mark.parametrize("condition", REFUSED.values(), ids=REFUSED)
def test_what_is_more_than_a_condition_is_refused(condition: str) -> None:
    assert check_condition(condition)


@pytest.mark.parametrize("condition", ACCEPTED)
def test_a_condition_over_columns_is_accepted(condition: str) -> None:
    assert check_condition(condition) is None


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        ("city = '上海' AND area_sqm > 10000", {"city", "area_sqm"}),
        ('"展位 号" = 1 OR rows.a = 2', {"展位 号", "a"}),
        ("lower(name) LIKE '%a%' AND a + b > c", {"name", "a", "b", "c"}),
        ("true", set()),
    ],
)
def test_the_columns_of_a_condition(condition: str, names: set[str]) -> None:
    assert columns_of(condition) == names


@pytest.fixture
def fairs() -> pl.DataFrame:
    return pl.DataFrame({"city": ["上海", "北京", None], "area": [100, None, 300]})


def said(rows: pl.DataFrame, condition: str) -> list[bool]:
    return holds(rows, {"rule": condition})["rule"].to_list()


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("city = '上海'", [True, False, False]),
        ("city <> '上海'", [False, True, False]),
        ("area > 200 OR city = '北京'", [False, True, True]),
        ("area IS NULL", [False, True, False]),
        ("area > 50 -- a remark", [True, False, True]),
        ("area", [True, False, True]),
        ("no_such = 1 OR city = '上海'", [True, False, False]),
        ("no_such IS NULL AND city = '上海'", [True, False, False]),
        ("city = '上海' AND no_such <> '甲'", [False, False, False]),
        ("true", [True, True, True]),
    ],
)
def test_null_counts_as_false_and_an_absent_column_is_null(
    fairs: pl.DataFrame, condition: str, expected: list[bool]
) -> None:
    assert said(fairs, condition) == expected


def test_a_rule_about_absent_columns_alone_has_an_answer_for_every_row(fairs: pl.DataFrame) -> None:
    assert said(fairs, "no_such = '甲'") == [False, False, False]
    assert said(fairs, "no_such IS NULL") == [True, True, True]


def test_an_absent_column_compares_with_any_type(fairs: pl.DataFrame) -> None:
    assert said(fairs, "area > 0 AND no_such > 1") == [False, False, False]


def test_a_column_is_found_in_any_case(fairs: pl.DataFrame) -> None:
    assert said(fairs, "CITY = '上海'") == [True, False, False]


@pytest.mark.parametrize("condition", ["sum(area) > 1", "count(*) > 1", "unnest([1, 2]) = 1"])
def test_what_gives_other_than_one_answer_a_row_is_an_error(fairs: pl.DataFrame, condition: str) -> None:
    if check_condition(condition) is None:
        with pytest.raises(CurateError):
            holds(fairs, {"rule": condition})


@pytest.mark.parametrize("condition", ["", " ", "-- a remark"])
def test_an_empty_condition_is_refused(condition: str) -> None:
    assert check_condition(condition)


def test_several_rules_give_a_column_each_in_their_order(fairs: pl.DataFrame) -> None:
    found = holds(fairs, {"大": "area > 200", "上海": "city = '上海'"})
    assert found.to_dict(as_series=False) == {"大": [False, False, True], "上海": [True, False, False]}


def test_no_rows_give_no_answers(fairs: pl.DataFrame) -> None:
    found = holds(fairs.clear(), {"rule": "area > 200"})
    assert found.height == 0
    assert found.columns == ["rule"]


def test_the_order_of_100_000_rows_is_kept() -> None:
    rows = pl.DataFrame({"n": range(100_000)}).sample(fraction=1, shuffle=True, seed=1)
    found = holds(rows, {"third": "n % 3 = 0"})
    assert found["third"].equals(rows["n"] % 3 == 0, check_names=False)


@pytest.mark.parametrize(
    "condition",
    ["city > 1", "no_such_function(city)", "read_text('/etc/passwd') = ''", "city = ?", "rows.nowhere.a = 1"],
)
def test_a_condition_that_cannot_be_computed_is_an_error_that_quotes_it(
    fairs: pl.DataFrame, condition: str
) -> None:
    with pytest.raises(CurateError) as caught:
        holds(fairs, {"rule": condition})
    assert condition in caught.value.problem
    assert caught.value.hint


def test_ask_answers_over_named_frames(fairs: pl.DataFrame) -> None:
    sizes = pl.DataFrame({"city": ["上海"], "people": [25]})
    found = ask("SELECT people, area FROM fairs JOIN sizes USING (city)", fairs=fairs, sizes=sizes)
    assert found.rows() == [(25, 100)]
