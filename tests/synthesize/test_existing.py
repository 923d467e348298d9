"""existing: rows that are training data already become pairs, or say why not."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.pairs import PAIR
from curate.synthesize import Existing, Synthesize

TALK = json.dumps([{"role": "user", "content": "几点？"}, {"role": "assistant", "content": "九点。"}])
TO_ANSWER = json.dumps([{"role": "user", "content": "几点？"}])
QA = {"instruction": "q", "output": "a"}
BETTER = {"instruction": "q", "chosen": "a", "rejected": "b"}
RATED = {**QA, "desirable": "r"}


def rows(split: str | None = "train", **columns: Any) -> pl.DataFrame:
    count = len(next(iter(columns.values())))
    ids = [f"c:{number}" for number in range(count)]
    routed = {
        "tier": ["primary" if split else "secondary"] * count,
        "split": pl.Series([split] * count, dtype=pl.String),
    }
    return pl.DataFrame({"row_id": ids, "corpus": ["c"] * count, "cluster_id": ids, **columns, **routed})


def unit(**options: str) -> Existing:
    return Existing.model_validate({"corpus": "c", **options})


def fate(options: dict[str, str], **columns: Any) -> str | dict[str, Any]:
    """The reason for which one row is dropped, or its pair without what is null."""
    outcome = unit(**options).apply(rows(**columns))
    assert outcome.kept.height + outcome.dropped.height == 1
    if outcome.dropped.height:
        return str(outcome.dropped["reason"][0])
    return {name: value for name, value in outcome.kept.row(0, named=True).items() if value is not None}


def test_a_pair_carries_where_it_comes_from_and_what_it_is() -> None:
    found = fate(
        QA | {"input": "i", "thought": "t", "system": "s"},
        q=["几点？"],
        a=[" 九点。\n"],
        i=["附件"],
        t=["想"],
        s=["你是客服。"],
    )
    assert found == {
        "pair_id": "c:0#existing.pair", "parent_id": "c:0", "corpus": "c", "cluster_id": "c:0", "tier": "primary",
        "split": "train", "origin": "real", "kind": "sft", "task": "existing", "question": "pair", "system": "你是客服。",
        "instruction": "几点？", "input": "附件", "output": "九点。", "thought": "想",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("options", "columns", "expected"),
    [
        (QA, {"q": ["几点？"], "a": ["九点。"]}, {"kind": "sft", "instruction": "几点？", "output": "九点。"}),
        (QA | {"thought": "t"}, {"q": ["几点？"], "a": ["九点。"], "t": [None]}, {"kind": "sft", "output": "九点。"}),
        (BETTER, {"q": ["几点？"], "a": ["九点。"], "b": ["不知道"]}, {"kind": "preference", "output": "九点。", "rejected": "不知道"}),
        (
            BETTER,
            {"q": ["几点？"], "a": ['{"from": "gpt", "value": "九点。"}'], "b": [json.dumps([{"role": "assistant", "content": "不知道"}])]},
            {"kind": "preference", "output": "九点。", "rejected": "不知道"},
        ),
        (
            {"messages": "m", "chosen": "a", "rejected": "b"},
            {"m": [TO_ANSWER], "a": ["九点。"], "b": ["不知道"]},
            {"kind": "preference", "instruction": "几点？", "output": "九点。", "messages": [{"role": "user", "content": "几点？"}]},
        ),
        (RATED, {"q": ["几点？"], "a": ["九点。"], "r": ["赞"]}, {"kind": "kto", "desirable": True}),
        ({"messages": "m", "desirable": "r"}, {"m": [TALK], "r": ["踩"]}, {"kind": "kto", "desirable": False, "output": "九点。"}),
        ({"messages": "m"}, {"m": [TALK]}, {"kind": "sft", "instruction": "几点？", "output": "九点。", "system": ""}),
        ({"messages": "m", "tools": "t"}, {"m": [TALK], "t": ['[{"name": "find"}]']}, {"tools": '[{"name": "find"}]'}),
        ({"messages": "m"}, {"m": [json.loads(TALK)]}, {"kind": "sft", "output": "九点。"}),
        (QA | {"origin": "llm"}, {"q": ["几点？"], "a": ["九点。"]}, {"origin": "llm"}),
    ],
    ids=[
        "question and answer", "a thought may be empty", "two answers to compare", "answers kept as messages",
        "a conversation with two answers", "a rated answer", "a rated conversation", "a conversation", "with tools",
        "a nested column, as Parquet has it", "answers of a model are marked",
    ],
)  # fmt: skip
def test_rows_become_pairs_of_the_kind_that_their_columns_make(
    options: dict[str, str], columns: dict[str, Any], expected: dict[str, Any]
) -> None:
    found = fate(options, **columns)
    assert isinstance(found, dict), found
    assert {name: found.get(name) for name in expected} == expected


@pytest.mark.parametrize(
    ("options", "columns", "reason"),
    [
        (QA, {"q": ["几点？"], "a": [None]}, "fields_missing"),
        (QA, {"q": ["几点？"], "a": ["  "]}, "fields_missing"),
        (QA, {"q": [None], "a": ["九点。"]}, "fields_missing"),
        (BETTER, {"q": ["几点？"], "a": ["九点。"], "b": [None]}, "fields_missing"),
        (BETTER, {"q": ["几点？"], "a": [""], "b": ["不知道"]}, "fields_missing"),
        (RATED, {"q": ["几点？"], "a": ["九点。"], "r": ["一般"]}, "bad_rating"),
        (RATED, {"q": ["几点？"], "a": ["九点。"], "r": [None]}, "bad_rating"),
        (RATED, {"q": ["几点？"], "a": [None], "r": ["一般"]}, "fields_missing"),
        ({"messages": "m"}, {"m": [None]}, "bad_turns"),
        ({"messages": "m"}, {"m": [TO_ANSWER]}, "bad_turns"),
        ({"messages": "m", "chosen": "a", "rejected": "b"}, {"m": [TALK], "a": ["九点。"], "b": ["不知道"]}, "bad_turns"),
        (QA, {"q": ["几点？"], "a": ["九点。"], "split": None}, "retrieval_only"),
    ],
    ids=[
        "no answer", "a blank answer", "no question", "nothing worse to compare", "nothing better to compare",
        "a rating that is neither", "no rating", "no answer counts before the rating", "no conversation",
        "a conversation without an answer", "an answered conversation with two more answers", "a row that is only retrieved",
    ],
)  # fmt: skip
def test_a_row_that_gives_no_pair_says_why(
    options: dict[str, str], columns: dict[str, Any], reason: str
) -> None:
    assert fate(options, **columns) == reason


def test_what_is_wrong_with_a_conversation_stands_in_the_detail() -> None:
    dropped = unit(messages="m").apply(rows(m=[TO_ANSWER])).dropped
    assert dropped["detail"].to_list() == ["要以助手的回答结尾"]


@pytest.mark.parametrize(
    ("written", "desirable"),
    [
        *((word, True) for word in ("赞", "👍", "满意", "是", "True", "YES", "1", " 有用 ")),
        *((word, False) for word in ("踩", "👎", "不满意", "否", "false", "No", "0", "没用")),
        (True, True), (False, False), (1, True), (0, False), (1.0, True), (0.0, False),
    ],
)  # fmt: skip
def test_a_rating_is_read_however_it_is_written(written: Any, desirable: bool) -> None:
    found = fate(RATED, q=["几点？"], a=["九点。"], r=[written])
    assert isinstance(found, dict)
    assert found["desirable"] is desirable


def test_the_systems_message_of_a_row_wins_over_that_of_its_conversation() -> None:
    spoken = [{"role": "system", "content": "说话的"}, *json.loads(TALK)]
    outcome = unit(messages="m", system="s").apply(rows(m=[json.dumps(spoken)] * 2, s=["写下的", None]))
    assert outcome.kept["system"].to_list() == ["写下的", "说话的"]


def test_every_row_gave_a_pair_or_says_why_not() -> None:
    table = pl.concat(
        [
            rows(q=["一", "二", None], a=["甲", None, "丙"]),
            rows(None, q=["四"], a=["丁"]).with_columns(pl.lit("c:9").alias("row_id")),
        ]
    )
    outcome = unit(**QA).apply(table)
    assert outcome.kept.schema == pl.Schema(PAIR)
    assert outcome.kept["parent_id"].to_list() == ["c:0"]
    assert outcome.dropped.select("row_id", "reason").rows() == [
        ("c:1", "fields_missing"), ("c:2", "fields_missing"), ("c:9", "retrieval_only"),
    ]  # fmt: skip
    assert set(table.columns) <= set(outcome.dropped.columns)


@pytest.mark.parametrize("options", [QA, BETTER, RATED, {"messages": "m", "tools": "q"}])
def test_an_empty_shard_gives_nothing(options: dict[str, str]) -> None:
    outcome = unit(**options).apply(rows(q=[""], a=[""], b=[""], r=[""], m=[""]).clear())
    assert outcome.kept.schema == pl.Schema(PAIR)
    assert outcome.kept.is_empty()
    assert outcome.dropped.is_empty()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({}, "instruction 和 messages 要写一个"),
        ({"instruction": "q", "output": "a", "messages": "m"}, "instruction 和 messages 要写一个，只写一个"),
        ({"instruction": "q"}, "缺少 output"),
        ({"instruction": "q", "chosen": "a"}, "chosen 和 rejected 要一起写"),
        ({"instruction": "q", "output": "a", "rejected": "b"}, "chosen 和 rejected 要一起写"),
        (BETTER | {"output": "a"}, "就不写 output 和 desirable"),
        (BETTER | {"desirable": "r"}, "就不写 output 和 desirable"),
        ({"messages": "m", "output": "a"}, "messages 里已有全部内容"),
        ({"messages": "m", "thought": "t"}, "messages 里已有全部内容"),
        (QA | {"tools": "t"}, "有 tools 就要有 messages"),
        (QA | {"name": "问答"}, "pattern"),
    ],
)
def test_options_that_do_not_fit_are_refused(options: dict[str, str], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        unit(**options)


def test_a_corpus_may_have_two_tasks_of_different_names() -> None:
    once: list[dict[str, Any]] = [
        {"existing": {"corpus": "c", **QA}},
        {"existing": {"corpus": "c", **BETTER}},
    ]
    with pytest.raises(ValidationError, match="c: existing"):
        Synthesize.model_validate({"tasks": once})
    once[1]["existing"]["name"] = "compared"
    tasks = Synthesize.model_validate({"tasks": once}).tasks
    table = rows(q=["几点？"], a=["九点。"], b=["不知道"])
    made = pl.concat(task.apply(table).kept for task in tasks if isinstance(task, Existing))
    assert made["pair_id"].to_list() == ["c:0#existing.pair", "c:0#compared.pair"]
