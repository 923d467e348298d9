"""Titles, addresses and texts: compared by their rare words, models and numbers."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.place_names import leading_place
from curate.algorithms.similarity import pairwise, shared_weights, weighted_sets
from curate.algorithms.title_tokens import title_tokens
from curate.dedupe.matching.keys import Keys

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

#: Of each value the rarest tokens are its keys, of those that at most this many values have.
RAREST, RARE = 6, 50
#: A value with fewer rare tokens than this is also found by the pairs of so many of its rarest.
ENOUGH, PAIRED = 2, 4
#: What is missing to 1 is multiplied by this where a model is common; the similarity by these where it is another,
#: and where each title has numbers, a colour or a city of its own.
SAME_MODEL, OTHER_MODEL, OTHER_PLACE = 0.2, 0.6, 0.7
OTHER = {"numbers": 0.6, "colours": 0.85}
#: Titles below this Dice coefficient can't reach a threshold by their spelling: most pairs that share a rare token share
#: nothing else. (Addresses with a slip in each word can.)
LEAST_WORDS = 0.2


def title_values(forms: pl.Series) -> pl.DataFrame:
    size = pl.col("codes").list.eval(pl.element().str.len_chars())
    longest = pl.col("codes").list.get(size.list.arg_max(), null_on_oob=True)
    told = title_tokens(forms).with_columns(
        forms,
        forms.str.replace_all(r"[^\p{L}\p{N}]", "").alias("bare"),
        longest.fill_null("").alias("code"),
        leading_place(forms.str.replace(r"^[\d年届第 ]+", ""))["place"],
    )
    return pl.concat([told, weighted_sets(told["tokens"])], how="horizontal")


def rare_tokens(values: pl.DataFrame) -> list[Keys]:
    """The whole value, the rarest of its tokens, and for values of no rare tokens pairs of their rarest ones.

    In a million titles of one trade no word is rare, but 家具 and 机床 together are.
    """
    told = pl.DataFrame({"place": np.arange(values.height), "key": values["tokens"]}).explode("key")
    often = told.drop_nulls().with_columns(pl.len().over("key").alias("often")).filter(pl.col("often") > 1)
    ranked = often.sort("place", "often", "key").group_by("place", maintain_order=True).head(RAREST)
    rare = ranked.filter(pl.col("often") <= RARE)
    few = ranked.join(rare.group_by("place").len(), on="place", how="left")
    few = few.filter(pl.col("len").fill_null(0) < ENOUGH).select("place", "key")
    few = few.group_by("place", maintain_order=True).head(PAIRED)
    pairs = few.join(few, on="place").filter(pl.col("key") < pl.col("key_right"))
    same = pl.DataFrame({"place": np.arange(values.height), "key": values["form"]})
    return [
        Keys("value", same),
        Keys("rare_tokens", rare.select("place", "key"), rare=RARE),
        Keys(
            "pairs_of_tokens",
            pairs.select("place", pl.concat_str("key", "key_right", separator=" ").alias("key")),
        ),
    ]


def title_pairs(values: pl.DataFrame, left: I64, right: I64) -> F64:
    """Dice coefficient of the weighted tokens, or the share of equal characters where that is higher. A model in common
    lifts it; another model, other numbers, another city or another colour lower it.
    """
    words, within = _words(values, left, right)
    found = np.maximum(_or_spelled(values, left, right, words, LEAST_WORDS), 0.75 * within)
    found = _models(values, left, right, found)
    for name, factor in OTHER.items():
        found *= _disagree(values[name], left, right, factor)
    return found * _places(values, left, right)


def address_pairs(values: pl.DataFrame, left: I64, right: I64) -> F64:
    """As titles; another house number is another address."""
    found = _or_spelled(values, left, right, _words(values, left, right)[0], 0.0)
    return found * _disagree(values["numbers"], left, right, OTHER["numbers"])


def _words(values: pl.DataFrame, left: I64, right: I64) -> tuple[F64, F64]:
    """Dice coefficient, and the share of the smaller set of tokens that the larger has too (0 for a single word, which
    says too little).
    """
    shared, whole = shared_weights(values, left, right)
    several = values["tokens"].list.len().to_numpy() >= 2
    smaller, both = np.minimum(whole[left], whole[right]), whole[left] + whole[right]
    within = np.where(several[left] & several[right], shared / np.maximum(smaller, 1e-12), 0.0)
    return 2 * shared / np.maximum(both, 1e-12), within


def _or_spelled(values: pl.DataFrame, left: I64, right: I64, words: F64, least: float) -> F64:
    """``words``, or its mean with the share of equal characters (of the sorted words, or without any spaces) where that
    is higher. Only pairs with ``words`` of ``least`` are looked at.
    """
    from rapidfuzz.fuzz import ratio, token_sort_ratio

    near = np.flatnonzero(words >= least)
    one, other = left[near], right[near]
    spelled = np.maximum(
        pairwise(token_sort_ratio, values["form"], one, other), pairwise(ratio, values["bare"], one, other)
    )
    found = words.copy()
    found[near] = np.maximum(words[near], (words[near] + spelled) / 2)
    return found


def _models(values: pl.DataFrame, left: I64, right: I64, found: F64) -> F64:
    """A model that both name makes up for most of what is missing; two models are two products. Models that differ in
    the letters behind (DVPFX820LI, DVPFX820P) leave the question open.
    """
    named = values["codes"].list.len().to_numpy() > 0
    both = np.flatnonzero(named[left] & named[right])
    one, other, was = left[both], right[both], found[both]
    same = _common(values["codes"], one, other) | _ends(values["code"], one, other)
    stem = _common(values["stems"], one, other)
    told = found.copy()
    told[both] = np.where(same, 1.0 - (1.0 - was) * SAME_MODEL, np.where(stem, was * 0.95, was * OTHER_MODEL))
    return told


def _ends(codes: pl.Series, left: I64, right: I64) -> npt.NDArray[np.bool_]:
    """Is the longest code of one the end of the other's (ps lx350h, PS-LX350H)?"""
    pairs = pl.DataFrame({"one": codes.gather(left), "other": codes.gather(right)})
    one, other = pl.col("one"), pl.col("other")
    told = ((one.str.ends_with(other)) & (other.str.len_bytes() >= 5) & other.str.contains("[a-z]")) | (
        other.str.ends_with(one) & (one.str.len_bytes() >= 5) & one.str.contains("[a-z]")
    )
    return pairs.select(told).to_series().to_numpy()


