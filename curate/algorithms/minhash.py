"""MinHash signatures, bands and exact Jaccard similarity, in NumPy over whole columns of texts.

The permutations are datasketch 2's scheme ``affine32``: MurmurHash3's finalizer of a 32-bit shingle hash, then
``a*h + b mod 2**32`` with odd ``a``; the signature is the minimum of each. Reference: A. Broder, *On the
resemblance and containment of documents*, 1997.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

U32 = npt.NDArray[np.uint32]
U64 = npt.NDArray[np.uint64]
I64 = npt.NDArray[np.int64]

#: (shingle length n, least and greatest length of a text that is measured with it, in characters). One changed
#: character in 40 leaves J = .85 at n = 3 but .76 at n = 5, while short shingles make long texts alike.
CLASSES = ((2, 1, 30), (3, 31, 200), (5, 201, 1 << 30))
EMPTY = np.uint32(0xFFFFFFFF)


@dataclass(frozen=True)
class Sets:
    """Sets of 32-bit shingle hashes: ``values[offsets[i]:offsets[i + 1]]`` are those of document i, sorted.

    Two shingles of one document share a hash with a chance of n²/2³³; similarities of sets of hashes equal
    those of the shingles themselves but for that.
    """

    values: U32
    offsets: I64

    @property
    def sizes(self) -> I64:
        return np.diff(self.offsets)

    def without(self, stop: U32, least: float = 0.25) -> Sets:
        """The sets without ``stop``; a set that would keep less than ``least`` of itself stays whole."""
        if not stop.size:
            return self
        owner = np.repeat(np.arange(len(self.sizes)), self.sizes)
        keep = ~np.isin(self.values, stop)
        left = np.bincount(owner[keep], minlength=len(self.sizes))
        keep |= (left < np.maximum(1, least * self.sizes))[owner]
        sizes = np.bincount(owner[keep], minlength=len(self.sizes))
        return Sets(self.values[keep], _offsets(sizes))

    def take(self, documents: I64) -> Sets:
        """The sets of some documents, in the given order."""
        sizes = self.sizes[documents]
        offsets = _offsets(sizes)
        places = np.arange(offsets[-1]) - np.repeat(offsets[:-1] - self.offsets[documents], sizes)
        return Sets(self.values[places], offsets)


def span_of(n: int) -> tuple[int, int]:
    """Least and greatest length of the texts whose sets of n-shingles can be needed.

    A pair is measured with the n of its shorter text; beyond twice its length J is below one half, so every
    text also needs the n of texts half as long. Without this, two copies of 200 and 201 characters would have
    no shingle in common.
    """
    least, most = next((least, most) for size, least, most in CLASSES if size == n)
    return least, 2 * most


def shingle(texts: pl.Series, n: int) -> Sets:
    """The sets of n-character shingles of texts in normal form. A text shorter than n is one shingle; an empty
    text has none, and so is like nothing.
    """
    lengths = texts.str.len_chars().to_numpy().astype(np.int64)
    codes = np.frombuffer("".join(texts.to_list()).encode("utf-32-le"), dtype=np.uint32)
    starts = _offsets(lengths)[:-1]
    counts = np.where(lengths > 0, np.maximum(lengths - n + 1, 1), 0)
    owner = np.repeat(np.arange(len(lengths)), counts)
    place = np.arange(counts.sum()) - np.repeat(_offsets(counts)[:-1] - starts, counts)
    ends = (starts + lengths)[owner]
    value = np.full(len(place), n, dtype=np.uint32)
    for step in range(n):
        inside = place + step < ends  # only a text shorter than n runs out
        letter = np.where(inside, codes[np.minimum(place + step, len(codes) - 1)], np.uint32(0))
        value = _mix(value * np.uint32(0x01000193) ^ letter)
    pairs = sorted_unique(owner.astype(np.uint64) << np.uint64(32) | value)
    sizes = np.bincount((pairs >> np.uint64(32)).astype(np.int64), minlength=len(lengths))
    return Sets(pairs.astype(np.uint32), _offsets(sizes))


def sorted_unique(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """``np.unique`` by sorting: its hashing is four times slower on millions of integers."""
    ordered = np.sort(values)
    first = np.ones(len(ordered), dtype=bool)
    first[1:] = ordered[1:] != ordered[:-1]
    return ordered[first]


def _offsets(sizes: npt.NDArray[Any]) -> I64:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _mix(h: U32) -> U32:
    """MurmurHash3's 32-bit finalizer, a bijection."""
    h = h ^ (h >> np.uint32(16))
    h = h * np.uint32(0x85EBCA6B)
    h = h ^ (h >> np.uint32(13))
    h = h * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))


