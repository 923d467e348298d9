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

from curate.algorithms import kernels
from curate.algorithms.minhash import (
    CLASSES,
    LEAST_SHINGLES,
    NO_STOPS,
    Sets,
    Texts,
    choose_bands,
    jaccard,
    permutations,
    signatures_of,
    span_of,
)
from curate.algorithms.packed import sorted_unique
from curate.algorithms.text import normal_forms

#: Few letters, so that texts have shingles in common, some beyond the basic plane.
TEXTS = st.lists(st.text(alphabet="上海展会a1é𠮷", max_size=24), min_size=1, max_size=8)
U32 = np.uint32
EMPTY = 0xFFFFFFFF


def series(texts: list[str]) -> pl.Series:
    return pl.Series("text", texts, dtype=pl.String)


def sets_of(texts: list[str], n: int) -> Sets:
    return Texts.of(series(texts)).sets(n)


def listed(sets: Sets) -> list[list[int]]:
    return [sets.values[start:end].tolist() for start, end in pairwise(sets.offsets)]


def plain_shingles(text: str, n: int) -> set[str]:
    return {text[at : at + n] for at in range(max(1, len(text) - n + 1))} if text else set()


def plain_jaccard(left: set[str], right: set[str]) -> float:
    """As defined: sets of fewer than five shingles are like nothing."""
    return len(left & right) / len(left | right) if min(len(left), len(right)) >= 5 else 0.0


def measured(
    texts: list[str], n: int, stops: np.ndarray = NO_STOPS
) -> tuple[list[float], list[float], list[tuple[int, int]]]:
    """(similarity with all shingles, without stops, the pair) of all pairs of texts."""
    pairs = [(one, other) for other in range(len(texts)) for one in range(other)]
    left, right = (np.array([pair[side] for pair in pairs], np.int64) for side in (0, 1))
    whole = Texts.of(series(texts))
    full, distinct = jaccard(whole, left, whole, right, n, stops)
    return full.tolist(), distinct.tolist(), pairs


def hash_of(shingle: str) -> int:
    """The hash of the shingle of a text that is one shingle."""
    return int(sets_of([shingle], len(shingle)).values[0])


def by_datasketch(values: list[int], number: int) -> list[int]:
    reference = MinHash(num_perm=number, seed=1, scheme="affine32", hashfunc=lambda value: value)
    for value in values:
        reference.update(value)
    return [int(value) for value in reference.hashvalues]


@pytest.mark.parametrize("number", [16, 128])
@pytest.mark.parametrize("n", [2, 3, 5])
@given(texts=TEXTS)
@settings(max_examples=25)
def test_signatures_are_datasketchs_affine32_bit_for_bit(number: int, n: int, texts: list[str]) -> None:
    found = signatures_of(series(texts), n, number)
    assert (found.dtype, found.shape) == (U32, (len(texts), number))
    for row, values in zip(found.tolist(), listed(sets_of(texts, n)), strict=True):
        assert row == by_datasketch(values, number)


def test_signatures_of_long_texts_are_datasketchs_too() -> None:
    draw = random.Random(2)
    texts = ["".join(chr(draw.randrange(0x20, 0xD7FF)) for _ in range(3_000)) for _ in range(3)]
    found = signatures_of(series(texts), 5)
    for row, values in zip(found.tolist(), listed(sets_of(texts, 5)), strict=True):
        assert len(values) > 2_900
        assert row == by_datasketch(values, 128)


def test_an_empty_text_has_a_signature_of_its_own_and_moves_no_other() -> None:
    texts = series(["", "上海展会", "", "", "世博", ""])
    found = signatures_of(texts, 3)
    assert (found[[0, 2, 3, 5]] == EMPTY).all()
    assert (found[[1, 4]] == signatures_of(series(["上海展会", "世博"]), 3)).all()
    assert (found[[1, 4]] < EMPTY).all()
    assert signatures_of(series([]), 3).shape == (0, 128)


