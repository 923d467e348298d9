"""Infer: a pydantic model drafted from data, as Python for people to read, correct and keep.

What is safe is written as a constraint, and what was only observed as a comment beside it: a range that this month's data
kept may be broken next month by a good row. The draft accepts every row that it was drafted from, but for the values that it
tells of (of a column nearly all of whose values are dates, those that are none: ``tolerance``). Values of columns that look
personal stand nowhere in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from pydantic import BaseModel

from curate.language import say
from curate.validate import Validate
from curate.validate.infer_columns import (
    LONGEST_KEY,
    LONGEST_VALUE,
    Column,
    without_placeholders,
)
from curate.validate.infer_kinds import Kind
from curate.validate.infer_names import identifiers, is_code, never_negative, unit_of, words_of

#: An enumeration has at most so many values, each there so often on average, and unseen ones must be rare.
MOST_MEMBERS, TIMES, UNSEEN = 60, 5, 0.005
#: rows from which a pattern of codes, a reference to other rows, is worth a word
ENOUGH = 20
TOLERANCE = 0.01


@dataclass(frozen=True)
class Source:
    """What a model is drafted from.

    Attributes:
        model: the name of the class.
        title: what people call it; the corpus's name, or the file's.
        place: where it is.
        key: the columns of its key, where a recipe names them.
        original: column -> its name in the source, where a recipe renames it.
        keys: another corpus -> the values of its key.
    """

    model: str
    title: str
    place: str
    key: tuple[str, ...] = ()
    original: Mapping[str, str] = field(default_factory=dict)
    keys: Mapping[str, pl.Series] = field(default_factory=dict)


@dataclass(frozen=True)
class Draft:
    """``text``: the Python. ``fields``: column -> field. ``misfits``: field -> values that the draft rejects."""

    text: str
    fields: dict[str, str]
    misfits: dict[str, int]
    rows: int


def infer(frames: Iterable[pl.DataFrame], source: Source, tolerance: float = TOLERANCE) -> Draft:
    """A model for the rows of ``frames`` (shards of one source, under the names that the recipe gives).

    Args:
        tolerance: the share of a column's values that may be none of the type that the others have (0–1).
    """
    columns: dict[str, Column] = {}
    rows = 0
    for frame in frames:
        for name in frame.columns:
            if name not in columns:
                columns[name] = Column(name, source.original.get(name, name), source.keys)
            columns[name].add(frame[name])
        rows += frame.height
    names = identifiers(columns)
    parts = [_Drafted(column, names[column.name], source, rows, tolerance) for column in columns.values()]
    text = _module(source, parts, names, rows)
    wrong = {part.name: part.wrong for part in parts if part.wrong}
    return Draft(text, names, wrong, rows)


def accepted(
    frames: Iterable[pl.DataFrame], model: type[BaseModel], fields: Mapping[str, str]
) -> Iterator[tuple[int, pl.DataFrame]]:
    """Of each shard the rows, and what a draft rejects of them (columns of ``INVALID``); placeholders count as empty."""
    step = Validate()
    for frame in frames:
        renamed = frame.rename({old: new for old, new in fields.items() if old in frame.columns})
        numbered = (
            without_placeholders(renamed)
            .with_row_index("row_id")
            .with_columns(pl.col("row_id").cast(pl.String))
        )
        outcome = step.judge(numbered, model)
        assert outcome.notes is not None
        yield frame.height, outcome.notes


def quoted(text: str) -> str:
    """A text as Python writes it; a header may hold anything."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")


def comment(text: str) -> str:
    """On one line: what stands in a comment must not end it."""
    return " ".join(text.split())


