"""A dry run counts what is missing, prices it, and asks nothing."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from curate.clients.chat.entries import answered
from curate.clients.chat.estimate import dry
from curate.clients.chat.journal import Journal
from curate.clients.chat.request import Endpoint, Price, Reply
from curate.clients.chat.tokens import at_most, usual
from tests.clients.conftest import question, slots

ENDPOINT = Endpoint("http://127.0.0.1:9/v1", price=Price(Decimal(2), Decimal(8)))


def test_a_dry_run_counts_what_is_missing(journal: Journal) -> None:
    requests = [question(str(number)) for number in range(20)]
    reply = Reply("", 200, '{"answer": "是"}', model="m-1", input_tokens=100, output_tokens=12)
    journal.write([answered(request, b"", replace(reply, key=request.key), "p") for request in requests])
    tags = [*map(str, range(22)), "21"]
    found = dry(slots(*tags), ENDPOINT, journal)
    assert (found.slots, found.cached, found.calls) == (23, 20, 2)
    assert (found.output_tokens, found.output_at_most) == (24, 100)
    assert 0 < found.input_tokens < found.input_at_most
    assert found.cost == ENDPOINT.price.of(found.input_tokens, 24)  # type: ignore[union-attr]
    assert (found.cost_at_most or 0) > (found.cost or 0)


def test_without_a_price_there_is_no_cost_and_unknown_models_take_half(journal: Journal) -> None:
    found = dry(slots("a"), Endpoint("http://127.0.0.1:9/v1"), journal)
    assert (found.cost, found.cost_at_most, found.output_tokens) == (None, None, 25)


@pytest.mark.parametrize("text", ["", "a", "展会在上海", "第12届 XK-2000A 展览会", "𠮷野家", "naïve café"])
def test_the_bound_is_above_what_is_usual(text: str) -> None:
    assert at_most(text) > usual(text)
    assert at_most(text) >= len(text) / 2
