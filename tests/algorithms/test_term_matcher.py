"""Terms in texts: which hits stay, where words end, and what takes their place."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.term_matcher import HIT, TermMatcher, leftmost_longest, replaced


def found(terms: list[str], text: str | None, **options: bool) -> list[str]:
    in_addresses = options.pop("in_addresses", True)
    hits = TermMatcher(terms, **options).hits(pl.Series([text], dtype=pl.String), in_addresses=in_addresses)
    return hits["found"].to_list()


@pytest.mark.parametrize(
    ("terms", "text", "hits"),
    [
        (["AI"], "用AI做", ["AI"]),  # a Unicode \b has no edge here
        (["AI"], "MAIN AIR PAI", []),
        (["AI"], "AI、AI", ["AI", "AI"]),
        (["AI"], "AI2", []),  # a digit is of the word
        (["AI"], "AI_x 2×AI", ["AI", "AI"]),
        (["AI"], "éAI AIé", []),
        (["AI"], "ЖAI", []),
        (["C++"], "C++与C++1", ["C++", "C++"]),  # ends with no letter: nothing to touch
        (["C"], "C++与OC", ["C"]),
        (["5G"], "5G、15G", ["5G"]),
        (["AI大会"], "MAI大会 AI大会长", ["AI大会"]),
        (["人工智能", "人工智能大会"], "人工智能大会和人工智能", ["人工智能大会", "人工智能"]),
        (["甲乙", "乙丙丁"], "甲乙丙丁", ["甲乙"]),  # the leftmost, though the other is longer
        (["乙", "甲乙丙", "丙丁"], "甲乙丙丁乙", ["甲乙丙", "乙"]),
        (["哈哈"], "哈哈哈哈哈", ["哈哈", "哈哈"]),
        (["C", "CD光盘"], "CD光盘C", ["CD光盘", "C"]),
        (["AI", "AI技术"], "AI技术", ["AI技术"]),
        (["AI技", "I"], "AI技", ["AI技"]),
        (["展会"], "", []),
        (["展会"], None, []),
        ([], "展会", []),
        (["甲\n乙"], "甲\n乙", ["甲\n乙"]),
        (["😀"], "a😀😀", ["😀", "😀"]),
    ],
)
def test_the_leftmost_longest_whole_word_counts(terms: list[str], text: str | None, hits: list[str]) -> None:
    assert found(terms, text) == hits


@pytest.mark.parametrize(
    ("terms", "text", "pairs"),
    [
        (
            ["iPhone"],
            "IPHONE、iphone、iPhone",
            [("IPHONE", "iPhone"), ("iphone", "iPhone"), ("iPhone", "iPhone")],
        ),
        (
            ["Ai", "AI"],
            "AI ai Ai",
            [("AI", "AI"), ("ai", "Ai"), ("Ai", "Ai")],
        ),  # its own spelling, else the first
        (["É"], "é É", [("É", "É")]),  # ASCII letters only
    ],
)
def test_case_is_ignored_on_request(terms: list[str], text: str, pairs: list[tuple[str, str]]) -> None:
    hits = TermMatcher(terms, ignore_case=True).hits(pl.Series([text]))
    assert hits.select("found", "term").rows() == pairs


@pytest.mark.parametrize(
    ("text", "hits"),
    [
        ("见http://a.cn/AI?x=AI，AI", 1),
        ("www.AI.com是AI的网站", 1),
        ("AI@AI.com", 0),
        ("官网http://AI.cn新闻AI中心", 1),  # Han characters end an address
        ("(http://a.cn)AI", 1),
        ("@AI", 1),
    ],
)
def test_addresses_are_left_alone_on_request(text: str, hits: int) -> None:
    assert found(["AI"], text, in_addresses=False) == ["AI"] * hits
    assert len(found(["AI"], text)) >= hits


def test_a_hit_is_told_with_its_place_and_its_bytes() -> None:
    hits = TermMatcher(["展会", "AI"]).hits(pl.Series([None, "无", "用AI办展会"], dtype=pl.String))
    assert hits.schema == HIT
    assert hits.rows() == [(2, 3, 5, "AI", "AI"), (2, 8, 14, "展会", "展会")]


def test_nothing_found_has_the_same_columns() -> None:
    assert TermMatcher(["展会"]).hits(pl.Series([], dtype=pl.String)).schema == HIT
    assert TermMatcher(["AI"]).hits(pl.Series(["MAIN"])).schema == HIT


def test_an_empty_term_is_refused() -> None:
    with pytest.raises(ValueError, match="empty"):
        TermMatcher(["a", ""])


def put(text: str, **news: str) -> str:
    values = pl.Series([text, "旁边"])
    hits = TermMatcher(news).hits(values)
    told = replaced(values, hits, hits["term"].replace_strict(news, return_dtype=pl.String))
    assert told.to_list()[1:] == ["旁边"]
    return str(told[0])


@pytest.mark.parametrize(
    ("text", "news", "told"),
    [
        ("展会、展会", {"展会": "展览会"}, "展览会、展览会"),
        ("展会展会", {"展会": "展"}, "展展"),
        ("GPT人工智能2", {"人工智能": "AI"}, "GPT AI 2"),  # words do not run together
        ("人工智能机器学习", {"人工智能": "AI", "机器学习": "ML"}, "AI ML"),
        ("用人工智能，好", {"人工智能": "AI"}, "用AI，好"),
        ("AI A", {"AI": "人工智能"}, "人工智能 A"),
    ],
)
def test_a_hit_is_replaced(text: str, news: dict[str, str], told: str) -> None:
    assert put(text, **news) == told


SPANS = st.lists(st.tuples(st.integers(0, 12), st.integers(1, 5)), max_size=12)


@given(spans=SPANS)
@settings(max_examples=60)
def test_spans_that_stay_are_those_of_the_plain_loop(spans: list[tuple[int, int]]) -> None:
    ordered = sorted(((start, start + length) for start, length in set(spans)), key=lambda s: (s[0], -s[1]))
    plain, last = [], 0
    for place, (start, end) in enumerate(ordered):
        if start >= last:
            plain.append(place)
            last = end
    start, end = (np.array([span[side] for span in ordered], np.int64) for side in (0, 1))
    assert leftmost_longest(start, end).tolist() == plain


LETTERS = st.text("aAé展会，1 \n😀", max_size=10)


@given(
    terms=st.lists(st.text("aAé展会1", min_size=1, max_size=3), max_size=5),
    texts=st.lists(st.none() | LETTERS, max_size=4),
)
@settings(max_examples=60)
def test_every_hit_is_what_stands_there(terms: list[str], texts: list[str | None]) -> None:
    values = pl.Series(texts, dtype=pl.String)
    hits = TermMatcher(terms, ignore_case=True).hits(values)
    reach = (-1, 0)
    for place, start, end, text, term in hits.iter_rows():
        whole = (texts[place] or "").encode()
        assert whole[start:end].decode() == text
        assert text == term or text.swapcase() == term or text.lower() == term.lower()
        assert (place, start) >= reach
        reach = (place, end)
    same = replaced(values, hits, hits["found"])
    assert [text and text.replace(" ", "") for text in same] == [
        text and text.replace(" ", "") for text in texts
    ]
