"""A server of files and batches as OpenAI's (``/v1/files``, ``/v1/batches``), on 127.0.0.1, that does what its script says.

Prompts name themselves by ``#tag#``; ``script`` gives the outcomes of a tag, one an attempt, the last for all further:
``ok``, ``truncated``, ``malformed``, ``refused`` (400), ``failing`` (500), ``expired`` (the batch is), ``missing`` (no line at all), ``twice``.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TAG = re.compile(r"#(\w+)#")


@dataclass
class BatchServer:
    """What it shall do, and what it has seen.

    Attributes:
        polls: looks at a batch until it is done.
        cut: paths after whose work the connection is dropped once, as by a kill in between, such as ``POST /v1/batches``.
        invalid: the words with which each file is found wanting; empty where it is not.
        status: what requests are answered with instead of 200, such as ``{"POST /v1/batches": 404}``.
        paid: answers made, by tag.
        seen: method and path of each request.
    """

    script: dict[str, list[str]] = field(default_factory=dict)
    polls: int = 1
    cut: list[str] = field(default_factory=list)
    status: dict[str, int] = field(default_factory=dict)
    invalid: str = ""
    answer: str = '{"answer": "好"}'
    base_url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    batches: dict[str, dict[str, Any]] = field(default_factory=dict)
    looked: Counter[str] = field(default_factory=Counter)
    tried: Counter[str] = field(default_factory=Counter)
    paid: Counter[str] = field(default_factory=Counter)
    seen: list[str] = field(default_factory=list)

    def submitted(self, file: str) -> dict[str, Any]:
        """A new batch of an uploaded file."""
        name = f"batch-{len(self.batches) + 1}"
        self.batches[name] = {
            "id": name, "object": "batch", "endpoint": "/v1/chat/completions", "input_file_id": file, "created_at": 1,
            "completion_window": "24h", "status": "validating",
        }  # fmt: skip
        return self.batches[name]

    def looked_at(self, name: str) -> dict[str, Any]:
        """The batch, a step further."""
        batch = self.batches[name]
        self.looked[name] += 1
        if batch["status"] in ("validating", "in_progress"):
            batch["status"] = "in_progress"
            if self.invalid:
                batch |= {"status": "failed", "errors": {"data": [{"message": self.invalid, "line": 1}]}}
            elif self.looked[name] >= self.polls:
                self._work(batch)
        return batch

    def _work(self, batch: dict[str, Any]) -> None:
        """Each line's outcome; answers come in another order than the questions."""
        done, wrong, status = [], [], "completed"
        for line in reversed(self.files[batch["input_file_id"]].splitlines()):
            asked = json.loads(line)
            found = TAG.search(str(asked["body"]["messages"]))
            tag = found[1] if found else ""
            outcomes = self.script.get(tag, ["ok"])
            outcome = outcomes[min(self.tried[tag], len(outcomes) - 1)]
            self.tried[tag] += 1
            told = {"id": f"line-{tag}", "custom_id": asked["custom_id"], "error": None}
            if outcome in ("ok", "twice", "truncated", "malformed"):
                self.paid[tag] += 1
                answer = {"status_code": 200, "body": self._completion(asked["body"]["model"], outcome)}
                done += [told | {"response": answer}] * (2 if outcome == "twice" else 1)
            elif outcome in ("refused", "failing"):
                code = 400 if outcome == "refused" else 500
                wrong.append(told | {"response": {"status_code": code, "body": {"error": {"message": "no"}}}})
            elif outcome == "expired":
                status = "expired"
                wrong.append(told | {"response": None, "error": {"code": "batch_expired", "message": "late"}})
        batch["status"] = status
        for part, lines in (("output_file_id", done), ("error_file_id", wrong)):
            if lines:
                batch[part] = f"{batch['id']}-{part}"
                self.files[batch[part]] = "".join(f"{json.dumps(one)}\n" for one in lines).encode()

    def _completion(self, model: str, outcome: str) -> dict[str, Any]:
        text = {"truncated": self.answer[:5], "malformed": "好的！"}.get(outcome, self.answer)
        why = "length" if outcome == "truncated" else "stop"
        return {
            "id": "1", "object": "chat.completion", "created": 1, "model": model,
            "choices": [{"index": 0, "finish_reason": why, "message": {"role": "assistant", "content": text}}],
            "usage": {"prompt_tokens": 10, "completion_tokens": 4, "total_tokens": 14},
        }  # fmt: skip


def _file(body: bytes) -> bytes:
    """The file within a multipart form."""
    border = body.split(b"\r\n", 1)[0]
    [part] = [part for part in body.split(border) if b'name="file"' in part]
    return part.split(b"\r\n\r\n", 1)[1].removesuffix(b"\r\n")


@contextmanager
def served(server: BatchServer) -> Iterator[BatchServer]:
    """The server runs while the block does; its address is ``base_url``."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet: else each answer waits for a delayed acknowledgement

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if f"POST {self.path}" in server.status:
                self._tell({"error": {"message": "not today"}})
            elif self.path == "/v1/files":
                name = f"file-{len(server.files) + 1}"
                server.files[name] = _file(body)
                self._tell({"id": name, "object": "file", "bytes": 1, "created_at": 1, "filename": "x", "purpose": "batch"})  # fmt: skip
            else:
                self._tell(server.submitted(json.loads(body)["input_file_id"]))

        def do_GET(self) -> None:
            parts = self.path.partition("?")[0].split("/")
            if parts[2] == "files":
                self._send(server.files[parts[3]])
            elif len(parts) == 4:
                self._tell(server.looked_at(parts[3]))
            else:
                batches = list(reversed(server.batches.values()))
                self._tell({"object": "list", "data": batches, "has_more": False})

        def _tell(self, body: Any) -> None:
            self._send(json.dumps(body).encode())

        def _send(self, body: bytes) -> None:
            what = f"{self.command} {self.path.partition('?')[0]}"
            server.seen.append(what)
            if what in server.cut:
                server.cut.remove(what)
                self.close_connection = True
                return
            self.send_response(server.status.get(what, 200))
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        listening.daemon_threads = True
        server.base_url = f"http://127.0.0.1:{listening.server_port}/v1"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
