"""The way to a server: the key from the environment, and no word of it anywhere else."""

from __future__ import annotations

import ipaddress
import os
import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from curate.clients.chat.request import Endpoint
from curate.errors import CurateError
from curate.language import say

if TYPE_CHECKING:
    from openai import AsyncOpenAI

#: what looks like a key in a server's words: OpenAI's 401 shows a part of it
_SECRET = re.compile(r"\bsk-[\w*-]{6,}|(?<=Bearer )[\w.~+/=-]{6,}", re.IGNORECASE)
MASKED = "***"
#: a key with fewer characters is no secret but what local servers are given (x, EMPTY, none): to take it out of an answer
#: would break the words that it is a part of
_SHORTEST = 8
#: what servers without keys are shown
_NO_KEY = "none"
#: seconds to reach a server
_CONNECT = 10.0


def key_of(endpoint: Endpoint) -> str:
    """The key; empty where the endpoint names no variable.

    Raises:
        CurateError: the variable is not set, or the address holds a secret.
    """
    address = urlsplit(endpoint.base_url)
    if address.username or address.password:
        raise CurateError(
            say("base_url 里不能有用户名和密码", "base_url must not hold a user or a password"),
            say(
                "密钥放在环境变量里，用 key_env 指明",
                "put the key into the environment and name it by key_env",
            ),
        )
    if address.scheme not in ("http", "https") or not address.hostname:
        raise CurateError(
            say(f"base_url 不是网址：{endpoint.base_url}", f"base_url is no address: {endpoint.base_url}"),
            say("写成 https://api.deepseek.com/v1 这样", "write it like https://api.deepseek.com/v1"),
        )
    if not endpoint.key_env:
        return ""
    key = os.environ.get(endpoint.key_env, "").strip()
    if not key:
        raise CurateError(
            say(
                f"环境变量 {endpoint.key_env} 没有设置",
                f"the environment variable {endpoint.key_env} is not set",
            ),
            say(f"先运行 export {endpoint.key_env}=…", f"run export {endpoint.key_env}=… first"),
        )
    return key


def without_key(raw: bytes, key: str) -> bytes:
    """What a server said, without the key."""
    return raw.replace(key.encode(), MASKED.encode()) if len(key) >= _SHORTEST else raw


def masked(text: str, key: str) -> str:
    """The text without the key, and without what looks like one."""
    return _SECRET.sub(MASKED, without_key(text.encode(errors="replace"), key).decode())


def connect(endpoint: Endpoint) -> AsyncOpenAI:
    """A client that never retries: retries have one owner, the engine."""
    import httpx2
    from openai import AsyncOpenAI

    here = _loopback(endpoint.base_url)
    return AsyncOpenAI(
        # without one the library would take OPENAI_API_KEY and send it to whatever server this is
        api_key=key_of(endpoint) or _NO_KEY,
        base_url=endpoint.base_url,
        max_retries=0,
        http_client=httpx2.AsyncClient(
            # POSTs that are redirected become GETs, or carry the key elsewhere: an error with what to do is better
            follow_redirects=False,
            trust_env=not here,
            # reading the certificates of the system takes longer than many a test
            verify=not (here and endpoint.base_url.startswith("http:")),
            timeout=httpx2.Timeout(endpoint.timeout, connect=min(_CONNECT, endpoint.timeout)),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=endpoint.concurrency),
        ),
    )


def _loopback(base_url: str) -> bool:
    """A server on this machine is never reached through a proxy."""
    host = urlsplit(base_url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
