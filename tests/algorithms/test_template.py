"""Templates over rows, compiled and not."""

from __future__ import annotations

from datetime import date, datetime

import jinja2
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.template import RowTemplate
from curate.errors import CurateError


def rendered(source: str, **columns: list[object]) -> list[str]:
    return RowTemplate(source).render(pl.DataFrame(columns)).to_list()


CASES = {
    "text": ("{{ a }}展会", "上海", "上海展会"),
    "null is nothing": ("[{{ a }}]", None, "[]"),
    "a whole float is a whole number": ("{{ a }}", 3.0, "3"),
    "a fraction": ("{{ a }}", 3.5, "3.5"),
    "an integer": ("{{ a }}", -7, "-7"),
    "a large integer": ("{{ a }}", 2**62, str(2**62)),
    "a truth value": ("{{ a }}", True, "True"),
    "a date": ("{{ a }}", date(2026, 3, 5), "2026-03-05"),
    "a time": ("{{ a }}", datetime(2026, 3, 5, 14, 30), "2026-03-05 14:30:00"),
    "a date in Chinese": ("{{ a | date_zh }}", date(2026, 3, 5), "2026年3月5日"),
    "a time in Chinese": ("{{ a | date_zh }}", datetime(2026, 3, 5, 14, 5), "2026年3月5日14:05"),
    "midnight in Chinese": ("{{ a | date_zh }}", datetime(2026, 3, 5), "2026年3月5日"),
    "no date": ("[{{ a | date_zh }}]", None, "[]"),
    "a list in Chinese": ("{{ a | list_zh }}", ["甲", None, "乙"], "甲、乙"),
    "no list": ("[{{ a | list_zh }}]", None, "[]"),
    "markup is not escaped": ("{{ a }}", "<b>&", "<b>&"),
    "braces within a value": ("{{ a }}", "{{ b }}", "{{ b }}"),
    "a condition": ("{% if a %}有{% else %}无{% endif %}", "", "无"),
    "a calculation": ("{{ a * 2 }}", 3, "6"),
    "a text without columns": ("展会", "x", "展会"),
}


@pytest.mark.parametrize(("source", "value", "expected"), CASES.values(), ids=CASES)
def test_values_as_they_are_printed(source: str, value: object, expected: str) -> None:
    assert rendered(source, a=[value]) == [expected]


def test_line_feeds_quotes_and_comments_are_as_in_jinja() -> None:
    source = "{# 说明 #}“{{ a }}”\n'{{ b }}'\n"
    assert rendered(source, a=["甲"], b=["乙"]) == ["“甲”\n'乙'"]


VALUES = {
    pl.String: st.text(max_size=5),
    pl.Int64: st.integers(-(2**63), 2**63 - 1),
    pl.UInt8: st.integers(0, 255),
    pl.Date: st.dates(),
    pl.Float64: st.floats(allow_nan=False, allow_infinity=False),
    pl.Boolean: st.booleans(),
}


@pytest.mark.parametrize("kind", VALUES, ids=str)
@given(data=st.data())
@settings(max_examples=10)
def test_a_compiled_template_prints_what_jinja_prints(kind: pl.DataType, data: st.DataObject) -> None:
    values = data.draw(st.lists(st.one_of(st.none(), VALUES[kind]), min_size=20, max_size=60))
    rows = pl.DataFrame({"a": pl.Series(values, dtype=kind)})
    template = RowTemplate("甲{{ a }}乙{{ a }}")
    assert template._parts
    assert template.render(rows).to_list() == template._one_by_one(rows).to_list()


def test_no_rows_give_no_texts() -> None:
    for source in ("{{ a }}", "{{ a | upper }}"):
        found = RowTemplate(source).render(pl.DataFrame(schema={"a": pl.String}))
        assert found.dtype == pl.String
        assert found.to_list() == []


@pytest.mark.parametrize("source", ["{{ nmae }}", "{{ nmae | upper }}", "{% if nmae %}甲{% endif %}"])
def test_a_name_that_is_no_column_is_an_error_with_the_nearest_name(source: str) -> None:
    with pytest.raises(CurateError, match="nmae 不是列名") as caught:
        rendered(source, name=["甲"], city=["上海"])
    assert "是不是 name" in caught.value.hint


def test_a_column_may_have_the_name_of_one_of_jinjas_functions() -> None:
    assert rendered("{{ range }}", range=[3.0]) == ["3"]
    assert rendered("{{ dict | upper }}", dict=["a"]) == ["A"]


@pytest.mark.parametrize(
    "source",
    [
        "{{ ''.__class__ }}",
        "{{ a.__class__ }}",
        "{{ a.__class__.__mro__[1].__subclasses__() }}",
        "{{ a['__class__'] }}",
        "{{ a | attr('__class__') }}",
        "{{ self.__init__.__globals__ }}",
        "{{ ''.format.__globals__ }}",
        "{{ '{0.__class__}'.format(a) }}",
    ],
)
def test_a_template_reaches_nothing_but_the_row(source: str) -> None:
    with pytest.raises(CurateError):
        rendered(source, a=["x"])


@pytest.mark.parametrize("name", ["lipsum", "cycler", "range", "namespace", "dict", "config"])
def test_jinjas_own_functions_are_no_names(name: str) -> None:
    with pytest.raises(CurateError, match=f"{name} 不是列名"):
        rendered(f"{{{{ {name}.__init__ }}}}", a=["x"])


@pytest.mark.parametrize("source", ["{% include 'a' %}", "{% import 'a' as b %}", "{% extends 'a' %}"])
def test_a_template_reads_no_other_file(source: str) -> None:
    with pytest.raises(CurateError):
        rendered(source, a=["x"])


def test_needed_names_are_those_that_no_condition_asks_about() -> None:
    template = RowTemplate("{{ name }}{% if city %}位于{{ city }}{% endif %}{% if area > 3 %}大{% endif %}")
    assert template.names == {"name", "city", "area"}
    assert template.needed == {"name"}


def test_names_that_the_template_sets_itself_are_not_asked_of_the_row() -> None:
    template = RowTemplate("{% for item in tags %}{{ item }},{% endfor %}{% set x = city %}{{ x }}")
    assert template.names == {"tags", "city"}


def test_an_error_names_the_row_and_the_reason() -> None:
    rows = pl.DataFrame({"row_id": ["fair:1", "fair:2"], "day": ["2026-03-05", "三月"]})
    with pytest.raises(CurateError, match=r"fair:1 这一行.*'2026-03-05' 不是日期") as caught:
        RowTemplate("{{ day | date_zh }}").render(rows)
    assert caught.value.hint
    with pytest.raises(CurateError, match="用在 0 这一行"):
        RowTemplate("{{ day | date_zh }}").render(rows.drop("row_id"))


def test_an_error_comes_from_the_first_row_that_fails() -> None:
    rows = pl.DataFrame({"row_id": ["fair:1", "fair:2"], "n": [1, 0]})
    with pytest.raises(CurateError, match="fair:2"):
        RowTemplate("{{ 1 / n }}").render(rows)


def test_a_malformed_template_is_refused_with_its_line() -> None:
    with pytest.raises(jinja2.TemplateSyntaxError) as caught:
        RowTemplate("甲\n{{ a")
    assert caught.value.lineno == 2
