"""Names in a drafted schema: Python identifiers for headers, units in headers, headers of codes and of people."""

from __future__ import annotations

import keyword
import re
import unicodedata
from collections.abc import Iterable

from curate.rows import RESERVED
from curate.types import Row

#: Names that a draft uses itself: a field of such a name would stand in front of them in the class.
_USED = frozenset(
    {"Annotated", "Any", "Check", "ClassVar", "Field", "In", "Literal", "References", "Row", "Rule", "rules"}
    | {
        "bool",
        "dict",
        "float",
        "int",
        "list",
        "str",
        "ChineseDate",
        "ChineseDateTime",
        "CreditCode",
        "Email",
        "IdNumber",
        "Phone",
        "Text",
    }
)

UNITS = (
    "万亿元", "亿美元", "万美元", "亿元", "万元", "千元", "美元", "欧元", "元", "人次", "万人", "人", "家", "岁", "年", "个月", "天", "小时", "分钟", "秒", "毫秒",
    "平方米", "平方公里", "公顷", "亩", "㎡", "立方米", "公里", "千米", "米", "厘米", "毫米", "吨", "公斤", "千克", "克", "升", "毫升", "千瓦时", "千瓦", "兆瓦", "度",
    "台", "件", "套", "箱", "个", "只", "条", "次", "辆", "页", "字", "星", "分", "%", "‰", "km", "cm", "mm", "kg", "kwh", "kw", "mw", "m", "g", "t", "l", "ml", "mb", "gb",
)  # fmt: skip
#: the end of an English name -> the unit
_SUFFIXES = {
    "wan": "万元", "yi": "亿元", "yuan": "元", "rmb": "元", "cny": "元", "usd": "美元", "sqm": "平方米", "m2": "平方米", "km": "公里", "kg": "千克",
    "g": "克", "cm": "厘米", "mm": "毫米", "kw": "千瓦", "kwh": "千瓦时", "mw": "兆瓦", "pct": "%", "percent": "%", "years": "年", "months": "个月", "days": "天",
    "hours": "小时", "minutes": "分钟", "seconds": "秒", "ms": "毫秒", "tons": "吨",
}  # fmt: skip
#: the end of a Chinese header -> the unit that it implies
_WORDS = {"人数": "人", "年龄": "岁", "家数": "家"}
#: units that also stand without brackets; other short ones end words too (联系人, 2019年, 条件)
_PLAIN = (
    "万亿元", "亿美元", "万美元", "亿元", "万元", "千元", "美元", "欧元", "平方米", "平方公里", "公顷", "㎡", "立方米", "公里", "厘米", "毫米", "公斤", "千克",
)  # fmt: skip
_BRACKETS = re.compile(r"[（(\[【]\s*(?:单位[:：]?\s*)?([^（）()\[\]【】]{1,8})\s*[)）\]】]\s*$")

_PERSONAL = re.compile(
    r"姓名|名字|联系人|联络人|负责人|法人|法定代表|经办|收件|收货人|寄件|主讲|讲师|作者|昵称|用户名|操作员|业务员"
    r"|手机|电话|联系方式|传真|邮箱|邮件|微信|身份证|证件|护照|社保|车牌|银行卡|账号|帐号|卡号|住址|地址|住所|生日|出生"
    r"|e.?mail|phone|mobile|(?:^|[_\s])(?:tel|fax|qq)(?:$|[_\s])|wechat|passport|id.?(?:number|card|no)\b|address|account"
    r"|nick.?name|user.?name|full.?name|first.?name|last.?name|speaker|author|contact|birth|license.?plate",
    re.IGNORECASE,
)
_CODE = re.compile(
    r"编号|编码|代码|号码|邮编|单号|序号|型号|条码|证号|(?i:(?:^|[^a-z])(?:id|no|code|sku|ean|uuid|number)$|zip|post.?code)|[a-z](?:Id|ID|No|Code)$"
)
_NEVER_NEGATIVE = re.compile(
    r"价|资本|面积|年龄|人数|家数|数量|次数|人次|届|星|页数|字数|容量|重量|长度|宽度|高度|销量|库存|浏览|点赞|回复|员工"
    r"|price|capital|area|age\b|count|number|size|length|width|height|weight|employees|visitors|exhibitors|stars|views|likes|replies|pages|edition",
    re.IGNORECASE,
)
_MAY_BE_NEGATIVE = re.compile(
    r"利润|增长|增幅|同比|环比|余额|温度|变化|差|盈亏|涨跌|profit|growth|balance|temperature|change|diff|delta|rate|score|latitude|longitude",
    re.IGNORECASE,
)


