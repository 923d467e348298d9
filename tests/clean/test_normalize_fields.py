"""normalize_fields: what a recipe says, what is told, what happens to values that cannot be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from curate.clean.cleaner import Notes
from curate.clean.fields.kinds import KINDS
from curate.clean.normalize_fields import TOLD_VALUES, NormalizeFields
from curate.errors import CurateError

LEVELS = {"一级": ["1级"], "会员单位": "会员"}
#: every kind, each with the options that matter
EVERY: dict[str, Any] = {
    "date": {"kind": "date", "day_first": True, "excel_serial": True},
    "amount": {"kind": "amount", "unit": "万元", "currency": "currency"},
    "quantity": {"kind": "quantity", "unit": "平方米"},
    "phone": {"kind": "phone", "area_code": "021"},
    "email": "email",
    "url": "url",
    "credit_code": "credit_code",
    "division": {"kind": "division", "within": "url", "into": {"province": "province", "code": "code"}},
    "city": {"kind": "division", "level": "city"},
    "company_name": "company_name",
    "choice": {"kind": "choice", "aliases": LEVELS},
}
PIECES = [
    "2003",
    "年",
    "月",
    "日",
    "5",
    "十",
    "二〇〇三",
    "-",
    "/",
    ".",
    "：",
    "T",
    "点",
    "(",
    "（",
    "万",
    "亿",
    "元",
    "人民币",
    "美元",
    "$",
    "角",
    "约",
    ",",
    "千",
    "半",
    "㎡",
    "亩",
    "+86",
    "138",
    "0013",
    "8000",
    "021",
    "62345678",
    "转",
    "；",
    "、",
    "a@b.com",
    "@",
    "A.COM",
    "<",
    "www",
    ".",
    "cn",
    "http://",
    ":",
    "?",
    "#",
    "中国",
    "公司",
    "91110108MA001HJG0K",
    "O",
    "I",
    "上海",
    "市",
    "浦东",
    "省",
    "杭州",
    "西湖",
    "区",
    "路",
    "县",
    "宁乡",
    "中国（上海）自由贸易试验区",
    "有限",
    "Co",
    "Ltd",
    "Inc",
    "“",
    "”",
    "一级",
    "非会员",
    "\u200b",
    "\u3000",
    "Ａ",
    "🎉",
    "\x00",
    "\n",
    "恩施州",
    "沪",
    "²",
    "㈱",
    "İ",
]
TEXTS = st.one_of(
    st.text(max_size=8), st.lists(st.sampled_from([*PIECES, " "]), max_size=6).map("".join), st.none()
)


def normalize(
    column: str, values: list[Any], kind: Any, notes: Notes | None = None, **options: Any
) -> list[Any]:
    unit = NormalizeFields(columns={column: kind}, **options)
    return unit.apply(pl.DataFrame({column: values}), notes).kept[column].to_list()


def told(column: str, values: list[Any], kind: Any) -> list[tuple[Any, ...]]:
    notes = Notes()
    normalize(column, values, kind, notes)
    return notes.frame().rows()


def test_a_kind_stands_alone_or_with_its_options() -> None:
    assert normalize("founded", ["2003年5月"], "date") == ["2003-05"]
    assert normalize("founded", ["1/2/2003"], {"kind": "date", "day_first": True}) == ["2003-02-01"]


@given(st.lists(TEXTS, min_size=20, max_size=30))
@settings(max_examples=8)
def test_any_text_is_read_or_stays_and_twice_is_once(texts: list[str | None]) -> None:
    unit = NormalizeFields(columns=EVERY)
    rows = pl.DataFrame(dict.fromkeys(EVERY, texts), schema=dict.fromkeys(EVERY, pl.String))
    once = unit.apply(rows).kept
    assert unit.apply(once).kept.equals(once)
    assert once.select(pl.col(*EVERY).is_null()).equals(rows.select(pl.all().is_null()))


def test_an_empty_frame_and_one_of_nulls_have_the_same_columns_as_any_other() -> None:
    unit = NormalizeFields(columns=EVERY)
    nulls = pl.DataFrame({name: [None] for name in EVERY}, schema=dict.fromkeys(EVERY, pl.String))
    assert unit.apply(nulls.clear()).kept.schema == unit.apply(nulls).kept.schema
    assert unit.apply(nulls).kept.schema["currency"] == pl.String


class TestUnread:
    VALUES = ["2003年5月", "去年", "", None]

    def test_it_stays_is_emptied_or_drops_its_row(self) -> None:
        assert normalize("founded", self.VALUES, "date") == ["2003-05", "去年", "", None]
        assert normalize("founded", self.VALUES, "date", on_unread="empty") == ["2003-05", None, "", None]
        assert normalize("founded", self.VALUES, "date", on_unread="drop") == ["2003-05", "", None]

    def test_a_column_may_differ_from_the_others(self) -> None:
        unit = NormalizeFields(
            columns={"a": {"kind": "date", "on_unread": "keep"}, "b": "date"}, on_unread="empty"
        )
        assert unit.apply(pl.DataFrame({"a": ["去年"], "b": ["去年"]})).kept.row(0) == ("去年", None)

    def test_a_dropped_row_tells_the_column_and_the_value_but_no_telephone(self) -> None:
        unit = NormalizeFields(columns={"founded": "date", "phone": "phone"}, on_unread="drop")
        rows = pl.DataFrame({"founded": ["去年", "2003", "2003"], "phone": [None, "6234", "13800138000"]})
        outcome = unit.apply(rows)
        assert outcome.dropped["reason"].to_list() == ["unread_field"] * 2
        assert outcome.dropped["detail"].to_list() == ["founded: 去年", "phone"]
        assert outcome.kept.height == 1

    def test_it_is_told_with_its_count_the_most_frequent_first(self) -> None:
        values = ["去年", "去年", "前年", "2003年", "2003"]
        assert told("founded", values, "date") == [
            ("founded", "read", None, None, None, 1),
            ("founded", "unread", "去年", None, None, 2),
            ("founded", "unread", "前年", None, None, 1),
        ]

    @pytest.mark.parametrize(
        ("kind", "value"),
        [
            ("phone", "62345678"),
            ("email", "张三@"),
            ("date", "13800138000"),
            ("division", "鼓楼区中山路1号2单元301室"),
        ],
    )
    def test_what_leads_to_a_person_is_counted_but_never_told(self, kind: str, value: str) -> None:
        assert told("x", [value], kind) == [("x", "unread", None, None, None, 1)]

    def test_a_column_of_prose_fills_no_report(self) -> None:
        rows = told("x", [f"第{number}句话" for number in range(TOLD_VALUES + 50)], "date")
        assert len(rows) == TOLD_VALUES + 1
        assert rows[-1] == ("x", "unread", None, None, None, 50)


class TestAmounts:
    def test_the_currency_is_told_in_a_column_of_its_own(self) -> None:
        unit = NormalizeFields(
            columns={"capital": {"kind": "amount", "unit": "万元", "currency": "currency"}}
        )
        kept = unit.apply(pl.DataFrame({"capital": ["500万美元", "1亿", "保密"]})).kept
        assert kept.rows() == [("500", "USD"), ("10000", "CNY"), ("保密", None)]

    def test_without_that_column_another_currency_is_not_read(self) -> None:
        assert normalize("capital", ["500万美元", "500万元"], {"kind": "amount", "unit": "万元"}) == [
            "500万美元",
            "500",
        ]

    def test_a_column_of_numbers_stays_as_it_is(self) -> None:
        assert normalize("capital", [500.0, None], {"kind": "amount", "unit": "万元"}) == [500.0, None]


def test_numbers_in_other_columns_are_read_as_text() -> None:
    assert normalize("founded", [20030501, None], "date") == ["2003-05-01", None]
    assert normalize("phone", [13800138000.0, 1.5], "phone") == ["13800138000", "1.5"]


def test_places_fill_columns_and_leave_what_is_there() -> None:
    into = {"province": "province", "city": "city", "district": "district", "code": "code"}
    unit = NormalizeFields(columns={"address": {"kind": "division", "into": into}})
    kept = unit.apply(
        pl.DataFrame({"address": ["上海浦东张江路1号", "未知"], "province": ["江苏省", None]})
    ).kept
    assert kept.rows() == [
        ("上海浦东张江路1号", "江苏省", "上海市", "浦东新区", "310115"),
        ("未知", None, None, None, None),
    ]


class TestChoices:
    def test_matched_values_change_and_doubtful_ones_are_listed_for_people(self) -> None:
        kind = {"kind": "choice", "aliases": {"会员单位": [], "战略合作伙伴": []}, "threshold": 0.8}
        values = ["战略合做伙伴", "非会员单位", "非会员单位", "其他"]
        notes = Notes()
        assert normalize("level", values, kind, notes) == ["战略合作伙伴", *values[1:]]
        rows = {
            (what, value): (proposal, count) for _, what, value, proposal, _, count in notes.frame().rows()
        }
        assert rows["matched", "战略合做伙伴"] == ("战略合作伙伴", 1)
        assert rows["review", "非会员单位"] == ("会员单位", 2)
        assert rows["unread", "其他"] == (None, 1)
        assert ("unread", "非会员单位") not in rows

    def test_what_people_should_see_is_not_dropped(self) -> None:
        kind = {"kind": "choice", "aliases": {"会员单位": []}}
        assert normalize("level", ["非会员单位", "其他"], kind, on_unread="drop") == ["非会员单位"]

    def test_aliases_may_stand_in_a_file_whose_content_counts(self, tmp_path: Path) -> None:
        file = tmp_path / "level.yaml"
        file.write_text("一级: [1级, Level 1]\n二级: 2级\n三级:\n", encoding="utf-8")
        context = {"workspace": tmp_path, "corpora": []}
        given = {"columns": {"level": {"kind": "choice", "aliases": "level.yaml"}}}
        unit = TypeAdapter(NormalizeFields).validate_python(given, context=context)
        kept = unit.apply(pl.DataFrame({"level": ["level 1", "2级", "三级"]})).kept
        assert kept["level"].to_list() == ["一级", "二级", "三级"]
        before = unit.fingerprint()
        file.write_text("一级: [1级]\n", encoding="utf-8")
        assert unit.fingerprint() != before

    @pytest.mark.parametrize(
        "text", ["- 一级\n- 二级\n", "一级: {a: b}\n", "一级: [", "一级: [x]\n二级: [X]\n"]
    )
    def test_a_file_that_is_no_table_of_aliases_is_refused(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "level.yaml").write_text(text, encoding="utf-8")
        given = {"columns": {"level": {"kind": "choice", "aliases": "level.yaml"}}}
        unit = TypeAdapter(NormalizeFields).validate_python(given, context={"workspace": tmp_path})
        with pytest.raises(CurateError, match=r"level\.yaml|X"):
            unit.apply(pl.DataFrame({"level": ["一级"]}))


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"x": "dat"}, "没有字段类型 dat"),
        ({"x": {"unit": "元"}}, "没有字段类型"),
        ({"x": {"kind": "amount", "unit": "吨"}}, "不认识金额单位 吨"),
        ({"row_id": "date"}, "row_id 是系统列"),
        ({"x": {"kind": "division", "into": {"code": "split"}}}, "split 是系统列"),
        ({"x": {"kind": "choice", "aliases": {}, "threshold": 0.5}}, "review_above 不能大于"),
        ({"x": {"kind": "date", "dayfirst": True}}, "dayfirst"),
        ({"x": {"kind": "phone", "area_code": "21"}}, "area_code"),
        ({}, "columns"),
    ],
)
def test_a_mistake_in_the_recipe_is_found_when_it_is_loaded(columns: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        NormalizeFields(columns=columns)


def test_the_columns_it_needs_are_named_for_check_without_those_it_makes() -> None:
    unit = NormalizeFields(columns={**EVERY, "province": "division"}, only=["companies"])
    named = {column: place for place, column in unit.named_columns()}
    assert set(named) == set(EVERY)
    assert named["date"] == ("columns", "date")


def test_an_editor_is_offered_the_kinds_by_name_and_with_options() -> None:
    schema = TypeAdapter(NormalizeFields).json_schema()
    offered = schema["properties"]["columns"]["additionalProperties"]["anyOf"]
    assert offered[0]["enum"] == [name for name in KINDS if name not in ("quantity", "choice")]
    assert len(offered[1]["oneOf"]) == len(KINDS)
