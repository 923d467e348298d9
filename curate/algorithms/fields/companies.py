"""Company names in one way of writing: brackets, spaces, the legal form. Not a key: 有限公司 and 有限责任公司 stay apart.

In a Chinese name brackets are full-width, as in the register (企业名称登记管理规定实施办法 2023), and letters and digits half-width; an
English one ends in ``Co., Ltd.``, ``Ltd.``, ``Inc.`` … How names are compared is ``algorithms.company_name``.
"""

from __future__ import annotations

import re

import polars as pl

from curate.algorithms.fields.each_value import each_value, narrow

_HAN = r"[\u3400-\u9fff]"
_OPEN, _CLOSE = "([{<〔【《「『〈", ")]}>〕】》」』〉"
#: Legal forms as they are mistyped; longer ones first.
_CHINESE_FORMS = {
    "有限责任公司公司": "有限责任公司",
    "有限公司公司": "有限公司",
    "责任有限公司": "有限责任公司",
    "有限责公司": "有限责任公司",
    "有限责任司": "有限责任公司",
}
_CHINESE_END = re.compile(f"({'|'.join(_CHINESE_FORMS)})$")
_END = re.compile(
    r"(?<![A-Za-z0-9])(?:(?P<co>co(?:mpany)?|corp(?:oration)?)[\s.,]*(?P<ltd>ltd|limited)\b\.?|(?P<one>ltd|inc|corp|llc|plc)\b\.?)"
    r"(?=\s*(?:$|[(,]))",
    re.IGNORECASE,
)
_ENGLISH = {"ltd": "Ltd.", "inc": "Inc.", "corp": "Corp.", "llc": "LLC", "plc": "PLC"}


def parse_companies(texts: pl.Series) -> pl.Series:
    """Each name in normal form; null where it has no letter at all."""
    return each_value(texts, _company)


def _company(text: str) -> str | None:
    plain = re.sub(r"\s+", " ", narrow(text))
    plain = plain.strip(" ,;:。，；：、")
    if re.fullmatch(r"[\"'“‘][^\"'“”‘’]+[\"'”’]", plain):
        plain = plain[1:-1].strip(" ,;:。，；：、")
    if not any(mark.isalpha() for mark in plain):
        return None
    return _chinese(plain.rstrip(" ,;:。，；：、.")) if re.search(_HAN, plain) else _english(plain)


def _chinese(name: str) -> str:
    for marks, bracket in ((_OPEN, "（"), (_CLOSE, "）")):
        name = re.sub(f"\\s*[{re.escape(marks)}{bracket}]\\s*", bracket, name)
    name = re.sub(rf"(?<={_HAN})\s+|\s+(?={_HAN})", "", name)
    name = re.sub(r"\s*[·•・∙‧]\s*", "·", name)
    return _CHINESE_END.sub(lambda found: _CHINESE_FORMS[found[1]], name)


def _english(name: str) -> str:
    name = re.sub(r"\s+([,.])", r"\1", name)
    found = _END.search(name)
    if not found:
        return name
    front, behind = name[: found.start()].rstrip(" ,"), name[found.end() :]
    if found["co"] and found["co"].lower() in ("company", "corporation"):
        return name  # Company Limited is a form of its own
    form = f"{found['co'].capitalize()}., Ltd." if found["co"] else _ENGLISH[found["one"].lower()]
    comma = "," if not found["co"] and name[: found.start()].rstrip().endswith(",") else ""
    return f"{front}{comma} {form}{behind}".strip()
