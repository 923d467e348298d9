"""What stands in the body of an answer over HTTP: DeepSeek, Qwen, OpenAI, vLLM and llama.cpp differ in details."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

from curate.clients.chat.request import Price, Reply, Request
from curate.clients.chat.tokens import at_most, prompt_at_most

#: the servers' words for the same ends; what stands in no row is kept as the server says it
ENDS = {
    "stop": {"", "stop", "eos", "eos_token", "stop_sequence", "end_turn"},
    "length": {"length", "max_tokens", "model_length"},
    "content_filter": {"content_filter", "sensitive", "safety"},
}
#: the server gave up in the middle; asked again, it may answer
BROKEN_OFF = {"insufficient_system_resource", "abort", "error", "network_error"}
_THOUGHT = re.compile(r"\s*<think>(.*?)</think>\s*", re.DOTALL)


class Unreadable(ValueError):
    """The body is no answer, though its status is 200: cut, not JSON, an error in disguise. ``code``: the error's status."""

    def __init__(self, what: str, code: int | None = None) -> None:
        super().__init__(what)
        self.code = code


def reply_of(request: Request, raw: bytes, price: Price | None) -> Reply:
    """The reply in a body whose status was 200.

    Tokens that the server does not tell are estimated from the texts, rather too many than too few (``tokens.at_most``).

    Raises:
        Unreadable: there is no answer in it.
    """
    body, choice = _first_choice(raw)
    end = _end(choice)
    message = choice.get("message")
    message = message if isinstance(message, dict) else {}
    text, reasoning = _thought_apart(
        _text(message.get("content")),
        _text(message.get("reasoning_content")) or _text(message.get("reasoning")),
    )
    refusal = _text(message.get("refusal"))
    told = _usage(body)
    inputs, outputs = told or (prompt_at_most(request), at_most(text + reasoning))
    return Reply(
        key=request.key,
        status=200,
        text="" if refusal else text,
        reasoning=reasoning,
        finish_reason="refusal" if refusal else end,
        model=_text(body.get("model")) or request.model,
        input_tokens=inputs,
        output_tokens=outputs,
        counted=told is not None,
        cost=price.of(inputs, outputs) if price else Decimal(0),
        error=refusal,
    )


def refused(request: Request, status: int, error: str) -> Reply:
    """The reply that stands for a request which the server refused (400, 422)."""
    return Reply(key=request.key, status=status, text="", finish_reason="", model=request.model, error=error)


def error_in(raw: bytes) -> tuple[str, set[str]]:
    """The server's words in the body of an error, and the codes in it. OpenAI, DashScope and vLLM nest them differently."""
    try:
        body = json.loads(raw)
    except ValueError:
        return raw[:300].decode(errors="replace").strip(), set()
    if not isinstance(body, dict):
        return str(body)[:300], set()
    inner = body.get("error", body)
    if not isinstance(inner, dict):
        return str(inner)[:300], set()
    codes = {str(inner[name]) for name in ("code", "type") if inner.get(name) is not None}
    return (_text(inner.get("message")) or json.dumps(inner, ensure_ascii=False))[:500], codes


def _first_choice(raw: bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    try:
        body = json.loads(raw)
    except ValueError as error:
        raise Unreadable(f"the body is not JSON: {error}") from None
    if isinstance(body, dict) and body.get("error"):
        told, codes = error_in(raw)
        raise Unreadable(told, next((int(code) for code in codes if code.isdigit()), None))
    choices = body.get("choices") if isinstance(body, dict) else None
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise Unreadable("the body has no choices")
    return body, choices[0]


def _usage(body: dict[str, Any]) -> tuple[int, int] | None:
    usage = body.get("usage")
    if not isinstance(usage, dict):
        return None
    inputs, outputs = usage.get("prompt_tokens"), usage.get("completion_tokens")
    return (inputs, outputs) if isinstance(inputs, int) and isinstance(outputs, int) else None


def _end(choice: dict[str, Any]) -> str:
    told = str(choice.get("finish_reason") or "").lower()
    if told in BROKEN_OFF:
        raise Unreadable(f"finish_reason: {told}")
    return next((end for end, words in ENDS.items() if told in words), told)


def _text(value: Any) -> str:
    """Content is a string, nothing, or a list of parts."""
    if isinstance(value, list):
        return "".join(_text(part.get("text")) for part in value if isinstance(part, dict))
    return value if isinstance(value, str) else ""


def _thought_apart(text: str, reasoning: str) -> tuple[str, str]:
    """(answer, what was thought before it). The template of R1 opens ``<think>`` in the prompt, so that only its end may stand
    in the text; a thought that does not end has no answer behind it.
    """
    if found := _THOUGHT.match(text):
        return text[found.end() :], reasoning or found[1].strip()
    if text.lstrip().startswith("<think>"):
        return "", reasoning or text.lstrip().removeprefix("<think>").strip()
    thought, mark, answer = text.partition("</think>")
    if mark and "<think>" not in text and not thought.lstrip().startswith(("{", "[")):
        return answer.lstrip(), reasoning or thought.strip()
    return text, reasoning
