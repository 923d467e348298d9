"""Kinds: what a column may hold, told by the types that a schema then checks by, so that a draft accepts what it was drafted from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any

import polars as pl
from pydantic import Field, create_model

from curate.algorithms.checksums import is_id_card
from curate.types import ChineseDate, ChineseDateTime, CreditCode, Email, IdNumber, Phone, Row
from curate.validate.compiled import Compiled, compiled

#: A column of text -> which of its values look like one of the kind at all; the type decides among them.
Guard = Callable[[pl.Series], pl.Series]


def _matches(pattern: str) -> Guard:
    return lambda texts: texts.str.contains(pattern)


def _id_cards(texts: pl.Series) -> pl.Series:
    shaped = texts.str.contains(r"^[1-9*][0-9*]{16}[0-9Xx*]$").fill_null(False)
    masked = texts.str.contains("*", literal=True).fill_null(False)
    told = [
        fits and (stars or is_id_card(text)) for text, fits, stars in zip(texts, shaped, masked, strict=True)
    ]
    return pl.Series(told, dtype=pl.Boolean)


@dataclass(frozen=True)
class Kind:
    """A kind of values.

    Attributes:
        name: what it is called in the draft: the type's own name.
        type: the annotation that the draft writes.
        guard: for texts; a number of eleven digits would pass as many things.
        typed: types of columns that are of this kind without a look at their values.
        personal: its values tell of a person.
        ordered: a smallest and a greatest value say something.
    """

    name: str
    type: Any
    guard: Guard
    typed: tuple[type[pl.DataType], ...] = ()
    personal: bool = False
    ordered: bool = False

    @cached_property
    def _plan(self) -> Compiled:
        return compiled(create_model("One", __base__=Row, value=(self.type, ...)))

    def read(self, values: pl.Series) -> tuple[pl.Series, pl.Series]:
        """(which of the values are of this kind, the values as the type gives them)."""
        rows = values.alias("value").to_frame()
        if values.dtype == pl.String:
            rows = rows.select(pl.when(self.guard(values).fill_null(False)).then("value").alias("value"))
        elif not isinstance(values.dtype, self.typed):
            return pl.repeat(False, len(values), eager=True), values.clear(len(values))
        sure, told = self._plan.decide(rows)
        return sure & rows["value"].is_not_null(), told["value"]

    def accepts(self, values: pl.Series) -> pl.Series:
        """Which of the values the type lets pass, though they may not look like the kind."""
        return self._plan.decide(values.alias("value").to_frame())[0]


_INTEGERS = (pl.Int8, pl.Int16, pl.Int32, pl.Int64, pl.UInt8, pl.UInt16, pl.UInt32, pl.UInt64)

#: In this order: the first that (nearly) all values of a column are of.
KINDS = (
    Kind("CreditCode", CreditCode, _matches(r"^\s*[0-9A-Za-z]{18}\s*$")),
    Kind("IdNumber", IdNumber, _id_cards, personal=True),
    Kind("Phone", Phone, _matches(
        r"^(?:\+?86[- ]?)?1[3-9][0-9][0-9*]{8}$|^0[0-9]{2,3}-?[0-9*]{7,8}$|^400-?[0-9]{3}-?[0-9]{4}$"), personal=True),
    Kind("Email", Email, _matches(r"^[^@\s]+@[^@\s]+\.[^@\s]+$"), personal=True),
    Kind("url", Annotated[str, Field(pattern=r"^https?://")], _matches(r"^https?://[^\s/]+\.[^\s]+$")),
    Kind("bool", bool, _matches(r"(?i)^(?:true|false|yes|no)$"), (pl.Boolean,)),
    Kind("int", int, _matches(r"^-?(?:0|[1-9][0-9]{0,17})$"), _INTEGERS, ordered=True),
    Kind("float", float, _matches(r"^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"), (pl.Float32, pl.Float64, pl.Decimal, *_INTEGERS), ordered=True),
    Kind("ChineseDate", ChineseDate, _matches("[0-9]{4}"), (pl.Date,), ordered=True),
    Kind("ChineseDateTime", ChineseDateTime, _matches("[0-9]{4}"), (pl.Date, pl.Datetime), ordered=True),
    Kind("list[str]", list[str], _matches(r"^\s*\["), (pl.List,)),
    Kind("list[int]", list[int], _matches(r"^\s*\["), (pl.List,)),
    Kind("list[float]", list[float], _matches(r"^\s*\["), (pl.List,)),
    Kind("dict[str, Any]", dict[str, Any], _matches(r"^\s*\{"), (pl.Struct,)),
)  # fmt: skip
