"""The kinds of structured fields, as a recipe names them; the reading itself is ``algorithms.fields``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

import polars as pl
from pydantic import Discriminator, Field, GetJsonSchemaHandler, Tag, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean
from curate.options import Names, WorkspaceFile, as_list, located, problem
from curate.unit import Form
from curate.yaml_lines import read_yaml

OnUnread = Literal["keep", "empty", "drop"]


@dataclass(frozen=True)
class Reading:
    """What became of a column.

    Attributes:
        values: the normal forms; null where a text was not read.
        others: column -> values that belong to it, for the same rows.
        how: value, how, proposal, score for each row; only of a choice.
    """

    values: pl.Series
    others: dict[str, pl.Series] = field(default_factory=dict)
    how: pl.DataFrame | None = None


class Kind(Form, ABC):
    """一列是什么，怎么规范。 / What a column holds, and how it is written."""

    #: its values lead to a person, and are never told in a report
    personal: ClassVar[bool] = False
    #: a column of numbers is in normal form already
    numeric: ClassVar[bool] = False

    on_unread: OnUnread | None = None
    """认不出的值：keep 原样，empty 变空值，drop 丢弃整行；不写就用外层的 / what becomes of a value that cannot be read"""

    @abstractmethod
    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        """Null texts stay null."""

    def makes(self) -> list[str]:
        """The columns that it fills besides its own."""
        return []

    def hides(self, texts: pl.Series) -> pl.Series:
        """Which values are not to be told."""
        return pl.repeat(self.personal, len(texts), eager=True)


class Date(Kind):
    """日期：2003-05-01、2003-05 或 2003，写多细就多细。 / A date, as exact as it is written."""

    kind: Literal["date"]
    day_first: bool | None = None
    """1/2/2003 是 2 月 1 日（true）还是 1 月 2 日（false）；不写就不认 / is 1/2/2003 the first of February?"""
    excel_serial: bool = False
    """把整数当作 Excel 的日期序号 / whole numbers are Excel's days"""

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.dates import DateRules, parse_dates

        return Reading(parse_dates(texts, DateRules(self.day_first, self.excel_serial)))


class Amount(Kind):
    """金额：按 unit 换算成数字；不带单位的数就是 unit。 / Money as a number in one unit; a bare number is in it already."""

    numeric: ClassVar = True
    kind: Literal["amount"]
    unit: str = "元"
    """元、万元、亿元、万美元 … / the unit: 元, 万元, 亿元, 万美元 …"""
    currency: str | None = None
    """币种（CNY、USD）写进这一列；不写，别的币种就算认不出 / column for the currency; without it other currencies are unread"""

    @model_validator(mode="after")
    def _known(self) -> Self:
        from curate.algorithms.fields.amounts import amount_unit

        if amount_unit(self.unit) is None:
            raise problem(
                say(f"不认识金额单位 {self.unit}", f"{self.unit} is no unit of money"),
                say("例如 元、万元、亿元、万美元、USD", "such as 元, 万元, 亿元, 万美元, USD"),
            )
        return self

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.amounts import amount_unit, parse_amounts

        unit = amount_unit(self.unit)
        assert unit is not None
        told = parse_amounts(texts, unit)
        if self.currency:
            return Reading(told["amount"], {self.currency: told["currency"]})
        own = pl.when(pl.col("currency") == unit.currency).then("amount")
        return Reading(told.select(own).to_series())

    def makes(self) -> list[str]:
        return [self.currency] if self.currency else []


class Quantity(Kind):
    """数量：按 unit 换算成数字；不带单位的数就是 unit。 / A quantity as a number in one unit; a bare number is in it already."""

    numeric: ClassVar = True
    kind: Literal["quantity"]
    unit: str = Field(min_length=1)
    """平方米、亩、公斤、小时、人、家 … / the unit"""

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.quantities import parse_quantities

        return Reading(parse_quantities(texts, self.unit))


class Phone(Kind):
    """电话：13800138000、021-62345678转801、400-820-8820、+14155552671。 / Telephone numbers; several are joined by ;."""

    personal: ClassVar = True
    kind: Literal["phone"]
    area_code: str = Field("", pattern="^(0[0-9]{2,3})?$")
    """没写区号的座机用这个区号；不写就不认 / of landlines without an area code"""

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.phones import parse_phones

        return Reading(parse_phones(texts, self.area_code))


class Email(Kind):
    """邮箱：域名小写。 / E-mail addresses; several are joined by ;."""

    personal: ClassVar = True
    kind: Literal["email"]

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.emails import parse_emails

        return Reading(parse_emails(texts))


class Url(Kind):
    """网址：补上 http://，域名小写，去掉末尾的 /。 / Web addresses; several are joined by ;."""

    kind: Literal["url"]
    scheme: Literal["http", "https"] = "http"
    """没写 http:// 的补什么 / what an address without one gets"""

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.urls import parse_urls

        return Reading(parse_urls(texts, self.scheme))


class CreditCode(Kind):
    """统一社会信用代码：18 位，校验位对得上才认；O/0、I/1 写混的，改后对得上才改。 / Unified social credit codes."""

    kind: Literal["credit_code"]

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.credit_codes import parse_credit_codes

        return Reading(parse_credit_codes(texts))


class Into(Form):
    """省、市、区县、代码各写进哪一列。 / The columns for province, city, district and code."""

    province: str | None = None
    """省的列 / the column for the province"""
    city: str | None = None
    """地级市的列（直辖市写市名） / the column for the city"""
    district: str | None = None
    """区县的列 / the column for the district or county"""
    code: str | None = None
    """六位行政区划代码的列 / the column for the six digits of GB/T 2260"""


