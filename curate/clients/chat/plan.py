"""Plans: what to ask next, from the replies so far. Pure functions, played again over the journal at will."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from curate.clients.chat.request import Accepted, Plan, Rejected, Reply, Request

#: paid calls for one question at the most
MOST_CALLS = 3


class Again(Request):
    """A request for the same question once more: a correction, a fresh sample, a longer answer.

    It belongs to the last plain request of its plan. Where that question had its end in an earlier run, nothing more is
    asked: another parser makes other ends, not other calls.
    """


@dataclass(frozen=True)
class Malformed:
    """The answer cannot be read, and why: the words go to the model, in its correction."""

    detail: str


Parse = Callable[[str], Any]


def standard(first: Request, parse: Callable[[str], Any | Malformed]) -> Plan:
    """Ask; where the answer is cut, once more with twice ``max_tokens``; where it cannot be read, one corrective turn, then
    one fresh sample. Never more than three calls.

    Ends in ``Accepted(value)``, or ``Rejected``: ``refused`` (400, 422), ``content_filter``, ``refused_by_model``,
    ``truncated``, ``malformed``.

    Args:
        parse: text -> value, or Malformed. Never given a text that was cut.
    """

    def plan(replies: Sequence[Reply]) -> Request | Accepted | Rejected:
        request, doubled, corrected = first, False, False
        for number, reply in enumerate(replies, 1):
            verdict = _verdict(reply, parse)
            if isinstance(verdict, Accepted | Rejected):
                return verdict
            if isinstance(verdict, Truncated):
                if doubled or number == MOST_CALLS:
                    return Rejected("truncated", str(request.max_tokens))
                request, doubled = _again(request, max_tokens=2 * request.max_tokens), True
                continue
            if number == MOST_CALLS:
                return Rejected("malformed", verdict.detail)
            if corrected or not reply.text.strip():
                # nothing can be corrected in an empty answer
                request = _again(first, max_tokens=request.max_tokens, sample=first.sample + number)
            else:
                request, corrected = _corrected(request, reply.text, verdict.detail), True
        return request

    return plan


def then(plan: Plan, following: Callable[[Any], Plan]) -> Plan:
    """One question after another: ``following`` makes the next plan from the value that the first was accepted with."""

    def chained(replies: Sequence[Reply]) -> Request | Accepted | Rejected:
        for used in range(len(replies) + 1):
            step = plan(replies[:used])
            if isinstance(step, Accepted):
                return following(step.value)(replies[used:])
            if isinstance(step, Rejected):
                return step
        return step

    return chained


@dataclass(frozen=True)
class Truncated:
    """The answer was cut at ``max_tokens``."""


def _verdict(reply: Reply, parse: Parse) -> Accepted | Rejected | Malformed | Truncated:
    if reply.status != 200:
        return Rejected("refused", reply.error)
    if reply.finish_reason == "content_filter":
        return Rejected("content_filter", reply.error)
    if reply.finish_reason == "refusal":
        return Rejected("refused_by_model", reply.error)
    if reply.finish_reason == "length":
        return Truncated()
    if reply.finish_reason != "stop":
        return Malformed(f"finish_reason: {reply.finish_reason}")
    if not reply.text.strip():
        return Malformed("回答是空的")
    value = parse(reply.text)
    return value if isinstance(value, Malformed) else Accepted(value)


def _again(request: Request, **changes: Any) -> Again:
    fields = {name: getattr(request, name) for name in Request.__dataclass_fields__}
    return Again(**fields | changes)


def _corrected(request: Request, answer: str, detail: str) -> Again:
    """The model sees its answer and what is wrong with it. The words are part of the request's key."""
    turns = (
        ("assistant", answer),
        ("user", f"上面的回答不符合要求：{detail}\n请只给出改正后的完整回答，不要解释，不要道歉。"),
    )
    return _again(request, messages=(*request.messages, *turns))
