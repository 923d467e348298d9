"""What Polars decides and what pydantic says are the same, for any model and any row."""

from __future__ import annotations

import importlib
import re
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum, StrEnum
from functools import wraps
from pathlib import Path
from random import Random
from typing import Annotated, Any, Literal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    create_model,
    field_serializer,
    field_validator,
    model_serializer,
    model_validator,
)

from curate.types import (
    Check,
    ChineseDate,
    ChineseDateTime,
    CreditCode,
    Email,
    IdNumber,
    Phone,
    RegionOf,
    Row,
    Rule,
    Text,
    parse_date,
)
from curate.validate import Validate, compiled
from curate.validate.cells import as_column, read_json
from curate.validate.field import Field as Judged
from curate.validate.schema import column_types, written_as_json
from tests.conftest import ROOT


class Colour(Enum):
    RED = "红"
    BLUE = "蓝"


class Sort(StrEnum):
    ONE = "甲"
    TWO = "1"


class Inner(BaseModel):
    a: int


Shouted = Annotated[str, PlainSerializer(lambda text: f"{text}!")]

TYPES: list[Any] = [
    str, int, float, bool, date, datetime, Colour, list[str], list[int], dict[str, int], Any,
    Text, ChineseDate, ChineseDateTime, CreditCode, Phone, Email, IdNumber,
    Literal["甲", "乙", "丙"], Literal[1, 2, 3], Literal["1", 2], Literal[Sort.ONE], Sort, Decimal, int | str, time, Inner, Shouted,
    Annotated[int, Field(ge=0, lt=100)], Annotated[int, Field(gt=-5, le=5)], Annotated[float, Field(ge=0.5, le=1e6)],
    Annotated[float, Field(allow_inf_nan=False)], Annotated[int, Field(multiple_of=3)], Annotated[int, Field(strict=True)],
    Annotated[str, Field(min_length=2, max_length=4)], Annotated[str, Field(pattern=r"^C\d{2}$")],
    Annotated[str, Field(pattern=r"\d+$")], Annotated[str, Field(pattern=r"^[^@\s]+@\w+$")],
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=3)],
    Annotated[str, StringConstraints(to_lower=True)], Annotated[str, StringConstraints(to_upper=True, min_length=1)],
    Annotated[date, Field(ge=date(2020, 1, 1))], Annotated[ChineseDate, Field(le=date(2026, 3, 9))],
    Annotated[datetime, Field(lt=datetime(2026, 1, 1))], Annotated[list[str], Field(min_length=1, max_length=2)],
]  # fmt: skip
WORDS = [
    "", " ", "甲", "乙", " 甲 ", "红", "True", "true", "1", "0", "yes", "off", "t", "007", "+5", "-5", "-0", "5 ", "1_000", "1.0", "1.5", "12.50", "1e3", ".5", "5.", "inf", "nan",
    "99", "100", "٣", "５", "C12", "C12\n", "C１２", "a@b", "a@展", "a @b", "ÀB", "ß", "ABCD", "\u3000甲\u3000", "\u200b", "𠮷𠮷",
    "2026-03-09", "2026-3-9", "2026年3月9日", "2026.03.09", "2026/13/01", "2026-02-30", "0000-01-01", "2026-03-09 14:30", "2026-03-09T14:30:00", "2026-03-09 14:30:60",
    "2026-03-09 24:00", "2026-03-09 14:30:00.5", "2026-03-09T14:30:00Z", "2026-03-09 00:00", "２０２６-03-09", "1700000000", "20260309", "91330106MA27XL6A12", "91330106ma27xl6a12", " 91350100M000100Y43", "91350100M000100Y43",
    "138****5678", "010-123", '["a"]', '["a", 1]', "[]", "[1, 2]", '{"a": 1}', "[", "11010519491231002X",
]  # fmt: skip
TEXTS = st.one_of(st.sampled_from(WORDS), st.text(max_size=5), st.none())
INTEGERS = st.one_of(st.integers(-6, 6), st.integers(-(2**63), 2**63 - 1), st.none())
FLOATS = st.one_of(st.sampled_from([0.0, -0.0, 1.0, 1.5, 3.0, 1e6, 2.0**53, 1e300]), st.floats(), st.none())
DAYS = st.one_of(st.dates(date(1, 1, 1), date(2200, 1, 1)), st.none())
MOMENTS = st.one_of(
    st.datetimes(datetime(1, 1, 1), datetime(2200, 1, 1)), st.sampled_from([datetime(2026, 3, 9)]), st.none()
)
COLUMNS: list[tuple[Any, Any]] = [
    (pl.String(), TEXTS), (pl.String(), TEXTS), (pl.Int64(), INTEGERS), (pl.Float64(), FLOATS), (pl.Boolean(), st.one_of(st.booleans(), st.none())),
    (pl.Date(), DAYS), (pl.Datetime("us"), MOMENTS), (pl.List(pl.String()), st.one_of(st.lists(TEXTS, max_size=3), st.none())),
]  # fmt: skip
RULES = [
    (), (Check("order", "a <= b", zh="顺序"),), (Check("same", "a == b or a is None", zh="相同"), Check("known", "not (a in ('甲', '1', 1) and b != 2)", zh="已知")),
    (Check("chain", "0 <= a < b", zh="连着"),), (Check("large", "a < 99999999999999999999 and a not in (1, 2.0, -3)", zh="大"),), (Check("word", "a == '甲'", zh="甲"),), (RegionOf("a", "b"),), (Check("flag", "a", zh="真"),),
]  # fmt: skip


