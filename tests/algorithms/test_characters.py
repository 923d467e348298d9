"""The kinds of characters that a text holds: what each bit means, by example and against a plain rule."""

from __future__ import annotations

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms import characters
from curate.algorithms.characters import marks_of

BITS = {
    name: getattr(characters, name)
    for name in (
        "INVISIBLE", "LATIN", "TAG", "ENTITY", "WIDE", "SPACE", "TRADITIONAL", "NUMBER", "AT", "HAN_NUMBER",
        "PUNCTUATION_RUN", "LOST", "URL", "LINES", "LETTER_DIGIT", "READ_AS_GBK", "RETURN",
    )
}  # fmt: skip


def bits(text: str) -> set[str]:
    [marks] = marks_of(pl.Series([text]))
    return {name for name, bit in BITS.items() if marks & bit}


CASES: dict[str, set[str]] = {
    "展会信息": set(),
    "展会\u200b信息": {"INVISIBLE"},
    "一行\r\n两行": {"RETURN", "SPACE", "LINES"},
    "Ã©": {"LATIN"},
    "<p>": {"TAG"},
    "</p>": {"TAG"},
    "0<i 且 i<n": {"TAG"},
    "3 < 5": set(),
    "&nbsp;": {"ENTITY"},
    "&#20013;": {"ENTITY", "NUMBER"},
    "A & B": set(),
    "ＡＢ": {"WIDE"},
    "，（）？": set(),
    "中\u3000文": {"WIDE", "SPACE"},
    "展 会": {"SPACE"},
    "展位 A": set(),
    "a b": set(),
    "a  b": {"SPACE"},
    " a": {"SPACE"},
    "a ": {"SPACE"},
    "a\tb": {"SPACE"},
    "a\nb": {"SPACE", "LINES"},
    "發展": {"TRADITIONAL"},
    "发展": set(),
    "答覆": {"TRADITIONAL"},
    "138 1234 5678": {"NUMBER"},
    "电话１３８-１２３４": {"NUMBER", "WIDE"},
    "1(2)3 4/5": {"NUMBER"},
    "1 - - 2345": set(),
    "2024年3月15日": set(),
    "1234": set(),
    "li@a.cn": {"AT"},
    "li＠a.cn": {"AT"},
    "一三八零零一三": {"HAN_NUMBER"},
    "一三八零零一": set(),
    "一百二十": set(),
    "好！！": {"PUNCTUATION_RUN"},
    "好！？": set(),
    "好……——": set(),
    "好………": {"PUNCTUATION_RUN"},
    "http://a": {"URL"},
    "www.a": {"URL"},
    "锟斤拷": {"LOST", "READ_AS_GBK"},
    "�": {"LOST"},
    "京A": {"LETTER_DIGIT"},
    "A1": {"LETTER_DIGIT"},
    "1a": {"LETTER_DIGIT"},
    "A座": set(),
    "浣犲ソ": {"READ_AS_GBK"},
}


@pytest.mark.parametrize("text", CASES, ids=ascii)
def test_a_text_has_the_bits_of_its_characters(text: str) -> None:
    assert bits(text) == CASES[text]


def test_null_and_the_empty_text_hold_nothing() -> None:
    empty, nothing = marks_of(pl.Series(["", None], dtype=pl.String))
    assert (empty, nothing) == (characters.ANY, 0)
    assert len(marks_of(pl.Series([], dtype=pl.String))) == 0


def test_a_column_in_pieces_and_cut_from_another_is_read_right() -> None:
    whole = pl.concat(
        [pl.Series(["发展", "發展"]), pl.Series([None, "<p>", "好"], dtype=pl.String)], rechunk=False
    )
    assert [bool(marks & characters.TRADITIONAL) for marks in marks_of(whole[1:])] == [
        True,
        False,
        False,
        False,
    ]
    assert [bool(marks & characters.TAG) for marks in marks_of(whole[1:])] == [False, False, True, False]


SPACES = r"[\t\x0B\f\r \u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]"
#: bit -> a regular expression that matches the same texts
SAME = {
    "TAG": r"<[a-zA-Zａ-ｚＡ-Ｚ/!?]",
    "ENTITY": r"&[a-zA-Zａ-ｚＡ-Ｚ#]",
    "WIDE": "[０-９Ａ-Ｚａ-ｚ\u3000]",
    "AT": "[@＠]",
    "LOST": "[�锟烫屯]",
    "URL": "//|ww",
    "LINES": "\n",
    "SPACE": rf"{SPACES}{{2,}}|[\t\x0B\f\r\u00A0\u1680\u2000-\u200A\u202F\u205F\u3000]|\n|^ | $|[一-龥] [一-龥]",
}
LETTERS = st.text(st.sampled_from("中文发展a w<&/!#\n\t\u3000@１1，锟"), max_size=9)


@settings(max_examples=150)
@given(LETTERS)
def test_a_bit_says_what_a_regular_expression_would(text: str) -> None:
    found = bits(text)
    assert {name for name, pattern in SAME.items() if re.search(pattern, text)} == found & SAME.keys()


@settings(max_examples=100)
@given(st.lists(st.one_of(st.none(), st.text(max_size=12)), max_size=6))
def test_a_text_has_its_bits_whatever_stands_beside_it(texts: list[str | None]) -> None:
    together = marks_of(pl.Series(texts, dtype=pl.String)).tolist()
    alone = [marks_of(pl.Series([text], dtype=pl.String)).item() for text in texts]
    assert together == alone