def test_null_texts_and_slices_are_signed_where_they_lie() -> None:
    texts = pl.Series(["甲", None, "上海展会开幕", "", "𠮷野家开业了"])
    whole = signatures_of(texts, 3)
    assert (whole[1] == EMPTY).all()
    assert (signatures_of(texts.slice(2, 3), 3) == whole[2:]).all()
    assert (signatures_of(pl.concat([texts, texts[1:4]], rechunk=False), 3)[5:] == whole[1:4]).all()


def test_chosen_rows_are_signed_in_the_given_order_even_twice() -> None:
    texts = Texts.of(series(["上海展会", "", "世博会开幕式", "上海展会开幕"]))
    rows = np.array([3, 0, 3, 1, 2])
    whole, _ = texts.signatures(3, np.arange(4))
    assert (texts.signatures(3, rows)[0] == whole[rows]).all()
    assert texts.strings(rows) == ["上海展会开幕", "上海展会", "上海展会开幕", "", "世博会开幕式"]


def test_permutations_depend_on_the_seed_and_have_odd_factors() -> None:
    a, _ = permutations(128)
    assert (a % 2 == 1).all()
    assert (permutations(128, 2)[0] != a).any()


@pytest.mark.parametrize("n", [2, 3, 5])
@given(texts=TEXTS)
@settings(max_examples=60)
def test_shingle_sets_are_those_of_a_plain_loop(n: int, texts: list[str]) -> None:
    found = listed(sets_of(texts, n))
    plain = [plain_shingles(text, n) for text in texts]
    assert [len(each) for each in found] == [len(each) for each in plain]
    assert all(len(set(each)) == len(each) for each in found)
    for one in range(len(texts)):
        for other in range(one):
            assert len(set(found[one]) & set(found[other])) == len(plain[one] & plain[other])


def test_a_text_shorter_than_n_is_one_shingle_and_an_empty_one_has_none() -> None:
    found = listed(sets_of(["好评", "好评", "好", "", "好评如潮了"], 5))
    assert [len(each) for each in found] == [1, 1, 1, 0, 1]
    assert found[0] == found[1] != found[2]
    assert listed(sets_of([], 3)) == []
    assert listed(sets_of(["", ""], 3)) == [[], []]


def test_a_shingle_is_its_characters_in_their_order_and_its_length() -> None:
    alike = ["ab", "ba", "aab", "aba", "baa", "a\0", "a", "\0a", "\0", "\0\0", "𠮷", "𠮷a", "a𠮷"]
    hashes = [listed(sets_of([text], n))[0] for n in (3, 5) for text in alike]
    assert len({tuple(each) for each in hashes}) == 2 * len(alike)


def test_a_million_shingles_hardly_share_hashes() -> None:
    draw = np.random.default_rng(4)
    letters = draw.integers(0x4E00, 0x9FA5, 1_000_000)
    text = "".join(map(chr, letters.tolist()))
    shingles = len(sorted_unique(letters[:-2] << 42 | letters[1:-1] << 21 | letters[2:]))
    found = len(sets_of([text], 3).values)
    # of n shingles n²/2³³ share a 32-bit hash by chance: 116 of a million
    assert 60 < shingles - found < 180


@pytest.mark.parametrize("n", [2, 3, 5])
@given(texts=TEXTS)
@settings(max_examples=60)
def test_jaccard_is_that_of_plain_sets(n: int, texts: list[str]) -> None:
    full, distinct, pairs = measured(texts, n)
    sets = [plain_shingles(text, n) for text in texts]
    assert full == [plain_jaccard(sets[one], sets[other]) for one, other in pairs]
    assert distinct == full, "without stop shingles there is one similarity"


def test_jaccard_of_some_thousand_pairs_of_sentences() -> None:
    draw = random.Random(7)
    words = ["上海", "展会", "开幕", "2026", "新能源", "汽车", "观众", "Expo", "论坛"]
    texts = ["".join(draw.choices(words, k=draw.randrange(1, 30))) for _ in range(80)]
    sets = [plain_shingles(text, 3) for text in texts]
    full, _, pairs = measured(texts, 3)
    assert full == [plain_jaccard(sets[one], sets[other]) for one, other in pairs]
    assert sum(value > 0 for value in full) > 1_000


