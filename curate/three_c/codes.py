"""Codes: which values of a column are valid ones of their kind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import polars as pl

from curate.algorithms.checksums import is_id_card
from curate.algorithms.fields.each_value import each_value
from curate.algorithms.personal_data import KINDS, replaced
from curate.errors import Problem
from curate.language import say
from curate.term_files import raise_problems, read_lines, read_table
from curate.types import credit_code_twin

CodeKind = Literal["credit_code", "id_number", "mobile", "division", "date", "url", "email"]
#: what tells a masked value (138****5678): nobody can check it
MASKED = r"\*{2}"
#: columns of a table of codes; those of a glossary are let be, so that one file serves both
COLUMNS = {
    "code": ("代码", "编码", "value", "值"),
    "canonical": ("标准词", "规范词", "标准术语", "名称", "term", "name"),
    "aliases": ("别名", "同义词", "alias"),
    "forbidden": ("禁用词", "禁用写法"),
    "system": ("代码体系", "编码体系"),
    "note": ("说明", "备注"),
}
#: an address that needs no closer look; a million different ones take seconds, not minutes
PLAIN_URL = r"^https?://(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?:/[A-Za-z0-9/._~%?=&#+-]*)?$"
EXAMPLES = 5
#: characters of a value in a report
SHOWN = 60

Valid = Callable[[pl.Series], pl.Series]


@dataclass
class Counted:
    """What is known of a column so far. ``examples``: (row_id, invalid value, personal data masked)."""

    rows: int = 0
    missing: int = 0
    masked: int = 0
    invalid: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)

    @property
    def checked(self) -> int:
        return self.rows - self.missing - self.masked

    def add(self, other: Counted) -> None:
        for name in ("rows", "missing", "masked", "invalid"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.examples = [*self.examples, *other.examples][:EXAMPLES]

    def told(self) -> dict[str, Any]:
        valid = 1 - self.invalid / self.checked if self.checked else None
        return {
            "rows": self.rows,
            "missing": self.missing,
            "masked": self.masked,
            "checked": self.checked,
            "invalid": self.invalid,
            "valid": None if valid is None else round(valid, 6),
            "examples": [list(one) for one in self.examples],
        }


def counted(rows: pl.DataFrame, column: str, valid: Valid) -> Counted:
    """Count one shard's values; those of a list one by one."""
    values = rows.select("row_id", pl.col(column).alias("value"))
    if isinstance(values.schema["value"], pl.List):
        values = values.explode("value", empty_as_null=True)
    texts = values["value"].cast(pl.String).str.strip_chars()
    texts = texts.set(texts == "", None)
    masked = texts.str.contains(MASKED).fill_null(False)
    open_ = texts.is_not_null() & ~masked
    told = values.with_columns(texts).filter(open_)
    wrong = told.filter(~valid(told["value"]).fill_null(False)) if told.height else told
    few = wrong.head(EXAMPLES)
    return Counted(
        len(texts),
        texts.null_count(),
        int(masked.sum()),
        wrong.height,
        list(zip(few["row_id"], shown(few["value"]), strict=True)),
    )


def shown(values: pl.Series) -> pl.Series:
    """Values as a report may tell them: short, personal data masked."""
    masked = replaced(values.fill_null(""), KINDS, lambda found: found.shown)[0].set(values.is_null(), None)
    text = pl.col(values.name)
    short = pl.when(text.str.len_chars() > SHOWN).then(text.str.slice(0, SHOWN) + "…").otherwise(text)
    return masked.alias(values.name).to_frame().select(short.alias(values.name)).to_series()


def of_kind(kind: CodeKind) -> Valid:
    """The test of a kind: for each text, none of them null, whether it is valid."""
    return _VALID[kind]


def of_table(file: str) -> Valid:
    """The test of a table of codes."""
    known = pl.Series(read_codes(file)).implode()
    return lambda texts: texts.is_in(known)


def read_codes(file: str) -> list[str]:
    """The codes of a table, sorted.

    Raises:
        PydanticCustomError: all that is wrong with the file, with its lines.
    """
    problems: list[Problem] = []
    if Path(file).suffix.lower() == ".txt":
        codes = {line for _, line in read_lines(file, problems)}
    else:
        codes = {row["code"] for _, row in read_table(file, COLUMNS, problems) if "code" in row}
    if not codes and not problems:
        problems.append(
            Problem(
                Path(file),
                0,
                say("没有一个代码", "no code in it"),
                say(
                    "代码写在 code 或 代码 这一列；txt 一行一个",
                    "write them in the column code, or a line each in a txt",
                ),
            )
        )
    raise_problems(problems)
    return sorted(codes)


def _id_numbers(texts: pl.Series) -> pl.Series:
    """GB 11643-1999: 18 characters and their check character."""
    shaped = texts.str.contains(r"^[1-9][0-9]{16}[0-9Xx]$")
    right = each_value(texts.set(~shaped, None), is_id_card, pl.Boolean())
    return right.fill_null(False)


def _divisions(texts: pl.Series) -> pl.Series:
    """Six digits of GB/T 2260 (of a province or city they end in noughts), or the name of a place; no address."""
    from curate.algorithms.fields.division_table import known, names
    from curate.algorithms.fields.divisions import parse_divisions

    codes = pl.Series([code.ljust(6, "0") for code in names()])
    ways = pl.Series(list(known()))
    # several levels (浙江省杭州市): nothing stands behind the last
    places = parse_divisions(texts.set(texts.str.contains("^[0-9]+$"), None))
    last = pl.coalesce("district", "city", "province")
    whole = places.select(pl.col("value").str.ends_with(last).fill_null(False))["value"]
    return texts.is_in(codes.implode()) | texts.is_in(ways.implode()) | whole


def _dates(texts: pl.Series) -> pl.Series:
    from curate.algorithms.fields.dates import parse_dates

    # a column of times that a schema made: 2026-03-09 14:30:00.000000
    moment = texts.str.contains(r"^[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:.]+$")
    return parse_dates(texts.set(moment, "2000-01-01")).is_not_null()


def _urls(texts: pl.Series) -> pl.Series:
    from curate.algorithms.fields.urls import parse_urls

    plain = texts.str.contains(PLAIN_URL)
    return plain | parse_urls(texts.set(plain, None)).is_not_null()


def _emails(texts: pl.Series) -> pl.Series:
    from curate.algorithms.fields.emails import parse_emails

    return parse_emails(texts).is_not_null()


_VALID: dict[CodeKind, Valid] = {
    "credit_code": lambda codes: credit_code_twin(codes)[0],
    "id_number": _id_numbers,
    "mobile": lambda numbers: numbers.str.contains(r"^1[3-9][0-9]{9}$"),
    "division": _divisions,
    "date": _dates,
    "url": _urls,
    "email": _emails,
}
