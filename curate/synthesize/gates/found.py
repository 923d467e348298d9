"""What gates look at in a pair, and what they find."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple


class Finding(NamedTuple):
    """What one gate found. ``gate``: its name, which is the reason where it failed. ``detail``: the words that made it fail.
    ``score``: 0 to 1, of a gate that measures.
    """

    gate: str
    failed: bool
    detail: str = ""
    score: float | None = None


class Looked(NamedTuple):
    """What all gates found in a pair: ``reason`` is null where it holds."""

    reason: str | None
    detail: str | None
    scores: list[dict[str, Any]]


@dataclass(frozen=True)
class Words:
    """The words of a pair. ``turns``: (question, answer), one but for conversations; without a ``source`` there is nothing to
    hold an answer against. ``seen``: the text that the question brings along. ``reworded``: it says what its base pair,
    which is its source, said.
    """

    turns: tuple[tuple[str, str], ...]
    thought: str
    seen: str
    source: str
    evidence: str | None
    reworded: bool
    broken: str = ""

    @classmethod
    def of(cls, pair: Mapping[str, Any]) -> Words:
        """From the columns of ``PAIR`` and the fields of ``made``."""
        turns: tuple[tuple[str, str], ...] = ((pair["instruction"] or "", pair["output"] or ""),)
        broken = ""
        if pair["messages"] is not None:
            turns, broken = _turns(pair["messages"], pair["output"] or "")
        thought = pair["thought"] or ""
        return cls(
            turns=turns,
            thought=thought,
            seen=pair["input"] or "",
            source=pair["source"] or "",
            evidence=pair["evidence"],
            reworded=bool(pair["of_pair"]) and not thought,
            broken=broken,
        )


def _turns(messages: list[dict[str, str]], output: str) -> tuple[tuple[tuple[str, str], ...], str]:
    """The turns of a conversation, and what is wrong with them."""
    for place, message in enumerate(messages):
        if message["role"] != ("user", "assistant")[place % 2]:
            return (), f"{place + 1}: {message['role']}"
    if not messages or len(messages) % 2:
        return (), str(len(messages))
    said = [message["content"] or "" for message in messages]
    return tuple(zip(said[::2], said[1::2], strict=True)), "" if said[-1] == output else "output"
