"""E-mail and web addresses, credit codes."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.fields.credit_codes import parse_credit_codes
from curate.algorithms.fields.emails import parse_emails
from curate.algorithms.fields.urls import parse_urls

EMAILS = {
    "a@b.com": "a@b.com", "Zhang.San@ABC.COM.CN": "Zhang.San@abc.com.cn", "ａ＠ｂ．com": "a@b.com", "a @ b.com": "a@b.com",
    "mailto:a@b.com": "a@b.com", "邮箱：a@b.com": "a@b.com", "a@b.com。": "a@b.com", "张三 <a@b.com>": "a@b.com",
    "a(at)b.com": "a@b.com", "a@b.com；c@d.com": "a@b.com;c@d.com", "a@悦咖啡.中国": "a@悦咖啡.中国",
    "a@b": None, "a#b.com": None, "a@@b.com": None, "a..b@c.com": None, ".a@b.com": None, "邮箱a@b.com": None,
    "a@b.com谢谢": None, "无": None,
}  # fmt: skip
URLS = {
    "www.a.cn": "http://www.a.cn", "http://WWW.A.cn/": "http://www.a.cn", "HTTPS://a.cn/Path?q=1#x": "https://a.cn/Path?q=1#x",
    "ｗｗｗ．a．cn": "http://www.a.cn", "http：//www.a.cn": "http://www.a.cn", "http:\\\\www.a.cn": "http://www.a.cn",
    "http//www.a.cn": "http://www.a.cn", "http:/www.a.cn": "http://www.a.cn", "http://http://www.a.cn": "http://www.a.cn",
    "www. a .cn": "http://www.a.cn", "官网：www.a.cn": "http://www.a.cn", "http://a.cn:80/": "http://a.cn",
    "公司官网http://www.abc.com/新闻中心": "http://www.abc.com/新闻中心", "http://a.cn:8080": "http://a.cn:8080",
    "www.a.cn;www.b.cn": "http://www.a.cn;http://www.b.cn", "a.cn/x#": "http://a.cn/x", "https://a.cn/#/x": "https://a.cn/#/x",
    "悦咖啡.com": "http://悦咖啡.com", "http://192.168.1.1/x": "http://192.168.1.1/x", "httpbin.org": "http://httpbin.org",
    "www.a.cn欢迎访问": None, "官网abc.com": None, "暂未收录": None, "a@b.com": None, "999.1.1.1": None, "localhost": None,
    "www.a,com": None, "a.cn/b c": None,
}  # fmt: skip
#: 91110108MA001HJG0K is confirmed by its check character; the others are that one, written badly
CODES = {
    "91110108MA001HJG0K": True, "91110108ma001hjg0k": True, "９１１１０１０８ＭＡ００１ＨＪＧ０Ｋ": True, "9111 0108 MA00 1HJG 0K": True,
    "统一社会信用代码：91110108MA001HJG0K": True, "91110108MAO01HJG0K": True, "9I110108MA001HJG0K": True,
    "91110108MA00lHJG0K": True, "91110108MAOO1HJGOK": True,
    "91110108MA001HJG0L": False, "9111O108MA001HJG1K": False, "110108020094468": False, "123": False,
}  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), EMAILS.items())
def test_an_address_keeps_what_stands_before_the_at(text: str, wanted: str | None) -> None:
    assert parse_emails(pl.Series([text, wanted])).to_list() == [wanted, wanted]


@pytest.mark.parametrize(("text", "wanted"), URLS.items())
def test_a_web_address_has_a_scheme_and_a_host_in_lower_case(text: str, wanted: str | None) -> None:
    assert parse_urls(pl.Series([text, wanted])).to_list() == [wanted, wanted]


def test_an_address_without_a_scheme_gets_the_one_that_is_asked_for() -> None:
    assert parse_urls(pl.Series(["a.cn", "http://b.cn"]), "https").to_list() == [
        "https://a.cn",
        "http://b.cn",
    ]


@pytest.mark.parametrize(("text", "fits"), CODES.items())
def test_a_credit_code_is_mended_only_where_its_check_character_fits(text: str, fits: bool) -> None:
    assert parse_credit_codes(pl.Series([text])).to_list() == ["91110108MA001HJG0K" if fits else None]
