"""Vocabulary: what new texts say that the old ones did not, and the words that tell them apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from curate.algorithms.char_model import CharModel
from curate.algorithms.characters import HAN

#: Terms that are named on each side; the rows that they must have at least; how sure (a z-score) they must be.
TERMS, LEAST, SURE = 15, 5, 3.0
#: Terms that are looked at before those that are parts of others are left out.
CANDIDATES = 150
#: Two terms of which the rarer is so often there are parts of one.
TOGETHER = 0.7
#: Characters of grammar: a term with one of them is no word.
GRAMMAR = frozenset("的了着在是和有也就不都与及或被把对为于这那到从很但而其们吗呢吧啊我你他她它之以所个一")
_WORD = r"[A-Za-z][A-Za-z0-9+#.\-]*[A-Za-z0-9+#]"


@dataclass(frozen=True)
class Vocabulary:
    """Shares of all characters and bigrams of some texts that the model's texts do not hold; and the Jensen-Shannon divergence of
    the bigrams' frequencies (bits, 0-1; it grows with fewer texts, so only like numbers of texts compare).
    """

    new_characters: float
    new_bigrams: float
    divergence: float


@dataclass(frozen=True)
class Term:
    """A term and how often it is there; ``z``: how sure it is that it has become more (below 0: less) frequent."""

    term: str
    before: int
    after: int
    z: float


def vocabulary(model: CharModel, of: CharModel) -> Vocabulary:
    """What the texts of ``of`` are beside those of ``model``."""
    return Vocabulary(_unknown(model, of, 1), _unknown(model, of, 2), _divergence(model, of))


def _grams(model: CharModel, order: int) -> pl.DataFrame:
    return model.counts.filter(pl.col("order") == order).select("key", "count")


def _unknown(model: CharModel, of: CharModel, order: int) -> float:
    own = _grams(of, order)
    new = own.join(_grams(model, order), on="key", how="anti")
    return int(new["count"].sum()) / max(int(own["count"].sum()), 1)


def _divergence(one: CharModel, two: CharModel) -> float:
    """Lin 1991."""
    both = (
        _grams(one, 2).join(_grams(two, 2), on="key", how="full", coalesce=True, suffix="_two").fill_null(0)
    )
    p, q = (both[name].to_numpy() / both[name].sum() for name in ("count", "count_two"))
    middle = (p + q) / 2
    parts = (np.where(x > 0, x * np.log2(np.where(x > 0, x, 1) / middle), 0).sum() for x in (p, q))
    return float(min(max(sum(parts) / 2, 0), 1))


def typical_terms(
    before: CharModel, after: CharModel, texts_before: pl.Series, texts_after: pl.Series
) -> tuple[list[Term], list[Term]]:
    """The terms that have become more frequent, and those that have become rarer, the surest first.

    Weighted log-odds with an informative Dirichlet prior (Monroe, Colaresi & Quinn 2008, "Fightin' Words"), of Han bigrams and
    trigrams and of Latin words, each kind among its own. Grams that are parts of one word are shown as that word.
    """
    kinds = [_counted(_grams(before, order), _grams(after, order), order) for order in (2, 3)]
    kinds.append(_latin(texts_before, texts_after))
    told = pl.concat([_log_odds(kind) for kind in kinds if kind.height])
    return _named(told.filter(pl.col("z") >= SURE), "after"), _named(
        told.filter(pl.col("z") <= -SURE), "before"
    )


def _counted(before: pl.DataFrame, after: pl.DataFrame, order: int) -> pl.DataFrame:
    """``term, before, after`` of the grams that are Han characters throughout."""
    both = before.join(after, on="key", how="full", coalesce=True, suffix="_after").fill_null(0)
    parts = [pl.col("key") // 2 ** (21 * place) % 2**21 for place in reversed(range(order))]
    han = [pl.any_horizontal([part.is_between(*limits) for limits in HAN]) for part in parts]
    both = both.filter(pl.all_horizontal(han))
    return both.select(
        "key", pl.col("count").alias("before"), pl.col("count_after").alias("after"), pl.lit(order).alias("order")
    )  # fmt: skip


def _latin(before: pl.Series, after: pl.Series) -> pl.DataFrame:
    """The same of Latin words; they have no key."""

    def words(texts: pl.Series, name: str) -> pl.DataFrame:
        found = texts.str.extract_all(_WORD).explode(empty_as_null=False).drop_nulls().str.to_lowercase()
        return found.alias("term").value_counts(name=name).with_columns(pl.col(name).cast(pl.Int64))

    return (
        words(before, "before")
        .join(words(after, "after"), on="term", how="full", coalesce=True)
        .with_columns(pl.col("before", "after").fill_null(0))
    )


def _log_odds(counts: pl.DataFrame) -> pl.DataFrame:
    """``term, before, after, z``, of terms that are there often enough on one side."""
    both = pl.col("before") + pl.col("after")
    # the prior weighs as much as the smaller side: with less, a word that one side never says would never be sure
    weight = pl.min_horizontal(pl.col("before").sum(), pl.col("after").sum())
    prior = weight * both / both.sum()
    sides = []
    for name in ("after", "before"):
        here = pl.col(name) + prior
        sides.append((here / (pl.col(name).sum() + weight - here)).log())
    spread = (1 / (pl.col("after") + prior) + 1 / (pl.col("before") + prior)).sqrt()
    told = counts.with_columns(z=(sides[0] - sides[1]) / spread)
    told = told.filter(pl.max_horizontal("before", "after") >= LEAST, pl.col("z").abs() >= SURE)
    told = pl.concat([told.bottom_k(CANDIDATES, by="z"), told.top_k(CANDIDATES, by="z")]).unique()
    if "key" in told.columns:
        term = [_characters(key, order) for key, order in told.select("key", "order").iter_rows()]
        told = told.with_columns(pl.Series("term", term, pl.String))
    return told.select("term", "before", "after", "z")


def _characters(key: int, order: int) -> str:
    return "".join(chr(key >> 21 * place & 0x1FFFFF) for place in reversed(range(order)))


def _named(told: pl.DataFrame, side: str) -> list[Term]:
    rows = told.with_columns(pl.col("z").abs().alias("sure")).sort("sure", "term", descending=[True, False])
    terms = [Term(*row) for row in rows.select("term", "before", "after", "z").iter_rows()]
    terms = [one for one in terms if not GRAMMAR & set(one.term)][:CANDIDATES]
    return _whole_words(terms, side)[:TERMS]


def _whole_words(terms: list[Term], side: str) -> list[Term]:
    """Grams of one word as that word: 人工智 and 工智能 are 人工智能, and 智能 is a part of it."""

    def rows(one: Term) -> int:
        return one.after if side == "after" else one.before

    def alike(one: Term, other: Term) -> bool:
        return min(rows(one), rows(other)) >= TOGETHER * max(rows(one), rows(other))

    grown = list(terms)
    for number, one in enumerate(grown):
        left = [other for other in terms if len(other.term) == 3 and other.term not in one.term]
        while len(one.term) >= 3:
            more = next(
                (other for other in left if other.term[:2] == one.term[-2:] and alike(one, other)), None
            )
            if more is None:
                break
            left.remove(more)
            one = Term(
                one.term + more.term[2], min(one.before, more.before), min(one.after, more.after), one.z
            )
        grown[number] = one
    kept: list[Term] = []
    for one in grown:
        inside = [
            other
            for other in grown
            if one.term in other.term and one.term != other.term and alike(one, other)
        ]
        if not inside and one.term not in [other.term for other in kept]:
            kept.append(one)
    return kept
