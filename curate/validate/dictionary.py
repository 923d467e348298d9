"""Dictionary: what a schema says, in words: what a row is, what each field holds, and what holds between them.

Read from the pydantic model itself, so that it cannot say anything else than what is checked.
"""

from __future__ import annotations

import inspect
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from curate import types as own
from curate.language import say
from curate.types import Check, In, References, Row
from curate.validate.compiled import compiled

_BOUNDS = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}


@dataclass(frozen=True)
class DescribedField:
    """A field of a row, in words; what it does not say is empty.

    Attributes:
        original: the column's name in the source, where the recipe renames it.
        values: the closed list that it must be of.
        bounds: smallest, greatest; ``length`` in characters or items.
        speed: how its values are checked.
    """

    name: str
    original: str
    type: str
    unit: str
    required: bool
    default: str
    values: tuple[str, ...]
    bounds: str
    length: str
    pattern: str
    references: str
    description: str
    speed: str


@dataclass(frozen=True)
class DescribedRule:
    """A rule between fields: its name, its condition as the schema writes it, and what is wrong where it does not hold."""

    name: str
    fields: tuple[str, ...]
    condition: str
    wrong: str


@dataclass(frozen=True)
class Described:
    """A schema. ``about``: what a row is. ``place``, ``tier``, ``key``: of the recipe's corpus; empty without one."""

    name: str
    model: str
    about: str
    fields: tuple[DescribedField, ...]
    rules: tuple[DescribedRule, ...] = ()
    place: str = ""
    tier: str = ""
    key: tuple[str, ...] = ()


def describe(
    model: type[BaseModel],
    name: str,
    place: str = "",
    tier: str = "",
    key: tuple[str, ...] = (),
    original: Mapping[str, str] | None = None,
) -> Described:
    """A model in words.

    Args:
        original: field -> the column's name in the source.
    """
    plan = compiled(model).plan
    fields = tuple(
        _field(column, info, (original or {}).get(column, ""), plan[column])
        for column, info in model.model_fields.items()
    )
    return Described(
        name, model.__name__, inspect.getdoc(model) or "", fields, tuple(_rules(model)), place, tier, key
    )


@dataclass
class _Seen:
    """What the parts of an annotation say."""

    types: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    bounds: list[str] = field(default_factory=list)
    lengths: dict[str, int] = field(default_factory=dict)
    pattern: str = ""
    unit: str = ""
    references: str = ""


def _field(name: str, info: FieldInfo, original: str, plan: str) -> DescribedField:
    seen = _Seen()
    # pydantic takes the marks of an Annotated field apart from its type
    _walk(typing.Annotated[(info.annotation, *info.metadata)] if info.metadata else info.annotation, seen)
    known = info.default is not PydanticUndefined and info.default is not None and info.default != []
    return DescribedField(
        name=name,
        original=original if original != name else "",
        type=say("、", ", ").join(dict.fromkeys(seen.types)),
        unit=seen.unit,
        required=info.is_required(),
        default=str(info.default) if known else "",
        values=tuple(dict.fromkeys(seen.values)),
        bounds=say("，", ", ").join(dict.fromkeys(seen.bounds)),
        length=_length(seen.lengths),
        pattern=seen.pattern,
        references=seen.references,
        description=info.description or "",
        speed=_speed(plan),
    )


def _speed(plan: str) -> str:
    how, _, why = plan.partition(": ")
    told = {
        "compiled": say("整列检查", "by column"),
        "by value": say("每种值查一次", "by value"),
        "by row": say("逐行检查", "by row"),
    }[how]
    return f"{told}{say('：', ': ')}{why}" if why else told


def _length(lengths: Mapping[str, int]) -> str:
    low, high = lengths.get("min_length", 0), lengths.get("max_length")
    if high is None:
        return say(f"至少 {low:,}", f"at least {low:,}") if low > 1 else ""
    return f"{low:,}–{high:,}" if low > 1 else say(f"最多 {high:,}", f"at most {high:,}")


