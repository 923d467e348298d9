"""Rethreshold: what another threshold would remove, from the similarities that a run has kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from curate.algorithms.components import representatives
from curate.dedupe.explain import Decided, Pair, no_pairs, with_texts
from curate.errors import UsageError
from curate.language import say


@dataclass(frozen=True)
class Change:
    """A corpus: its rows, the near-duplicates removed now and then, and the rows that come back or go as well."""

    corpus: str
    rows: int
    now: int
    then: int
    back: int
    more: int


@dataclass(frozen=True)
class Rethreshold:
    """The answer. ``back`` and ``more``: examples, the rows nearest to the new threshold first. ``records``: record
    matching follows and is not counted; ``known``: rows that went because of an index, which are not counted.
    """

    before: float
    threshold: float
    alike: float
    corpora: list[Change]
    back: list[Pair]
    more: list[Pair]
    records: bool
    known: int

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def rethreshold(decided: Decided, threshold: float, examples: int = 3) -> Rethreshold:
    """How the near-duplicates change with another threshold; equals a run of its own (without an index).

    Raises:
        UsageError: the run has no near-duplicates, or did not keep pairs as little similar as that.
    """
    minhash, edges = decided.form.minhash, decided.scan("edges")
    if minhash is None or edges is None:
        raise no_pairs()
    if threshold < minhash.alike:
        raise UsageError(
            say(
                f"这次运行只留下了相似度 {minhash.alike} 以上的对，算不出 {threshold}",
                f"the run kept the pairs from {minhash.alike} up (alike) and cannot tell of {threshold}",
            ),
            say(
                f"把配方里 minhash 的 alike 改成 {threshold} 或更小，再运行一次",
                f"set minhash.alike to {threshold} or less in the recipe and run it again",
            ),
        )
    usable = edges.filter(pl.col("comparable") & (pl.col("similarity") >= min(threshold, minhash.threshold)))
    narrow = usable.select("better_rank", "worse_rank", "similarity").collect()
    now, then = _gone(narrow, minhash.threshold), _gone(narrow, threshold)
    back, more = (one.join(other, on="worse_rank", how="anti") for one, other in ((now, then), (then, now)))
    corpora = usable.select("worse_rank", "corpus").unique("worse_rank").collect()
    counted = [_by_corpus(part, corpora) for part in (now, then, back, more)]
    return Rethreshold(
        minhash.threshold,
        threshold,
        minhash.alike,
        [
            Change(step.corpus, step.rows_in, *(part.get(step.corpus, 0) for part in counted))
            for step in decided.steps
        ],
        _examples(decided, usable, back, examples, highest_first=True),
        _examples(decided, usable, more, examples, highest_first=False),
        bool(decided.form.records),
        _known(decided),
    )


def _known(decided: Decided) -> int:
    """Rows that went because of an index: what protects within a run is of a reference corpus."""
    corpus_of = pl.col("of").str.extract("^([^:]*)")
    outside = (pl.col("reason") == "protected") & ~corpus_of.is_in(sorted(decided.reference))
    known = decided.removed.filter((pl.col("reason") == "seen_before") | outside)
    return int(known.select(pl.len()).collect().item())


def _gone(edges: pl.DataFrame, threshold: float) -> pl.DataFrame:
    """The rows removed at a threshold, by rank: worse_rank, better_rank (what it goes for)."""
    usable = edges.filter(pl.col("similarity") >= threshold)
    better, worse = (usable[name].to_numpy() for name in ("better_rank", "worse_rank"))
    ranks, places = np.unique(np.concatenate([better, worse]), return_inverse=True)
    of = representatives(
        len(ranks), places[: len(better)], places[len(better) :], usable["similarity"].to_numpy()
    )
    gone = np.flatnonzero(of >= 0)
    return pl.DataFrame({"worse_rank": ranks[gone], "better_rank": ranks[of[gone]]})


def _by_corpus(rows: pl.DataFrame, corpora: pl.DataFrame) -> dict[str, int]:
    counted = rows.join(corpora, on="worse_rank").group_by("corpus").len()
    return dict(counted.iter_rows())


def _examples(
    decided: Decided, edges: pl.LazyFrame, rows: pl.DataFrame, number: int, highest_first: bool
) -> list[Pair]:
    """Rows that change, with what they go for: those nearest to the new threshold."""
    told = edges.join(rows.lazy(), on=["worse_rank", "better_rank"], how="semi")
    first = told.sort("similarity", "worse", descending=[highest_first, False]).head(number)
    pairs = first.select("worse", "better", "similarity").collect()
    return with_texts(decided, [Pair(row, of, near, "near_duplicate") for row, of, near in pairs.iter_rows()])
