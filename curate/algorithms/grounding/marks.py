"""Codes, addresses on the net, quoted and Latin names in a plain text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from curate.algorithms.grounding.kinds import Kind
from curate.algorithms.grounding.units import UNITS

Mark = tuple[Kind, int, int, str]

_URL = re.compile(
    r"(?:https?://|www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+;=%]+|(?<![A-Za-z0-9@.\-])(?:[A-Za-z0-9\-]+\.)+(?:com|cn|net|org|gov|edu|dev|io|top|xyz|info|cc|co)"
    r"(?:/[A-Za-z0-9\-._~/?#&=%]*)?(?![A-Za-z0-9@])",
    re.ASCII,
)
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]*@(?:[A-Za-z0-9\-]+\.)+[A-Za-z]{2,24}")
_QUOTED = re.compile(
    r"《([^《》\n]{1,60})》|“([^“”\n]{1,60})”|「([^「」\n]{1,60})」|『([^『』\n]{1,60})』|\"([^\"\n]{2,60})\""
)
_PHONE = re.compile(
    r"(?<![0-9A-Za-z.\-])(?:\+?86[- ]?)?(?:0[0-9]{2,3}[- ]?[0-9]{7,8}|[48]00[- ]?[0-9]{3,4}[- ]?[0-9]{3,4}|1[3-9][0-9][- ]?[0-9]{4}[- ]?[0-9]{4})(?:-[0-9]{1,5})?(?![0-9])"
)
#: seven digits or more without a unit are no quantity
_DIGITS = re.compile(r"(?<![0-9A-Za-z.,])[0-9]{7,}(?![0-9A-Za-z.,]|\s?[万亿元人家平个件台套%])")
_TOLD = re.compile(r"(?:邮编|邮政编码|代码|编号|证号|账号|编码)[^0-9A-Za-z]{0,6}([0-9]{3,})(?![0-9A-Za-z.,])")
#: letters and digits together: XK-2000A, GB/T 15835-2011, B12, 3D, P2.5, 15.6.2
_CODE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)*(?![A-Za-z0-9])")
#: GB/T 15835-2011, ISO 9001:2015
_STANDARD = re.compile(
    r"(?<![A-Za-z0-9])[A-Z]{2,5}(?:/[A-Z]{1,3})?\s?[0-9]{2,6}(?:\.[0-9]+)*[-:](?:19|20)[0-9]{2}(?![0-9])"
)
_VERSION = re.compile(r"[0-9]+(?:\.[0-9]+){2,}")
_WORD = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9+#&'.]*[A-Za-z0-9+#]")
#: seasons and festivals, told without a date
_SEASON = re.compile(
    "(?P<season>[春夏秋冬])[季天]|春节|元旦|元宵|清明(?!上)|端午|中秋|国庆|五一|劳动节|暑期|暑假|寒假|梅雨季|双十一|圣诞"
)
_SINGLE = re.compile(r"(?<![A-Za-z0-9])[A-Z](?=[级类馆区座栋排厅口轮型款])")


def marks(text: str, taken: bytearray) -> Iterator[Mark]:
    """(kind, start, end, value) of what is written in letters and digits, and of what stands in quotation marks."""
    for found in _EMAIL.finditer(text):
        yield _take(taken, "email", *found.span(), found[0].lower())
    for found in _URL.finditer(text):
        url = found[0].rstrip(".,;:!?)'")
        if not taken[found.start()]:
            yield _take(taken, "url", found.start(), found.start() + len(url), url_form(url))
    for found in _QUOTED.finditer(text):
        inner = next(group for group in found.groups() if group)
        if not any(taken[found.start() : found.end()]):
            yield _take(taken, "quote", *found.span(), inner)


def codes(text: str, taken: bytearray) -> Iterator[Mark]:
    """Telephone numbers, codes and long numbers."""
    for pattern in (_STANDARD, _PHONE, _DIGITS):
        for found in pattern.finditer(text):
            if not any(taken[found.start() : found.end()]):
                yield _take(taken, "code", *found.span(), code_form(found[0]).removeprefix("+86"))
    for found in _TOLD.finditer(text):
        if not any(taken[found.start(1) : found.end(1)]):
            yield _take(taken, "code", *found.span(1), found[1])
    for found in _CODE.finditer(text):
        token = found[0]
        if any(taken[found.start() : found.end()]) or not _is_code(token):
            continue
        yield _take(taken, "code", *found.span(), code_form(token))


def seasons(text: str, taken: bytearray) -> Iterator[Mark]:
    """Seasons and festivals."""
    for found in _SEASON.finditer(text):
        if not any(taken[found.start() : found.end()]):
            yield _take(taken, "date", *found.span(), found["season"] or found[0])


def words(text: str, taken: bytearray) -> Iterator[Mark]:
    """Latin words and acronyms: each word alone, so that their order may change."""
    for pattern in (_WORD, _SINGLE):
        for found in pattern.finditer(text):
            if not any(taken[found.start() : found.end()]):
                yield _take(taken, "latin", *found.span(), found[0].lower())


def _is_code(token: str) -> bool:
    if _VERSION.fullmatch(token):
        return True
    if not re.search("[0-9]", token) or not re.search("[A-Za-z]", token):
        return False
    amount = re.fullmatch(
        r"[0-9]+(?:\.[0-9]+)?([A-Za-z]+)|(?:[0-9.]{1,6}[A-Za-z]*)[xX][0-9.]{1,6}([A-Za-z]*)", token
    )
    return not (amount and ((amount[1] or amount[2] or "米") in UNITS))


def code_form(code: str) -> str:
    """Capitals without separators; the point of a version stays."""
    return re.sub(r"[-_ /]", "", code).upper()


def url_form(url: str) -> str:
    """Without scheme, ``www.`` and the last slash; the host in lower case."""
    bare = re.sub(r"^https?://", "", url, flags=re.IGNORECASE)
    host, slash, path = bare.partition("/")
    return (host.lower().removeprefix("www.") + slash + path).rstrip("/")


def _take(taken: bytearray, kind: Kind, start: int, end: int, value: str) -> Mark:
    taken[start:end] = b"\1" * (end - start)
    return kind, start, end, value