def is_personal(header: str) -> bool:
    """Does a column of this name hold what tells of a person?"""
    return bool(_PERSONAL.search(header))


def is_code(header: str) -> bool:
    """Does a column of this name hold codes, which are no numbers even where they are digits?"""
    return bool(_CODE.search(header))


def never_negative(header: str) -> bool:
    """Does a column of this name count or measure what has no less than nothing?"""
    measured = bool(_NEVER_NEGATIVE.search(header)) or bool(unit_of(header))
    return measured and not _MAY_BE_NEGATIVE.search(header)


def unit_of(header: str) -> str:
    """The unit that a header names: 注册资本（万元）, 注册资本万元, capital_wan; empty where there is none."""
    found = _BRACKETS.search(header)
    if found and (found[1].strip().lower() in UNITS or "单位" in found[0]):
        return found[1].strip()
    bare = header.strip()
    if unit := _at_end(bare):
        return unit
    if bare[-2:] in _WORDS:
        return _WORDS[bare[-2:]]
    _, mark, end = bare.lower().rpartition("_")
    return _SUFFIXES.get(end, "") if mark else ""


def _at_end(header: str) -> str:
    """The unit that a header ends with without brackets."""
    return next((unit for unit in _PLAIN if header.endswith(unit) and len(header) > len(unit) + 1), "")


def words_of(header: str) -> str:
    """A header as a description: without its unit, on one line."""
    bare = " ".join(_BRACKETS.sub("", header).split()) or " ".join(header.split())
    return bare.removesuffix(_at_end(bare))


def identifiers(headers: Iterable[str]) -> dict[str, str]:
    """Header -> the field's name; a header that may stand as it is keeps its own."""
    headers = list(headers)
    told = {header: header for header in headers if _may_stand(header)}
    for number, header in enumerate(headers, 1):
        if header not in told:
            told[header] = _free(_identifier(header) or f"column_{number}", set(told.values()))
    return {header: told[header] for header in headers}


def class_name(name: str) -> str:
    """``news-articles`` -> ``NewsArticles``; ``Record`` where nothing Latin is left."""
    told = "".join(part[:1].upper() + part[1:] for part in re.split(r"[^A-Za-z0-9]+", name) if part).lstrip(
        "0123456789"
    )
    return told if told and _is_plain(told) and told not in _USED else f"{told}Record"


def _is_plain(name: str) -> bool:
    # Python reads identifiers in NFKC: any other name would be a different one in the class
    return name.isidentifier() and not keyword.iskeyword(name) and unicodedata.normalize("NFKC", name) == name


def _may_stand(name: str) -> bool:
    taken = name in RESERVED or name in _USED or hasattr(Row, name)
    return _is_plain(name) and not taken and not name.startswith(("_", "model_"))


def _identifier(header: str) -> str:
    bare = unicodedata.normalize("NFKC", words_of(header))
    name = re.sub(r"\W+", "_", bare).strip("_")
    name = f"n{name}" if name[:1].isdigit() else name
    if name.startswith("model_"):
        name = f"the_{name}"
    return name if not name or _may_stand(name) else f"{name}_"


def _free(name: str, taken: set[str]) -> str:
    if name not in taken and _may_stand(name):
        return name
    return next(
        other for number in range(2, 10_000) if _may_stand(other := f"{name}{number}") and other not in taken
    )
