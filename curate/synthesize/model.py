"""The model that a recipe names: where it is, what it costs, how it samples, and what may be spent."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import Field, field_validator

from curate.clients.chat.request import Endpoint, Price
from curate.environment import filled, named_in, shown, unset
from curate.language import say
from curate.options import problem
from curate.unit import Form

#: Fields of a request's body that say who answers what, at which price: nothing else may set them.
OURS = {
    "model", "messages", "max_tokens", "max_completion_tokens", "stream", "n", "response_format", "temperature", "top_p", "seed",
}  # fmt: skip


class PriceOfTokens(Form):
    """每百万 token 的价格。 / The price of a million tokens."""

    input: Decimal = Field(ge=0)
    """输入 / of the prompt"""
    output: Decimal = Field(ge=0)
    """输出 / of the answer"""
    currency: str = "CNY"
    """币种 / the currency"""


class Budget(Form):
    """这份配方最多花多少，一共算，不是每次运行。 / What the recipe may spend in all, not in a run."""

    money: Decimal | None = Field(None, ge=0)
    """钱，按 price 的币种 / money, in the currency of the price"""
    calls: int | None = Field(None, ge=0)
    """付费的请求数 / paid requests"""
    tokens: int | None = Field(None, ge=0)
    """token 数，输入加输出 / tokens, of prompts and answers"""


class Offline(Form):
    """离线批量接口：便宜，但要等几小时到一天。 / The offline Batch API: cheaper, within a day."""

    discount: Decimal = Field(Decimal("0.5"), ge=0, lt=1)
    """比 price 便宜多少（0–1） / what is taken off the price"""
    wait_minutes: float = Field(0, ge=0)
    """提交后等多少分钟；没等到就停下，以后再运行会接着做 / minutes to wait for it; else run again later"""


class Model(Form):
    """一个 OpenAI 兼容接口上的大模型。 / A language model behind an OpenAI-compatible endpoint.

    ``${NAME}`` in ``base_url`` and ``name`` is read from the environment; the key always is.
    """

    name: str = Field(min_length=1)
    """模型名，如 deepseek-chat / the model's name"""
    base_url: str = Field(min_length=1)
    """接口地址，如 https://api.deepseek.com/v1 或 ${LLM_BASE_URL} / the address, or an environment variable in ${}"""
    key_env: str = Field("", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")
    """存放密钥的环境变量名；密钥不写在配方里 / the environment variable that holds the key"""
    price: PriceOfTokens | None = None
    """价格 / the price"""
    temperature: float | None = Field(0.7, ge=0, le=2)
    """温度 / the temperature"""
    top_p: float | None = Field(None, gt=0, le=1)
    """top_p"""
    max_tokens: int = Field(1024, ge=1)
    """一个回答最多多少 token；截断时加倍重问一次 / tokens of an answer at the most; doubled once where it is cut"""
    seed: int | None = None
    """随机种子 / the seed"""
    structured: Literal["auto", "json_schema", "json_object", "prompt"] = "auto"
    """怎样要求 JSON 回答：auto 先问一次接口 / how answers are held to JSON; auto asks the server once"""
    extra: dict[str, Any] = {}
    """请求里另加的字段，如 {enable_thinking: false} / further fields of the request's body"""
    concurrency: int = Field(16, ge=1)
    """同时最多多少个请求 / requests in flight at the most"""
    requests_per_minute: int | None = Field(None, ge=1)
    """每分钟最多多少请求 / requests a minute at the most"""
    tokens_per_minute: int | None = Field(None, ge=1)
    """每分钟最多多少 token / tokens a minute at the most"""
    timeout: float = Field(120, gt=0)
    """一次请求最多等多少秒 / seconds for one attempt"""
    offline: Offline | None = None
    """用离线批量接口；写 {} 用默认值 / ask by the offline Batch API; {} for its defaults"""

    @field_validator("base_url")
    @classmethod
    def _an_address(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.username or parts.password or parts.query or parts.fragment:
            raise problem(
                say(
                    "base_url 里不能有用户名、密码和 ? # 后面的内容",
                    "base_url must hold no user, no password, no query and no fragment",
                ),
                say(
                    "密钥放在环境变量里，用 key_env 指明",
                    "put the key into the environment and name it by key_env",
                ),
            )
        if "${" not in url and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise problem(
                say(f"base_url 不是网址：{url}", f"base_url is no address: {url}"),
                say("写成 https://api.deepseek.com/v1 这样", "write it like https://api.deepseek.com/v1"),
            )
        return url

    @field_validator("extra")
    @classmethod
    def _nothing_of_ours(cls, extra: dict[str, Any]) -> dict[str, Any]:
        ours = sorted(OURS & set(extra))
        if ours:
            raise problem(
                say(
                    f"extra 里不能写 {ours[0]}：它由 curate 填写",
                    f"extra must not hold {ours[0]}: curate fills it",
                ),
                say(
                    "温度、长度等写在 model 下面；其他的去掉",
                    "temperature, length and the like stand below model; leave the others out",
                ),
            )
        return extra

    @property
    def missing(self) -> list[str]:
        """The environment variables that it needs and that are not set."""
        own = [self.key_env] if self.key_env else []
        return unset([*named_in(self.base_url), *named_in(self.name), *own])

    @property
    def called(self) -> str:
        """The model's name, with what it takes from the environment; as it is written where that is not set."""
        return shown(self.name)

    def sampling(self) -> dict[str, Any]:
        """What changes an answer besides the messages."""
        names = ("temperature", "top_p", "max_tokens", "seed", "extra")
        return {name: getattr(self, name) for name in names}

    def endpoint(self, *, asked: bool = True) -> Endpoint:
        """The endpoint; where it is not asked, as in a dry run, its address need not be known.

        Raises:
            CurateError: an environment variable that it names is not set.
        """
        price = self.price
        return Endpoint(
            base_url=filled(self.base_url) if asked else self.base_url,
            key_env=self.key_env,
            price=Price(price.input, price.output, price.currency) if price else None,
            structured=self.structured,
            concurrency=self.concurrency,
            requests_per_minute=self.requests_per_minute,
            tokens_per_minute=self.tokens_per_minute,
            timeout=self.timeout,
        )
