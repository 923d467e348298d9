"""The statistics that a recipe asks to publish."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Literal, get_args, get_origin

from pydantic import BaseModel, Field, model_validator

from curate.errors import CurateError
from curate.language import say
from curate.options import CorpusName, problem
from curate.privacy.budget import CEILING
from curate.rows import Table
from curate.unit import Form


class Statistic(Form):
    """一张要公布的表 / One table that is published."""

    corpus: CorpusName
    """哪一份语料；一行算一个人 / the corpus; a row counts as one person"""
    count: bool = False
    """公布行数 / publish the number of rows"""
    by: str | None = None
    """按这一列的取值分别计数 / count the rows by the values of this column"""
    values: list[str] | None = Field(None, min_length=1)
    """by 的取值，要事先写明：有哪些取值本身也是隐私；不写就用规范里的 Literal / the values, declared: which there are is private too; the schema's Literal when left out"""
    mean: str | None = None
    """公布这一列的平均数 / publish the mean of this column"""
    bounds: tuple[float, float] | None = None
    """mean 的上下限，超出的按上下限算 / the bounds of the mean; values beyond count as the bound"""
    histogram: str | None = None
    """按区间计数的列 / the column that is counted by ranges"""
    edges: list[float] | None = Field(None, min_length=2, max_length=101)
    """区间的边界，从小到大；左闭右开，最后一个区间两端都算 / the edges, ascending: [a, b), the last one [a, b]"""
    weight: float = Field(1, gt=0, le=1000)
    """分到的预算的权重 / its weight when epsilon is shared out"""

    @model_validator(mode="after")
    def _one_question(self) -> Statistic:
        asked = [name for name in ("count", "by", "mean", "histogram") if getattr(self, name)]
        if len(asked) != 1:
            raise problem(
                say("每张表只写 count、by、mean、histogram 之一", "a table has one of count, by, mean, histogram"),
                say("例如 {corpus: visitors, by: city, values: [北京, 上海]}", "such as {corpus: visitors, by: city, values: [北京, 上海]}"),
            )  # fmt: skip
        belongs = {"values": "by", "bounds": "mean", "edges": "histogram"}
        for option, to in belongs.items():
            given = getattr(self, option) is not None
            if given != (to in asked) and not (option == "values" and to in asked):
                raise problem(
                    say(f"{option} 要和 {to} 一起写", f"{option} and {to} go together"),
                    say("平均数的上下限、直方图的边界要事先写明，不能从数据里取", "bounds and edges are declared, never taken from the data"),
                )  # fmt: skip
        limits = [*(self.bounds or ()), *(self.edges or ())]
        if any(not math.isfinite(one) for one in limits) or any(one >= two for one, two in pairwise(limits)):
            raise problem(say("边界要从小到大", "bounds and edges must ascend"))
        if self.values and len(set(self.values)) < len(self.values):
            raise problem(say("values 里有重复", "values are there twice"))
        return self

    @property
    def column(self) -> str:
        return self.by or self.mean or self.histogram or "row_id"

    @property
    def kind(self) -> Literal["count", "by", "mean", "histogram"]:
        return "by" if self.by else "mean" if self.mean else "histogram" if self.histogram else "count"


class Statistics(Form):
    """公布的统计，用差分隐私：从结果看不出某一行在不在里面。 / Published statistics with differential privacy: they don't tell whether any one row is there."""

    epsilon: float = Field(0.1, gt=0, le=float(CEILING))
    """这一次公布花多少预算 ε / epsilon of this publication"""
    total: float = Field(0.5, gt=0, le=float(CEILING))
    """这份数据所有公布合计的上限，最多 0.5 / of all publications of this data set together, at most 0.5"""
    tables: list[Statistic] = Field(min_length=1)
    """公布哪些数 / what is published"""

    @model_validator(mode="after")
    def _within_total(self) -> Statistics:
        if self.epsilon > self.total:
            raise problem(
                say(f"epsilon {self.epsilon} 比 total {self.total} 大", f"epsilon {self.epsilon} is more than total {self.total}"),
                say("把 epsilon 改小", "lower epsilon"),
            )  # fmt: skip
        return self


def literal_values(model: type[BaseModel], field: str) -> list[str] | None:
    """The values of a field that is a Literal, maybe optional; None where it is none."""
    about = model.model_fields.get(field)
    kinds = [about.annotation] if about else []
    while kinds:
        kind = kinds.pop()
        if get_origin(kind) is Literal:
            return [str(value) for value in get_args(kind)]
        kinds += [part for part in get_args(kind) if isinstance(part, type) or get_origin(part) is not None]
    return None


def declared(one: Statistic, model: type[BaseModel] | None) -> Statistic:
    if one.by is None or one.values is not None:
        return one
    values = literal_values(model, one.by) if model else None
    if values is None:
        raise CurateError(
            say(
                f"privacy.statistics：{one.corpus} 按 {one.by} 计数，却没有写明取值",
                f"privacy.statistics: {one.corpus} is counted by {one.by}, but its values are not declared",
            ),
            say(
                "写 values: […]，或在规范里用 Literal[…]：有哪些取值本身也是隐私，不能从数据里取",
                "write values: […], or a Literal[…] in the schema: which values there are is private too and never taken from the data",
            ),
        )
    return one.model_copy(update={"values": values})


def need_column(one: Statistic, table: Table) -> None:
    kind = table.schema.get(one.column)
    number = one.kind in ("mean", "histogram")
    if kind is None or (number and not kind.is_numeric()):
        there = [name for name, found in table.schema.items() if not number or found.is_numeric()]
        raise CurateError(
            say(
                f"privacy.statistics：语料 {one.corpus} 没有{'数字' if number else ''}列 {one.column}",
                f"privacy.statistics: the corpus {one.corpus} has no {'number' if number else 'column'} {one.column}",
            ),
            say(f"有：{'、'.join(there)}", f"there are: {', '.join(there)}"),
        )
