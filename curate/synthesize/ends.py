"""Ends of plans: what is decided about a value that was read, without another request."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from curate.clients.chat.request import Accepted, Plan, Rejected, Reply


def at_once(end: Accepted | Rejected) -> Plan:
    """The plan that asks nothing."""

    def plan(_: Sequence[Reply]) -> Accepted | Rejected:
        return end

    return plan


def unless_empty(value: Any) -> Plan:
    """Accepts ``value``, but for an empty one: a model may say that there is nothing to ask, and that is no pair."""
    return at_once(Accepted(value) if value else Rejected("nothing_to_ask"))
