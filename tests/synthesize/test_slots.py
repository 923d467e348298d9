"""Slots: no end of a text is left out, none is asked of rows that do not train, and choices stay."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.sql import ask
from curate.synthesize.doc_qa import DocQa
from curate.synthesize.slots import chosen, number_of, of_pairs, of_spans
from curate.synthesize.task import SLOT
from tests.conftest import ROOT
from tests.synthesize.answers import base_pairs

PROMPT = str(ROOT / "recipes/prompts/doc_qa.j2")
SENTENCE = "第三届虹桥环保展参展企业一千二百家。"  # 18 characters


def rows(*texts: str | None, **columns: Any) -> pl.DataFrame:
    ids = [f"r:{number}" for number in range(len(texts))]
    routed = {"tier": "primary", "split": "train"} | columns
    return pl.DataFrame({"row_id": ids, "text": pl.Series(texts, dtype=pl.String)}).with_columns(
        pl.lit("r").alias("corpus"),
        pl.col("row_id").alias("cluster_id"),
        *(pl.lit(value, pl.String).alias(name) for name, value in routed.items()),
    )


@pytest.mark.parametrize(
    ("text", "columns", "reason"),
    [
        (SENTENCE * 3, {"split": None}, "retrieval_only"),
        (SENTENCE * 3, {"split": "test"}, "held_out"),
        (SENTENCE * 3, {"split": "validation"}, "held_out"),
        (SENTENCE, {}, "too_short"),
        (" " * 99, {}, "too_short"),
        (None, {}, "too_short"),
    ],
)
def test_a_row_that_gives_no_slot_says_why(text: str | None, columns: dict[str, Any], reason: str) -> None:
    outcome = of_spans(rows(text, **columns), "t", 60, 30, None)
    assert outcome.kept.is_empty()
    assert outcome.dropped["reason"].to_list() == [reason]


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        (SENTENCE * 3, [54]),
        (SENTENCE * 6, [54, 54]),
        (SENTENCE * 4, [72]),  # the last 18 join the span before them
        ("开幕。" + "长" * 59 + "。" + SENTENCE * 3, [63, 54]),  # a short first joins the next
        ("长" * 130, [60, 70]),
    ],
)
def test_short_ends_join_their_neighbour(text: str, lengths: list[int]) -> None:
    slots = of_spans(rows(text, text), "t", 60, 30, None).kept
    assert slots.schema == pl.Schema(SLOT)
    first = slots.filter(parent_id="r:0")
    assert first["source"].str.len_chars().to_list() == lengths
    assert first["slot_id"].to_list() == [f"r:0#t.{number}" for number in range(len(lengths))]
    assert slots.height == 2 * len(lengths)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.text("展会开幕。\n ", max_size=60), min_size=1, max_size=4))
def test_every_character_but_outer_space_is_in_a_span(texts: list[str]) -> None:
    frame = rows(*texts)
    outcome = of_spans(frame, "t", 20, 10, None)
    for row_id, text in zip(frame["row_id"], texts, strict=True):
        spans = outcome.kept.filter(parent_id=row_id).select("start", "end", "source").rows()
        covered = {place for start, end, _ in spans for place in range(start, end)}
        if spans:
            assert all(place in covered for place, mark in enumerate(text) if not mark.isspace())
            assert all(text[start:end] == source for start, end, source in spans)
        else:
            assert row_id in outcome.dropped["row_id"]


def test_the_title_stands_above_a_span_that_does_not_hold_it() -> None:
    frame = rows(SENTENCE * 6, title="虹桥展简报")
    assert of_spans(frame, "t", 60, 30, "title").kept["source"].str.split(
        "\n"
    ).list.first().unique().to_list() == ["虹桥展简报"]
    held = of_spans(rows("虹桥展简报：" + SENTENCE * 3, title="虹桥展简报"), "t", 90, 30, "title").kept
    assert held["source"].to_list() == ["虹桥展简报：" + SENTENCE * 3]


def test_a_title_that_is_no_column_is_told() -> None:
    task = DocQa(corpus="r", prompt=PROMPT, title="titel")
    with pytest.raises(CurateError, match="没有 titel 列") as told:
        task.slots(rows(SENTENCE, title="x"))
    assert "title" in told.value.hint


def test_a_task_is_called_by_its_name_or_after_what_it_does() -> None:
    assert DocQa(corpus="r", prompt=PROMPT).stem == "doc_qa"
    assert DocQa.model_validate({"corpus": "r", "prompt": PROMPT, "name": "reports_qa"}).stem == "reports_qa"


def test_shards_and_other_rows_change_no_slot() -> None:
    frame = rows(*(SENTENCE * count for count in range(1, 9)))
    whole = of_spans(frame, "t", 60, 30, None).kept
    parts = pl.concat(of_spans(part, "t", 60, 30, None).kept for part in frame.iter_slices(3))
    assert whole.equals(parts)
    assert of_spans(frame.clear(), "t", 60, 30, None).kept.schema == pl.Schema(SLOT)


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ({}, None),
        ({"split": "test"}, "held_out"),
        ({"kind": "preference"}, "not_a_question"),
        ({"messages": [{"role": "user", "content": "？"}]}, "several_turns"),
        ({"output": "短"}, "no_answer"),
    ],
)
def test_pairs_that_give_no_slot_say_why(told: dict[str, Any], reason: str | None) -> None:
    frame = base_pairs({"instruction": "几家？", "output": "一千二百家。", **told})
    outcome = of_pairs(
        frame, "s", {"no_answer": pl.col("output").str.len_chars() > 1}, pl.col("output"), ["output"], 2
    )
    assert outcome.dropped["reason"].to_list() == ([reason] if reason else [])
    if not reason:
        assert outcome.kept["slot_id"].to_list() == ["c:0#t.q+s.0", "c:0#t.q+s.1"]
        assert outcome.kept["of_pair"].to_list() == ["c:0#t.q"] * 2
    else:
        assert outcome.dropped["row_id"].to_list() == ["c:0#t.q"]


def test_a_choice_belongs_to_its_key() -> None:
    duckdb = ask(
        "SELECT ('0x' || substr(md5(key), 1, 8))::BIGINT FROM keys", keys=pl.DataFrame({"key": ["企:1#t"]})
    )
    assert number_of("企:1#t") == duckdb.item(), "the templates choose by the same number"
    made = [chosen("甲乙丙", f"r:{number}") for number in range(300)]
    assert min(made.count(mark) for mark in "甲乙丙") > 70
