"""strip_urls: the address and nothing else."""

from __future__ import annotations

import polars as pl
import pytest

from curate.clean.strip_urls import StripUrls

STRIPPED = {
    "between Chinese without a space": (
        "公司官网http://www.abc.com/新闻中心欢迎访问",
        "公司官网新闻中心欢迎访问",
    ),
    "with parameters and a fragment": ("见 http://a.com/b?x=1&y=2%20#z，谢谢", "见 ，谢谢"),
    "without a scheme": ("访问www.abc.com.cn。", "访问。"),
    "in capitals": ("HTTPS://ABC.COM/X", ""),
    "ftp": ("下载ftp://a.b/c.zip吧", "下载吧"),
    "in front of a Chinese stop": ("http://a.com。http://b.com！", "。！"),
    "in front of an ASCII stop": (
        "See http://a.com/b.html. Thanks, http://a.com/c, bye",
        "See . Thanks, , bye",
    ),
    "in full-width brackets": ("官网（http://a.com）开通", "官网开通"),
    "in brackets": ("see (https://a.com/x).", "see ."),
    "in brackets with words": ("（详见http://a.com/b）好 (see http://a.com/b) ok", "（详见）好 (see ) ok"),
    "in angle brackets": ("<https://a.com>", ""),
    "brackets of its own": ("https://zh.wikipedia.org/wiki/A_(b)是", "是"),
    "a Markdown link": ("[官网](https://a.com/b)开通", "官网开通"),
    "a Markdown link with a title": ('[官网](https://a.com/b_(c) "标题")', "官网"),
    "a Markdown image": ("前![图](http://x.cn/1.png)后", "前图后"),
    "a Markdown reference": ("[1]: http://a.com\n正文[1]", "正文[1]"),
    "a host in Chinese": ("http://展览.中国/欢迎", "欢迎"),
    "a short link": ("微博http://t.cn/A6xyz展开", "微博展开"),
    "a port and an IP address": ("http://192.168.0.1:8080/a https://[::1]:80/x", " "),
    "one that another hides": ("hthttp://a.com（）tp://b.com", "ht（）tp://b.com"),
}
KEPT = {
    "an e-mail address": "邮箱a@b.com",
    "a bare domain": "请访问abc.com",
    "a scheme alone": "以http://开头",
    "a comment": "x = 1 // 注释",
    "words with www": "awwww, wwwhat",
    "a Windows path": r"C:\www\a",
    "a Markdown link to a file": "[说明](docs/a.md)",
    "a file": "file:///etc/hosts",
    "empty": "",
}


def stripped(text: str | None) -> str | None:
    found: str | None = (
        StripUrls().apply(pl.DataFrame({"text": pl.Series([text], dtype=pl.String)})).kept["text"].item()
    )
    return found


@pytest.mark.parametrize(("text", "expected"), STRIPPED.values(), ids=STRIPPED)
def test_the_address_goes_wholly_and_alone(text: str, expected: str) -> None:
    assert stripped(text) == expected
    assert stripped(expected) == expected


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_what_is_no_address_stays(text: str) -> None:
    assert stripped(text) == text


def test_columns_that_hold_addresses_are_skipped() -> None:
    rows = pl.DataFrame({"website": ["http://a.com"], "text": ["官网http://a.com。"]})
    assert StripUrls(skip=["website"]).apply(rows).kept.rows() == [("http://a.com", "官网。")]
