"""几个模型共用的字段类型。"""

import re
from datetime import date, datetime, time
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, StringConstraints

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})[:：时点](\d{1,2})分?(?:[:：]?(\d{1,2})(?:\.\d+)?秒?)?)?"
)
_CREDIT_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015：没有 I、O、S、V、Z


def parse_datetime(value: object) -> object:
    """把常见写法的日期时间变成 datetime；认不出的类型原样交给 pydantic。"""
    if isinstance(value, datetime) or not isinstance(value, str | date):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    found = _DATE.fullmatch(value.strip())
    if not found:
        raise ValueError(f"看不懂日期“{value}”，请写成 2026-03-09 或 2026年3月9日，时间写成 14:30")
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)
    except ValueError as error:
        raise ValueError(f"没有“{value}”这一天或这个时刻，请核对月、日、时、分") from error


def parse_date(value: object) -> object:
    """把常见写法的日期变成 date。"""
    moment = parse_datetime(value)
    if not isinstance(moment, datetime):
        return moment
    if moment.time() != time():
        raise ValueError(f"“{value}”带有时刻，这一列只要日期；需要时刻请改用 ChineseDateTime")
    return moment.date()


def check_credit_code(value: str) -> str:
    """统一社会信用代码：18 位，最后一位是校验码（模 31）。"""
    code = value.strip().upper()
    if len(code) != 18 or not set(code) <= set(_CREDIT_ALPHABET):
        raise ValueError(
            f"统一社会信用代码“{value}”应为 18 位数字和大写字母（没有 I、O、S、V、Z），请核对是否抄漏或抄错"
        )
    total = sum(_CREDIT_ALPHABET.index(char) * pow(3, place, 31) for place, char in enumerate(code[:17]))
    if code[17] != _CREDIT_ALPHABET[-total % 31]:
        raise ValueError(f"统一社会信用代码“{value}”的校验码不对，请对照营业执照重新录入")
    return code


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
ChineseDate = Annotated[date, BeforeValidator(parse_date)]
ChineseDateTime = Annotated[datetime, BeforeValidator(parse_datetime)]
CreditCode = Annotated[str, AfterValidator(check_credit_code)]
# 下面三种到这里时已经打码（138****5678、11***************9、a***@x.com），所以允许星号。
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9*+\- ]{7,20}$")]
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
IdNumber = Annotated[str, StringConstraints(pattern=r"^[0-9*]{6,17}[0-9*Xx]$")]
