"""Types and rules for schema files: ``from curate.types import Row, Text, CreditCode, Check, References``.

Every type is plain pydantic, and pydantic is the truth. A type that checks by a function of ours brings a *twin* beside it: the
same check over a whole column, so that a million rows need no call of Python each. A twin accepts only what it is sure of;
what it leaves open pydantic decides.
"""

from __future__ import annotations

import ast
import operator
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import Enum
from functools import cache, lru_cache
from typing import Annotated, Any, ClassVar, TypeVar

import polars as pl
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    model_validator,
)

from curate.algorithms.checksums import CREDIT_CODE_ALPHABET, is_credit_code
from curate.language import say

#: Rises when a type or rule gives another result: what was validated by it is validated anew.
VERSION = 1

#: A column of values -> (which of them are valid for sure, the valid values).
Twin = Callable[[pl.Series], tuple[pl.Series, pl.Series]]
Function = TypeVar("Function", bound=Callable[..., Any])


def twin(decide: Twin) -> Callable[[Function], Function]:
    """The function below says of one value what ``decide`` says of a column."""

    def marked(function: Function) -> Function:
        function.__twin__ = (function, decide)  # type: ignore[attr-defined]
        return function

    return marked


def twin_of(function: Any) -> Twin | None:
    """The twin of a function; a function that wraps it (``functools.wraps`` copies attributes) has none."""
    marked, decide = getattr(function, "__twin__", (None, None))
    return decide if marked is function else None


class Invalid(ValueError):
    """Why a value is not valid, in both languages."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(say(zh, en))
        self.zh, self.en = zh, en


class BrokenRules(Invalid):
    """The rules of a row that do not hold."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        super().__init__("；".join(rule.zh for rule in rules), "; ".join(rule.en for rule in rules))
        self.rules = tuple(rules)


def _short(value: object) -> str:
    """As much of a value as a message has room for: a text in the wrong column may be a page."""
    text = str(value)
    return text if len(text) <= 60 else f"{text[:60]}…"


# ---------------------------------------------------------------- dates

_DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[T\s]*(\d{1,2})[:：时点](\d{1,2})分?(?:[:：]?(\d{1,2})(?:\.\d+)?秒?)?)?"
)
#: what the twins read: no other white space and digits than these
_DAY = r"^([1-9][0-9]{3})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?$"
_ISO_DAY = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
_ISO_MOMENT = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}[ T][0-9]{2}:[0-5][0-9](?::[0-5][0-9])?$"


