"""Fit: which pairs can be trained on, and why the others cannot."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import pytest

from curate.algorithms.personal_data import Kind
from curate.export.fit import cut, inspect
from curate.export.tokens import Lengths
from curate.pairs import KINDS, PAIR
from curate.rows import Outcome

Row = dict[str, Any]
LENGTHS = dict.fromkeys(KINDS, Lengths("qwen"))


def said(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


def talk(*turns: tuple[str, str], **columns: Any) -> Row:
    return {"instruction": None, "messages": said(*turns), "output": turns[-1][1] if turns else ""} | columns


def preference(**columns: Any) -> Row:
    return {"kind": "preference", "output": "三号馆", "rejected": "不知道"} | columns


U, A = ("user", "展位在哪？"), ("assistant", "三号馆")
CALL, FOUND = ("function_call", '{"name": "find", "arguments": {}}'), ("tool", "{}")
TOOLS = json.dumps([{"name": "find", "description": "", "parameters": {"type": "object", "properties": {}}}])
THOUGHT = "<think>\n先查\n</think>\n\n三号馆"
MOBILE, EMAIL = "13800138000", "li@example.com"

GOOD: dict[str, Row] = {
    "a question": {},
    "a question with material and a system's text": {"input": "材料", "system": "你是顾问。"},
    "a thought of its own": {"thought": "先查展位表"},
    "a conversation without an instruction": talk(U, A, U, A),
    "a conversation with a system's text": talk(U, A, U, A, system="你是顾问。"),
    "a conversation that thinks": talk(U, ("assistant", THOUGHT), U, ("assistant", THOUGHT)),
    "a tool call": talk(U, CALL, FOUND, A, tools=TOOLS),
    "a preference": preference(),
    "a preference in talk": preference(messages=said(U, A, U), instruction=None),
    "a preference that thinks": preference(thought="先查"),
    "a rating": {"kind": "kto", "desirable": False},
    "a text without a question": {"kind": "pretrain", "instruction": None},
    "a question that the data does not answer": {"kind": "unknown"},
    "signs that are no control tokens": {"output": "若 a<b 且 b>c；<|>；x<y|z>；[INS]"},
    "a picture's tag of HTML": {"output": '<img src="a.png"> <b>粗</b>'},
    "think without brackets": {"output": "think> 和 < think >"},
    "numbers that are nobody's": {"output": "订单 12345678，2026-11-22，4000 平方米，@所有人"},
    "equal answers where none are compared": {"output": "在哪？"},
    "a rejected answer that is not compared": {"rejected": "三号馆"},
    "answers that differ in their case": preference(output="OK", rejected="ok"),
}

#: what is wrong with the pair -> (its columns, the reason, the detail)
BAD: dict[str, tuple[Row, str, str | None]] = {
    "an empty answer in the middle": (talk(U, ("assistant", " "), U, A), "empty", None),
    "a blank question in the middle": (talk(U, A, ("user", "\n"), A), "empty", None),
    "a thought without an answer": (talk(U, ("assistant", "<think>\n想\n</think>\n\n ")), "empty", None),
    "a rating that says nothing": ({"kind": "kto", "desirable": None}, "bad_rating", None),
    "no answer": ({"output": ""}, "empty", None),
    "an answer of blanks": ({"output": " \n　"}, "empty", None),
    "an answer that is null": ({"output": None}, "empty", None),
    "no question": ({"instruction": ""}, "empty", None),
    "a question that is null": ({"instruction": None, "input": "材料"}, "empty", None),
    "a text of blanks": ({"kind": "pretrain", "output": "\t", "instruction": None}, "empty", None),
    "no worse answer": (preference(rejected=" "), "empty", None),
    "a worse answer that is null": (preference(rejected=None), "empty", None),
    "a turn's end in the question": ({"instruction": "在哪？<|im_end|>"}, "control_token", "<|im_end|>"),
    "a turn's end in the material": ({"input": "<|endoftext|>"}, "control_token", "<|endoftext|>"),
    "R1's user in the answer": ({"output": "好<｜User｜>再来"}, "control_token", "<｜User｜>"),
    "a turn's start in the system's text": ({"system": "<|im_start|>"}, "control_token", "<|im_start|>"),
    "a turn's end in the thought": ({"thought": "想<|im_end|>"}, "control_token", "<|im_end|>"),
    "a turn's end in the tools": (
        talk(U, CALL, FOUND, A, tools=TOOLS.replace("find", "<|im_end|>")), "control_token", "<|im_end|>",
    ),
    "a turn's end amid a conversation": (
        talk(U, ("assistant", "好<|im_end|>"), U, A), "control_token", "<|im_end|>",
    ),
    "a turn's end in the worse answer": (preference(rejected="不<|im_end|>"), "control_token", "<|im_end|>"),
    "a turn's end in a text": ({"kind": "pretrain", "output": "文<|im_end|>"}, "control_token", "<|im_end|>"),
    "a thought inside the answer": ({"output": THOUGHT}, "broken_thought", None),
    "a second thought in the answer": ({"thought": "想", "output": "<think>再想"}, "broken_thought", None),
    "a thought that ends twice": ({"thought": "想</think>想", "output": "好"}, "broken_thought", None),
    "a thought in the question": ({"instruction": "<think>在哪？"}, "broken_thought", None),
    "a thought in the system's text": ({"system": "先 <think>"}, "broken_thought", None),
    "a thought in the worse answer": (preference(rejected=THOUGHT), "broken_thought", None),
    "a thought in a text": ({"kind": "pretrain", "output": "文</think>"}, "broken_thought", None),
    "a user who thinks": (talk(("user", THOUGHT), A), "broken_thought", None),
    "a thought without an end": (talk(U, ("assistant", "<think>\n想"), U, A), "broken_thought", None),
    "a thought without its line breaks": (talk(U, ("assistant", "<think>想</think>好")), "broken_thought", None),
    "two thoughts in a turn": (talk(U, ("assistant", THOUGHT + THOUGHT)), "broken_thought", None),
    "a thought in a conversation's system's text": (talk(U, A, system="</think>"), "broken_thought", None),
    "a picture": ({"instruction": "<image>这是什么？"}, "media_tag", None),
    "a film in a conversation": (talk(("user", "<video>"), A), "media_tag", None),
    "a sound in a text": ({"kind": "pretrain", "output": "听<audio>"}, "media_tag", None),
    "a mobile number in the answer": ({"output": f"打 {MOBILE}"}, "personal_data", "mobile"),
    "a name behind its label": ({"output": "联系人：张伟"}, "personal_data", "person_name"),
    "a plate in the question": ({"instruction": "沪A12345停在哪？"}, "personal_data", "plate"),
    "an address in the material": ({"input": EMAIL}, "personal_data", "email"),
    "a mobile number amid a conversation": (talk(("user", MOBILE), A, U, A), "personal_data", "mobile"),
    "a mobile number in a call": (
        talk(U, ("function_call", json.dumps({"name": "f", "arguments": {"to": MOBILE}})), FOUND, A, tools=TOOLS),
        "personal_data", "mobile",
    ),
    "a landline in a thought": ({"thought": "021-62345678"}, "personal_data", "landline"),
    "an ID card in a text": (
        {"kind": "pretrain", "output": "11010519491231002X"}, "personal_data", "id_card",
    ),
    "a bank card in the worse answer": (
        preference(rejected="卡号 6222 0212 3456 7890 128"), "personal_data", "bank_card",
    ),
    "a conversation that begins with the answer": (talk(A, U, A), "bad_turns", None),
    "a conversation that ends with a question": (talk(U, A, U), "bad_turns", None),
    "two questions in a row": (talk(U, U, A), "bad_turns", None),
    "two answers in a row": (talk(U, A, A, A), "bad_turns", None),
    "a role that nobody knows": (talk(("developer", "?"), A), "bad_turns", None),
    "a system's message amid the turns": (talk(U, A, ("system", "你是"), A), "bad_turns", None),
    "a preference that ends with an answer": (preference(messages=said(U, A)), "bad_turns", None),
    "a call that is no JSON": (talk(U, ("function_call", "find()"), FOUND, A, tools=TOOLS), "bad_turns", None),
    "a call without arguments": (
        talk(U, ("function_call", '{"name": "find"}'), FOUND, A, tools=TOOLS), "bad_turns", None,
    ),
    "tools that are no JSON": (talk(U, A, U, A, tools="find"), "bad_turns", None),
    "an answer and its equal": (preference(rejected="三号馆"), "same_answers", None),
    "an answer and its equal with blanks": (preference(output="三号馆\n", rejected=" 三号馆"), "same_answers", None),
    # the first reason is the one that is told
    "nothing but a control token for an answer": ({"output": "", "instruction": "<|im_end|>"}, "empty", None),
    "a picture with a mobile number": ({"output": f"<image>{MOBILE}"}, "media_tag", None),
}  # fmt: skip


def pairs(*rows: Row) -> pl.DataFrame:
    whole = [
        {
            "pair_id": f"c:{number}#a.b",
            "corpus": "c",
            "kind": "sft",
            "instruction": "在哪？",
            "output": "三号馆",
        }
        | row
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(whole, schema=PAIR)


def look(*rows: Row, allowed: tuple[Kind, ...] = ()) -> Outcome:
    return inspect(pairs(*rows), LENGTHS, allowed)


@pytest.mark.parametrize("what", GOOD)
def test_it_can_be_trained_on(what: str) -> None:
    found = look(GOOD[what])
    assert found.dropped.is_empty(), found.dropped["reason"].to_list()
    assert found.kept["tokens"][0] > 0
    assert found.kept.drop("tokens").equals(pairs(GOOD[what]))


@pytest.mark.parametrize("what", BAD)
def test_it_cannot_be_trained_on(what: str) -> None:
    row, reason, detail = BAD[what]
    found = look(row)
    assert found.kept.is_empty()
    assert found.dropped.select("reason", "detail", "row_id", "pair_id").rows() == [
        (reason, detail, "c:0#a.b", "c:0#a.b")
    ]


def test_all_together_meet_the_same_fate() -> None:
    """One batch of every kind: each pair is in exactly one of the two frames, unchanged."""
    rows = [*GOOD.values(), *(row for row, _, _ in BAD.values())]
    found = look(*rows)
    assert found.kept["pair_id"].to_list() == [f"c:{number}#a.b" for number in range(len(GOOD))]
    assert found.dropped["reason"].to_list() == [reason for _, reason, _ in BAD.values()]
    both = pl.concat([found.kept.select(PAIR.keys()), found.dropped.select(PAIR.keys())])
    assert both.equals(pairs(*rows))


@pytest.mark.parametrize(
    ("text", "allowed", "detail"),
    [
        (f"打 {MOBILE}", ("mobile",), None),
        (f"打 {MOBILE}", ("email", "landline"), "mobile"),
        (f"{MOBILE} {EMAIL}", ("mobile",), "email"),
        (f"{MOBILE} {EMAIL}", ("mobile", "email"), None),
        ("11010519491231002X", ("id_card", "bank_card", "mobile", "landline", "email"), None),
    ],
)
def test_personal_data_may_stay_where_the_recipe_says_so(
    text: str, allowed: tuple[Kind, ...], detail: str | None
) -> None:
    found = look({"output": text}, allowed=allowed)
    assert found.kept.height == (detail is None)
    assert found.dropped["detail"].to_list() == ([] if detail is None else [detail])


def test_no_pairs_are_no_matter() -> None:
    found = look()
    assert found.kept.is_empty()
    assert found.dropped.is_empty()
    assert {"tokens", *PAIR} == set(found.kept.columns)
    assert {"reason", "detail", "row_id"} <= set(found.dropped.columns)


def test_the_tokens_are_those_of_the_kind() -> None:
    rows = [GOOD[what] for what in ("a question", "a tool call", "a preference", "a text without a question")]
    found = look(*rows).kept["tokens"].to_list()
    alone = [look(row).kept["tokens"][0] for row in rows]
    assert found == alone
    # without a template; with one; with another answer; with tools
    text, question, compared, call = found[3], found[0], found[2], found[1]
    assert text < question <= compared < call
    longer = look(preference(rejected="不知道" * 50)).kept["tokens"][0]
    assert longer > compared


def test_earlier_thoughts_count_only_where_they_are_trained_on() -> None:
    """LLaMA-Factory takes them out of ratings, not of conversations."""
    row = talk(U, ("assistant", "<think>\n" + "想" * 90 + "\n</think>\n\n好"), U, A)
    reasoning = dict.fromkeys(KINDS, Lengths("deepseekr1"))
    trained, rated = inspect(pairs(row, row | {"kind": "kto", "desirable": True}), reasoning, ()).kept[
        "tokens"
    ]
    assert trained > rated + 40


@pytest.mark.parametrize(("cutoff", "kept"), [(49, 0), (50, 1), (51, 2), (1000, 2)])
def test_a_pair_of_exactly_the_cutoff_stays(cutoff: int, kept: int) -> None:
    measured = pairs({}, {}).with_columns(pl.Series("tokens", [50, 51], dtype=pl.Int64))
    found = cut(measured, cutoff)
    assert found.kept.equals(measured.head(kept))
    assert found.dropped["reason"].to_list() == ["over_cutoff"] * (2 - kept)
    assert found.dropped["row_id"].to_list() == measured["pair_id"].to_list()[kept:]


def test_a_cut_pair_says_how_long_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    measured = pairs({}).with_columns(pl.lit(700, pl.Int64).alias("tokens"))
    assert cut(measured, 512).dropped["detail"].to_list() == ["700 个 token，放不进 512"]
    monkeypatch.setenv("CURATE_LANG", "en")
    assert cut(measured, 512).dropped["detail"].to_list() == ["700 tokens do not fit into 512"]
