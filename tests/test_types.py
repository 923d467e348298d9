"""Types of schema files: what they accept, what they say, and that their twins say the same of columns."""

from __future__ import annotations

from datetime import date, datetime
from functools import wraps
from typing import Any

import polars as pl
import pytest
from pydantic import TypeAdapter, ValidationError

from curate.messages import both
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
    Text,
    credit_code_twin,
    day_twin,
    moment_twin,
    parse_date,
    twin_of,
)

GOOD_CODE = "91330106MA27XL6A12"


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (Text, "　甲 ", "甲"),
        (ChineseDate, "2026年3月9日", date(2026, 3, 9)),
        (ChineseDate, "2026/3/9", date(2026, 3, 9)),
        (ChineseDate, datetime(2026, 3, 9), date(2026, 3, 9)),
        (ChineseDate, "2026-03-09 00:00", date(2026, 3, 9)),
        (ChineseDateTime, "2026-03-09", datetime(2026, 3, 9)),
        (ChineseDateTime, "2026年3月9日 14点30分", datetime(2026, 3, 9, 14, 30)),
        (ChineseDateTime, "2026-03-09T14:30:05.123", datetime(2026, 3, 9, 14, 30, 5)),
        (ChineseDateTime, date(2026, 3, 9), datetime(2026, 3, 9)),
        (CreditCode, f" {GOOD_CODE.lower()} ", GOOD_CODE),
        (Phone, "138****5678", "138****5678"),
        (Email, "a***@x.com", "a***@x.com"),
        (IdNumber, "11***************9", "11***************9"),
    ],
)
def test_a_type_reads_what_people_write(kind: Any, written: object, value: object) -> None:
    assert TypeAdapter(kind).validate_python(written) == value


