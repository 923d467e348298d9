"""Bodies of requests: what changes the answer is in them, told as the server wants it."""

from __future__ import annotations

from typing import Any

import pytest

from curate.clients.chat.body import Manner, body_of
from tests.clients.conftest import question

CLOSED: dict[str, Any] = {
    "type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"], "additionalProperties": False,
}  # fmt: skip


def test_only_what_is_set_is_sent() -> None:
    assert body_of(question("a", schema=None), Manner()) == {
        "model": "m-1",
        "messages": [{"role": "user", "content": "#a# 展会在上海吗？"}],
        "max_tokens": 50,
    }


def test_sampling_and_further_fields_are_sent() -> None:
    request = question(
        "a", schema=None, temperature=0.0, top_p=0.9, seed=7, sample=2, extra={"enable_thinking": False}
    )
    body = body_of(request, Manner())
    assert {name: body[name] for name in ("temperature", "top_p", "seed", "enable_thinking")} == {
        "temperature": 0.0, "top_p": 0.9, "seed": 9, "enable_thinking": False,
    }  # fmt: skip
    plain = body_of(request, Manner(max_tokens_field="max_completion_tokens", temperature=False))
    assert plain["max_completion_tokens"] == 50
    assert plain.keys().isdisjoint({"temperature", "top_p", "max_tokens"})


@pytest.mark.parametrize(
    ("schema", "strict"),
    [
        (CLOSED, True),
        (CLOSED | {"additionalProperties": True}, False),
        (CLOSED | {"required": []}, False),
        ({**CLOSED, "$defs": {"Inner": {"type": "object", "properties": {"x": {}}}}}, False),
    ],
)
def test_strict_mode_is_asked_for_only_where_the_schema_allows_it(
    schema: dict[str, Any], strict: bool
) -> None:
    told = body_of(question("a", schema=schema), Manner("json_schema"))["response_format"]
    assert told == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": schema, "strict": strict},
    }


@pytest.mark.parametrize("way", ["json_object", "prompt"])
def test_without_json_schema_the_prompt_tells_the_form(way: str) -> None:
    request = question("a", schema=CLOSED, messages=(("system", "编辑"), ("user", "问")))
    body = body_of(request, Manner(way))
    assert body.get("response_format") == ({"type": "json_object"} if way == "json_object" else None)
    assert body["messages"][0]["content"] == "编辑"
    assert "json" in body["messages"][1]["content"]
    assert '"answer"' in body["messages"][1]["content"]
    assert request.messages[1] == ("user", "问")
