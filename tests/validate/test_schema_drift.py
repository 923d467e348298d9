"""Schema drift: what a refresh changed is told by column, before anything is worked on."""

from __future__ import annotations

from typing import Any, Literal

import polars as pl
import pytest

from curate.errors import GateFailed
from curate.types import Row
from curate.validate.profile import profile
from curate.validate.schema_drift import compare, gate

CITIES = ["上海", "北京", "广州"]
BEFORE: dict[str, list[Any]] = {
    "city": CITIES * 20,
    "area": ["1200", "800", "无"] * 20,
    "opened": ["2026-03-09", "2025年1月2日", None] * 20,
    "name": [f"第{n}届" for n in range(60)],
}


class Fair(Row):
    city: Literal["上海", "北京", "广州", "深圳"] | None = None


def drift(**now: list[Any]) -> list[str]:
    """The changes of these columns against ``BEFORE``."""
    old, new = (profile([pl.DataFrame(columns)]) for columns in (BEFORE, BEFORE | now))
    return [change.line() for change in compare("fairs", old, new, Fair)]


def test_a_profile_holds_types_shares_ranges_and_lists() -> None:
    told = profile([pl.DataFrame(BEFORE)])
    assert told["rows"] == 60
    assert told["columns"]["city"] == {
        "type": "text",
        "empty": 0.0,
        "low": None,
        "high": None,
        "distinct": 3,
        "values": dict.fromkeys(sorted(CITIES), 20),
    }
    assert told["columns"]["area"] == {
        "type": "int",
        "empty": 0.3333,
        "low": 800.0,
        "high": 1200.0,
        "distinct": 2,
        "values": {"1200": 20, "800": 20},
    }
    assert (told["columns"]["opened"]["type"], told["columns"]["name"]["values"]) == ("date", None)


def test_it_is_the_same_in_shards_and_in_any_order() -> None:
    whole = pl.DataFrame(BEFORE)
    assert profile([whole[30:], whole[:30]]) == profile([whole])


def test_a_column_that_a_shard_lacks_is_empty_there() -> None:
    told = profile([pl.DataFrame({"a": ["1"] * 10}), pl.DataFrame({"a": ["2"] * 10, "b": ["x"] * 10})])
    assert told["columns"]["b"]["empty"] == 0.5


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("a", ["13812345678", "13912345678"]),
        ("a", [13812345678.0, None]),
        ("a", ["110101199003071233", "310101198001011234"]),
        ("卡", [6222021234567890123, 6222021234567890999]),
        ("联系人", ["张伟", "王芳"]),
        ("contact_name", ["张伟", "王芳"]),
        ("birth_year", ["1950", "1990"]),
    ],
)
def test_what_may_lead_to_a_person_is_kept_nowhere(name: str, values: list[Any]) -> None:
    column = profile([pl.DataFrame({name: values * 30})])["columns"][name]
    assert (column["values"], column["low"], column["high"]) == (None, None, None)


def test_a_small_batch_of_a_list_is_still_a_list() -> None:
    """Few rows of many values: not listed, as a name would not be, but no reason to call it anything else."""
    old = profile([pl.DataFrame({"city": [f"城{n}" for n in range(40)] * 10})])
    few, names = (profile([pl.DataFrame({"city": [f"城{n}" for n in range(rows)]})]) for rows in (40, 60))
    assert [change.what for change in compare("fairs", old, few)] == []
    assert [change.what for change in compare("fairs", old, names)] == ["new_values"]


def test_the_same_data_does_not_drift() -> None:
    assert drift() == []


@pytest.mark.parametrize(
    ("now", "told"),
    [
        ({"booth": ["A1"] * 60}, "fairs.booth：多了这一列"),
        ({"area": ["一千二"] * 60}, "fairs.area：类型变了：原来是整数，现在是文字"),
        ({"city": CITIES * 19 + ["上海", "深圳", "深圳"]}, "fairs.city：新的取值：深圳（2 行）"),
        ({"city": CITIES * 19 + ["上海", "沪", "沪"]}, "fairs.city：新的取值：沪（2 行）；规范不认其中 1 种，2 行会被隔离，确认无误就加进规范"),
        ({"city": ["上海", "北京"] * 30}, "fairs.city：不再出现的取值：广州"),
        ({"opened": [None] * 60}, "fairs.opened：空着的多了：33% → 100%"),
        ({"area": ["12000000", "8000000", "无"] * 20}, "fairs.area：数值范围变了：800–1200 → 8e+06–1.2e+07，单位变了吗？"),
    ],
)  # fmt: skip
def test_each_kind_of_change_is_told(now: dict[str, list[Any]], told: str) -> None:
    assert told in drift(**now)


def test_a_column_that_is_gone_is_told() -> None:
    old = profile([pl.DataFrame(BEFORE)])
    new = profile([pl.DataFrame({name: values for name, values in BEFORE.items() if name != "area"})])
    (change,) = compare("fairs", old, new)
    assert (change.what, change.column, change.grave) == ("missing_column", "area", True)


def test_numbers_without_a_fraction_this_time_are_no_other_type() -> None:
    old, new = (
        profile([pl.DataFrame({"a": ["1.5", "2.5"] * 9})]),
        profile([pl.DataFrame({"a": ["1", "2"] * 9})]),
    )
    assert all(change.what != "type" for change in compare("c", old, new))


def test_the_gate_tells_all_changes() -> None:
    old, new = profile([pl.DataFrame(BEFORE)]), profile([pl.DataFrame(BEFORE | {"booth": ["A"] * 60})])
    with pytest.raises(GateFailed, match="booth：多了这一列") as failed:
        gate(compare("fairs", old, new))
    assert failed.value.gate == "drift"
    gate([])
