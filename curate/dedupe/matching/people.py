"""What people said of pairs of rows: those they call the same are one, those they call different stay apart.

People's word stands above every score. Rows that they call the same count as one row from then on: what is like one of them
is like all of them, or a copy that was merged into one would come back when that one goes. Rows that they call
different are in no group together, not even by way of a third.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.components import components

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

#: What people were asked: row numbers with ``left < right``, each pair once; ``same`` is null where they left it open.
TOLD = pl.Schema({"left": pl.Int64, "right": pl.Int64, "same": pl.Boolean})
#: ``why`` of a row that goes because people said so
BY_PEOPLE = "people"


@dataclass(frozen=True)
class People:
    """What follows from what people said.

    Attributes:
        of: for each row the best of those that are the same by people's word, mostly itself.
        apart: the pairs that are different, by these best rows; two columns.
        contradictions: rows that people call the same in a chain, and two of them different. ``different`` holds;
            who of the chain belongs together stays open, so that none of it is merged by people's word.
    """

    of: I64
    apart: I64
    contradictions: list[list[int]]

    @classmethod
    def following(cls, number: int, told: pl.DataFrame) -> People:
        """Args: number: of all rows; told: ``TOLD``."""
        same, different = (
            told.filter(pl.col("same") == wanted).select("left", "right").to_numpy().reshape(-1, 2)
            for wanted in (True, False)
        )
        rows = np.arange(number)
        if not len(same):
            return cls(rows, different, [])
        label = components(number, same[:, 0], same[:, 1])
        at_odds = label[different[:, 0]] == label[different[:, 1]]
        broken = np.unique(label[different[at_odds, 0]])
        best = np.full(number, number, dtype=np.int64)
        np.minimum.at(best, label, rows)
        of = np.where(np.isin(label, broken), rows, best[label])
        return cls(of, of[different], [np.flatnonzero(label == chain).tolist() for chain in broken])

    @property
    def merged(self) -> I64:
        """The rows that go because people said so."""
        return np.flatnonzero(self.of != np.arange(len(self.of)))

    def carried(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """``pairs`` (left, right, score …) between the best rows; of several the likest."""
        if not len(self.merged):
            return pairs
        left, right = (self.of[pairs[side].to_numpy()] for side in ("left", "right"))
        moved = pairs.with_columns(left=np.minimum(left, right), right=np.maximum(left, right))
        ordered = moved.filter(pl.col("left") != pl.col("right")).sort(
            ["left", "right", "score"], descending=[False, False, True], maintain_order=True
        )
        return ordered.unique(["left", "right"], keep="first", maintain_order=True)

    def parted(self, of: I64, better: I64, worse: I64, likeness: F64) -> npt.NDArray[np.bool_]:
        """Pairs that bring rows together that are different: of two rows that end in one group, the pair of the one that
        is less like it.
        """
        bad = np.zeros(len(better), dtype=bool)
        concerned = np.flatnonzero((of[worse] == better) & np.isin(worse, self.apart))
        way = dict(zip(worse[concerned].tolist(), concerned.tolist(), strict=True))
        end = np.where(of >= 0, of, np.arange(len(of)))
        for one, other in self.apart[end[self.apart[:, 0]] == end[self.apart[:, 1]]].tolist():
            ways = [way[row] for row in (one, other) if row in way]
            bad[min(ways, key=lambda at: (likeness[at], -worse[at]))] = True
        return bad

    def spread(self, of: I64) -> I64:
        """For each row the row it goes for, or -1: from ``of`` the best ones, of all."""
        rows = np.arange(len(of))
        end = np.where(of >= 0, of, rows)[self.of]
        return np.where(end == rows, -1, end)
