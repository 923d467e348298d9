"""join_turns: the pairs of a row as one conversation."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.synthesize.join_turns import JoinTurns, referred, shared_name
from tests.synthesize.base_pairs import base, frame, reasons, whole

NAME = "云帆科技有限公司"


def join(**options: Any) -> JoinTurns:
    return JoinTurns.model_validate({"corpus": "companies", "of": "t", **options})


def about(row: str, count: int = 4, **more: Any) -> list[dict[str, Any]]:
    asked = [
        f"{NAME}的官网是什么？",
        f"请问{NAME}成立于何时？",
        f"请介绍一下{NAME}。",
        f"编号为{NAME}的公司在哪里？",
    ]
    return [base(f"{row}#t.q{n}", asked[n], f"{NAME}答{n}。", **more) for n in range(count)]


def test_a_conversation_is_turns_that_end_with_the_answer() -> None:
    pairs = frame(*about("c:1"))
    outcome = whole(pairs, join(turns=4).apply(pairs))
    [made] = outcome.kept.to_dicts()
    roles = [turn["role"] for turn in made["messages"]]
    assert roles == ["user", "assistant"] * (len(roles) // 2)
    assert 4 <= len(roles) <= 8
    assert made["output"] == made["messages"][-1]["content"]
    assert made["instruction"] == made["messages"][0]["content"]
    assert (made["task"], made["question"], made["parent_id"]) == ("join_turns_t", "conversation", "c:1")
    said = {
        (a["content"], b["content"])
        for a, b in zip(made["messages"][::2], made["messages"][1::2], strict=True)
    }
    assert said <= {(pair["instruction"], pair["output"]) for pair in about("c:1")}
    assert len(said) == len(roles) // 2, "no turn twice"


def test_the_other_pairs_name_the_conversation_that_they_went_into() -> None:
    pairs = frame(*about("c:1"))
    outcome = join(turns=2).apply(pairs)
    [made] = outcome.kept.to_dicts()
    told = reasons(outcome)
    assert sorted(told.values()) == ["joined", "not_sampled", "not_sampled"]
    joined = outcome.dropped.filter(pl.col("reason") == "joined")
    assert joined["of"].to_list() == [made["pair_id"]]
    assert joined["pair_id"][0] in made["made"]["parameters"]


@pytest.mark.parametrize("turns", [2, 3, 4])
def test_conversations_are_of_two_to_so_many_turns(turns: int) -> None:
    pairs = frame(*(pair for n in range(40) for pair in about(f"c:{n}")))
    lengths = whole(pairs, join(turns=turns).apply(pairs)).kept["messages"].list.len() // 2
    assert set(lengths) == set(range(2, turns + 1))


@pytest.mark.parametrize(
    ("pairs", "why"),
    [
        (about("c:1", 1), ["too_few_turns"]),
        ([*about("c:1", 1), *about("c:2", 1)], ["too_few_turns"] * 2),
        (about("c:1", 2, kind="kto"), ["not_for_task"] * 2),
        (about("c:1", 2, thought="想"), ["not_for_task"] * 2),
        ([*about("c:1", 1), about("c:1", 2)[1] | {"system": "你是顾问"}], ["too_few_turns"] * 2),
        ([about("c:1")[0], about("c:1")[0] | {"pair_id": "c:1#t.again"}], ["not_sampled"] * 2),
    ],
    ids=["one pair", "one of each row", "ratings", "thoughts", "another system", "the same question"],
)
def test_what_is_not_joined_says_why(pairs: list[dict[str, Any]], why: list[str]) -> None:
    outcome = whole(frame(*pairs), join().apply(frame(*pairs)))
    assert list(reasons(outcome).values()) == why


def test_it_is_its_rows_and_its_worst_turns() -> None:
    pairs = about("c:1", 2, split="test", score=0.9, origin="real")
    one = join().apply(frame(*pairs)).kept
    assert one.select("split", "origin", "score").row(0) == ("test", "template", 0.9)
    mixed = [pairs[0], pairs[1] | {"origin": "llm", "score": 0.4}]
    assert join().apply(frame(*mixed)).kept.select("origin", "score").row(0) == ("llm", 0.4)


def test_later_questions_may_refer_to_the_name() -> None:
    pairs = frame(*about("c:1"))
    [made] = join(turns=4, refer="它").apply(pairs).kept.to_dicts()
    asked = [turn["content"] for turn in made["messages"][::2]]
    assert NAME in asked[0], "the first question says of whom"
    for question in asked[1:]:
        assert (NAME in question) is question.startswith("编号为"), question


@pytest.mark.parametrize(
    ("questions", "name"),
    [
        ([f"{NAME}的官网是什么？", f"请问{NAME}的网址是什么？"], NAME),
        ([f"请问{NAME}在哪里？", f"请问{NAME}在何处？"], NAME),
        (["官网是什么？", "电话是什么？"], ""),
        (["型号为A1200的泵多少钱？", "A1200B在哪里？", "A1200有货吗？"], ""),
    ],
    ids=["behind and before", "with a frame", "nothing", "a piece of a code"],
)
def test_the_name_is_what_all_questions_share(questions: list[str], name: str) -> None:
    assert shared_name(questions) == name


@pytest.mark.parametrize(
    ("question", "after"),
    [
        ("云帆公司在哪里？", "它在哪里？"),
        ("请介绍一下云帆公司。", "请介绍一下它。"),
        ("型号为云帆公司的泵多少钱？", None),
        ("《云帆公司》讲了什么？", None),
        ("云帆公司（上海）在哪里？", None),
        ("云帆公司和云帆公司一样吗？", None),
        ("它在哪里？", None),
    ],
)
def test_a_pronoun_stands_only_where_the_sentence_stays_one(question: str, after: str | None) -> None:
    assert referred(question, "云帆公司", "它") == (after or question)


@pytest.mark.parametrize("options", [{"turns": 1}, {"turns": 5}, {"refer": " 它"}, {"share": 0}])
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        join(**options)