def day_twin(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Dates in ISO 8601 and in the Chinese ways of writing them."""
    if texts.dtype == pl.Date:
        return texts.is_not_null(), texts
    if texts.dtype != pl.String:
        return _nothing(texts, pl.Date())
    iso = texts.str.contains(_ISO_DAY).fill_null(False)
    days = (
        texts.set(~iso, None).str.to_date("%Y-%m-%d", strict=False) if iso.any() else _empty(texts, pl.Date())
    )
    other = (texts.is_not_null() & ~iso).arg_true()
    if len(other):
        parts = texts.gather(other).to_frame("text").select(
            pl.col("text").str.extract_groups(_DAY).alias("part")
        ).unnest("part").cast(pl.Int32)  # fmt: skip
        year, month, day = (pl.col(name) for name in parts.columns)
        # Polars would raise at a month that is none
        possible = month.is_between(1, 12) & day.is_between(1, 31)
        text = pl.format(
            "{}-{}-{}", year, month.cast(pl.String).str.zfill(2), day.cast(pl.String).str.zfill(2)
        )
        told = parts.select(pl.when(possible).then(text).alias("day"))["day"]
        days = days.clone().scatter(other, told.str.to_date("%Y-%m-%d", strict=False))
    return days.is_not_null(), days


def moment_twin(texts: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Times in ISO 8601 to the minute or second, and dates for the midnight with which they begin."""
    if texts.dtype == pl.Datetime("us"):
        return texts.is_not_null(), texts
    if texts.dtype == pl.Date:
        return texts.is_not_null(), texts.cast(pl.Datetime("us"))
    if texts.dtype != pl.String:
        return _nothing(texts, pl.Datetime("us"))
    iso = texts.str.contains(_ISO_MOMENT).fill_null(False)
    plain = texts.set(~iso, None).str.replace("T", " ", literal=True)
    full = (
        pl.when(pl.col("text").str.len_bytes() == 16).then(pl.col("text") + ":00").otherwise(pl.col("text"))
    )
    moments = plain.to_frame("text").select(full)["text"].str.to_datetime(
        "%Y-%m-%d %H:%M:%S", strict=False, time_unit="us"
    )  # fmt: skip
    other = (texts.is_not_null() & ~iso).arg_true()
    if len(other):
        _, days = day_twin(texts.gather(other))
        moments = moments.clone().scatter(other, days.cast(pl.Datetime("us")))
    return moments.is_not_null(), moments


def _nothing(values: pl.Series, kind: pl.DataType) -> tuple[pl.Series, pl.Series]:
    return pl.repeat(False, len(values), eager=True), _empty(values, kind)


def _empty(values: pl.Series, kind: pl.DataType) -> pl.Series:
    return pl.repeat(None, len(values), dtype=kind, eager=True)


@twin(moment_twin)
def parse_datetime(value: object) -> object:
    """A date or time as it is usually written in Chinese -> datetime; other types are left to pydantic."""
    if isinstance(value, datetime) or not isinstance(value, str | date):
        return value
    if isinstance(value, date):
        return datetime.combine(value, time())
    found = _DATE.fullmatch(value.strip())
    if not found:
        raise Invalid(
            f"看不懂日期“{_short(value)}”，请写成 2026-03-09 或 2026年3月9日，时间写成 14:30",
            f"“{_short(value)}” is not a date; write 2026-03-09 or 2026年3月9日, and a time as 14:30",
        )
    try:
        year, month, day, hour, minute, second = (int(part or 0) for part in found.groups())
        return datetime(year, month, day, hour, minute, second)
    except ValueError:
        raise Invalid(
            f"没有“{_short(value)}”这一天或这个时刻，请核对月、日、时、分",
            f"there is no day or time “{_short(value)}”; look at month, day, hour and minute",
        ) from None


@twin(day_twin)
def parse_date(value: object) -> object:
    """A date as it is usually written in Chinese -> date."""
    moment = parse_datetime(value)
    if not isinstance(moment, datetime):
        return moment
    if moment.time() != time():
        raise Invalid(
            f"“{_short(value)}”带有时刻，这一列只要日期；需要时刻请改用 ChineseDateTime",
            f"“{_short(value)}” has a time of day, and the column holds dates; ChineseDateTime holds both",
        )
    return moment.date()


# ---------------------------------------------------------------- codes


def credit_code_twin(codes: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Credit codes in capitals with their check character."""
    import numpy as np

    if codes.dtype != pl.String:
        return _nothing(codes, pl.String())
    shaped = codes.str.contains(f"^[{CREDIT_CODE_ALPHABET}]{{18}}$").fill_null(False)
    right = np.zeros(len(codes), dtype=bool)
    some = codes.filter(shaped)
    if len(some):
        marks = np.frombuffer(some.str.join("").item().encode(), dtype=np.uint8).reshape(len(some), 18)
        value = np.zeros(128, dtype=np.int64)
        value[np.frombuffer(CREDIT_CODE_ALPHABET.encode(), dtype=np.uint8)] = np.arange(31)
        weights = np.array([pow(3, place, 31) for place in range(17)])
        right[shaped.to_numpy()] = value[marks[:, 17]] == -(value[marks[:, :17]] @ weights) % 31
    return pl.Series(right), codes


@twin(credit_code_twin)
def check_credit_code(value: str) -> str:
    """A unified social credit code (GB 32100-2015): 18 characters, the last of them a check character."""
    code = value.strip().upper()
    if len(code) != 18 or not set(code) <= set(CREDIT_CODE_ALPHABET):
        raise Invalid(
            f"统一社会信用代码“{_short(value)}”应为 18 位数字和大写字母（没有 I、O、S、V、Z），请核对是否抄漏或抄错",
            f"the credit code “{_short(value)}” must have 18 digits and capitals (without I, O, S, V, Z)",
        )
    if not is_credit_code(code):
        raise Invalid(
            f"统一社会信用代码“{_short(value)}”的校验码不对，请对照营业执照重新录入",
            f"the check character of the credit code “{_short(value)}” is wrong: copy it from the licence again",
        )
    return code


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""文字，去掉首尾空白后不能为空 / text, not empty without white space at its ends"""
ChineseDate = Annotated[date, BeforeValidator(parse_date)]
"""日期：2026-03-09、2026年3月9日、2026/3/9 / a date, also as it is written in Chinese"""
ChineseDateTime = Annotated[datetime, BeforeValidator(parse_datetime)]
"""时间：2026-03-09 14:30；只有日期就是零点 / a time; a date alone is its midnight"""
CreditCode = Annotated[str, AfterValidator(check_credit_code)]
"""统一社会信用代码（GB 32100），核对校验码 / a unified social credit code, with its check character"""
# These three are masked by the time they are validated (138****5678, 11***************9, a***@x.com): stars are right.
Phone = Annotated[str, StringConstraints(pattern=r"^[0-9*+\- ]{7,20}$")]
"""电话，可以打码 / a telephone number, masked or not"""
Email = Annotated[str, StringConstraints(pattern=r"^[^@\s]+@[^@\s]+$")]
"""邮箱，可以打码 / an e-mail address, masked or not"""
IdNumber = Annotated[str, StringConstraints(pattern=r"^[0-9*]{6,17}[0-9*Xx]$")]
"""身份证号，可以打码 / an identity number, masked or not"""


# ---------------------------------------------------------------- marks


@dataclass(frozen=True)
class In:
    """The unit of a number: ``Annotated[float, In("万元")]``."""

    unit: str


@dataclass(frozen=True)
class References:
    """The value is the key of a row of another corpus: ``Annotated[str, References("companies")]``.

    Attributes:
        column: the column that holds it there; the corpus's key when left out.
    """

    corpus: str
    column: str | None = None


# ---------------------------------------------------------------- rules of a row


class Rule(ABC):
    """What must hold between the fields of a row. A field without a value leaves it open, and then it holds."""

    name: str
    zh: str
    en: str

    @property
    @abstractmethod
    def fields(self) -> tuple[str, ...]:
        """The fields that it looks at."""

    @abstractmethod
    def holds(self, values: Mapping[str, Any]) -> bool:
        """Does it hold for one row of validated values?"""

    @abstractmethod
    def decide(self, rows: pl.DataFrame) -> pl.Series | None:
        """For which rows does it hold for sure? None where columns of these types cannot be told apart as Python does it."""


@dataclass(frozen=True)
class Check(Rule):
    """``Check("ends_after_start", "end_date >= start_date", zh="闭幕早于开幕", en="ends before it starts")``.

    Attributes:
        condition: names of fields, numbers, texts, True, False, None; ``== != < <= > >=``, ``in (…)``, ``is None``, ``and or
            not``. Nothing else: a condition computes and calls nothing.

    Raises:
        ValueError: it says something else.
    """

    name: str
    condition: str
    zh: str
    en: str = ""

    def __post_init__(self) -> None:
        if not self.en:
            object.__setattr__(self, "en", f"does not fulfil {self.condition}")
        if not self.name.isidentifier():
            raise ValueError(
                say(
                    f"规则名“{self.name}”只能用字母、数字和下划线",
                    f"{self.name!r} is no name for a rule: letters, digits and underscores only",
                )
            )
        _allowed(self._tree, self.condition)

    @property
    def _tree(self) -> ast.expr:
        return _parsed(self.condition)

    @property
    def fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)))

    def holds(self, values: Mapping[str, Any]) -> bool:
        return _truth(self._tree, values) is not False

    def decide(self, rows: pl.DataFrame) -> pl.Series | None:
        if not _comparable(self._tree, dict(rows.schema)):
            return None
        # NaN is less than nothing and more than nothing in Python, and whole numbers beyond 2^53 are no floats
        odd = [pl.col(name).is_nan() for name in self.fields if rows.schema[name].is_float()]
        odd += [
            ~pl.col(name).is_between(-_EXACT, _EXACT)
            for name in self.fields
            if rows.schema[name].is_integer()
        ]
        sure = ~pl.any_horizontal(odd).fill_null(False) if odd else pl.lit(True)
        return rows.select((_expression(self._tree).fill_null(True) & sure).alias("holds"))["holds"]


