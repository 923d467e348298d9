"""What sets two texts apart."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.report.difference import AROUND, LONGEST, MOST, _edits, differences, marked

CASES = {
    "a number is one whole": ("注册资本500万元", "注册资本800万元", "注册资本[-500-]{+800+}万元"),
    "so is a model": ("型号AY-4865A，白", "型号AY-4866B，白", "型号AY-[-4865A-]{+4866B+}，白"),
    "a place": ("苏州会展", "常州会展", "[-苏-]{+常+}州会展"),
    "more on the first side": ("今日开幕了", "今日开幕", "今日开幕[-了-]"),
    "more on the second": ("开幕", "今日开幕", "{+今日+}开幕"),
    "near differences are one": ("成立于2019年3月", "成立于2024年12月", "成立于[-2019年3-]{+2024年12+}月"),
    "none": ("上海展会", "上海展会", "上海展会"),
    "a line": ("展会\n开幕", "展会\n闭幕", "展会⏎[-开-]{+闭+}幕"),
    "nothing on one side": ("", "开幕", "{+开幕+}"),
    "nothing at all": ("", "", ""),
}


@pytest.mark.parametrize(("row", "of", "told"), CASES.values(), ids=CASES)
def test_differences_are_marked_where_they_are(row: str, of: str, told: str) -> None:
    assert marked(row, of) == told


def test_what_is_equal_is_cut_to_some_characters_around() -> None:
    same = "展" * 200
    told = marked(f"{same}甲{same}丙{same}", f"{same}乙{same}丁{same}")
    around = "展" * AROUND
    assert told == f"…{around}[-甲-]{{+乙+}}{around}…{around}[-丙-]{{+丁+}}{around}…"


def test_long_and_many_differences_are_cut_and_counted() -> None:
    assert f"[-{'甲' * LONGEST}…(90)-]" in marked("展会" + "甲" * 90, "展会")
    row = "".join(f"{number:03d}个展位已经订出" for number in range(20))
    of = row.replace("展位", "摊点")
    assert marked(row, of).count("{+摊点+}") == MOST
    assert marked(row, of).endswith("…还有 14 处不同")


def test_a_terminal_is_not_obeyed() -> None:
    told = marked("\x1b[31m红\x07字\u202e", "\x1b[32m绿\x07字\u202e")
    assert told.isprintable()
    assert "红" in told


def test_a_difference_deep_in_a_long_text_is_found() -> None:
    start = "".join(chr(0x4E00 + number % 20_000) for number in range(100_000))
    assert marked(start + "甲尾", start + "乙尾").endswith("[-甲-]{+乙+}尾")


@given(row=st.text("ab1展 ", max_size=30), of=st.text("ab1展 ", max_size=30))
@settings(max_examples=150)
def test_the_differences_turn_one_text_into_the_other(row: str, of: str) -> None:
    made, end = "", 0
    for start, stop, other, other_end in _edits(row, of):
        assert start >= end
        made += row[end:start] + of[other:other_end]
        end = stop
    assert made + row[end:] == of


@given(row=st.text("ab1展会", max_size=40), of=st.text("ab1展会", max_size=40))
@settings(max_examples=100)
def test_every_piece_is_of_the_text_that_it_is_marked_as(row: str, of: str) -> None:
    for what, text in differences(row, of):
        if what != "cut":
            assert text in (of if what == "of" else row)
