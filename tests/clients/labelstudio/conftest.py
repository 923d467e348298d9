"""A server that answers as told, with a session cookie and an error page as Label Studio has them."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from curate.clients.labelstudio.api import Server

COOKIE = "sessionid=c00kie-of-a-session"
PAGE = f"<html>{'Page not found. ' * 500} csrf-in-the-page</html>"
#: method, path, query, body -> what is answered: a status, or (status, JSON), or a function that plays with the connection
Answer = int | tuple[int, Any] | Callable[[BaseHTTPRequestHandler], None]


def jwt(expires: float) -> str:
    """A token as the server mints them, with a signature that nobody checks."""
    parts = [{"alg": "HS256", "typ": "JWT"}, {"token_type": "refresh", "exp": int(expires)}]
    coded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*coded, "c2lnbmF0dXJlLW9mLXRoZS10b2tlbg"])


TOKEN = jwt(time.time() + 1e9)
ACCESS = jwt(time.time() + 1e8)


class Fake:
    """``answer(method, path, query, body)`` decides; ``asked`` holds (method, path, query, body) of what came in."""

    def __init__(self) -> None:
        self.url = ""
        self.answer: Callable[[str, str, dict[str, str], Any], Answer] = lambda *_: 404
        self.asked: list[tuple[str, str, dict[str, str], Any]] = []

    def on(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        raw = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        body = json.loads(raw) if raw else None
        if parts.path.endswith("/api/token/refresh/"):
            _say(handler, 200 if body == {"refresh": TOKEN} else 401, {"access": ACCESS})
            return
        self.asked.append((handler.command, parts.path, query, body))
        told = self.answer(handler.command, parts.path, query, body)
        if callable(told):
            told(handler)
        elif isinstance(told, int):
            _say(handler, told, PAGE)
        else:
            _say(handler, *told)


def _say(handler: BaseHTTPRequestHandler, status: int, said: Any) -> None:
    raw = said.encode() if isinstance(said, str) else json.dumps(said).encode()
    handler.send_response(status)
    handler.send_header("Content-Type", "text/html" if isinstance(said, str) else "application/json")
    handler.send_header("Set-Cookie", f"{COOKIE}; HttpOnly; Path=/")
    if 300 <= status < 400:
        handler.send_header("Location", "/elsewhere/")
    handler.send_header("Content-Length", str(len(raw)))
    handler.end_headers()
    handler.wfile.write(raw)


def break_off(handler: BaseHTTPRequestHandler) -> None:
    """The connection ends without an answer."""
    handler.close_connection = True
    handler.connection.shutdown(socket.SHUT_RDWR)


@contextmanager
def listening(fake: Fake) -> Iterator[Fake]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Nothing to the terminal."""

        def do_GET(self) -> None:
            fake.on(self)

        do_POST = do_PATCH = do_GET  # noqa: N815

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield fake
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def fake() -> Iterator[Fake]:
    with listening(Fake()) as running:
        yield running


@pytest.fixture
def server(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """Reads twice at most, and does not wait in between."""
    monkeypatch.setattr("label_studio_sdk.core.http_client.INITIAL_RETRY_DELAY_SECONDS", 0.0)
    monkeypatch.setattr(Server, "pause", 0.0)
    with Server(fake.url, TOKEN, tries=2) as opened:
        yield opened