@pytest.mark.parametrize(
    ("kind", "written", "zh", "en"),
    [
        (ChineseDate, "三月", "看不懂日期“三月”", "“三月” is not a date"),
        (ChineseDate, "2026-02-30", "没有“2026-02-30”这一天", "there is no day or time “2026-02-30”"),
        (ChineseDate, "2026-03-09 14:30", "这一列只要日期", "has a time of day"),
        (ChineseDateTime, "2026-03-09 25:00", "没有“2026-03-09 25:00”这一天或这个时刻", "there is no day or time"),
        (CreditCode, "9133", "应为 18 位", "must have 18 digits and capitals"),
        (CreditCode, GOOD_CODE[:-1] + "X", "校验码不对", "the check character"),
        (ChineseDate, "页" * 5000, f"“{'页' * 60}…”", f"“{'页' * 60}…”"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["zh", "en"])
def test_an_error_has_both_languages_whichever_is_read(
    kind: Any, written: str, zh: str, en: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CURATE_LANG", language)
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(kind).validate_python(written)
    told = both(caught.value.errors()[0])
    assert zh in told[0]
    assert en in told[1]
    assert max(map(len, told)) < 200, "a page in the wrong column is no message"


@pytest.mark.parametrize(
    ("twin", "texts", "accepted"),
    [
        (day_twin, ["2026-03-09", "2026年3月9日", "2026-02-30", "2026-13-01", "09-03-2026", " 2026-03-09", None], [True, True, False, False, False, False, False]),
        (moment_twin, ["2026-03-09 14:30", "2026-03-09T14:30:59", "2026.3.9", "2026-03-09 24:00", "昨天", None], [True, True, True, False, False, False]),
        (credit_code_twin, [GOOD_CODE, GOOD_CODE.lower(), GOOD_CODE[:-1] + "X", "9133", "甲" * 18, None], [True, False, False, False, False, False]),
        (day_twin, [1, 2], [False, False]),
        (moment_twin, [1.5], [False]),
        (credit_code_twin, [9133], [False]),
    ],
)  # fmt: skip
def test_a_twin_accepts_what_it_is_sure_of(twin: Any, texts: list[Any], accepted: list[bool]) -> None:
    assert twin(pl.Series(texts))[0].to_list() == accepted


def test_a_function_that_wraps_ours_is_not_taken_for_it() -> None:
    @wraps(parse_date)
    def other(value: object) -> object:
        return parse_date(value)

    assert twin_of(parse_date) is day_twin
    assert twin_of(other) is None


VALUES = {"a": 1, "b": 2, "s": "甲", "none": None, "yes": True, "day": date(2026, 3, 9), "x": float("nan")}


@pytest.mark.parametrize(
    ("condition", "held"),
    [
        ("a < b", True),
        ("a > b", False),
        ("0 <= a < b", True),
        ("0 <= a < 1", False),
        ("a < b < 2", False),
        ("s in ('甲', '乙')", True),
        ("s not in ('甲', '乙')", False),
        ("a == -1 or b == 2", True),
        ("not a == 1", False),
        ("not (a == 2 and b == 2)", True),
        ("none is None", True),
        ("none is not None", False),
        ("yes", True),
        ("not yes", False),
        ("none > 5", True),
        ("not none > 5", True),
        ("none > 5 or a == 2", True),
        ("none > 5 and a == 2", False),
        ("none in (1, 2)", True),
        ("none", True),
        ("x >= 0", False),
        ("day > s", False),
        ("True", True),
    ],
)
def test_a_condition_holds_for_rows_and_columns_alike(condition: str, held: bool) -> None:
    rule = Check("rule", condition, zh="规则")
    assert rule.holds(VALUES) is held
    typed = pl.DataFrame([VALUES], schema_overrides={"none": pl.Int64})
    decided = rule.decide(typed)
    if decided is not None and held:
        assert decided.to_list() in ([True], [False])
    if decided is not None and not held:
        assert decided.to_list() == [False], "a column must never be surer than Python"


@pytest.mark.parametrize(
    "condition", ["a < b", "0 <= a < b", "s in ('甲', '乙')", "none > 5 or a == 1", "yes"]
)
def test_plain_conditions_are_decided_in_columns(condition: str) -> None:
    decided = Check("rule", condition, zh="规则").decide(
        pl.DataFrame([VALUES], schema_overrides={"none": pl.Int64})
    )
    assert decided is not None
    assert decided.to_list() == [True]


@pytest.mark.parametrize(
    ("condition", "told"),
    [
        ("__import__('os').system('true')", "不能写 __import__('os').system('true')"),
        ("a.__class__ == 1", "不能写 a.__class__"),
        ("a + 1 > 2", "不能写 a + 1"),
        ("a[0] == 1", "不能写 a[0]"),
        ("(lambda: 1)() == 1", "不能写 (lambda: 1)()"),
        ("a in b", "不能写 a in b"),
        ("a is b", "不能写 a is b"),
        ("a in (b, 1)", "不能写 a in (b, 1)"),
        ("a in ()", "不能写 a in ()"),
        ("(a := 1) == 1", "不能写"),
        ("f'{a}' == 'x'", "不能写"),
        ("a = 1", "写法有误"),
        ("a >", "写法有误"),
        ("", "写法有误"),
    ],
)
def test_a_condition_that_does_more_than_compare_is_refused(condition: str, told: str) -> None:
    with pytest.raises(ValueError, match="规则") as error:
        Check("rule", condition, zh="规则")
    assert told in str(error.value)


def test_a_rule_has_a_name_that_can_be_counted_and_fields_that_exist() -> None:
    with pytest.raises(ValueError, match="规则名“a b”只能用字母"):
        Check("a b", "a > 1", zh="规则")
    with pytest.raises(ValueError, match="用到的字段 b 不存在"):
        type("Event", (Row,), {"__annotations__": {"a": int}, "rules": (Check("rule", "a < b", zh="规则"),)})


class Firm(Row):
    code: str
    province: str | None = None
    rules = (RegionOf("code", province="province"),)


@pytest.mark.parametrize(
    ("code", "province", "held"),
    [
        (GOOD_CODE, "浙江", True),
        (GOOD_CODE, "浙江省", True),
        (GOOD_CODE, "上海市", False),
        (GOOD_CODE, None, True),
        (GOOD_CODE, "火星", True),
        ("9", "浙江", False),
    ],
)
def test_the_region_of_a_credit_code_is_that_of_its_province(
    code: str, province: str | None, held: bool
) -> None:
    rule = Firm.rules[0]
    assert rule.holds({"code": code, "province": province}) is held
    decided = rule.decide(pl.DataFrame({"code": [code], "province": pl.Series([province], dtype=pl.String)}))
    assert decided is not None
    assert decided.to_list() == [held]


def test_all_broken_rules_of_a_row_are_told_at_once() -> None:
    class Fair(Row):
        start: ChineseDate
        end: ChineseDate
        area: int
        rules = (
            Check("order", "end >= start", zh="闭幕早于开幕", en="ends before it starts"),
            Check("large", "area > 0", zh="没有面积"),
        )

    with pytest.raises(ValidationError) as caught:
        Fair(start=date(2026, 3, 9), end=date(2026, 3, 8), area=0)
    assert both(caught.value.errors()[0]) == (
        "闭幕早于开幕；没有面积",
        "ends before it starts; does not fulfil area > 0",
    )
