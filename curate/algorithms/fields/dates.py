"""Dates as ISO 8601, no more exact than they are written: 2003-05-01, 2003-05, 2003, 2003-05-01 14:30:00."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import polars as pl

from curate.algorithms.fields.each_value import each_other_value, narrow
from curate.algorithms.numerals import to_number

_EARLIEST, _LATEST = 1000, 2199
_N = "[0-9一二三四五六七八九十廿卅〇零○元]"
_YEAR = "(?P<year>[0-9]{4}|[一二三四五六七八九〇零○壹贰叁肆伍陆柒捌玖]{4})"
_SEP = "[-./。‐-―−]"
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_NAME = (
    r"(?P<name>jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_ORDINAL = "(?:st|nd|rd|th)?"
_CHINESE = rf"{_YEAR}年(?:(?P<month>{_N}{{1,3}})月(?:份|(?P<day>{_N}{{1,3}})[日号號]?)?)?"
_FORMS = [
    re.compile(form)
    for form in (
        _CHINESE,
        _CHINESE.replace(_YEAR, rf"(?:中[华華])?民[国國](?P<minguo>{_N}{{1,4}})"),
        rf"(?P<year>[0-9]{{4}})(?P<sep>{_SEP})(?P<month>[0-9]{{1,2}})(?:(?P=sep)(?P<day>[0-9]{{1,2}}))?",
        r"(?P<year>(?:1[89]|2[01])[0-9]{2})(?P<month>[0-9]{2})(?P<day>[0-9]{2})",
        r"(?P<year>[0-9]{4})",
        rf"(?P<one>[0-9]{{1,2}})(?P<sep>{_SEP})(?P<two>[0-9]{{1,2}})(?P=sep)(?P<year>[0-9]{{4}})",
        rf"{_NAME}\s?(?:(?P<day>[0-9]{{1,2}}){_ORDINAL},?\s?)?(?P<year>[0-9]{{4}})",
        rf"(?P<day>[0-9]{{1,2}}){_ORDINAL}[\s-]?{_NAME},?[\s-]?(?P<year>[0-9]{{4}})",
    )
]
_LABEL = re.compile(r"^[\u4e00-\u9fff]{2,8}:\s*|(?<=[0-9日号月年])(?:成立|创立|创办|开业|注册)$")
_WEEKDAY = re.compile(r"\s*\(?(?:星期|周|礼拜|週)[一二三四五六日天]\)?\s*")
_TIME = re.compile(
    r"[\sT]*(?P<half>上午|下午|晚上|中午|凌晨|早上)?\s*(?P<hour>[0-9]{1,2})(?::|时|點|点)(?P<minute>[0-9]{2})?(?::|分)?"
    r"(?:(?P<second>[0-9]{2})(?:\.0+)?秒?)?\s*(?P<pm>[ap]m)?$",
    re.IGNORECASE,
)
#: Excel's day 1 is 1900-01-01, and it has a 29 February 1900: so days count from here (ECMA-376, 18.17.4.1)
_EXCEL = date(1899, 12, 30)
_EXCEL_DAYS = range(3653, 109_575)  # 1910 .. 2199


@dataclass(frozen=True)
class DateRules:
    """What a value cannot tell itself.

    Attributes:
        day_first: 1/2/2003 is 1 February (True), 2 January (False), or not to be read (None).
        excel_serial: whole numbers are Excel's days.
    """

    day_first: bool | None = None
    excel_serial: bool = False


def parse_dates(texts: pl.Series, rules: DateRules | None = None) -> pl.Series:
    """Each text as an ISO date, or null: relative ones (去年), ranges, two-digit years and days that don't exist."""
    known = rules or DateRules()
    day = texts.str.to_date("%Y-%m-%d", strict=False).is_not_null() & (texts.str.len_bytes() == 10)
    return each_other_value(texts, day, lambda text: _date(text, known))


def _date(text: str, rules: DateRules) -> str | None:
    plain = _LABEL.sub("", narrow(text))
    if _is_iso_time(plain):
        return plain
    plain = _WEEKDAY.sub(" ", plain).strip()
    if rules.excel_serial and re.fullmatch(r"[0-9]{4,6}(?:\.0)?", plain):
        serial = int(plain.removesuffix(".0"))
        if serial in _EXCEL_DAYS:
            return (_EXCEL + timedelta(days=serial)).isoformat()
    time = _TIME.search(plain)
    if time:
        told, clock = plain[: time.start()], _clock(time)
        day = _day(told, rules)
        return None if clock is None or day is None or len(day) < 10 else f"{day}{clock}"
    return _day(plain, rules)


def _is_iso_time(text: str) -> bool:
    """2003-05-01T14:30:00+08:00: it says more than we would write, so it stays."""
    if not re.fullmatch(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?(?:Z|[+-][0-9:]{5})?", text
    ):
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return not text.endswith(" 00:00:00")


def _day(text: str, rules: DateRules) -> str | None:
    plain = re.sub(r"\s*([年月日号號,./。-])\s*", r"\1", text.strip().lower())
    for form in _FORMS:
        found = form.fullmatch(plain)
        if found:
            return _iso(found.groupdict(), rules)
    return None


def _iso(parts: dict[str, str | None], rules: DateRules) -> str | None:
    if parts.get("minguo"):
        since = _small(parts["minguo"])
        year = None if since is None else 1911 + since
    else:
        year = _year(parts["year"] or "")
    if parts.get("one"):
        month, day = _which_first(int(parts["one"] or 0), int(parts["two"] or 0), rules.day_first)
    elif parts.get("name"):
        month, day = _MONTHS.index((parts["name"] or "")[:3]) + 1, _small(parts.get("day"))
    else:
        month, day = _small(parts.get("month")), _small(parts.get("day"))
    if (
        year is None
        or not _EARLIEST <= year <= _LATEST
        or (month is None and parts.get("month", parts.get("one")))
    ):
        return None
    if month is None:
        return f"{year:04}"
    if day is None:
        return None if parts.get("day") or not 1 <= month <= 12 else f"{year:04}-{month:02}"
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return None


def _year(text: str) -> int | None:
    number = to_number(text)
    return int(number) if number is not None else None


def _small(text: str | None) -> int | None:
    """A month, a day, or a year of the Republic; 元 is the first."""
    number = to_number(text.replace("元", "一")) if text else None
    return int(number) if number is not None else None


def _which_first(one: int, two: int, day_first: bool | None) -> tuple[int | None, int | None]:
    """(month, day) of 1/2/2003, where it can be told."""
    if one > 12 or (one == two and day_first is None):
        return two, one
    if two > 12:
        return one, two
    if day_first is None:
        return None, None
    return (two, one) if day_first else (one, two)


def _clock(found: re.Match[str]) -> str | None:
    hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
    late = (
        found["half"] in ("下午", "晚上")
        or (found["half"] == "中午" and hour < 10)
        or (found["pm"] or "").lower() == "pm"
    )
    if found["half"] == "晚上" and hour % 12 == 0:  # midnight: of which day nobody says
        return None
    hour += 12 if late and hour < 12 else 0
    if hour == 12 and (found["half"] == "凌晨" or (found["pm"] or "").lower() == "am"):
        hour = 0
    if hour > 23 or minute > 59 or second > 59:
        return None
    return "" if not (hour or minute or second) else f" {hour:02}:{minute:02}:{second:02}"
