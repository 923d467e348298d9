"""One field of a drafted schema: its type, its constraints, and in a comment what was only observed."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from curate.language import say
from curate.validate.infer_columns import LONGEST_VALUE, Column
from curate.validate.infer_kinds import Kind
from curate.validate.infer_names import is_code, never_negative, unit_of, words_of

#: An enumeration has at most so many values, each there so often on average, and unseen ones must be rare.
MOST_MEMBERS, TIMES, UNSEEN = 60, 5, 0.005
#: rows from which a pattern of codes, a reference to other rows, is worth a word
ENOUGH = 20
#: a column that has this share of its values was probably meant to have them all
NEARLY_ALL = 0.99
TOLERANCE = 0.01
#: stands in a shape for any number of digits
_RUN = "\x01"


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


def quoted(text: str) -> str:
    """A text as Python writes it; a header may hold anything."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\x7f")


def comment(text: str) -> str:
    """On one line: what stands in a comment must not end it."""
    return " ".join(text.split())


class DraftedField:
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
        self.wrong = column.refused.get(self.kind.name, 0) if self.kind else 0
        self.filled()
        self.annotation = self.typed()
        self.uniqueness()

    @property
    def optional(self) -> bool:
        return self.column.filled < self.rows

    def filled(self) -> None:
        """How many rows have a value, and which words stand where there is none."""
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
            if column.filled and share >= NEARLY_ALL:
                self.seen.append(
                    say("应该必填就去掉 | None 和 default", "if it is required, take away | None and default")
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
        if never_negative(self.header) or never_negative(self.name):
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
        else:  # a type that no schema has a word for, such as a time of day
            self.imports.add("Any")
            return "Any"
        self.imports.add("Text")
        return "Text"

    def _members(self) -> list[tuple[str, int]]:
        """The values of a closed list, the most frequent first. How likely is a value that was not seen yet? About as likely as
        those that were seen once (Good and Turing; I. J. Good, Biometrika 40, 1953).
        """
        counts = self.column.counts
        if not counts or not 2 <= len(counts) <= MOST_MEMBERS or self.column.filled < TIMES * len(counts):
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
        plain = all(
            "9" in shape and shape.isascii() and shape.isprintable() and '"' not in shape for shape in shapes
        )
        told = set(shapes) if len(shapes) == 1 else {re.sub("9+", _RUN, shape) for shape in shapes}
        if len(told) > 1 or not plain:
            return ""
        start = re.split("[0-9]", self.column.prefix or "", maxsplit=1)[0]
        rest = re.sub(f"{_RUN}|9+|A+|a+|.", _class_of, told.pop()[len(start) :])
        return f"^{re.escape(start)}{rest}$"

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
            if found < self.column.filled / 2:
                continue
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
        """Whether it is the key, or may be."""
        coded = "pattern" in self.options or (
            self.kind is not None and self.kind.name in ("int", "CreditCode")
        )
        if self.column.name in self.source.key:
            again = (
                ""
                if self.column.is_unique
                else say(
                    "，但有重复（同一条的几个版本？）", ", but some are there twice (versions of one record?)"
                )
            )
            self.seen.append(say(f"配方里的主键{again}", f"the recipe's key{again}"))
        elif coded and self.column.is_unique and not self.optional and self.column.filled >= ENOUGH:
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
    if text == _RUN:
        return "[0-9]+"
    kind = {"9": "[0-9]", "A": "[A-Z]", "a": "[a-z]"}.get(text[0])
    if kind is None:
        return re.escape(text)
    return kind if len(text) == 1 else f"{kind}{{{len(text)}}}"
