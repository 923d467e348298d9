"""Looking the rows of a run up in an index."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.minhash import CLASSES, I64, LENGTHS, U32, Bools
from curate.algorithms.packed import U64, packed, sorted_unique, unpacked, written
from curate.dedupe.decide import KNOWN, Decision, Source
from curate.dedupe.index import Index, Segment, identity_of
from curate.dedupe.sign import Signed, Stops, TextStore, band_keys, ranges_of_bands

#: Booleans of the filter in front of a search among the new rows' keys.
FILTER = 1 << 20


@dataclass(frozen=True)
class New:
    """The rows of the run at hand, to be looked up.

    Attributes:
        names: the names that its own segments would have.
    """

    signed: list[Signed]
    stops: Stops
    bands: tuple[int, int]
    names: set[str]

    @cached_property
    def about(self) -> pl.DataFrame:
        return pl.concat([corpus.about for corpus in self.signed]).with_row_index("position")


def look_up(
    index: Index, decision: Decision, new: New, protects: bool, threshold: float, alike: float
) -> pl.DataFrame:
    """The rows still there that are at least ``alike`` one of the index: KNOWN."""
    parts = [pl.DataFrame(schema=KNOWN)]
    for segment in index.segments:
        if segment.folder.name not in new.names:
            parts += _in_segment(segment, decision, new, protects, threshold, alike)
    return pl.concat(parts)


def _in_segment(
    segment: Segment, decision: Decision, new: New, protects: bool, threshold: float, alike: float
) -> Iterator[pl.DataFrame]:
    open_ = segment.apart_from(decision.names)
    if not open_.any():
        return
    corpora = [source.name for source in decision.sources]
    corpus = corpora.index(segment.header["corpus"]) if segment.header["corpus"] in corpora else None
    identity = [] if protects or corpus is None else _identity(segment, decision.sources[corpus])
    pairs = [_same(segment, decision, new, open_, identity)]
    for n in LENGTHS:
        pairs += _alike(segment, decision, new, open_, n, alike)
    found = pl.concat(pairs)
    if not found.height:
        return
    ranks = found["rank"].to_numpy()
    removes = (found["full"].to_numpy() >= threshold) & ~decision.protected(ranks)
    if not protects:
        removes &= _comparable(segment, decision, corpus, found, identity)
    found = found.with_columns(removes=pl.Series(removes))
    # as within a run, rows that are alike by their template only share no group
    found = found.filter(pl.col("removes") | (pl.col("distinct") >= alike))
    rows = segment.rows("row_id", "cluster_id")[found["old"]]
    yield found.select(
        "rank", of=rows["row_id"], similarity="full", cluster_id=rows["cluster_id"], removes="removes"
    ).cast(KNOWN)


def _identity(segment: Segment, source: Source) -> list[str]:
    """The identity columns (id0 …) that the segment and the run's corpus of its name both have."""
    return [name for place in range(len(source.identity)) if (name := f"id{place}") in segment.columns]


def _same(segment: Segment, decision: Decision, new: New, open_: Bools, identity: list[str]) -> pl.DataFrame:
    """rank, old (row of the segment), full, distinct: rows with the same text; of several in the segment the first
    of each ``identity``, as a row of another one must not hide it.
    """
    mine = new.about.with_columns(rank=pl.Series(decision.rank)).filter(
        pl.Series(decision.stays[decision.rank]) & (pl.col("length") > 0)
    )
    text = ["md5_high", "md5_low"]
    old = pl.concat([segment.signed.about, segment.rows("row_id", *identity)], how="horizontal")
    old = old.with_row_index("old").filter(pl.Series(open_))
    first = old.unique([*text, *identity], keep="first", maintain_order=True)
    return mine.join(first, on=text, how="inner").select(
        pl.col("rank").cast(pl.Int64), pl.col("old").cast(pl.Int64), full=pl.lit(1.0), distinct=pl.lit(1.0)
    )


def _alike(
    segment: Segment, decision: Decision, new: New, open_: Bools, n: int, alike: float
) -> Iterator[pl.DataFrame]:
    """rank, old, full, distinct of the pairs that share a band, by their texts."""
    least, most = next((least, most) for size, least, most in CLASSES if size == n)
    pairs: npt.NDArray[np.uint64] = np.empty(0, np.uint64)
    for more, bands in product((False, True), ranges_of_bands([segment.signed], new.bands[0])):
        positions, mine = _new_keys(decision, new, n, bands, more)
        if not positions.size:
            continue
        old, theirs = band_keys([segment.signed], n, bands, more)
        for keys, own in zip(theirs, mine, strict=True):
            place, position = unpacked(_probe(keys, own, positions))
            rows = old[place]
            apart = open_[rows]
            pairs = sorted_unique(np.concatenate([pairs, packed(rows[apart], position[apart])]))
    rows, positions = unpacked(pairs)
    old_lengths = segment.signed.about["length"].to_numpy()[rows].astype(np.int64)
    lengths = new.about["length"].to_numpy()[positions].astype(np.int64)
    shorter = np.minimum(old_lengths, lengths)
    fits = (shorter >= least) & (shorter <= most)
    rows, positions = rows[fits], positions[fits]
    store = TextStore([segment.signed, *new.signed])
    full, distinct = store.jaccard(rows, positions + segment.signed.rows, n, new.stops[n])
    near = (full >= alike) | (distinct >= alike)
    ranks = decision.rank[positions[near]]
    yield pl.DataFrame({"rank": ranks, "old": rows[near], "full": full[near], "distinct": distinct[near]})


def _new_keys(decision: Decision, new: New, n: int, bands: range, more: bool) -> tuple[I64, list[U32]]:
    """Positions of the rows still there that n concerns, and their keys in some bands."""
    rows, columns = band_keys(new.signed, n, bands, more)
    here = decision.stays[decision.rank[rows]]
    return rows[here], [column[here] for column in columns]


def _probe(old: U32, keys: U32, positions: I64) -> U64:
    from curate.algorithms import kernels

    wanted = np.sort(packed(keys, positions))
    return written(
        lambda out: kernels.probed(old, wanted, np.zeros(FILTER, np.bool_), out), room=4 * len(wanted) + 64
    )


def _comparable(
    segment: Segment, decision: Decision, corpus: int | None, found: pl.DataFrame, identity: list[str]
) -> Bools:
    """May the rows go because of the segment's? Those of its corpus, or of one compared with it, unless an identity
    value is there on both sides and different.
    """
    ranks = found["rank"].to_numpy()
    if corpus is None:
        return np.zeros(len(ranks), np.bool_)
    comparable: Bools = decision.part(ranks) == decision.parts[corpus]
    if identity:
        own = decision.corpus[ranks] == corpus
        place = np.where(own, decision.position[ranks] - decision.starts[corpus], 0)
        mine, theirs = identity_of(decision.sources[corpus]), segment.rows(*identity)
        for name in identity:
            differs = mine[name].gather(place) != theirs[name].gather(found["old"])
            comparable &= ~(own & differs.fill_null(False).to_numpy())
    return comparable
