"""Entries of the journal: one change each, to be committed together with others (``Journal.write``)."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from curate.clients.chat.request import Reply, Request

#: One change of the journal; what it gives back is given back by ``Journal.write``.
Change = Callable[[sqlite3.Connection], Any]


def sent(project: str, key: str, input_tokens: int, output_tokens: int, cost: Decimal) -> Change:
    """A call is about to leave: the worst that it can cost. Gives back the call's number in the ledger."""

    def change(connection: sqlite3.Connection) -> int:
        row = (project, key, time.time(), "sent", input_tokens, output_tokens, str(cost))
        cursor = connection.execute(
            "INSERT INTO ledger (project, key, at, state, input_tokens, output_tokens, cost) VALUES (?,?,?,?,?,?,?)",
            row,
        )
        return int(cursor.lastrowid or 0)

    return change


def unpaid(call: int) -> Change:
    """The call cost nothing: it was refused, or never arrived."""
    return lambda connection: connection.execute("DELETE FROM ledger WHERE id = ?", (call,))


def lost(call: int, note: str) -> Change:
    """No answer came of the call, and it may have been billed. ``note``: what happened."""
    return lambda connection: connection.execute("UPDATE ledger SET note = ? WHERE id = ?", (note, call))


def answered(
    request: Request, raw: bytes, reply: Reply, project: str, sent_as: str = "", call: int | None = None
) -> Change:
    """A reply, and what it cost.

    Where two runs asked the same at once, the first reply stands and both payments stand in the ledger. A refusal gives
    way to an answer.

    Args:
        call: its number in the ledger, where ``sent`` was written before.
    """

    def change(connection: sqlite3.Connection) -> None:
        now = time.time()
        row = (
            *(
                reply.key,
                project,
                now,
                sent_as,
                request.canonical,
                raw,
                reply.status,
                reply.text,
                reply.reasoning,
            ),
            *(reply.finish_reason, reply.model, reply.input_tokens, reply.output_tokens, reply.counted),
            *(str(reply.cost), reply.error),
        )
        connection.execute(
            f"INSERT INTO replies VALUES ({','.join('?' * len(row))}) ON CONFLICT (key) DO UPDATE SET "
            "project = excluded.project, at = excluded.at, sent_as = excluded.sent_as, raw = excluded.raw, "
            "status = excluded.status, text = excluded.text, reasoning = excluded.reasoning, "
            "finish_reason = excluded.finish_reason, model = excluded.model, input_tokens = excluded.input_tokens, "
            "output_tokens = excluded.output_tokens, counted = excluded.counted, cost = excluded.cost, "
            "error = excluded.error WHERE replies.status != 200",
            row,
        )
        if call is not None:
            connection.execute("DELETE FROM ledger WHERE id = ?", (call,))
        if reply.status == 200:
            paid = (call, project, reply.key, now, reply.input_tokens, reply.output_tokens, str(reply.cost))
            connection.execute(
                "INSERT INTO ledger (id, project, key, at, state, input_tokens, output_tokens, cost) "
                "VALUES (?,?,?,?,'paid',?,?,?)",
                paid,
            )

    return change


def forgotten(keys: Sequence[str]) -> Change:
    """Refusals that say nothing about their requests. An answer is never forgotten."""
    rows = [(key,) for key in keys]
    return lambda connection: connection.executemany(
        "DELETE FROM replies WHERE status != 200 AND key = ?", rows
    )


def settled(first: str, keys: Sequence[str]) -> Change:
    """The question that began with ``first`` has its end, after the requests ``keys``. It is asked nothing more."""
    return lambda connection: connection.execute(
        "INSERT OR IGNORE INTO settled VALUES (?, ?)", (first, json.dumps(list(keys)))
    )


def fact(endpoint: str, model: str, facts: dict[str, Any]) -> Change:
    """What is known about a model at an endpoint."""
    return lambda connection: connection.execute(
        "INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)",
        (endpoint, model, time.time(), json.dumps(facts, ensure_ascii=False)),
    )