@cache
def permutations(number: int, seed: int = 1) -> tuple[U32, U32]:
    """Datasketch's own ``a`` and ``b`` of ``affine32`` for this seed."""
    from datasketch import MinHash

    a, b = MinHash(num_perm=number, seed=seed, scheme="affine32").permutations
    return np.asarray(a, np.uint32), np.asarray(b, np.uint32)


def signatures(sets: Sets, number: int = 128) -> U32:
    """One row a document, one column a permutation; an empty set gives a row of ``EMPTY``."""
    a, b = permutations(number)
    result = np.full((len(sets.sizes), number), EMPTY, dtype=np.uint32)
    filled = np.flatnonzero(sets.sizes)
    if not filled.size:
        return result
    starts = sets.offsets[filled]
    mixed = _mix(sets.values)
    for column in range(number):
        result[filled, column] = np.minimum.reduceat(mixed * a[column] + b[column], starts)
    return result


def band_keys(signature: U32, bands: int, rows: int) -> U64:
    """One 64-bit key a band (documents x bands): equal rows of a band have equal keys."""
    keys = np.empty((len(signature), bands), dtype=np.uint64)
    for band in range(bands):
        key = np.full(len(signature), np.uint64(0x9E3779B97F4A7C15) + np.uint64(band), dtype=np.uint64)
        for column in range(band * rows, (band + 1) * rows):
            key = (key ^ signature[:, column]) * np.uint64(0xFF51AFD7ED558CCD)
            key ^= key >> np.uint64(32)
        keys[:, band] = key
    return keys


def choose_bands(threshold: float, number: int = 128, recall: float = 0.85) -> tuple[int, int]:
    """(bands, rows) with the most rows a band, so the fewest candidates, that still finds a pair at
    ``threshold`` with a chance of ``recall``: 1 - (1 - J^rows)^bands. Every candidate is verified, so the
    choice is made for recall.
    """
    for rows in range(16, 1, -1):
        bands = number // rows
        if 1 - (1 - threshold**rows) ** bands >= recall:
            return bands, rows
    return number // 2, 2


def jaccard(sets: Sets, left: I64, right: I64, block: int = 1 << 22) -> npt.NDArray[np.float64]:
    """Exact Jaccard similarity of pairs of documents; 0 where one of the two is empty.

    Args:
        block: shingles compared at once, which bounds memory.
    """
    result = np.zeros(len(left))
    sizes = sets.sizes
    weight = np.cumsum(sizes[left] + sizes[right])
    cuts: Iterable[int] = (
        np.searchsorted(weight, np.arange(block, weight[-1] + block, block)) if len(left) else []
    )
    start = 0
    for cut in cuts:
        end = min(int(cut) + 1, len(left))
        if end > start:
            result[start:end] = _jaccard(sets.take(left[start:end]), sets.take(right[start:end]))
        start = end
    return result


def _jaccard(left: Sets, right: Sets) -> npt.NDArray[np.float64]:
    pairs = len(left.sizes)
    keys = [
        np.repeat(np.arange(pairs, dtype=np.uint64), side.sizes) << np.uint64(32) | side.values
        for side in (left, right)
    ]
    merged = np.sort(np.concatenate(keys))
    shared = merged[1:][merged[1:] == merged[:-1]] >> np.uint64(32)
    both = np.bincount(shared.astype(np.int64), minlength=pairs)
    either = left.sizes + right.sizes - both
    similarity: npt.NDArray[np.float64] = np.divide(both, either, out=np.zeros(pairs), where=either > 0)
    return similarity