def by_pydantic(
    rows: pl.DataFrame, model: type[BaseModel]
) -> tuple[dict[int, dict[str, Any]], dict[int, set[str]]]:
    """Row by row, with nothing but pydantic: (place -> its values, place -> the fields or rules that are wrong)."""
    adapter, kinds = TypeAdapter(model), column_types(model)
    valid: dict[int, dict[str, Any]] = {}
    wrong: dict[int, set[str]] = {}
    names = [name for name in model.model_fields if name in rows.columns]
    records = rows.select(names).to_dicts() if names else [{} for _ in range(rows.height)]
    for place, row in enumerate(records):
        told = {
            name: read_json(value) if written_as_json(model.model_fields[name].annotation) else value
            for name, value in row.items()
        }
        try:
            found = adapter.dump_python(adapter.validate_python(told))
        except ValidationError as errors:
            wrong[place] = {
                str(error["loc"][0]) if error["loc"] else "" for error in errors.errors(include_url=False)
            }
        else:
            valid[place] = {name: as_column(name, [found[name]], kinds[name]).to_list()[0] for name in kinds}
    return valid, wrong


def compare(rows: pl.DataFrame, model: type[BaseModel]) -> None:
    system = pl.DataFrame({"row_id": [f"c:{place}" for place in range(rows.height)]})
    outcome = Validate().apply(pl.concat([system, rows], how="horizontal"), model)
    valid, wrong = by_pydantic(rows, model)
    kept = outcome.kept.drop("row_id").to_dicts()
    assert outcome.kept["row_id"].to_list() == [f"c:{place}" for place in valid]
    for told, (place, known) in zip(kept, valid.items(), strict=True):
        assert repr({name: told[name] for name in known}) == repr(known), place
    assert outcome.dropped["row_id"].to_list() == [f"c:{place}" for place in wrong]
    assert outcome.notes is not None
    rules = {rule.name for rule in model.rules} if issubclass(model, Row) else set()
    for reason, (place, fields) in zip(outcome.dropped["reason"], wrong.items(), strict=True):
        assert reason.startswith("invalid_"), place
        assert reason.removeprefix("invalid_") in {*fields, "row"} or "" in fields, place
    for place, fields in wrong.items():
        noted = outcome.notes.filter(pl.col("row_id") == f"c:{place}")
        named = {"" if rule in rules else name for name, rule in noted.select("field", "rule").iter_rows()}
        assert named == fields, place
        assert noted["zh"].null_count() == noted["en"].null_count() == 0
    for name, kind in column_types(model).items():
        assert outcome.kept.schema[name] == kind


def made(**fields: Any) -> type[BaseModel]:
    return create_model("Made", **fields)


