"""What the methods of dedupe share: all rows, narrow, and what has been decided about them.

Rows go by their rank: 0 is the one that is kept before all others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.components import representatives
from curate.algorithms.minhash import F64, I64, Bools
from curate.rows import Table

#: ``Decision.known``
KNOWN = pl.Schema(
    {
        "rank": pl.Int64,
        "of": pl.String,
        "similarity": pl.Float64,
        "cluster_id": pl.String,
        "removes": pl.Boolean,
    }
)
#: why a row goes, by number
REASONS = ("older_version", "exact_duplicate", "near_duplicate", "same_entity", "protected", "seen_before")


@dataclass(frozen=True)
class Source:
    """A corpus as dedupe sees it. ``key`` is the cache key of its table."""

    table: Table
    key: str
    columns: tuple[str, ...] = ()  #: the declared key columns
    identity: tuple[str, ...] = ()  #: rows that differ in one of these are never duplicates
    derived_text: str | None = None  #: what ``text`` is made of, where it is made of other columns
    protected: bool = False  #: its rows stay, and rows of other corpora that repeat them go

    @property
    def name(self) -> str:
        return self.table.corpus


@dataclass
class Decision:
    """All rows of all corpora, narrow, and what has been decided about them. Arrays go by rank.

    Attributes:
        position: the row's number in the order of the files.
        corpus: the number of its corpus.
        parts: of each corpus the number of its part: rows of one part may be copies of each other.
        of: the row that it was removed against, or -1; ``similarity`` and ``reason`` belong to it.
        notes: ranks of removed rows, and a detail of each.
        copies: how many rows it stands for.
        links: pairs of rows that belong together without one of them being removed.
        known: rows of an index that rows were found to be alike: rank, of (row_id), similarity, cluster_id,
            removes (the row goes because of it).
    """

    sources: list[Source]
    position: I64
    corpus: I64
    parts: I64
    identity: list[tuple[Bools, npt.NDArray[np.uint64]]]
    copies: I64
    of: I64
    similarity: F64
    reason: npt.NDArray[np.int8]
    notes: list[tuple[I64, pl.Series]] = field(default_factory=list)
    links: list[tuple[I64, I64]] = field(default_factory=list)
    known: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KNOWN))

    @property
    def rows(self) -> int:
        return len(self.position)

    @cached_property
    def rank(self) -> I64:
        """The rank of each position."""
        rank = np.empty(self.rows, np.int64)
        rank[self.position] = np.arange(self.rows)
        return rank

    @cached_property
    def names(self) -> pl.Series:
        """The row_ids, by rank."""
        names = pl.concat([source.table.narrow(["row_id"]) for source in self.sources])["row_id"]
        return names.gather(self.position)

    @cached_property
    def starts(self) -> I64:
        """The position of each corpus's first row, and behind them the number of all rows."""
        return np.cumsum([0, *(source.table.rows for source in self.sources)])

    def part(self, ranks: I64) -> I64:
        """The number of each row's part."""
        return self.parts[self.corpus[ranks]]

    @property
    def stays(self) -> Bools:
        """Not removed so far."""
        found: Bools = self.reason < 0
        return found

    def protected(self, ranks: I64) -> Bools:
        marks: Bools = np.array([source.protected for source in self.sources], dtype=bool)
        return marks[self.corpus[ranks]]

    def comparable(self, better: I64, worse: I64) -> Bools:
        """May the worse row go because of the better one? A protected row never does."""
        shield, shielded = self.protected(better), self.protected(worse)
        same = (self.part(better) == self.part(worse)) & self.same_identity(better, worse)
        found: Bools = ~shielded & (shield | same)
        return found

    def same_identity(self, left: I64, right: I64) -> Bools:
        """Is no identity value there on both sides and different?"""
        same: Bools = np.ones(len(left), dtype=bool)
        for known, value in self.identity:
            same = same & ~(known[left] & known[right] & (value[left] != value[right]))
        return same

    def remove(self, better: I64, worse: I64, similarity: F64, reason: str) -> None:
        """Remove rows by pairs of comparable rows that stay so far; see ``components.representatives``."""
        of = representatives(self.rows, better, worse, similarity)
        gone = np.flatnonzero(of >= 0)
        # of the pairs the one that decided: the most similar to the row named
        matched = of[worse] == better
        self.similarity[worse[matched]] = similarity[matched]
        self.of[gone] = of[gone]
        shielded = self.protected(of[gone]) & ~self.protected(gone)
        self.reason[gone] = np.where(shielded, REASONS.index("protected"), REASONS.index(reason))
        np.add.at(self.copies, of[gone], np.where(shielded, 0, self.copies[gone]))
        self.links.append((better, worse))

    def remove_known(self, found: pl.DataFrame, reason: str) -> None:
        """Remove rows that repeat a row of an index: KNOWN."""
        gone = found.filter("removes").sort("similarity", "of", descending=[False, True])
        ranks = gone["rank"].to_numpy()
        self.reason[ranks] = REASONS.index(reason)
        # of several the last one written, the greatest
        self.similarity[ranks] = gone["similarity"].to_numpy()
        self.known = pl.concat([self.known, found])


def verdicts_of(folder: Path, corpus: str) -> Path:
    """The file of what becomes of a corpus's rows, in the folder of the decision."""
    return folder / "verdicts" / f"{corpus}.parquet"
