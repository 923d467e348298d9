"""The offline Batch API (OpenAI's ``/v1/files`` and ``/v1/batches``; DashScope and others copy it): half the price, within a day.

It fills the same journal as ``ask``, so that ``read`` does not know how a reply came. A batch holds what the plans want and the
journal has not; corrections make the next one. Nothing is submitted twice: each step is written down when it is done, and where
a kill came between, the server's list of batches says whether the batch arrived.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path

from curate.clients.chat.batch_answers import BatchAnswers
from curate.clients.chat.batch_server import BatchServer
from curate.clients.chat.budget import Budget, Purse, Worst
from curate.clients.chat.connect import connect, key_of
from curate.clients.chat.engine import Told
from curate.clients.chat.entries import settled
from curate.clients.chat.journal import Journal
from curate.clients.chat.play import Game, begin
from curate.clients.chat.request import Endpoint, Plan, Request
from curate.clients.chat.submission import Submission
from curate.clients.chat.tokens import prompt_at_most
from curate.errors import Waiting
from curate.files import sha256_of
from curate.language import say

#: of one batch at the most; OpenAI and DashScope take 50,000 requests and 200 MB, but the library reads the file whole
MOST_REQUESTS, MOST_BYTES = 50_000, 64 << 20
#: bytes of a line beside its request
_AROUND = 300

Plans = Callable[[], Iterable[tuple[str, Plan]]]


def ask_offline(
    plans: Plans,
    endpoint: Endpoint,
    journal: Journal,
    *,
    project: str,
    budget: Budget,
    discount: Decimal = Decimal("0.5"),
    wait_s: float = 0.0,
    poll_s: float = 30.0,
) -> Told:
    """Fill the journal with every reply that the plans want, by batches; see ``ask``.

    Args:
        plans: gives the (slot, plan) pairs, each time from the beginning: they are played once more after each batch.
        project: who pays. One batch of a project is at an endpoint at a time.
        discount: what is taken off the endpoint's price, 0 to 1.
        wait_s: seconds to wait for batches at the most.
        poll_s: seconds between two looks.

    Raises:
        Waiting: the batch is at the server; run again later.
        CurateError: as of ``ask``, and where the server finds fault with the whole batch.
    """
    from filelock import FileLock, Timeout

    if price := endpoint.price:
        rest = 1 - discount
        endpoint = replace(
            endpoint, price=replace(price, input=price.input * rest, output=price.output * rest)
        )
    folder = _folder(journal, endpoint, project)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder.with_suffix(".lock"), timeout=0):
            offline = _Offline(plans, endpoint, journal, project, budget, Submission(folder))
            return asyncio.run(offline.run(time.monotonic() + wait_s, poll_s))
    except Timeout:
        raise Waiting(
            say("另一次运行正在处理这份配方的批量任务", "another run is at work on this recipe's batch"),
            say("等它结束后再运行", "run again when it has ended"),
        ) from None


def under_way(endpoint: Endpoint, journal: Journal, project: str) -> bool:
    """Is a batch of the project at the server? What it holds would be paid twice if it were asked for by ``ask`` as well."""
    folder = _folder(journal, endpoint, project)
    return folder.is_dir() and bool(Submission(folder))


def _folder(journal: Journal, endpoint: Endpoint, project: str) -> Path:
    return journal.file.parent / "batches" / sha256_of([endpoint.base_url, project])[:16]


@dataclass
class _Offline:
    """One pass; see ``ask_offline``."""

    plans: Plans
    endpoint: Endpoint
    journal: Journal
    project: str
    budget: Budget
    submission: Submission
    count: Counter[str] = field(default_factory=Counter)
    cost: Decimal = Decimal(0)
    fresh: set[str] = field(default_factory=set)  #: keys answered in this pass
    why: dict[str, str] = field(default_factory=dict)  #: key -> why the last batch has no answer
    unanswered: dict[str, str] = field(default_factory=dict)

    @property
    def sent_as(self) -> str:
        """As of ``ask``."""
        return f"{self.endpoint.base_url} {self.endpoint.structured}"

    async def run(self, until: float, poll_s: float) -> Told:
        """Batch after batch, until nothing is wanted, or a batch brought nothing."""
        began, vain = time.monotonic(), False
        async with connect(self.endpoint) as client:
            server = BatchServer(client, self.endpoint, self.journal, self.project, self.submission)
            there = bool(self.submission) and await server.arrived()
            while there or self._gather(vain):
                if not there:
                    await server.submit()
                there = False
                answers = await self._collect(server, until, poll_s)
                vain = not answers.keys
        count = self.count
        return Told(
            slots=count["slots"], cached=count["cached"], calls=count["calls"], paid=count["paid"],
            input_tokens=count["input_tokens"], output_tokens=count["output_tokens"], cost=self.cost,
            unanswered=self.unanswered, seconds=time.monotonic() - began,
        )  # fmt: skip

    async def _collect(self, server: BatchServer, until: float, poll_s: float) -> BatchAnswers:
        batch = await server.ended(until, poll_s)
        answers = BatchAnswers(
            self.submission,
            self.journal,
            self.project,
            self.endpoint.price,
            self.sent_as,
            key_of(self.endpoint),
        )
        for file in filter(None, (batch.output_file_id, batch.error_file_id)):
            path = self.submission.folder / "part.jsonl"
            await server.download(file, path)
            answers.take(path)
        answers.end(batch.status)
        if words := answers.refuses_all():
            raise server.refuses(words)
        self.count.update(answers.count)
        self.cost += answers.cost
        self.fresh |= answers.keys
        self.why = answers.why
        return answers

    def _gather(self, vain: bool) -> bool:
        """Make the next batch out of what the plans want; False where that is nothing.

        Args:
            vain: the last batch brought no answer: what it was asked is not asked again in this pass.
        """
        self.count.update(
            slots=-self.count["slots"], cached=-self.count["cached"], filled=-self.count["filled"]
        )
        self.unanswered = {}
        purse = Purse(self.budget, self.journal.spent(self.project), self.endpoint.price)
        choice = _Choice(purse, self.endpoint)
        asked = self.submission.ask(choice.of(self._wanted(vain)), self.journal, self.project)
        if not asked and choice.over_budget:
            slots, filled = self.count["slots"], self.count["filled"]
            progress = say(
                f"{slots} 个里有 {filled} 个有了结果", f"{filled} of {slots} slots have their result"
            )
            raise purse.exhausted(progress)
        return bool(asked)

    def _wanted(self, vain: bool) -> Iterator[Request]:
        """What each slot waits for, after it was played as far as the journal goes."""
        for games in begin(self.plans(), self.journal, self.sent_as):
            ended = [game for game in games if game.end]
            self.journal.write(
                [settled(first, keys) for game in ended for first, keys in game.questions.items() if keys]
            )
            self.count.update(slots=len(games), filled=len(ended), cached=sum(map(self._cached, ended)))
            for game in games:
                if game.wanted and vain and game.wanted.key in self.why:
                    self.unanswered[game.slot] = self.why[game.wanted.key]
                elif game.wanted:
                    yield game.wanted

    def _cached(self, game: Game) -> bool:
        return not any(reply.key in self.fresh for reply in game.replies)


class _Choice:
    """Which of the wanted requests go into the next batch: each once, of one model, as servers want it, and what is paid for."""

    def __init__(self, purse: Purse, endpoint: Endpoint) -> None:
        self.purse, self.price = purse, endpoint.price
        self.model, self.bytes, self.over_budget = "", 0, False
        self.keys: set[str] = set()

    def of(self, wanted: Iterator[Request]) -> Iterator[tuple[Request, Worst]]:
        """(request, the worst that it can cost) each. The rest waits for a later batch."""
        for request in wanted:
            if request.key in self.keys or request.model != (self.model or request.model):
                continue
            size = len(request.canonical.encode()) + _AROUND
            if len(self.keys) == MOST_REQUESTS or self.bytes + size > MOST_BYTES:
                continue
            inputs = prompt_at_most(request)
            cost = self.price.of(inputs, request.max_tokens) if self.price else Decimal(0)
            worst = Worst(inputs, request.max_tokens, cost)
            if not self.purse.fits(worst):
                self.over_budget = True
                continue
            self._take(request, worst, size)
            yield request, worst

    def _take(self, request: Request, worst: Worst, size: int) -> None:
        self.keys.add(request.key)
        self.model, self.bytes = request.model, self.bytes + size
        self.purse.calls += 1
        self.purse.tokens += worst.tokens
        self.purse.cost += worst.cost
