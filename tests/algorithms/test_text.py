"""The normal form in which texts are compared."""

from __future__ import annotations

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.text import IDLE_MARKS, normal_form


def normal(text: str | None) -> str:
    return pl.DataFrame({"x": pl.Series([text], dtype=pl.String)}).select(normal_form(pl.col("x"))).item()


ALIKE = {
    "white space": ("上海 展会\n开幕\u3000", "上海展会开幕"),
    "punctuation": ("上海，展会：“开幕”！", "上海展会开幕"),
    "Chinese and ASCII marks": ("（上海）展会；开幕", "(上海)展会;开幕"),
    "width and case": ("ＡＢＣ１２３", "abc123"),
    "ligatures and compatibility signs": ("㎡ ﬁ", "m2fi"),
    "full-width colon stands for nothing in a time's label": ("时间：三月", "时间三月"),
}
DIFFERENT = {
    "a decimal point": ("3.5", "35"),
    "thousands": ("1，200", "1,200"),
    "amounts": ("注册资本500万", "注册资本800万"),
    "a date and a number": ("2026-03-05", "20260305"),
    "a time and a number": ("14:30", "1430"),
    "per cent": ("5%", "5"),
    "negative": ("-5", "5"),
    "a fraction": ("1/2", "12"),
    "words": ("甲展会", "乙展会"),
}


@pytest.mark.parametrize(("one", "other"), ALIKE.values(), ids=ALIKE)
def test_what_carries_no_fact_makes_no_difference(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(("one", "other"), DIFFERENT.values(), ids=DIFFERENT)
def test_what_carries_a_fact_makes_a_difference(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_the_exact_form() -> None:
    assert normal("《上海》Expo 2026，面积3.5万㎡！") == "上海expo2026面积3.5万m2"


@pytest.mark.parametrize("text", [None, "", " \n\u3000", "，。！？——……", IDLE_MARKS])
def test_a_text_without_words_is_empty(text: str | None) -> None:
    assert normal(text) == ""


@given(text=st.text(alphabet="上海aBＣ１2.,:-%½㎡Ⅳ，。𠮷"))  # combining marks would compose across what goes
@settings(max_examples=60, deadline=None)
def test_white_space_and_idle_marks_never_matter(text: str) -> None:
    assert normal(" ".join(["“", *text, "”\n"])) == normal(text)


@given(text=st.text())
@settings(max_examples=60, deadline=None)
def test_every_text_has_a_normal_form_without_white_space(text: str) -> None:
    assert not any(mark.isspace() and mark not in "\x1c\x1d\x1e\x1f" for mark in normal(text))
