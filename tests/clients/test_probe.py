"""The probe against servers that differ as DeepSeek, Qwen, OpenAI, vLLM and llama.cpp do: dialect -> what is found, in how many calls."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openai import AsyncOpenAI

from curate.clients.chat.journal import Journal
from curate.clients.chat.limits import Pace
from curate.clients.chat.probe import Capabilities, capabilities
from curate.clients.chat.request import Endpoint, Price
from curate.errors import CurateError

FOLLOWING, OWN = '{"quorvel": "mip-7"}', '{"天气": "晴"}'
Dialect = Callable[[dict[str, Any]], httpx2.Response]


def answer(text: str, *, usage: bool = True, end: str = "stop", **message: str) -> httpx2.Response:
    body: dict[str, Any] = {
        "model": "m",
        "choices": [{"finish_reason": end, "message": {"role": "assistant", "content": text, **message}}],
    }
    if usage:
        body["usage"] = {"prompt_tokens": 30, "completion_tokens": 9}
    return httpx2.Response(200, json=body)


def error(status: int, message: str, **headers: str) -> httpx2.Response:
    return httpx2.Response(status, json={"error": {"message": message}}, headers=headers)


def way(body: dict[str, Any]) -> str:
    return str(body.get("response_format", {}).get("type", "prompt"))


def openai_older(body: dict[str, Any]) -> httpx2.Response:
    assert body["response_format"]["json_schema"]["strict"]
    return answer(FOLLOWING)


def openai_newer(body: dict[str, Any]) -> httpx2.Response:
    if "max_tokens" in body:
        return error(400, "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'.")  # fmt: skip
    if "temperature" in body:
        return error(400, "Unsupported value: 'temperature' does not support 0.5 with this model.")
    if body["max_completion_tokens"] < 100:  # it was thinking until then
        return answer("", end="length")
    return answer(FOLLOWING)


def deepseek(body: dict[str, Any]) -> httpx2.Response:
    if way(body) == "json_schema":
        return error(400, "This response_format type is unavailable now")
    if way(body) == "json_object" and "json" not in body["messages"][-1]["content"]:
        return error(400, "Prompt must contain the word 'json' in some form")
    return answer(OWN)


def deepseek_reasoner(body: dict[str, Any]) -> httpx2.Response:
    if way(body) == "json_schema":
        return error(400, "This response_format type is unavailable now")
    if body["max_tokens"] < 100:
        return answer("", end="length", reasoning_content="嗯，用户让我猜")
    return answer(OWN, reasoning_content="嗯，用户让我猜")


def qwen_that_thinks(body: dict[str, Any]) -> httpx2.Response:
    if body.get("enable_thinking", True):
        return error(400, "parameter.enable_thinking must be set to false for non-streaming calls")
    return deepseek(body)


def vllm(_: dict[str, Any]) -> httpx2.Response:
    return answer(FOLLOWING, reasoning="thinking")


def schema_ignored(_: dict[str, Any]) -> httpx2.Response:
    return answer(OWN)


def all_ignored(_: dict[str, Any]) -> httpx2.Response:
    return answer("今天是晴天。", usage=False)


def formats_unknown(body: dict[str, Any]) -> httpx2.Response:
    if "response_format" in body:
        return httpx2.Response(
            422, json={"detail": [{"loc": ["body", "response_format"], "type": "extra_forbidden"}]}
        )
    return answer(OWN)


def fails_over_schemas(body: dict[str, Any]) -> httpx2.Response:
    return error(500, "internal error") if way(body) == "json_schema" else answer(OWN)


def cut_object(body: dict[str, Any]) -> httpx2.Response:
    """A small model goes on and on."""
    if way(body) == "json_schema":
        return error(400, "no")
    return answer('{"quorvel": "mip-7", "a": [1, 2', end="length")


DIALECTS: list[tuple[Dialect, dict[str, Any], Capabilities, int]] = [
    (openai_older, {}, Capabilities("json_schema", True, "max_tokens", False, True), 1),
    (openai_newer, {}, Capabilities("json_schema", True, "max_completion_tokens", False, False), 4),
    (deepseek, {}, Capabilities("json_object", True, "max_tokens", False, True), 2),
    (deepseek_reasoner, {}, Capabilities("json_object", True, "max_tokens", True, True), 3),
    (qwen_that_thinks, {"enable_thinking": False}, Capabilities("json_object", True, "max_tokens", False, True), 2),
    (vllm, {}, Capabilities("json_schema", True, "max_tokens", True, True), 1),
    (schema_ignored, {}, Capabilities("json_object", True, "max_tokens", False, True), 2),
    (all_ignored, {}, Capabilities("prompt", False, "max_tokens", False, True), 2),
    (formats_unknown, {}, Capabilities("prompt", True, "max_tokens", False, True), 3),
    (fails_over_schemas, {}, Capabilities("json_object", True, "max_tokens", False, True), 4),
    (cut_object, {}, Capabilities("json_object", True, "max_tokens", False, True), 2),
]  # fmt: skip


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[Journal]:
    with Journal(tmp_path / "requests.sqlite") as made:
        yield made


class Probed:
    """``probed(dialect)``: what the probe finds there; ``bodies``: what it sent."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self.bodies: list[dict[str, Any]] = []
        self.slept: list[float] = []
        self.endpoint = Endpoint(
            "http://127.0.0.1:9/v1", key_env="TEST_KEY", price=Price(Decimal(2), Decimal(8))
        )

    def __call__(self, dialect: Dialect, **extra: Any) -> Capabilities:
        return asyncio.run(self._probe(dialect, extra))

    async def _probe(self, dialect: Dialect, extra: dict[str, Any]) -> Capabilities:
        def told(request: httpx2.Request) -> httpx2.Response:
            self.bodies.append(json.loads(request.content))
            return dialect(self.bodies[-1])

        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        http = httpx2.AsyncClient(transport=httpx2.MockTransport(told))
        async with AsyncOpenAI(api_key="geheim-123", base_url=self.endpoint.base_url, max_retries=0, http_client=http) as client:  # fmt: skip
            pace = Pace(sleep=sleep, chance=random.Random(1))
            return await capabilities(
                client, self.endpoint, "m", self.journal, project="p", extra=extra, pace=pace
            )


