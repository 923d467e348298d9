"""normalize_fields: dates, amounts, phones, places … of a table's columns, each in one normal form."""

from __future__ import annotations

from collections.abc import Hashable
from typing import ClassVar, Literal, Self

import polars as pl
from pydantic import Field, model_validator

from curate.clean.cleaner import Cleaner, Notes
from curate.clean.fields.kinds import AnyKind, Division, Kind, OnUnread, Reading
from curate.language import say
from curate.options import problem
from curate.rows import RESERVED, Outcome, because, nothing_dropped

#: Of a column at most so many different unread values are told per shard, the most frequent ones; the rest only counted.
TOLD_VALUES, TOLD_CHARS = 200, 60


class NormalizeFields(Cleaner):
    """把日期、金额、电话、网址、省市区、公司名等列写成统一的形式。 / Columns of dates, amounts, phones, places … in one form.

    date, phone, email, url, credit_code, division and company_name need no options (founded: date); amount and
    quantity want a unit ({kind: amount, unit: 万元}), choice its aliases. A value that cannot be read surely stays as
    it is and is told: nothing is guessed. Normal forms are text; a schema makes numbers and dates of them.
    """

    version: ClassVar = 2
    libraries: ClassVar = ("email-validator", "opencc", "phonenumbers", "rapidfuzz")
    use: Literal["normalize_fields"] = "normalize_fields"
    columns: dict[str, AnyKind] = Field(min_length=1)
    """列名: 类型，或 {kind: 类型, 选项 …} / column: kind, or {kind: …, options}"""
    on_unread: OnUnread = "keep"
    """认不出的值：keep 原样，empty 变空值，drop 丢弃整行 / a value that cannot be read stays, becomes null, or drops the row"""

    @model_validator(mode="after")
    def _own_columns(self) -> Self:
        for name in [*self.columns, *(made for kind in self.columns.values() for made in kind.makes())]:
            if name in RESERVED:
                raise problem(
                    say(f"{name} 是系统列，不能改", f"{name} is a column of curate's own"),
                    say("换一个列名", "choose another name"),
                )
        return self

    def named_columns(self) -> list[tuple[tuple[Hashable, ...], str]]:
        made = {name for kind in self.columns.values() for name in kind.makes()}
        named: list[tuple[tuple[Hashable, ...], str]] = [(("columns", name), name) for name in self.columns]
        for name, kind in self.columns.items():
            if isinstance(kind, Division):
                named += [(("columns", name, "within"), other) for other in kind.within]
        return [(place, name) for place, name in named if name not in made]

    def apply(self, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        notes = notes or Notes()
        wrong: dict[str, pl.Series] = {}
        for name, kind in self.columns.items():
            texts = _as_text(rows[name], kind) if name in rows.columns else None
            if texts is None:
                continue
            read = kind.read(texts, rows)
            lost = read.values.is_null() & (texts.str.strip_chars() != "").fill_null(False)
            if read.how is not None:  # what a person should look at is not lost
                lost &= (read.how["how"] != "review").fill_null(True)
            values = read.values.fill_null(texts)
            wanted = kind.on_unread or self.on_unread
            if wanted == "empty":
                values = values.set(lost, None)
            elif wanted == "drop":
                wrong[name] = lost
            _tell(name, kind, texts, values, lost, read, notes)
            rows = rows.with_columns(values.alias(name), *_filled(rows, read.others))
        return self._drop(rows, wrong)

    def _drop(self, rows: pl.DataFrame, wrong: dict[str, pl.Series]) -> Outcome:
        """Rows with an unread value; the detail is the first such column, and its value where it may be told."""
        if not any(lost.any() for lost in wrong.values()):
            return Outcome(rows, nothing_dropped(rows))
        said = [
            pl.when(lost).then(
                pl.lit(name)
                if self.columns[name].personal
                else pl.concat_str(pl.lit(f"{name}: "), pl.col(name).cast(pl.String).str.slice(0, TOLD_CHARS))
            )
            for name, lost in wrong.items()
        ]
        detail = rows.select(pl.coalesce(said)).to_series()
        bad = detail.is_not_null()
        dropped = because(rows.filter(bad), pl.lit("unread_field"), detail=pl.lit(detail.filter(bad)))
        return Outcome(rows.filter(~bad), dropped)


def _as_text(column: pl.Series, kind: Kind) -> pl.Series | None:
    """The column as text; None where there is nothing to do (dates in a column of dates, numbers in one of numbers)."""
    if column.dtype == pl.String:
        return column
    if kind.numeric or not column.dtype.is_numeric():
        return None
    if column.dtype.is_float():  # 13800138000.0
        whole = column.cast(pl.Int64, strict=False)
        return column.cast(pl.String).zip_with((whole != column).fill_null(True), whole.cast(pl.String))
    return column.cast(pl.String)


def _filled(rows: pl.DataFrame, others: dict[str, pl.Series]) -> list[pl.Series]:
    """The columns that come with a value; what the row has already stays."""
    return [
        (rows[name].cast(pl.String).fill_null(values) if name in rows.columns else values).alias(name)
        for name, values in others.items()
    ]


def _tell(
    name: str, kind: Kind, texts: pl.Series, values: pl.Series, lost: pl.Series, read: Reading, notes: Notes
) -> None:
    from curate.algorithms.personal_data import kinds_in

    told = pl.DataFrame({"text": texts, "lost": lost})
    if read.how is not None:
        told = told.with_columns(read.how["how", "proposal", "score"])
        matched = told.filter(pl.col("how").is_in(["matched", "review"]))
        counted = matched.group_by("text", "how", "proposal", "score").len()
        for text, how, proposal, score, count in _most(counted, "len").iter_rows():
            notes.add(name, how, text, proposal, score, count)
    changed = (values.is_not_null() & texts.ne_missing(values)).sum()
    notes.add(name, "read", count=int(changed))
    unread = told.filter("lost")["text"].value_counts()
    few = _most(unread, "count")
    hidden = kinds_in(few["text"]).is_not_null() | kind.hides(few["text"])
    for (text, count), hide in zip(few.iter_rows(), hidden, strict=True):
        notes.add(name, "unread", None if hide else text[:TOLD_CHARS], count=count)
    notes.add(name, "unread", count=int(lost.sum()) - int(few["count"].sum()))


def _most(counted: pl.DataFrame, count: str) -> pl.DataFrame:
    return counted.sort([count, "text"], descending=[True, False]).head(TOLD_VALUES)
