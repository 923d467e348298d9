"""A journal, a clock that does not wait, and slots that ask a fault server."""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from curate.clients.chat.journal import Journal
from curate.clients.chat.limits import Pace
from curate.clients.chat.plan import Malformed, standard
from curate.clients.chat.request import Plan, Request


@dataclass
class Clock:
    """Time that passes by sleeping, without sleeping. ``slept``: seconds each."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        await asyncio.sleep(0)

    def pace(self, **changes: Any) -> Pace:
        pace = Pace(sleep=self.sleep, clock=lambda: self.now + time.monotonic(), chance=random.Random(1))
        return replace(pace, **changes)


def question(tag: str, **changes: Any) -> Request:
    """A request with its tag in the prompt."""
    schema = {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}
    plain = Request("m-1", (("user", f"#{tag}# 展会在上海吗？"),), max_tokens=50, schema=schema)
    return replace(plain, **changes)


def answer_in(text: str) -> Any:
    """The parser of the tests' slots."""
    try:
        return json.loads(text)["answer"]
    except (ValueError, KeyError, TypeError):
        return Malformed("要有 answer")


def slots(*tags: str, **changes: Any) -> Iterator[tuple[str, Plan]]:
    return ((tag, standard(question(tag, **changes), answer_in)) for tag in tags)


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "runs/requests.sqlite") as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()