def _walk(annotation: Any, seen: _Seen) -> None:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        inner, *marks = typing.get_args(annotation)
        name = next(filter(None, map(_own_type, marks)), "")
        if name:
            seen.types.append(_words_of(name))
            marks = [mark for mark in marks if not _own_type(mark)]
        else:
            _walk(inner, seen)
        for mark in marks:
            _mark(mark, seen)
    elif origin is Literal:
        seen.types.append(say("选一个", "one of"))
        seen.values += [str(value) for value in typing.get_args(annotation)]
    elif origin in (typing.Union, types.UnionType):
        for part in typing.get_args(annotation):
            if part is not type(None):
                _walk(part, seen)
    elif origin in (list, set, frozenset, tuple):
        inner = _Seen()
        for part in typing.get_args(annotation):
            if part is not Ellipsis:
                _walk(part, inner)
        seen.types.append(say(f"列表（{'、'.join(inner.types)}）", f"list of {', '.join(inner.types)}"))
        seen.values += inner.values
    elif isinstance(annotation, type) and issubclass(annotation, Enum):
        seen.types.append(say("选一个", "one of"))
        seen.values += [str(member.value) for member in annotation]
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        parts = [f"{name} {info.description or ''}".strip() for name, info in annotation.model_fields.items()]
        seen.types.append(
            say(f"{annotation.__name__}：{'；'.join(parts)}", f"{annotation.__name__}: {'; '.join(parts)}")
        )
    else:
        seen.types.append(_plain(origin or annotation))


def _plain(kind: Any) -> str:
    words = {
        str: say("文字", "text"),
        int: say("整数", "whole number"),
        float: say("数字", "number"),
        bool: say("是或否", "true or false"),
        date: say("日期", "date"),
        datetime: say("时间", "time"),
        dict: say("对象（JSON）", "object (JSON)"),
        Any: say("任意", "anything"),
    }
    return words.get(kind) or str(getattr(kind, "__name__", kind))


def _words_of(name: str) -> str:
    return {
        "ChineseDate": say("日期", "date"),
        "ChineseDateTime": say("时间", "time"),
        "CreditCode": say("统一社会信用代码", "unified social credit code"),
        "Phone": say("电话", "telephone number"),
        "Email": say("邮箱", "e-mail address"),
        "IdNumber": say("身份证号", "identity number"),
    }[name]


def _sign_of(mark: Any) -> Any:
    """What a type of ``curate.types`` is known by: the function that it checks with, or its pattern."""
    return getattr(mark, "func", None) or _pattern_of(mark)


def _pattern_of(mark: Any) -> str:
    # pydantic keeps the pattern of a field among its general metadata, which is a class without a public name
    pattern = getattr(mark, "pattern", None) or ""
    return str(getattr(pattern, "pattern", pattern))


_OWN = {
    _sign_of(typing.get_args(getattr(own, name))[1]): name
    for name in ("ChineseDate", "ChineseDateTime", "CreditCode", "Phone", "Email", "IdNumber")
}


def _own_type(mark: Any) -> str:
    """The type of ``curate.types`` that this mark makes; empty for any other."""
    return _OWN.get(_sign_of(mark), "")


def _mark(mark: Any, seen: _Seen) -> None:
    if isinstance(mark, In):
        seen.unit = mark.unit
    elif isinstance(mark, References):
        seen.references = f"{mark.corpus}.{mark.column}" if mark.column else mark.corpus
    elif isinstance(mark, FieldInfo):
        for inner in mark.metadata:
            _mark(inner, seen)
    else:
        for key, sign in _BOUNDS.items():
            if getattr(mark, key, None) is not None:
                seen.bounds.append(f"{sign} {getattr(mark, key)}")
        for key in ("min_length", "max_length"):
            if getattr(mark, key, None) is not None:
                seen.lengths[key] = getattr(mark, key)
        seen.pattern = _pattern_of(mark) or seen.pattern


def _rules(model: type[BaseModel]) -> Iterator[DescribedRule]:
    for rule in model.rules if issubclass(model, Row) else ():
        condition = rule.condition if isinstance(rule, Check) else ""
        yield DescribedRule(rule.name, rule.fields, condition, say(rule.zh, rule.en))
    for name, validator in model.__pydantic_decorators__.model_validators.items():
        if not (issubclass(model, Row) and name == "_rules_hold"):
            about = inspect.getdoc(validator.func) or say("schema 里的校验函数", "a function of the schema")
            yield DescribedRule(name, (), "", about)
