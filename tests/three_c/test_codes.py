"""Codes: what is valid of each kind, and what is not counted."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from pydantic_core import PydanticCustomError

from curate.three_c.codes import CodeKind, Counted, counted, of_kind, of_table, read_codes, shown

CASES: list[tuple[CodeKind, str, bool, str]] = [
    ("credit_code", "91350100M000100Y43", True, "the check character fits"),
    ("credit_code", "91350100M000100Y44", False, "another check character"),
    ("credit_code", "9135 0100M000100Y43", False, "no space belongs into it"),
    ("id_number", "11010519491231002X", True, "the example of the standard"),
    ("id_number", "110105194912310021", False, "the check character is X"),
    ("id_number", "110105194913310029", False, "no thirteenth month"),
    ("mobile", "13800138000", True, "eleven digits of a mobile"),
    ("mobile", "12800138000", False, "no mobile begins with 12"),
    ("mobile", "021-62345678", False, "a fixed line"),
    ("division", "330106", True, "西湖区"),
    ("division", "330000", True, "a province ends in noughts"),
    ("division", "330199", False, "no such division"),
    ("division", "浙江省", True, "a place by its name"),
    ("division", "西湖区", True, "several places of that name"),
    ("division", "浙江省杭州市", True, "two levels"),
    ("division", "浙江省杭州市文三路1号", False, "an address"),
    ("division", "浙江西省", False, "no place of that name"),
    ("date", "2026-03-09", True, "ISO 8601"),
    ("date", "2026年3月9日", True, "as it is written in Chinese"),
    ("date", "2026-02-30", False, "no such day"),
    ("date", "去年", False, "relative"),
    ("url", "https://example.com/a", True, "an address"),
    ("url", "暂无官网", False, "words"),
    ("email", "a@example.com", True, "an address"),
    ("email", "a@@example", False, "two signs"),
]


@pytest.mark.parametrize(("kind", "value", "valid", "why"), CASES)
def test_a_value_is_valid_where_its_standard_says_so(
    kind: CodeKind, value: str, valid: bool, why: str
) -> None:
    assert of_kind(kind)(pl.Series([value])).to_list() == [valid], why


def test_times_that_a_schema_made_are_dates() -> None:
    moments = pl.DataFrame({"row_id": ["a:1"], "at": ["2026-03-09 14:30"]}).with_columns(
        pl.col("at").str.to_datetime("%Y-%m-%d %H:%M")
    )
    assert counted(moments, "at", of_kind("date")).invalid == 0


def test_masked_and_empty_values_are_not_counted_as_invalid() -> None:
    rows = pl.DataFrame(
        {
            "row_id": ["v:1", "v:2", "v:3", "v:4", "v:5"],
            "phone": ["13800138000", "138****8000", "", None, "110"],
        }
    )
    found = counted(rows, "phone", of_kind("mobile"))
    assert (found.rows, found.masked, found.missing, found.checked, found.invalid) == (5, 1, 2, 2, 1)
    assert found.told()["valid"] == 0.5
    assert found.examples == [("v:5", "110")]


def test_a_column_without_a_value_has_no_share() -> None:
    rows = pl.DataFrame({"row_id": ["v:1"], "phone": [None]}, schema_overrides={"phone": pl.String})
    assert counted(rows, "phone", of_kind("mobile")).told()["valid"] is None


def test_the_codes_of_a_list_are_counted_one_by_one() -> None:
    rows = pl.DataFrame({"row_id": ["p:1"], "codes": [["330106", "999999"]]})
    found = counted(rows, "codes", of_kind("division"))
    assert (found.rows, found.invalid, found.examples) == (2, 1, [("p:1", "999999")])


def test_shards_add_up_and_few_examples_stay() -> None:
    total = Counted()
    for number in range(4):
        total.add(Counted(10, 1, 1, 2, [(f"a:{number}", "x"), (f"b:{number}", "y")]))
    assert (total.rows, total.checked, total.invalid, len(total.examples)) == (40, 32, 8, 5)


def test_personal_data_is_masked_in_examples() -> None:
    told = shown(pl.Series("value", ["电话13800138000", None, "字" * 100]))
    assert "13800138000" not in told[0]
    assert told[1] is None
    assert told[2] == "字" * 60 + "…"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("icd.csv", "代码,名称\nA00,霍乱\nA01.0,伤寒\n"),
        ("icd.txt", "# ICD-10\nA00\n\nA01.0\n"),
        ("icd.yaml", "- {code: A00, name: 霍乱}\n- {code: A01.0}\n"),
    ],
)
def test_a_table_of_codes_says_what_is_valid(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    assert read_codes(str(tmp_path / name)) == ["A00", "A01.0"]
    assert of_table(str(tmp_path / name))(pl.Series(["A00", "A02"])).to_list() == [True, False]


def test_a_table_without_codes_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "icd.csv").write_text("名称\n霍乱\n", encoding="utf-8")
    with pytest.raises(PydanticCustomError, match=r"icd\.csv: 没有一个代码"):
        read_codes(str(tmp_path / "icd.csv"))
