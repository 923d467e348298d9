"""Hierarchies of generalisation: from a value as it is, level by level, to nothing.

Level 0 is the value itself; the last level is always suppression (null). Each level is a function of the one below, so that
rows that are alike stay alike on every level above: what the search of ``lattice`` rests on.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Literal, get_args

import polars as pl
from pydantic import Field, GetJsonSchemaHandler, ValidationInfo, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from curate.algorithms.fields.dates import parse_dates
from curate.algorithms.fields.division_table import names
from curate.algorithms.fields.divisions import parse_divisions
from curate.errors import CurateError, Problem
from curate.language import say
from curate.options import WorkspaceFile, located, problem
from curate.rows import time_text
from curate.term_files import csv_rows
from curate.unit import Form

Part = Literal["city", "province", "region"]
Period = Literal["day", "month", "quarter", "year", "decade"]
#: The usual seven regions (七大地理分区), by the first two digits of GB/T 2260; 港澳台 stand for themselves.
REGIONS = {
    "华北": ("11", "12", "13", "14", "15"),
    "东北": ("21", "22", "23"),
    "华东": ("31", "32", "33", "34", "35", "36", "37"),
    "华中": ("41", "42", "43"),
    "华南": ("44", "45", "46"),
    "西南": ("50", "51", "52", "53", "54"),
    "西北": ("61", "62", "63", "64", "65"),
    "港澳台": ("71", "81", "82"),
}


class Hierarchy(Form):
    """一列怎样逐级变粗：bands、division、dates、file 之一，或者 suppress。 / How a column is generalised: one of bands, division, dates, file; or suppress."""

    bands: list[float] | None = Field(None, min_length=1)
    """数值的区间宽度，从细到粗，后一个是前一个的倍数：[5, 10, 20] 把 37 变成 35–39、30–39、20–39 / widths of bands, each a multiple of the one before"""
    within: tuple[float, float] | None = None
    """bands 的有效范围，含两端；范围外的值变成空值 / the range of bands, inclusive; values beyond become null"""
    division: list[Part] | None = Field(None, min_length=1)
    """地名变成市、省、大区（华东……） / places become their city, province, region"""
    dates: list[Period] | None = Field(None, min_length=1)
    """日期变成日、月、季度、年、年代 / dates become their day, month, quarter, year, decade"""
    file: WorkspaceFile | None = None
    """CSV 表：第一列是值，后面每列是更粗的一级 / a CSV file: the value, then a column a level, coarser and coarser"""

    @model_validator(mode="before")
    @classmethod
    def _suppress(cls, value: Any) -> Any:
        if value == "suppress":
            return {}
        if not isinstance(value, dict) or sum(value.get(one) is not None for one in KINDS) != 1:
            raise problem(
                say("写 suppress，或 bands、division、dates、file 之一", "write suppress, or one of bands, division, dates, file"),
                say("例如 age: {bands: [5, 10, 20]}", "such as age: {bands: [5, 10, 20]}"),
            )  # fmt: skip
        return value

    @model_validator(mode="after")
    def _nests(self, info: ValidationInfo) -> Hierarchy:
        bands = self.bands or []
        if any(one <= 0 for one in bands) or any(
            two <= one or abs(two / one - round(two / one)) > 1e-9 for one, two in pairwise(bands)
        ):
            raise problem(
                say(f"bands {bands}：要大于 0，从小到大，后一个是前一个的整数倍", f"bands {bands} must be above 0, each a multiple of the one before"),
                say("例如 [5, 10, 20]；[5, 12] 的区间会互相交叉", "such as [5, 10, 20]: bands of [5, 12] would overlap"),
            )  # fmt: skip
        if self.within is not None and (not bands or self.within[0] >= self.within[1]):
            raise problem(
                say("within 要和 bands 一起写，左边小于右边", "within goes with bands, the lower end first")
            )
        for told, order in ((self.division, get_args(Part)), (self.dates, get_args(Period))):
            if told and [order.index(one) for one in told] != sorted({order.index(one) for one in told}):
                raise problem(
                    say(f"{list(told)} 要从细到粗，不能重复", f"{list(told)} must go from fine to coarse"),
                    say(f"顺序：{'、'.join(order)}", f"the order: {', '.join(order)}"),
                )
        if self.file is not None and (info.context or {}).get("workspace") is not None:
            try:
                self._table()
            except CurateError as error:
                raise problem(error.problem, error.hint) from error
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        own = handler.resolve_ref_schema(handler(core))
        return {"anyOf": [{"const": "suppress"}, own]}

    @property
    def names(self) -> list[str]:
        """The levels' names, finest first: 原值, those of the recipe, suppressed."""
        if self.bands:
            between = [f"{width:g}" for width in self.bands]
        elif self.file is not None:
            between = self._table()[0]
        else:
            between = list(self.division or self.dates or ())
        return ["as_is", *between, "suppressed"]

    @property
    def height(self) -> int:
        """The number of the level that suppresses."""
        return len(self.names) - 1

    def levels(self, values: pl.Series) -> list[pl.Series]:
        """What each of these distinct values becomes on each level, as text; null where a level does not know the value.

        Raises:
            CurateError: the column holds lists.
        """
        if values.dtype.is_nested():
            raise CurateError(
                say(
                    f"列 {values.name} 是列表，不能作准标识符",
                    f"the column {values.name} holds lists: it cannot be a quasi-identifier",
                ),
                say("把它列入 identifiers（去掉）", "name it in identifiers, to take it out"),
            )
        text = as_text(values)
        if self.bands:
            found = self._bands(text)
        elif self.division:
            found = [text, *_divisions(text, self.division)]
        elif self.dates:
            found = [text, *_periods(text, self.dates)]
        elif self.file is not None:
            found = [text, *self._looked_up(text)]
        else:
            found = [text]
        for below, level in pairwise(range(len(found))):  # what one level does not know, no coarser one does
            found[level] = found[level].set(found[below].is_null(), None)
        return [*found, pl.repeat(None, len(text), dtype=pl.String, eager=True)]

    def _bands(self, text: pl.Series) -> list[pl.Series]:
        assert self.bands is not None
        number = text.str.strip_chars().cast(pl.Float64, strict=False)
        number = number.set(~number.is_finite().fill_null(False), None)
        whole = all(float(width).is_integer() for width in self.bands)
        inside = number.is_between(*self.within) if self.within else number.is_not_null()
        found = [text.set(~inside.fill_null(False), None) if self.within else text]
        first = self.bands[0]
        # the place among the finest bands; coarser ones are made of whole bands, whatever a float's last digit is
        place = ((number.floor() if whole else number) / first + 1e-9).floor()
        for width in self.bands:
            low = (pl.col("place") // round(width / first)) * width
            ends = (
                [low.cast(pl.Int64), (low + width - 1).cast(pl.Int64)]
                if whole
                else [low.round(9), (low + width).round(9)]
            )
            words = pl.format("{}–{}" if whole else "{}–<{}", *ends)
            told = pl.DataFrame({"place": place, "inside": inside})
            found.append(told.select(pl.when("inside").then(words).alias("level")).to_series())
        return found

    def _table(self) -> tuple[list[str], dict[str, list[str | None]]]:
        """The levels' names, and value -> its levels.

        Raises:
            CurateError: the file cannot be read, a value stands there twice, or levels do not nest.
        """
        file, problems = str(located(self.file or "")), list[Problem]()
        rows = list(csv_rows(file, problems))
        header = max((list(row) for _, row in rows), key=len, default=list[str]())
        found: dict[str, list[str | None]] = {}
        above: dict[tuple[int, str], tuple[str | None, int]] = {}
        for line, row in rows:
            value, *levels = [row.get(name, "").strip() or None for name in header]
            if value is None:
                continue
            if value in found:
                what = say(f"值 {value} 写了两次", f"the value {value} is there twice")
                problems.append(Problem(located(file), line, what))
            for number, (one, two) in enumerate(pairwise(levels)):
                first = above.setdefault((number, one or ""), (two, line))
                if first[0] != two:
                    what = say(
                        f"{one} 的上一级在第 {first[1]} 行是 {first[0]}，这里是 {two}",
                        f"what is above {one} is {first[0]} on line {first[1]}, and {two} here",
                    )
                    problems.append(Problem(located(file), line, what))  # fmt: skip
            found[value] = levels
        if problems or len(header) < 2 or not found:
            what = "\n".join(map(str, problems)) or say(
                f"{file} 要有表头、值和至少一级", f"{file} needs a header, values and one level at least"
            )
            raise CurateError(
                what,
                say("表头写 value,level1,level2；每个粗一级的值只属于一个更粗的值", "the header is value,level1,level2; each value has one level above it"),
            )  # fmt: skip
        return header[1:], found

    def _looked_up(self, text: pl.Series) -> list[pl.Series]:
        header, table = self._table()
        depth = len(header)
        told = pl.DataFrame(
            [(value, *levels) for value, levels in table.items()],
            schema={"value": pl.String} | {str(number): pl.String for number in range(depth)},
            orient="row",
        )
        cells = pl.DataFrame({"value": text.str.strip_chars()})
        both = cells.join(told, on="value", how="left", maintain_order="left")
        return [both[str(number)] for number in range(depth)]


def as_text(values: pl.Series) -> pl.Series:
    """A column's values as level 0 shows them."""
    frame = pl.DataFrame([values])
    return frame.select(time_text(values.name, frame)).to_series()


KINDS = ("bands", "division", "dates", "file")


def region_of(code: str | None) -> str | None:
    """``4403`` -> ``华南``."""
    found = [region for region, codes in REGIONS.items() if code and code[:2] in codes]
    return found[0] if found else None


def _divisions(text: pl.Series, parts: list[Part]) -> list[pl.Series]:
    read = parse_divisions(text)
    regions = {code: region_of(code) for code in names() if len(code) == 2}
    region = read["code"].str.slice(0, 2).replace_strict(regions, default=None, return_dtype=pl.String)
    known = {"city": read["city"], "province": read["province"], "region": region}
    # a province by itself lies in no city: on the level of cities it stays what it is
    known["city"] = (
        pl.DataFrame([read["city"], read["province"]]).select(pl.coalesce("city", "province")).to_series()
    )
    return [known[part] for part in parts]


def _periods(text: pl.Series, periods: list[Period]) -> list[pl.Series]:
    iso = parse_dates(text)
    year, month = iso.str.slice(0, 4), iso.str.extract(r"^\d{4}-(\d{2})")
    frame = pl.DataFrame({"iso": iso, "year": year, "month": month})
    quarter = (pl.col("month").cast(pl.Int64, strict=False) + 2) // 3
    told = {
        "day": pl.col("iso").str.extract(r"^(\d{4}-\d{2}-\d{2})"),
        "month": pl.col("iso").str.extract(r"^(\d{4}-\d{2})"),
        "quarter": pl.format("{}-Q{}", "year", quarter),
        "year": pl.col("year"),
        "decade": pl.format("{}0–{}9", pl.col("year").str.slice(0, 3), pl.col("year").str.slice(0, 3)),
    }
    return [frame.select(told[period].alias(period)).to_series() for period in periods]