@cache
def _parsed(condition: str) -> ast.expr:
    try:
        return ast.parse(condition.strip(), mode="eval").body
    except SyntaxError as error:
        raise ValueError(
            say(
                f"规则“{condition}”写法有误：{error.msg}", f"the rule {condition!r} is malformed: {error.msg}"
            )
        ) from None


#: whole numbers up to here are the same as floats
_EXACT = 2**53
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip


def _allowed(node: ast.expr, condition: str) -> None:
    """Raises:
    ValueError: the node is nothing that a condition may hold.
    """
    parts: list[ast.expr] = []
    if isinstance(node, ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        parts = [node.operand]
    elif isinstance(node, ast.Compare):
        if _is_value(node.left) and all(map(_compares, node.ops, node.comparators)):
            return
        parts = [] if _is_value(node.left) else [node.left]
    elif _is_value(node):
        return
    for part in parts:
        _allowed(part, condition)
    if not parts or isinstance(node, ast.Compare):
        raise ValueError(
            say(
                f"规则“{condition}”里不能写 {ast.unparse(node)}：只能比较字段和常量，用 and、or、not、in、is None",
                f"{ast.unparse(node)} may not stand in the rule {condition!r}: compare fields and constants, with and, or, not, in, is None",
            )
        )


def _is_constant(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return isinstance(node.operand, ast.Constant) and isinstance(node.operand.value, int | float)
    return isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | bool | None)


def _is_value(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) or _is_constant(node)


def _compares(op: ast.cmpop, right: ast.expr) -> bool:
    if isinstance(op, ast.In | ast.NotIn):
        return (
            isinstance(right, ast.Tuple | ast.List)
            and bool(right.elts)
            and all(map(_is_constant, right.elts))
        )
    if isinstance(op, ast.Is | ast.IsNot):
        return isinstance(right, ast.Constant) and right.value is None
    return _is_value(right)


def _value(node: ast.expr, values: Mapping[str, Any]) -> Any:
    """A constant, or a field's value; an enumeration's member stands for its value."""
    if not isinstance(node, ast.Name):
        return ast.literal_eval(node)
    value = values.get(node.id)
    return value.value if isinstance(value, Enum) else value


def _truth(node: ast.expr, values: Mapping[str, Any]) -> bool | None:
    """Kleene's three-valued logic, as SQL and Polars have it: None is open."""
    if isinstance(node, ast.BoolOp):
        parts = [_truth(part, values) for part in node.values]
        decisive = isinstance(node.op, ast.Or)
        return decisive if decisive in parts else None if None in parts else not decisive
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        inner = _truth(node.operand, values)
        return None if inner is None else not inner
    if not isinstance(node, ast.Compare):
        found = _value(node, values)
        return None if found is None else bool(found)
    told, left = [], node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        told.append(_compared(op, _value(left, values), right, values))
        left = right
    return False if False in told else None if None in told else True


def _compared(op: ast.cmpop, left: Any, right: ast.expr, values: Mapping[str, Any]) -> bool | None:
    if isinstance(op, ast.Is | ast.IsNot):
        return (left is None) is isinstance(op, ast.Is)
    other = ast.literal_eval(right) if isinstance(right, ast.Tuple | ast.List) else _value(right, values)
    if left is None or other is None:
        return None
    if isinstance(op, ast.In | ast.NotIn):
        return (left in other) is isinstance(op, ast.In)
    try:
        return bool(_ORDER[type(op)](left, other))
    except TypeError:  # a date with a text, say: they have no order
        return False


def _expression(node: ast.expr) -> pl.Expr:
    if isinstance(node, ast.BoolOp):
        parts = [_expression(part) for part in node.values]
        return pl.any_horizontal(parts) if isinstance(node.op, ast.Or) else pl.all_horizontal(parts)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return ~_expression(node.operand)
    if not isinstance(node, ast.Compare):
        return _column(node)
    told, left = [], node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        told.append(_comparison(op, left, right))
        left = right
    return pl.all_horizontal(told)


def _comparison(op: ast.cmpop, left: ast.expr, right: ast.expr) -> pl.Expr:
    column = _column(left)
    if isinstance(op, ast.Is | ast.IsNot):
        return column.is_null() if isinstance(op, ast.Is) else column.is_not_null()
    if isinstance(op, ast.In | ast.NotIn):
        inside = pl.any_horizontal(column == one for one in ast.literal_eval(right))
        return inside if isinstance(op, ast.In) else ~inside
    compared: pl.Expr = _ORDER[type(op)](column, _column(right))
    return compared


def _column(node: ast.expr) -> pl.Expr:
    return pl.col(node.id) if isinstance(node, ast.Name) else pl.lit(ast.literal_eval(node))


def _kind(node: ast.expr, schema: Mapping[str, Any]) -> str:
    """What a value can be compared with."""
    if isinstance(node, ast.Name):
        kind = schema.get(node.id)
        if kind is None:
            return "unknown"
        return "number" if kind.is_numeric() else str(kind.base_type())
    constant = ast.literal_eval(node)
    if isinstance(constant, bool):
        return "Boolean"
    if isinstance(constant, int | float):
        return "number" if abs(constant) <= _EXACT else "unknown"
    return "String" if isinstance(constant, str) else "unknown"


def _comparable(node: ast.expr, schema: Mapping[str, Any]) -> bool:
    """Do Polars and Python compare these columns alike?"""
    if isinstance(node, ast.BoolOp):
        return all(_comparable(part, schema) for part in node.values)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        return _comparable(node.operand, schema)
    if not isinstance(node, ast.Compare):
        return _kind(node, schema) == "Boolean"
    told, left = True, node.left
    for op, right in zip(node.ops, node.comparators, strict=True):
        here = _kind(left, schema)
        others = right.elts if isinstance(right, ast.Tuple | ast.List) else [right]
        if not isinstance(op, ast.Is | ast.IsNot):
            told &= here in ("number", "String", "Date", "Datetime", "Boolean")
            told &= all(_kind(other, schema) == here for other in others)
        left = right
    return told


@dataclass(frozen=True)
class RegionOf(Rule):
    """The division in a credit code (its places 3 to 8, GB/T 2260) lies in the province that another column names."""

    code: str
    province: str
    name: str = "code_matches_region"
    zh: str = "统一社会信用代码里的地区与省份不符"
    en: str = "the region in the credit code is not that of the province"

    @property
    def fields(self) -> tuple[str, ...]:
        return (self.code, self.province)

    def holds(self, values: Mapping[str, Any]) -> bool:
        code, province = values.get(self.code), values.get(self.province)
        if not isinstance(code, str) or not isinstance(province, str):
            return True
        digits = _digits_of(province)
        return digits is None or code[2:4] == digits

    def decide(self, rows: pl.DataFrame) -> pl.Series | None:
        if any(rows.schema.get(name) != pl.String for name in self.fields):
            return None
        names = rows[self.province].drop_nulls().unique()
        known = pl.DataFrame({"name": names, "digits": _province_digits(names)})
        digits = rows.select(pl.col(self.province).alias("name")).join(
            known, on="name", how="left", maintain_order="left"
        )["digits"]
        same: pl.Series = rows[self.code].str.slice(2, 2) == digits
        return same.fill_null(True)


def _province_digits(names: pl.Series) -> pl.Series:
    """The first two digits of the codes of provinces; null where a name is no province's."""
    from curate.algorithms.fields.divisions import parse_divisions

    return parse_divisions(names)["code"].str.slice(0, 2)


@lru_cache(maxsize=4096)
def _digits_of(province: str) -> str | None:
    digits: str | None = _province_digits(pl.Series([province])).item()
    return digits


class Row(BaseModel):
    """A row of a corpus: a pydantic model whose ``rules`` hold between its fields."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    rules: ClassVar[tuple[Rule, ...]] = ()

    @classmethod
    def __pydantic_init_subclass__(cls, **more: Any) -> None:
        super().__pydantic_init_subclass__(**more)
        for rule in cls.rules:
            for name in rule.fields:
                if name not in cls.model_fields:
                    raise ValueError(
                        say(
                            f"{cls.__name__} 的规则 {rule.name} 用到的字段 {name} 不存在",
                            f"the rule {rule.name} of {cls.__name__} uses {name}, which is no field",
                        )
                    )

    @model_validator(mode="after")
    def _rules_hold(self) -> Row:
        broken = [rule for rule in self.rules if not rule.holds(self.__dict__)]
        if broken:
            raise BrokenRules(broken)
        return self
