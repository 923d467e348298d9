"""A dry run: what an asking pass would cost, without a call."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from curate.clients.chat.journal import Journal
from curate.clients.chat.play import begin
from curate.clients.chat.request import Endpoint, Plan
from curate.clients.chat.tokens import prompt_at_most, prompt_usual

#: share of max_tokens that an answer takes, where this model's answers are not known yet
_USUAL_SHARE = 0.5


@dataclass(frozen=True)
class Estimate:
    """What is still to ask, in tokens and money.

    Requests that follow a reply (corrections, later questions of a chain) are not known before it: ``calls`` is the least.

    Attributes:
        cached: slots that need no call.
        calls: requests that are certain; equal ones are counted once.
        input_tokens: usual for the prompts; ``input_at_most``: their bound.
        output_tokens: usual for the answers: the mean of this model's answers in the journal, else half of ``max_tokens``;
            ``output_at_most``: ``max_tokens`` each.
        cost: of the usual tokens; ``cost_at_most`` of the bounds. None without a price.
    """

    slots: int
    cached: int
    calls: int
    input_tokens: int
    input_at_most: int
    output_tokens: int
    output_at_most: int
    cost: Decimal | None
    cost_at_most: Decimal | None


def dry(plans: Iterable[tuple[str, Plan]], endpoint: Endpoint, journal: Journal) -> Estimate:
    """Play the plans over the journal, and price what is missing. No call is made."""
    count: Counter[str] = Counter()
    seen: set[bytes] = set()
    usual: dict[str, float | None] = {}
    for games in begin(plans, journal):
        count["slots"] += len(games)
        for game in games:
            request = game.wanted
            if request is None:
                count["cached"] += 1
                continue
            if (key := bytes.fromhex(request.key)) in seen:
                continue
            seen.add(key)
            if request.model not in usual:
                usual[request.model] = journal.usual_output(request.model)
            mean = usual[request.model] or _USUAL_SHARE * request.max_tokens
            count.update(
                calls=1,
                input_tokens=prompt_usual(request),
                input_at_most=prompt_at_most(request),
                output_tokens=round(min(mean, request.max_tokens)),
                output_at_most=request.max_tokens,
            )
    price = endpoint.price
    return Estimate(
        *(count["slots"], count["cached"], count["calls"], count["input_tokens"], count["input_at_most"]),
        *(count["output_tokens"], count["output_at_most"]),
        cost=price.of(count["input_tokens"], count["output_tokens"]) if price else None,
        cost_at_most=price.of(count["input_at_most"], count["output_at_most"]) if price else None,
    )
