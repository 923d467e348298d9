"""Pydantic's error types in the reader's language; used for recipes and for rows that fail their schema."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from curate.language import say

#: pydantic error type -> (Chinese, English); braces are filled from the error's ``ctx``.
WORDS: dict[str, tuple[str, str]] = {
    "missing": ("缺少这一项", "is required"),
    "extra_forbidden": ("没有这个选项", "there is no such option"),
    "string_type": ("应当是文字", "must be text"),
    "string_too_short": ("至少要 {min_length} 个字符", "needs at least {min_length} characters"),
    "string_too_long": ("最多 {max_length} 个字符", "may have at most {max_length} characters"),
    "string_pattern_mismatch": ("不符合格式 {pattern}", "does not match {pattern}"),
    "int_type": ("应当是整数", "must be a whole number"),
    "int_parsing": ("应当是整数", "must be a whole number"),
    "int_from_float": ("应当是整数，不能带小数", "must be a whole number, without a fraction"),
    "float_type": ("应当是数字", "must be a number"),
    "float_parsing": ("应当是数字", "must be a number"),
    "bool_type": ("应当是 true 或 false", "must be true or false"),
    "bool_parsing": ("应当是 true 或 false", "must be true or false"),
    "list_type": ("应当是列表（每行以 - 开头）", "must be a list"),
    "too_short": ("至少要 {min_length} 项", "needs at least {min_length} item(s)"),
    "dict_type": ("应当是“名称: 内容”的形式", "must be a mapping of names to values"),
    "model_type": ("应当是“名称: 内容”的形式", "must be a mapping of names to values"),
    "model_attributes_type": ("应当是“名称: 内容”的形式", "must be a mapping of names to values"),
    "greater_than": ("必须大于 {gt}", "must be greater than {gt}"),
    "greater_than_equal": ("不能小于 {ge}", "must be at least {ge}"),
    "less_than": ("必须小于 {lt}", "must be less than {lt}"),
    "less_than_equal": ("不能大于 {le}", "must be at most {le}"),
    "literal_error": ("只能是 {expected}", "must be one of {expected}"),
    "enum": ("只能是 {expected}", "must be one of {expected}"),
    "date_parsing": ("不是日期，请写成 2026-03-05", "is not a date; write 2026-03-05"),
    "date_from_datetime_parsing": ("不是日期，请写成 2026-03-05", "is not a date; write 2026-03-05"),
    "date_type": ("应当是日期", "must be a date"),
    "datetime_parsing": ("不是时间，请写成 2026-03-05 14:30", "is not a time; write 2026-03-05 14:30"),
    "datetime_from_date_parsing": (
        "不是时间，请写成 2026-03-05 14:30",
        "is not a time; write 2026-03-05 14:30",
    ),
    "datetime_type": ("应当是时间", "must be a time"),
    "finite_number": ("必须是有限的数字", "must be a finite number"),
    "url_parsing": ("不是网址", "is not a URL"),
}


def in_words(error: Mapping[str, Any]) -> str:
    """One pydantic error (an item of ``ValidationError.errors()``) as a sentence for the reader.

    Errors that validators of ours or of a schema raise already carry their sentence; types that the table
    does not know keep pydantic's own English, which is better than no word at all.
    """
    return say(*both(error))


def both(error: Mapping[str, Any]) -> tuple[str, str]:
    """As ``in_words``: the sentence in Chinese and in English; the same where a schema says it in one language."""
    kind, context = error["type"], error.get("ctx") or {}
    if kind in WORDS:
        zh, en = WORDS[kind]
        return zh.format(**context), en.format(**context)
    if kind in ("value_error", "assertion_error") and "error" in context:
        reason = context["error"]
        return getattr(reason, "zh", str(reason)), getattr(reason, "en", str(reason))
    return str(error["msg"]), str(error["msg"])


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The name that was probably meant, or None when nothing is close (rapidfuzz's normalised similarity)."""
    from rapidfuzz import fuzz, process

    found = process.extractOne(str(name), list(names), scorer=fuzz.ratio, score_cutoff=55)
    return found[0] if found else None


#: more names than this are not listed; the nearest few are
MOST_NAMES = 12


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A hint: the nearest name first, then all of them, or the nearest few of many."""
    from rapidfuzz import fuzz, process

    known = sorted(names)
    close = nearest(name, known)
    listed = known
    if len(known) > MOST_NAMES:
        listed = [found[0] for found in process.extract(name, known, scorer=fuzz.ratio, limit=5)]
    every = say(f"可用的名称：{'、'.join(listed)}", f"the names are: {', '.join(listed)}")
    return say(f"是不是 {close}？", f"did you mean {close}? ") + every if close else every
