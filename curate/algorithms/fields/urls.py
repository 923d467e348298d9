"""Web addresses: http://www.example.com/path; scheme and host in lower case, nothing else about them is changed.

What RFC 3986 (6.2.2, 6.2.3) calls equal is written in one way; a path keeps its case, a query its order.
"""

from __future__ import annotations

import re

import polars as pl

from curate.algorithms.fields.each_value import each_other_value, narrow

_NORMAL = r"^https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}$"
_LABEL = re.compile(r"^[\u4e00-\u9fff]{2,8}\s*[:：]?\s*(?=(?:https?|www)\b)|^[\u4e00-\u9fff]{2,8}\s*[:：]\s*")
_BETWEEN = re.compile(r"[\s、；|]+|[;,，](?=\s*(?:https?:|www\.))")
_SCHEME = re.compile(r"(https?|ftp)(?:\s*[:：;；]\s*[/／\\]{0,3}|[/／\\]{2,3})\s*", re.IGNORECASE)
_PARTS = re.compile(r"(?P<host>[^/／\\?？#]+)(?P<rest>.*)", re.DOTALL)
#: Top-level domains in Chinese characters (IANA); others are likely prose behind the address.
_HAN_ENDS = [
    "中国",
    "中國",
    "公司",
    "网络",
    "网址",
    "网站",
    "在线",
    "中文网",
    "集团",
    "商城",
    "网店",
    "商店",
    "商标",
    "手机",
    "移动",
    "香港",
    "台湾",
    "澳门",
    "政务",
    "公益",
    "企业",
    "娱乐",
    "游戏",
    "购物",
    "餐厅",
    "招聘",
    "时尚",
    "健康",
    "信息",
    "广东",
    "佛山",
    "我爱你",
]
HOST = re.compile(
    r"(?:[a-z0-9\u4e00-\u9fff](?:[a-z0-9\u4e00-\u9fff_-]{0,61}[a-z0-9\u4e00-\u9fff])?\.)+"
    rf"(?:[a-z]{{2,24}}|xn--[a-z0-9-]{{2,59}}|{'|'.join(_HAN_ENDS)})"
)
#: 官网abc.com: a word in front of the address rather than a part of it
_MIXED = re.compile(r"[a-z0-9][\u4e00-\u9fff]|[\u4e00-\u9fff][a-z0-9]")
_ADDRESS = re.compile(r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])(?:\.(?!$)|$)){4}")
_PORTS = {"http": "80", "https": "443", "ftp": "21"}


def parse_urls(texts: pl.Series, scheme: str = "http") -> pl.Series:
    """Each text in normal form, or null; several addresses are joined by ``;``.

    Args:
        scheme: what an address without one gets.
    """
    return each_other_value(texts, texts.str.contains(_NORMAL), lambda text: _urls(text, scheme))


def _urls(text: str, scheme: str) -> str | None:
    plain = re.sub(r"\s*([.．。])\s*(?=[A-Za-z0-9])", r"\1", _LABEL.sub("", text.strip()))
    plain = _SCHEME.sub(lambda found: found[0].strip(), plain)
    told: list[str] = []
    for part in _BETWEEN.split(plain.rstrip(" 。；;,，、")):
        url = _url(part, scheme)
        if url is None:
            return None
        if url not in told:
            told.append(url)
    return ";".join(told)


def _url(text: str, scheme: str) -> str | None:
    found = _SCHEME.match(text)
    while found:  # http://http://www…
        scheme, text = found[1].lower(), text[found.end() :]
        found = _SCHEME.match(text)
    parts = _PARTS.fullmatch(text)
    if not parts:
        return None
    host, _, port = narrow(parts["host"]).lower().replace("。", ".").removesuffix(".").partition(":")
    sound = HOST.fullmatch(host) and not _MIXED.search(host)
    if not (sound or _ADDRESS.fullmatch(host)) or (port and not port.isdecimal()):
        return None
    rest = re.sub(r"^[／\\]", "/", parts["rest"]).rstrip("#") if parts["rest"] else ""
    if rest in ("/", "?", "/?"):
        rest = ""
    return f"{scheme}://{host}{f':{port}' if port and port != _PORTS[scheme] else ''}{rest}"
