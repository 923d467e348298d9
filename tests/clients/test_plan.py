"""The standard plan as a pure function: replies in, the next request or the end out."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.clients.chat.plan import MOST_CALLS, Again, Malformed, standard, then
from curate.clients.chat.request import Accepted, Plan, Rejected, Reply, Request

FIRST = Request("m", (("system", "编辑"), ("user", "问")), max_tokens=100, sample=3)


def number(text: str) -> Any:
    return int(text) if text.isdigit() else Malformed("要一个数字")


def reply(text: str = "7", **changes: Any) -> Reply:
    return replace(Reply(key="k", status=200, text=text), **changes)


CUT = reply("7", finish_reason="length")
ENDS = {
    "read": ([reply("7")], Accepted(7)),
    "refused": ([reply("", status=400, error="太长")], Rejected("refused", "太长")),
    "filtered": ([reply("7", finish_reason="content_filter")], Rejected("content_filter")),
    "the model will not": (
        [reply("", finish_reason="refusal", error="不")],
        Rejected("refused_by_model", "不"),
    ),
    "cut twice": ([CUT, CUT], Rejected("truncated", "200")),
    "cut, then whole": ([CUT, reply("8")], Accepted(8)),
    "read at the third": ([reply("七"), reply("八"), reply("9")], Accepted(9)),
    "never read": ([reply("七"), reply("八"), reply("九")], Rejected("malformed", "要一个数字")),
    "empty": ([reply(" ")] * 3, Rejected("malformed", "回答是空的")),
    "a tool called": (
        [reply("7", finish_reason="tool_calls")] * 3,
        Rejected("malformed", "finish_reason: tool_calls"),
    ),
    "cut at last": ([reply("七"), reply("八"), CUT], Rejected("truncated", "100")),
}


@pytest.mark.parametrize("name", ENDS)
def test_replies_lead_to_their_end(name: str) -> None:
    replies, end = ENDS[name]
    plan = standard(FIRST, number)
    assert plan(replies) == end
    assert all(isinstance(plan(replies[:count]), Request) for count in range(len(replies)))


def asked(*replies: Reply) -> Request:
    step = standard(FIRST, number)(replies)
    assert isinstance(step, Request)
    return step


def test_what_is_asked_next_differs_in_what_it_must_and_nothing_else() -> None:
    assert asked() == FIRST
    assert type(asked()) is Request
    assert asked(CUT).max_tokens == 200
    assert asked(CUT).messages == FIRST.messages
    corrected = asked(reply("七"))
    assert corrected.messages[:3] == (*FIRST.messages, ("assistant", "七"))
    assert "要一个数字" in corrected.messages[3][1]
    fresh = asked(reply("七"), reply("八"))
    assert (fresh.messages, fresh.sample > 3) == (FIRST.messages, True)
    assert asked(CUT, reply("七")).max_tokens == 200
    assert asked(reply("")).messages == FIRST.messages
    assert all(isinstance(again, Again) for again in (asked(CUT), corrected, fresh))


def test_asking_again_keeps_the_key_of_its_fields() -> None:
    fields = {name: getattr(FIRST, name) for name in Request.__dataclass_fields__}
    assert Again(**fields).key == FIRST.key
    assert len({FIRST.key, asked(CUT).key, asked(reply("七")).key, asked(reply("七"), reply("八")).key}) == 4


texts = st.sampled_from(["7", "七", "", "  "])
ends = st.sampled_from(["stop", "length", "content_filter", "refusal", "tool_calls"])


@given(
    st.lists(st.builds(lambda text, end: reply(text, finish_reason=end), texts, ends), min_size=3, max_size=3)
)
@settings(max_examples=30, deadline=None)
def test_no_slot_is_ever_asked_more_than_three_times(replies: list[Reply]) -> None:
    step = standard(FIRST, number)(replies)
    assert isinstance(step, Accepted | Rejected)
    if isinstance(step, Accepted):
        assert not all(reply.finish_reason == "length" for reply in replies)


def after(value: int) -> Plan:
    return standard(replace(FIRST, messages=(("user", str(value)),)), number)


def test_a_second_question_follows_the_first_ones_value() -> None:
    plan = then(standard(FIRST, number), after)
    assert plan([]) == FIRST
    assert plan([reply("七"), reply("5")]) == replace(FIRST, messages=(("user", "5"),))
    assert plan([reply("5"), reply("6")]) == Accepted(6)
    assert plan([reply("七"), reply("八"), reply("5"), reply("九"), reply("十"), reply("6")]) == Accepted(6)
    assert plan([reply("七")] * MOST_CALLS) == Rejected("malformed", "要一个数字")
    assert plan([reply("5"), reply("", status=400)]) == Rejected("refused")
