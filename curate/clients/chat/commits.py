"""Group commit: changes of the journal that come while one transaction is written go into the next, together."""

from __future__ import annotations

import asyncio
from typing import Any

from curate.clients.chat.entries import Change
from curate.clients.chat.journal import Journal


class Commits:
    """The journal, for the tasks of one event loop. The loop goes on while the disk writes."""

    def __init__(self, journal: Journal) -> None:
        self.journal = journal
        self._queued: list[tuple[Change, asyncio.Future[Any]]] = []
        self._writing: asyncio.Task[None] | None = None

    def later(self, change: Change) -> asyncio.Future[Any]:
        """Write it with the next transaction; the future is done when it is on the disk."""
        done = asyncio.get_running_loop().create_future()
        self._queued.append((change, done))
        if self._writing is None:
            self._writing = asyncio.create_task(self._write())
        return done

    async def now(self, change: Change) -> Any:
        """What the change gave back, once it is on the disk."""
        # a task that is cancelled here does not take the change away
        return await asyncio.shield(self.later(change))

    async def end(self) -> None:
        """Wait for all that is queued."""
        if self._writing:
            await self._writing

    async def _write(self) -> None:
        while self._queued:
            queued, self._queued = self._queued, []
            try:
                given = await asyncio.to_thread(self.journal.write, [change for change, _ in queued])
            except Exception as error:
                for _, done in queued:
                    done.set_exception(error)
                    done.exception()  # seen: not every change has someone who waits for it
                continue
            for (_, done), value in zip(queued, given, strict=True):
                if not done.cancelled():
                    done.set_result(value)
        self._writing = None
