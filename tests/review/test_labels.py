"""labels: which rows people see, and the column that comes of what they say."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.errors import CurateError
from curate.review.labels import Labels
from curate.review.project import Chosen, Material
from curate.review.schema import ITEM, content_of
from curate.synthesize.classify import Classify
from tests.review.row_projects import data_of, decisions, on_disk, page, rows

TEXTS = {str(number): f"展会第 {number} 天" for number in range(20)}


def project(folder: Path, **options: Any) -> Labels:
    return Labels(corpus="comments", **page(folder, "labels"), **options)


def chosen(folder: Path, frame: pl.DataFrame, **options: Any) -> Chosen:
    table = on_disk(folder, frame)
    return project(folder, **options).choose(Material((), {"comments": table}))


def test_an_item_is_a_row_with_what_is_shown_of_it(tmp_path: Path) -> None:
    items = chosen(tmp_path, rows({"a": "展会很棒"})).items
    assert dict(items.schema) == {
        name: kind() if isinstance(kind, type) else kind for name, kind in ITEM.items()
    }
    item = items.row(0, named=True)
    data = {"text": "展会很棒", "about": "comments"}
    assert json.loads(item["data"]) == data
    assert {name: item[name] for name in ("item_id", "content", "part", "corpus", "origin", "task", "source", "place")} == {
        "item_id": "comments:a", "content": content_of(data), "part": "sample", "corpus": "comments",
        "origin": "real", "task": "labels", "source": "comments:a", "place": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "keys"),
    [
        pytest.param({}, "abd", id="rows that train, validate or test, and have a text"),
        pytest.param({"retrieval": True}, "abcd", id="retrieved rows too, where the recipe says so"),
        pytest.param({"text": "评：{{ text }}"}, "abdef", id="a template always has a text"),
    ],
)
def test_the_rows_that_people_see(tmp_path: Path, options: dict[str, Any], keys: str) -> None:
    texts = {"a": "好", "b": "不好", "c": "一般", "d": "还行", "e": " ", "f": None}
    frame = rows(texts, split=["train", "validation", None, "test", "train", "train"])
    found = chosen(tmp_path, frame, **options)
    assert sorted(found.items["item_id"]) == [f"comments:{key}" for key in keys]
    assert found.plan["drawn"] == len(keys)


@pytest.mark.parametrize(
    ("sample", "number"), [(5, 5), (0.25, 5), ("1/3", 7), ("10%", 2), (1.0, 20), (1, 1), (900, 20)]
)
def test_the_size_of_the_sample_is_a_number_or_a_share(tmp_path: Path, sample: Any, number: int) -> None:
    found = chosen(tmp_path, rows(TEXTS), sample=sample)
    assert found.items.height == number
    assert found.plan == {
        "rows": 20,
        "drawn": number,
        "strata": [{"stratum": "comments", "rows": 20, "drawn": number}],
    }


@pytest.mark.parametrize("sample", [0, -3, 1.5, "viele"])
def test_a_size_that_is_none_is_refused(tmp_path: Path, sample: Any) -> None:
    with pytest.raises(ValidationError):
        project(tmp_path, sample=sample)


def test_a_row_more_leaves_the_others_in_and_the_order_of_rows_says_nothing(tmp_path: Path) -> None:
    first = chosen(tmp_path, rows(TEXTS), sample=8).items["item_id"].to_list()
    assert chosen(tmp_path, rows(TEXTS).reverse(), sample=8).items["item_id"].to_list() == first
    more = chosen(tmp_path, rows(TEXTS | {"new": "新来的"}), sample=8).items["item_id"].to_list()
    assert len(set(first) - set(more)) <= 1
    assert chosen(tmp_path, rows(TEXTS), sample=8, seed="2").items["item_id"].to_list() != first


def test_the_line_above_is_one_line(tmp_path: Path) -> None:
    frame = rows({"a": "很好"}, title=["夏季展\n第二期"])
    told = data_of(chosen(tmp_path, frame, about="{{ corpus }} · {{ title }}").items)
    assert told["comments:a"]["about"] == "comments · 夏季展 第二期"


def test_gold_items_stand_among_the_rows(tmp_path: Path) -> None:
    line = {"data": {"text": "太差了", "about": "comments"}, "expected": {"label": "negative"}, "id": "g1"}
    (tmp_path / "gold.jsonl").write_text(json.dumps(line), encoding="utf-8")
    items = chosen(tmp_path, rows(TEXTS), gold=str(tmp_path / "gold.jsonl")).items
    assert items.filter(pl.col("part") == "gold")["item_id"].to_list() == ["gold:g1"]
    assert items["place"].to_list() == list(range(21))


def test_the_column_holds_the_words_that_people_saw_and_no_row_goes(tmp_path: Path) -> None:
    frame = rows({"a": "好", "b": "差", "c": "没看", "d": "有争议"})
    ids = {f"comments:{key}": value for key, value in {"a": "positive", "b": "negative", "d": None}.items()}
    outcome = project(tmp_path, column="mood").apply(frame, frame.clear(), decisions("label", **ids))
    assert outcome.kept["mood"].to_list() == ["正面", "负面", None, None]
    assert outcome.kept.drop("mood").equals(frame)
    assert outcome.dropped.height == 0


def test_an_empty_shard_has_the_column_too(tmp_path: Path) -> None:
    frame = rows({"a": "好"}).clear()
    kept = project(tmp_path).apply(frame, frame, decisions("label")).kept
    assert kept.schema["labels"] == pl.String


def test_classify_makes_pairs_of_the_column(tmp_path: Path) -> None:
    frame = rows({"a": "好", "b": "差", "c": "没看"})
    told = decisions("label", **{"comments:a": "positive", "comments:b": "negative"})
    kept = project(tmp_path, column="mood").apply(frame, frame.clear(), told).kept
    unit = Classify(corpus="comments", label="mood")
    table = on_disk(tmp_path, kept)
    outcome = unit.apply(kept, unit.classes(table))
    assert dict(outcome.kept.select("parent_id", "output").iter_rows()) == {
        "comments:a": "正面",
        "comments:b": "负面",
    }
    assert outcome.dropped.select("row_id", "reason").rows() == [("comments:c", "fields_missing")]


def test_a_column_that_is_there_is_not_written_over(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match="mood") as raised:
        chosen(tmp_path, rows({"a": "好"}, mood=["?"]), column="mood")
    assert "column" in raised.value.hint


@pytest.mark.parametrize("option", ["text", "about"])
def test_a_column_that_is_not_there_is_named_with_the_nearest(tmp_path: Path, option: str) -> None:
    with pytest.raises(CurateError, match="titel") as raised:
        chosen(tmp_path, rows({"a": "好"}, title=["?"]), **{option: "titel"})
    assert "title" in raised.value.hint


@pytest.mark.parametrize("column", ["text", "row_id", "split"])
def test_the_columns_of_curate_are_not_to_be_had(tmp_path: Path, column: str) -> None:
    with pytest.raises(ValidationError, match=column):
        project(tmp_path, column=column)


def test_it_concerns_its_own_corpus_alone(tmp_path: Path) -> None:
    assert [project(tmp_path).concerns(name) for name in ("comments", "news")] == [True, False]
