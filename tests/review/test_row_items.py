"""From a row to an item, from two people's annotations to a decision, and back to the row."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.noise import Noise
from curate.review.assess import assess
from curate.review.duplicates import Duplicates, told
from curate.review.labels import Labels
from curate.review.noise_audit import NoiseAudit
from curate.review.personal_data import PersonalData
from curate.review.project import Material, Project
from curate.review.row_items import shown
from curate.review.schema import ANNOTATION
from curate.review.spans import Spans
from tests.review.row_projects import on_disk, page, rows
from tests.review.small_pages import choice, span
from tests.review.small_votes import EXPERTS, decides, events, said

TEXTS = {"a": "张三参展", "b": "广告电话", "c": "论坛开幕"}
ROWS = rows(TEXTS, name=["深圳市科力达科技有限公司", "深圳市科力达科技集团有限公司", "广州家博会展有限公司"])


def material(folder: Path) -> Material:
    table = on_disk(folder, ROWS)
    (folder / "noise").mkdir()
    Noise(sample=3).measure([table], folder / "noise")
    pairs = [("comments", "comments:a", "comments:b", 0.85, "")]
    schema = ["corpus", "left", "right", "score", "why"]
    pl.DataFrame(pairs, schema=schema, orient="row").write_parquet(folder / "review.parquet")
    return Material((), {"comments": table}, folder / "noise", folder)


def judged(project: Project, material: Material, item: str, one: Any, other: Any, **rest: Any) -> Any:
    """The sample, and what is decided when two people say so of an item (and an expert, where they differ)."""
    items = project.choose(material).items
    content = items.filter(pl.col("item_id") == item)["content"].item()
    cast = [said(item, "li", one, content=content), said(item, "wang", other, content=content)]
    cast += [decides(item, rest["expert"], content=content)] if "expert" in rest else []
    found = assess(project, project.page, items, pl.DataFrame(cast, schema=ANNOTATION), events(), EXPERTS)
    assert set(found.votes["state"]) == {"counted"}
    return items, found.decided


def yes(name: str, value: str, *more: Any, to: str = "text") -> list[Any]:
    return [choice(name, value) | {"to_name": to}, *more]


def test_a_label_that_two_people_agree_on_reaches_the_row(tmp_path: Path) -> None:
    project = Labels(corpus="comments", column="mood", **page(tmp_path, "labels"))
    told = yes("label", "positive")
    items, decided = judged(project, material(tmp_path), "comments:a", told, told)
    assert project.apply(ROWS, items, decided).kept["mood"].to_list() == ["正面", None, None]


def test_the_expert_decides_where_they_differ(tmp_path: Path) -> None:
    project = Labels(corpus="comments", **page(tmp_path, "labels"))
    one, other = yes("label", "positive"), yes("label", "negative")
    items, decided = judged(
        project, material(tmp_path), "comments:a", one, other, expert=yes("label", "neutral")
    )
    assert project.apply(ROWS, items, decided).kept["labels"].to_list() == ["中性", None, None]


@pytest.mark.parametrize(
    ("marked", "cell"),
    [
        pytest.param(
            [span(0, 2, "张三", "PER")], '[{"end":2,"label":"人名","start":0,"text":"张三"}]', id="a name"
        ),
        pytest.param([], "[]", id="nothing to mark"),
    ],
)
def test_spans_that_two_people_agree_on_reach_the_row(tmp_path: Path, marked: Any, cell: str) -> None:
    project = Spans(corpus="comments", **page(tmp_path, "spans"))
    marked = [one | {"from_name": "spans", "to_name": "text"} for one in marked]
    items, decided = judged(project, material(tmp_path), "comments:a", marked, marked)
    assert project.apply(ROWS, items, decided).kept["spans"].to_list() == [cell, None, None]


def test_a_noisy_row_goes(tmp_path: Path) -> None:
    project = NoiseAudit(**page(tmp_path, "noise"))
    told = yes("noisy", "yes", choice("kinds", "advert") | {"to_name": "text"})
    items, decided = judged(project, material(tmp_path), "comments:b", told, told)
    dropped = project.apply(ROWS, items, decided).dropped
    assert dropped.select("row_id", "reason", "detail").rows() == [("comments:b", "noisy_in_review", "广告")]


def test_a_row_with_personal_data_goes(tmp_path: Path) -> None:
    project = PersonalData(skip=["name"], **page(tmp_path, "personal_data"))
    mark = span(0, 2, "张三", "name") | {"from_name": "found", "to_name": "text"}
    told = yes("leaked", "yes", mark)
    items, decided = judged(project, material(tmp_path), "comments:a", told, told)
    dropped = project.apply(ROWS, items, decided).dropped
    assert dropped.select("row_id", "detail").rows() == [("comments:a", "姓名")]


def test_a_pair_is_told_to_dedupe(tmp_path: Path) -> None:
    project = Duplicates(**page(tmp_path, "duplicates"))
    said_so = yes("same", "same", to="l")
    _, decided = judged(project, material(tmp_path), "comments:a|comments:b", said_so, said_so)
    assert told(decided).rows() == [("comments", "comments:a", "comments:b", True)]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "—"), ("", "—"), (" a ", "a"), (3.0, "3"), (2.5, "2.5"), (["甲", "乙"], "甲、乙"), ([], "—"),
        ([1, 2], "[1, 2]"), ({"城市": "上海"}, '{"城市": "上海"}'), (True, "True"),
    ],
)  # fmt: skip
def test_a_value_is_shown_as(value: Any, text: str) -> None:
    assert shown(value) == text
