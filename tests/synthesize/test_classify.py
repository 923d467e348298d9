"""classify: a question a labelled row, with the classes in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.errors import CurateError
from curate.pairs import PAIR
from curate.rows import Outcome, Table
from curate.synthesize.classify import MOST_LABELS, Classify
from curate.synthesize.extract import Extract

MOODS = {"正面": "说好话", "负面": "抱怨", "中性": ""}


def comments(labels: list[Any], **columns: list[Any]) -> pl.DataFrame:
    ids = [f"k:{number}" for number in range(len(labels))]
    own = {
        "text": [f"评价{number}" for number in range(len(labels))],
        "split": ["train"] * len(labels),
    } | columns
    return pl.DataFrame(
        {"row_id": ids, "corpus": "k", "cluster_id": ids, "tier": "primary", "mood": labels} | own
    )


def classified(rows: pl.DataFrame, **options: Any) -> Outcome:
    unit = Classify(corpus="k", label="mood", **({"labels": MOODS} | options))
    return unit.apply(rows, unit.classes(Table("k", ())))


def test_a_pair_carries_where_it_comes_from() -> None:
    outcome = classified(
        comments(["正面"]), ask="是哪类？\n{{ labels }}", shuffle=False, system="你是审核员。"
    )
    assert outcome.kept.schema == pl.Schema(PAIR)
    assert {name: value for name, value in outcome.kept.row(0, named=True).items() if value is not None} == {
        "pair_id": "k:0#classify.label", "parent_id": "k:0", "corpus": "k", "cluster_id": "k:0", "tier": "primary", "split": "train",
        "origin": "real", "kind": "sft", "task": "classify", "question": "label", "system": "你是审核员。",
        "instruction": "是哪类？\n- 正面：说好话\n- 负面：抱怨\n- 中性", "input": "评价0", "output": "正面", "label": "正面",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        ({"definitions": False}, "类别：正面、负面、中性"),
        ({"labels": ["正面", "负面"]}, "类别：正面、负面"),
        ({"labels": {"正面": "", "负面": ""}}, "类别：正面、负面"),
        ({"ask": "好不好？"}, "好不好？"),
        ({"ask": "{{ text }}：{{ labels }}", "definitions": False}, "评价0：类别：正面、负面、中性"),
    ],
    ids=[
        "without definitions",
        "a list",
        "empty definitions",
        "classes that are not asked",
        "with a column of the row",
    ],
)
def test_the_classes_stand_in_the_question(options: dict[str, Any], asked: str) -> None:
    outcome = classified(comments(["正面"]), **({"ask": "{{ labels }}", "shuffle": False} | options))
    assert outcome.kept["instruction"].to_list() == [asked]


def test_the_right_class_stands_first_no_more_often_than_others() -> None:
    rows = comments(["正面"] * 300)
    made = classified(rows, definitions=False, ask="{{ labels }}").kept
    first = made["instruction"].str.strip_prefix("类别：").str.split("、").list.first().value_counts()
    assert {name: 70 <= count <= 130 for name, count in first.iter_rows()} == dict.fromkeys(MOODS, True)
    assert made["instruction"].n_unique() == 6
    again = classified(rows.tail(150), definitions=False, ask="{{ labels }}").kept
    assert again["instruction"].to_list() == made["instruction"].tail(150).to_list()


def test_every_phrasing_is_used() -> None:
    made = classified(comments(["正面"] * 200), ask=["甲{{ labels }}", "乙{{ labels }}"]).kept
    assert min(made["instruction"].str.head(1).value_counts()["count"]) > 60


@pytest.mark.parametrize(
    ("columns", "label", "reason", "detail"),
    [
        ({}, "好极了", "unknown_label", "好极了"),
        ({}, None, "fields_missing", None),
        ({}, "  ", "fields_missing", None),
        ({"text": [None]}, "正面", "fields_missing", None),
        ({"text": [" "]}, "正面", "fields_missing", None),
        ({"split": [None]}, "正面", "retrieval_only", None),
        ({}, " 正面 ", None, None),
    ],
    ids=[
        "no class of the recipe",
        "no label",
        "a blank one",
        "no text",
        "a blank text",
        "not trained on",
        "with blanks around",
    ],
)
def test_a_row_without_a_class_is_dropped_and_says_why(
    columns: dict[str, list[Any]], label: str | None, reason: str | None, detail: str | None
) -> None:
    rows = comments([label], **columns).cast({"mood": pl.String, "text": pl.String, "split": pl.String})
    outcome = classified(rows)
    assert outcome.dropped.select("reason", "detail").rows() == ([(reason, detail)] if reason else [])
    assert outcome.kept.height + outcome.dropped.height == 1
    assert set(rows.columns) < set(outcome.dropped.columns)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 5, 3], ["1", "5", "3"]),
        ([1.0, 5.0, 3.0], ["1", "5", "3"]),
        ([["1"], ["5"], ["3"]], ["1", "5", "3"]),
        ([["1"], ["5"], ["1", "3"]], ["1", "5"]),
    ],
    ids=["numbers", "numbers as a spreadsheet has them", "lists of one", "two classes are none"],
)
def test_labels_of_any_type_are_texts(values: list[Any], expected: list[str]) -> None:
    assert classified(comments(values), labels=["1", "3", "5"]).kept["output"].to_list() == expected


def test_the_classes_of_the_data_are_those_of_all_shards_that_train(tmp_path: Path) -> None:
    rows = comments(["乙", "甲", None, "丙", "丁"], split=["train", "test", "train", "validation", None])
    shards = []
    for number, shard in enumerate(rows.iter_slices(2)):
        shard.write_parquet(tmp_path / f"{number}.parquet")
        shards.append(tmp_path / f"{number}.parquet")
    assert list(Classify(corpus="k", label="mood").classes(Table("k", tuple(shards)))) == ["丙", "乙", "甲"]


@pytest.mark.parametrize("count", [1, MOST_LABELS + 1])
def test_a_column_that_holds_no_classes_is_an_error(tmp_path: Path, count: int) -> None:
    comments([f"类{number}" for number in range(count)]).write_parquet(tmp_path / "0.parquet")
    with pytest.raises(CurateError, match=f"有 {count} 种值") as caught:
        Classify(corpus="k", label="mood").classes(Table("k", (tmp_path / "0.parquet",)))
    assert caught.value.option == ("label",)


def test_where_nobody_has_labelled_yet_there_are_no_classes_and_no_questions(tmp_path: Path) -> None:
    rows = comments([None, None]).cast({"mood": pl.String})
    rows.write_parquet(tmp_path / "0.parquet")
    task = Classify(corpus="k", label="mood")
    classes = task.classes(Table("k", (tmp_path / "0.parquet",)))
    assert classes == {}
    assert task.apply(rows, classes).dropped["reason"].to_list() == ["fields_missing"] * 2


@pytest.mark.parametrize("labels", [["正面"], ["正面", "正面"], {}])
def test_fewer_than_two_classes_are_refused(labels: Any) -> None:
    with pytest.raises(ValidationError, match="类别至少要两个"):
        Classify(corpus="k", label="mood", labels=labels)


@pytest.mark.parametrize("unit", [Classify(corpus="k", label="mood"), Extract(corpus="k", spans="mood")])
def test_where_no_row_trains_every_row_is_retrieval_only(unit: Classify | Extract, tmp_path: Path) -> None:
    rows = comments(["正面", "负面"], split=[None, None]).with_columns(pl.col("split").cast(pl.String))
    rows.write_parquet(tmp_path / "0.parquet")
    outcome = unit.apply(rows, unit.classes(Table("k", (tmp_path / "0.parquet",))))
    assert outcome.kept.is_empty()
    assert outcome.dropped["reason"].to_list() == ["retrieval_only"] * 2