def ruled(fields: dict[str, Any], *rules: Rule) -> type[Row]:
    model = create_model("Made", __base__=Row, **fields)
    model.rules = rules
    return model


@st.composite
def models_and_rows(draw: st.DrawFn) -> tuple[type[BaseModel], pl.DataFrame]:
    fields: dict[str, Any] = {}
    for name in "abc"[: draw(st.integers(1, 3))]:
        kind = draw(st.sampled_from(TYPES))
        how = draw(st.sampled_from(["required", "optional", "default"]))
        fields[name] = (kind, ...) if how == "required" else (kind | None, None if how == "optional" else ...) if kind is not Any else (kind, None)  # fmt: skip
    rules = draw(st.sampled_from(RULES))
    if any(name not in fields for rule in rules for name in rule.fields):
        rules = ()
    model = ruled(fields, *rules)
    height = draw(st.integers(1, 8))
    columns = {}
    for name in fields:
        if draw(st.integers(0, 9)) == 0:
            continue  # a column that the source lacks
        kind, values = draw(st.sampled_from(COLUMNS))
        columns[name] = pl.Series(draw(st.lists(values, min_size=height, max_size=height)), dtype=kind)
    return model, pl.DataFrame({"x": [0] * height, **columns})


@settings(max_examples=150)
@given(models_and_rows())
def test_any_model_and_any_rows(made: tuple[type[BaseModel], pl.DataFrame]) -> None:
    model, rows = made
    compare(rows, model)


@pytest.mark.parametrize("kind", TYPES, ids=range(len(TYPES)))
def test_every_type_on_every_odd_text(kind: Any) -> None:
    for annotation in (kind, kind | None if kind is not Any else kind):
        compare(pl.DataFrame({"a": [*WORDS, None]}), create_model("Made", a=(annotation, ...)))


@pytest.mark.parametrize("file", sorted((ROOT / "schemas").glob("*.py")), ids=lambda file: file.stem)
def test_the_schemas_of_the_example_on_good_and_odd_texts(file: Path) -> None:
    module = importlib.import_module(f"schemas.{file.stem}")
    models = [
        one
        for one in vars(module).values()
        if isinstance(one, type) and issubclass(one, BaseModel) and one.__module__ == module.__name__
    ]
    for model in models:
        good = {field.name: good_texts(field) for field in compiled(model).fields}
        assert all(good.values()), [name for name, texts in good.items() if not texts]
        drawn = Random(7)
        rows = [{name: drawn.choice(texts) for name, texts in good.items()} for _ in range(150)]
        for row in rows[::4]:
            row[drawn.choice(list(row))] = drawn.choice(WORDS)
        compare(pl.DataFrame(rows), model)


#: texts that fields of the example want, besides the odd ones
WANTED = [
    "https://a.cn", "C00001", "E0001", "P00001", "K00001", "F0001", "T00001", "V00001", "news:1#2", "18", "很" * 60, '[{"role": "user", "content": "问"}]',
]  # fmt: skip


def good_texts(field: Judged) -> list[str]:
    """What one field takes; of a field with a few values, those."""
    assert field.value is not None
    core = re.findall(r"'([^']*)'", next(iter(errors_of(field, "no such value")), ""))
    return [text for text in [*WORDS, *WANTED, *core] if not errors_of(field, text)]


def errors_of(field: Judged, text: str) -> list[str]:
    assert field.value is not None
    try:
        field.value.validate_python(read_json(text) if field.as_json else text)
    except ValidationError as error:
        return [one["msg"] for one in error.errors()]
    return []


@wraps(parse_date)
def no_nines(value: object) -> object:
    if "9" in str(value):
        raise ValueError("没有 9")
    return parse_date(value)


class Serialized(BaseModel):
    a: str

    @field_serializer("a")
    def _loud(self, value: str) -> str:
        return f"{value}!"


class WhollySerialized(BaseModel):
    a: str

    @model_serializer
    def _loud(self) -> dict[str, str]:
        return {"a": f"{self.a}!"}


class Stripped(BaseModel):
    model_config = ConfigDict(str_strip_whitespace=True, str_max_length=2)
    a: str


