"""A character trigram model: how likely a text is, beside texts that are known to be good.

Bits per character (the base-2 logarithm of the perplexity) under an interpolated trigram model with Witten-Bell weights
(Witten & Bell 1991; Chen & Goodman 1998)::

    P(c | ab) = (n(abc) + t(ab) P(c | b)) / (n(ab) + t(ab))        t: kinds of characters seen behind the context
    P(c | b)  = (n(bc)  + t(b)  P(c))     / (n(b)  + t(b))
    P(c)      = (n(c) + 1) / (n + v)

What is scored is the folded text: digits are one character, so are a letter's cases, the traditional
and the simplified form, and all white space. Characters outside the vocabulary are three (Han, letters, signs): which Han character or letter stands there costs the logarithm of their number.
Memory is bounded: the rarest bigrams and trigrams are left out before the weights are computed, so probabilities add up to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.characters import HAN
from curate.algorithms.chinese_script import changed_alone, converter
from curate.algorithms.text import utf8
from curate.algorithms.text_shape import kinds_table
from curate.files import write_parquet

U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]
F32 = npt.NDArray[np.float32]

#: Numbers below 2^13: 0 begins a text, the next three are the characters outside the vocabulary.
RARE_HAN, RARE_LETTER, RARE_SIGN, FIRST = 1, 2, 3, 4
VOCABULARY = 8192 - FIRST
#: Most bigrams and trigrams of a model, and distinct ones held while it is trained.
BIGRAMS, TRIGRAMS, HELD = 500_000, 1_000_000, 6_000_000
#: Bytes of text that are counted at a time.
BATCH = 16_000_000


@dataclass(frozen=True)
class CharModel:
    """Counts: ``order`` (1, 2, 3) of a gram, its ``key`` (21 bits a character: folded code points, 0 before the text), ``count``."""

    counts: pl.DataFrame

    @classmethod
    def train(
        cls, texts: Iterable[pl.Series], vocabulary: int = VOCABULARY, bigrams: int = BIGRAMS, trigrams: int = TRIGRAMS
    ) -> CharModel:  # fmt: skip
        """A model of columns of texts, read once and one after the other; nulls are passed over."""
        keys: U64 = np.empty(0, np.uint64)
        counts: I64 = np.empty(0, np.int64)
        for found in _trigrams(texts):
            new, times = np.unique(found, return_counts=True)
            keys, counts = _summed(np.concatenate([keys, new]), np.concatenate([counts, times]))
            if len(keys) > HELD:
                keys, counts = keys[counts > 1], counts[counts > 1]
        low = np.uint64(0x1FFFFF)
        single, times = _summed(keys & low, counts)
        best = np.lexsort((single, -times))[: min(vocabulary, VOCABULARY)]
        known = np.sort(single[best])
        ones = _summed(_within(keys & low, known), counts)
        twos = _summed(_within(keys >> np.uint64(21) & low, known) << np.uint64(21) | _within(keys & low, known), counts)  # fmt: skip
        whole = (
            _within(keys >> np.uint64(42), known) << np.uint64(42)
            | _within(keys >> np.uint64(21) & low, known) << np.uint64(21)
            | _within(keys & low, known)
        )
        threes = _summed(whole, counts)
        parts = [ones, _commonest(*twos, bigrams, 1), _commonest(*threes, trigrams, 2)]
        return cls(
            pl.concat(
                pl.DataFrame({"key": grams, "count": times}).select(
                    pl.lit(order, pl.Int8).alias("order"), "key", pl.col("count").cast(pl.Int64)
                )
                for order, (grams, times) in enumerate(parts, start=1)
            )
        )

    def save(self, path: Path) -> None:
        """As one parquet file; the same counts give the same bytes."""
        write_parquet(path, self.counts)

    @classmethod
    def load(cls, path: Path) -> CharModel:
        return cls(pl.read_parquet(path))

    def bits_per_character(self, texts: pl.Series) -> pl.Series:
        """The mean of ``-log2 P`` over a text's characters; null where there is none."""
        return self.surprise_of(texts)["bits"]

    def surprise_of(self, texts: pl.Series) -> pl.DataFrame:
        """Means over a text's characters; null where there is none.

        Returns:
            ``bits``: of ``-log2 P(c | ab)``; ``alone``: of ``-log2 P(c)``, in any order. Known words of any field have fewer bits
            than their characters alone, characters in no order have more; rare characters have many alone.
        """
        from curate.algorithms import kernels_quality as kernels

        data, offsets = utf8(texts)
        bits, alone, counts = np.empty(len(texts)), np.empty(len(texts)), np.empty(len(texts), np.int64)
        kernels.scored(data, offsets, *self._tables, bits, alone, counts)
        told = pl.DataFrame({"bits": bits, "alone": alone, "count": counts})
        means = (pl.col(name) / pl.col("count") for name in ("bits", "alone"))
        return told.select(pl.when(pl.col("count") > 0).then(mean) for mean in means)

    @property
    def characters(self) -> int:
        """How many the model has seen."""
        return int(self._grams(1)[1].sum())

    @cached_property
    def vocabulary(self) -> U64:
        """The folded code points that the model tells apart, ascending."""
        keys = self._grams(1)[0]
        return keys[keys >= FIRST]

    def _grams(self, order: int) -> tuple[U64, I64]:
        own = self.counts.filter(pl.col("order") == order)
        return own["key"].to_numpy(), own["count"].to_numpy()

    @cached_property
    def _tables(self) -> tuple[npt.NDArray[Any], ...]:
        """The arguments ``ids`` to ``three`` of ``kernels_quality.scored``."""
        known = self.vocabulary
        ids = _numbers(fold_table(), known)
        size = len(known) + FIRST
        counts = np.zeros(size)
        keys, times = self._grams(1)
        counts[_number(keys, known)] = times
        alone = (counts[1:] + 1) / (counts[1:].sum() + size - 1)  # the beginning is no event
        alone = np.concatenate([[1.0], alone])
        keys, times = self._grams(2)
        first, last = _number(keys >> np.uint64(21), known), _number(keys & np.uint64(0x1FFFFF), known)
        kept, kinds = np.bincount(first, times, size), np.bincount(first, minlength=size)
        two = _told(times, kept[first], kinds[first], alone[last])
        leave = np.where(kinds > 0, kinds / np.maximum(kept + kinds, 1), 1.0)
        pairs = _key(first, last)
        keys, times = self._grams(3)
        begin, middle, last = (
            _number(keys >> np.uint64(shift) & np.uint64(0x1FFFFF), known) for shift in (42, 21, 0)
        )
        context, place, kinds = np.unique(_key(begin, middle), return_inverse=True, return_counts=True)
        kept = np.bincount(place, times, len(context))
        shorter = _looked_up(pairs, two, _key(middle, last), leave[middle] * alone[last])
        three = _told(times, kept[place], kinds[place], shorter)
        every = np.union1d(pairs, context)
        lower = _looked_up(
            pairs, two, every, leave[every >> np.uint64(13)] * alone[every & np.uint64(0x1FFF)]
        )
        away = _looked_up(context, kinds / (kept + kinds), every, 1.0)
        triples = _key(begin, middle) << np.uint64(13) | last.astype(np.uint64)
        one = -np.log2(np.stack([alone, leave], axis=1))
        return ids, _sizes(ids), one, _hashed(every, lower, away), _hashed(triples, three)


