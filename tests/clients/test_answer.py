"""Bodies of answers as one server or another writes them."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.clients.chat.answer import Unreadable, error_in, reply_of
from curate.clients.chat.request import Price
from tests.clients.conftest import question

REQUEST = question("a")


def body(message: dict[str, Any] | None = None, finish: Any = "stop", **more: Any) -> bytes:
    return json.dumps({"choices": [{"message": message or {}, "finish_reason": finish}], **more}).encode()


TEXTS: dict[str, tuple[dict[str, Any], str, str]] = {
    "plain": ({"content": "是"}, "是", ""),
    "DeepSeek": ({"content": "是", "reasoning_content": "想"}, "是", "想"),
    "vLLM": ({"content": "是", "reasoning": "想"}, "是", "想"),
    "R1": ({"content": "<think>\n想\n</think>\n\n是"}, "是", "想"),
    "R1 whose template opens": ({"content": "想\n</think>\n是"}, "是", "想"),
    "no end of the thought": ({"content": "<think>想"}, "", "想"),
    "parts": ({"content": [{"type": "text", "text": "是"}, {"type": "text", "text": "的"}]}, "是的", ""),
    "a tag inside JSON": ({"content": '{"a": "想</think>是"}'}, '{"a": "想</think>是"}', ""),
    "a tag inside a text": ({"content": "先写<think>，再写</think>。"}, "先写<think>，再写</think>。", ""),
    "none": ({"content": None}, "", ""),
    "no message": ({}, "", ""),
}


@pytest.mark.parametrize("name", TEXTS)
def test_the_answer_stands_apart_from_the_thought(name: str) -> None:
    message, text, reasoning = TEXTS[name]
    reply = reply_of(REQUEST, body(message), None)
    assert (reply.text, reply.reasoning) == (text, reasoning)


ENDS = {
    "stop": "stop", None: "stop", "eos": "stop", "STOP": "stop", "length": "length", "max_tokens": "length",
    "content_filter": "content_filter", "sensitive": "content_filter", "tool_calls": "tool_calls",
}  # fmt: skip


@pytest.mark.parametrize(("told", "end"), ENDS.items())
def test_servers_words_for_the_end_become_one(told: str | None, end: str) -> None:
    assert reply_of(REQUEST, body({"content": "是"}, told), None).finish_reason == end


def test_a_refusal_of_the_model_is_no_answer() -> None:
    reply = reply_of(REQUEST, body({"content": None, "refusal": "不能"}), None)
    assert (reply.finish_reason, reply.text, reply.error) == ("refusal", "", "不能")


def test_tokens_are_the_servers_or_estimated_and_priced() -> None:
    price = Price(Decimal(2), Decimal(8))
    usage = {"prompt_tokens": 1000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 5}}
    told = reply_of(REQUEST, body({"content": "是"}, model="m-9", usage=usage), price)
    assert (told.input_tokens, told.output_tokens, told.counted, told.cost) == (
        1000,
        100,
        True,
        Decimal("0.0028"),
    )
    assert told.model == "m-9"
    for missing in ({}, {"usage": None}, {"usage": {"prompt_tokens": None}}):
        guessed = reply_of(REQUEST, body({"content": "是" * 10}, **missing), price)
        assert not guessed.counted
        assert guessed.output_tokens >= 10
        assert guessed.input_tokens >= 10
        assert guessed.model == "m-1"


BROKEN = {
    "no JSON": (b"<html>", None),
    "cut": (body({"content": "是"})[:-9], None),
    "nothing": (b"", None),
    "a list": (b"[]", None),
    "no choices": (b'{"choices": []}', None),
    "an error in disguise": (b'{"error": {"message": "busy", "code": 502}}', 502),
    "an error without a code": (b'{"error": "busy"}', None),
    "broken off": (body({"content": "是"}, "insufficient_system_resource"), None),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_body_without_an_answer_is_never_read(name: str) -> None:
    raw, code = BROKEN[name]
    with pytest.raises(Unreadable) as told:
        reply_of(REQUEST, raw, None)
    assert told.value.code == code


values = st.recursive(st.none() | st.booleans() | st.integers() | st.text(max_size=4), lambda x: st.lists(x, max_size=2)
    | st.dictionaries(st.sampled_from(["choices", "message", "content", "usage", "error", "refusal"]), x, max_size=3),
    max_leaves=8)  # fmt: skip


@given(values)
@settings(max_examples=40, deadline=None)
def test_whatever_json_comes_is_a_reply_or_unreadable(value: Any) -> None:
    for raw in (json.dumps(value).encode(), json.dumps({"choices": [value]}).encode()):
        try:
            assert reply_of(REQUEST, raw, None).status == 200
        except Unreadable:
            continue


ERRORS = {
    b'{"error": {"message": "no", "code": "insufficient_quota", "type": "x"}}': (
        "no",
        {"insufficient_quota", "x"},
    ),
    b'{"code": "Arrearage", "message": "no"}': ("no", {"Arrearage"}),
    b'{"object": "error", "message": "no", "type": "NotFoundError", "code": 404}': (
        "no",
        {"NotFoundError", "404"},
    ),
    b'{"error": "no"}': ("no", set()),
    b'{"detail": "no"}': ('{"detail": "no"}', set()),
    b"[1]": ("[1]", set()),
    b"<html>no</html>": ("<html>no</html>", set()),
    b"": ("", set()),
}


@pytest.mark.parametrize(("raw", "found"), ERRORS.items())
def test_the_servers_words_are_found(raw: bytes, found: tuple[str, set[str]]) -> None:
    assert error_in(raw) == found
