"""The section ``three_c`` of a recipe: what is measured, and the limits of it."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from curate.glossary_file import read_glossary
from curate.language import say
from curate.options import CorpusName, WorkspaceFile, located, problem
from curate.three_c.codes import CodeKind, read_codes
from curate.unit import Form

Share = Annotated[float, Field(ge=0, le=1)]
Limit = Share | dict[CorpusName, Share]
"""One for all corpora, or one for each of some."""
Period = Literal["year", "quarter", "month"]


def _one_period(axis: str | dict[Period, str]) -> str | dict[Period, str]:
    if isinstance(axis, dict) and len(axis) != 1:
        raise problem(
            say("时间要写成 {year: 列名}", "a period of time is written {year: column}"),
            say("year、quarter、month 只写一个", "one of year, quarter and month"),
        )
    return axis


Axis = Annotated[str | dict[Period, str], AfterValidator(_one_period)]
"""A column whose values are counted, or ``{year: column}``, ``{quarter: …}``, ``{month: …}`` of its dates."""


def _texts(values: Any) -> Any:
    """Years are numbers to YAML."""
    return (
        [str(one) if isinstance(one, int) else one for one in values] if isinstance(values, list) else values
    )


_VALUES = {"type": "array", "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]}}
Values = Annotated[list[str], BeforeValidator(_texts), Field(min_length=1), WithJsonSchema(_VALUES)]


def axis_column(axis: str | dict[Period, str]) -> str:
    return axis if isinstance(axis, str) else next(iter(axis.values()))


def axis_period(axis: str | dict[Period, str]) -> Period | None:
    return None if isinstance(axis, str) else next(iter(axis))


def limit_of(limit: float | dict[str, float] | None, corpus: str) -> float | None:
    return limit.get(corpus) if isinstance(limit, dict) else limit


class CodeTable(Form):
    """代码表里有的才有效。 / Codes of a table that people keep."""

    file: WorkspaceFile
    """代码表：csv、xlsx、yaml 的 code 代码 列；或 txt，一行一个 / the table: the column code of a csv, xlsx or yaml; or a txt, one a line"""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if located(self.file).is_file():
            read_codes(self.file)
        return self


class Same(Form):
    """同一个对象的几行，哪些列应当相同。 / Rows of one entity, and the columns that must agree in them."""

    entity: list[str] = Field(min_length=1)
    """这些列都相同，就是同一个对象 / rows with the same values here are one entity"""
    fields: list[str] = Field(min_length=1)
    """这些列应当相同 / the columns that must agree"""


class Consistency(Form):
    """一致：用词按术语表，代码有效，同一个对象不自相矛盾。 / Terms by the glossary, valid codes, no contradiction."""

    glossary: WorkspaceFile | None = None
    """术语表，写法同 apply_glossary：标准词占多大比例，还剩哪些别名和禁用词 / a glossary as of apply_glossary: the share of canonical terms, and the other forms that are left"""
    ignore_case: bool = False
    """术语的英文字母不分大小写 / letters A-Z of terms match in any case"""
    only: list[CorpusName] | None = None
    """术语只看这些语料的正文；不写就看全部 / the corpora whose texts the glossary is for; all when left out"""
    codes: dict[CorpusName, dict[str, CodeKind | CodeTable]] = {}
    """语料: {列名: 种类}：credit_code、id_number、mobile、division、date、url、email，或 {file: 代码表}；打码的值不算 / corpus: {column: kind, or {file: a table of codes}}; masked values don't count"""
    same: dict[CorpusName, Same] = {}
    """语料: {entity: 认出同一个对象的列, fields: 应当相同的列}：看去重之前的行 / corpus: {entity, fields}: looked for in the rows before dedupe"""
    min_preferred: Share | None = None
    """术语至少多大比例写成标准词 / the least share of terms that are canonical"""
    max_forbidden: Share | None = None
    """禁用词最多占术语的多大比例 / the greatest share of terms that are forbidden forms"""
    min_valid: Limit | None = None
    """每一列代码至少多大比例有效；也可以一份语料写一个：{companies: 0.99} / the least share of valid codes of each column; one for all, or by corpus"""
    max_contradictions: Limit | None = None
    """有几行的对象里，每一列最多多大比例自相矛盾（去重前）；也可以一份语料写一个 / of the entities with several rows, the greatest share that contradict themselves in a column, before dedupe; one for all, or by corpus"""
    max_left: Limit | None = None
    """同上，去重之后还剩的 / the same, of what is left behind dedupe"""

    @model_validator(mode="after")
    def _readable(self) -> Self:
        if self.glossary is not None and located(self.glossary).is_file():
            read_glossary(self.glossary, ignore_case=self.ignore_case)
        if self.glossary is None and (self.min_preferred is not None or self.max_forbidden is not None):
            raise problem(
                say("没有术语表，min_preferred、max_forbidden 没有用", "min_preferred and max_forbidden need a glossary"),
                say("写上 glossary: 术语表文件", "name one: glossary: FILE"),
            )  # fmt: skip
        return self


