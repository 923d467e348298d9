"""Chunks of whole sentences."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.chunking import spans

TEXTS = st.one_of(
    st.text(),
    st.lists(st.sampled_from(["展", "会A1", "。", "！”", "\n\n", " ", "；", "\u3000"])).map("".join),
)


def chunks(text: str, size: int, overlap: int = 0) -> list[str]:
    return [text[start:end] for start, end in spans(text, size, overlap)]


CASES = {
    "one sentence": ("展会开幕。", 10, 0, ["展会开幕。"]),
    "sentences that fit together": ("一二。三四。五六。", 6, 0, ["一二。三四。", "五六。"]),
    "a stop keeps its quotes": ("他说：“好！”大家都来。", 7, 0, ["他说：“好！”", "大家都来。"]),
    "lines end sentences": ("第一行\n第二行\n", 4, 0, ["第一行", "第二行"]),
    "a decimal point ends none": ("面积3.5万，好。", 20, 0, ["面积3.5万，好。"]),
    "an English stop ends none": ("v1.2.3 ok", 20, 0, ["v1.2.3 ok"]),
    "a long sentence is cut where it is full": ("一二三四五六七", 3, 0, ["一二三", "四五六", "七"]),
    "overlap repeats the last sentence": ("一二。三四。五六。", 6, 3, ["一二。三四。", "三四。五六。"]),
    "overlap too small for a sentence": ("一二。三四。五六。", 6, 2, ["一二。三四。", "五六。"]),
    "white space around is left out": ("  一二。 \n\n  三四。  ", 6, 0, ["一二。", "三四。"]),
    "white space behind a full chunk repeats nothing": ("一二。三四。\n", 6, 3, ["一二。三四。"]),
    "white space where a long sentence is cut": ("一二三  四五六", 4, 0, ["一二三", "四五六"]),
    "nothing": ("", 10, 0, []),
    "white space": (" \n\u3000\n", 10, 0, []),
    "characters of the supplementary planes": ("𠮷𠮷𠮷", 2, 0, ["𠮷𠮷", "𠮷"]),
}


@pytest.mark.parametrize(("text", "size", "overlap", "expected"), CASES.values(), ids=CASES)
def test_chunks(text: str, size: int, overlap: int, expected: list[str]) -> None:
    assert chunks(text, size, overlap) == expected


@given(text=TEXTS, size=st.integers(1, 20), overlap=st.integers(0, 25))
@settings(max_examples=60)
def test_chunks_fit_cover_the_text_and_go_forward(text: str, size: int, overlap: int) -> None:
    found = spans(text, size, overlap)
    assert all(0 <= start < end <= len(text) and end - start <= size for start, end in found)
    assert all(text[start:end] == text[start:end].strip() for start, end in found)
    covered = {place for start, end in found for place in range(start, end)}
    assert all(mark.isspace() for place, mark in enumerate(text) if place not in covered)
    for (start, end), (later, further) in pairwise(found):
        assert start < later
        assert end < further
        assert end - later <= overlap


@given(text=TEXTS, size=st.integers(1, 20))
@settings(max_examples=60)
def test_without_overlap_no_character_is_in_two_chunks(text: str, size: int) -> None:
    found = spans(text, size, 0)
    assert all(end <= later for (_, end), (later, _) in pairwise(found))
