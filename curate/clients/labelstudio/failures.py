"""What a failed call to Label Studio means for the person who made it.

The server's words stay out of the messages: an error page is 170 kB of HTML, and the library's text of an error holds the session's
cookie.
"""

from __future__ import annotations

from curate.errors import CurateError
from curate.language import say


class Unsure(CurateError):
    """No answer, or one that says that the server broke: it may have done what was asked, or not."""


def missing_sdk() -> CurateError:
    return CurateError(
        say("没有安装 label-studio-sdk", "label-studio-sdk is not installed"),
        say("运行 pip install 'curate[labelstudio]'", "run pip install 'curate[labelstudio]'"),
    )


def of_status(status: int, url: str, what: str) -> CurateError:
    """An answer with an error, or with a redirect. ``what``: what was asked for."""
    told = f"Label Studio {url}: {what}: HTTP {status}"
    if status >= 500:
        return Unsure(
            told, say("看服务器的日志；之后再运行一次", "look into the server's log; then run it again")
        )
    return CurateError(told, _HINTS.get(status, _redirected if 300 <= status < 400 else _refused)())


def of_silence(error: Exception, url: str, what: str) -> CurateError:
    """The connection failed, or the answer took too long."""
    import httpx

    if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout):
        return Unsure(
            say(f"连不上 Label Studio：{url}（{what}）", f"Label Studio cannot be reached: {url} ({what})"),
            say(
                "检查地址、端口和证书；本机的服务器用 make labelstudio 启动",
                "check address, port and certificate; make labelstudio starts one on this machine",
            ),
        )
    if isinstance(error, httpx.TimeoutException):
        return Unsure(
            say(f"Label Studio 太久没有回答：{url}（{what}）", f"Label Studio took too long: {url} ({what})"),
            say("等服务器空下来，再运行一次", "wait until the server is less busy, then run it again"),
        )
    # the class alone: a text may hold what was sent
    return Unsure(
        say(
            f"与 Label Studio 的连接断了：{url}（{what}，{type(error).__name__}）",
            f"the connection to Label Studio broke: {url} ({what}, {type(error).__name__})",
        ),
        say("再运行一次，会接着做", "run it again, it goes on where it was"),
    )


def of_nonsense(url: str, what: str) -> CurateError:
    """An answer that is no JSON, or not that of a Label Studio."""
    return CurateError(
        say(f"{url} 的回答不像 Label Studio（{what}）", f"what {url} answers is not Label Studio's ({what})"),
        say(
            "检查地址，前面是否有登录页或代理",
            "check the address, and whether a login page or proxy is before it",
        ),
    )


def _redirected() -> str:
    return say(
        "地址被重定向：写最终的地址（如 https://…）",
        "the address is redirected: give the final one (such as https://…)",
    )


def _refused() -> str:
    return say("服务器不接受这个请求；看服务器的日志", "the server refuses this; look into its log")


_HINTS = {
    401: lambda: say(
        "令牌不对或已失效：在 Label Studio 的 Account & Settings → Personal Access Token 里重新生成",
        "the token is wrong or expired: make a new one in Label Studio, Account & Settings → Personal Access Token",
    ),
    403: lambda: say(
        "这个账号没有权限；换一个令牌，或请管理员开通",
        "this account may not do that; use another token, or ask the administrator",
    ),
    404: lambda: say(
        "服务器上没有它：被删除了，或地址不对", "it is not on the server: deleted, or the address is wrong"
    ),
    413: lambda: say("一次发得太多，代理不收：放宽它的上限", "too much at once for a proxy: raise its limit"),
}
