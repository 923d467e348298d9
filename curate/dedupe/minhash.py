"""minhash: nearly the same text. LSH finds candidates; exact Jaccard similarity decides."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt
from pydantic import Field, model_validator

from curate.algorithms.minhash import CLASSES, F64, I64, LENGTHS, choose_bands
from curate.algorithms.packed import U64, packed, sorted_unique, unpacked, written
from curate.dedupe.decide import Decision
from curate.dedupe.sign import Signed, Stops, TextStore, band_keys, ranges_of_bands
from curate.engines.local import map_shards
from curate.language import say
from curate.options import problem
from curate.unit import Unit

#: In a bucket of up to this many rows every pair is a candidate; in a larger one each row meets the best rows
#: and its neighbours in order of preference.
FULL_BUCKET, STARS = 32, 8
#: Candidate pairs held before they are compared, and pairs that wait to be merged with them: bound memory to 16
#: bytes a pair.
PAIRS_AT_ONCE, PAIRS_MERGED = 40_000_000, 2_000_000
#: Pairs compared by a thread at once: many, so that a pair of shards has several of them.
PAIRS_A_BLOCK = 100_000


class Minhash(Unit):
    """近似去重：相似度（精确 Jaccard）达到 threshold 的行只留最好的一行。 / Near-duplicates by verified MinHash.

    Similarity is the exact Jaccard similarity of the sets of character shingles (2 characters up to 30, 3 up
    to 200, 5 above) of the normal form. A row is removed only against a row that stays and to which it was
    itself compared, of its corpus or of one that ``across`` names with it. Rows at least ``alike``, measured
    without the shingles of a shared template, are kept but share a group, also across corpora; the split does
    not separate a group.
    """

    version: ClassVar[int] = 2
    libraries: ClassVar = ("datasketch",)
    use: Literal["minhash"] = "minhash"
    threshold: float = Field(0.8, gt=0, le=1)
    """相似度达到多少就算重复（0–1） / rows at least this similar are duplicates (Jaccard, 0-1)"""
    alike: float = Field(0.5, gt=0, le=1)
    """相似度达到多少就分在同一组，不拆到训练集和测试集两边 / rows at least this similar stay in one split"""

    @model_validator(mode="after")
    def _in_order(self) -> Minhash:
        if self.alike > self.threshold:
            raise problem(
                say("alike 不能大于 threshold", "alike must not be greater than threshold"),
                say("例如 threshold: 0.8, alike: 0.5", "for example threshold: 0.8, alike: 0.5"),
            )
        return self

    @property
    def bands(self) -> tuple[int, int]:
        return choose_bands(self.alike)

    def decide(self, decision: Decision, signed: list[Signed], stops: Stops) -> tuple[Edges, dict[str, int]]:
        """Remove rows, and tell which belong together; returns every pair at least ``alike``, and figures."""
        found, figures = similar_pairs(decision, signed, stops, self.bands, self.alike)
        comparable = decision.comparable(found.better, found.worse)
        gone = comparable & (found.full >= self.threshold)
        decision.remove(found.better[gone], found.worse[gone], found.full[gone], "near_duplicate")
        together = found.distinct >= self.alike
        decision.links.append((found.better[together], found.worse[together]))
        return found.with_comparable(comparable), figures


@dataclass(frozen=True)
class Edges:
    """Compared pairs of rows: two ranks, Jaccard similarity with all shingles and without those of templates,
    and whether the worse may be removed because of the better.
    """

    better: I64
    worse: I64
    full: F64
    distinct: F64
    comparable: npt.NDArray[np.bool_] | None = None

    def with_comparable(self, comparable: npt.NDArray[np.bool_]) -> Edges:
        return Edges(self.better, self.worse, self.full, self.distinct, comparable)

    @classmethod
    def joined(cls, parts: list[Edges]) -> Edges:
        """All of them, each pair once, in order."""
        better, worse, full, distinct = (
            np.concatenate([np.zeros(0, kind), *(getattr(part, name) for part in parts)])
            for name, kind in (
                ("better", np.int64),
                ("worse", np.int64),
                ("full", float),
                ("distinct", float),
            )
        )
        _, first = np.unique(better << 32 | worse, return_index=True)
        return cls(better[first], worse[first], full[first], distinct[first])


def similar_pairs(
    decision: Decision, signed: list[Signed], stops: Stops, bands: tuple[int, int], least: float
) -> tuple[Edges, dict[str, int]]:
    """The pairs of rows still there that share a band and are at least ``least`` similar, in either way."""
    store = TextStore(signed)
    lengths = np.concatenate([corpus.about["length"].to_numpy() for corpus in signed]).astype(np.int64)
    lengths = lengths[decision.position]
    edges, compared = [], 0
    for n in LENGTHS:
        for pairs in candidates(decision, signed, lengths, n, bands[0]):
            compared += len(pairs)
            verify = partial(_verify, decision=decision, store=store, n=n, stops=stops, least=least)
            edges += list(map_shards(verify, _blocks(pairs)))
    return Edges.joined(edges), {"compared": compared}


def candidates(decision: Decision, signed: list[Signed], lengths: I64, n: int, bands: int) -> Iterator[U64]:
    """Pairs (packed ``better << 32 | worse``) that share a band and whose shorter text this n measures."""
    least, most = next((least, most) for size, least, most in CLASSES if size == n)
    stays = decision.stays
    pairs: U64 = np.empty(0, np.uint64)
    waiting: list[U64] = [pairs]
    for more, some in product((False, True), ranges_of_bands(signed, bands)):
        rows, keys = band_keys(signed, n, some, more)
        ranks = decision.rank[rows]
        here = stays[ranks]
        if here.sum() < 2:
            continue
        for found in map_shards(
            partial(_pairs_of_band, ranks=ranks[here]), (column[here] for column in keys)
        ):
            better, worse = unpacked(found)
            shorter = np.minimum(lengths[better], lengths[worse])
            waiting.append(found[(shorter >= least) & (shorter <= most)])
            # most pairs share several bands; merging when as much came anew keeps the sorting linear
            if sum(map(len, waiting)) > max(len(pairs), PAIRS_MERGED):
                pairs, waiting = sorted_unique(np.concatenate([pairs, *waiting])), []
            if len(pairs) > PAIRS_AT_ONCE:
                yield pairs
                pairs = pairs[:0]
    yield sorted_unique(np.concatenate([pairs, *waiting]))


def _pairs_of_band(keys: npt.NDArray[np.uint32], ranks: I64) -> U64:
    from curate.algorithms import kernels

    rows = np.sort(packed(keys, ranks))
    return sorted_unique(
        written(lambda out: kernels.paired(rows, FULL_BUCKET, STARS, out), room=2 * len(rows) + 64)
    )


def _blocks(pairs: U64) -> Iterator[U64]:
    for start in range(0, len(pairs), PAIRS_A_BLOCK):
        yield pairs[start : start + PAIRS_A_BLOCK]


def _verify(pairs: U64, decision: Decision, store: TextStore, n: int, stops: Stops, least: float) -> Edges:
    """The pairs that are at least ``least`` similar, by their texts."""
    better, worse = unpacked(pairs)
    full, distinct = store.jaccard(decision.position[better], decision.position[worse], n, stops[n])
    near = (full >= least) | (distinct >= least)
    return Edges(better[near], worse[near], full[near], distinct[near])
