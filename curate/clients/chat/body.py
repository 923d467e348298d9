"""The body of a request over HTTP: how one server or another wants to be told the same."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from curate.clients.chat.request import Request


@dataclass(frozen=True)
class Manner:
    """How an endpoint wants to be told things that are the same everywhere. None of it is part of a request's key.

    Attributes:
        structured: json_schema | json_object | prompt.
        max_tokens_field: the name of the limit: OpenAI's newer models refuse ``max_tokens``.
        temperature: the server takes a temperature.
    """

    structured: str = "json_schema"
    max_tokens_field: str = "max_tokens"
    temperature: bool = True


def body_of(request: Request, manner: Manner) -> dict[str, Any]:
    """The JSON body. A seed moves with the number of the sample, else the same answer would come again."""
    body: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": role, "content": content} for role, content in request.messages],
        manner.max_tokens_field: request.max_tokens,
    }
    if request.temperature is not None and manner.temperature:
        body["temperature"] = request.temperature
    if request.top_p is not None and manner.temperature:
        body["top_p"] = request.top_p
    if request.seed is not None:
        body["seed"] = request.seed + request.sample
    if request.schema is not None:
        _hold_to_schema(body, request.schema, manner.structured)
    return body | request.extra


def _hold_to_schema(body: dict[str, Any], schema: dict[str, Any], way: str) -> None:
    if way == "json_schema":
        named = {"name": "answer", "schema": schema, "strict": _strict(schema)}
        body["response_format"] = {"type": "json_schema", "json_schema": named}
        return
    if way == "json_object":
        body["response_format"] = {"type": "json_object"}
    last = body["messages"][-1]
    told = json.dumps(schema, ensure_ascii=False, sort_keys=True)
    # DeepSeek and OpenAI refuse json_object where the prompt does not say "json"
    last["content"] += f"\n\n只输出一个 json 对象，不要输出其他文字。它必须符合下面的 JSON Schema：\n{told}"


def _strict(schema: Any) -> bool:
    """Whether OpenAI's strict mode takes it: every object closed, all of its properties required."""
    if isinstance(schema, list):
        return all(map(_strict, schema))
    if not isinstance(schema, dict):
        return True
    properties = schema.get("properties")
    if isinstance(properties, dict) and (
        schema.get("additionalProperties") is not False
        or set(schema.get("required", ())) != properties.keys()
    ):
        return False
    return all(map(_strict, schema.values()))
