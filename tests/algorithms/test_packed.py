"""Pairs of numbers in one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.packed import U64, packed, sorted_unique, unpacked, written

PAIRS = st.lists(st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2**32 - 1)), max_size=20)


@given(pairs=PAIRS)
@settings(max_examples=40)
def test_pairs_come_back_and_sort_as_pairs(pairs: list[tuple[int, int]]) -> None:
    high, low = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    one, other = unpacked(np.sort(packed(high, low)))
    assert list(zip(one.tolist(), other.tolist(), strict=True)) == sorted(pairs)


def test_what_is_written_is_whole_also_where_the_room_was_too_small() -> None:
    def write(out: U64) -> int:
        out[:7] = np.arange(7)[: len(out)]
        return 7

    for room in (0, 6, 7, 8):
        assert written(write, room).tolist() == list(range(7))


@given(values=st.lists(st.integers(0, 20), max_size=30))
@settings(max_examples=40)
def test_sorted_unique_is_numpys_unique(values: list[int]) -> None:
    array = np.array(values, np.uint64)
    assert sorted_unique(array).tolist() == np.unique(array).tolist()
