"""Ratings as a matrix of whole numbers: items by annotators. What all coefficients are computed from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

Codes = NDArray[np.int64]
#: where an annotator did not rate an item
ABSENT = -1


@dataclass(frozen=True)
class Sheet:
    """``codes``: items by annotators, the index of the value or ``ABSENT``. ``weights``, ``groups``: of each item; ``groups`` are
    indices from 0. Items, annotators and groups are in the order of their names, so that the order of rows decides nothing.
    """

    annotators: list[str]
    values: list[str]
    codes: Codes
    weights: Codes
    groups: Codes

    @property
    def ratings(self) -> Codes:
        """The number of ratings of each item."""
        return np.asarray((self.codes != ABSENT).sum(axis=1), dtype=np.int64)

    def only(self, value: str) -> Sheet:
        """One value against the rest."""
        codes = np.where(self.codes == ABSENT, ABSENT, self.codes == self.values.index(value))
        return replace(self, values=["", value], codes=codes)

    def of_two(self, left: int, right: int) -> Sheet:
        """Two annotators and the items that both of them rated."""
        codes = self.codes[:, [left, right]]
        both = (codes != ABSENT).all(axis=1)
        names = [self.annotators[left], self.annotators[right]]
        return replace(
            self, annotators=names, codes=codes[both], weights=self.weights[both], groups=self.groups[both]
        )


def pairs_in(codes: Codes) -> list[tuple[int, int]]:
    """The pairs of annotators who have an item in common."""
    there = (codes != ABSENT).astype(np.int32)
    left, right = np.nonzero(np.triu(there.T @ there, k=1))
    return list(zip(left.tolist(), right.tolist(), strict=True))


def sheet_of(ratings: pl.DataFrame, order: Sequence[str] | None = None) -> Sheet:
    """Ratings as a matrix. ``order``: the values in their order, those that nobody used included.

    Raises:
        ValueError: a null, two ratings of one item by one annotator, or a value that is not in ``order``.
    """
    told = ratings.select("item", "annotator", "value")
    if any(told.null_count().row(0)):
        raise ValueError("ratings hold nulls")
    if told.select("item", "annotator").is_duplicated().any():
        raise ValueError("an annotator rated an item twice")
    values = ordered(ratings["value"].unique()) if order is None else list(order)
    annotators = sorted(ratings["annotator"].unique())
    items = _items(ratings)
    codes = np.full((items.height, len(annotators)), ABSENT, dtype=np.int64)
    rows = _indices(ratings["item"], items["item"].to_list())
    codes[rows, _indices(ratings["annotator"], annotators)] = _indices(ratings["value"], values)
    groups = _indices(items["group"], items["group"].unique().sort().to_list())
    return Sheet(annotators, values, codes, items["weight"].to_numpy().astype(np.int64), groups)


def sheet_of_two(left: Sequence[str], right: Sequence[str], order: Sequence[str] | None = None) -> Sheet:
    """What two people said of the same items.

    Raises:
        ValueError: they are not of one length, or a value is not in ``order``.
    """
    if len(left) != len(right):
        raise ValueError(f"{len(left)} ratings beside {len(right)}")
    values = ordered({*left, *right}) if order is None else list(order)
    columns = [_indices(pl.Series(side, dtype=pl.String), values) for side in (left, right)]
    size = len(left)
    ones = np.ones(size, dtype=np.int64)
    return Sheet(["a", "b"], values, np.stack(columns, axis=1), ones, np.arange(size))


def ordered(values: Iterable[str]) -> list[str]:
    """Values in their order: of numbers by size (9 before 10), of words by the alphabet."""
    told = list(values)
    try:
        return sorted(told, key=lambda value: (float(value), value))
    except ValueError:
        return sorted(told)


def weighted(ratings: pl.DataFrame) -> pl.DataFrame:
    """The ratings with the columns ``weight`` (1) and ``group`` (the item itself) where they have none."""
    return ratings.with_columns(
        pl.col("weight") if "weight" in ratings.columns else pl.lit(1, dtype=pl.Int64).alias("weight"),
        pl.col("group") if "group" in ratings.columns else pl.col("item").alias("group"),
    )


def _items(ratings: pl.DataFrame) -> pl.DataFrame:
    """item, weight, group of each item, by name."""
    return weighted(ratings).group_by("item").agg(pl.col("weight").max(), pl.col("group").min()).sort("item")


def _indices(column: pl.Series, names: list[str]) -> Codes:
    """The place of each text among the names."""
    places = pl.DataFrame({"name": names, "place": range(len(names))}, {"name": pl.String, "place": pl.Int64})
    found = (
        column.alias("name").to_frame().join(places, on="name", how="left", maintain_order="left")["place"]
    )
    if found.has_nulls():
        raise ValueError(f"{column.filter(found.is_null())[0]!r} is none of {names}")
    return found.to_numpy().astype(np.int64)
