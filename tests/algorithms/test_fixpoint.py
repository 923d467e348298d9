"""Rewriting until nothing changes."""

from __future__ import annotations

import polars as pl

from curate.algorithms.fixpoint import until_stable


def _inner(values: pl.Series) -> pl.Series:
    return values.str.replace_all("()", "", literal=True)


def test_each_text_is_rewritten_until_nothing_changes() -> None:
    values = pl.Series("x", ["((()))a", "b", "()", "(()"])
    found = until_stable(values, _inner)
    assert found.to_list() == ["a", "b", "", "("]
    assert found.name == "x"
    assert values.to_list() == ["((()))a", "b", "()", "(()"]


def test_only_what_changed_is_looked_at_again() -> None:
    seen: list[int] = []

    def rewrite(values: pl.Series) -> pl.Series:
        seen.append(len(values))
        return _inner(values)

    until_stable(pl.Series(["(())", "()", "a", "b"]), rewrite)
    assert seen == [4, 2, 1]


def test_a_text_that_takes_too_many_passes_stays_whole() -> None:
    deep = "(" * 5 + ")" * 5
    found = until_stable(pl.Series([deep, "(())"]), _inner, passes=3)
    assert found.to_list() == [deep, ""]
    assert until_stable(found, _inner, passes=3).to_list() == found.to_list()


def test_a_text_that_is_done_in_the_last_pass_is_done() -> None:
    assert until_stable(pl.Series(["((()))"]), _inner, passes=3).to_list() == [""]


def test_no_texts_give_no_texts() -> None:
    assert until_stable(pl.Series("x", [], dtype=pl.String), _inner).to_list() == []
