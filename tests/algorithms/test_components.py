"""Who stays and who belongs together."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.components import components, representatives

NUMBER = 12
#: (better, worse) -> similarity
PAIRS = st.dictionaries(
    st.tuples(st.integers(0, NUMBER - 1), st.integers(0, NUMBER - 1))
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: (min(pair), max(pair))),
    st.sampled_from([0.8, 0.9, 1.0]),
    max_size=30,
)


def removed_against(number: int, pairs: dict[tuple[int, int], float]) -> list[int]:
    better = np.asarray([one for one, _ in pairs], np.int64)
    worse = np.asarray([other for _, other in pairs], np.int64)
    return representatives(number, better, worse, np.asarray(list(pairs.values()))).tolist()


def greedy(number: int, pairs: dict[tuple[int, int], float]) -> list[int]:
    """From best to worst: a row goes against the most similar, then best, of its neighbours that stay."""
    of = [-1] * number
    for row in range(number):
        staying = [(-near, one) for (one, other), near in pairs.items() if other == row and of[one] == -1]
        if staying:
            of[row] = min(staying)[1]
    return of


@given(pairs=PAIRS)
@settings(max_examples=60)
def test_representatives_are_those_of_a_plain_greedy_loop(pairs: dict[tuple[int, int], float]) -> None:
    assert removed_against(NUMBER, pairs) == greedy(NUMBER, pairs)


@given(pairs=PAIRS)
@settings(max_examples=60)
def test_no_row_is_removed_against_a_removed_one_or_one_it_was_not_compared_with(
    pairs: dict[tuple[int, int], float],
) -> None:
    of = removed_against(NUMBER, pairs)
    for row, against in enumerate(of):
        if against >= 0:
            assert of[against] == -1
            assert (against, row) in pairs
    for one, other in pairs:
        assert of[one] >= 0 or of[other] >= 0


def test_a_chain_of_neighbours_removes_every_second_row_only() -> None:
    chain = {(row, row + 1): 0.9 for row in range(6)}
    assert removed_against(7, chain) == [-1, 0, -1, 2, -1, 4, -1]


def test_a_removed_row_names_the_most_similar_then_the_best() -> None:
    assert removed_against(3, {(0, 2): 0.8, (1, 2): 0.9}) == [-1, -1, 1]
    assert removed_against(3, {(1, 2): 0.9, (0, 2): 0.9}) == [-1, -1, 0]


def test_without_pairs_all_stay() -> None:
    assert removed_against(3, {}) == [-1, -1, -1]
    assert removed_against(0, {}) == []


@given(pairs=PAIRS)
@settings(max_examples=60)
def test_rows_share_a_component_when_a_chain_of_pairs_joins_them(pairs: dict[tuple[int, int], float]) -> None:
    group = list(range(NUMBER))
    for one, other in pairs:
        old, new = group[one], group[other]
        group = [new if each == old else each for each in group]
    left = np.asarray([one for one, _ in pairs], np.int64)
    right = np.asarray([other for _, other in pairs], np.int64)
    labels = components(NUMBER, left, right)
    assert labels.dtype == np.int64
    for one in range(NUMBER):
        for other in range(NUMBER):
            assert (labels[one] == labels[other]) == (group[one] == group[other])


def test_a_pair_given_many_times_counts_once() -> None:
    many = np.zeros(1000, np.int64)
    assert components(3, many, many + 1).tolist() == [0, 0, 1]
