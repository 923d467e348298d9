"""How long the server wants us to wait, and what looks like a key."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from curate.clients.chat.connect import connect, key_of, masked
from curate.clients.chat.failures import retry_after
from curate.clients.chat.request import Endpoint
from curate.errors import CurateError


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "20"}, 20),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after": "-3"}, 0),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 GMT"}, 0),
        ({"retry-after": "Fri, 31 Dec 1999 23:59:59 -0000"}, 0),
    ],
)
def test_the_wait_that_a_server_asks_for(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


def test_a_date_is_a_wait_from_now() -> None:
    moment = datetime.now(UTC) + timedelta(seconds=30)
    assert 27 < (retry_after({"retry-after": format_datetime(moment, usegmt=True)}) or 0) <= 30


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Incorrect API key: sk-proj-ab*****wxyz.", "Incorrect API key: ***."),
        ("Authorization: Bearer abcdef.ghi-j", "Authorization: Bearer ***"),
        ("key my-own-key is wrong", "key *** is wrong"),
        ("task-force, risk-averse", "task-force, risk-averse"),
    ],
)
def test_keys_are_masked(text: str, kept: str) -> None:
    assert masked(text, "my-own-key") == kept


@pytest.mark.parametrize(
    "url", ["http://user:pw@host/v1", "http://user@host/v1", "api.deepseek.com/v1", "ftp://host/v1", ""]
)
def test_an_address_with_a_secret_or_without_a_host_is_refused(url: str) -> None:
    with pytest.raises(CurateError, match="base_url"):
        key_of(Endpoint(url))


def test_another_services_key_is_never_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-another-service")
    client = connect(Endpoint("http://127.0.0.1:9/v1"))
    assert client.api_key == "none"
    assert client.max_retries == 0


@pytest.mark.parametrize(
    ("url", "direct"), [("http://127.0.0.1:9/v1", True), ("http://[::1]:9/v1", True), ("http://localhost/v1", True), ("http://10.0.0.1/v1", False)]
)  # fmt: skip
def test_a_server_on_this_machine_is_not_reached_through_a_proxy(
    url: str, direct: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:3128")
    assert connect(Endpoint(url))._client.trust_env is not direct
