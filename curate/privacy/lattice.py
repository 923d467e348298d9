"""The search for levels: of all full-domain generalisations that reach k, the one that loses least.

A node is a level a column. A class is the rows that look alike at a node; it is short when it has fewer than k rows, or fewer
than l values of a sensitive column. Where more is generalised, classes only merge, so the rows in short classes only get fewer:
the monotony that LeFevre et al. 2005 (Incognito, SIGMOD) and Kohlmayer et al. 2012 (Flash, PASSAT) prune by. Every node is
tagged by binary search along paths to the top; then the nodes that reach k are weighed in the order of what they lose even
without suppression, until that alone is more than the best one loses in all: the answer is the best there is, not a guess.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

Node = tuple[int, ...]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
#: classes, of all nodes together, that are kept so that coarser nodes are counted from them (Incognito's rollup): some 100 MiB
KEPT = 2_000_000


@dataclass(frozen=True)
class Column:
    """A quasi-identifier, its distinct values by number.

    Attributes:
        codes: a level each: value -> what it becomes there; equal where the same (one array of ``values`` numbers a level).
        losses: a level each: value -> the share of its information that is lost there, 0..1.
    """

    codes: tuple[Ints, ...]
    losses: tuple[Floats, ...]

    @property
    def height(self) -> int:
        return len(self.codes) - 1


def column_of(levels: Sequence[pl.Series]) -> Column:
    """From the labels of the distinct values on each level (``Hierarchy.levels``).

    Lost is what Iyengar (KDD 2002) calls LM: of a value that may be one of ``m`` of the column's ``M`` values, (m-1)/(M-1); of one
    that is suppressed, 1; of one that was never there, nothing.
    """
    there = levels[0].is_not_null()
    codes, losses = [], []
    for number, labels in enumerate(levels):
        frame = pl.DataFrame({"label": labels, "there": there})
        codes.append(labels.rank("dense").fill_null(0).cast(pl.Int64).to_numpy())
        covered = pl.col("there").sum().over("label")
        share = (covered - 1) / max(int(there.sum()) - 1, 1)
        lost = pl.when(~pl.col("there")).then(0.0).when(pl.col("label").is_null()).then(1.0).otherwise(share)
        losses.append(
            frame.select(lost.cast(pl.Float64)).to_series().to_numpy() if number else np.zeros(len(labels))
        )
    return Column(tuple(codes), tuple(losses))


@dataclass(frozen=True)
class Classes:
    """The classes of a node: of each the numbers of a value in every column that stands for it, and its rows."""

    values: Ints  #: (classes, columns)
    counts: Ints


@dataclass
class Lattice:
    """All nodes over some columns.

    Args:
        finest: the distinct combinations of values, and their rows.
        sensitive: for each sensitive column that must vary: combinations with a value of it: (values, number of the sensitive value).
        most_short: rows that may lie in short classes.
    """

    columns: tuple[Column, ...]
    finest: Classes
    k: int
    most_short: int
    l: int = 1  # noqa: E741  the field's name for it
    sensitive: Sequence[tuple[Ints, Ints]] = ()
    checked: int = 0  #: nodes whose classes were counted
    tables: dict[Node, Classes] = field(default_factory=dict)

    @property
    def top(self) -> Node:
        return tuple(column.height for column in self.columns)

    @property
    def rows(self) -> int:
        return int(self.finest.counts.sum())

    def best(self) -> tuple[Node, float] | None:
        """The node that loses least, and its loss (0..1); of equals the first by its levels. None where not even the top reaches k."""
        tags = self._tagged()
        base = np.zeros(tags.shape)
        for number, column in enumerate(self.columns):
            lost = np.array([self._mean(number, level) for level in range(column.height + 1)])
            base += lost.reshape([-1 if other == number else 1 for other in range(tags.ndim)])
        base /= len(self.columns)
        best: tuple[float, Node] | None = None
        nodes = np.argwhere(tags > 0)
        for place in np.lexsort((*nodes.T[::-1], base[tags > 0].round(12))):
            node = tuple(int(level) for level in nodes[place])
            if best is not None and base[node] > best[0]:
                break
            weighed = (round(self.loss(node), 12), node)
            best = weighed if best is None else min(best, weighed)
        return None if best is None else (best[1], best[0])

    def loss(self, node: Node) -> float:
        """The mean loss of a row's values at this node; a row in a short class loses all."""
        classes = self.classes(node)
        short = self.short(node, classes)
        lost = sum(
            column.losses[level][classes.values[:, number]]
            for number, (column, level) in enumerate(zip(self.columns, node, strict=True))
        )
        lost = np.where(short, 1.0, lost / len(node))
        return float((lost * classes.counts).sum() / max(self.rows, 1))

    def classes(self, node: Node) -> Classes:
        """The classes of a node, counted from the smallest that is kept of a finer one."""
        if node in self.tables:
            return self.tables[node]
        finer = [own for own in self.tables if all(one <= two for one, two in zip(own, node, strict=True))]
        source = min(
            (self.tables[own] for own in finer), key=lambda one: len(one.counts), default=self.finest
        )
        frame = pl.DataFrame({"key": self._keys(node, source.values), "rows": source.counts})
        grouped = (
            frame.with_row_index("at")
            .group_by("key")
            .agg(pl.col("at").min(), pl.col("rows").sum())
            .sort("at")
        )
        made = Classes(source.values[grouped["at"].to_numpy()], grouped["rows"].to_numpy())
        self.tables[node] = made
        while sum(len(one.counts) for one in self.tables.values()) > KEPT:
            self.tables.pop(max(self.tables, key=lambda own: (len(self.tables[own].counts), own)))
        self.checked += 1
        return made

    def short(self, node: Node, classes: Classes) -> NDArray[np.bool_]:
        """Which classes fall short of k or of l."""
        short = classes.counts < self.k
        for values, told in self.sensitive:
            own, other = self._keys_of_both(node, classes.values, values)
            kinds = pl.DataFrame({"key": other, "told": told}).group_by("key").agg(pl.col("told").n_unique())
            found = pl.DataFrame({"key": own}).join(kinds, on="key", how="left", maintain_order="left")
            short |= found["told"].to_numpy() < self.l
        return short

    def kinds_of(self, node: Node, classes: Classes, some: NDArray[np.bool_]) -> list[int]:
        """Of each sensitive column, the values in some of the classes together."""
        found = []
        for values, told in self.sensitive:
            own, other = self._keys_of_both(node, classes.values[some], values)
            inside = other.is_in(own.unique().implode())
            found.append(pl.Series(told).filter(inside).n_unique())
        return found

    def _reaches(self, node: Node) -> bool:
        classes = self.classes(node)
        return int(classes.counts[self.short(node, classes)].sum()) <= self.most_short

    def _keys(self, node: Node, values: Ints) -> pl.Series:
        """One number a combination at this node; two have the same where they look alike."""
        key: Ints = np.zeros(len(values), dtype=np.int64)
        size = 1
        for number, (column, level) in enumerate(zip(self.columns, node, strict=True)):
            codes = column.codes[level]
            kinds = int(codes.max(initial=0)) + 1
            if size * kinds >= 2**62:  # numbered anew, so that the product stays within 64 bits
                key = pl.Series(key).rank("dense").to_numpy().astype(np.int64)
                size = len(values) + 1
            key, size = key * kinds + codes[values[:, number]], size * kinds
        return pl.Series("key", key)

    def _keys_of_both(self, node: Node, one: Ints, two: Ints) -> tuple[pl.Series, pl.Series]:
        keys = self._keys(node, np.vstack([one, two]))
        return keys[: len(one)], keys[len(one) :]

    def _mean(self, number: int, level: int) -> float:
        lost = self.columns[number].losses[level][self.finest.values[:, number]]
        return float((lost * self.finest.counts).sum() / max(self.rows, 1))

    def _tagged(self) -> NDArray[np.int8]:
        """1 for each node that reaches k with few enough rows in short classes, -1 for the others."""
        tags = np.zeros([height + 1 for height in self.top], dtype=np.int8)
        nodes = sorted(
            product(*(range(height + 1) for height in self.top)), key=lambda node: (sum(node), node)
        )
        for start in nodes:
            if tags[start]:
                continue
            path = self._path(start, tags)
            low, high = 0, len(path) - 1
            while low <= high:
                middle = (low + high) // 2
                if self._reaches(path[middle]):
                    tags[tuple(slice(level, None) for level in path[middle])] = 1
                    high = middle - 1
                else:
                    tags[tuple(slice(0, level + 1) for level in path[middle])] = -1
                    low = middle + 1
        return tags

    def _path(self, node: Node, tags: NDArray[np.int8]) -> list[Node]:
        """Up from a node through nodes of which nothing is known, one level at a time."""
        path = [node]
        while True:
            above = [
                (*node[:at], node[at] + 1, *node[at + 1 :])
                for at in range(len(node))
                if node[at] < self.top[at]
            ]
            free = [one for one in above if not tags[one]]
            if not free:
                return path
            node = free[0]
            path.append(node)