class _Drafted:
    """One field: its annotation, its constraints, and what was seen."""

    def __init__(self, column: Column, name: str, source: Source, rows: int, tolerance: float) -> None:
        self.column, self.name, self.source, self.rows = column, name, source, rows
        self.header = column.header
        self.kind = column.kind(tolerance)
        if self.kind and self.kind.name in ("int", "float") and is_code(self.header) and column.lengths:
            self.kind = None  # 00123 and 88123 are codes, not amounts
        self.options: dict[str, str] = {}
        self.seen: list[str] = []
        self.imports: set[str] = set()
        self.wrong = column.misfits.get(self.kind.name, 0) if self.kind else 0
        self.filled()
        self.annotation = self.typed()
        self.uniqueness()

    @property
    def optional(self) -> bool:
        return self.column.filled < self.rows

    def filled(self) -> None:
        column = self.column
        if not self.optional:
            self.seen.append(say(f"{self.rows:,} 行都有", f"in all {self.rows:,} rows"))
        else:
            share = column.filled / self.rows if self.rows else 0
            self.seen.append(
                say(
                    f"{column.filled:,}/{self.rows:,} 行有（{share:.1%}）",
                    f"in {column.filled:,} of {self.rows:,} rows ({share:.1%})",
                )
            )
        if column.placeholders:
            words = "、".join(sorted(column.placeholders)[:5])
            times = sum(column.placeholders.values())
            self.seen.append(
                say(
                    f"{times} 格写的是“{words}”，按空值算：清洗里要有 null_placeholders",
                    f"{times} cells say {words!r} and count as empty: clean with null_placeholders",
                )
            )

    def typed(self) -> str:
        if not self.column.filled:
            self.seen.append(say("从来没有值，类型不知道", "never a value: the type is not known"))
            return "str"
        annotation = self._of_kind(self.kind) if self.kind else self._of_text()
        self.misfit()
        unit = unit_of(self.header) or unit_of(self.name)
        if unit and self.kind and self.kind.name in ("int", "float"):
            annotation = self._marked(annotation, "In", f"In({quoted(unit)})")
        return self._referring(annotation)

    def _of_kind(self, kind: Kind) -> str:
        self.imports.add(kind.name)
        if kind.name == "url":
            self.options["pattern"] = 'r"^https?://"'
            return "str"
        if kind.name in self.column.span and not self.column.personal:
            low, high = self.column.span[kind.name]
            self.seen.append(say(f"见过 {low} 到 {high}", f"seen: {low} to {high}"))
            if kind.name in ("int", "float"):
                self._bound(low)
        return kind.name

    def _bound(self, low: Any) -> None:
        if never_negative(self.header) or never_negative(self.name) or unit_of(self.header):
            if low >= 0:
                self.options["ge"] = "0"
            else:
                self.seen.append(
                    say("有负数，请核对；不该有就加 ge=0", "some are negative: if none should be, add ge=0")
                )

    def _of_text(self) -> str:
        column = self.column
        members = self._members()
        if members:
            self.imports.add("Literal")
            lines = [f"        {quoted(value)},  # {times:,}" for value, times in members]
            self.seen.append(
                say(
                    f"只见过这 {len(members)} 种；还会有别的就改成 Text",
                    f"only these {len(members)} were seen; where others may come, make it Text",
                )
            )
            return "\n".join(["Literal[", *lines, "    ]"])
        pattern = self._pattern()
        if pattern:
            self.options["pattern"] = f'r"{pattern}"'
            return "str"
        if column.lengths:
            low, high = column.lengths
            size = f"{low}" if low == high else f"{low}–{high}"
            self.seen.append(say(f"长 {size} 字", f"{size} characters"))
        self.imports.add("Text")
        return "Text"

    def _members(self) -> list[tuple[str, int]]:
        """The values of a closed list, the most frequent first. How likely is a value that was not seen yet? About as likely as
        those that were seen once (Good and Turing; I. J. Good, Biometrika 40, 1953).
        """
        counts = self.column.counts
        if not counts or len(counts) > MOST_MEMBERS or self.column.filled < TIMES * len(counts):
            return []
        once = sum(times == 1 for times in counts.values())
        if max(map(len, counts)) > LONGEST_VALUE or once > UNSEEN * self.column.filled:
            return []
        if len(self.column.may_show(list(counts))) < len(counts):
            self.seen.append(
                say(
                    f"{len(counts)} 种值，像是个人信息，不列出",
                    f"{len(counts)} different values, not listed: they look personal",
                )
            )
            return []
        return sorted(counts.items(), key=lambda one: (-one[1], one[0]))

    def _pattern(self) -> str:
        """What all codes of the column look like: C00001 -> ^C[0-9]{5}$."""
        shapes = self.column.shapes
        if not shapes or self.column.filled < ENOUGH or self.column.personal:
            return ""
        told = {shape if len(shapes) == 1 else re.sub("9+", "9+", shape) for shape in shapes}
        if len(told) > 1 or not any("9" in shape for shape in told):
            return ""
        shape = told.pop()
        start = re.split("[0-9]", self.column.prefix or "", maxsplit=1)[0]
        rest = re.sub(r"9\+|9+|A+|a+|[^9Aa]", _class_of, shape[len(start) :])
        return f"^{re.escape(start)}{rest}$" if '"' not in start + shape else ""

    def misfit(self) -> None:
        if not self.wrong or not self.kind:
            return
        some = self.column.may_show(self.column.examples.get(self.kind.name, []))
        such = (
            say(f"，如 {'、'.join(map(repr, some))}", f", such as {', '.join(map(repr, some))}")
            if some
            else ""
        )
        self.seen.append(
            say(
                f"{self.wrong} 个值不是{such}：会被隔离",
                f"{self.wrong} values are none{such}: they will be set aside",
            )
        )

    def _marked(self, annotation: str, imported: str, mark: str) -> str:
        self.imports |= {"Annotated", imported}
        return f"Annotated[{annotation}, {mark}]"

    def _referring(self, annotation: str) -> str:
        if (
            self.column.name in self.source.key
            or self.column.filled < ENOUGH
            or annotation.startswith("Literal")
        ):
            return annotation
        for corpus, found in sorted(self.column.found_in.items(), key=lambda one: (-one[1], one[0])):
            missing = self.column.filled - found
            if missing <= TOLERANCE * self.column.filled:
                if missing:
                    self.seen.append(
                        say(f"{missing} 个值在 {corpus} 里没有", f"{missing} values are not in {corpus}")
                    )
                return self._marked(annotation, "References", f"References({quoted(corpus)})")
            self.seen.append(
                say(
                    f"{found / self.column.filled:.0%} 的值是 {corpus} 的主键",
                    f"{found / self.column.filled:.0%} of the values are keys of {corpus}",
                )
            )
        return annotation

    def uniqueness(self) -> None:
        short = not self.column.lengths or self.column.lengths[1] <= LONGEST_KEY
        if self.column.name in self.source.key:
            again = (
                ""
                if self.column.is_unique
                else say(
                    "，但有重复（同一条的几个版本？）", ", but some are there twice (versions of one record?)"
                )
            )
            self.seen.append(say(f"配方里的主键{again}", f"the recipe's key{again}"))
        elif self.column.is_unique and not self.optional and short and self.column.filled >= ENOUGH:
            self.seen.append(say("没有重复，可以作主键", "no value twice: it may be the key"))

    def lines(self) -> list[str]:
        told = words_of(self.header) or self.name
        options = [f"description={quoted(told)}", *(f"{key}={value}" for key, value in self.options.items())]
        if self.optional:
            options.insert(0, "default=None")
        annotation = f"{self.annotation} | None" if self.optional else self.annotation
        return [
            f"    # {comment(say('；', '; ').join(self.seen))}",
            f"    {self.name}: {annotation} = Field({', '.join(options)})",
        ]


