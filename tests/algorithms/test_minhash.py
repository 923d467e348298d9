"""Signatures, shingles, bands and exact similarity, each against a plain reference."""

from __future__ import annotations

import random
from itertools import pairwise

import numpy as np
import polars as pl
import pytest
from datasketch import MinHash
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.minhash import (
    CLASSES,
    EMPTY,
    Sets,
    band_keys,
    choose_bands,
    jaccard,
    permutations,
    shingle,
    signatures,
    span_of,
)

#: Few letters, so that texts have shingles in common, some beyond the basic plane.
TEXTS = st.lists(st.text(alphabet="上海展会a1𠮷", max_size=14), min_size=1, max_size=8)


def sets_of(*sets: set[int]) -> Sets:
    sizes = [len(each) for each in sets]
    values = [value for each in sets for value in sorted(each)]
    return Sets(np.asarray(values, np.uint32), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64))


def listed(sets: Sets) -> list[list[int]]:
    return [sets.values[start:end].tolist() for start, end in pairwise(sets.offsets)]


def plain_shingles(text: str, n: int) -> set[str]:
    return {text[at : at + n] for at in range(max(1, len(text) - n + 1))} if text else set()


def plain_jaccard(left: set, right: set) -> float:
    return len(left & right) / len(left | right) if left | right else 0.0


def shingled(texts: list[str], n: int) -> Sets:
    return shingle(pl.Series(texts, dtype=pl.String), n)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("number", [16, 128])
def test_signatures_are_datasketchs_affine32_bit_for_bit(seed: int, number: int) -> None:
    chance = random.Random(seed)
    sets = [{chance.getrandbits(32) for _ in range(chance.randrange(1, 300))} for _ in range(20)]
    sets.append({0, 1, 0xFFFFFFFF})
    found = signatures(sets_of(*sets), number)
    assert found.dtype == np.uint32
    for row, each in zip(found, sets, strict=True):
        reference = MinHash(num_perm=number, seed=1, scheme="affine32", hashfunc=lambda value: value)
        for value in each:
            reference.update(value)
        assert row.tolist() == reference.hashvalues.tolist()


def test_an_empty_set_has_a_signature_of_its_own_and_moves_no_other() -> None:
    some, none = {1, 2, 3}, set[int]()
    found = signatures(sets_of(none, some, none, none, {9}, none))
    assert (found[[0, 2, 3, 5]] == EMPTY).all()
    assert (found[[1, 4]] == signatures(sets_of(some, {9}))).all()
    assert signatures(sets_of(none, none)).tolist() == [[int(EMPTY)] * 128] * 2
    assert signatures(sets_of()).shape == (0, 128)


def test_permutations_depend_on_the_seed_and_have_odd_factors() -> None:
    a, _ = permutations(128)
    assert (a % 2 == 1).all()
    assert (permutations(128, 2)[0] != a).any()


@pytest.mark.parametrize("n", [2, 3, 5])
@given(texts=TEXTS)
@settings(max_examples=60, deadline=None)
def test_shingle_sets_are_those_of_a_plain_loop(n: int, texts: list[str]) -> None:
    found = listed(shingled(texts, n))
    plain = [plain_shingles(text, n) for text in texts]
    assert [len(each) for each in found] == [len(each) for each in plain]
    assert all(each == sorted(set(each)) for each in found)
    for one in range(len(texts)):
        for other in range(one):
            assert len(set(found[one]) & set(found[other])) == len(plain[one] & plain[other])


def test_a_text_shorter_than_n_is_one_shingle_and_an_empty_one_has_none() -> None:
    assert shingled(["好评", "好评", "好", "", "好评如潮了"], 5).sizes.tolist() == [1, 1, 1, 0, 1]
    short = listed(shingled(["好评", "好评", "好"], 5))
    assert short[0] == short[1] != short[2]


def test_no_texts_or_empty_ones_alone_have_no_shingles() -> None:
    assert shingled([], 3).sizes.tolist() == []
    assert shingled(["", ""], 3).sizes.tolist() == [0, 0]


@given(
    sets=st.lists(st.sets(st.integers(0, 30), max_size=12), min_size=1, max_size=8),
    pairs=st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=40),
    block=st.integers(1, 40),
)
@settings(max_examples=60, deadline=None)
def test_jaccard_is_that_of_sets_in_blocks_of_any_size(
    sets: list[set[int]], pairs: list[tuple[int, int]], block: int
) -> None:
    left = [one % len(sets) for one, _ in pairs]
    right = [other % len(sets) for _, other in pairs]
    found = jaccard(sets_of(*sets), np.asarray(left, np.int64), np.asarray(right, np.int64), block)
    plain = [plain_jaccard(sets[one], sets[other]) for one, other in zip(left, right, strict=True)]
    assert found.tolist() == pytest.approx(plain)


