"""Which pairs of rows are compared at all."""

from __future__ import annotations

from typing import Any

import polars as pl

from curate.dedupe.matching import RecordRules
from curate.dedupe.matching.blocking import FULL_BLOCK, STARS, Blocks, candidates
from curate.dedupe.matching.fields import match_fields


def compared(match: dict[str, Any], **columns: list[str | None]) -> tuple[set[tuple[int, int]], Blocks]:
    left, right, told = candidates(match_fields(pl.DataFrame(columns), RecordRules(match=match)))
    return set(zip(left.tolist(), right.tolist(), strict=True)), told


def test_all_pairs_of_a_small_block_are_compared() -> None:
    phones = [*["13800138000"] * 4, "13900139000", None, None]
    found, told = compared({"phone": "phone"}, phone=phones)
    assert found == {(a, b) for a in range(4) for b in range(a + 1, 4)}
    assert (told.pairs, told.cut_blocks, told.pairs_left_out) == (6, 0, 0)


def test_rows_of_a_large_block_meet_the_best_rows() -> None:
    size = 4 * FULL_BLOCK
    found, told = compared({"phone": "phone"}, phone=["13800138000"] * size)
    assert {(best, row) for best in range(STARS) for row in range(best + 1, size)} <= found
    assert len(found) < size * 9
    assert told.windowed_blocks == 1
    assert told.pairs_left_out > size * (size - 1) // 2 - size * 9


def test_a_large_block_is_cut_by_the_other_fields() -> None:
    size = 4 * FULL_BLOCK
    names = ["张伟"] * size
    companies = [f"第{number % (size // 2)}号公司" for number in range(size)]
    found, told = compared({"name": "person", "company": "category"}, name=[*names], company=[*companies])
    assert {(row, row + size // 2) for row in range(size // 2)} <= found
    assert told.cut_blocks > 0


def test_names_that_sound_alike_are_compared() -> None:
    found, _ = compared(
        {"n": "company_name"}, n=["鑫政融资担保有限公司", "鑫正融资担保有限公司", "宏达科技有限公司"]
    )
    assert found == {(0, 1)}


def test_titles_without_a_rare_word_are_found_by_two_of_them() -> None:
    """Each word is in a hundred titles and more; each pair of words in two or three."""
    words = [f"word{chr(97 + number)}" for number in range(20)]
    titles = [f"{words[a]} {words[b]} {words[c]}" for a in range(20) for b in range(a) for c in range(b)]
    again = titles[500].replace(" ", "  ") + " of the"
    found, _ = compared({"t": "title"}, t=[*titles, again])
    assert (500, len(titles)) in found
    assert len(found) < len(titles) * 60


def test_nothing_is_compared_for_what_says_nothing() -> None:
    found, told = compared({"city": "category", "n": "number"}, city=["深圳"] * 3, n=["1"] * 3)
    assert found == set()
    assert told.pairs == 0
