"""A real model behind llama.cpp's server, offline: probed, asked for twenty slots, and never asked for them again."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curate.clients.chat.ask import Budget, Told, ask, read
from curate.clients.chat.journal import Journal
from curate.clients.chat.plan import Malformed, standard
from curate.clients.chat.request import Accepted, Endpoint, Plan, Request, Settled
from tests.servers.smollm import served

pytestmark = pytest.mark.live

SLOTS = 20
#: every string is bounded: a small model does not come to an end by itself
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "question": {"type": "string", "minLength": 2, "maxLength": 24},
        "answer": {"type": "string", "minLength": 2, "maxLength": 40},
        "kind": {"type": "string", "enum": ["面积", "人数", "日期"]},
    },
    "required": ["question", "answer", "kind"],
    "additionalProperties": False,
}


@pytest.fixture(scope="session")
def smollm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of the server, while the session lasts."""
    with served(tmp_path_factory.mktemp("smollm") / "server.log") as url:
        yield url


def parse(text: str) -> Any:
    value = json.loads(text)
    return value if value.keys() == SCHEMA["properties"].keys() else Malformed("字段不对")


def plans(slots: int = SLOTS) -> Iterator[tuple[str, Plan]]:
    for number in range(slots):
        prompt = f"第{number + 1}届展会展出面积{number + 3}万平方米。写一个问题和答案。"
        yield f"slot-{number}", standard(Request("smollm2", (("user", prompt),), 200, 0.7, seed=7, schema=SCHEMA), parse)  # fmt: skip


def asked(url: str, journal: Journal, slots: int = SLOTS) -> tuple[Told, list[Settled]]:
    """So many slots; the way of holding the model to the schema is probed."""
    told = ask(plans(slots), Endpoint(url, concurrency=2), journal, project="real", budget=Budget(calls=100))
    return told, list(read(plans(slots), journal))


def test_twenty_slots_are_filled_and_never_asked_again(smollm: str, tmp_path: Path) -> None:
    with Journal(tmp_path / "requests.sqlite") as journal:
        told, first = asked(smollm, journal)
        assert [settled.slot for settled in first] == [f"slot-{number}" for number in range(SLOTS)]
        assert not told.unanswered
        ends = [settled.end for settled in first]
        good = [end.value for end in ends if isinstance(end, Accepted)]
        assert len(good) == SLOTS, ends
        assert all(value["kind"] in ("面积", "人数", "日期") for value in good)
        replies = [reply for settled in first for reply in settled.replies]
        assert all(reply.counted and reply.input_tokens and reply.output_tokens for reply in replies)
    with Journal(tmp_path / "requests.sqlite") as journal:  # as another process would
        again, second = asked("http://127.0.0.1:1/v1", journal)
        assert (again.calls, again.cached) == (0, SLOTS)
        assert repr(second) == repr(first)


def test_llama_cpp_holds_answers_to_a_schema_and_counts_tokens(smollm: str, tmp_path: Path) -> None:
    with Journal(tmp_path / "requests.sqlite") as journal:
        asked(smollm, journal, 1)
        found = journal.recalled(smollm, "smollm2")
    assert found
    assert (found["structured"], found["usage"], found["max_tokens_field"]) == (
        "json_schema",
        True,
        "max_tokens",
    )


def test_a_wrong_request_is_the_rows_own_fault(smollm: str, tmp_path: Path) -> None:
    """The context is 2,048 tokens: llama.cpp says 400."""
    long = Request("smollm2", (("user", "展" * 6000),), 16)
    with Journal(tmp_path / "requests.sqlite") as journal:
        plan = [("long", standard(long, str))]
        told = ask(plan, Endpoint(smollm, structured="prompt"), journal, project="real", budget=Budget())
        [settled] = read(plan, journal)
    assert (told.calls, told.paid) == (1, 0)
    assert getattr(settled.end, "reason", "") == "refused"
    assert sqlite3.connect(tmp_path / "requests.sqlite").execute("SELECT status FROM replies").fetchall() == [
        (400,)
    ]
