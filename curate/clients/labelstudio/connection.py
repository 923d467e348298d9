"""A connection to a Label Studio server: the SDK's login and HTTP client, with errors in words for people."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from urllib.parse import urlsplit

from curate.clients.labelstudio import failures, logs
from curate.errors import CurateError
from curate.language import say

if TYPE_CHECKING:
    from httpx import Response
    from label_studio_sdk import LabelStudio

T = TypeVar("T")

#: tasks of one call. Reading 1,000 takes half a second; more at once is not faster, and a proxy may refuse the body
PAGE = 1000
#: seconds for an answer: an import of 1,000 tasks with marks takes one, on a loaded machine many
TIMEOUT = 180.0


class Connection:
    """Asks a server. ``url`` has no slash at its end. ``tries``: how often reading is tried; writing never is by itself."""

    def __init__(self, url: str, token: str, tries: int) -> None:
        host = _host(url)
        if not token.strip():
            raise CurateError(
                say("Label Studio 的令牌是空的", "the token of Label Studio is empty"),
                say(
                    "在 Label Studio 的 Account & Settings → Personal Access Token 里生成，放进环境变量",
                    "make one in Label Studio, Account & Settings → Personal Access Token, and put it into the environment",
                ),
            )
        try:
            import httpx
            from label_studio_sdk import LabelStudio
        except ImportError:
            raise failures.missing_sdk() from None
        logs.keep_secrets_out()
        self.url, self.tries = url.rstrip("/"), tries
        self._web = httpx.Client(
            timeout=TIMEOUT,
            follow_redirects=False,  # a POST that is redirected becomes a GET
            trust_env=host not in ("127.0.0.1", "localhost", "::1"),
        )
        make = cast("Callable[..., LabelStudio]", LabelStudio)
        # with the slash: the SDK would lose the last part of a path
        self.sdk = self.ask(
            say("登录", "log in"),
            lambda: make(
                base_url=f"{self.url}/", api_key=token.strip(), httpx_client=self._web, timeout=TIMEOUT,
                max_retries=tries - 1,
            ),
        )  # fmt: skip

    def close(self) -> None:
        self._web.close()

    def ask(self, what: str, call: Callable[[], T]) -> T:
        """What the call gives; ``what`` is told with its errors.

        The error is raised behind the block that caught the SDK's: not even as its context should that one, which holds
        cookies, travel on.
        """
        import httpx
        from label_studio_sdk.core.api_error import ApiError
        from label_studio_sdk.core.parse_error import ParsingError

        try:
            with warnings.catch_warnings():
                # the SDK still speaks to pydantic as to its first version
                warnings.filterwarnings("ignore", category=DeprecationWarning, module=r"label_studio_sdk\.")
                return call()
        except (ApiError, ParsingError) as error:
            if (error.status_code or 0) >= 300:
                failure = failures.of_status(error.status_code or 0, self.url, what)
            else:
                failure = failures.of_nonsense(self.url, what)
        except httpx.TransportError as error:
            failure = failures.of_silence(error, self.url, what)
        except (ValueError, KeyError, TypeError, httpx.HTTPError):
            failure = failures.of_nonsense(self.url, what)
        raise failure

    def get(self, what: str, path: str, *needs: str, **params: Any) -> dict[str, Any]:
        """The JSON object at a path; one that lacks a field of ``needs`` is none of a Label Studio."""

        def call() -> dict[str, Any]:
            said = self._answer("GET", path, params, None).json()
            return {**said, **{name: said[name] for name in needs}}

        return self.ask(what, call)

    def send(
        self,
        what: str,
        method: str,
        path: str,
        body: Any,
        fine: int = 200,
        params: Mapping[str, Any] | None = None,
    ) -> Response:
        """The answer to something that writes, asked once. ``fine``: a status that is no error for the caller."""
        return self.ask(what, lambda: self._answer(method, path, params or {}, body, fine))

    def found(self, what: str, path: str) -> bool:
        """Is there anything at this path?"""
        answer = self.ask(what, lambda: self._answer("GET", path, {}, None, fine=404))
        if answer.status_code == 404:
            return False
        self.ask(what, answer.json)
        return True

    def pages(
        self, what: str, project: int, params: Mapping[str, Any], filters: list[tuple[str, str, Any]]
    ) -> Iterator[dict[str, Any]]:
        """Tasks by number. Each page begins behind the last number and not at an offset, which would skip tasks when others are
        deleted meanwhile.

        Args:
            filters: (column, type, value): the column is greater.
        """
        last = 0
        while True:
            items = [
                {"filter": f"filter:tasks:{name}", "operator": "greater", "type": kind, "value": value}
                for name, kind, value in [("id", "Number", last), *filters]
            ]
            query = {"ordering": ["tasks:id"], "filters": {"conjunction": "and", "items": items}}
            asked = {**params, "project": project, "page_size": PAGE, "resolve_uri": "false"}
            page = self.get(what, "api/tasks/", "tasks", **asked, query=json.dumps(query))["tasks"]
            yield from page
            if len(page) < PAGE:
                return
            last = page[-1]["id"]

    def _answer(
        self, method: str, path: str, params: Mapping[str, Any], body: Any, fine: int = 200
    ) -> Response:
        from label_studio_sdk.core.api_error import ApiError

        again = self.tries - 1 if method == "GET" else 0
        answer = self.sdk._client_wrapper.httpx_client.request(
            path, method=method, params=dict(params), json=body, request_options={"max_retries": again}
        )
        if answer.status_code >= 300 and answer.status_code != fine:
            raise ApiError(status_code=answer.status_code)
        return answer


def _host(url: str) -> str:
    """Raises:
    CurateError: no address, or one with a password in it.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.username or parts.password:
        raise CurateError(
            say("Label Studio 的地址不对", "this is no address of a Label Studio"),
            say(
                "写成 http://127.0.0.1:8080 这样；令牌放在环境变量里，不写进地址",
                "write it like http://127.0.0.1:8080; the token goes into the environment, not into the address",
            ),
        )
    return parts.hostname