def _class_of(run: re.Match[str]) -> str:
    text = run[0]
    if text == "9+":
        return "[0-9]+"
    kind = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}.get(text[0])
    if kind is None:
        return re.escape(text)
    return kind if len(text) == 1 else f"{kind}{{{len(text)}}}"


_TYPING, _OWN = ("Annotated", "Any", "Literal"), (
    "ChineseDate", "ChineseDateTime", "CreditCode", "Email", "IdNumber", "In", "Phone", "References", "Text",
)  # fmt: skip


def _module(source: Source, parts: list[_Drafted], names: Mapping[str, str], rows: int) -> str:
    wanted = {name for part in parts for name in part.imports} | {"Row"}
    wanted |= {"Any"} if any("Any" in part.annotation for part in parts) else set()
    typing = sorted(wanted & set(_TYPING))
    own = sorted(wanted & {*_OWN, "Row"})
    title, place = (_in_docstring(text) for text in (source.title, source.place))
    head = say(
        f'"""{title}：照 {place} 的 {rows:,} 行起草，逐条核对之后再用。"""',
        f'"""{title}: drafted from the {rows:,} rows of {place}; check it field by field before you use it."""',
    )
    lines = [head, ""]
    if typing:
        lines += [f"from typing import {', '.join(typing)}", ""]
    lines += ["from pydantic import Field", "", f"from curate.types import {', '.join(own)}", ""]
    renamed = {new: old for old, new in names.items() if new != old}
    if renamed:
        pairs = ", ".join(f"{new}: {quoted(source.original.get(old, old))}" for new, old in renamed.items())
        lines += [
            say(
                "# 这些列名不能作字段名；配方的语料里写（与已有的 columns 合在一起）：",
                "# These names cannot be fields; in the recipe's corpus write (together with its columns):",
            ),
            f"#   columns: {{{comment(pairs)}}}",
            "",
        ]
    about = say(f"{title}的一行。", f"A row of {title}.")
    lines += ["", f"class {source.model}(Row):", f'    """{about}"""', ""]
    for part in parts:
        lines += part.lines()
    return "\n".join(lines) + "\n"


def _in_docstring(text: str) -> str:
    return comment(text).replace("\\", "/").replace('"', "'")
