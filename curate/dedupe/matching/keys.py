"""Keys that rows must share to be compared at all."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class Keys:
    """``places``: place (of a unique value), key (string).

    ``rare``: keys that more rows have say nothing and are left out by intention; 0 for keys that always count.
    """

    name: str
    places: pl.DataFrame
    rare: int = 0
