"""MinHash signatures, bands and exact Jaccard similarity of texts, by compiled code over Arrow's buffers.

The permutations are datasketch 2's scheme ``affine32``: MurmurHash3's finalizer of a 32-bit shingle hash, then
``a*h + b mod 2**32`` with odd ``a``; the signature is the minimum of each. Reference: A. Broder, *On the
resemblance and containment of documents*, 1997.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.text import utf8

U32 = npt.NDArray[np.uint32]
I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: (shingle length n, least and greatest length of a text that is measured with it, in characters). One changed
#: character in 40 leaves J = .85 at n = 3 but .76 at n = 5, while short shingles make long texts alike.
CLASSES = ((2, 1, 30), (3, 31, 200), (5, 201, 1 << 30))
LENGTHS = tuple(n for n, _, _ in CLASSES)
#: Sets of fewer shingles are like nothing: 哈哈 and 哈哈哈 have one shingle each, the same.
LEAST_SHINGLES = 5
PERMUTATIONS = 128
#: Documents signed at once: bounds the signatures in memory to 4 MiB a thread.
BLOCK = 8192
#: Names the way from a text to its band keys in files: raise it when that gives other keys.
ALGORITHM = "affine32 over 64-bit character hashes; 1"
NO_STOPS = np.zeros(0, np.uint32)


@dataclass(frozen=True)
class Sets:
    """Sets of 32-bit shingle hashes: ``values[offsets[i]:offsets[i + 1]]`` are those of document i, each once.

    Two shingles of one document share a hash with a chance of n²/2³³; similarities of sets of hashes equal those
    of the shingles themselves but for that.
    """

    values: U32
    offsets: I64


def span_of(n: int) -> tuple[int, int]:
    """Least and greatest length of the texts whose sets of n-shingles can be needed.

    A pair is measured with the n of its shorter text; beyond twice its length J is below one half, so every
    text also needs the n of texts half as long. Without this, two copies of 200 and 201 characters would have
    no shingle in common.
    """
    least, most = next((least, most) for size, least, most in CLASSES if size == n)
    return least, 2 * most


@cache
def permutations(number: int = PERMUTATIONS, seed: int = 1) -> tuple[U32, U32]:
    """Datasketch's own ``a`` and ``b`` of ``affine32`` for this seed."""
    from datasketch import MinHash

    a, b = MinHash(num_perm=number, seed=seed, scheme="affine32").permutations
    return np.asarray(a, np.uint32), np.asarray(b, np.uint32)


class Texts:
    """Texts in normal form, as Arrow's buffers, to be shingled.

    Args:
        data, offsets: as ``text.utf8`` gives them.
    """

    def __init__(self, data: npt.NDArray[np.uint8], offsets: I64) -> None:
        self.data, self.offsets = data, offsets

    @classmethod
    def of(cls, texts: pl.Series) -> Texts:
        return cls(*utf8(texts))

    def _all(self) -> I64:
        return np.arange(len(self.offsets) - 1)

    def signatures(
        self, n: int, rows: I64, stops: U32 = NO_STOPS, number: int = PERMUTATIONS, seed: int = 1
    ) -> tuple[U32, Bools]:
        """(rows x number) minima, all ones for an empty text; and whether the text lost a quarter or more of its
        shingles.

        Args:
            stops: sorted hashes of shingles that do not count, unless they are over three quarters of a text.
        """
        from curate.algorithms import kernels

        found, templated = np.empty((len(rows), number), np.uint32), np.empty(len(rows), np.bool_)
        a, b = permutations(number, seed)
        known, salts = _low_bits(stops), kernels.SALTS
        kernels.signed(self.data, self.offsets, rows, n, salts, a, b, stops, known, found, templated)
        return found, templated

    def band_keys(
        self, n: int, rows: I64, stops: U32, bands: tuple[int, int], seed: int = 1
    ) -> tuple[U32, Bools]:
        """(bands x rows) keys: two texts with equal rows of a band's signature have equal keys there; and what
        ``signatures`` says of each text.
        """
        from curate.algorithms import kernels

        keys, templated = np.empty((len(rows), bands[0]), np.uint32), np.empty(len(rows), np.bool_)
        for start in range(0, len(rows), BLOCK):
            block = slice(start, start + BLOCK)
            found, templated[block] = self.signatures(n, rows[block], stops, seed=seed)
            kernels.banded(found, bands[1], keys[block])
        return np.ascontiguousarray(keys.T), templated

    def sets(self, n: int) -> Sets:
        """The sets of n-character shingles. A text shorter than n is one shingle; an empty text has none."""
        from curate.algorithms import kernels

        values = np.empty(int(self.offsets[-1] - self.offsets[0]) + 1, np.uint32)
        ends = np.zeros(len(self.offsets), np.int64)
        size = kernels.shingled(self.data, self.offsets, n, kernels.SALTS, values, ends[1:])
        return Sets(values[:size], ends)

    def strings(self, rows: I64) -> list[str]:
        """Some of the texts themselves."""
        return [bytes(self.data[self.offsets[row] : self.offsets[row + 1]]).decode() for row in rows]


def warm() -> None:
    """Compile what dedupe needs, or read it from Numba's cache: four seconds the first time on a machine."""
    from curate.algorithms import kernels
    from curate.algorithms.text import normal_forms

    texts = Texts.of(normal_forms(pl.Series(["一二三四五六七八"])))
    rows = texts._all()
    texts.band_keys(2, rows, NO_STOPS, (32, 4))
    texts.sets(2)
    jaccard(texts, rows, texts, rows, 2, NO_STOPS)
    kernels.paired(np.zeros(1, np.uint64), 1, 1, np.zeros(1, np.uint64))


def signatures_of(texts: pl.Series, n: int, number: int = PERMUTATIONS) -> U32:
    """MinHash signatures (documents x number) of texts in normal form, by their n-character shingles."""
    whole = Texts.of(texts)
    return whole.signatures(n, whole._all(), number=number)[0]


def _low_bits(stops: U32) -> Bools:
    known = np.zeros(1 << 16, np.bool_)
    known[stops & np.uint32(0xFFFF)] = True
    return known


def choose_bands(threshold: float, number: int = PERMUTATIONS, recall: float = 0.85) -> tuple[int, int]:
    """(bands, rows) with the most rows a band, so the fewest candidates, that still finds a pair at
    ``threshold`` with a chance of ``recall``: 1 - (1 - J^rows)^bands. Every candidate is verified, so the
    choice is made for recall.
    """
    for rows in range(16, 1, -1):
        bands = number // rows
        if 1 - (1 - threshold**rows) ** bands >= recall:
            return bands, rows
    return number // 2, 2


def jaccard(one: Texts, left: I64, other: Texts, right: I64, n: int, stops: U32) -> tuple[F64, F64]:
    """Exact Jaccard similarity of pairs of texts, row ``left`` of ``one`` and row ``right`` of ``other``: with all
    n-character shingles, and without the stop shingles.

    0 where one of the two has fewer than ``LEAST_SHINGLES`` shingles.
    """
    from curate.algorithms import kernels

    full, distinct = np.empty(len(left)), np.empty(len(left))
    columns = (one.data, one.offsets, left, other.data, other.offsets, right)
    known, salts = _low_bits(stops), kernels.SALTS
    kernels.compared(*columns, n, salts, stops, known, LEAST_SHINGLES, full, distinct)
    return full, distinct
