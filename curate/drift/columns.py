"""The columns of two tables that can be compared, read one shard at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.rows import ADDED, COMMON, ROUTED, SYSTEM, WHY, Table

#: A column of texts holds categories if there are at most so many, and on average at least so many rows of each.
KINDS, ROWS_A_KIND = 50, 5
#: Categories whose rows are counted; a column with more is none of categories.
COUNTED = 2_000
#: What stands for no value.
NONE = "∅"
#: ``quality`` is a figure of every row; the other columns that cleaners add only explain it.
_SKIPPED = frozenset({*SYSTEM, *COMMON, *ROUTED, *WHY, *ADDED}) - {"quality"}


@dataclass
class Columns:
    """What the columns of a table hold.

    Attributes:
        rows: how many were read.
        numbers: column -> its finite values.
        counts: column of texts or truth values -> value -> rows; more than ``COUNTED`` values are not counted on.
        nulls: column -> rows without a value.
    """

    rows: int = 0
    numbers: dict[str, npt.NDArray[np.float64]] = field(default_factory=dict)
    counts: dict[str, Counter[str]] = field(default_factory=dict)
    nulls: dict[str, int] = field(default_factory=dict)


def kinds_of(table: Table) -> dict[str, str]:
    """Column -> ``number``, ``text``, ``key`` or ``other``, of the row's own columns. A key names its row: its numbers only grow."""
    kinds = {name: _kind(kind) for name, kind in table.schema.items() if name not in _SKIPPED}
    own = [name for name, kind in kinds.items() if kind != "other"]
    few = next(table.frames(["row_id", *own])).head(100)
    key = pl.col("row_id").str.split_exact(":", 1).struct.field("field_1")
    same = few.select(
        (pl.col(name).cast(pl.String) == key).fill_null(False).all().alias(name) for name in own
    )
    keys = [name for name in own if few.height and same[name].item()]
    return kinds | dict.fromkeys(keys, "key")


def _kind(kind: pl.DataType) -> str:
    if kind.is_numeric():
        return "number"
    return "text" if kind.base_type() in (pl.String, pl.Boolean, pl.Enum, pl.Categorical) else "other"


def read_columns(table: Table, kinds: Mapping[str, str], leave_out: pl.Series | None = None) -> Columns:
    """The columns named in ``kinds``; rows whose ``row_id`` is in ``leave_out`` are passed over."""
    told = Columns(counts={name: Counter() for name, kind in kinds.items() if kind == "text"})
    parts: dict[str, list[npt.NDArray[np.float64]]] = {n: [] for n, kind in kinds.items() if kind == "number"}
    too_many: set[str] = set()
    for frame in _frames(table, list(kinds), leave_out):
        told.rows += frame.height
        for name in kinds:
            told.nulls[name] = told.nulls.get(name, 0) + frame[name].null_count()
        for name in parts:
            values = frame[name].cast(pl.Float64).drop_nulls()
            parts[name].append(values.filter(values.is_finite()).to_numpy())
        for name, counts in told.counts.items():
            if name not in too_many:
                counts.update(dict(frame[name].cast(pl.String).drop_nulls().value_counts().iter_rows()))
                too_many |= {name} if len(counts) > COUNTED else set()
    told.numbers = {name: np.concatenate(some) if some else np.empty(0) for name, some in parts.items()}
    return told


def _frames(table: Table, columns: list[str], leave_out: pl.Series | None) -> Iterator[pl.DataFrame]:
    for frame in table.frames(["row_id", *columns]):
        yield frame if leave_out is None else frame.filter(~pl.col("row_id").is_in(leave_out.implode()))


def categories(before: Columns, after: Columns, name: str) -> tuple[Counter[str], Counter[str]] | None:
    """The rows of each value on both sides, those without one too; None where the column holds no categories."""
    one, two = before.counts[name], after.counts[name]
    rows = one.total() + two.total()
    kinds = len({*one, *two})
    if not kinds or kinds > KINDS or rows < ROWS_A_KIND * kinds:
        return None
    empty = Counter({NONE: before.nulls[name]}), Counter({NONE: after.nulls[name]})
    return +(one + empty[0]), +(two + empty[1])