ORDER = Check("order", "a <= b", zh="顺序")
MOMENTS_WITH_ZONES = ["2026-03-05T14:00:00+00:00", "2026-03-05T14:00:00"]
#: what -> (model, rows): where a column is another thing than the values of Python in it
TRAPS: dict[str, tuple[type[BaseModel], dict[str, Any]]] = {
    "texts with zones are ordered by the instant, their columns by the clock": (
        ruled({"a": (datetime, ...), "b": (datetime, ...)}, ORDER), {"a": MOMENTS_WITH_ZONES, "b": ["2026-03-05T14:30:00+08:00"] * 2},
    ),
    "decimals are numbers, their column is text": (ruled({"a": (Decimal, ...), "b": (Decimal, ...)}, ORDER), {"a": ["10", "9"], "b": ["9", "10"]}),
    "a number of any type in a column of text": (ruled({"a": (Any, ...), "b": (Any, ...)}, ORDER), {"a": [10, 9], "b": [9, 10]}),
    "a default with a zone": (
        ruled({"a": (datetime, datetime(2026, 3, 5, 14, tzinfo=UTC)), "b": (datetime, ...)}, ORDER), {"b": ["2026-03-05T14:30:00+08:00", "2026-03-06T00:00:00Z"]},
    ),
    "a member of an enumeration of texts is no literal text": (made(a=(Literal[Sort.ONE], ...)), {"a": ["甲", "Sort.ONE", "ONE"]}),
    "a function that wraps one of ours": (made(a=(Annotated[date, BeforeValidator(no_nines)], ...)), {"a": ["2026-03-09", "2026-03-08"]}),
    "a serializer of a field": (Serialized, {"a": ["x", "y"]}),
    "a serializer of the model": (WhollySerialized, {"a": ["x", "y"]}),
    "a bound with a zone": (
        made(a=(Annotated[datetime, Field(ge=datetime(2020, 1, 1, tzinfo=UTC))], ...)), {"a": ["2026-03-09 14:30:00", "2019-01-01T00:00:00Z", "2026-03-09T14:30:00Z"]},
    ),
    "zeros of both signs": (made(a=(Any, ...)), {"a": [0.0, -0.0, 0.0, float("nan")]}),
    "a number that is too long in a row that is wrong anyway": (made(a=(int, ...), b=(int, ...)), {"a": ["9" * 30, "1"], "b": ["x", "2"]}),
    "a default that is validated": (made(a=(int, Field(default="5", validate_default=True)), b=(str, ...)), {"b": ["x"]}),
    "a default from a factory": (made(a=(dict[str, int], Field(default_factory=dict)), b=(str, ...)), {"b": ["x"]}),
    "a default that is a model": (made(a=(Inner, Inner(a=1)), b=(str, ...)), {"b": ["x"]}),
    "a configuration": (Stripped, {"a": [" x ", "xyz", " xy "]}),
    "two fields of one enumeration": (made(a=(Colour, ...), b=(Colour | None, ...)), {"a": ["红", "绿"], "b": ["蓝", None]}),
    "brackets without end, and a number of thousands of digits": (made(a=(list[str], ...)), {"a": ["[" * 100_000, f"[1{'0' * 5000}]"]}),
    "small whole numbers as decimal ones": (made(a=(float, ...)), {"a": pl.Series([-128, 127], dtype=pl.Int8)}),
    "a pattern of several lines": (made(a=(Annotated[str, Field(pattern=r"(?m)^\d$")], ...)), {"a": ["x\n5", "٣", "5\n", "x"]}),
    "no province at all": (ruled({"a": (str, ...), "b": (str | None, ...)}, RegionOf("a", "b")), {"a": ["9133", "9"], "b": pl.Series([None, None], dtype=pl.String)}),
    "rules of constants": (ruled({"a": (bool, ...)}, Check("c", "1 < 2 and True", zh="真"), Check("d", "a != False or a == True", zh="真")), {"a": [True, False]}),
}  # fmt: skip


@pytest.mark.parametrize(("model", "columns"), TRAPS.values(), ids=TRAPS)
def test_where_columns_and_values_differ_pydantic_decides(
    model: type[BaseModel], columns: dict[str, Any]
) -> None:
    compare(pl.DataFrame(columns), model)


