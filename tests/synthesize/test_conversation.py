"""conversation: whatever shape people keep it in, it becomes turns that LLaMA-Factory takes, or it says why not."""

from __future__ import annotations

import json
from typing import Any

import pytest

from curate.synthesize.conversation import answer_of, read_conversation

ASK, TELL = {"role": "user", "content": "几点开门？"}, {"role": "assistant", "content": "九点。"}
AGAIN, SURE = {"role": "user", "content": "周末呢？"}, {"role": "assistant", "content": "也一样。"}
CALL = {"name": "find", "arguments": {"city": "上海"}}
OTHER = {"name": "find", "arguments": {"city": "南京"}}


def openai_call(*calls: dict[str, Any], content: Any = None) -> dict[str, Any]:
    """Arguments are JSON in JSON there."""
    listed = [
        {
            "id": f"c{number}",
            "type": "function",
            "function": call | {"arguments": json.dumps(call["arguments"])},
        }
        for number, call in enumerate(calls)
    ]
    return {"role": "assistant", "content": content, "tool_calls": listed}


def read(*messages: Any, ends_asking: bool = False) -> tuple[Any, str | None, str | None]:
    return read_conversation(json.dumps(list(messages), ensure_ascii=False), ends_asking=ends_asking)


def said(*messages: Any, ends_asking: bool = False) -> list[tuple[str, str]]:
    """(role, content) of a conversation that can be used."""
    turns, _, why = read(*messages, ends_asking=ends_asking)
    assert why is None, why
    return [(turn["role"], turn["content"]) for turn in turns]


def why_not(*messages: Any, ends_asking: bool = False) -> str:
    turns, system, why = read(*messages, ends_asking=ends_asking)
    assert turns is None
    assert system is None
    assert why
    return why


PLAIN = [("user", "几点开门？"), ("assistant", "九点。")]
CALLED = json.dumps(CALL, ensure_ascii=False)


@pytest.mark.parametrize(
    ("messages", "turns"),
    [
        ([ASK, TELL], PLAIN),
        ([{"from": "human", "value": "几点开门？"}, {"from": "gpt", "value": "九点。"}], PLAIN),
        ([{"role": "human", "content": "几点开门？"}, {"from": "bot", "value": "九点。"}], PLAIN),
        ([ASK, TELL, AGAIN, SURE], [*PLAIN, ("user", "周末呢？"), ("assistant", "也一样。")]),
        ([ASK | {"name": "王", "weight": 0}, TELL | {"tool_calls": []}], PLAIN),
        (
            [
                {"role": None, "content": None, "from": "human", "value": "几点开门？"},
                {"role": "assistant", "content": "九点。", "from": None, "value": None, "tool_calls": None},
            ],
            PLAIN,
        ),
        (
            [ASK, TELL | {"reasoning_content": " 先看日期。 "}],
            [PLAIN[0], ("assistant", "<think>\n先看日期。\n</think>\n\n九点。")],
        ),
        ([ASK, TELL | {"reasoning_content": ""}], PLAIN),
    ],
    ids=[
        "OpenAI", "ShareGPT", "the names of both, mixed", "several turns", "other keys do not matter",
        "both shapes' columns, as Parquet has them", "a thought that stands apart goes before the answer",
        "an empty thought is none",
    ],
)  # fmt: skip
def test_every_common_shape_gives_the_same_turns(messages: list[Any], turns: list[tuple[str, str]]) -> None:
    assert said(*messages) == turns


@pytest.mark.parametrize(
    ("messages", "turns"),
    [
        (
            [ASK, openai_call(CALL), {"role": "tool", "tool_call_id": "c0", "content": "3 月"}, TELL],
            [PLAIN[0], ("function_call", CALLED), ("tool", "3 月"), PLAIN[1]],
        ),
        (
            [
                {"from": "human", "value": "几点开门？"},
                {"from": "function_call", "value": CALLED},
                {"from": "observation", "value": "3 月"},
                {"from": "gpt", "value": "九点。"},
            ],
            [PLAIN[0], ("function_call", CALLED), ("tool", "3 月"), PLAIN[1]],
        ),
        (
            [
                ASK,
                openai_call(CALL, OTHER),
                {"role": "tool", "content": "3 月"},
                {"role": "tool", "content": "5 月"},
                TELL,
            ],
            [
                PLAIN[0],
                ("function_call", json.dumps([CALL, OTHER], ensure_ascii=False)),
                ("tool", "3 月\n5 月"),
                PLAIN[1],
            ],
        ),
        (
            [ASK, {"role": "function_call", "content": json.dumps([CALL])}, {"role": "tool", "content": {"a": 1}}, TELL],
            [PLAIN[0], ("function_call", CALLED), ("tool", '{"a": 1}'), PLAIN[1]],
        ),
        (
            [
                ASK,
                {"role": "assistant", "content": None, "function_call": {"name": "find", "arguments": '{"city": "上海"}'}},
                {"role": "function", "name": "find", "content": "3 月"},
                TELL,
            ],
            [PLAIN[0], ("function_call", CALLED), ("tool", "3 月"), PLAIN[1]],
        ),
        (
            [ASK, openai_call(CALL, content=""), {"role": "tool", "content": "3 月"}, openai_call(OTHER)],
            [
                PLAIN[0],
                ("function_call", CALLED),
                ("tool", "3 月"),
                ("function_call", json.dumps(OTHER, ensure_ascii=False)),
            ],
        ),
    ],
    ids=[
        "OpenAI's tool_calls", "LLaMA-Factory's function_call", "parallel calls and their results are one turn each",
        "a list of one call, and a result that is an object", "OpenAI's older function_call", "it may end with a call",
    ],
)  # fmt: skip
def test_calls_of_tools_become_function_call_turns(messages: list[Any], turns: list[tuple[str, str]]) -> None:
    assert said(*messages) == turns


