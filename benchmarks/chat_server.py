"""A chat server that answers at once, or after ``--delay`` seconds, and counts: what a client costs when the model costs nothing.

It speaks as much of HTTP/1.1 and of ``/v1/chat/completions`` as a client of the ``openai`` package needs. A request counts as paid
when it has arrived, also where the one who asked is gone before the answer: providers see it so. Prompts name themselves by
``#number#``; ``GET /told`` gives ``{"paid", "distinct"}`` of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import subprocess
import sys
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
NUMBER = re.compile(rb"#(\d+)#")
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
ANSWER = json.dumps(
    {
        "question": "第十二届华东装备展览会的展出面积和参展企业数量分别是多少？",
        "answer": "第十二届华东装备展览会展出面积 3.6 万平方米，共有 1,200 家企业参展，其中境外企业 86 家。"
        * 3,
    },
    ensure_ascii=False,
)
COMPLETION = {
    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "instant",
    "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": ANSWER}}],
    "usage": {"prompt_tokens": 300, "completion_tokens": 150, "total_tokens": 450},
}  # fmt: skip


def _response(body: Any) -> bytes:
    told = json.dumps(body, ensure_ascii=False).encode()
    head = f"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {len(told)}\r\n\r\n"
    return head.encode() + told


class Answering(asyncio.Protocol):
    """One connection, kept open; requests follow each other on it."""

    COMPLETED = _response(COMPLETION)

    def __init__(self, paid: Counter[bytes], delay: float) -> None:
        self.paid, self.delay, self.waiting = paid, delay, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where the answers go."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        self.waiting += data
        while (end := self.waiting.find(b"\r\n\r\n")) >= 0:
            found = LENGTH.search(self.waiting, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self.waiting) < whole:
                return
            request, self.waiting = self.waiting[:whole], self.waiting[whole:]
            if request.startswith(b"GET"):
                told = {"paid": self.paid.total(), "distinct": len(self.paid)}
                self.transport.write(_response(told))
                continue
            number = NUMBER.search(request, end)
            self.paid[number[1] if number else b""] += 1
            if self.delay:
                asyncio.get_running_loop().call_later(self.delay, self.transport.write, self.COMPLETED)
            else:
                self.transport.write(self.COMPLETED)


async def serve(delay: float) -> None:
    """Print the base URL, then answer until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(partial(Answering, Counter(), delay), "127.0.0.1", 0, backlog=512)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


@contextmanager
def served(delay: float = 0) -> Iterator[str]:
    """The base URL of a server in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.chat_server", "--delay", str(delay)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdin and process.stdout
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.wait(30)
        process.stdout.close()


def told(base_url: str) -> dict[str, int]:
    """What the server counted since its start."""
    with urllib.request.urlopen(f"{base_url}/told") as answer:
        counts: dict[str, int] = json.load(answer)
    return counts


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--delay", type=float, default=0)
    asyncio.run(serve(parser.parse_args().delay))
