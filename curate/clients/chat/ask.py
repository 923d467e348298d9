"""Ask a language model: ``ask`` fills the journal with every reply that the plans want, ``read`` plays them over it.

The engine (``engine.py``) knows HTTP, money and time; what an answer is worth, and what to ask next, is the plans' matter.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from curate.clients.chat.budget import Budget
from curate.clients.chat.engine import Engine, Stopped, Told
from curate.clients.chat.estimate import Estimate, dry
from curate.clients.chat.journal import Journal
from curate.clients.chat.limits import Pace
from curate.clients.chat.play import read
from curate.clients.chat.request import Endpoint, Plan

__all__ = ["Budget", "Estimate", "Stopped", "Told", "ask", "dry", "read"]


def ask(
    plans: Iterable[tuple[str, Plan]],
    endpoint: Endpoint,
    journal: Journal,
    *,
    project: str,
    budget: Budget,
    on_settled: Callable[[int], None] = lambda _: None,
    pace: Pace | None = None,
) -> Told:
    """Fill the journal with every reply that the plans want. The replies are not given back: see ``read``.

    Args:
        plans: (slot, plan) each. Pulled as they are needed, so there may be very many; slots' names are unique.
        project: who pays: the recipe. The budget is over all that it ever paid.
        on_settled: told how many more slots have their end, for a progress bar.
        pace: how failures are met; for tests.

    Raises:
        CurateError: the run cannot go on: wrong key, wrong address, no more money there or in the budget, or the server does
            not answer. All that was paid is in the journal; what is in flight is awaited first.
        Stopped: SIGINT or SIGTERM came; likewise.
    """
    engine = Engine(endpoint, journal, project, budget, pace or Pace(), on_settled)
    return asyncio.run(engine.run(plans))
