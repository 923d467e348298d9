"""The normal form in which texts are compared, and the compiled code that makes it."""

from __future__ import annotations

import random
import unicodedata

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.text import IDLE_MARKS, from_utf8, normal_form, normal_forms, utf8


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
@settings(max_examples=60)
def test_white_space_and_idle_marks_never_matter(text: str) -> None:
    assert normal(" ".join(["“", *text, "”\n"])) == normal(text)


@given(text=st.text())
@settings(max_examples=60)
def test_every_text_has_a_normal_form_without_white_space(text: str) -> None:
    assert not any(mark.isspace() and mark not in "\x1c\x1d\x1e\x1f" for mark in normal(text))


def compiled_otherwise(texts: list[str | None]) -> list[tuple[str | None, str, str]]:
    """(text, what the compiled code makes of it, what it should make) of the texts that it gets wrong."""
    series = pl.Series("text", texts, dtype=pl.String)
    found = normal_forms(series)
    right = series.to_frame().select(normal_form(pl.col("text")))["text"]
    assert (found.len(), found.dtype) == (right.len(), pl.String)
    return [told for told in zip(texts, found.to_list(), right.to_list(), strict=True) if told[1] != told[2]]


#: Code points up to the last one of any script so far.
EVERY = [chr(code) for code in range(0x33000) if not 0xD800 <= code < 0xE000]
#: Those that this Python's tables hold.
KNOWN = [letter for letter in EVERY if unicodedata.category(letter) != "Cn"]
#: Characters that act on their neighbours, or on which these act.
TOUCHY = [
    *"\u0301\u0316\u0334\u3099\uff9e\uff9f\u0345",  # marks above, below, through; voicing, also of half width
    *"\u1100\u1161\u11a8가각",  # Hangul: initial, vowel, final, composed
    *"ΣσςΐẞßİıK\u212b",  # what lower case knows by its place, or makes longer
    *"\u09c7\u09be\u0b47\u0b3e",  # Indic vowels of two parts
    *"éÅかがｶﾞパﬁ㎡½㍿①ﷺ…—，。 \u3000\u00a0\u200b\0Aａ1１",
]


def test_the_compiled_form_of_each_code_point_is_the_normal_form() -> None:
    assert compiled_otherwise(list(EVERY)) == []


@pytest.mark.parametrize("around", ["a{}", "{}a", "か{}", "\u1100{}", "{}\u1161", "\u0334{}", "{}Σ", "Σ{}"])
def test_a_code_point_beside_one_that_may_act_on_it_is_the_normal_form(around: str) -> None:
    draw = random.Random(around)
    assert compiled_otherwise([around.format(letter) for letter in draw.sample(KNOWN, 5_000)]) == []


def test_texts_of_mixed_scripts_are_the_normal_form() -> None:
    draw = random.Random(23)
    usual = [chr(code) for code in range(0x4E00, 0x9FA6)]
    texts = []
    for _ in range(20_000):
        pools = (TOUCHY, KNOWN, usual)
        texts.append("".join(draw.choice(draw.choice(pools)) for _ in range(draw.randrange(12))))
    assert compiled_otherwise(texts) == []


@given(
    texts=st.lists(
        st.text(st.sampled_from(KNOWN) | st.sampled_from(TOUCHY), max_size=8), min_size=20, max_size=60
    )
)
@settings(max_examples=20)
def test_every_list_of_texts_is_brought_to_the_normal_form(texts: list[str]) -> None:
    assert compiled_otherwise(list(texts)) == []


def test_marks_that_python_does_not_know_are_put_in_order() -> None:
    assert compiled_otherwise(["a\u1ad0\u1add", "a\u1ad4\U00010efd"]) == []


def test_texts_of_the_long_way_stand_between_those_of_the_short_one() -> None:
    texts = ["か\u3099 A", "上海，", None, "", "ΑΣ", "Ａ\0Ｂ", "a\u0301", "。", "x"]
    assert compiled_otherwise(list(texts)) == []
    assert normal_forms(pl.Series(texts)).to_list() == ["がa", "上海", "", "", "ας", "a\0b", "á", "", "x"]


def test_no_texts_and_nulls_alone() -> None:
    assert compiled_otherwise([]) == []
    assert compiled_otherwise([None, None]) == []


def test_slices_and_chunks_are_read_where_they_lie() -> None:
    whole = pl.Series("t", ["甲 A", None, "乙，B", "か\u3099", "", "𠮷"])
    right = ["甲a", "", "乙b", "が", "", "𠮷"]
    assert normal_forms(whole.slice(2, 3)).to_list() == right[2:5]
    assert normal_forms(pl.concat([whole, whole.slice(1, 4)], rechunk=False)).to_list() == right + right[1:5]
    data, offsets = utf8(whole.slice(2, 2))
    assert bytes(data[offsets[0] : offsets[-1]]).decode() == "乙，Bか\u3099"
    assert from_utf8(data, np.ascontiguousarray(offsets)).to_list() == ["乙，B", "か\u3099"]
