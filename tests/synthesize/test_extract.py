"""extract: a question a marked row; its answer is JSON with substrings of the text."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.errors import CurateError
from curate.pairs import PAIR
from curate.rows import Outcome, Table
from curate.synthesize.extract import Extract

TEXT = "甲公司在上海办展"
SPANS = '[{"start": 0, "end": 3, "label": "公司"}, {"start": 4, "end": 6, "label": "地点"}]'
TYPES = ["公司", "地点"]


def marked(count: int = 1, **columns: list[Any]) -> pl.DataFrame:
    ids = [f"n:{number}" for number in range(count)]
    own = {"text": [TEXT] * count, "split": ["train"] * count, "spans": [SPANS] * count} | columns
    return pl.DataFrame({"row_id": ids, "corpus": "n", "cluster_id": ids, "tier": "primary"} | own)


def extracted(rows: pl.DataFrame, **options: Any) -> Outcome:
    unit = Extract(corpus="n", **({"spans": "spans", "labels": TYPES} | options))
    return unit.apply(rows, unit.classes(Table("n", ())))


def test_a_pair_carries_where_it_comes_from() -> None:
    outcome = extracted(marked(), ask="{{ types }}|{{ form }}")
    assert outcome.kept.schema == pl.Schema(PAIR)
    assert {name: value for name, value in outcome.kept.row(0, named=True).items() if value is not None} == {
        "pair_id": "n:0#extract.spans", "parent_id": "n:0", "corpus": "n", "cluster_id": "n:0", "tier": "primary", "split": "train",
        "origin": "real", "kind": "sft", "task": "extract", "question": "spans", "system": "",
        "instruction": '类型：公司、地点|{"公司": ["…"], "地点": ["…"]}', "input": TEXT,
        "output": '{"公司": ["甲公司"], "地点": ["上海"]}',
    }  # fmt: skip


def test_definitions_stand_in_the_question() -> None:
    outcome = extracted(marked(), ask="{{ types }}", labels={"公司": "企业的名称", "地点": ""})
    assert outcome.kept["instruction"].to_list() == ["- 公司：企业的名称\n- 地点"]


@pytest.mark.parametrize(
    ("columns", "options", "answer"),
    [
        ({"spans": ["[]"]}, {"empty_share": 0.9}, None),
        ({"spans": ['[{"start": 0, "end": 6, "label": "公司"}, {"start": 4, "end": 6, "label": "地点"}]']}, {},
         {"公司": ["甲公司在上海"], "地点": ["上海"]}),
        ({"text": ["上海和上海"], "spans": ['[{"start": 3, "end": 5, "label": "地点"}, {"start": 0, "end": 2, "label": "地点"}]']}, {},
         {"公司": [], "地点": ["上海"]}),
        ({"spans": [[{"start": 0, "end": 3, "label": "公司"}]]}, {}, {"公司": ["甲公司"], "地点": []}),
        ({"tags": ["B-公司 I-公司 I-公司 O B-地点 I-地点 O O"]}, {"spans": "", "tags": "tags"}, {"公司": ["甲公司"], "地点": ["上海"]}),
        ({"tags": [["B-公司", "O", "B-地点"]], "tokens": [["甲公司", "在", "上海"]]}, {"spans": "", "tags": "tags", "tokens": "tokens"},
         {"公司": ["甲公司"], "地点": ["上海"]}),
        ({"tags": [["B-公司", "O", "B-地点", "O"]], "tokens": [["甲公司", "在", "上海", "办展"]]},
         {"spans": "", "tags": "tags", "tokens": "tokens", "text": "text"}, {"公司": ["甲公司"], "地点": ["上海"]}),
        ({"head": ["【讯】"], "spans": ['[{"start": 3, "end": 6, "label": "公司"}]']}, {"text": "{{ head }}{{ text }}"},
         {"公司": ["甲公司"], "地点": []}),
    ],
    ids=[
        "no span alone is too many", "one inside the other", "one text twice", "a nested column", "tags of characters",
        "tags of words", "tags of words of a text", "a text by a template",
    ],
)  # fmt: skip
def test_the_answer_holds_the_substrings_by_type(
    columns: dict[str, list[Any]], options: dict[str, Any], answer: dict[str, list[str]] | None
) -> None:
    outcome = extracted(marked(1, **columns), **options)
    assert [json.loads(output) for output in outcome.kept["output"]] == ([answer] if answer else [])


def test_the_text_of_words_is_made_of_them() -> None:
    rows = marked(tags=[["B-地点", "I-地点", "O"]], tokens=[["New", "York", "的展"]], text=["别的"])
    pair = extracted(rows, spans="", tags="tags", tokens="tokens").kept.row(0, named=True)
    assert (pair["input"], pair["output"]) == ("New York的展", '{"公司": [], "地点": ["New York"]}')


@pytest.mark.parametrize(
    ("columns", "options", "reason", "detail"),
    [
        ({"spans": ['[{"start": 0, "end": 3, "label": "人名"}]']}, {}, "unknown_label", "人名"),
        ({"spans": ['[{"start": 0, "end": 30, "label": "公司"}]']}, {}, "bad_spans", "第 1 处标注 0–30 对不上正文"),
        ({"tags": ["O I-公司 O O O O O O"]}, {"spans": "", "tags": "tags"}, "bad_spans", "第 2 个标签 I-公司 前面没有 B-公司"),
        ({"spans": [None]}, {}, "fields_missing", None),
        ({"spans": [""]}, {}, "fields_missing", None),
        ({"text": [" "], "spans": ["[]"]}, {}, "fields_missing", None),
        ({"split": [None]}, {}, "retrieval_only", None),
        ({"spans": ["[]"]}, {}, "over_limit", None),
    ],
    ids=["another type", "outside the text", "an I without its B", "not marked", "an empty cell", "no text", "not trained on", "nothing in it"],
)  # fmt: skip
def test_a_row_that_cannot_be_used_is_dropped_and_says_why(
    columns: dict[str, list[Any]], options: dict[str, Any], reason: str, detail: str | None
) -> None:
    rows = marked(1, **columns).cast({"spans": pl.String, "split": pl.String})
    outcome = extracted(rows, **options)
    assert outcome.kept.is_empty()
    assert outcome.dropped.select("reason", "detail").rows() == [(reason, detail)]
    assert set(rows.columns) < set(outcome.dropped.columns)


@pytest.mark.parametrize(("share", "kept"), [(0.1, 5), (0, 0), (0.5, 45), (0.9, 50)])
def test_rows_without_a_span_are_a_small_share_of_what_is_trained(share: float, kept: int) -> None:
    rows = marked(95, spans=[SPANS] * 45 + ["[]"] * 50)
    outcome = extracted(rows, empty_share=share)
    assert outcome.kept.filter(pl.col("output") == '{"公司": [], "地点": []}').height == kept
    assert dict(outcome.dropped["reason"].value_counts().iter_rows()) == (
        {"over_limit": 50 - kept} if kept < 50 else {}
    )
    again = extracted(rows.sample(fraction=1, shuffle=True, seed=1), empty_share=share)
    assert set(again.kept["pair_id"]) == set(outcome.kept["pair_id"])


def test_what_is_tested_keeps_its_rows_without_a_span() -> None:
    outcome = extracted(marked(4, spans=["[]"] * 4, split=["test", "test", "validation", "train"]))
    assert sorted(outcome.kept["split"]) == ["test", "test", "validation"]


def test_the_types_of_the_data_are_those_of_all_rows_that_train(tmp_path: Path) -> None:
    unit = Extract(corpus="n", spans="spans")
    marked(
        3, spans=[SPANS, "[]", '[{"start": 0, "end": 1, "label": "人名"}]'], split=["train", "test", None]
    ).write_parquet(tmp_path / "0.parquet")
    assert list(unit.classes(Table("n", (tmp_path / "0.parquet",)))) == ["公司", "地点"]
    marked(1, spans=["[]"]).write_parquet(tmp_path / "1.parquet")
    with pytest.raises(CurateError, match="没有一处标注"):
        unit.classes(Table("n", (tmp_path / "1.parquet",)))


@pytest.mark.parametrize(
    "options", [{}, {"spans": "a", "tags": "b"}, {"tokens": "a"}, {"spans": "a", "tokens": "b"}]
)
def test_one_form_of_spans_is_given(options: dict[str, str]) -> None:
    with pytest.raises(ValidationError, match="spans 和 tags 要写一个"):
        Extract(corpus="n", **options)