@pytest.fixture
def probed(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> Probed:
    monkeypatch.setenv("TEST_KEY", "geheim-123")
    return Probed(journal)


@pytest.mark.parametrize(
    ("dialect", "extra", "found", "calls"), DIALECTS, ids=[row[0].__name__ for row in DIALECTS]
)
def test_each_dialect_is_found_out_once(
    probed: Probed, dialect: Dialect, extra: dict[str, Any], found: Capabilities, calls: int
) -> None:
    assert probed(dialect, **extra) == found
    assert len(probed.bodies) == calls
    assert probed(dialect, **extra) == found, "from the journal"
    assert len(probed.bodies) == calls


def test_the_schema_is_not_in_the_prompt_where_the_server_is_trusted_with_it(probed: Probed) -> None:
    probed(openai_older)
    assert "quorvel" not in str(probed.bodies[0]["messages"])


def test_what_it_found_is_remembered_with_the_day(probed: Probed, journal: Journal) -> None:
    probed(deepseek)
    known = journal.recalled(probed.endpoint.base_url, "m")
    assert known and known["structured"] == "json_object"
    assert len(known["probed"]) == len("2026-03-05")


def test_its_calls_are_paid_by_the_project(probed: Probed, journal: Journal) -> None:
    probed(schema_ignored)
    spent = journal.spent("p")
    assert (spent.calls, spent.input_tokens, spent.cost) == (2, 60, Decimal("0.000264"))


def test_a_killed_probe_goes_on_where_it_was(probed: Probed) -> None:
    def killed(body: dict[str, Any]) -> httpx2.Response:
        if way(body) == "json_object":
            raise KeyboardInterrupt
        return answer(OWN)

    with pytest.raises(KeyboardInterrupt):
        probed(killed)
    assert probed(schema_ignored).structured == "json_object"
    assert [way(body) for body in probed.bodies] == ["json_schema", "json_object", "json_object"]


STOPS = [
    (401, "Incorrect API key provided: geheim-123", "TEST_KEY"),
    (403, "no access", "TEST_KEY"),
    (404, "not found", "/v1"),
    (402, "Insufficient Balance", "充值"),
]


@pytest.mark.parametrize(("status", "words", "hint"), STOPS, ids=[str(row[0]) for row in STOPS])
def test_a_wrong_key_or_address_is_not_taken_for_a_lack(
    probed: Probed, journal: Journal, status: int, words: str, hint: str
) -> None:
    with pytest.raises(CurateError) as told:
        probed(lambda _: error(status, words))
    assert hint in told.value.hint
    assert "geheim-123" not in str(told.value)
    assert len(probed.bodies) == 1
    assert journal.recalled(probed.endpoint.base_url, "m") is None


def test_a_model_that_refuses_everything_is_an_error_with_the_words_of_the_server(probed: Probed) -> None:
    with pytest.raises(CurateError, match="Model Not Exist"):
        probed(lambda _: error(400, "Model Not Exist"))
    assert [way(body) for body in probed.bodies] == ["json_schema", "json_object", "prompt"]


def test_a_busy_server_is_asked_again_when_it_says(probed: Probed) -> None:
    answers = iter([error(429, "slow", **{"retry-after": "7"}), answer(FOLLOWING)])
    assert probed(lambda _: next(answers)).structured == "json_schema"
    assert probed.slept == [7.0]


def test_a_server_that_does_not_answer_is_an_error(probed: Probed, journal: Journal) -> None:
    def dropped(_: dict[str, Any]) -> httpx2.Response:
        raise httpx2.ReadError("connection reset")

    with pytest.raises(CurateError, match="没有回答"):
        probed(dropped)
    assert len(probed.bodies) == 3
    assert journal.recalled(probed.endpoint.base_url, "m") is None
