"""Who stays and who belongs together, from pairs of similar rows; rows are numbered from best (0) to worst."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]


def representatives(number: int, better: I64, worse: I64, similarity: npt.NDArray[np.float64]) -> I64:
    """For each row the row that it is removed against, or -1 when it stays.

    A row goes only when a row that stays is directly similar to it, never because of a chain of neighbours: the
    result is the greedy independent set in order of preference. Of several such rows it names the most similar,
    then the best.

    Args:
        better, worse: the two rows of each pair, ``better < worse``.
    """
    removed = np.zeros(number, dtype=bool)
    open_ = np.zeros(number, dtype=bool)
    open_[worse] = True  # a row without a better neighbour stays
    while open_.any():
        stays = ~removed & ~open_
        goes = np.unique(worse[stays[better] & open_[worse]])
        removed[goes], open_[goes] = True, False
        # an open row all of whose better neighbours are gone stays
        blocked = np.unique(worse[~removed[better] & open_[worse]])
        settled = open_.copy()
        settled[blocked] = False
        open_[settled] = False
    of = np.full(number, -1, dtype=np.int64)
    usable = removed[worse] & ~removed[better]
    order = np.lexsort((better[usable], -similarity[usable], worse[usable]))
    first, place = np.unique(worse[usable][order], return_index=True)
    of[first] = better[usable][order][place]
    return of


def components(number: int, left: I64, right: I64) -> I64:
    """The number of each row's connected component."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(number, number))
    labels: I64 = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels
