"""exact: the same text."""

from __future__ import annotations

from typing import Literal

import numpy as np
import polars as pl

from curate.dedupe.decide import Decision
from curate.dedupe.same_key import stars
from curate.dedupe.sign import Signed
from curate.unit import Unit


class Exact(Unit):
    """正文（去掉标点、空白，统一大小写和全半角后）完全相同的行只留一行。 / Of rows with the same normalised text one stays.

    The texts are compared by the MD5 of their normal form (``algorithms.text.normal_form``), within one corpus
    and those that ``across`` names with it. An empty text is like no other.
    """

    use: Literal["exact"] = "exact"

    def decide(self, decision: Decision, signed: list[Signed]) -> None:
        """Remove all but the best of the rows with one text."""
        texts = pl.concat([corpus.about for corpus in signed])
        rows = texts.with_columns(
            pl.Series("rank", decision.rank), pl.Series("stays", decision.stays[decision.rank])
        )
        rows = rows.filter((pl.col("length") > 0) & pl.col("stays")).drop("length", "stays")
        rows = rows.filter(pl.len().over("md5_low") > 1)  # the rest need no look at what sets them apart
        ranks = rows["rank"].to_numpy()
        shielded = decision.protected(ranks)
        if shielded.any():
            better, worse = stars(rows)
            apart = decision.protected(better) & ~decision.protected(worse)
            decision.remove(better[apart], worse[apart], np.ones(int(apart.sum())), "exact_duplicate")
        still = rows.filter(pl.Series(decision.stays[ranks] & ~shielded))
        ranks = still["rank"].to_numpy()
        # an empty identity value counts as a value of its own here: it must not bridge two that differ
        identity = {
            f"id{place}{side}": values[ranks]
            for place, pair in enumerate(decision.identity)
            for side, values in zip("kv", pair, strict=True)
        }
        better, worse = stars(
            still.with_columns(
                part=pl.Series(decision.part(ranks)),
                **{name: pl.Series(value) for name, value in identity.items()},
            )
        )
        decision.remove(better, worse, np.ones(len(worse)), "exact_duplicate")
