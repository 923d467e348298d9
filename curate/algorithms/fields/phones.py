"""Telephone numbers: 13800138000, 021-62345678, 021-62345678转801, 400-820-8820, 95588, +14155552671.

Chinese numbers by the numbering plan (电信网编号计划, 2017: 010 and 02x with eight digits, 0xxx with seven or eight); others
by Google's libphonenumber, as E.164.
"""

from __future__ import annotations

import re

import polars as pl

from curate.algorithms.fields.each_value import each_other_value, narrow

_NORMAL = r"^(?:1[3-9][0-9]{9}|0(?:10|2[0-9])-[2-9][0-9]{7}|0[3-9][0-9]{2}-[2-9][0-9]{6,7}|[48]00-[0-9]{3}-[0-9]{4})$"
_LABEL = re.compile(r"^(?:[\u4e00-\u9fff]{2,6}|tel|mobile|phone|mob|t|m|p)\s*[:.]\s*", re.IGNORECASE)
_BETWEEN = re.compile(r"[、;,/|\n]|\s或\s?|或|\s{2,}|(?<=[0-9]{11})\s(?=[01])")
_EXTENSION = re.compile(
    r"[\s(,-]*(?:转|分机|內線|内线|ext\.?|x|#)\s*:?\s*(?P<extension>[0-9]{1,6})\)?$", re.IGNORECASE
)
_COUNTRY = re.compile(r"\(?(?:(?:\+|00)\s*86|86(?=[\s)-]|0|1[3-9][0-9]{9}$))\)?[\s-]*(?:\(0\))?")
_SEP = r"[\s().-]*"
_LANDLINE = re.compile(
    rf"\(?0(?P<area>10|2[0-9]|[3-9](?!00)[0-9]{{2}}){_SEP}(?P<number>[2-9](?:{_SEP}[0-9]){{6,7}})(?:\s*-+\s*(?P<extension>[0-9]{{3,5}}))?"
)
_LOCAL = re.compile(rf"[2-9](?:{_SEP}[0-9]){{6,7}}")
_MOBILE = re.compile(rf"0?(1[3-9](?:{_SEP}[0-9]){{9}})")
_FREE = re.compile(rf"([48]00(?:{_SEP}[0-9]){{7}})")
_SERVICE = re.compile(r"1[0-2][0-9]{1,3}|9[56][0-9]{3,6}")


def parse_phones(texts: pl.Series, area_code: str = "") -> pl.Series:
    """Each text in normal form, or null; several numbers in a text are joined by ``;``.

    Args:
        area_code: of numbers without one (021); without it they are not read.
    """
    normal = texts.str.contains(_NORMAL)
    return each_other_value(texts, normal, lambda text: _phones(text, area_code))


def _phones(text: str, area_code: str) -> str | None:
    told: list[str] = []
    for part in _BETWEEN.split(narrow(text)):
        if not part.strip():
            continue
        number = _phone(_LABEL.sub("", part.strip()), area_code)
        if number is None:
            return None
        # 021-62345678、62345679: the second is in the same town
        area_code = number.split("-")[0] if re.match("0[0-9]{2,3}-", number) else area_code
        if number not in told:
            told.append(number)
    return ";".join(told) or None


def _phone(text: str, area_code: str) -> str | None:
    found = _EXTENSION.search(text)
    extension = found["extension"] if found else ""
    body = (text[: found.start()] if found else text).strip()
    abroad = re.match(r"\(?(?:\+|00)\s*(?!\s*86)[1-9]", body)
    if abroad:
        return None if extension else _abroad(body)
    country = _COUNTRY.match(body)
    if country:  # behind +86 an area code has lost its 0
        body = body[country.end() :].lstrip(" (")
        body = body if re.match("0|1[3-9]|[48]00", body) else f"0{body}"
    return _chinese(body, extension, area_code)


def _chinese(body: str, extension: str, area_code: str) -> str | None:
    behind = f"转{extension}" if extension else ""
    for form in (_MOBILE, _FREE):
        found = form.fullmatch(body)
        if found:
            digits = re.sub("[^0-9]", "", found[1])
            return (digits if form is _MOBILE else f"{digits[:3]}-{digits[3:6]}-{digits[6:]}") + behind
    found = _LANDLINE.fullmatch(body)
    if found:
        number = re.sub("[^0-9]", "", found["number"])
        if len(number) == 8 or len(found["area"]) == 3:
            behind = f"转{found['extension']}" if found["extension"] and not extension else behind
            return f"0{found['area']}-{number}{behind}" if not (found["extension"] and extension) else None
    if area_code and _LOCAL.fullmatch(body):
        return f"{area_code}-{re.sub('[^0-9]', '', body)}{behind}"
    return body if _SERVICE.fullmatch(body) and not extension else None


def _abroad(text: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse("+" + re.sub(r"^\(?(?:\+|00)", "", text).replace("(0)", ""), None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