@cache
def fold_table() -> npt.NDArray[np.uint32]:
    """What stands for each code point: 0x20 for white space and control characters, 0x30 for digits, small letters,
    and the simplified character: traditional text is as good as simplified.
    """
    from curate.algorithms import kernels_quality as kernels

    table = np.arange(0x110000, dtype=np.uint32)
    for first in (0x41, 0xFF21, 0xFF41):
        table[first : first + 26] = np.arange(0x61, 0x61 + 26)
    kinds = kinds_table() & kernels.KIND
    table[kinds == kernels.WHITE] = 0x20
    table[:0x20] = table[0x7F:0xA0] = 0x20
    for first in (0x30, 0xFF10):
        table[first : first + 10] = 0x30
    old = changed_alone("t2s")
    for letter, new in zip(old, converter("t2s").convert("\n".join(old)).split("\n"), strict=True):
        if len(new) == 1:
            table[ord(letter)] = ord(new)
    return table


def _trigrams(texts: Iterable[pl.Series]) -> Iterator[U64]:
    from curate.algorithms import kernels_quality as kernels

    for column in texts:
        sizes = column.str.len_bytes().fill_null(0).cum_sum()
        for _, part in column.to_frame("text").group_by(sizes // BATCH, maintain_order=True):
            data, offsets = utf8(part["text"])
            out = np.empty(int(offsets[-1] - offsets[0]), np.uint64)
            yield out[: kernels.trigrams(data, offsets, fold_table(), out)]


def _summed(keys: U64, counts: I64) -> tuple[U64, I64]:
    """The counts of equal keys added up; ascending."""
    order = np.argsort(keys, kind="stable")
    keys, counts = keys[order], counts[order]
    starts = (
        np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]]))
        if len(keys)
        else np.empty(0, np.int64)
    )
    return keys[starts], np.add.reduceat(counts, starts) if len(keys) else counts