@pytest.mark.parametrize("role", ["system", "developer"])
def test_the_systems_message_stands_apart(role: str) -> None:
    turns, system, why = read({"role": role, "content": "你是客服。"}, ASK, TELL)
    assert (len(turns), system, why) == (2, "你是客服。", None)


def test_a_conversation_to_be_answered_twice_ends_with_the_user() -> None:
    assert said(ASK, ends_asking=True) == [PLAIN[0]]
    assert [role for role, _ in said(ASK, TELL, AGAIN, ends_asking=True)] == ["user", "assistant", "user"]
    assert why_not(ASK, TELL, ends_asking=True) == "要以用户的话结尾，因为两个回答写在别处"


BROKEN = {"function": {"name": "find", "arguments": "{city: 上海"}}
NAMELESS = {"function": {"arguments": "{}"}}


@pytest.mark.parametrize(
    ("messages", "told"),
    [
        ([], "不是消息的列表"),
        ([ASK], "要以助手的回答结尾"),
        ([ASK, TELL, AGAIN], "要以助手的回答结尾"),
        ([ASK, ASK, TELL], "第 2 轮是 user，应当是 assistant 或 function_call"),
        ([ASK, TELL, TELL], "第 3 轮是 assistant，应当是 user 或 tool"),
        ([TELL, ASK, TELL], "第 1 轮是 assistant"),
        ([{"role": "tool", "content": "3 月"}, TELL], "对话要由用户开始"),
        ([{"role": "system", "content": "你是客服。"}], "对话要由用户开始"),
        ([ASK, TELL, {"role": "system", "content": "你是客服。"}, TELL], "第 3 轮是 system"),
        ([ASK, {"role": "客服", "content": "九点。"}], "第 2 条消息：不认识的角色 客服"),
        ([ASK, {"content": "九点。"}], "第 2 条消息：不认识的角色 None"),
        ([ASK, {"role": "assistant", "content": "  "}], "第 2 条消息：内容是空的或不是文字"),
        ([ASK, {"role": "assistant", "content": None}], "第 2 条消息：内容是空的或不是文字"),
        ([ASK, {"role": "assistant", "content": [{"type": "text", "text": "九点。"}]}], "第 2 条消息：内容是空的或不是文字"),
        ([ASK, "九点。"], "第 2 条消息：不是一个对象"),
        ([ASK, TELL | {"content": "九点\ud83d。"}], "第 2 条消息：有半个字符"),
        ([ASK, openai_call(CALL, content="我查一下。")], "第 2 条消息：既有内容又有 tool_calls"),
        ([ASK, {"role": "assistant", "tool_calls": [BROKEN]}], "第 2 条消息：函数调用缺少 name 或 arguments"),
        ([ASK, {"role": "assistant", "tool_calls": [NAMELESS]}], "第 2 条消息：函数调用缺少 name 或 arguments"),
        ([ASK, {"role": "assistant", "tool_calls": "find"}], "第 2 条消息：函数调用是空的"),
        ([ASK, {"role": "function_call", "content": "find(上海)"}], "第 2 条消息：函数调用不是 JSON"),
        ([ASK, {"role": "function_call", "content": "7"}], "第 2 条消息：函数调用缺少 name 或 arguments"),
    ],
    ids=[
        "nothing", "no answer", "the last question has no answer", "two users in a row", "two answers in a row",
        "an answer first", "a result first", "nothing but a system's message", "a system's message in the middle",
        "a role that nobody knows", "no role", "an answer of white space", "an answer that is null", "an answer in parts",
        "a message that is no object", "half a character", "words beside a call", "arguments that are no JSON",
        "a call without a name", "calls that are no list", "a call that is no JSON", "a call that is a number",
    ],
)  # fmt: skip
def test_what_llamafactory_would_drop_or_die_of_says_which_message_and_why(
    messages: list[Any], told: str
) -> None:
    # ASCII JSON, as half a character can only be written there
    turns, system, why = read_conversation(json.dumps(messages), ends_asking=False)
    assert (turns, system) == (None, None)
    assert told in (why or "")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "不是 JSON"),
        ("用户：几点开门？客服：九点。", "不是 JSON"),
        ('[{"role": "user"', "不是 JSON"),
        ("[" * 100_000, "JSON 嵌套太深"),
        ('{"messages": []}', "不是消息的列表"),
        ("null", "不是消息的列表"),
    ],
    ids=["empty", "prose", "cut off", "too deep", "an object", "null"],
)
def test_what_is_no_list_of_messages_says_so(text: str, told: str) -> None:
    turns, _, why = read_conversation(text, ends_asking=False)
    assert turns is None
    assert told in (why or "")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("九点。", "九点。"),
        ('{"role": "assistant", "content": "九点。"}', "九点。"),
        ('{"from": "gpt", "value": "九点。"}', "九点。"),
        ('[{"role": "user", "content": "几点？"}, {"role": "assistant", "content": "九点。"}]', "九点。"),
        ('{"开门": "九点"}', '{"开门": "九点"}'),
        ("[1, 2]", "[1, 2]"),
        ("[]", "[]"),
        ('{"role": "user", "content": "几点？"}', '{"role": "user", "content": "几点？"}'),
        ("[注] 九点。", "[注] 九点。"),
    ],
    ids=[
        "words", "a message", "ShareGPT's message", "TRL's list", "an answer that is JSON itself", "a list of numbers",
        "an empty list", "the user's message is no answer", "words in brackets",
    ],
)  # fmt: skip
def test_an_answer_kept_as_a_message_is_what_it_says(text: str, answer: str) -> None:
    assert answer_of(text) == answer
