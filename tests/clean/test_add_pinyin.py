"""add_pinyin: a column of its own."""

from __future__ import annotations

import polars as pl
import pytest
from pydantic import ValidationError

from curate.clean.add_pinyin import AddPinyin


def test_names_are_spelled_in_a_new_column() -> None:
    rows = pl.DataFrame({"name": ["重庆银行", None], "contact": ["单田芳", "曾志伟"]})
    kept = AddPinyin(columns={"name_pinyin": "name"}).apply(rows).kept
    assert kept["name_pinyin"].to_list() == ["chong qing yin hang", None]
    kept = AddPinyin(columns={"p": "contact"}, surnames=True, style="initials").apply(kept).kept
    assert kept["p"].to_list() == ["stf", "zzw"]


def test_a_value_that_is_there_stays_and_twice_is_once() -> None:
    rows = pl.DataFrame({"name": ["重庆", "长沙"], "pinyin": ["CHUNGKING", None]})
    unit = AddPinyin(columns={"pinyin": "name"})
    once = unit.apply(rows).kept
    assert once["pinyin"].to_list() == ["CHUNGKING", "chang sha"]
    assert unit.apply(once).kept.equals(once)


@pytest.mark.parametrize("columns", [{"row_id": "name"}, {"name": "name"}, {}])
def test_it_writes_no_column_of_curates_own_and_not_over_the_names(columns: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        AddPinyin(columns=columns)


def test_the_columns_it_reads_are_named_for_check() -> None:
    unit = AddPinyin(columns={"p": "name"}, only=["companies"])
    assert unit.named_columns() == [(("columns", "p"), "name")]