def test_pairs_may_come_in_any_order_and_again_and_again() -> None:
    texts = ["".join(chr(0x4E00 + 7 * place) for place in range(17)), "子丑寅卯辰巳", "子丑寅卯辰巳午"]
    left, right = (np.array(side * 30) for side in ([0, 1, 2, 0], [1, 2, 1, 0]))
    whole = Texts.of(series(texts))
    full, _ = jaccard(whole, left, whole, right, 2, NO_STOPS)
    assert full.tolist() == [0.0, 5 / 6, 5 / 6, 1.0] * 30


@pytest.mark.parametrize(
    ("one", "other"),
    [("哈哈", "哈哈哈"), ("111", "1111"), ("好评", "好评"), ("", ""), ("，，！", "。"), ("12345", "12345")],
)
def test_texts_with_few_different_shingles_are_like_nothing(one: str, other: str) -> None:
    texts = normal_forms(series([one, other])).to_list()
    assert measured(texts, 2)[:2] == ([0.0], [0.0])


def test_five_different_shingles_are_enough() -> None:
    assert LEAST_SHINGLES == 5
    assert measured(["物流非常快", "物流非常快"], 2)[0] == [0.0]
    assert measured(["物流真非常快", "物流真非常快"], 2)[0] == [1.0]
    assert measured(["好" * 30, "好" * 40], 2)[0] == [0.0], "long, but one shingle"
    assert measured(["物流真非常快", "物流真非常快了"], 2)[0] == [5 / 6]


def test_stop_shingles_are_left_out_of_one_similarity_and_not_of_the_other() -> None:
    texts = ["主营业务是展台搭建服务", "主营业务是物流运输服务"]
    common = sorted(plain_shingles("主营业务是", 2))
    stops = np.sort(np.array([hash_of(shingle) for shingle in common], U32))
    full, distinct, _ = measured(texts, 2, stops)
    sets = [plain_shingles(text, 2) for text in texts]
    assert full == [plain_jaccard(*sets)]
    own = [each - set(common) for each in sets]
    assert distinct == [len(own[0] & own[1]) / len(own[0] | own[1])]
    assert 0 < distinct[0] < full[0]


def without(text: str, n: int, stops: set[str]) -> set[str]:
    """The shingles of a text that are no stops; all of them where less than a quarter would be left."""
    every = [text[at : at + n] for at in range(max(1, len(text) - n + 1))] if text else []
    left = [shingle for shingle in every if shingle not in stops]
    return set(left if left and len(left) >= 0.25 * len(every) else every)


def hashes(shingles: set[str]) -> np.ndarray:
    return sorted_unique(np.array([hash_of(shingle) for shingle in shingles], U32))


@given(
    texts=TEXTS,
    chosen=st.sets(st.sampled_from([one + other for one in "上海展会a1é𠮷" for other in "上海展会a1é𠮷"])),
)
@settings(max_examples=80)
def test_the_other_similarity_is_that_of_the_sets_without_stops(texts: list[str], chosen: set[str]) -> None:
    full, distinct, pairs = measured(texts, 2, hashes(chosen))
    sets, own = [plain_shingles(text, 2) for text in texts], [without(text, 2, chosen) for text in texts]
    assert full == [plain_jaccard(sets[one], sets[other]) for one, other in pairs]
    assert distinct == [
        len(own[one] & own[other]) / len(own[one] | own[other])
        if min(len(sets[one]), len(sets[other])) >= LEAST_SHINGLES
        else 0.0
        for one, other in pairs
    ]


TWENTY = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌"


@pytest.mark.parametrize(
    ("stop", "left", "templated"),
    [(0, 20, False), (1, 19, False), (4, 16, False), (5, 15, True), (15, 5, True), (16, 20, False), (20, 20, False)],
)  # fmt: skip
def test_a_text_keeps_its_template_where_less_than_a_quarter_would_be_left(
    stop: int, left: int, templated: bool
) -> None:
    shingles = sorted(plain_shingles(TWENTY, 2))
    own = without(TWENTY, 2, set(shingles[:stop]))
    assert len(own) == left
    found, marks = Texts.of(series([TWENTY])).signatures(2, np.arange(1), hashes(set(shingles[:stop])))
    assert found[0].tolist() == by_datasketch(hashes(own).tolist(), 128)
    assert marks.tolist() == [templated]


