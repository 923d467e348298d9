"""Coverage: distributions, the long tail, the empty cells of a matrix."""

from __future__ import annotations

from datetime import date
from enum import Enum
from pathlib import Path
from typing import Any, Literal

import polars as pl
import pytest
from pydantic import BaseModel

from curate.three_c.coverage import choices_of, distribution, long_tail, matrix
from curate.three_c.form import LongTail, Matrix

from .made_tables import made_table


def test_categories_come_with_the_commonest_first(tmp_path: Path) -> None:
    table = made_table(tmp_path, "companies", {"industry": ["新能源", " 家居 ", "新能源", None, " "]})
    figures, counts = distribution(table, "industry")
    assert figures["values"] == [["新能源", 2], ["家居", 1]]
    assert (figures["rows"], figures["missing"], figures["distinct"]) == (3, 2, 2)
    assert counts.rows() == [("新能源", 2), ("家居", 1)]


def test_a_list_counts_with_each_of_its_values(tmp_path: Path) -> None:
    table = made_table(tmp_path, "products", {"tags": [["轻", "快"], ["快"], [], None]})
    figures, _ = distribution(table, "tags")
    assert figures["values"] == [["快", 2], ["轻", 1]]
    assert figures["missing"] == 2


@pytest.mark.parametrize(
    ("axis", "values", "gaps"),
    [
        ({"year": "at"}, [["2023", 1], ["2024", 0], ["2025", 2]], ["2024"]),
        ({"quarter": "at"}, [["2023-Q4", 1], *([f"2024-Q{n}", 0] for n in range(1, 5)), ["2025-Q1", 2]],
         ["2024-Q1", "2024-Q2", "2024-Q3", "2024-Q4"]),
    ],
)  # fmt: skip
@pytest.mark.parametrize("typed", [True, False])
def test_periods_are_in_order_with_their_gaps(
    tmp_path: Path, axis: Any, values: list[Any], gaps: list[str], typed: bool
) -> None:
    days = [date(2025, 3, 1), date(2023, 12, 31), date(2025, 1, 1)]
    written = ["2025-03-01", "2023年12月31日", "2025/1/1"]
    figures, _ = distribution(made_table(tmp_path, "news", {"at": days if typed else written}), axis)
    assert (figures["values"], figures["gaps"], figures["distinct"]) == (values, gaps, 2)


def test_what_is_no_date_is_missing(tmp_path: Path) -> None:
    figures, _ = distribution(
        made_table(tmp_path, "news", {"at": ["2025-03-01", "去年", None]}), {"month": "at"}
    )
    assert (figures["values"], figures["missing"]) == ([["2025-03", 1]], 2)


def test_of_many_values_few_are_told_and_the_rest_counted(tmp_path: Path) -> None:
    table = made_table(tmp_path, "companies", {"name": [f"公司{n:03}" for n in range(100)]})
    figures, counts = distribution(table, "name")
    assert (len(figures["values"]), figures["others"], figures["other_rows"]) == (40, 60, 60)
    assert counts.height == 100


@pytest.mark.parametrize(
    ("counts", "options", "tail", "share", "wanted", "why"),
    [
        ([5, 3, 1, 1], {}, 2, 0.2, 0, "5 and 3 hold eight tenths: the others are the tail"),
        ([97, 2, 1], {}, 2, 0.03, 3, "one category holds nearly all: 3 rows of 100 are too few"),
        ([10], {}, 0, 0.0, 1, "one category has no tail"),
        ([5, 3, 1, 1], {"head": 0.5}, 3, 0.5, 0, "a smaller head"),
        ([90, 9, 1], {"rare": ["类2", "没有的"]}, 1, 0.01, 5, "categories that the recipe names"),
    ],
)
def test_the_long_tail(
    tmp_path: Path, counts: list[int], options: dict[str, Any], tail: int, share: float, wanted: int, why: str
) -> None:
    values = [f"类{number}" for number, rows in enumerate(counts) for _ in range(rows)]
    table = made_table(tmp_path, "companies", {"kind": [*values, None]})
    told = long_tail(table, LongTail(corpus="companies", column="kind", **options))
    assert (told["tail_categories"], told["share"]) == (tail, share), why
    rows, held = told["rows"], told["tail_rows"]
    assert told["wanted"] == wanted, why
    assert (held + wanted) / (rows + wanted) >= 0.05, "with those rows the target is reached"
    assert told["lacking"] == (["没有的"] if "rare" in options else [])


class Grade(Enum):
    A = "甲"
    B = "乙"


class Company(BaseModel):
    kind: Literal["家居", "新能源", "农业"]
    grade: Grade | None
    either: Literal["是"] | str


@pytest.mark.parametrize(
    ("column", "values", "why"),
    [
        ("kind", ["家居", "新能源", "农业"], "a Literal"),
        ("grade", ["甲", "乙"], "an Enum that may be empty"),
        ("either", [], "other texts are allowed too"),
        ("absent", [], "no field"),
    ],
)
def test_a_schema_declares_the_values_that_there_should_be(column: str, values: list[str], why: str) -> None:
    assert choices_of(Company, column) == values, why


COLUMNS = {
    "kind": ["家居", "家居", "新能源", None, "新能源"],
    "at": [date(2024, 1, 1), date(2025, 1, 1), date(2024, 5, 5), date(2024, 1, 1), date(2019, 1, 1)],
}


def test_empty_cells_of_a_declared_matrix(tmp_path: Path) -> None:
    rule = Matrix.model_validate(
        {
            "corpus": "companies",
            "rows": "kind",
            "columns": {"year": "at"},
            "values": {"columns": [2024, 2025]},
        }
    )
    told, cells = matrix(made_table(tmp_path, "companies", COLUMNS), rule, Company)
    assert told["declared"] == ["schema", "recipe"]
    assert (told["row_values"], told["column_values"]) == (["家居", "新能源", "农业"], ["2024", "2025"])
    assert told["grid"] == [[1, 1], [1, 0], [0, 0]]
    assert (told["empty"], told["cells"], told["share"]) == (3, 6, 0.5)
    assert told["empty_cells"] == [["新能源", "2025"], ["农业", "2024"], ["农业", "2025"]]
    assert (told["inside"], told["outside"], told["missing"]) == (3, 1, 1), "2019 is not in the matrix"
    assert cells.filter(pl.col("empty")).height == 3


def test_without_a_declaration_the_values_that_occur_count(tmp_path: Path) -> None:
    rule = Matrix(corpus="companies", rows="kind", columns={"year": "at"}, min_cell=2)
    told, _ = matrix(made_table(tmp_path, "companies", COLUMNS), rule, None)
    assert told["declared"] == ["data", "data"]
    assert (told["cells"], told["empty"]) == (6, 6), "no cell holds two rows"
