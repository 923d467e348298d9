"""E-mail addresses: checked by email-validator (RFC 5321, 5322, 6531), the domain in lower case."""

from __future__ import annotations

import re

import polars as pl

from curate.algorithms.fields.each_value import each_other_value, narrow
from curate.algorithms.fields.urls import HOST

#: what needs no second look
_NORMAL = (
    r"^[A-Za-z0-9](?:[A-Za-z0-9_+-]|\.[A-Za-z0-9_+-]){0,63}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+"
    r"(?:com|cn|net|org|edu|gov|hk|tw|jp|uk|de|fr|us|io)$"
)
_LABEL = re.compile(r"^(?:[\u4e00-\u9fff]{2,6}|e-?mail)\s*:\s*|^mailto:", re.IGNORECASE)
_BETWEEN = re.compile(r"[;,、|/\s]+")


def parse_emails(texts: pl.Series) -> pl.Series:
    """Each text in normal form, or null; several addresses are joined by ``;``.

    The part before the @ stays as it is: its case may matter to the server (RFC 5321, 2.4). 张三 <a@b.cn> is a@b.cn.
    """
    return each_other_value(texts, texts.str.contains(_NORMAL), _emails)


def _emails(text: str) -> str | None:
    plain = _LABEL.sub("", narrow(text))
    plain = re.sub(r"\s*[(\[]\s*at\s*[)\]]\s*", "@", plain, flags=re.IGNORECASE)
    plain = re.sub(r"\s*@\s*", "@", plain).replace("。", ".")
    named = re.findall(r"<([^<>\s]+@[^<>\s]+)>", plain)
    told: list[str] = []
    for part in named or _BETWEEN.split(plain.rstrip(" ;,.").lstrip(" ;,")):
        address = _email(part)
        if address is None:
            return None
        if address not in told:
            told.append(address)
    return ";".join(told)


def _email(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        told = validate_email(text, check_deliverability=False, allow_smtputf8=True)
    except EmailNotValidError:
        return None
    # 邮箱a@b.cn and a@b.cn谢谢: a word beside the address would be read as a part of it
    return told.normalized if told.local_part.isascii() and HOST.fullmatch(told.domain.lower()) else None