class LongTail(Form):
    """少见的类别占多大比例。 / The share of rows in rare categories.

    The head are the fewest categories, the largest first, that hold ``head`` of the rows; all others are the long tail. Where people
    know which scenes are rare, ``rare`` names them instead. Rows without a value count neither way.
    """

    corpus: CorpusName
    """哪份语料 / which corpus"""
    column: str
    """哪一列是类别 / the column of the category"""
    head: float = Field(0.8, gt=0, lt=1)
    """最大的几类合起来到这个比例为止算主流，其余是长尾 / the largest categories up to this share are the head"""
    rare: Values | None = None
    """直接写明哪些类别是长尾，就不按 head 算 / the categories that are the long tail, instead of head"""
    target: Share = 0.05
    """长尾至少占多大比例 / the least share of the long tail"""


class MatrixValues(Form):
    """矩阵应有的行和列。 / The rows and columns that the matrix should have."""

    rows: Values | None = None
    """各行的值；不写就用数据规范里的取值，再没有就用数据里出现的 / the rows' values; the schema's choices or those that occur when left out"""
    columns: Values | None = None
    """各列的值 / the columns' values"""


class Matrix(Form):
    """两列交叉，哪些格子没有数据。 / Two columns crossed: the cells without data."""

    corpus: CorpusName
    """哪份语料 / which corpus"""
    rows: Axis
    """哪一列作行 / the column that gives the rows"""
    columns: Axis
    """哪一列作列 / the column that gives the columns"""
    values: MatrixValues = MatrixValues()
    """应有的值 / the values that there should be"""
    min_cell: int = Field(1, ge=1)
    """少于这么多行的格子算空 / a cell with fewer rows is empty"""
    max_empty: Share | None = None
    """空格子最多占多大比例 / the greatest share of empty cells"""


def as_several(value: Any) -> Any:
    return [value] if isinstance(value, dict | Form) else value


def _or_one(item: type[Form]) -> WithJsonSchema:
    from curate.options import in_place

    one = in_place(item.model_json_schema())
    return WithJsonSchema({"anyOf": [one, {"type": "array", "items": one}]})


class Coverage(Form):
    """覆盖：类别、地区、年份的分布，长尾，空白。 / The distribution over categories, regions and years; long tail; gaps."""

    by: dict[CorpusName, list[Axis]] = {}
    """语料: [列名, {year: 日期列} …]：各有多少行 / corpus: [column, {year: column of dates}, …]: rows of each value"""
    long_tail: Annotated[list[LongTail], BeforeValidator(as_several), _or_one(LongTail)] = []
    """少见的类别占多少；一项或几项 / the share of rare categories; one or several"""
    matrix: Annotated[list[Matrix], BeforeValidator(as_several), _or_one(Matrix)] = []
    """两列交叉的空白；一项或几项 / the empty cells of two columns crossed; one or several"""


class Cleanliness(Form):
    """干净：noise 那一步量出的噪声率。 / Clean: the rate that the phase noise measured."""

    max_noise: Share = 0.003
    """噪声行最多占多少 / the greatest share of noisy rows"""
    sure: bool = False
    """true：区间的上限也不能超过，没有人工判断就不放行 / true: the upper end of the interval must be within it too"""