def test_jaccard_of_a_thousand_random_pairs() -> None:
    chance = random.Random(7)
    sets = [{chance.randrange(400) for _ in range(chance.randrange(0, 200))} for _ in range(100)]
    left, right = (np.asarray([chance.randrange(100) for _ in range(1000)], np.int64) for _ in range(2))
    plain = [plain_jaccard(sets[one], sets[other]) for one, other in zip(left, right, strict=True)]
    for block in (1, 100, 1 << 22):
        assert jaccard(sets_of(*sets), left, right, block).tolist() == plain


def test_jaccard_of_two_empty_texts_is_nothing() -> None:
    nobody = np.asarray([0], np.int64)
    assert jaccard(sets_of(set(), {1}), nobody, nobody).tolist() == [0.0]
    assert jaccard(sets_of(), nobody[:0], nobody[:0]).tolist() == []


@given(
    sets=st.lists(st.sets(st.integers(0, 20), max_size=8), min_size=1, max_size=6),
    stop=st.sets(st.integers(0, 20), max_size=15),
    least=st.sampled_from([0.0, 0.25, 0.5, 1.0]),
)
@settings(max_examples=60, deadline=None)
def test_a_set_loses_the_stop_shingles_unless_too_little_would_be_left(
    sets: list[set[int]], stop: set[int], least: float
) -> None:
    expected = []
    for each in sets:
        left = each - stop
        enough = len(left) >= max(1, least * len(each))
        expected.append(sorted(left if enough else each))
    assert listed(sets_of(*sets).without(np.asarray(sorted(stop), np.uint32), least)) == expected


@given(
    sets=st.lists(st.sets(st.integers(0, 20), max_size=8), min_size=1, max_size=6),
    wanted=st.lists(st.integers(0, 5), max_size=10),
)
@settings(max_examples=60, deadline=None)
def test_sets_are_taken_in_the_given_order_even_twice(sets: list[set[int]], wanted: list[int]) -> None:
    places = [place % len(sets) for place in wanted]
    taken = sets_of(*sets).take(np.asarray(places, np.int64))
    assert listed(taken) == [sorted(sets[place]) for place in places]


def test_the_classes_leave_no_length_out() -> None:
    assert CLASSES[0][1] == 1
    assert all(before[2] + 1 == after[1] for before, after in pairwise(CLASSES))


@pytest.mark.parametrize("border", [most for _, _, most in CLASSES[:-1]])
def test_copies_on_both_sides_of_a_border_between_classes_share_shingles(border: int) -> None:
    chance = random.Random(border)
    text = "".join(chr(0x4E00 + chance.randrange(20_000)) for _ in range(border + 1))
    n = next(n for n, least, most in CLASSES if least <= border <= most)
    least, most = span_of(n)
    assert least <= border < border + 1 <= most
    sets = shingled([text[:border], text], n)
    one, other = np.asarray([0], np.int64), np.asarray([1], np.int64)
    assert jaccard(sets, one, other)[0] > 0.95


@pytest.mark.parametrize("n", [n for n, _, _ in CLASSES])
def test_a_span_reaches_to_texts_twice_as_long(n: int) -> None:
    least, most = next((least, most) for size, least, most in CLASSES if size == n)
    assert span_of(n) == (least, 2 * most)


@pytest.mark.parametrize("threshold", [0.5, 0.6, 0.7, 0.8, 0.9, 0.95])
@pytest.mark.parametrize("recall", [0.85, 0.95])
def test_the_chosen_bands_find_a_pair_at_the_threshold_with_the_recall(
    threshold: float, recall: float
) -> None:
    bands, rows = choose_bands(threshold, recall=recall)
    assert bands * rows <= 128
    assert 1 - (1 - threshold**rows) ** bands >= recall
    if rows < 16:  # one row more a band would miss too many
        assert 1 - (1 - threshold ** (rows + 1)) ** (128 // (rows + 1)) < recall


def test_bands_of_equal_rows_have_equal_keys_and_no_others() -> None:
    chance = np.random.default_rng(3)
    signature = chance.integers(0, 1 << 32, (50, 128), dtype=np.uint32)
    twin = signature.copy()
    twin[:, 5] += 1  # breaks the first band of 8 rows, and no other
    one, other = band_keys(signature, 16, 8), band_keys(twin, 16, 8)
    assert one.shape == (50, 16)
    assert (one[:, 0] != other[:, 0]).all()
    assert (one[:, 1:] == other[:, 1:]).all()
    assert len(np.unique(one)) == one.size


def test_pairs_above_the_threshold_are_found_as_often_as_promised() -> None:
    chance = random.Random(11)
    sets = []
    for _ in range(300):
        base = {chance.getrandbits(32) for _ in range(90)}
        sets += [base | {chance.getrandbits(32) for _ in range(10)} for _ in range(2)]  # J = 90 / 110
    bands, rows = choose_bands(0.8)
    keys = band_keys(signatures(sets_of(*sets)), bands, rows)
    found = (keys[0::2] == keys[1::2]).any(axis=1)
    assert found.mean() > 0.85
    assert not (keys[0::2] == np.roll(keys[1::2], 1, axis=0)).any()
