"""dictionary: a schema in words, in Markdown and HTML that no value can break."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from click.testing import CliRunner
from pydantic import BaseModel, Field, model_validator

from curate.cli_schema import schema
from curate.types import Check, ChineseDate, CreditCode, Email, IdNumber, In, Phone, References, Row, Text
from curate.validate.dictionary import Described, DescribedField, describe
from curate.validate.dictionary_pages import allowed, markdown, of_type, page

ROOT = Path(__file__).resolve().parents[2]
HOSTILE = "<script>alert(1)</script>|`*_[x](y)\n# t"


class Size(Enum):
    small = "小"
    large = "大"


class Part(BaseModel):
    name: str = Field(description="名")


class Thing(Row):
    """一件东西。"""

    code: CreditCode = Field(description="代码")
    day: ChineseDate | None = None
    phone: Phone
    email: Email | None = None
    card: Annotated[IdNumber, References("people", "card")]
    capital: Annotated[float, In("万元")] | None = Field(default=None, ge=0, lt=10)
    owner: Annotated[str, References("companies")] = Field(pattern=r"^C\d$")
    name: Text = Field(max_length=60)
    title: str = Field(min_length=2, max_length=5)
    kind: Literal["甲", "乙"] = "甲"
    size: Size | None = None
    tags: list[Text] = []
    parts: list[Part] = []
    more: dict[str, Any] | None = None

    rules = (
        Check("has_day", "kind != '甲' or day is not None", zh="甲类要有日期", en="kind 甲 needs a day"),
    )


def field(name: str) -> DescribedField:
    return next(one for one in describe(Thing, "things").fields if one.name == name)


TYPES = {
    "code": "统一社会信用代码", "day": "日期", "phone": "电话", "email": "邮箱", "card": "身份证号", "capital": "数字（万元）",
    "owner": "文字", "kind": "选一个", "size": "选一个", "tags": "列表（文字）", "parts": "列表（Part：name 名）", "more": "对象（JSON）",
}  # fmt: skip


@pytest.mark.parametrize(("name", "told"), TYPES.items())
def test_types_are_told_in_words(name: str, told: str) -> None:
    assert of_type(field(name)) == told


ALLOWED = {
    "capital": ["≥ 0，< 10"],
    "owner": [r"形如 ^C\d$", "要在 companies 里"],
    "card": ["要在 people.card 里"],
    "phone": [],
    "name": ["长度 最多 60"],
    "title": ["长度 2–5"],
    "kind": ["甲、乙", "不写就是 甲"],
    "size": ["小、大"],
}


@pytest.mark.parametrize(("name", "told"), ALLOWED.items())
def test_what_values_may_be_is_told(name: str, told: list[str]) -> None:
    assert allowed(field(name)) == told


def test_what_is_required_and_what_holds_between_fields_is_told() -> None:
    told = describe(Thing, "things", "data/x.csv", "both", ("code",), {"code": "信用代码"})
    assert [one.name for one in told.fields if one.required] == [
        "code",
        "phone",
        "card",
        "owner",
        "name",
        "title",
    ]
    assert told.fields[0].original == "信用代码"
    assert [(rule.name, rule.fields, rule.wrong) for rule in told.rules] == [
        ("has_day", ("kind", "day"), "甲类要有日期")
    ]
    assert "一件东西" in markdown([told])
    assert "训练和检索" in markdown([told])


def test_a_function_of_the_schema_is_told_and_so_is_what_it_costs() -> None:
    class Odd(BaseModel):
        name: str

        @model_validator(mode="after")
        def _not_empty(self) -> Odd:
            """名称不能只有空格。"""
            return self

    told = describe(Odd, "odd")
    assert [(rule.name, rule.wrong) for rule in told.rules] == [("_not_empty", "名称不能只有空格。")]
    assert told.fields[0].speed.startswith("逐行检查：")


def test_english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    assert of_type(field("code")) == "unified social credit code"
    assert allowed(field("name")) == ["length at most 60"]
    assert "# Data dictionary" in markdown([])
    assert '<html lang="en">' in page([])


def test_a_schema_brings_no_markup_of_its_own() -> None:
    one = DescribedField(
        name="x", original=HOSTILE, type=HOSTILE, unit=HOSTILE, required=True, default=HOSTILE, values=(HOSTILE,),
        bounds="", length="", pattern=HOSTILE, references="", description=HOSTILE, speed="",
    )  # fmt: skip
    told = [Described(HOSTILE, "X", HOSTILE, (one,), place=HOSTILE)]
    assert "<script>" not in page(told)
    rows = [line for line in markdown(told).split("\n") if line.startswith("| `x`")]
    assert len(rows) == 1
    assert rows[0].replace("\\|", "").count("|") == 8
    assert "\n# t" not in markdown(told)


def test_the_dictionary_of_the_example_is_the_same_each_time(tmp_path: Path) -> None:
    for folder in ("a", "b"):
        done = CliRunner().invoke(
            schema, ["doc", str(ROOT / "recipes/expo.yaml"), "--to", str(tmp_path / folder)]
        )
        assert done.exit_code == 0, done.exception
    for name in ("dictionary.md", "dictionary.html"):
        assert (tmp_path / "a" / name).read_bytes() == (tmp_path / "b" / name).read_bytes()
    text = (tmp_path / "a/dictionary.md").read_text(encoding="utf-8")
    assert "| `capital_wan` | 注册资本 | 数字（万元） |  | ≥ 0 | 注册资本万元 | 整列检查 |" in text
    assert "`ends_after_start`：不允许闭幕日期早于开幕日期" in text
    told = (tmp_path / "a/dictionary.html").read_text(encoding="utf-8")
    assert "<script" not in told
    assert "http" not in told.split("<main>")[0]


def test_without_a_recipe_all_schemas_of_the_workspace_are_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(schema, ["doc", "-C", str(ROOT), "--to", str(tmp_path)])
    assert done.exit_code == 0, done.exception
    text = (tmp_path / "dictionary.md").read_text(encoding="utf-8")
    assert [line for line in text.split("\n") if line.startswith("## ")] == [
        f"## {name}"
        for name in (
            "article", "chunk", "comment", "company", "exhibition", "forum", "pair", "post", "product", "report", "visitor",
        )
    ]  # fmt: skip


def test_a_workspace_without_schemas_is_told_what_to_do(tmp_path: Path) -> None:
    done = CliRunner().invoke(schema, ["doc", "-C", str(tmp_path), "--to", str(tmp_path / "d")])
    assert "没有找到数据规范" in str(done.exception)
