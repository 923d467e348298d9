"""What a batch brought: its files, line by line, into the journal."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any

from curate.clients.chat.answer import Unreadable, error_in, refused, reply_of
from curate.clients.chat.connect import masked, without_key
from curate.clients.chat.entries import Change, answered, forgotten, lost, unpaid
from curate.clients.chat.failures import ROW
from curate.clients.chat.journal import Journal
from curate.clients.chat.request import Price, Reply, Request
from curate.clients.chat.submission import Asked, Submission

#: refusals without any answer that are no matter of the rows
FAR_TOO_MANY = 20
#: lines of one transaction
_TOGETHER = 200


class BatchAnswers:
    """The answers to one submission. Each request is told once, in whatever order and file.

    Attributes:
        keys: of the requests that have a reply now, refusals among them.
        why: key -> why there is none; another batch asks it again.
        refusal: the server's words, where it refused a request.
        count: calls, paid, input_tokens, output_tokens.
    """

    def __init__(
        self,
        submission: Submission,
        journal: Journal,
        project: str,
        price: Price | None,
        sent_as: str,
        secret: str,
    ) -> None:
        self.submission, self.journal, self.project = submission, journal, project
        self.price, self.sent_as, self.secret = price, sent_as, secret
        self.places = {asked.request.key: place for place, asked in submission.lines()}
        self.keys: set[str] = set()
        self.why: dict[str, str] = {}
        self.refusal = ""
        self.count = Counter(calls=len(self.places))
        self.cost = Decimal(0)

    def take(self, path: Path) -> None:
        """The lines of an output file or an error file."""
        changes: list[Change] = []
        with path.open("rb") as file:
            for line in file:
                told = _told(line)
                place = self.places.pop(told.get("custom_id", ""), None)
                if place is None:
                    continue  # cut, or told twice
                changes.append(self._change(told, self.submission.at(place)))
                if len(changes) == _TOGETHER:
                    self.journal.write(changes)
                    changes = []
        self.journal.write(changes)

    def end(self, status: str) -> None:
        """No more files: what was not told has no answer. ``status``: of the batch."""
        changes: list[Change] = []
        for key, place in self.places.items():
            self.why[key] = f"batch {status}"
            call = self.submission.at(place).call
            # a batch that ran to its end and lost a line may have billed it
            changes.append(lost(call, self.why[key]) if status == "completed" else unpaid(call))
        self.journal.write(changes)
        self.submission.forget()

    def refuses_all(self) -> str:
        """The server's words, where it refused request after request and answered none. Then not the rows are at fault but how
        they are sent, and the journal forgets it: once that is mended they shall be asked again.
        """
        if self.count["paid"] or len(self.keys) < FAR_TOO_MANY:
            return ""
        self.journal.write([forgotten(sorted(self.keys))])
        return self.refusal

    def _change(self, told: dict[str, Any], asked: Asked) -> Change:
        request, response = asked.request, told.get("response") or {}
        status, body = response.get("status_code", 0), response.get("body")
        text = json.dumps(body or {"error": told.get("error")}, ensure_ascii=False)
        if status == 200:
            raw = without_key(text.encode(), self.secret)
            try:
                reply = reply_of(request, raw, self.price)
            except Unreadable as error:
                self.why[request.key] = str(error)
                return lost(asked.call, str(error))
            self.count.update(paid=1, input_tokens=reply.input_tokens, output_tokens=reply.output_tokens)
            self.cost += reply.cost
            return self._answered(request, raw, reply, asked.call)
        raw = masked(text, self.secret).encode()
        words = error_in(raw)[0]
        if status in ROW:
            self.refusal = f"{status} {words}"
            return self._answered(request, raw, refused(request, status, words), asked.call)
        self.why[request.key] = f"{status or ''} {words}".strip()
        return unpaid(asked.call)

    def _answered(self, request: Request, raw: bytes, reply: Reply, call: int) -> Change:
        self.keys.add(request.key)
        return answered(request, raw, reply, self.project, self.sent_as, call)


def _told(line: bytes) -> dict[str, Any]:
    """A line of the server's; one that is cut tells nothing."""
    try:
        told = json.loads(line)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}
