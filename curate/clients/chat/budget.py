"""Money, calls and tokens: the worst case is put aside before a call, the true usage is taken after it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from decimal import Decimal

from curate.clients.chat.journal import Spent
from curate.clients.chat.request import Price
from curate.errors import CurateError
from curate.language import say


@dataclass(frozen=True)
class Budget:
    """What a project may spend in all, over all its runs; None: no limit.

    Attributes:
        calls: answered ones; those that got no answer and may have been billed count too.
        tokens: of prompts and answers.
    """

    money: Decimal | None = None
    calls: int | None = None
    tokens: int | None = None


@dataclass(frozen=True)
class Worst:
    """What one call can cost at the most."""

    input_tokens: int
    output_tokens: int
    cost: Decimal

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


class Purse:
    """What is spent and put aside, against the budget.

    Raises:
        CurateError: a budget in money without a price.
    """

    def __init__(self, budget: Budget, spent: Spent, price: Price | None) -> None:
        if budget.money is not None and price is None:
            raise CurateError(
                say("预算写了金额，模型却没有价格", "the budget is in money, but the model has no price"),
                say(
                    "在 model 里写 price: {input: …, output: …}，或改用 calls、tokens",
                    "give the model a price, or limit calls or tokens",
                ),
            )
        self.budget, self.currency = budget, price.currency if price else ""
        self.cost = spent.cost + spent.lost_cost
        self.calls = spent.calls + spent.lost
        self.tokens = spent.input_tokens + spent.output_tokens + spent.lost_tokens
        self.aside = 0  #: calls in flight
        self._changed = asyncio.Event()

    def fits(self, worst: Worst) -> bool:
        """Whether there is room for it now."""
        limit = self.budget
        return (
            (limit.money is None or self.cost + worst.cost <= limit.money)
            and (limit.calls is None or self.calls + 1 <= limit.calls)
            and (limit.tokens is None or self.tokens + worst.tokens <= limit.tokens)
        )

    async def put_aside(self, worst: Worst) -> bool:
        """Put the worst case aside, waiting for calls in flight where that may make room; False: it does not fit."""
        while not self.fits(worst):
            if not self.aside:
                return False
            self._changed.clear()
            await self._changed.wait()
        self.aside += 1
        self._add(1, worst.tokens, worst.cost)
        return True

    def settle(self, worst: Worst, tokens: int, cost: Decimal, paid: bool) -> None:
        """The call that ``worst`` was put aside for is over; it took this much."""
        self.aside -= 1
        self._add(int(paid) - 1, tokens - worst.tokens, cost - worst.cost)
        self._changed.set()

    def also(self, before: Spent, after: Spent) -> None:
        """What was paid beside the requests, by a probe."""
        tokens = after.input_tokens + after.output_tokens - before.input_tokens - before.output_tokens
        self._add(after.calls - before.calls, tokens, after.cost - before.cost)

    def _add(self, calls: int, tokens: int, cost: Decimal) -> None:
        self.calls += calls
        self.tokens += tokens
        self.cost += cost

    def exhausted(self, progress: str) -> CurateError:
        """The words for the user once nothing more fits. ``progress``: how far the run is."""
        spent = say(
            f"已花 {self.cost:f} {self.currency}、{self.calls} 次请求、{self.tokens} token",
            f"spent: {self.cost:f} {self.currency}, {self.calls} calls, {self.tokens} tokens",
        )
        limit = {name: value for name, value in vars(self.budget).items() if value is not None}
        told = ", ".join(f"{name} {value}" for name, value in limit.items())
        return CurateError(
            say(
                f"预算（{told}）不够再发一个请求：{spent}；{progress}",
                f"the budget ({told}) does not allow another request; {spent}; {progress}",
            ),
            say(
                "已付费的回答都保留着；提高配方里的 budget 后再运行，会接着做，不会重复付费",
                "what was paid is kept; raise the budget in the recipe and run again: it goes on, and pays nothing twice",
            ),
        )
