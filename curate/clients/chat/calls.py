"""One request until it is answered: the single owner of retries, limits and money."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from curate.clients.chat.answer import refused, reply_of
from curate.clients.chat.body import Manner, body_of
from curate.clients.chat.budget import Purse, Worst
from curate.clients.chat.commits import Commits
from curate.clients.chat.connect import connect, key_of, without_key
from curate.clients.chat.entries import answered, forgotten, lost, sent, unpaid
from curate.clients.chat.failures import Passing, Refusal, verdict_on
from curate.clients.chat.limits import Gate, Pace, Rate
from curate.clients.chat.request import Endpoint, Reply, Request
from curate.clients.chat.tokens import prompt_at_most
from curate.errors import CurateError
from curate.language import say

if TYPE_CHECKING:
    from openai import AsyncOpenAI


class Unanswered(Exception):
    """The request got no answer, after its last attempt; another run will ask it again."""


class OverBudget(Exception):
    """The budget does not allow another request."""


@dataclass
class Allowance:
    """How many more calls for one question may be billed: those that bring no answer count, as they may have been."""

    left: int


class Calls:
    """Everything between a request and its reply in the journal.

    Attributes:
        in_flight: the tasks whose call has left, and whose reply is not in the journal yet: they must not be disturbed.
        count: calls, paid, retried, lost, input_tokens, output_tokens.
    """

    def __init__(self, endpoint: Endpoint, commits: Commits, project: str, purse: Purse, pace: Pace) -> None:
        self.endpoint, self.commits, self.project = endpoint, commits, project
        self.purse, self.pace = purse, pace
        self.key = key_of(endpoint)
        self.gate = Gate(endpoint.concurrency)
        self.requests = Rate(endpoint.requests_per_minute, pace.clock)
        self.tokens = Rate(endpoint.tokens_per_minute, pace.clock)
        self.in_flight: set[asyncio.Task[Any] | None] = set()
        self.count: Counter[str] = Counter()
        self.cost = Decimal(0)
        self._manners: dict[str, Manner] = {}
        self._one_probe = asyncio.Lock()
        self._not_before = 0.0
        self._unheard_in_a_row = 0
        self._refused: list[str] | None = []  #: keys; None once an answer came
        self._heard_at = pace.clock()

    @property
    def sent_as(self) -> str:
        """The way in which requests are sent: a refusal of another way says nothing about this one."""
        return f"{self.endpoint.base_url} {self.endpoint.structured}"

    @cached_property
    def client(self) -> AsyncOpenAI:
        """Made with the first call: a run that finds all in the journal need not load the library."""
        return connect(self.endpoint)

    async def close(self) -> None:
        if "client" in self.__dict__:
            await self.client.close()

    async def reply_to(self, request: Request, allowance: Allowance) -> Reply:
        """Ask until there is a reply, and it is in the journal.

        Raises:
            Unanswered: no more attempts.
            OverBudget: it does not fit any more.
            CurateError: the whole run must stop, for the reason given.
        """
        worst = self._worst(request)
        body = body_of(request, await self._manner(request, worst))
        waited, failures, tries = 0.0, 0, 0
        if allowance.left < 1:
            raise Unanswered(say("这个问题的付费次数已用完", "this question was paid for often enough"))
        while True:
            outcome = await self._once(request, body, worst)
            if isinstance(outcome, Reply):
                await self._heard(outcome)
                return outcome
            tries, failures = tries + 1, failures + (not outcome.slow)
            allowance.left -= not outcome.free
            wait = self.pace.wait(tries) if outcome.after is None else outcome.after
            if wait > self.pace.patience:
                raise self._told_to_wait(wait)
            waited += wait
            if waited > self.pace.patience or failures >= self.pace.attempts or allowance.left < 1:
                self._unheard(outcome.why)
                raise Unanswered(outcome.why)
            if outcome.after is not None:
                # it means all of us, not this request alone
                self._not_before = max(self._not_before, self.pace.clock() + outcome.after)
            self.count["retried"] += 1
            await self.pace.sleep(wait)

    async def _once(self, request: Request, body: dict[str, Any], worst: Worst) -> Reply | Passing:
        """One call, when its turn has come."""
        passage = await self.gate.enter()
        try:
            await self._turn(worst)
            if not await self.purse.put_aside(worst):
                raise OverBudget
            outcome = await self._undisturbed(request, body, worst)
            if isinstance(outcome, Reply):
                self.gate.answered()
            elif outcome.slow:
                self.gate.too_fast(passage)
            return outcome
        finally:
            self.gate.leave()

    def _worst(self, request: Request) -> Worst:
        inputs, price = prompt_at_most(request), self.endpoint.price
        return Worst(
            inputs, request.max_tokens, price.of(inputs, request.max_tokens) if price else Decimal(0)
        )

    async def _turn(self, worst: Worst) -> None:
        wait = max(self.requests.take(1), self.tokens.take(worst.tokens))
        if wait:
            await self.pace.sleep(wait)
        while (pause := self._not_before - self.pace.clock()) > 0:
            await self.pace.sleep(pause)

    async def _undisturbed(self, request: Request, body: dict[str, Any], worst: Worst) -> Reply | Passing:
        task = asyncio.current_task()
        self.in_flight.add(task)
        used, cost, paid = worst.tokens, worst.cost, True
        try:
            call = await self.commits.now(
                sent(self.project, request.key, worst.input_tokens, worst.output_tokens, worst.cost)
            )
            outcome = await self._call(request, body, call)
            if isinstance(outcome, Reply):
                used, cost = outcome.input_tokens + outcome.output_tokens, outcome.cost
                paid = outcome.status == 200
            elif outcome.free:
                used, cost, paid = 0, Decimal(0), False
            return outcome
        except CurateError:
            used, cost, paid = 0, Decimal(0), False
            raise
        finally:
            self.purse.settle(worst, used, cost, paid)
            self.tokens.give_back(worst.tokens - used)
            self.in_flight.discard(task)

    async def _call(self, request: Request, body: dict[str, Any], call: int) -> Reply | Passing:
        """The call itself. What came of it is in the journal before it is given back."""
        self.count["calls"] += 1
        try:
            raw = await self._post(body)
            reply = reply_of(request, raw, self.endpoint.price)
        except Exception as error:
            verdict = verdict_on(error, self.endpoint, request.model, self.key)
        else:
            await self.commits.now(answered(request, raw, reply, self.project, self.sent_as, call))
            self.count.update(paid=1, input_tokens=reply.input_tokens, output_tokens=reply.output_tokens)
            self.cost += reply.cost
            return reply
        if isinstance(verdict, Refusal):
            reply = refused(request, verdict.status, verdict.error)
            await self.commits.now(answered(request, verdict.raw, reply, self.project, self.sent_as, call))
            return reply
        if isinstance(verdict, CurateError):
            await self.commits.now(unpaid(call))
            raise verdict
        await self.commits.now(unpaid(call) if verdict.free else lost(call, verdict.why))
        self.count["lost"] += not verdict.free
        return verdict

    async def _post(self, body: dict[str, Any]) -> bytes:
        """The raw body of an answer with status 200. The library builds no models of it: they are not needed, and slow."""
        import httpx2

        # the library's own timeout is for a pause between two bytes, not for the whole
        async with asyncio.timeout(self.endpoint.timeout):
            response = await self.client.post("/chat/completions", cast_to=httpx2.Response, body=body)
        raw = response.content
        return without_key(raw, self.key)

    async def _manner(self, request: Request, worst: Worst) -> Manner:
        if self.endpoint.structured != "auto":
            return Manner(self.endpoint.structured)
        async with self._one_probe:
            if request.model not in self._manners:
                if not self.purse.fits(worst):
                    raise OverBudget
                self._manners[request.model] = await self._probed(request)
            return self._manners[request.model]

    async def _probed(self, request: Request) -> Manner:
        from curate.clients.chat.probe import capabilities

        journal, task = self.commits.journal, asyncio.current_task()
        before = journal.spent(self.project)
        self.in_flight.add(task)
        try:
            found = await capabilities(
                self.client, self.endpoint, request.model, journal,
                project=self.project, extra=request.extra, pace=self.pace,
            )  # fmt: skip
        finally:
            self.in_flight.discard(task)
            self.purse.also(before, journal.spent(self.project))
        return Manner(found.structured, found.max_tokens_field, found.temperature)

    async def _heard(self, reply: Reply) -> None:
        self._heard_at = self.pace.clock()
        self._unheard_in_a_row = 0
        if reply.status == 200 or self._refused is None:
            self._refused = None
            return
        self._refused.append(reply.key)
        if len(self._refused) >= self.pace.failures_in_a_row:
            # not the rows are at fault but how they are sent: once that is mended they shall be asked again
            await self.commits.now(forgotten(self._refused))
            raise self._refuses_all(reply)

    def _unheard(self, why: str) -> None:
        self._unheard_in_a_row += 1
        never = not self.count["paid"] and not self._refused
        most = self.pace.failures_at_first if never else self.pace.failures_in_a_row
        patience = self.pace.patience + self.pace.perhaps_paid * self.endpoint.timeout
        silent = self.pace.clock() - self._heard_at > patience
        if silent or self._unheard_in_a_row >= most:
            raise self._silent(why)

    def _silent(self, why: str) -> CurateError:
        return CurateError(
            say(
                f"{self.endpoint.base_url} 一直没有回答：{why}",
                f"{self.endpoint.base_url} does not answer: {why}",
            ),
            say(
                "检查服务和网络；已付费的回答都保留着，再运行会接着做",
                "look at the server and the network; what was paid is kept, run again and it goes on",
            ),
        )

    def _told_to_wait(self, seconds: float) -> CurateError:
        return CurateError(
            say(
                f"{self.endpoint.base_url} 要求等 {seconds:.0f} 秒再来",
                f"{self.endpoint.base_url} wants us to come back in {seconds:.0f} s",
            ),
            say("到时再运行，会接着做", "run again then: it goes on"),
        )

    def _refuses_all(self, reply: Reply) -> CurateError:
        return CurateError(
            say(
                f"{self.endpoint.base_url} 拒绝了每一个请求（{reply.status}）：{reply.error}",
                f"{self.endpoint.base_url} refuses every request ({reply.status}): {reply.error}",
            ),
            say(
                "多半是模型名、参数或 structured 不合：改好配方里的 model 再运行",
                "mostly the model's name, a parameter or `structured` does not fit: mend `model` in the recipe, then run again",
            ),
        )
