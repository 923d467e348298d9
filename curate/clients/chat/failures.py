"""What a failed call means: ask again, the row's own fault, or stop everything."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

from curate.clients.chat.answer import Unreadable, error_in
from curate.clients.chat.connect import masked
from curate.clients.chat.request import Endpoint
from curate.errors import CurateError
from curate.language import say

if TYPE_CHECKING:
    from collections.abc import Mapping

#: the request itself is at fault: it would be refused again
ROW = {400, 413, 422, 451}
#: asked again, it may go well (and 5xx)
PASSING = {408, 409, 425, 429}
#: a gateway gave up waiting; the model behind it may have gone on, and been billed
LATE = {408, 504, 524}
#: codes and types in the bodies of 400, 403 and 429 that mean: no money left. DeepSeek says 402
NO_MONEY = {
    *("insufficient_quota", "billing_hard_limit_reached", "billing_not_active"),  # OpenAI
    *("exceeded_current_quota_error", "insufficient_balance"),  # Moonshot and others
    *("Arrearage", "AllocationQuota.FreeTierOnly"),  # DashScope
    "1113",  # Zhipu
}


@dataclass(frozen=True)
class Passing:
    """Ask again.

    Attributes:
        after: seconds that the server wants us to wait.
        free: it cost nothing for certain.
        slow: we were too fast (429).
    """

    why: str
    after: float | None = None
    free: bool = True
    slow: bool = False


@dataclass(frozen=True)
class Refusal:
    """The request itself is at fault. ``raw``: the body of the answer."""

    status: int
    error: str
    raw: bytes


def verdict_on(error: Exception, endpoint: Endpoint, model: str, key: str) -> Passing | Refusal | CurateError:
    """What to do about an exception of ``openai``, a timeout of ours, or an unreadable body; others are raised again.

    Args:
        key: the secret, so that no text keeps it.
    """
    import httpx2
    from openai import APIConnectionError, APIStatusError

    if isinstance(error, APIStatusError):
        return _of_status(
            error.status_code, error.response.headers, error.response.content, endpoint, model, key
        )
    if isinstance(error, Unreadable):
        if error.code is not None and error.code >= 400:
            told = str(error).encode()
            return _of_status(error.code, {}, told, endpoint, model, key)
        return Passing(masked(str(error), key), free=False)
    if isinstance(error, TimeoutError):
        return Passing(
            say(f"{endpoint.timeout:g} 秒内没有回答", f"no answer in {endpoint.timeout:g} s"), free=False
        )
    if isinstance(error, APIConnectionError):
        cause = error.__cause__ or error
        # the connection never stood, so nothing was asked
        free = isinstance(cause, httpx2.ConnectError | httpx2.ConnectTimeout | httpx2.PoolTimeout)
        return Passing(masked(f"{type(cause).__name__}: {cause}", key), free=free)
    raise error


def _of_status(
    status: int, headers: Mapping[str, str], raw: bytes, endpoint: Endpoint, model: str, key: str
) -> Passing | Refusal | CurateError:
    told, codes = error_in(raw)
    told = masked(told, key)
    if status == 402 or codes & NO_MONEY:
        return _no_money(status, told, endpoint)
    if status in ROW:
        return Refusal(status, told, masked(raw.decode(errors="replace"), key).encode())
    if status in PASSING or status >= 500:
        return Passing(
            f"{status} {told}".strip(), retry_after(headers), status not in LATE, slow=status == 429
        )
    return _stops(status, told, endpoint, model)


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server wants us to wait: ``Retry-After`` in seconds or as a date (RFC 9110, 10.2.3), or OpenAI's
    ``retry-after-ms``.
    """
    try:
        return max(0.0, float(headers["retry-after-ms"]) / 1000)
    except (KeyError, ValueError):
        pass
    told = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(told))
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(told)
    except ValueError:
        return None
    return max(0.0, (moment.replace(tzinfo=moment.tzinfo or UTC) - datetime.now(UTC)).total_seconds())


def _no_money(status: int, told: str, endpoint: Endpoint) -> CurateError:
    return CurateError(
        say(
            f"{endpoint.base_url} 的账户没有余额或额度（{status}）：{told}",
            f"the account at {endpoint.base_url} has no money or quota left ({status}): {told}",
        ),
        say("充值或换一个密钥后再运行，会接着做", "top it up or change the key, then run again: it goes on"),
    )


def _stops(status: int, told: str, endpoint: Endpoint, model: str) -> CurateError:
    variable = endpoint.key_env or say("（配方没有写 key_env）", "(the recipe names no key_env)")
    hints = {
        401: say(f"检查环境变量 {variable} 里的密钥", f"look at the key in {variable}"),
        403: say(
            f"检查环境变量 {variable} 里的密钥有没有使用 {model} 的权限",
            f"see whether the key in {variable} may use {model}",
        ),
        404: say(
            f"检查 base_url（多半以 /v1 结尾）和模型名 {model}",
            f"look at base_url (it mostly ends in /v1) and at the model's name {model}",
        ),
    }
    other = say("检查配方里的 base_url", "look at base_url in the recipe")
    return CurateError(
        say(
            f"{endpoint.base_url} 拒绝了请求（{status}）：{told}",
            f"{endpoint.base_url} refused ({status}): {told}",
        ),
        hints.get(status, other),
    )
