"""Schema drift: what a corpus is now against what it was when its recipe last ran to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel

from curate.errors import GateFailed
from curate.language import say
from curate.validate.profile import COUNTED, MOST_VALUES

#: a share of empty cells that grew by more than this is told
MORE_EMPTY = 0.1
#: new values that are named
TOLD = 8
#: a type that holds another one's values, too
_WIDER = {("int", "number")}
_TYPE_WORDS = {
    "int": ("整数", "whole numbers"),
    "number": ("小数", "numbers"),
    "date": ("日期", "dates"),
    "bool": ("是否", "truth values"),
    "list": ("列表", "lists"),
    "text": ("文字", "text"),
    "empty": ("全空", "nothing"),
}


@dataclass(frozen=True)
class Change:
    """``what``: new_column, missing_column, type, new_values, lost_values, emptier, range. ``grave``: rows may be lost by it."""

    corpus: str
    column: str
    what: str
    zh: str
    en: str
    grave: bool

    def line(self) -> str:
        return say(f"{self.corpus}.{self.column}：{self.zh}", f"{self.corpus}.{self.column}: {self.en}")


def compare(
    corpus: str, before: Mapping[str, Any], now: Mapping[str, Any], model: type[BaseModel] | None = None
) -> list[Change]:
    """What differs between two profiles (``curate.validate.profile``) of a corpus.

    Args:
        model: its schema: values that it does not allow are told as such.
    """
    old, new = before["columns"], now["columns"]
    changes = [
        _change(corpus, name, "missing_column", "这一列没有了", "the column is gone", True)
        for name in old
        if name not in new
    ]
    for name, column in new.items():
        if name not in old:
            changes.append(_change(corpus, name, "new_column", "多了这一列", "a new column", False))
        else:
            changes += _of_column(corpus, name, old[name], column, _allowed(model, name))
    return changes


def _change(corpus: str, column: str, what: str, zh: str, en: str, grave: bool) -> Change:
    return Change(corpus, column, what, zh, en, grave)


def _of_column(
    corpus: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any], allowed: frozenset[str] | None
) -> list[Change]:
    changes = []
    if (
        old["type"] != new["type"]
        and "empty" not in (old["type"], new["type"])
        and (new["type"], old["type"]) not in _WIDER
    ):
        (zh_old, en_old), (zh_new, en_new) = _TYPE_WORDS[old["type"]], _TYPE_WORDS[new["type"]]
        changes.append(
            _change(
                corpus,
                name,
                "type",
                f"类型变了：原来是{zh_old}，现在是{zh_new}",
                f"was {en_old}, is {en_new}",
                True,
            )
        )
    if old["values"] is not None and new["values"] is not None:
        changes += _of_values(corpus, name, old["values"], new["values"], allowed)
    elif old["values"] is not None and new["type"] == "text" and (new["distinct"] or COUNTED) > MOST_VALUES:
        changes.append(
            _change(
                corpus, name, "new_values", f"原来只有 {len(old['values'])} 种取值，现在多得不像名单", f"had {len(old['values'])} values, and now is no list any more", True,
            )
        )  # fmt: skip
    if new["empty"] - old["empty"] > MORE_EMPTY:
        told = f"{old['empty']:.0%} → {new['empty']:.0%}"
        changes.append(
            _change(
                corpus, name, "emptier", f"空着的多了：{told}", f"more empty cells: {told}", new["empty"] == 1
            )
        )
    changes += _of_range(corpus, name, old, new)
    return changes


def _of_values(
    corpus: str, name: str, old: Mapping[str, int], new: Mapping[str, int], allowed: frozenset[str] | None
) -> list[Change]:
    changes = []
    added = [value for value in new if value not in old]
    if added:
        named = "、".join(f"{value}（{new[value]} 行）" for value in added[:TOLD])
        named_en = ", ".join(f"{value} ({new[value]})" for value in added[:TOLD])
        refused = [value for value in added if allowed is not None and value not in allowed]
        rows = sum(new[value] for value in refused)
        zh, en = f"新的取值：{named}", f"new values: {named_en}"
        if rows:
            zh += f"；规范不认其中 {len(refused)} 种，{rows} 行会被隔离，确认无误就加进规范"
            en += f"; the schema refuses {len(refused)} of them, {rows} rows will be in quarantine: if they are right, add them to it"
        changes.append(_change(corpus, name, "new_values", zh, en, bool(rows)))
    lost = [value for value in old if value not in new]
    if lost:
        named = "、".join(lost[:TOLD])
        changes.append(
            _change(
                corpus,
                name,
                "lost_values",
                f"不再出现的取值：{named}",
                f"values that are gone: {', '.join(lost[:TOLD])}",
                False,
            )
        )
    return changes


def _of_range(corpus: str, name: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Numbers ten times as large (or as far below) as ever: another unit, most likely."""
    if (
        old["type"] not in ("int", "number")
        or new["type"] not in ("int", "number")
        or old["high"] is None
        or new["high"] is None
    ):
        return []
    reach = max(abs(old["low"]), abs(old["high"]), 1.0)
    if max(abs(new["low"]), abs(new["high"])) < 10 * reach and not (old["low"] >= 0 > new["low"]):
        return []
    told = f"{old['low']:g}–{old['high']:g} → {new['low']:g}–{new['high']:g}"
    return [
        _change(
            corpus,
            name,
            "range",
            f"数值范围变了：{told}，单位变了吗？",
            f"another range: {told}; another unit?",
            False,
        )
    ]


def _allowed(model: type[BaseModel] | None, field: str) -> frozenset[str] | None:
    """The values that a schema's ``Literal`` allows; None where it has none."""
    if model is None or field not in model.model_fields:
        return None

    def literal(annotation: Any) -> frozenset[str] | None:
        if get_origin(annotation) is Literal:
            return frozenset(map(str, get_args(annotation)))
        for part in get_args(annotation):
            if (found := literal(part)) is not None:
                return found
        return None

    return literal(model.model_fields[field].annotation)


def gate(changes: Sequence[Change]) -> None:
    """Raises:
    GateFailed: there are any.
    """
    if changes:
        raise GateFailed(
            say(
                f"数据与上次运行不同，有 {len(changes)} 处：\n"
                + "\n".join(f"    {change.line()}" for change in changes),
                f"the data differ from the last run in {len(changes)} place(s):\n"
                + "\n".join(f"    {change.line()}" for change in changes),
            ),
            say(
                "问清楚数据为什么变了：该改的改源数据或规范，都对就放行这一次",
                "find out why: mend the source or the schema, or let it pass this once",
            ),
            gate="drift",
        )
