"""null_placeholders: only a value that is nothing but the placeholder."""

from __future__ import annotations

import pytest

from curate.algorithms.placeholders import PLACEHOLDERS
from tests.clean.tables import rewritten

KEPT = {
    "drone": "无人机",
    "a company": "无锡展览有限公司",
    "a sentence with the word": "暂无报价，请来电",
    "with a stop": "无。",
    "zero": "0",
    "nought point": "0.0",
    "negative number": "-1",
    "a name that begins with one": "Nana",
    "a person": "未知君",
    "emoji": "👨‍👩‍👧",
    "null": None,
}


@pytest.mark.parametrize("word", PLACEHOLDERS)
def test_a_placeholder_becomes_null_in_any_case_and_with_space_around_it(word: str) -> None:
    assert rewritten("null_placeholders", word, word.upper(), f" \u3000{word}\n") == [None, None, None]


@pytest.mark.parametrize("text", KEPT.values(), ids=KEPT)
def test_a_value_that_says_something_stays(text: str | None) -> None:
    assert rewritten("null_placeholders", text) == [text]


@pytest.mark.parametrize("text", ["", " ", "\n\t\u3000"])
def test_an_empty_value_becomes_null(text: str) -> None:
    assert rewritten("null_placeholders", text) == [None]


def test_words_of_ones_own_replace_the_list() -> None:
    given = ["测试", "Asdf", "无", ""]
    assert rewritten("null_placeholders", *given, words=["测试", "ASDF"]) == [None, None, "无", None]
