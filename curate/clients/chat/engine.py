"""The engine: many slots at once, every request asked once, and an orderly end whatever happens."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal

from curate.clients.chat.budget import Budget, Purse
from curate.clients.chat.calls import Allowance, Calls, OverBudget, Unanswered
from curate.clients.chat.commits import Commits
from curate.clients.chat.entries import settled
from curate.clients.chat.journal import Journal
from curate.clients.chat.limits import Pace
from curate.clients.chat.play import Game, begin, play
from curate.clients.chat.request import Endpoint, Plan, Reply, Request
from curate.errors import CurateError
from curate.language import say

#: slots open at once beyond those in flight, so that a place that gets free is taken at once
_AHEAD = 8


@dataclass(frozen=True)
class Told:
    """What an asking pass did.

    Attributes:
        cached: slots that needed no call.
        calls: requests sent, the repeated ones among them.
        paid: calls that were answered, and so paid.
        retried: calls that repeat a failed one.
        lost: calls that got no answer and may have been billed.
        unanswered: slot -> why there is no answer, after the last attempt; another run asks them again.
        seconds: of the pass.
    """

    slots: int = 0
    cached: int = 0
    calls: int = 0
    paid: int = 0
    retried: int = 0
    lost: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cost: Decimal = Decimal(0)
    unanswered: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Stopped(CurateError):
    """A signal stopped the run; what was in flight has been awaited."""

    def __init__(self, number: int) -> None:
        super().__init__(
            say(
                "已按要求停下，付过费的回答都已保存",
                "stopped as asked; every reply that was paid for is kept",
            ),
            say("再运行会接着做，不会重复付费", "run again: it goes on, and pays nothing twice"),
        )
        self.exit_code = 128 + number


class Engine:
    """One asking pass; see ``ask``."""

    def __init__(
        self,
        endpoint: Endpoint,
        journal: Journal,
        project: str,
        budget: Budget,
        pace: Pace,
        on_settled: Callable[[int], None],
    ) -> None:
        self.endpoint, self.journal, self.project, self.budget = endpoint, journal, project, budget
        self.pace, self.on_settled = pace, on_settled
        self.slots = self.filled = self.cached = 0
        self.unanswered: dict[str, str] = {}
        self.halt: Callable[[], BaseException] | None = None
        self.tasks: set[asyncio.Task[None]] = set()
        self.asked: dict[str, asyncio.Future[Reply]] = {}  #: key -> its reply, while it is in flight

    async def run(self, plans: Iterable[tuple[str, Plan]]) -> Told:
        began = self.pace.clock()
        self.commits = Commits(self.journal)
        purse = Purse(self.budget, self.journal.spent(self.project), self.endpoint.price)
        self.calls = Calls(self.endpoint, self.commits, self.project, purse, self.pace)
        self.room = asyncio.Semaphore(self.endpoint.concurrency + _AHEAD)
        with self._signals():
            try:
                await self._open_all(plans)
            except Exception as error:
                self._fail(error)
            while self.tasks:
                await asyncio.wait(self.tasks)
            await self.commits.end()
        await self.calls.close()
        if self.halt:
            raise self.halt()
        return self._told(self.pace.clock() - began)

    async def _open_all(self, plans: Iterable[tuple[str, Plan]]) -> None:
        for games in begin(plans, self.journal, self.calls.sent_as):
            ended = [game for game in games if game.end]
            self.slots += len(games)
            self.cached += len(ended)
            self._settle(ended)
            for game in games:
                if game.wanted and not self.halt:
                    await self.room.acquire()
                    task = asyncio.create_task(self._fill(game))
                    self.tasks.add(task)
                    task.add_done_callback(self._over)
            await asyncio.sleep(0)  # signals are heard here where everything is in the journal
            if self.halt:
                return

    def _over(self, task: asyncio.Task[None]) -> None:
        self.tasks.discard(task)
        self.room.release()

    async def _fill(self, game: Game) -> None:
        """One slot, until it has its end."""
        question, allowance = "", Allowance(0)
        try:
            while game.wanted and not self.halt:
                if game.first != question:
                    question, allowance = game.first, Allowance(self.pace.perhaps_paid - game.paid)
                game.give(await self._reply(game.wanted, allowance))
                allowance.left -= 1
                play([game], self.journal, self.calls.sent_as)
            if game.end:
                self._settle([game])
        except Unanswered as why:
            self.unanswered[game.slot] = str(why)
        except OverBudget:
            self._stop(lambda: self.calls.purse.exhausted(self._progress()))
        except asyncio.CancelledError:
            if not self.halt:
                raise
        except Exception as error:
            self._fail(error)

    async def _reply(self, request: Request, allowance: Allowance) -> Reply:
        """The reply; the same request, wanted by two slots at once, is asked once."""
        if request.key in self.asked:
            return await asyncio.shield(self.asked[request.key])
        promise = asyncio.get_running_loop().create_future()
        self.asked[request.key] = promise
        try:
            # another slot, or another run, may have asked it since this slot was played
            there = self.journal.replies([request.key], self.calls.sent_as).get(request.key)
            reply = there or await self.calls.reply_to(request, allowance)
        except asyncio.CancelledError:
            promise.cancel()
            raise
        except Exception as error:
            promise.set_exception(error)
            promise.exception()  # seen, though no other slot may wait for it
            raise
        finally:
            del self.asked[request.key]
        promise.set_result(reply)
        return reply

    def _settle(self, games: list[Game]) -> None:
        """These slots have their end: their questions are asked nothing more, by no parser."""
        if not games:
            return
        # a refusal may be asked once more, of another server; then its question goes on
        refused = {reply.key for game in games for reply in game.replies if reply.status != 200}
        questions = [question for game in games for question in game.questions.items()]
        ended = {first: keys for first, keys in questions if keys and refused.isdisjoint(keys)}
        known = self.journal.settled(ended)
        for first in ended.keys() - known.keys():
            self.commits.later(settled(first, ended[first]))
        self.filled += len(games)
        self.on_settled(len(games))

    def _fail(self, error: Exception) -> None:
        self._stop(lambda: error)

    def _stop(self, error: Callable[[], BaseException]) -> None:
        """Send nothing more. Calls in flight go on to their end; whoever waits for a turn is sent away."""
        if self.halt:
            return
        self.halt = error
        for task in self.tasks - self.calls.in_flight - {asyncio.current_task()}:
            task.cancel()

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """The first SIGINT or SIGTERM stops in order, the second at once. Only the main thread may listen."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        loop = asyncio.get_running_loop()
        before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        for number in before:
            loop.add_signal_handler(number, self._signalled, number)
        try:
            yield
        finally:
            for number, handler in before.items():
                loop.remove_signal_handler(number)
                signal.signal(number, handler)

    def _signalled(self, number: int) -> None:
        if self.halt:
            for task in self.tasks:
                task.cancel()
        else:
            self._stop(lambda: Stopped(number))

    def _progress(self) -> str:
        return say(
            f"看到的 {self.slots} 个里有 {self.filled} 个有了结果",
            f"{self.filled} of the {self.slots} slots seen have their result",
        )

    def _told(self, seconds: float) -> Told:
        count = self.calls.count
        return Told(
            slots=self.slots,
            cached=self.cached,
            calls=count["calls"],
            paid=count["paid"],
            retried=count["retried"],
            lost=count["lost"],
            input_tokens=count["input_tokens"],
            output_tokens=count["output_tokens"],
            cost=self.calls.cost,
            unanswered=self.unanswered,
            seconds=seconds,
        )
