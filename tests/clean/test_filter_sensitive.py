"""filter_sensitive: rows that hold words of people's own lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.clean.cleaner import Notes
from curate.clean.filter_sensitive import FilterSensitive
from curate.rows import WHY
from tests.conftest import ROOT, Rows

SAMPLE = str(ROOT / "recipes/sensitive/ads.txt")


@pytest.fixture
def lists(tmp_path: Path) -> list[str]:
    (tmp_path / "ads.txt").write_text("# 广告\n代开发票\n加VX\n", encoding="utf-8")
    (tmp_path / "more.csv").write_text("词,类别\n刷单,诈骗\n加vx,引流\n蒙古,\n", encoding="gb18030")
    return [str(tmp_path / "ads.txt"), str(tmp_path / "more.csv")]


def flags(cleaner: FilterSensitive, *texts: str | None) -> list[str | None]:
    kept = cleaner.apply(pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})).kept
    return kept["flags"].to_list()


def test_a_row_with_a_listed_word_is_dropped_and_says_which(lists: list[str], rows: Rows) -> None:
    given = rows("好展会", "刷单，加ＶＸ，刷单", None, "代开发票", title=["刷单", "", "", ""])
    outcome = FilterSensitive(files=lists).apply(given)
    assert outcome.kept.equals(given[[0, 2]])
    assert outcome.dropped.select("row_id", "reason", "detail").rows() == [
        ("news:1", "sensitive", "刷单、加VX"),
        ("news:3", "sensitive", "代开发票"),
    ]
    assert outcome.dropped.schema == {**given.schema, **WHY}


def test_a_row_is_flagged_with_the_categories(lists: list[str]) -> None:
    cleaner = FilterSensitive(files=lists, action="flag")
    assert flags(cleaner, "好", None, "刷单加vx", "蒙古", "代开发票代开发票") == [
        None,
        None,
        "ads|引流|诈骗",
        "more",
        "ads",
    ]


def test_flags_that_are_there_stay(lists: list[str]) -> None:
    cleaner = FilterSensitive(files=lists, action="flag")
    given = pl.DataFrame({"text": ["刷单", "刷单", "好"], "flags": ["语病|诈骗", None, "语病"]})
    once = cleaner.apply(given).kept
    assert once["flags"].to_list() == ["诈骗|语病", "诈骗", "语病"]
    assert cleaner.apply(once).kept.equals(once)


def test_flagging_adds_the_column_to_rows_without_a_word_too(lists: list[str], rows: Rows) -> None:
    cleaner = FilterSensitive(files=lists, action="flag")
    for given in (rows(), rows(None, "好")):
        outcome = cleaner.apply(given)
        assert outcome.kept.schema == {**given.schema, "flags": pl.String}
        assert outcome.dropped.schema == {**given.schema, "flags": pl.String, **WHY}


def test_words_are_counted_by_category(lists: list[str]) -> None:
    notes = Notes()
    given = pl.DataFrame({"text": ["加VX加vx", "加ＶＸ", "刷单"], "title": ["刷单", None, None]})
    FilterSensitive(files=lists, columns=["title", "text", "absent"]).apply(given, notes)
    assert sorted(notes.frame().select("column", "what", "value", "count").rows()) == [
        ("text", "ads", "加VX", 2),
        ("text", "引流", "加VX", 2),
        ("text", "诈骗", "刷单", 1),
        ("title", "诈骗", "刷单", 1),
    ]


@pytest.mark.parametrize(
    ("options", "text", "dropped"),
    [
        ({}, "代*开 发票", False),
        ({"ignore_marks": True}, "代*开 发票", True),
        ({}, "加vx", True),
        ({"ignore_case": False}, "加Vx", False),
        ({"ignore_width": False}, "加ＶＸ", False),
        ({}, "内蒙古", True),
        ({"except": ["内蒙古"]}, "内蒙古", False),
        ({"except": ["内蒙古"]}, "内蒙古与蒙古", True),
        ({}, "加VXY", False),
    ],
)
def test_how_words_match_can_be_chosen(
    lists: list[str], options: dict[str, Any], text: str, dropped: bool
) -> None:
    outcome = FilterSensitive.model_validate({"files": lists, **options}).apply(
        pl.DataFrame({"text": [text]})
    )
    assert outcome.dropped["reason"].to_list() == ["sensitive"] * dropped


@pytest.mark.parametrize(
    ("name", "text", "options", "where"),
    [
        ("a.txt", "# 空\n", {}, "a.txt: 一个词也没有"),
        ("a.csv", "词,类别\n甲,乙\n,丙\n", {}, "a.csv:3: 没有词"),
        ("a.txt", "甲\n***\n", {"ignore_marks": True}, "a.txt:2: *** 没有字"),
        ("a.txt", "甲\n", {"except": ["甲"]}, "a.txt:1: 甲 没有字，或也在 except 里"),
        ("a.csv", "word,kind\n甲,乙\n", {}, "a.csv:1: 没有“kind”这一列的用法"),
    ],
)
def test_a_bad_list_is_told_while_the_recipe_loads(
    tmp_path: Path, name: str, text: str, options: dict[str, Any], where: str
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(ValidationError) as error:
        FilterSensitive.model_validate({"files": name, **options}, context={"workspace": tmp_path})
    assert where in str(error.value)


def test_a_changed_list_is_another_fingerprint(tmp_path: Path) -> None:
    def fingerprint() -> Any:
        return FilterSensitive.model_validate(
            {"files": "a.txt"}, context={"workspace": tmp_path}
        ).fingerprint()

    (tmp_path / "a.txt").write_text("甲\n", encoding="utf-8")
    before = fingerprint()
    assert fingerprint() == before
    (tmp_path / "a.txt").write_text("甲\n乙\n", encoding="utf-8")
    assert fingerprint() != before


def test_the_sample_list_is_good() -> None:
    outcome = FilterSensitive(files=SAMPLE).apply(pl.DataFrame({"text": ["专业代开发票", "参展商名录"]}))
    assert outcome.dropped["detail"].to_list() == ["代开发票"]
