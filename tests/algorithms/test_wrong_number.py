"""A wrong number looks as right as before: same form, same magnitude, and true of nothing."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.wrong_number import wrong_number


def every(answer: str, question: str = "", source: str = "") -> set[str]:
    return {text for draw in range(0, 400, 7) if (text := wrong_number(answer, draw, question, source))}


@pytest.mark.parametrize(
    ("answer", "form"),
    [
        ("注册资本1,200万元。", r"注册资本[1-9],[1-9]00万元。"),
        ("有员工85人。", r"有员工[1-9][1-9]人。"),
        ("增长3.5%。", r"增长[1-9]\.[1-9]%。"),
        ("面积35,000平方米。", r"面积[1-9][1-9],000平方米。"),
        ("成立于2019年。", r"成立于20[12]\d年。"),
        ("2019年5月31日成立。", r"20(18|19|20)年\d{1,2}月\d{1,2}日成立。"),
        ("2024-02-29开幕。", r"2024-0\d-\d\d开幕。"),
        ("3月5日到场。", r"\d月\d{1,2}日到场。"),
        ("09:30开始。", r"(0\d|1\d):(30|00|15|45)开始。"),
        ("代码是91310000MA1FL3XN2K。", r"代码是91310000MA1FL\dXN\dK。"),
        ("型号XK-2000A。", r"型号XK-\d{4}A。"),
        ("展览面积三万五千平方米。", r"展览面积[一二三四五六七八九]万[一二三四五六七八九]千平方米。"),
        ("共两百家企业。", r"共[一二三四五六七八九]百家企业。"),
        ("计划二〇二六年建成。", r"计划二〇二[一二三四五六七八九]年建成。"),
        ("第三届展会。", r"第[一二三四五六]届展会。"),
    ],
)
def test_it_keeps_the_form(answer: str, form: str) -> None:
    found = every(answer)
    assert found
    assert answer not in found
    for text in found:
        assert re.fullmatch(form, text), text


@pytest.mark.parametrize(
    ("answer", "question"),
    [
        ("位于上海的一家企业。", ""),
        ("官网是https://a12.com/34。", ""),
        ("见《2019年管理办法》。", ""),
        ("支持5G和3D。", ""),
        ("第12届展会在上海。", "第12届展会在哪里？"),
        ("", ""),
    ],
    ids=["no number", "an address", "a title", "words", "the question's own number", "nothing"],
)
def test_where_there_is_nothing_to_change(answer: str, question: str) -> None:
    assert every(answer, question) == set()


def test_a_value_that_is_true_of_something_else_is_never_taken() -> None:
    others = "、".join(f"{n}家" for n in range(10, 100) if n not in (35, 47))
    assert every("有35家企业。", source=others) <= {"有47家企业。"}
    assert all("60" not in text for text in every("有50人。", source="共六十人。"))
    days = "、".join(f"2026年3月{day}日" for day in range(1, 32) if day not in (5, 8))
    assert "2026年3月6日" not in "".join(every("2026年3月5日开幕。", source=days))


def test_every_mention_is_changed_and_nothing_else() -> None:
    for text in every("共1200家，其中1200家来自海外，另有11200人。"):
        one, two = re.findall(r"(\d+)家", text)
        assert one == two
        assert text == f"共{one}家，其中{one}家来自海外，另有{re.findall(r'(?<=另有)[0-9]+', text)[0]}人。"


def test_a_share_of_the_whole_is_not_above_it() -> None:
    assert every("占95%。")
    assert all(int(text[1:-2]) <= 100 for text in every("占95%。"))
    assert every("占100%。") == set()


@settings(max_examples=60, deadline=None)
@given(day=st.dates(date(1950, 1, 1), date(2090, 1, 1)), draw=st.integers(0, 2**32))
def test_a_changed_date_exists(day: date, draw: int) -> None:
    told = wrong_number(f"{day:%Y-%m-%d}开幕", draw)
    assert told is not None
    assert date.fromisoformat(told[:10]) != day


@settings(max_examples=60, deadline=None)
@given(number=st.integers(1, 10**6), draw=st.integers(0, 2**32))
def test_a_changed_number_has_as_many_digits(number: int, draw: int) -> None:
    told = wrong_number(f"共{number}家。", draw)
    assert told is not None
    assert len(told) == len(f"共{number}家。")
    assert told != f"共{number}家。"
