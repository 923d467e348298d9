"""What a cell gives away: personal data, and the values of its row that the release hides."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import GateFailed
from curate.privacy import Anonymize
from curate.privacy.free_text import Hidden, HiddenDate, HiddenNumber, HiddenPlace, spans, without
from tests.privacy.carried import PEOPLE, carry, people


def column(*values: Any) -> pl.Series:
    return pl.Series(values, dtype=pl.String)


def found(text: str, own: Hidden) -> list[str]:
    told = spans(column(text), [own]).get(0, [])
    return [text[one.start : one.end] for one in told if one.of]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("我今年37岁", ["今年37"]),
        ("37岁，第一次来", ["37岁"]),
        ("三十七岁", ["三十七岁"]),
        ("年龄：37", ["年龄：37"]),
        ("I am aged 37", ["aged 37"]),
        ("同行37人", []),
        ("预算137万，28岁", []),
        ("五百三十七岁的古树", []),
    ],
)
def test_an_age_counts_where_words_say_that_it_is_one(text: str, told: list[str]) -> None:
    assert found(text, HiddenNumber("age", column("37"))) == told


def test_a_longer_number_counts_wherever_it_stands() -> None:
    own = HiddenNumber("salary", column("352000.0"))
    assert found("年收入352000元", own) == ["352000"]
    assert found("编号13520008", own) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("我住在朝阳区", ["朝阳区"]),
        ("常驻北京", ["北京"]),
        ("在洛阳开店", []),
        ("华北的客户", []),
    ],
)
def test_a_place_counts_with_what_lies_in_it(text: str, told: list[str]) -> None:
    assert found(text, HiddenPlace("city", column("北京市"), column("华北"))) == told


def test_what_the_release_says_itself_may_stand_in_the_text() -> None:
    own = HiddenPlace("city", column("郑州市"), column("河南省"))
    assert found("来自河南省，常驻郑州", own) == ["郑州"]
    assert found("来自河南", own) == []


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("3月12日登记的", ["3月12日"]),
        ("2026/3/12", ["2026/3/12"]),
        ("20260312", ["20260312"]),
        ("3月2日开展", []),
    ],
)
def test_a_day_counts_however_it_is_written(text: str, told: list[str]) -> None:
    assert found(text, HiddenDate("updated_at", column("2026-03-12 13:09:18"))) == told


@pytest.mark.parametrize(
    ("value", "text", "told"),
    [
        ("王芳", "请联系王 芳", ["王 芳"]),
        ("Ｌｉ Ｍｉｎｇ", "ask li ming", ["li ming"]),
        ("198****5015", "打198****5015", []),
        ("李", "李子园", []),
        (None, "请联系王芳", []),
        ("Li Ming", "ask Ali Mingo", []),
        ("10086", "编号510086", []),
        ("10086", "工号10086在", ["10086"]),
    ],
)
def test_a_name_counts_with_gaps_and_in_any_width(value: str | None, text: str, told: list[str]) -> None:
    assert found(text, Hidden("name", column(value))) == told


def test_what_is_found_is_taken_out_of_the_text() -> None:
    text = "我是王芳芳，电话13812345678，今年37岁"
    told = spans(column(text), [Hidden("name", column("王芳芳")), HiddenNumber("age", column("37"))])[0]
    assert without(text, told) == "我是[已隐去]，电话[已隐去]，[已隐去]岁"


def test_a_number_that_is_taken_out_counts_as_a_number(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 6)], remark="预算131万元，要31台")
    told = carry(tmp_path, rows, identifiers=["name", "age"], quasi={"city": "suppress"})
    assert told.measured["free_text"] == {}


REMARKS = ["我今年31岁，住在南京", "电话13812345678", "想看设备"]


def remarked() -> pl.DataFrame:
    rows = people([(31, "南京市", 3), (33, "苏州市", 3), (34, "无锡市", 3)])
    return rows.with_columns(remark=pl.Series([*REMARKS, *["想看设备"] * 6]))


def test_free_text_that_gives_something_away_stops_the_run_without_a_word_of_it(tmp_path: Path) -> None:
    told = carry(tmp_path, remarked())
    assert told.measured["free_text"]["remark"] == {
        "action": "stop", "cells": 2, "kinds": {"age": 1, "city": 1, "mobile": 1}, "rows": ["visitors:V0000", "visitors:V0001"],
    }  # fmt: skip
    with pytest.raises(GateFailed, match="remark 列 2 格") as raised:
        Anonymize.model_validate(PEOPLE).gate_measured(told.measured)
    assert "redact" in raised.value.hint
    assert not any(value in str(raised.value) for value in ("31", "南京", "1381"))


def test_cells_are_emptied_where_the_recipe_says_drop(tmp_path: Path) -> None:
    told = carry(tmp_path, remarked(), free_text={"remark": "drop"})
    assert told.rows["remark"].to_list()[:3] == [None, None, "想看设备"]
    assert told.rows["text"][0] == "江苏省："
    Anonymize.model_validate(PEOPLE).gate_measured(told.measured)


def test_only_the_words_go_where_the_recipe_says_redact(tmp_path: Path) -> None:
    told = carry(tmp_path, remarked(), free_text={"remark": "redact"})
    assert told.rows["remark"].to_list()[:3] == ["我[已隐去]岁，住在[已隐去]", "电话[已隐去]", "想看设备"]
    assert told.notes.filter(pl.col("row_id") == "visitors:V0000")["of"].to_list() == ["age", "city"]


def test_values_that_are_released_may_stand_in_the_text(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 6)], remark="我今年31岁，住在南京")
    assert carry(tmp_path, rows).measured["free_text"] == {}


def test_values_of_a_suppressed_row_may_not(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 30), (88, "拉萨市", 1), (None, None, 5)])
    rows = rows.with_columns(
        remark=pl.when(pl.col("age") == 88).then(pl.lit("我从拉萨来")).otherwise("remark")
    )
    assert carry(tmp_path, rows).measured["free_text"]["remark"]["kinds"] == {"city": 1}


def test_a_column_that_is_kept_is_not_searched_but_text_made_of_it_is(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 6)]).with_columns(remark=pl.format("{}要来", "name"))
    told = carry(tmp_path, rows, keep=["remark"])
    assert list(told.measured["free_text"]) == ["text"]
    with pytest.raises(GateFailed, match="text 列 6 格（本行的 name 6"):
        Anonymize.model_validate(PEOPLE).gate_measured(told.measured)


def test_text_that_is_no_template_is_searched_like_any_other(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 6)]).with_columns(text=pl.lit("手机13812345678"))
    assert list(carry(tmp_path, rows, None).measured["free_text"]) == ["text"]


def test_lists_are_searched_and_emptied(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 6)]).with_columns(tags=pl.concat_list(pl.lit("展商"), "name"))
    told = carry(tmp_path, rows, free_text={"tags": "redact"})
    assert told.rows["tags"].null_count() == 6
    assert told.rows.schema["tags"] == pl.List(pl.String)