def _commonest(keys: U64, counts: I64, most: int, least: int) -> tuple[U64, I64]:
    """Those seen at least so often that at most ``most`` are left."""
    if len(counts) > most:
        least = max(least, int(np.partition(counts, len(counts) - most - 1)[len(counts) - most - 1]) + 1)
    return keys[counts >= least], counts[counts >= least]


def _within(codes: U64, known: U64) -> U64:
    """Folded code points, those outside the vocabulary as one of the three rare numbers; 0 stays."""
    place = np.minimum(np.searchsorted(known, codes), max(len(known) - 1, 0))
    inside = known[place] == codes if len(known) else np.zeros(len(codes), bool)
    found: U64 = np.where(inside | (codes == 0), codes, _rare()[codes]).astype(np.uint64)
    return found


@cache
def _rare() -> U64:
    """Which of the rare numbers a code point is."""
    from curate.algorithms import kernels_quality as kernels

    kinds = kinds_table() & kernels.KIND
    rare = np.full(0x110000, RARE_LETTER, np.uint64)
    rare[kinds == kernels.SIGN] = RARE_SIGN
    for first, last in HAN:
        rare[first : last + 1] = RARE_HAN
    return rare


def _number(codes: U64, known: U64) -> I64:
    """The numbers of what ``_within`` gives: a code point's place in the vocabulary, or itself below ``FIRST``."""
    return np.where(codes < FIRST, codes, np.searchsorted(known, codes) + FIRST).astype(np.int64)


def _numbers(fold: npt.NDArray[np.uint32], known: U64) -> npt.NDArray[np.uint16]:
    """The number of every code point."""
    return _number(_within(fold.astype(np.uint64), known), known).astype(np.uint16)


def _key(first: I64, last: I64) -> U64:
    return first.astype(np.uint64) << np.uint64(13) | last.astype(np.uint64)


def _told(
    times: I64, kept: npt.NDArray[Any], kinds: I64, shorter: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """Witten and Bell's estimate."""
    found: npt.NDArray[np.float64] = (times + kinds * shorter) / (kept + kinds)
    return found


def _looked_up(
    keys: U64, values: npt.NDArray[np.float64], wanted: U64, otherwise: float | npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    """The values of ``wanted`` among sorted keys."""
    if not len(keys):
        return np.broadcast_to(otherwise, wanted.shape).astype(np.float64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, values[place], otherwise)


def _hashed(keys: U64, *told: npt.NDArray[np.float64]) -> U64:
    """An open table, at most half full, of keys and the bits of their probabilities, the first in the highest place."""
    from curate.algorithms import kernels_quality as kernels

    table = np.zeros(1 << max(4, int(2 * len(keys)).bit_length()), np.uint64)
    values = np.zeros(len(keys), np.uint64)
    for probability in told:
        steps = np.minimum(np.rint(-np.log2(probability) * kernels.STEPS), (1 << kernels.STEP_BITS) - 1)
        values = values << np.uint64(kernels.STEP_BITS) | steps.astype(np.uint64)
    kernels.filled(keys, values, np.uint64(len(told) * kernels.STEP_BITS), table)
    return table


def _sizes(ids: npt.NDArray[np.uint16]) -> F32:
    """Bits that tell which character outside the vocabulary a code point is."""
    bits = np.zeros(len(ids), np.float32)
    for rare in (RARE_HAN, RARE_LETTER):
        own = ids == rare
        members = int(own[:0x40000].sum())  # behind that nothing is assigned but tags and private use
        bits[own] = np.log2(max(members, 1))
    return bits
