"""Which pairs of rows are compared at all: rows that share a key of some field.

A key that many rows share is cut by the values of the other fields (张伟 with a phone, 科技 with a city). What is still
too large then is not compared pair by pair: each of its rows meets the best rows of its block and its neighbours, and
the metrics say how many pairs that left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from curate.algorithms.packed import I64, U64, packed, sorted_unique, unpacked
from curate.dedupe.matching.fields import MatchField

#: Up to so many rows of a block all pairs are compared; in a larger one each row meets so many of the best rows and
#: of its neighbours.
FULL_BLOCK, STARS, NEIGHBOURS = 48, 6, 2


@dataclass
class Blocks:
    """What blocking found, and what it left out."""

    pairs: int = 0  #: different pairs to compare
    cut_blocks: int = 0  #: blocks of more than FULL_BLOCK rows, cut by another field
    windowed_blocks: int = 0  #: blocks still too large, in which not all pairs are compared
    pairs_left_out: int = (
        0  #: pairs of these blocks not compared for this key, unless another field or key did it
    )
    keys: dict[str, int] = field(default_factory=dict)  #: pairs by field and key, with repetitions


def candidates(fields: list[MatchField]) -> tuple[I64, I64, Blocks]:
    """left, right (``left < right``), sorted: the pairs to compare.

    Row numbers are places in the order of preference, so that 0 is the best row.
    """
    told = Blocks()
    found: list[U64] = []
    for one in fields:
        for keys in one.comparison.keys(one.values):
            members = _members(one, keys.places)
            pairs = _once(_pairs(members, one, fields, keys.rare, told))
            told.keys[f"{one.name}.{keys.name}"] = len(pairs)
            found.append(pairs)
    whole = _once(found)
    told.pairs = len(whole)
    return *unpacked(whole), told


def _once(pairs: Iterable[U64]) -> U64:
    """Sorted, each once."""
    return sorted_unique(np.concatenate([np.empty(0, np.uint64), *pairs]))


def _members(one: MatchField, places: pl.DataFrame) -> pl.DataFrame:
    """block, row: sorted; only blocks of two rows and more."""
    known = np.flatnonzero(one.index >= 0)
    rows = pl.DataFrame({"row": known, "place": one.index[known]})
    keyed = places.filter(pl.col("key") != "").select(
        pl.col("place").cast(pl.Int64), block=pl.col("key").hash(seed=0)
    )
    joined = rows.join(keyed, on="place").select("block", "row")
    return _crowded(joined)


def _crowded(members: pl.DataFrame) -> pl.DataFrame:
    return members.filter(pl.len().over("block") > 1).sort("block", "row")


def _pairs(
    members: pl.DataFrame, one: MatchField, fields: list[MatchField], rare: int, told: Blocks
) -> Iterator[U64]:
    size = pl.len().over("block")
    yield from _all_pairs(members.filter(size <= (rare or FULL_BLOCK)))
    large = members.filter(size > FULL_BLOCK)
    if rare or not large.height:
        return
    told.cut_blocks += large["block"].n_unique()
    for other in fields:
        finer = _finer(large, other, one)
        if finer.height:
            size = pl.len().over("block")
            yield from _all_pairs(finer.filter(size <= FULL_BLOCK))
            yield from _window(finer.filter(size > FULL_BLOCK))
    sizes = large.group_by("block").len()["len"].to_numpy().astype(np.int64)
    told.windowed_blocks += len(sizes)
    window = STARS + NEIGHBOURS
    told.pairs_left_out += int((sizes * (sizes - 1) // 2 - sizes * window).clip(0).sum())
    yield from _window(large)


def _finer(large: pl.DataFrame, other: MatchField, one: MatchField) -> pl.DataFrame:
    """The blocks of ``large`` by the values of ``other``; a field cuts its own blocks only by a finer part."""
    if other is one and "finer" not in one.values.columns:
        return large.clear()
    index = other.index
    if "finer" in other.values.columns:
        ranks = other.values["finer"].rank("dense").cast(pl.Int64).to_numpy()
        index = np.where(index >= 0, np.append(ranks, -1)[index], -1)
    value = pl.Series("value", index[large["row"].to_numpy()])
    cut = large.with_columns(value).filter(pl.col("value") >= 0)
    return _crowded(cut.select(pl.struct("block", "value").hash(seed=0).alias("block"), "row"))


def _all_pairs(members: pl.DataFrame) -> Iterator[U64]:
    """Every pair of rows of a block; ``members`` sorted by block and row."""
    blocks, rows = members["block"].to_numpy(), members["row"].to_numpy()
    for distance in range(1, FULL_BLOCK):
        together = blocks[:-distance] == blocks[distance:]
        if not together.any():
            return
        yield packed(rows[:-distance][together], rows[distance:][together])


def _window(members: pl.DataFrame) -> Iterator[U64]:
    """Each row with the best rows of its block and its next neighbours in the order of preference."""
    blocks, rows = members["block"].to_numpy(), members["row"].to_numpy()
    if not len(rows):
        return
    for distance in range(1, NEIGHBOURS + 1):
        together = blocks[:-distance] == blocks[distance:]
        yield packed(rows[:-distance][together], rows[distance:][together])
    starts = np.flatnonzero(np.concatenate([[True], blocks[1:] != blocks[:-1]]))
    first = np.repeat(starts, np.diff(np.append(starts, len(blocks))))
    for star in range(STARS):
        best = np.minimum(first + star, len(rows) - 1)
        usable = (blocks[best] == blocks) & (best < np.arange(len(rows)))
        yield packed(rows[best][usable], rows[usable])