OTHER_COLUMNS = {
    "all null": pl.Series([None, None]),
    "categories": pl.Series(["5", "x"], dtype=pl.Categorical),
    "decimals": pl.Series([Decimal("1"), Decimal("2.5")]),
    "times of day": pl.Series([time(1), None]),
    "bytes": pl.Series([b"5", b"x"]),
    "structs": pl.Series([{"a": 1}, {"a": "x"}], dtype=pl.Struct({"a": pl.String})),
    "unsigned": pl.Series([2**62, 5], dtype=pl.UInt64),
    "halves": pl.Series([0.1, 5], dtype=pl.Float32),
    "milliseconds": pl.Series([datetime(2026, 1, 1), None], dtype=pl.Datetime("ms")),
    "zoned": pl.Series([datetime(2026, 1, 1), None], dtype=pl.Datetime("us", "Asia/Shanghai")),
    "lists of nothing": pl.Series([[None], []], dtype=pl.List(pl.Null)),
    "lists of numbers": pl.Series([[1], []]),
}


@pytest.mark.parametrize("column", OTHER_COLUMNS.values(), ids=OTHER_COLUMNS)
def test_columns_of_other_types_are_judged_as_pydantic_does(column: pl.Series) -> None:
    for kind in TYPES:
        compare(pl.DataFrame({"a": column}), made(a=(kind | None if kind is not Any else kind, ...)))


def test_decimal_texts_are_read_to_the_last_bit() -> None:
    digits = [str(number * 2654435761 % 10**15) for number in range(1, 400)]
    texts = [
        f"{one[:place]}.{two}"
        for place, (one, two) in enumerate(zip(digits, digits[::-1], strict=True), 1)
        if one[: place % 15 + 1]
    ]
    compare(pl.DataFrame({"a": texts}), made(a=(float, ...)))


class Watched(BaseModel):
    """A model with functions of its own."""

    a: int
    b: int | None = None
    c: str = "x"

    @field_validator("b")
    @classmethod
    def _even(cls, value: int | None) -> int | None:
        if value is not None and value % 2:
            raise ValueError("要偶数")
        return value


class Whole(BaseModel):
    a: int
    b: int

    @model_validator(mode="after")
    def _smaller(self) -> Whole:
        if self.a > self.b:
            raise ValueError("a 大于 b")
        return self


def test_functions_of_a_schema_are_asked_for_every_row() -> None:
    rows = pl.DataFrame({"a": ["1", "2", "x", "5"], "b": ["2", "3", "4", None]})
    compare(rows, Watched)
    compare(rows, Whole)
    assert compiled(Watched).plan == {"a": "compiled", "b": "by row: 有自己的校验函数 _even", "c": "compiled"}
    assert set(compiled(Whole).plan.values()) == {"by row: 模型有自己的校验函数 _smaller"}


def test_all_errors_of_a_row_are_noted_in_both_languages() -> None:
    class Fair(Row):
        start: ChineseDate
        end: ChineseDate
        area: int = Field(gt=0)
        rules = (Check("ends_after_start", "end >= start", zh="闭幕早于开幕", en="ends before it starts"),)

    rows = pl.DataFrame(
        {
            "row_id": ["f:1", "f:2"],
            "start": ["2026-03-09", "三月"],
            "end": ["2026-03-08", "2026-03-08"],
            "area": ["5", "-1"],
        }
    )
    notes = Validate().apply(rows, Fair).notes
    assert notes is not None
    assert notes.rows() == [
        ("f:1", "end,start", "2026-03-08, 2026-03-09", "ends_after_start", "闭幕早于开幕", "ends before it starts"),
        ("f:2", "start", "三月", "value_error", "看不懂日期“三月”，请写成 2026-03-09 或 2026年3月9日，时间写成 14:30", "“三月” is not a date; write 2026-03-09 or 2026年3月9日, and a time as 14:30"),
        ("f:2", "area", "-1", "greater_than", "必须大于 0", "must be greater than 0"),
    ]  # fmt: skip
