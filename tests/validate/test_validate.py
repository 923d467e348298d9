"""validate: what passes has its types; what fails says field, value and why."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, Literal

import polars as pl
import pytest
from pydantic import BaseModel, ConfigDict, Field, HttpUrl, ValidationError, model_validator

from curate.errors import CurateError, GateFailed
from curate.validate import INVALID, Validate


class Kind(Enum):
    expo = "展会"
    forum = "论坛"


class Event(BaseModel):
    model_config = ConfigDict(extra="ignore")

    name: str = Field(min_length=2)
    area: int | None = Field(default=None, ge=0)
    starts: date | None = None
    ends: date | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Event:
        if self.starts and self.ends and self.ends < self.starts:
            raise ValueError(f"结束日期 {self.ends} 早于开始日期 {self.starts}")
        return self


def table(**columns: list[Any]) -> pl.DataFrame:
    """Rows of the corpus ``c`` as sources make them."""
    height = len(next(iter(columns.values())))
    ids = [f"c:{number}" for number in range(height)]
    system = {"row_id": ids, "corpus": ["c"] * height, "cluster_id": ids, "copies": [1] * height}
    return pl.DataFrame(system | {"text": [None] * height} | columns, schema_overrides={"text": pl.String})


def test_kept_rows_have_the_models_types_and_other_columns_stay() -> None:
    rows = table(name=["家具展", "光电展"], area=["1200", None], starts=["2026-03-05", None], note=["x", "y"])
    kept = Validate().apply(rows, Event).kept
    assert kept.select("name", "area", "starts", "ends", "note").rows() == [
        ("家具展", 1200, date(2026, 3, 5), None, "x"),
        ("光电展", None, None, None, "y"),
    ]
    assert kept.schema["area"] == pl.Int64
    assert kept.schema["ends"] == pl.Date, "a field that the source lacks has its default and its type"
    assert kept.columns[:4] == ["row_id", "corpus", "cluster_id", "copies"]


@pytest.mark.parametrize(
    ("row", "reason", "detail"),
    [
        ({"area": "很大"}, "invalid_area", "area: '很大' 应当是整数"),
        ({"area": "-3"}, "invalid_area", "area: '-3' 不能小于 0"),
        ({"area": "1.5"}, "invalid_area", "area: '1.5' 应当是整数"),
        ({"name": "展"}, "invalid_name", "name: '展' 至少要 2 个字符"),
        ({"name": None}, "invalid_name", "name: 空着，应当是文字"),
        ({"starts": "三月"}, "invalid_starts", "starts: '三月' 不是日期，请写成 2026-03-05"),
        ({"name": "展", "area": "x"}, "invalid_name", "name: '展' 至少要 2 个字符；area: 'x' 应当是整数"),
        (
            {"starts": "2026-03-08", "ends": "2026-03-05"},
            "invalid_row",
            "整行: 结束日期 2026-03-05 早于开始日期 2026-03-08",
        ),
        ({"name": "长" * 100, "area": "x" * 100}, "invalid_area", f"area: '{'x' * 80}' 应当是整数"),
    ],
)
def test_a_bad_row_says_field_value_and_reason(row: dict[str, Any], reason: str, detail: str) -> None:
    good = {"name": "家具展", "area": "1", "starts": None, "ends": None}
    rows = table(**{name: [good[name], (good | row)[name], good[name]] for name in good})
    outcome = Validate().apply(rows, Event)
    assert outcome.kept["row_id"].to_list() == ["c:0", "c:2"]
    assert outcome.dropped.select("row_id", "reason", "detail").rows() == [("c:1", reason, detail)]
    assert outcome.dropped["area"].to_list() == [(good | row)["area"]], "the row itself is as it came"


def test_a_field_whose_column_is_absent_is_missing_in_every_row() -> None:
    outcome = Validate().apply(table(area=["1", "2"]), Event)
    assert outcome.dropped.select("reason", "detail").unique().rows() == [
        ("invalid_name", "name: 缺少这一项")
    ]


def test_all_rows_bad_and_no_rows_at_all_keep_the_types() -> None:
    bad = Validate().apply(table(name=["展"], area=["1"]), Event)
    none = Validate().apply(table(name=["展"], area=["1"]).clear(), Event)
    assert bad.kept.schema == none.kept.schema
    assert bad.kept.schema["area"] == pl.Int64
    assert none.dropped.is_empty()


class Wide(BaseModel):
    kind: Kind | None = None
    price: Decimal | None = None
    site: HttpUrl | None = None
    tags: list[str] | None = None
    counts: Annotated[list[int], Field(max_length=3)] | None = None
    kinds: list[Kind] | None = None
    state: Literal["open", "closed"] | None = None
    either: int | str | None = None
    at: datetime | None = None
    seen: set[str] | None = None
    pair: tuple[int, int] | None = None
    more: dict[str, int] | None = None
    event: Event | None = None


@pytest.mark.parametrize(
    ("field", "cell", "value", "kind"),
    [
        ("kind", "展会", "展会", pl.String()),
        ("price", "1.50", "1.50", pl.String()),
        ("site", "https://a.cn/x", "https://a.cn/x", pl.String()),
        ("tags", '["家具", "木工"]', ["家具", "木工"], pl.List(pl.String())),
        ("tags", "[]", [], pl.List(pl.String())),
        ("tags", None, None, pl.List(pl.String())),
        ("counts", "[1, 2]", [1, 2], pl.List(pl.Int64())),
        ("kinds", '["展会", "论坛"]', ["展会", "论坛"], pl.List(pl.String())),
        ("state", "open", "open", pl.String()),
        ("either", "7", "7", pl.String()),
        ("at", "2026-03-05 14:30:00", datetime(2026, 3, 5, 14, 30), pl.Datetime("us")),
        ("at", "2026-03-05T14:30:00+08:00", datetime(2026, 3, 5, 14, 30), pl.Datetime("us")),
        ("seen", '["乙", "甲"]', '["乙", "甲"]', pl.String()),
        ("pair", "[1, 2]", "[1, 2]", pl.String()),
        ("more", '{"a": 1}', '{"a": 1}', pl.String()),
    ],
)
def test_a_value_has_the_column_type_of_its_field(
    field: str, cell: str | None, value: object, kind: pl.DataType
) -> None:
    outcome = Validate().apply(table(**{field: pl.Series([cell], dtype=pl.String)}), Wide)
    assert outcome.dropped.is_empty(), outcome.dropped["detail"].to_list()
    assert outcome.kept[field].to_list() == [value]
    assert outcome.kept.schema[field] == kind


@pytest.mark.parametrize(
    ("field", "cell", "detail"),
    [
        ("tags", "家具、木工", "tags: '家具、木工' 应当是列表（每行以 - 开头）"),
        ("counts", "[1, 2, 3, 4]", "counts: '[1, 2, 3, 4]' "),
        ("kind", "讲座", "kind: '讲座' 只能是 '展会' or '论坛'"),
        ("event", '{"name": "展"}', "event: '展' 至少要 2 个字符"),
    ],
)
def test_a_bad_list_or_choice_is_told(field: str, cell: str, detail: str) -> None:
    dropped = Validate().apply(table(**{field: [cell]}), Wide).dropped
    assert dropped["reason"].to_list() == [f"invalid_{field}"]
    assert dropped["detail"][0].startswith(detail)


def test_a_number_that_no_column_holds_is_an_error_and_not_null() -> None:
    with pytest.raises(CurateError, match="area 有存不下的值 99999999999999999999") as error:
        Validate().apply(table(name=["家具展"], area=["99999999999999999999"]), Event)
    assert "64 位" in error.value.hint


def test_the_text_is_made_anew_of_the_typed_values() -> None:
    rows = table(name=["家具展"], area=["0012"], text=["家具展0012"])
    kept = Validate().apply(rows, Event, "{{name}}，{{area}}平方米").kept
    assert kept["text"].to_list() == ["家具展，12平方米"]
    assert Validate().apply(rows, Event).kept["text"].to_list() == ["家具展0012"]


@pytest.mark.parametrize(
    ("limit", "invalid", "stops"), [(0.1, 10, False), (0.1, 11, True), (0, 1, True), (1, 100, False)]
)
def test_the_gate_stops_above_its_limit_only(limit: float, invalid: int, stops: bool) -> None:
    unit = Validate(max_invalid=limit)
    if not stops:
        unit.gate("c", 100, invalid)
        return
    with pytest.raises(GateFailed, match=f"{invalid}/100") as error:
        unit.gate("c", 100, invalid)
    assert error.value.exit_code == 4
    assert "curate quarantine return" in error.value.hint
    assert error.value.gate == "validate"


def test_a_corpus_has_a_limit_of_its_own_and_one_that_is_not_named_has_none() -> None:
    unit = Validate(max_invalid={"companies": 0.01})
    assert (unit.limit("companies"), unit.limit("news")) == (0.01, 1.0)
    unit.gate("news", 100, 99)
    with pytest.raises(GateFailed, match=r"companies 有 2/100 行（2\.0%）不合规范，超过 max_invalid: 0\.01"):
        unit.gate("companies", 100, 2)


@pytest.mark.parametrize(
    ("limit", "where"),
    [(2, "max_invalid"), ({"companies": 3}, "companies"), ({"compnies": 0.1}, "compnies")],
)
def test_a_limit_that_is_none_is_one_error_at_its_place(limit: Any, where: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Validate.model_validate({"max_invalid": limit}, context={"corpora": ["companies"]})
    (error,) = caught.value.errors()
    assert where in error["loc"]


def test_rows_that_are_judged_stay_as_they_came() -> None:
    rows = table(name=["家具展", "展"], area=["0012", "5"])
    judged, applied = Validate().judge(rows, Event), Validate().apply(rows, Event)
    assert judged.kept.equals(rows.head(1))
    assert judged.dropped.equals(applied.dropped)
    assert judged.notes is not None
    assert applied.notes is not None
    assert judged.notes.equals(applied.notes)


def test_a_note_holds_no_more_than_the_beginning_of_a_value() -> None:
    notes = Validate().apply(table(name=["家具展"], area=["长" * 5000]), Event).notes
    assert notes is not None
    assert notes.schema == pl.Schema(INVALID)
    assert notes.rows() == [
        ("c:0", "area", "长" * 200, "int_parsing", "应当是整数", "must be a whole number")
    ]


def test_rows_without_a_fault_have_no_notes() -> None:
    notes = Validate().apply(table(name=["家具展"], area=["5"]), Event).notes
    assert notes is not None
    assert notes.schema == pl.Schema(INVALID)
    assert notes.is_empty()


def test_the_gate_changes_no_result_and_an_empty_corpus_passes() -> None:
    options = {
        "max_invalid": 0.1,
        "references": "report",
        "drift": "stop",
        "chunks": "schemas/chunk.py:Chunk",
    }
    assert Validate.model_validate(options).fingerprint() == Validate().fingerprint()
    Validate(max_invalid=0).gate("c", 0, 0)