def _common(lists: pl.Series, left: I64, right: I64) -> npt.NDArray[np.bool_]:
    pairs = pl.DataFrame({"one": lists.gather(left), "other": lists.gather(right)})
    return pairs.select(pl.col("one").list.set_intersection("other").list.len() > 0).to_series().to_numpy()


def _disagree(lists: pl.Series, left: I64, right: I64, factor: float) -> F64:
    """1 where both lists agree or one is empty; 0.95 where one has more; ``factor`` where each has its own."""
    some = lists.list.len().to_numpy() > 0
    both = np.flatnonzero(some[left] & some[right])
    pairs = pl.DataFrame({"one": lists.gather(left[both]), "other": lists.gather(right[both])})
    one, other = pl.col("one"), pl.col("other")
    told = pairs.select(
        own=(one.list.set_difference(other).list.len() > 0) & (other.list.set_difference(one).list.len() > 0),
        more=one.list.len() != other.list.len(),
    )
    found = np.ones(len(left))
    found[both] = np.where(told["own"].to_numpy(), factor, np.where(told["more"].to_numpy(), 0.95, 1.0))
    return found


def _places(values: pl.DataFrame, left: I64, right: I64) -> F64:
    """上海国际汽车展 and 北京国际汽车展 are two; China as a whole and no place say nothing."""
    place = values["place"].replace("0", "")
    pairs = pl.DataFrame({"one": place.gather(left), "other": place.gather(right)})
    one, other = pl.col("one"), pl.col("other")
    return (
        pairs.select(
            pl.when(one.str.starts_with(other) | other.str.starts_with(one)).then(1.0).otherwise(OTHER_PLACE)
        )
        .to_series()
        .to_numpy()
    )
