"""The words around a number that hedge it (超过, 不足, 约) or say where it moved (增长, 下降)."""

from __future__ import annotations

import re

from curate.algorithms.grounding.kinds import Bound, Trend

_OVER = r"超过|超出|超|逾|突破|高于|大于|多于|高出|至少|最少|最低|起码|不少于|不低于|不小于"
_UNDER = r"不足|不到|低于|小于|少于|不超过|不高于|不大于|不多于|至多|最多|最高|最大|上限[为是]?|未超过|以内"
_ABOUT = r"大约|约为|约|大概|将近|接近|差不多|近"
_BEFORE = re.compile(
    rf"(?:(?P<not>(?:不[得能可应宜要会准许]|不允许|不应当|严禁|禁止)[\u4e00-\u9fff]{{0,6}}|[不未没]有?)?(?:(?P<over>{_OVER})|(?P<under>{_UNDER})|(?P<about>{_ABOUT})))[了到达的为每]?$"
)
_UP = "增长|上升|提高|增加|上涨|上调|扩大|回升|增至|升至|提升|多了|涨了|增多|上浮|扩至|拉高|延长"
_DOWN = "下降|下滑|减少|降低|下跌|下调|缩短|缩小|少了|跌至|降至|回落|减轻|减|下浮|收窄|降"
_TREND = re.compile(rf"(?:(?P<up>{_UP})|(?P<down>{_DOWN}))[了到至为]?(?:约|近|超过|超|逾|不足)?$")
_BEHIND = re.compile(
    r"(?:[的]?(?P<over>以上|及以上|之上|多(?=[,，。元人家])|余|起)|(?P<under>以下|以内|之内|之下|内(?![容部外]))|(?P<about>左右|上下|前后))"
)


def bound_of(text: str, start: int, end: int) -> Bound:
    """How the number at text[start:end] is hedged."""
    if behind := _BEHIND.match(text, end):
        return "over" if behind["over"] else "under" if behind["under"] else "about"
    before = _BEFORE.search(text, max(0, start - 12), start)
    if not before:
        return ""
    if before["about"]:
        return "about"
    # 不得高于 is a limit from above
    return "over" if bool(before["over"]) != bool(before["not"]) else "under"


def trend_of(text: str, start: int) -> Trend:
    """Whether the number at ``start`` went up or down."""
    moved = _TREND.search(text, max(0, start - 8), start)
    return "" if not moved else "up" if moved["up"] else "down"
