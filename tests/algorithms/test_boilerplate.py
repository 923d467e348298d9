"""Lines, beginnings and ends that many texts share."""

from __future__ import annotations

import polars as pl

from curate.algorithms.boilerplate import LineCounter, segments

NUMBERS = "零一二三四五六七八九"


def _own(number: int) -> str:
    return "".join(NUMBERS[int(digit)] for digit in f"{number:04}") + "号展位的介绍文字各不相同"


def _told(*frames: list[str | None], most: int = 1_000_000) -> dict[tuple[str, str], int]:
    counter = LineCounter(most)
    for texts in frames:
        counter.add(pl.Series("text", texts, dtype=pl.String))
    return {(where, line): rows for where, line, rows, _ in counter.candidates().iter_rows()}


def test_a_line_of_many_texts_is_a_candidate_with_the_number_of_texts() -> None:
    texts: list[str | None] = [f"{_own(n)}。\n欢迎关注某某展览网\n{_own(n + 500)}。" for n in range(30)]
    assert _told(texts) == {("line", "欢迎关注某某展览网"): 30}


def test_a_line_twice_in_a_text_counts_once() -> None:
    texts: list[str | None] = [f"欢迎关注某某展览网\n{_own(n)}。\n欢迎关注某某展览网" for n in range(12)]
    assert _told(texts) == {("line", "欢迎关注某某展览网"): 12}


def test_beginnings_and_ends_are_candidates() -> None:
    texts: list[str | None] = [f"某某网消息（张三）：{_own(n)}。本站原创内容请勿转发。" for n in range(20)]
    assert _told(texts) == {("head", "某某网消息（张三）："): 20, ("tail", "本站原创内容请勿转发。"): 20}


def test_copies_of_a_text_make_no_candidate() -> None:
    texts: list[str | None] = ["同一篇文章的第一行\n同一篇文章的第二行"] * 100
    assert _told(texts) == {}
    assert _told(texts[:50], texts[50:]) == {}


def test_what_few_texts_share_is_none() -> None:
    texts: list[str | None] = [f"{_own(n)}。\n欢迎关注某某展览网" for n in range(9)]
    assert _told(texts) == {}


def test_counts_do_not_depend_on_the_frames() -> None:
    texts: list[str | None] = [
        f"某某网消息：{_own(n)}。\n欢迎关注某某展览网\n末行{_own(n)}" for n in range(40)
    ]
    assert _told(texts) == _told(texts[:7], texts[7:25], texts[25:]) != {}


def test_of_a_beginning_within_a_longer_one_the_longer_is_told_when_it_is_as_frequent() -> None:
    same: list[str | None] = [f"某某网消息，记者张三：{_own(n)}。" for n in range(20)]
    assert list(_told(same)) == [("head", "某某网消息，记者张三：")]
    mixed: list[str | None] = [f"某某网消息，记者{_own(n % 2)}：{_own(n)}。" for n in range(60)]
    assert list(_told(mixed)) == [("head", "某某网消息，")]


def test_memory_is_bounded_and_counts_are_never_too_high() -> None:
    counter = LineCounter(most=200)
    for start in range(0, 2000, 100):
        rows = [f"{_own(n)}。\n欢迎关注某某展览网\n末行{_own(n)}" for n in range(start, start + 100)]
        counter.add(pl.Series(rows))
        assert counter._counts.height <= 200
    (row,) = counter.candidates().rows(named=True)
    assert row["line"] == "欢迎关注某某展览网"
    assert 2000 - counter.missed <= row["rows"] <= 2000
    assert 0 < counter.missed < 200


def test_nulls_and_empty_texts_have_no_segments() -> None:
    assert segments(pl.Series(["", " \n ", "\n"])).is_empty()
    counter = LineCounter()
    counter.add(pl.Series("text", [None, None], dtype=pl.String))
    assert (counter.texts, counter.candidates().height) == (0, 0)
