"""How fast: requests in flight, requests and tokens a minute, and how long to wait after a failure."""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Pace:
    """How failures are met. Tests put their own clock in.

    Attributes:
        attempts: for one request at the most, after failures that cost nothing. A server that says 429 is alive: only
            ``patience`` bounds how often it is asked.
        perhaps_paid: calls for one question that were, or may have been, billed, at the most.
        first_wait: seconds; doubled with each failure, up to ``longest_wait``; full jitter: a wait is drawn from 0 to it.
        patience: seconds that one request, and a run without any answer, may wait in all.
        failures_in_a_row: requests without an answer, after their attempts, that stop the run.
        failures_at_first: as many stop it while the server never answered at all.
    """

    attempts: int = 6
    perhaps_paid: int = 3
    first_wait: float = 1.0
    longest_wait: float = 60.0
    patience: float = 600.0
    failures_in_a_row: int = 20
    failures_at_first: int = 3
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic
    chance: random.Random = field(default_factory=random.Random)

    def wait(self, failures: int) -> float:
        """Seconds after so many failures: exponential back-off with full jitter (Brooker, "Exponential Backoff And Jitter",
        AWS Architecture Blog, 2015).
        """
        return self.chance.uniform(0, min(self.longest_wait, self.first_wait * 2.0 ** min(failures - 1, 30)))


class Rate:
    """So many a minute, evenly: at most one second's worth at once (the generic cell rate algorithm, ITU-T I.371)."""

    BURST = 1.0

    def __init__(self, per_minute: int | None, clock: Callable[[], float]) -> None:
        self.second = 60 / per_minute if per_minute else 0.0
        self.clock = clock
        self.free_at = clock()

    def take(self, amount: int) -> float:
        """Book an amount; seconds to wait before it may be used."""
        now = self.clock()
        start = max(self.free_at, now)
        self.free_at = start + amount * self.second
        return max(0.0, start - now - self.BURST)

    def give_back(self, amount: int) -> None:
        """Book less after all, or more where ``amount`` is negative."""
        self.free_at -= amount * self.second


class Gate:
    """Requests in flight: down by a quarter when the server says 429, up by one after 25 answers in a row."""

    UP_AFTER = 25

    def __init__(self, most: int) -> None:
        self.most, self.limit = most, most
        self.inside = 0
        self.passed = 0  #: how many ever went in: tells what was sent before the last step down
        self._closed_at = 0
        self._good = 0
        self._waiting: deque[asyncio.Future[None]] = deque()

    async def enter(self) -> int:
        """Wait for a place. Gives back the number of this passage, for ``too_fast``."""
        if self.inside >= self.limit or self._waiting:
            place = asyncio.get_running_loop().create_future()
            self._waiting.append(place)
            try:
                await place
            except asyncio.CancelledError:
                if place.done() and not place.cancelled():
                    self.leave()
                raise
        else:
            self.inside += 1
        self.passed += 1
        return self.passed

    def leave(self) -> None:
        self.inside -= 1
        self._let_in()

    def _let_in(self) -> None:
        while self._waiting and self.inside < self.limit:
            place = self._waiting.popleft()
            if not place.done():
                self.inside += 1
                place.set_result(None)

    def answered(self) -> None:
        self._good += 1
        if self._good >= self.UP_AFTER:
            self._good = 0
            self.limit = min(self.most, self.limit + 1)
            self._let_in()

    def too_fast(self, passage: int) -> None:
        """The server said 429 to this passage. Those that were in flight when it first did count once together."""
        self._good = 0
        if passage > self._closed_at:
            self.limit = max(1, self.limit * 3 // 4)
            self._closed_at = self.passed
