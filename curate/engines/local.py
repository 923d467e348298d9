"""One machine: shards go through a small pool of threads.

Polars, DuckDB and NumPy release the interpreter's lock and use both cores inside one call, so threads are
enough; they overlap reading and writing with work, and a killed process leaves no child behind. Memory is
bounded by ``workers`` shards.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def map_shards(work: Callable[[Item], Result], shards: Iterable[Item], workers: int = 2) -> Iterator[Result]:
    """``work`` of every shard, in the order of the shards, at most ``workers`` of them in memory.

    The first error stops the rest and is raised as it is.
    """
    waiting: list[Future[Result]] = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        try:
            for shard in shards:
                if len(waiting) >= workers:
                    yield waiting.pop(0).result()
                waiting.append(pool.submit(work, shard))
            while waiting:
                yield waiting.pop(0).result()
        finally:
            for future in waiting:
                future.cancel()
