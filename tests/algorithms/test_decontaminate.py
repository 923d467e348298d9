"""Decontamination by 13-grams: what is shared, and what is a phrase."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from curate.algorithms.decontaminate import N, Overlap, Reference, grams, longest_shared, owners

EXAM = "云帆储能科技公司去年一共签下了几个电站项目"  # 21 characters: 9 grams


def reference(*texts: str, rows: list[int] | None = None) -> Reference:
    sets = grams(pl.Series(texts))
    return Reference(sets.values, owners(sets), np.array(rows or range(len(texts)), np.int64))


def share(text: str, *exams: str) -> float:
    overlap = Overlap(reference(*exams))
    overlap.add(grams(pl.Series([text])))
    found = overlap.shares()
    return float(found["share"].max() or 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (EXAM, 1),
        ("请问：" + EXAM + "？", 1),
        (EXAM[:17], 1),
        (EXAM[:10] + "某" + EXAM[11:], 0),
        (EXAM[:13] + "什么也没有说过的话题很多很多呢", 1 / 9),
        ("完全是另外一件事情，和它没有任何关系", 0),
        ("", 0),
    ],
    ids=[
        "the same",
        "in a frame",
        "a piece",
        "a character in the middle",
        "its beginning",
        "nothing",
        "no text",
    ],
)
def test_the_share_is_of_the_shorter_text(text: str, expected: float) -> None:
    assert share(text, EXAM) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("one", "other", "same"), [("ＡＢ公司 的电话！", "ab公司的电话", True), ("几点开馆", "几点开馆的", False)]
)
def test_a_short_text_is_one_gram_whatever_its_spelling(one: str, other: str, same: bool) -> None:
    assert share(one, other) == (1 if same else 0)


def test_a_gram_of_many_rows_is_a_phrase_but_not_one_of_a_single_row() -> None:
    texts = [EXAM] * 12
    every = grams(pl.Series([EXAM]))
    for rows, shared in ((list(range(12)), 0), ([7] * 12, 12)):
        overlap = Overlap(reference(*texts, rows=rows))
        overlap.add(every)
        assert overlap.shares(common=10).height == shared


def test_phrases_are_learnt_from_training_texts_once_a_row() -> None:
    known = reference(EXAM)
    for rows, phrase in ((np.arange(11), True), (np.zeros(11, np.int64), False)):
        overlap = Overlap(known)
        overlap.count(grams(pl.Series([EXAM] * 11)), rows)
        overlap.add(grams(pl.Series([EXAM])))
        assert overlap.shares(common=10).is_empty() is phrase


def test_blocks_are_numbered_on_and_name_the_document() -> None:
    overlap = Overlap(reference("别的考题也要写得足够长才行啊", EXAM))
    overlap.add(grams(pl.Series(["无关的一句话，写得长一点点也没有用"])))
    overlap.add(grams(pl.Series(["", EXAM])))
    assert overlap.shares().rows() == [(2, 1, 1.0)]


def test_an_empty_reference_shares_nothing() -> None:
    overlap = Overlap(reference())
    overlap.count(grams(pl.Series([EXAM])), np.zeros(1, np.int64))
    overlap.add(grams(pl.Series([EXAM])))
    assert overlap.shares().is_empty()


def test_the_text_that_is_shared() -> None:
    assert longest_shared("请问" + EXAM, EXAM + "呢") == EXAM
    assert len(EXAM[:13]) == N
