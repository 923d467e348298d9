"""infer: a draft is Python that loads, accepts what it was drafted from, and shows nobody's data."""

from __future__ import annotations

from datetime import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from curate.validate import load_model
from curate.validate.infer import Draft, accepted, infer
from curate.validate.infer_columns import Column
from curate.validate.infer_field import Source
from curate.validate.infer_names import (
    class_name,
    identifiers,
    is_code,
    is_personal,
    never_negative,
    unit_of,
    words_of,
)

SOURCE = Source("Thing", "things", "data/things.csv")


def drafted(given: Source | None = None, cut: int = 1, /, **columns: list[Any]) -> Draft:
    """The draft of these columns, read in ``cut`` shards."""
    rows = pl.DataFrame(columns)
    return infer(rows.iter_slices(-(-rows.height // cut)), given or SOURCE)


def field_of(draft: Draft, name: str) -> str:
    """The lines of one field, with the comment above it."""
    lines = draft.text.split("\n")
    at = next(number for number, line in enumerate(lines) if line.startswith(f"    {name}: "))
    end = at if "Field(" in lines[at] else next(n for n in range(at, len(lines)) if "Field(" in lines[n])
    return "\n".join(lines[at - 1 : end + 1])


def loaded(draft: Draft, folder: Path) -> type[BaseModel]:
    (folder / "draft.py").write_text(draft.text, encoding="utf-8")
    return load_model(folder, "draft.py:Thing")


MANY = 40
COLUMNS: dict[str, tuple[list[Any], str]] = {
    "whole numbers": (["12", "-3", "0"], "x: int = "),
    "numbers": (["1.5", "2", "-0.25"], "x: float = "),
    "zeros in front make it a code": ([f"{n:03}" for n in range(MANY)], 'pattern=r"^[0-9]{3}$"'),
    "dates as they are written in Chinese": (["2015年3月9日", "2016-01-02", "2017/1/3"], "x: ChineseDate = "),
    "times": (["2015-03-09 14:30", "2016-01-02", "2017/1/3 8:05"], "x: ChineseDateTime = "),
    "credit codes by their check character": (["91350100M000100Y43"], "x: CreditCode = "),
    "identity numbers by their check digit": (["11010519491231002X", "11**************2X"], "x: IdNumber = "),
    "masked telephone numbers": (["138****5678", "010-12345678"], "x: Phone = "),
    "e-mail addresses": (["a@example.com", "b***@example.com"], "x: Email = "),
    "addresses of pages": (["https://example.com/a", "http://example.com"], 'x: str = Field(description="x", pattern=r"^https?://")'),
    "true and false": (["true", "false"], "x: bool = "),
    "lists in JSON": (['["a"]', "[]"], "x: list[str] = "),
    "objects in JSON": (['{"a": 1}', "{}"], "x: dict[str, Any] = "),
    "codes of one form": ([f"AB-{n:03}" for n in range(MANY)], r'x: str = Field(description="x", pattern=r"^AB\-[0-9]{3}$")'),
    "codes with more and more digits": ([f"P{n}+" for n in range(MANY)], r'pattern=r"^P[0-9]+\+$"'),
    "free text": ([f"今天来了{n}个人。" for n in range(MANY)], "x: Text = "),
    "times of day have no type of their own": ([time(8, 5)], "x: Any = "),
}  # fmt: skip


@pytest.mark.parametrize(("values", "told"), COLUMNS.values(), ids=COLUMNS)
def test_a_column_is_of_the_type_that_all_its_values_are(
    values: list[Any], told: str, tmp_path: Path
) -> None:
    values = values * (MANY // len(values))
    draft = drafted(x=values)
    assert told in field_of(draft, "x")
    model = loaded(draft, tmp_path)
    assert [notes.height for _, notes in accepted([pl.DataFrame({"x": values})], model, draft.fields)] == [0]


def test_values_that_are_none_of_the_type_are_told_and_nothing_else_is_rejected(tmp_path: Path) -> None:
    rows = pl.DataFrame({"x": ["2015-03-09"] * 300 + ["2015-13-45"]})
    draft = infer([rows], SOURCE)
    assert "1 个值不是，如 '2015-13-45'：会被隔离" in field_of(draft, "x")
    assert draft.misfits == {"x": 1}
    ((_, notes),) = accepted([rows], loaded(draft, tmp_path), draft.fields)
    assert notes["value"].to_list() == ["2015-13-45"]


#: more than a closed list has
DAYS = [f"20{year:02}-{month:02}-09" for year in range(10, 35) for month in range(1, 13)]


def test_a_value_that_only_looks_odd_is_not_said_to_be_rejected(tmp_path: Path) -> None:
    rows = pl.DataFrame({"x": [*(f"https://example.com/{n}" for n in range(300)), "https://example"]})
    draft = infer([rows], SOURCE)
    assert "会被隔离" not in draft.text
    assert all(not notes.height for _, notes in accepted([rows], loaded(draft, tmp_path), draft.fields))


def test_without_tolerance_the_column_is_text() -> None:
    draft = infer([pl.DataFrame({"x": [*DAYS, "很久以前"]})], SOURCE, tolerance=0)
    assert "x: Text" in draft.text


def test_a_type_that_too_few_values_are_of_is_not_taken() -> None:
    assert "x: Text" in drafted(x=DAYS[:90] + ["很久以前", "昨天", "前天"] * 3).text


def test_a_closed_list_is_told_with_its_counts() -> None:
    told = field_of(drafted(x=["新能源"] * 30 + ["家居"] * 10), "x")
    assert told.index('"新能源",  # 30') < told.index('"家居",  # 10')
    assert "Literal[" in told


OPEN_LISTS = {
    "too many different values": [f"值{n}" for n in range(100)] * 10,
    "values that are not repeated": [f"值{n}号" for n in range(30)],
    "many that were seen once": ["甲"] * 50 + ["乙", "丙", "丁"],
    "sentences": ["这是一句很长很长的话，长到没有人会把它当作一个选项来看待，对不对"] * 50 + ["另一句"] * 50,
    "one value alone says nothing": ["甲"] * 50,
}


@pytest.mark.parametrize("values", OPEN_LISTS.values(), ids=OPEN_LISTS)
def test_an_open_list_is_no_enumeration(values: list[str]) -> None:
    assert "Literal" not in drafted(x=values).text


PERSONAL = {
    "a column of people by its name": {"联系人": ["王小明", "李一诺"] * 20},
    "people by the look of their names": {"销售": ["王小明", "李一诺", "张思远"] * 20},
    "numbers in a list of few": {"备用": ["13812345678", "13987654321"] * 20},
    "numbers among other words": {"备用": ["前台", "打13812345678"] * 20},
    "e-mail": {"x": ["wang@example.com", "li@example.com"] * 20},
    "numbers that a sheet holds as numbers": {"x": [13812345678, 13987654321] * 20},
    "birthdays": {"出生日期": ["1980-01-02", "1990-03-04"] * 20},
    "one that is none": {"手机": ["13812345678"] * 200 + ["问王小明要"]},
    "identity numbers": {"x": ["11010519491231002X"] * 40},
}  # fmt: skip


@pytest.mark.parametrize("columns", PERSONAL.values(), ids=PERSONAL)
def test_what_looks_personal_stands_nowhere_in_the_draft(columns: dict[str, list[Any]]) -> None:
    text = drafted(**columns).text
    for values in columns.values():
        for value in set(values) - {"前台"}:
            assert str(value) not in text


def test_placeholders_are_told_and_count_as_empty(tmp_path: Path) -> None:
    rows = pl.DataFrame({"x": ["12"] * 38 + ["暂无", "N/A"]})
    draft = infer([rows], SOURCE)
    assert "x: int | None = Field(default=None" in draft.text
    assert "2 格写的是“N/A、暂无”，按空值算：清洗里要有 null_placeholders" in draft.text
    assert all(not notes.height for _, notes in accepted([rows], loaded(draft, tmp_path), draft.fields))


def test_how_many_rows_have_a_value_is_told() -> None:
    told = drafted(a=["1"] * 40, b=["1"] * 30 + [None] * 10, c=[None] * 40).text
    assert "40 行都有" in told
    assert "30/40 行有（75.0%）" in told
    assert "从来没有值，类型不知道" in told


def test_a_column_that_a_shard_lacks_is_not_required() -> None:
    draft = infer([pl.DataFrame({"a": ["1", "2"]}), pl.DataFrame({"a": ["3"], "b": ["4"]})], SOURCE)
    assert "1/3 行有" in field_of(draft, "b")
    assert "b: int | None" in draft.text


def test_what_cannot_be_negative_is_bounded_and_what_was_only_seen_is_a_comment() -> None:
    draft = drafted(
        **{
            "注册资本（万元）": ["5", "100"],
            "利润（万元）": ["5", "100"],
            "单价": ["-1", "3"],
            "n": ["1", "2"],
        }
    )
    assert field_of(draft, "注册资本").endswith(
        '注册资本: Annotated[int, In("万元")] = Field(description="注册资本", ge=0)'
    )
    assert "见过 5 到 100" in field_of(draft, "注册资本")
    assert "ge=0" not in field_of(draft, "利润")
    assert "有负数，请核对；不该有就加 ge=0" in field_of(draft, "单价")
    assert "ge=0" not in field_of(draft, "n")


def test_keys_are_told() -> None:
    source = Source("Thing", "things", "x", key=("k",))
    draft = drafted(
        source,
        k=["1", "2", "2"] * 10,
        code=[f"C{n:03}" for n in range(30)],
        text=[f"第{n}段话" for n in range(30)],
    )
    assert "配方里的主键，但有重复" in field_of(draft, "k")
    assert "没有重复，可以作主键" in field_of(draft, "code")
    assert "主键" not in field_of(draft, "text")


def test_a_value_twice_in_two_shards_is_seen() -> None:
    assert "没有重复" not in drafted(None, 2, code=[f"C{n % 20:03}" for n in range(40)]).text


def test_a_column_of_another_corpus_keys_refers_to_it() -> None:
    keys = {"companies": pl.Series([f"C{n:03}" for n in range(30)]), "products": pl.Series(["P001"])}
    source = Source("Thing", "things", "x", keys=keys)
    draft = drafted(source, a=[f"C{n:03}" for n in range(20)], b=[f"C{n:03}" for n in range(15, 45)][:20])
    assert 'a: Annotated[str, References("companies")]' in draft.text
    assert "75% 的值是 companies 的主键" in field_of(draft, "b")
    assert "products" not in draft.text


def test_a_draft_does_not_depend_on_where_shards_end() -> None:
    columns: dict[str, list[Any]] = {
        "a": [f"C{n:03}" for n in range(90)], "b": ["甲", "乙", "丙"] * 30, "c": ["1", "2.5", "x"] * 30,
        "d": ["2020-01-01"] * 89 + ["无"],
    }  # fmt: skip
    assert drafted(None, 1, **columns).text == drafted(None, 7, **columns).text


def test_names_that_are_no_identifiers_get_one_and_the_line_for_the_recipe() -> None:
    source = Source("Thing", "things", "x", original={"json": "内容"})
    draft = drafted(source, **{"class": ["1"], "注册资本（万元）": ["2"], "json": ["x"]})
    assert draft.fields == {"class": "class_", "注册资本（万元）": "注册资本", "json": "json_"}
    assert '#   columns: {class_: "class", 注册资本: "注册资本（万元）", json_: "内容"}' in draft.text


HOSTILE = '"""\nimport os; os.mkdir("owned")\n#'


@given(
    header=st.one_of(
        st.just(HOSTILE), st.text(max_size=12).filter(lambda text: max(text, default="") < "\ud800")
    ),
    values=st.lists(
        st.one_of(st.just(HOSTILE), st.text(max_size=8, alphabet='ab9"\\\n\r\x00\x85\u2028+*[ 　甲')),
        min_size=1,
        max_size=4,
    ),
)
@settings(max_examples=60, deadline=None)
def test_whatever_stands_in_the_data_the_draft_is_one_class_that_accepts_it(
    header: str, values: list[str]
) -> None:
    import ast

    rows = pl.DataFrame({header: values * 10})
    source = Source("Thing", HOSTILE, HOSTILE)
    draft = infer([rows], source)
    tree = ast.parse(draft.text)
    assert [type(node).__name__ for node in tree.body if not isinstance(node, ast.ImportFrom)] == [
        "Expr",
        "ClassDef",
    ]
    scope: dict[str, Any] = {"__name__": "draft"}
    exec(compile(draft.text, "draft.py", "exec", dont_inherit=True), scope)
    assert all(not notes.height for _, notes in accepted([rows], scope["Thing"], draft.fields))


NAMES = {
    "": "column_1",
    "1st": "n1st",
    "a b": "a_b",
    "class": "class_",
    "int": "int_",
    "model_x": "the_model_x",
    "ｎａｍｅ": "name",
    "row_id": "row_id_",
    "公司": "公司",
    "_path": "path",
    "Text": "Text_",
    "validate": "validate_",
}


@pytest.mark.parametrize(("header", "name"), NAMES.items())
def test_a_header_becomes_a_name_that_may_stand_in_a_model(header: str, name: str) -> None:
    assert identifiers([header]) == {header: name}


def test_names_do_not_meet() -> None:
    told = identifiers(["a b", "a_b", "a-b", "ａ_b"])
    assert len(set(told.values())) == 4
    assert told["a_b"] == "a_b"


@pytest.mark.parametrize(
    ("header", "unit", "words"),
    [
        ("注册资本（万元）", "万元", "注册资本"),
        ("注册资本万元", "万元", "注册资本"),
        ("面积(单位：亩)", "亩", "面积"),
        ("capital_wan", "万元", "capital_wan"),
        ("员工人数", "人", "员工人数"),
        ("联系人", "", "联系人"),
        ("价格（含税）", "", "价格"),
        ("成立于2019年", "", "成立于2019年"),
    ],
)
def test_units_are_told_by_the_header(header: str, unit: str, words: str) -> None:
    assert (unit_of(header), words_of(header)) == (unit, words)


@pytest.mark.parametrize(
    ("name", "told"),
    [("news-2026.q1", "News2026Q1"), ("新闻", "Record"), ("text", "TextRecord"), ("2026", "Record")],
)
def test_a_class_is_called_after_its_source(name: str, told: str) -> None:
    assert class_name(name) == told


def test_headers_say_what_they_hold() -> None:
    assert all(map(is_personal, ["联系人", "手机号", "E-mail", "id_number", "作者", "出生日期"]))
    assert not any(map(is_personal, ["公司名称", "电子元件", "city", "标题", "状态"]))
    assert all(map(is_code, ["企业编号", "zipcode", "areaCode", "topic_id", "工商注册id", "ID"]))
    assert not any(map(is_code, ["video", "notes", "单价", "number_of_pages_read"]))
    assert never_negative("展览面积")
    assert not never_negative("价格变化")


def test_memory_does_not_grow_with_texts() -> None:
    column = Column("x", "x", {})
    for shard in range(3):
        column.add(pl.Series([f"很长的一段话，第{shard}批的第{n}句" * 4 for n in range(2_000)]))
    assert column.counts is None
    assert column.shapes is None
    assert column.lengths is not None
