"""spans: the text as it is, spans shown beforehand, and the column that extract reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.errors import CurateError
from curate.review.interface import load_interface
from curate.review.project import Chosen, Material
from curate.review.result import read_result
from curate.review.spans import Spans
from curate.synthesize.extract import Extract
from tests.review.row_projects import data_of, decisions, on_disk, page, rows

TEXT = "  张三加入😀华展公司。\r\n "


def project(folder: Path, **options: Any) -> Spans:
    return Spans(corpus="news", **page(folder, "spans"), **options)


def chosen(folder: Path, frame: pl.DataFrame, **options: Any) -> Chosen:
    return project(folder, **options).choose(Material((), {"news": on_disk(folder, frame)}))


def test_the_text_is_shown_as_it_stands_in_the_row(tmp_path: Path) -> None:
    items = chosen(tmp_path, rows({"a": TEXT}, "news")).items
    assert data_of(items)["news:a"]["text"] == TEXT
    assert items["marks"].to_list() == [None]


def span(start: int, end: int, label: str) -> dict[str, Any]:
    return {"start": start, "end": end, "text": TEXT[start:end], "label": label}


def test_the_column_is_json_that_extract_reads(tmp_path: Path) -> None:
    frame = rows({"a": TEXT, "b": "今天闭馆。", "c": "没看过。"}, "news")
    told = {"news:a": {"spans": [span(2, 4, "PER"), span(7, 11, "ORG")]}, "news:b": {"spans": []}}
    kept = project(tmp_path, column="names").apply(frame, frame.clear(), decisions("spans", **told)).kept
    found, nothing, unseen = kept["names"]
    assert json.loads(found) == [span(2, 4, "人名"), span(7, 11, "公司")]
    assert (nothing, unseen) == ("[]", None)
    unit = Extract(corpus="news", spans="names", empty_share=0.5)
    outcome = unit.apply(kept, unit.classes(on_disk(tmp_path, kept)))
    answers = dict(outcome.kept.select("parent_id", "output").iter_rows())
    assert {row: json.loads(answer) for row, answer in answers.items()} == {
        "news:a": {"人名": ["张三"], "公司": ["华展公司"]},
        "news:b": {"人名": [], "公司": []},
    }
    assert outcome.dropped.select("row_id", "reason").rows() == [("news:c", "fields_missing")]


def test_spans_that_people_were_shown_come_back_as_a_result(tmp_path: Path) -> None:
    mine = json.dumps([{"start": 7, "end": 11, "label": "公司"}, {"start": 2, "end": 4, "label": "PER"}])
    items = chosen(tmp_path, rows({"a": TEXT, "b": "没有"}, "news", found=[mine, None]), marks="found").items
    marks = dict(items.select("item_id", "marks").iter_rows())
    assert marks["news:b"] is None
    interface = load_interface(tmp_path / "spans.xml", tmp_path / "spans.md")
    judged = read_result(interface, data_of(items)["news:a"], json.loads(marks["news:a"]))
    assert judged.problems == []
    assert judged.values["spans"] == [span(2, 4, "PER"), span(7, 11, "ORG")]


@pytest.mark.parametrize(
    "cell",
    [
        "no json",
        "{}",
        '[{"start": 2}]',
        '[{"start": 2, "end": 400, "label": "PER"}]',
        '[{"start": 4, "end": 4, "label": "PER"}]',
        '[{"start": true, "end": 4, "label": "PER"}]',
        '[{"start": 2, "end": 4, "label": "地点"}]',
        '[{"start": 2, "end": 4, "label": ["PER"]}]',
        "7",
    ],
)
def test_marks_that_do_not_fit_name_their_row(tmp_path: Path, cell: str) -> None:
    with pytest.raises(CurateError, match="news:a") as raised:
        chosen(tmp_path, rows({"a": TEXT}, "news", found=[cell]), marks="found")
    assert "公司" in raised.value.hint


def test_a_column_of_marks_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="fond") as raised:
        chosen(tmp_path, rows({"a": TEXT}, "news", found=["[]"]), marks="fond")
    assert "found" in raised.value.hint
