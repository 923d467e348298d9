"""What people were asked about pairs of records, from row_ids to the rows that matching looks at."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from curate.algorithms.minhash import I64
from curate.dedupe.decide import Decision
from curate.dedupe.matching import TOLD as PLACES

#: Pairs of rows of a corpus, by row_id, that people were asked about. ``same``: what they said; null where they left it open or
#: are not done.
TOLD = pl.Schema({"corpus": pl.String, "left": pl.String, "right": pl.String, "same": pl.Boolean})


@dataclass(frozen=True)
class Asked:
    """The pairs of one corpus whose rows are both there.

    Attributes:
        pairs: left, right (row_ids), same, one, other (places among the rows that are matched; null where a row or
            what stands for it is not among them).
        gone: how many pairs were left out, because a row is no longer there.
    """

    pairs: pl.DataFrame
    gone: int

    @classmethod
    def of(cls, told: pl.DataFrame, decision: Decision, number: int, ranks: I64) -> Asked:
        """Args: ranks: of the rows of corpus ``number`` that are matched, ascending."""
        name = decision.sources[number].name
        mine = told.filter(pl.col("corpus") == name).select("left", "right", "same").unique()
        known = np.flatnonzero(decision.corpus == number)
        rows = pl.DataFrame({"id": decision.names.gather(known), "place": _places(decision, known, ranks)})
        found = mine.join(rows.rename({"id": "left", "place": "one"}), on="left").join(
            rows.rename({"id": "right", "place": "other"}), on="right"
        )
        return cls(found.sort("left", "right", "same"), mine.height - found.height)

    @property
    def places(self) -> pl.DataFrame:
        """``matching.TOLD``. A pair that people called both, by several names, is different."""
        ends = self.pairs.drop_nulls(["one", "other"]).filter(pl.col("one") != pl.col("other"))
        pairs = ends.select(
            pl.min_horizontal("one", "other").alias("left"),
            pl.max_horizontal("one", "other").alias("right"),
            "same",
        )
        return pairs.group_by("left", "right").agg(pl.col("same").min()).sort("left", "right").cast(PLACES)

    @property
    def contradictions(self) -> list[list[str]]:
        """Pairs that people called the same and different, and pairs called different that are copies of one row."""
        ends = pl.min_horizontal("one", "other"), pl.max_horizontal("one", "other")
        both = (pl.col("same").n_unique().over(ends) > 1) & pl.col("same").is_not_null()
        one_row = (pl.col("one") == pl.col("other")) & ~pl.col("same")
        decided = self.pairs.drop_nulls()
        return [
            list(row)
            for row in decided.filter(both | one_row)
            .select("left", "right")
            .unique()
            .sort("left", "right")
            .rows()
        ]

    def scored(self, scores: pl.DataFrame) -> pl.DataFrame:
        """left, right, score, why, same.

        Args:
            scores: left, right (places), score, why.
        """
        ends = self.pairs.with_columns(
            low=pl.min_horizontal("one", "other"), high=pl.max_horizontal("one", "other")
        )
        joined = ends.join(
            scores, left_on=["low", "high"], right_on=["left", "right"], how="left", maintain_order="left"
        )
        return joined.select("left", "right", "score", "why", "same")


def _places(decision: Decision, known: I64, ranks: I64) -> pl.Series:
    """For each row its place among ``ranks``, or that of the row that it is a copy of."""
    ends = known
    while (decision.of[ends] >= 0).any():
        ends = np.where(decision.of[ends] >= 0, decision.of[ends], ends)
    places = np.searchsorted(ranks, ends)
    there = (places < len(ranks)) & (np.append(ranks, -1)[places] == ends)
    return pl.Series(places.astype(np.int64)).set(pl.Series(~there), None)
