"""Infer: a pydantic model drafted from data, as Python for people to read, correct and keep.

What is safe is written as a constraint, and what was only observed as a comment beside it: a range that this month's data
kept may be broken next month by a good row. The draft accepts every row that it was drafted from, but for the values that it
tells of (of a column nearly all of whose values are dates, those that are none: ``tolerance``). Values of columns that look
personal stand nowhere in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import polars as pl
from pydantic import BaseModel

from curate.language import say
from curate.validate import Validate
from curate.validate.infer_columns import Column, without_placeholders
from curate.validate.infer_field import TOLERANCE, DraftedField, Source, comment, quoted
from curate.validate.infer_names import identifiers


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
    parts = [DraftedField(column, names[column.name], source, rows, tolerance) for column in columns.values()]
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


_TYPING, _OWN = ("Annotated", "Any", "Literal"), (
    "ChineseDate", "ChineseDateTime", "CreditCode", "Email", "IdNumber", "In", "Phone", "References", "Text",
)  # fmt: skip


def _module(source: Source, parts: list[DraftedField], names: Mapping[str, str], rows: int) -> str:
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
    about = say(f"{title} 的一行。", f"A row of {title}.")
    lines += ["", f"class {source.model}(Row):", f'    """{about}"""', ""]
    for part in parts:
        lines += part.lines()
    return "\n".join(lines) + "\n"


def _in_docstring(text: str) -> str:
    return comment(text).replace("\\", "/").replace('"', "'")
