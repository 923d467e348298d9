"""Similarities of many pairs of strings at once, 0..1."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


def pairwise(scorer: Callable[..., Any], values: pl.Series, left: I64, right: I64) -> F64:
    """``scorer`` of rapidfuzz for the pairs ``values[left]``, ``values[right]``; equal ones are 1 without asking.

    Scorers of 0..100 (``rapidfuzz.fuzz``) and of 0..1 (``rapidfuzz.distance``) both give 0..1.
    """
    from rapidfuzz.process import cpdist

    scale = 0.01 if scorer.__module__.startswith("rapidfuzz.fuzz") else 1.0
    ranks = values.rank("dense").to_numpy()
    found = np.ones(len(left))
    differ = np.flatnonzero(ranks[left] != ranks[right])
    one = values.gather(left[differ]).to_list()
    other = values.gather(right[differ]).to_list()
    if one:
        found[differ] = (
            cpdist(one, other, scorer=scorer, workers=-1, dtype=np.float32).astype(np.float64) * scale
        )
    return found


def contains(values: pl.Series, left: I64, right: I64) -> npt.NDArray[np.bool_]:
    """Is one of the two non-empty strings a part of the other?"""
    pairs = pl.DataFrame({"one": values.gather(left), "other": values.gather(right)})
    one, other = pl.col("one"), pl.col("other")
    inside = one.str.contains(other, literal=True) | other.str.contains(one, literal=True)
    return pairs.select(inside & (one != "") & (other != "")).to_series().to_numpy()


def weighted_sets(tokens: pl.Series) -> pl.DataFrame:
    """ids, weights: the numbers of each set's tokens, and their inverse document frequencies, as lists.

    Args:
        tokens: lists of strings, a set each; the weight of a token in ``d`` of ``n`` sets is ``log(1 + n / d)``.
    """
    told = (
        pl.DataFrame({"row": np.arange(len(tokens)), "token": tokens}).explode("token").drop_nulls().unique()
    )
    weight = (1.0 + len(tokens) / pl.len().over("token")).log()
    told = told.with_columns(
        (pl.col("token").rank("dense").cast(pl.Int32) - 1).alias("ids"), weight.alias("weights")
    )
    lists = told.sort("row", "ids").group_by("row", maintain_order=True).agg("ids", "weights")
    whole = pl.DataFrame({"row": np.arange(len(tokens))})
    joined = whole.join(lists, on="row", how="left", maintain_order="left")
    return joined.select(
        pl.col("ids").fill_null(pl.lit([], dtype=pl.List(pl.Int32))),
        pl.col("weights").fill_null(pl.lit([], dtype=pl.List(pl.Float64))),
    )


def dice(sets: pl.DataFrame, left: I64, right: I64) -> F64:
    """2 |A and B| / (|A| + |B|) of pairs of ``weighted_sets``, by weight; 0 for two empty ones."""
    shared, whole = shared_weights(sets, left, right)
    return np.asarray(2 * shared / np.maximum(whole[left] + whole[right], 1e-12))


def shared_weights(sets: pl.DataFrame, left: I64, right: I64) -> tuple[F64, F64]:
    """The weight of what each pair of ``weighted_sets`` has in common, and the weight of each whole set."""
    from scipy.sparse import csr_array

    ends = np.concatenate([[0], np.cumsum(sets["ids"].list.len().to_numpy())])
    ids = sets["ids"].explode().drop_nulls().to_numpy()
    weights = sets["weights"].explode().drop_nulls().to_numpy()
    shape = (sets.height, int(ids.max()) + 1 if len(ids) else 1)
    matrix = csr_array((weights, ids, ends), shape=shape)
    binary = csr_array((np.ones(len(ids)), ids, ends), shape=shape)
    whole = np.asarray(matrix.sum(axis=1)).ravel()
    shared = np.zeros(len(left))
    for start in range(0, len(left), 100_000):  # a block of pairs at a time bounds the memory
        part = slice(start, start + 100_000)
        shared[part] = np.asarray(matrix[left[part]].multiply(binary[right[part]]).sum(axis=1)).ravel()
    return shared, np.asarray(whole, dtype=np.float64)
