"""What a model at an endpoint can do: a few tiny calls, once, remembered in the journal.

DeepSeek knows ``json_object`` only, and wants the word json in the prompt; OpenAI's newer models refuse ``max_tokens`` and a
``temperature``; some servers take a schema and ignore it. Documentation is silent or wrong about it, so the server is asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from curate.clients.chat.answer import refused, reply_of
from curate.clients.chat.body import Manner, body_of
from curate.clients.chat.connect import key_of, without_key
from curate.clients.chat.failures import Refusal, verdict_on
from curate.clients.chat.journal import Journal
from curate.clients.chat.limits import Pace
from curate.clients.chat.request import Endpoint, Reply, Request
from curate.errors import CurateError
from curate.language import say

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: raised when probing changes, so that every endpoint is asked anew
VERSION = 1
#: from the strictest way of holding an answer to a schema to the loosest
WAYS = ("json_schema", "json_object", "prompt")
#: words that no model would use by itself; the prompt does not hold them where the schema is told apart from it. With a
#: bound, as our schemas have them: llama.cpp needs it, and a server that refuses it shall be found out here
SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"quorvel": {"type": "string", "enum": ["mip-7", "zan-3"], "maxLength": 20}},
    "required": ["quorvel"],
    "additionalProperties": False,
}
#: "json" in small letters: DashScope and DeepSeek look for the word
QUESTION = "今天是晴天还是雨天？随便猜一个，用很短的 json 对象回答。"
#: tokens of an answer; and where a model that thinks first came to no end with that
SHORT, LONG = 64, 2048
#: attempts for one call
ATTEMPTS = 3


@dataclass(frozen=True)
class Capabilities:
    """What the probe found.

    Attributes:
        structured: the strictest way of holding an answer to a schema that the server follows: json_schema | json_object | prompt.
        usage: the server tells the tokens.
        max_tokens_field: max_tokens | max_completion_tokens.
        reasoning: the model thinks before it answers: ``max_tokens`` must have room for that.
        temperature: the server takes a temperature.
    """

    structured: str
    usage: bool
    max_tokens_field: str
    reasoning: bool
    temperature: bool


@dataclass(frozen=True)
class Form:
    """How one call of the probe is made."""

    manner: Manner = field(default_factory=Manner)
    max_tokens: int = SHORT

    def after(self, reply: Reply) -> Form:
        """How to ask next, from the reply; the same form where the server does what was asked."""
        if reply.status != 200:
            return self._without(reply.error.lower())
        if _follows(self.manner.structured, reply.text):
            return self
        if reply.finish_reason == "length" and self.max_tokens < LONG:
            return replace(self, max_tokens=LONG)
        return self._looser()

    def _without(self, words: str) -> Form:
        manner = self.manner
        if manner.max_tokens_field == "max_tokens" and (
            "max_completion_tokens" in words or "max_tokens" in words
        ):
            return replace(self, manner=replace(manner, max_tokens_field="max_completion_tokens"))
        if manner.temperature and "temperature" in words:
            return replace(self, manner=replace(manner, temperature=False))
        return self._looser()

    def _looser(self) -> Form:
        at = WAYS.index(self.manner.structured)
        return replace(self, manner=replace(self.manner, structured=WAYS[min(at + 1, len(WAYS) - 1)]))


async def capabilities(
    client: AsyncOpenAI,
    endpoint: Endpoint,
    model: str,
    journal: Journal,
    *,
    project: str = "",
    extra: Mapping[str, Any] | None = None,
    pace: Pace | None = None,
) -> Capabilities:
    """What the model at the endpoint can do: from the journal, or from one to seven tiny calls, which count as paid.

    Args:
        client: one that does not retry.
        project: who pays.
        extra: fields that every request's body has, such as ``{"enable_thinking": False}``; some models refuse without them.

    Raises:
        CurateError: wrong key, address or model, no money, or no answer: that tells nothing about the model.
    """
    known = journal.recalled(endpoint.base_url, model)
    if known and known.get("version") == VERSION:
        return Capabilities(**{one.name: known[one.name] for one in fields(Capabilities)})
    probe = _Probe(client, endpoint, model, journal, project, dict(extra or {}), pace or Pace())
    found = await probe.run()
    told = {**asdict(found), "version": VERSION, "probed": f"{datetime.now(UTC):%Y-%m-%d}"}
    journal.remember(endpoint.base_url, model, told)
    return found


@dataclass(frozen=True)
class _Probe:
    client: AsyncOpenAI
    endpoint: Endpoint
    model: str
    journal: Journal
    project: str
    extra: dict[str, Any]
    pace: Pace

    async def run(self) -> Capabilities:
        form, thinks = Form(), False
        while True:
            reply = await self._reply(form)
            thinks = thinks or bool(reply.reasoning)
            following = form.after(reply)
            # that a plain answer comes is known once any has come
            if reply.status == 200 and (following == form or following.manner.structured == "prompt"):
                manner = following.manner
                return Capabilities(
                    manner.structured, reply.counted, manner.max_tokens_field, thinks, manner.temperature
                )
            if following == form:
                raise self._refuses(reply)
            form = following

    def _request(self, form: Form) -> Request:
        # the number of the sample is not sent: it keeps calls of other forms and to other servers apart in the journal
        apart = json.dumps([VERSION, self.endpoint.base_url, asdict(form)], sort_keys=True).encode()
        return Request(
            self.model, (("user", QUESTION),), form.max_tokens, temperature=0.5, schema=SCHEMA, extra=self.extra,
            sample=int(hashlib.sha256(apart).hexdigest()[:12], 16),
        )  # fmt: skip

    async def _reply(self, form: Form) -> Reply:
        """From the journal, where a kill came between; else from the server."""
        request = self._request(form)
        if known := self.journal.replies([request.key]):
            return known[request.key]
        raw, reply = await self._asked(request, body_of(request, form.manner))
        if reply.status < 500:
            self.journal.put(request, raw, reply, self.project, f"{self.endpoint.base_url} probe")
        return reply

    async def _asked(self, request: Request, body: dict[str, Any]) -> tuple[bytes, Reply]:
        """(raw body, reply), after some attempts."""
        from openai import APIStatusError

        key = key_of(self.endpoint)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                raw = await self._post(body, key)
                return raw, reply_of(request, raw, self.endpoint.price)
            except Exception as error:
                verdict = verdict_on(error, self.endpoint, self.model, key)
                status = error.status_code if isinstance(error, APIStatusError) else 0
            if isinstance(verdict, CurateError):
                raise verdict
            if isinstance(verdict, Refusal):
                return verdict.raw, refused(request, verdict.status, verdict.error)
            wait = self.pace.wait(attempt) if verdict.after is None else verdict.after
            if attempt == ATTEMPTS or wait > self.pace.patience:
                # some servers fail over a response_format that they do not know
                if status in (500, 501) and request.schema:
                    return b"", refused(request, status, verdict.why)
                raise self._silent(verdict.why)
            await self.pace.sleep(wait)
        raise AssertionError("a last attempt returns or raises")

    async def _post(self, body: dict[str, Any], key: str) -> bytes:
        import httpx2

        async with asyncio.timeout(self.endpoint.timeout):
            response = await self.client.post("/chat/completions", cast_to=httpx2.Response, body=body)
        return without_key(response.content, key)

    def _silent(self, why: str) -> CurateError:
        url = self.endpoint.base_url
        return CurateError(
            say(f"{url} 没有回答试探请求：{why}", f"{url} does not answer the probe: {why}"),
            say("检查服务和网络，过一会儿再运行", "look at the server and the network, and run again later"),
        )

    def _refuses(self, reply: Reply) -> CurateError:
        url = self.endpoint.base_url
        return CurateError(
            say(
                f"{url} 的模型 {self.model} 不接受最简单的请求（{reply.status}）：{reply.error}",
                f"{self.model} at {url} refuses the simplest request ({reply.status}): {reply.error}",
            ),
            say(
                "检查配方里的模型名和 extra；服务要求的其他字段写在 extra 里",
                "look at the model's name and at `extra` in the recipe; what else the server wants goes into `extra`",
            ),
        )


def _follows(way: str, text: str) -> bool:
    """Whether the answer is what the server was told to hold to."""
    if way == "prompt":
        return True
    if way == "json_object":  # a long object may have been cut
        return text.lstrip().startswith("{")
    try:
        told = json.loads(text)
    except ValueError:
        return False
    allowed = SCHEMA["properties"]["quorvel"]["enum"]
    return isinstance(told, dict) and told.keys() == {"quorvel"} and told["quorvel"] in allowed
