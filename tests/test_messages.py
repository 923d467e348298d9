"""Pydantic's errors in the reader's words, and names that were probably meant."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Literal

import pytest
from pydantic import BaseModel, Field, ValidationError, field_validator

from curate.language import pick, say
from curate.messages import MOST_NAMES, WORDS, did_you_mean, in_words, nearest


class Company(BaseModel):
    model_config = {"extra": "forbid"}
    name: str = Field("某某", min_length=2, max_length=5, pattern="^[^a]*$")
    people: int = Field(1, ge=1, le=9)
    share: float = Field(0.5, gt=0, lt=1, allow_inf_nan=False)
    founded: date = date(2000, 1, 1)
    seen: datetime = datetime(2000, 1, 1)
    listed: bool = False
    tags: list[str] = Field(["x"], min_length=1)
    more: dict[str, str] = {}
    tier: Literal["gold", "silver"] = "gold"

    @field_validator("name")
    @classmethod
    def _no_test(cls, name: str) -> str:
        if name == "测试":
            raise ValueError("这是测试数据")
        return name


CASES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown": ({"nmae": "x"}, "没有这个选项"),
    "no text": ({"name": 1}, "应当是文字"),
    "too short": ({"name": "某"}, "至少要 2 个字符"),
    "too long": ({"name": "某" * 6}, "最多 5 个字符"),
    "pattern": ({"name": "aa"}, "不符合格式 ^[^a]*$"),
    "no number": ({"people": "三"}, "应当是整数"),
    "a fraction": ({"people": 1.5}, "应当是整数，不能带小数"),
    "too small": ({"people": 0}, "不能小于 1"),
    "too great": ({"people": 10}, "不能大于 9"),
    "not above": ({"share": 0}, "必须大于 0.0"),
    "not below": ({"share": 1}, "必须小于 1.0"),
    "no finite number": ({"share": float("inf")}, "必须是有限的数字"),
    "no date": ({"founded": "三月"}, "不是日期，请写成 2026-03-05"),
    "no time": ({"seen": "三月"}, "不是时间，请写成 2026-03-05 14:30"),
    "no truth value": ({"listed": "也许"}, "应当是 true 或 false"),
    "no list": ({"tags": "x"}, "应当是列表（每行以 - 开头）"),
    "empty list": ({"tags": []}, "至少要 1 项"),
    "no mapping": ({"more": "x"}, "应当是“名称: 内容”的形式"),
    "none of the words": ({"tier": "bronze"}, "只能是 'gold' or 'silver'"),
    "a sentence of the schema's own": ({"name": "测试"}, "这是测试数据"),
}


def first_error(values: dict[str, Any]) -> Any:
    with pytest.raises(ValidationError) as caught:
        Company.model_validate(values)
    return caught.value.errors()[0]


@pytest.mark.parametrize(("values", "words"), CASES.values(), ids=CASES)
def test_an_error_is_a_sentence_in_chinese(values: dict[str, Any], words: str) -> None:
    assert in_words(first_error(values)) == words


def test_the_sentence_is_english_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    assert in_words(first_error({"people": 0})) == "must be at least 1"


def test_an_error_that_the_table_does_not_know_keeps_pydantics_words() -> None:
    assert (
        in_words({"type": "uuid_parsing", "msg": "Input should be a valid UUID"})
        == "Input should be a valid UUID"
    )


@pytest.mark.parametrize("kind", WORDS)
def test_both_languages_fill_the_same_places(kind: str) -> None:
    zh, en = WORDS[kind]
    assert zh
    assert en
    assert sorted(re.findall(r"{\w+}", zh)) == sorted(re.findall(r"{\w+}", en))


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("drop_shrt", "drop_short"), ("dropshort", "drop_short"), ("城市名", "城市"), ("zzz", None), ("", None)],
)
def test_the_nearest_name_is_found_and_a_far_one_is_not(typed: str, meant: str | None) -> None:
    assert nearest(typed, ["drop_short", "fold_width", "城市"]) == meant


def test_a_hint_names_the_nearest_first_then_all() -> None:
    assert did_you_mean("citty", ["name", "city"]) == "是不是 city？可用的名称：city、name"
    assert did_you_mean("zzz", ["name", "city"]) == "可用的名称：city、name"


def test_of_many_names_the_nearest_five_are_listed() -> None:
    names = [f"column_{number}" for number in range(MOST_NAMES + 1)]
    hint = did_you_mean("column_7", names)
    assert hint.startswith("是不是 column_7？可用的名称：column_7、")
    assert hint.count("、") == 4


@pytest.mark.parametrize(
    ("language", "heard"), [("", "中"), ("zh", "中"), ("en", "English"), ("EN_gb", "English"), ("fr", "中")]
)
def test_only_curate_lang_chooses_the_language(
    monkeypatch: pytest.MonkeyPatch, language: str, heard: str
) -> None:
    monkeypatch.setenv("LANG", "en_US.UTF-8")
    monkeypatch.setenv("CURATE_LANG", language)
    assert say("中", "English") == heard
    assert pick("中 / English") == heard
    assert pick("中") == "中"