def test_a_signature_is_that_of_the_text_without_its_stop_shingles() -> None:
    template, own = "公司始终坚持客户至上的经营理念", "展台搭建物流运输"
    stops = plain_shingles(template, 2)
    texts = [own + template, own, template, "完全是另外一句话"]
    found, templated = Texts.of(series(texts)).signatures(2, np.arange(4), hashes(stops))
    left = [hashes(without(text, 2, stops)).tolist() for text in texts]
    assert [row.tolist() for row in found] == [by_datasketch(values, 128) for values in left]
    # a text of nothing but the template keeps it, or it would be like every other such text
    assert templated.tolist() == [True, False, False, False]


def test_two_columns_of_texts_are_compared_across() -> None:
    one, other = ["上海展会今日开幕", "", "北京论坛"], ["上海展会昨日闭幕了", "上海展会今日开幕"]
    left, right = np.array([0, 0, 1, 2]), np.array([0, 1, 1, 0])
    full, _ = jaccard(Texts.of(series(one)), left, Texts.of(series(other)), right, 2, NO_STOPS)
    sets = [[plain_shingles(text, 2) for text in column] for column in (one, other)]
    assert full.tolist() == [plain_jaccard(sets[0][a], sets[1][b]) for a, b in zip(left, right, strict=True)]
    assert full[1] == 1.0


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
    assert measured([text[:border], text], n)[0][0] > 0.95


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
    signature = chance.integers(0, 1 << 32, (50, 128), dtype=U32)
    twin = signature.copy()
    twin[:, 5] += 1  # breaks the first band of 8 rows, and no other
    one, other = np.empty((50, 16), U32), np.empty((50, 16), U32)
    kernels.banded(signature, 8, one)
    kernels.banded(twin, 8, other)
    assert (one[:, 0] != other[:, 0]).all()
    assert (one[:, 1:] == other[:, 1:]).all()
    assert len(np.unique(one)) == one.size


def test_band_keys_are_those_of_the_signatures_a_column_a_text() -> None:
    draw = random.Random(8)
    texts = ["".join(draw.choices("上海展会开幕仪式新能源", k=30)) for _ in range(20)]
    whole, rows = Texts.of(series(texts)), np.arange(20)
    keys, _ = whole.band_keys(3, rows, NO_STOPS, (16, 8))
    plain = np.empty((20, 16), U32)
    kernels.banded(signatures_of(series(texts), 3), 8, plain)
    assert keys.shape == (16, 20)
    assert (keys == plain.T).all()
    again, _ = whole.band_keys(3, rows, NO_STOPS, (16, 8), seed=2)
    assert (again != keys).any(axis=1).all(), "another seed gives bands of its own"
    assert whole.band_keys(3, rows[:0], NO_STOPS, (16, 8))[0].shape == (16, 0)


def test_pairs_above_the_threshold_are_found_as_often_as_promised() -> None:
    draw = random.Random(11)

    def letters(number: int) -> str:
        return "".join(chr(draw.randrange(0x4E00, 0x9FA5)) for _ in range(number))

    texts, likeness = [], []
    for _ in range(300):
        base = letters(90)
        texts += [base + letters(10), base + letters(10)]
        one, other = (plain_shingles(text, 3) for text in texts[-2:])
        likeness.append(len(one & other) / len(one | other))
    assert 0.8 < min(likeness) <= max(likeness) < 0.83
    keys, _ = Texts.of(series(texts)).band_keys(3, np.arange(600), NO_STOPS, choose_bands(0.8))
    found = (keys[:, 0::2] == keys[:, 1::2]).any(axis=0)
    assert found.mean() > 0.85
    assert not (keys[:, 0::2] == np.roll(keys[:, 1::2], 1, axis=1)).any()
