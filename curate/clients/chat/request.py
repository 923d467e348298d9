"""What is asked, what comes back, and what is made of it: values without behaviour towards the network."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any


@dataclass(frozen=True)
class Price:
    """Money for a million tokens, in one currency."""

    input: Decimal
    output: Decimal
    currency: str = "CNY"

    def of(self, input_tokens: int, output_tokens: int) -> Decimal:
        """The price of so many tokens."""
        return (self.input * input_tokens + self.output * output_tokens) / 1_000_000


@dataclass(frozen=True)
class Endpoint:
    """Where requests go, and how fast. None of it changes an answer, so none of it is part of a request's key.

    Attributes:
        base_url: such as ``http://127.0.0.1:8000/v1``; never with a user or password in it.
        key_env: the environment variable that holds the key; empty where the server wants none.
        structured: the way in which answers are held to a schema; ``auto`` asks the server once and remembers.
        concurrency: requests in flight at the most.
        timeout: seconds for one attempt.
    """

    base_url: str
    key_env: str = ""
    price: Price | None = None
    structured: str = "auto"  #: auto | json_schema | json_object | prompt
    concurrency: int = 16
    requests_per_minute: int | None = None
    tokens_per_minute: int | None = None
    timeout: float = 120.0


@dataclass(frozen=True)
class Request:
    """One request. All that changes the answer stands in here, and makes the key.

    Attributes:
        messages: (role, content) each.
        schema: the JSON Schema that the answer shall follow; None for plain text. The way in which the server is told
            (json_schema, json_object, prompt) is the endpoint's.
        sample: the number of the sample, where the same is asked several times.
        extra: further fields of the body, such as ``{"enable_thinking": False}``.
    """

    model: str
    messages: tuple[tuple[str, str], ...]
    max_tokens: int
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    schema: dict[str, Any] | None = field(default=None, hash=False)
    sample: int = 0
    extra: dict[str, Any] = field(default_factory=dict, hash=False)

    @cached_property
    def canonical(self) -> str:
        """The canonical JSON of the request: sorted keys, no spaces, UTF-8."""
        told = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @cached_property
    def key(self) -> str:
        """SHA-256 of the canonical JSON, in hexadecimal."""
        return hashlib.sha256(self.canonical.encode()).hexdigest()


@dataclass(frozen=True)
class Reply:
    """An answer as the journal keeps it.

    Attributes:
        status: of HTTP: 200, or 400/422 where the server refused this very request.
        text: the answer; empty where there is none.
        reasoning: what the model thought before it (``reasoning_content``, or a leading ``<think>``).
        finish_reason: stop, length, content_filter …, as the server says.
        counted: the server told the tokens; else they were estimated from the texts.
        cost: in the currency of the endpoint's price; 0 where there is none.
        error: the server's words, where it refused.
    """

    key: str
    status: int
    text: str
    reasoning: str = ""
    finish_reason: str = "stop"
    model: str = ""
    input_tokens: int = 0
    output_tokens: int = 0
    counted: bool = True
    cost: Decimal = Decimal(0)
    error: str = ""


@dataclass(frozen=True)
class Accepted:
    """The slot is filled. ``value``: what was read from the answer; JSON can hold it."""

    value: Any


@dataclass(frozen=True)
class Rejected:
    """The slot stays empty, and why: ``reason`` is a name (malformed, truncated, …), ``detail`` says more."""

    reason: str
    detail: str = ""


#: What to do next, from the replies so far, oldest first: ask once more, or an end. It must be a pure function: after a
#: kill, or with another parser, it is played again over the journal.
Plan = Callable[[Sequence[Reply]], Request | Accepted | Rejected]


@dataclass(frozen=True)
class Settled:
    """A slot at its end. ``replies``: all that were paid for it, oldest first."""

    slot: str
    replies: tuple[Reply, ...]
    end: Accepted | Rejected
