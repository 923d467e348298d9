"""The compiled loops, each against a plain one in Python."""

from __future__ import annotations

from itertools import combinations, groupby

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms import kernels
from curate.algorithms.text import utf8

U64 = np.uint64
LOW = 0xFFFFFFFF


def packed(rows: list[tuple[int, int]]) -> np.ndarray:
    return np.sort(np.array([high << 32 | low for high, low in rows], U64))


def unpacked(pairs: np.ndarray) -> list[tuple[int, int]]:
    return [(int(pair) >> 32, int(pair) & LOW) for pair in pairs]


def paired(rows: list[tuple[int, int]], full: int, stars: int) -> list[tuple[int, int]]:
    out = np.empty(kernels.paired(packed(rows), full, stars, np.empty(0, U64)), U64)
    assert kernels.paired(packed(rows), full, stars, out) == len(out)
    return unpacked(out)


def plain_pairs(rows: list[tuple[int, int]], full: int, stars: int) -> list[tuple[int, int]]:
    found = []
    for _, bucket in groupby(sorted(rows), key=lambda row: row[0]):
        members = [document for _, document in bucket]
        if len(members) <= full:
            found += list(combinations(members, 2))
            continue
        for place, document in enumerate(members):
            partners = {*range(min(stars, place)), *range(max(0, place - stars), place)}
            found += [(members[other], document) for other in partners]
    return sorted(found)


@given(
    keys=st.lists(st.sampled_from([0, 1, 2, 7, 0xFFFFFFFF]), max_size=40),
    full=st.integers(1, 12),
    stars=st.integers(1, 5),
)
@settings(max_examples=80)
def test_buckets_give_the_pairs_of_a_plain_loop(keys: list[int], full: int, stars: int) -> None:
    rows = [(key, document) for document, key in enumerate(keys)]
    assert sorted(paired(rows, full, stars)) == plain_pairs(rows, full, stars)


def test_a_small_bucket_gives_every_pair_and_a_large_one_the_best_rows_and_the_neighbours() -> None:
    small = paired([(5, document) for document in range(32)], 32, 8)
    assert small == sorted(small, key=lambda pair: (pair[1], pair[0]))
    assert len(small) == 32 * 31 // 2
    large = paired([(5, document) for document in range(33)], 32, 8)
    assert [first for first, second in large if second == 32] == [*range(8), *range(24, 32)]
    assert [first for first, second in large if second == 10] == list(range(10)), "no pair twice"


def test_a_bucket_of_a_hundred_thousand_gives_pairs_by_the_rows_and_not_their_square() -> None:
    rows = np.arange(100_000, dtype=U64)
    assert kernels.paired(rows, 32, 8, np.empty(0, U64)) < 16 * len(rows)


def test_the_first_pairs_are_there_when_the_room_is_too_small_and_nothing_behind_it_is_touched() -> None:
    rows = packed([(1, document) for document in range(6)])
    room = np.full(10, 99, U64)
    assert kernels.paired(rows, 32, 8, room[:4]) == 15
    assert unpacked(room[:4]) == [(0, 1), (0, 2), (1, 2), (0, 3)]
    assert (room[4:] == 99).all()


def probed(keys: list[int], wanted: list[tuple[int, int]], bits: int) -> list[tuple[int, int]]:
    column = np.array(keys, np.uint32)
    count = kernels.probed(column, packed(wanted), np.zeros(bits, np.bool_), np.empty(0, U64))
    out = np.empty(count, U64)
    assert kernels.probed(column, packed(wanted), np.zeros(bits, np.bool_), out) == count
    return unpacked(out)


@given(
    keys=st.lists(st.integers(0, 20) | st.just(0xFFFFFFFF), max_size=30),
    wanted=st.sets(st.tuples(st.integers(0, 20) | st.just(0xFFFFFFFF), st.integers(0, 9)), max_size=20),
    bits=st.sampled_from([1, 4, 64]),
)
@settings(max_examples=80)
def test_an_index_is_probed_as_a_plain_join_does(
    keys: list[int], wanted: set[tuple[int, int]], bits: int
) -> None:
    """However small the filter that is looked in first."""
    join = [(place, document) for place, key in enumerate(keys) for own, document in wanted if own == key]
    assert sorted(probed(keys, list(wanted), bits)) == sorted(join)


@given(values=st.lists(st.integers(0, 30), max_size=20), value=st.integers(0, 31))
@settings(max_examples=60)
def test_a_value_is_found_where_searchsorted_finds_it(values: list[int], value: int) -> None:
    array = np.sort(np.array(values, np.uint32))
    assert kernels.first_at_least(array, np.uint32(value)) == np.searchsorted(array, value)


@given(
    text=st.text(max_size=40) | st.text(alphabet="aé展𠮷\u07ff\u0800\uffff\U00010000\U0010ffff", max_size=20)
)
@settings(max_examples=80)
def test_utf8_of_every_width_is_read_and_written_back(text: str) -> None:
    data, offsets = utf8(pl.Series([text], dtype=pl.String))
    codes = np.zeros(len(data) + 1, np.uint32)
    count = kernels.decoded(data, offsets[0], offsets[1], codes)
    assert codes[:count].tolist() == [ord(letter) for letter in text]
    out, at = np.zeros(4 * count + 1, np.uint8), 0
    for code in codes[:count]:
        at = kernels.encoded(code, out, at)
    assert bytes(out[:at]) == text.encode()
