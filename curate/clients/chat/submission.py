"""A batch on this side: which requests it holds, and how far it is, in a folder that a kill leaves usable.

::

    asked.jsonl    a request a line: its fields, the worst that it can cost, its call in the ledger; there once it is whole
    state.json     "file" once it is uploaded, "batch" once it runs
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from curate.clients.chat.body import Manner, body_of
from curate.clients.chat.budget import Worst
from curate.clients.chat.entries import sent
from curate.clients.chat.journal import Journal
from curate.clients.chat.request import Request
from curate.files import replacing, write_json

#: lines of one transaction
_TOGETHER = 500


@dataclass(frozen=True)
class Asked:
    """A request of the batch. ``call``: its number in the ledger."""

    request: Request
    worst: Worst
    call: int


class Submission:
    """The batch of a project at an endpoint that is being made, is at the server, or waits to be collected; one at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._asked, self._state = folder / "asked.jsonl", folder / "state.json"

    def __bool__(self) -> bool:
        return self._asked.is_file()

    @property
    def first(self) -> Request:
        """One of its requests: all ask one model."""
        return next(asked.request for _, asked in self.lines())

    @property
    def state(self) -> dict[str, Any]:
        """What is known of the batch."""
        try:
            return dict(json.loads(self._state.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}

    def note(self, **known: Any) -> None:
        """Write down, at once, how far the batch is."""
        write_json(self._state, self.state | known)

    def ask(self, wanted: Iterator[tuple[Request, Worst]], journal: Journal, project: str) -> int:
        """The requests of a new batch; the worst that they can cost is in the ledger before they are sent. How many."""
        self.forget()
        count = 0
        with replacing(self._asked) as temporary, temporary.open("w", encoding="utf-8") as out:
            while some := list(islice(wanted, _TOGETHER)):
                calls = journal.write(
                    [
                        sent(project, one.key, worst.input_tokens, worst.output_tokens, worst.cost)
                        for one, worst in some
                    ]
                )
                for (one, worst), call in zip(some, calls, strict=True):
                    told = {"call": call, "worst": {**asdict(worst), "cost": str(worst.cost)}}
                    out.write(f'{json.dumps(told)[:-1]}, "request": {one.canonical}}}\n')
                count += len(some)
        if not count:
            self.forget()
        return count

    def upload(self, manner: Manner) -> Path:
        """The file for the server: a request a line, named by its key."""
        path = self.folder / "upload.jsonl"
        with path.open("w", encoding="utf-8") as out:
            for _, asked in self.lines():
                line = {
                    "custom_id": asked.request.key,
                    "method": "POST",
                    "url": "/v1/chat/completions",
                    "body": body_of(asked.request, manner),
                }
                out.write(json.dumps(line, ensure_ascii=False) + "\n")
        return path

    def lines(self) -> Iterator[tuple[int, Asked]]:
        """(byte where its line begins, request) each."""
        with self._asked.open("rb") as file:
            at = 0
            for line in file:
                yield at, _asked(line)
                at += len(line)

    def at(self, place: int) -> Asked:
        """The request whose line begins there."""
        with self._asked.open("rb") as file:
            file.seek(place)
            return _asked(file.readline())

    def forget(self) -> None:
        """The batch is over."""
        self._asked.unlink(missing_ok=True)  # first: without it there is no batch
        shutil.rmtree(self.folder, ignore_errors=True)


def _asked(line: bytes) -> Asked:
    told = json.loads(line)
    worst, fields = told["worst"], told["request"]
    messages = tuple((role, content) for role, content in fields.pop("messages"))
    return Asked(
        Request(messages=messages, **fields),
        Worst(worst["input_tokens"], worst["output_tokens"], Decimal(worst["cost"])),
        told["call"],
    )