class Division(Kind):
    """省市区：写成全名（浙江杭州 → 浙江省杭州市）；地址保持原样，省市区另写进 into 的列。 / Provinces, cities, counties in full."""

    kind: Literal["division"]
    level: Literal["province", "city", "district"] | None = None
    """这一列只是省、只是市或只是区县 / the column holds this level alone"""
    within: Names = []
    """同一行里说明在哪个省市的列，用来分清重名的区县 / columns of the row that say where it is"""
    into: Into = Into()
    """省、市、区县、代码写进哪些列；已有值的不动 / columns to fill; values that are there stay"""

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.divisions import parse_divisions

        where = [pl.col(name).cast(pl.String) for name in self.within if name in rows.columns]
        within = rows.select(pl.concat_str(where, ignore_nulls=True)).to_series() if where else None
        told = parse_divisions(texts, within, self.level)
        return Reading(told["value"], {column: told[part] for part, column in self._into().items()})

    def _into(self) -> dict[str, str]:
        return {part: column for part, column in self.into if column}

    def makes(self) -> list[str]:
        return list(self._into().values())

    def hides(self, texts: pl.Series) -> pl.Series:
        return texts.str.len_chars() > 12  # an address to the door


class CompanyName(Kind):
    """公司名：括号、空格、有限公司的写法统一；不是用来比较的键。 / Company names in one way of writing."""

    kind: Literal["company_name"]

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.companies import parse_companies

        return Reading(parse_companies(texts))


class Choice(Kind):
    """固定选项：先按别名表，再按相似度；拿不准的列出来请人看，不改。 / A closed list: by aliases, then by likeness."""

    kind: Literal["choice"]
    aliases: Annotated[
        Annotated[WorkspaceFile, Tag("file")] | Annotated[dict[str, Names], Tag("inline")],
        Discriminator(lambda value: "file" if isinstance(value, str) else "inline"),
    ]
    """标准值: [别名 …]，或这样写的 YAML 文件 / canonical value: [aliases], or a YAML file of this shape"""
    threshold: float = Field(0.85, gt=0, le=1)
    """相似度（0–1）达到多少就认作标准值 / likeness (0-1) from which a value is read as the canonical one"""
    review_above: float = Field(0.6, gt=0, le=1)
    """达到多少、又不够 threshold 的，列出来请人看 / likeness from which it is listed for people"""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.review_above > self.threshold:
            raise problem(
                say("review_above 不能大于 threshold", "review_above must not be greater than threshold"),
                say("例如 threshold: 0.85, review_above: 0.6", "such as threshold: 0.85, review_above: 0.6"),
            )
        return self

    @cached_property
    def table(self) -> dict[str, list[str]]:
        """Canonical value -> its aliases.

        Raises:
            CurateError: the file is no such table, or an alias stands for two values.
        """
        told = self.aliases if isinstance(self.aliases, dict) else self._from_file(self.aliases)
        owner: dict[str, str] = {}
        for canonical, names in told.items():
            for name in (canonical, *names):
                if owner.setdefault(name.strip().lower(), canonical) != canonical:
                    raise CurateError(
                        say(
                            f"别名 {name} 同时属于 {owner[name.strip().lower()]} 和 {canonical}",
                            f"{name} is an alias of {owner[name.strip().lower()]} and of {canonical}",
                        ),
                        say("一个写法只能归一个标准值", "one writing stands for one value"),
                    )
        return told

    def _from_file(self, path: str) -> dict[str, list[str]]:
        document = read_yaml(located(path))
        if document.problems:
            raise self._wrong("; ".join(problem.what for problem in document.problems))
        told = document.value
        if not isinstance(told, dict) or not all(isinstance(one, list | str | None) for one in told.values()):
            raise self._wrong("")
        return {str(name): [str(one) for one in as_list(names) or []] for name, names in told.items()}

    def _wrong(self, why: str) -> CurateError:
        return CurateError(
            say(f"别名表 {self.aliases} 读不了 {why}", f"the aliases {self.aliases} cannot be read {why}"),
            say("每行写成 标准值: [别名, 别名]", "each line is canonical: [alias, alias]"),
        )

    def read(self, texts: pl.Series, rows: pl.DataFrame) -> Reading:
        from curate.algorithms.fields.choices import Choices, parse_choices

        told = parse_choices(texts, Choices(self.table, self.threshold, self.review_above))
        return Reading(told["value"], how=told)


KINDS: dict[str, type[Kind]] = {
    kind.model_fields["kind"].annotation.__args__[0]: kind  # type: ignore[union-attr]
    for kind in (Date, Amount, Quantity, Phone, Email, Url, CreditCode, Division, CompanyName, Choice)
}


class KindOrName:
    """``date`` for ``{kind: date}``."""

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> CoreSchema:
        from pydantic_core import core_schema

        return core_schema.no_info_before_validator_function(self.spread, handler(source))

    def spread(self, value: Any) -> Any:
        told = {"kind": value} if isinstance(value, str) else value
        if isinstance(told, dict) and told.get("kind") not in KINDS:
            name = str(told.get("kind", ""))
            raise problem(say(f"没有字段类型 {name}", f"there is no kind {name}"), did_you_mean(name, KINDS))
        return told

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        bare = [name for name, kind in KINDS.items() if not _required(kind)]
        return {"anyOf": [{"enum": bare}, handler(core)]}


def _required(kind: type[Kind]) -> bool:
    return any(option.is_required() for name, option in kind.model_fields.items() if name != "kind")


AnyKind = Annotated[
    Annotated[
        Date | Amount | Quantity | Phone | Email | Url | CreditCode | Division | CompanyName | Choice,
        Discriminator("kind"),
    ],
    KindOrName(),
]
