"""The character model: Witten and Bell's estimate, kept and bounded."""

from __future__ import annotations

import random
from collections import Counter
from functools import cache
from math import log2
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.algorithms.char_model import CharModel

TEXTS = ["上海展会", "上海的展会很大", "北京展览很大很好", "上海上海", "展会 abc"]
#: every character that the model of TEXTS tells apart, and one for each kind that it does not
SYMBOLS = sorted(set("".join(TEXTS)))


def model_of(*texts: str | None, **options: int) -> CharModel:
    return CharModel.train([pl.Series(texts, dtype=pl.String)], **options)


def bits(model: CharModel, *texts: str | None) -> list[float | None]:
    return model.bits_per_character(pl.Series(texts, dtype=pl.String)).to_list()


def by_hand(texts: list[str], text: str, rare: int) -> float:
    """Bits of a text, from the definition; trigrams seen once are left out. ``rare``: symbols outside the vocabulary."""
    one, two, three = Counter[str](), Counter[str](), Counter[str]()
    for line in texts:
        padded = "^^" + line
        for place in range(2, len(padded)):
            one[padded[place]] += 1
            two[padded[place - 1 : place + 1]] += 1
            three[padded[place - 2 : place + 1]] += 1
    three = Counter({gram: count for gram, count in three.items() if count > 1})

    def estimate(counts: Counter[str], context: str, letter: str, shorter: float) -> float:
        own = {gram: count for gram, count in counts.items() if gram[:-1] == context}
        if not own:
            return shorter
        return (own.get(context + letter, 0) + len(own) * shorter) / (sum(own.values()) + len(own))

    total, padded = 0.0, "^^" + text
    for place in range(2, len(padded)):
        letter = padded[place]
        alone = (one[letter] + 1) / (one.total() + len(one) + rare)
        pair = estimate(two, padded[place - 1], letter, alone)
        total -= log2(estimate(three, padded[place - 2 : place], letter, pair))
    return total / len(text)


@pytest.mark.parametrize("text", ["上海展会", "很大上海", "a", "会会会会", "cba 北"])
def test_bits_are_those_of_the_definition(text: str) -> None:
    assert bits(model_of(*TEXTS), text)[0] == pytest.approx(by_hand(TEXTS, text, 3), abs=1e-3)


@pytest.mark.parametrize("context", ["", "上", "上海", "海上", "很大", "x"])
def test_probabilities_behind_a_context_add_up_to_one(context: str) -> None:
    model = model_of(*TEXTS)
    known = model.vocabulary.tolist()
    assert [chr(code) for code in known] == SYMBOLS
    whole = [bits(model, context + chr(code))[0] for code in known]
    before = (bits(model, context)[0] or 0) * len(context)
    chances = [2 ** -((told or 0) * (len(context) + 1) - before) for told in whole]
    # what is left belongs to the three kinds outside the vocabulary
    outside = model_of(*TEXTS)
    signs = bits(outside, context + "☃")[0]
    sign = 2 ** -((signs or 0) * (len(context) + 1) - before)
    assert sum(chances) < 1
    assert sum(chances) + 3 * sign == pytest.approx(1, abs=0.003)


def test_order_matters() -> None:
    model = model_of(*["上海国际展览会昨天开幕，观众超过三万人。"] * 5)
    good, mixed = bits(model, "上海国际展览会昨天开幕", "幕天会海展上国昨览开际")
    assert good is not None and mixed is not None
    assert good + 2 < mixed


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("Ａbc", "aBC"),
        ("2026", "1999"),
        ("２０", "20"),
        ("上\n海", "上 海"),
        ("展覽會", "展览会"),
        ("\x00", " "),
    ],
)
def test_forms_that_differ_in_writing_only_are_one_to_it(text: str, same: str) -> None:
    model = model_of("展览会 abc 2026", "上海 1")
    assert bits(model, text) == bits(model, same)


def test_han_that_nobody_writes_is_far_less_likely_than_rare_signs() -> None:
    rare, sign = bits(model_of(*TEXTS), "龘", "☃")
    assert rare is not None and sign is not None
    assert rare > sign + 10


def test_no_character_has_no_bits() -> None:
    assert bits(model_of(*TEXTS), None, "", "上")[:2] == [None, None]


def test_the_batches_of_the_texts_change_nothing() -> None:
    apart = CharModel.train([pl.Series([text]) for text in TEXTS] + [pl.Series([], dtype=pl.String)])
    assert apart.counts.equals(model_of(*TEXTS).counts)
    assert apart.characters == sum(map(len, TEXTS))


def test_the_same_texts_give_the_same_bytes_and_a_loaded_model_the_same_bits(tmp_path: Path) -> None:
    model = model_of(*TEXTS)
    model.save(tmp_path / "one.parquet")
    model_of(*TEXTS).save(tmp_path / "two.parquet")
    assert (tmp_path / "one.parquet").read_bytes() == (tmp_path / "two.parquet").read_bytes()
    assert bits(CharModel.load(tmp_path / "one.parquet"), "上海展会") == bits(model, "上海展会")


def test_a_model_is_as_small_as_asked() -> None:
    draw = random.Random(1)
    texts = ["".join(draw.choices("一二三四五六七八九十", k=50)) for _ in range(40)]
    small = model_of(*texts, vocabulary=6, bigrams=20, trigrams=30)
    sizes = dict(small.counts.group_by("order").len().iter_rows())
    assert len(small.vocabulary) == 6
    assert sizes[2] <= 20
    assert 0 < sizes.get(3, 0) <= 30
    assert (bits(small, texts[0])[0] or 0) < 12


def test_a_model_of_nothing_still_answers() -> None:
    empty = CharModel.train([])
    assert empty.characters == 0
    assert bits(empty, "上海", None)[1] is None
    assert (bits(empty, "上海")[0] or 0) > 10


@given(st.lists(st.one_of(st.none(), st.text(max_size=30)), max_size=4))
@settings(max_examples=30)
def test_any_text_has_finite_bits_whatever_stands_beside_it(texts: list[str | None]) -> None:
    model = _model()
    told = bits(model, *texts)
    assert told == [bits(model, text)[0] for text in texts]
    assert all((value is None) == (not text) for value, text in zip(told, texts, strict=True))
    assert all(value is None or 0 < value < 64 for value in told)


@cache
def _model() -> CharModel:
    return model_of(*TEXTS)
