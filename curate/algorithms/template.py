"""Jinja templates over the rows of a frame; plain ones run as Polars expressions, without a loop over rows.

A null renders as nothing, 3.0 as 3. The environment is sandboxed and strict: a name that is not a column is
an error, and a template can reach nothing but the row.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import cached_property
from typing import Any

import jinja2
import jinja2.sandbox
import polars as pl
from jinja2 import nodes
from jinja2.meta import find_undeclared_variables

from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean


def date_zh(value: date | datetime | None) -> str:
    """``2026-03-05`` -> ``2026年3月5日``; a time of day follows when there is one."""
    if value is None:
        return ""
    if not isinstance(value, date):
        raise ValueError(say(f"{value!r} 不是日期", f"{value!r} is not a date"))
    day = f"{value.year}年{value.month}月{value.day}日"
    if isinstance(value, datetime) and (value.hour or value.minute):
        return f"{day}{value.hour}:{value.minute:02d}"
    return day


def list_zh(values: list[Any] | None) -> str:
    """``[甲, 乙]`` -> ``甲、乙``."""
    return "、".join(str(value) for value in values or [] if value is not None)


def _plain(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


_environment = jinja2.sandbox.SandboxedEnvironment(
    undefined=jinja2.StrictUndefined, finalize=_plain, autoescape=False, keep_trailing_newline=False
)
_environment.globals.clear()  # a column may be called range or dict
_environment.filters |= {"date_zh": date_zh, "list_zh": list_zh}


_VALUE = re.compile(r"\{\{-?(.+?)-?\}\}", re.DOTALL)


def _casts_alike(kind: pl.DataType) -> bool:
    """Is Polars' cast of this type to text what Jinja prints?"""
    return kind in (pl.String, pl.Date) or kind.is_integer()


class RowTemplate:
    """A compiled template.

    Attributes:
        names: the columns that it uses.
        needed: those of them whose absence would leave a hole; the names asked about in an ``{% if %}`` are not.

    Raises:
        jinja2.TemplateSyntaxError: ``lineno`` is the line inside the template.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        tree = _environment.parse(source)
        self.names = frozenset(find_undeclared_variables(tree))
        asked = {
            name.name
            for test in tree.find_all(nodes.If)
            for name in [test.test, *test.test.find_all(nodes.Name)]
            if isinstance(name, nodes.Name)
        }
        self.needed = self.names - asked
        self._parts = _as_parts(tree)
        self._values = [found.strip() for found in _VALUE.findall(source)]
        self._compiled = _environment.from_string(source)

    @cached_property
    def values(self) -> list[RowTemplate]:
        """Each ``{{ … }}`` of the template as a template of its own; those over a loop's variable are left out."""
        alone = [RowTemplate(f"{{{{ {value} }}}}") for value in dict.fromkeys(self._values)]
        return [template for template in alone if template.names and template.names <= self.names]

    def render(self, rows: pl.DataFrame) -> pl.Series:
        """One string a row.

        Raises:
            CurateError: a name that is no column; a row for which the template fails, with the row and the reason.
        """
        for name in sorted(self.names - set(rows.columns)):
            raise CurateError(
                say(
                    f"模板 {self.source!r} 用到的 {name} 不是列名",
                    f"the template {self.source!r} names {name}, which is no column",
                ),
                did_you_mean(name, rows.columns),
            )
        if self._parts and all(_casts_alike(rows.schema[name]) for name in self.names):
            pieces = [
                pl.col(part).cast(pl.String).fill_null("") if is_column else pl.lit(part)
                for part, is_column in self._parts
            ]
            return (
                rows.lazy().with_columns(pl.concat_str(pieces).alias("text")).select("text").collect()["text"]
            )
        return self._one_by_one(rows)

    def _one_by_one(self, rows: pl.DataFrame) -> pl.Series:
        names = sorted(self.names)
        render: Callable[..., str] = self._compiled.render
        texts = []
        for number, values in enumerate(rows.select(names).iter_rows() if names else [()] * rows.height):
            try:
                texts.append(render(zip(names, values, strict=True)))
            except Exception as error:  # whatever a template's filters and operators raise belongs to its row
                where = rows["row_id"][number] if "row_id" in rows.columns else str(number)
                raise CurateError(
                    say(
                        f"模板 {self.source!r} 用在 {where} 这一行时出错：{error}",
                        f"the template {self.source!r} fails on row {where}: {error}",
                    ),
                    say(
                        "改模板，或先在 schema 中规定这一列的类型",
                        "mend the template, or let the schema type the column",
                    ),
                ) from error
        return pl.Series("text", texts, dtype=pl.String)


def _as_parts(tree: nodes.Template) -> list[tuple[str, bool]] | None:
    """[(literal or column, is it a column)] of a template that holds nothing else; None for any other."""
    parts: list[tuple[str, bool]] = []
    for output in tree.body:
        if not isinstance(output, nodes.Output):
            return None
        for node in output.nodes:
            if isinstance(node, nodes.TemplateData):
                parts.append((node.data, False))
            elif isinstance(node, nodes.Name):
                parts.append((node.name, True))
            else:
                return None
    return parts
