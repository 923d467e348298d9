"""A chat server that fails as told. A prompt holds its tag as ``#tag#``; what is done with it stands in the script.

``python -m tests.servers.fault SECONDS`` starts one that answers everything after so many seconds, and prints its address;
``GET /paid`` tells how often each tag was paid.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

TAG = re.compile(r"#(.+?)#")
ANSWER = '{"answer": "是"}'


def choice(content: str | None = ANSWER, finish: str = "stop", **message: Any) -> dict[str, Any]:
    return {
        "index": 0,
        "finish_reason": finish,
        "message": {"role": "assistant", "content": content, **message},
    }


USAGE = {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120}
#: what is answered with status 200
ANSWERS: dict[str, dict[str, Any]] = {
    "ok": choice(),
    "length": choice('{"answer": "是', "length"),
    "malformed": choice("好的，答案是：是"),
    "wrong_schema": choice('{"reply": "是"}'),
    "filtered": choice("", "content_filter"),
    "refusal": choice(None, refusal="不能回答"),
    "empty": choice(""),
    "broken_off": choice('{"ans', "insufficient_system_resource"),
    "reasoning": choice(reasoning_content="想了想"),
    "think": choice(f"<think>想了想</think>\n\n{ANSWER}"),
}
ERRORS: dict[str, tuple[int, dict[str, Any]]] = {
    "quota": (429, {"message": "You exceeded your current quota", "code": "insufficient_quota"}),
    "402": (402, {"message": "Insufficient Balance", "type": "unknown_error"}),
    "arrears": (400, {"message": "Access denied", "code": "Arrearage"}),
}


@dataclass
class FaultServer:
    """Attributes:
    script: tag -> what happens to its first, second … request; the last goes on. Nothing said: ``ok``. See ``_respond``.
    received, paid: tag -> requests, and those answered with status 200 whose body was begun.
    bodies, headers: of the requests, in the order of their coming.
    """

    script: dict[str, list[str]] = field(default_factory=dict)
    delay: float = 0.0
    received: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[str] = field(default_factory=list)
    inside: int = 0
    most_inside: int = 0
    base_url: str = ""
    keep: bool = True  #: bodies and headers

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await self._one(reader, writer):
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        if head.startswith("GET"):
            _write(writer, 200, json.dumps(self.paid).encode())
            return True
        length = int(re.search(r"content-length: (\d+)", head, re.IGNORECASE)[1])  # type: ignore[index]
        body = json.loads(await reader.readexactly(length))
        tag = TAG.search(body["messages"][-1]["content"]) or TAG.search(json.dumps(body, ensure_ascii=False))
        name = tag[1] if tag else ""
        if self.keep:
            self.bodies.append(body)
            self.headers.append(head)
        happens = self.script.get(name, ["ok"])
        number = self.received[name]
        self.received[name] += 1
        self.inside += 1
        self.most_inside = max(self.most_inside, self.inside)
        try:
            return await self._respond(happens[min(number, len(happens) - 1)], name, head, writer)
        finally:
            self.inside -= 1

    async def _respond(self, what: str, tag: str, head: str, writer: asyncio.StreamWriter) -> bool:
        """Answer, or fail; False: the connection ends here."""
        if self.delay:
            await asyncio.sleep(self.delay)
        kind, _, detail = what.partition(" ")
        if kind == "slow":
            await asyncio.sleep(float(detail))
            kind = "ok"
        if kind == "hang":
            await asyncio.sleep(30)
        if kind in ("hang", "drop"):
            return False
        if kind.isdigit() or kind in ERRORS:
            self._fail(kind, detail, head, writer)
            return True
        if kind == "error200":
            _write(writer, 200, json.dumps({"error": {"message": "upstream", "code": 502}}).encode())
            return True
        self.paid[tag] += 1
        if kind == "not_json":
            _write(writer, 200, b"<html>busy</html>")
            return True
        body: dict[str, Any] = {
            "model": "m-1",
            "choices": [ANSWERS["ok" if kind in ("cut", "no_usage") else kind]],
        }
        if kind != "no_usage":
            body["usage"] = USAGE
        raw = json.dumps(body, ensure_ascii=False).encode()
        if kind == "cut":
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n")
            writer.write(b"content-length: %d\r\n\r\n" % len(raw) + raw[: len(raw) // 2])
            await writer.drain()
            return False
        _write(writer, 200, raw)
        return True

    def _fail(self, kind: str, detail: str, head: str, writer: asyncio.StreamWriter) -> None:
        status, error = ERRORS.get(
            kind, (int(kind) if kind.isdigit() else 0, {"message": f"scripted {kind}"})
        )
        extra = {}
        if detail == "echo":
            error = {"message": f"Incorrect API key: {re.search(r'Bearer (.+)', head)[1].strip()}"}  # type: ignore[index]
        elif detail == "date":
            extra["retry-after"] = format_datetime(datetime.now(UTC) + timedelta(seconds=60), usegmt=True)
        elif detail:
            extra["retry-after"] = detail
        _write(writer, status, json.dumps({"error": error}).encode(), extra)


def _write(
    writer: asyncio.StreamWriter, status: int, raw: bytes, headers: dict[str, str] | None = None
) -> None:
    lines = {"content-type": "application/json", "content-length": len(raw), **(headers or {})}
    told = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    writer.write(f"HTTP/1.1 {status} X\r\n{told}\r\n".encode() + raw)


@asynccontextmanager
async def listening(server: FaultServer) -> AsyncIterator[None]:
    there = await asyncio.start_server(server.serve, "127.0.0.1", 0, backlog=512)
    server.base_url = f"http://127.0.0.1:{there.sockets[0].getsockname()[1]}/v1"
    try:
        yield
    finally:
        there.close()


@contextmanager
def running(server: FaultServer) -> Iterator[FaultServer]:
    """The server in a thread of its own."""
    started, loop = threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()

    async def life() -> None:
        async with listening(server):
            started.set()
            await over.wait()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    thread = threading.Thread(target=lambda: loop.run_until_complete(life()), daemon=True)
    thread.start()
    started.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(5)
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()


async def _main(delay: float) -> None:
    server = FaultServer(delay=delay, keep=False)
    async with listening(server):
        print(server.base_url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1])))
