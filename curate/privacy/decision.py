"""How a corpus is anonymised, once that is decided, and what it costs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from curate.privacy.classes import ROWS
from curate.privacy.lattice import Lattice, Node


@dataclass(frozen=True)
class Decision:
    """How a corpus is anonymised: a level a column, and the combinations that are suppressed.

    Attributes:
        short: the generalised combinations whose classes fall short; a column each.
        drop: the suppressed rows would themselves be fewer than k: they are dropped.
    """

    levels: dict[str, int]
    short: pl.DataFrame
    drop: bool

    @classmethod
    def read(cls, folder: Path, metrics: dict[str, Any]) -> Decision:
        levels = {name: told["level"] for name, told in metrics["levels"].items()}
        return cls(levels, pl.read_parquet(folder / "short.parquet"), metrics["dropped"])


def told_of(
    lattice: Lattice, node: Node, names: list[str], levels: dict[str, list[pl.Series]], *, reached: bool
) -> dict[str, Any]:
    """What becomes of the classes that fall short."""
    classes = lattice.classes(node)
    short = lattice.short(node, classes) if reached else np.ones(len(classes.counts), dtype=bool)
    empty = np.all(
        [column.codes[level][classes.values[:, at]] == 0 for at, (column, level) in enumerate(zip(lattice.columns, node, strict=True))],
        axis=0,
    )  # fmt: skip
    rows = int(classes.counts[short].sum())
    # suppressed rows join those of which nothing was known; if there are none, they must be enough by themselves
    alone = reached and rows > 0 and not bool((empty & ~short).any())
    kinds = lattice.kinds_of(node, classes, short) if alone else []
    drop = alone and (rows < lattice.k or any(kind < lattice.l for kind in kinds))
    labels = {
        name: levels[name][level].gather(pl.Series(classes.values[short, at]))
        for at, (name, level) in enumerate(zip(names, node, strict=True))
    }
    return {
        "short": pl.DataFrame(labels), "suppressed": rows, "dropped": drop,
        "classes": len(classes.counts), "largest": int(classes.counts.max(initial=0)),
    }  # fmt: skip


def unknown(combinations: pl.DataFrame, name: str, levels: list[pl.Series], level: int) -> int:
    """Rows whose value the chosen level does not know: they have it suppressed."""
    if level == len(levels) - 1:
        return 0
    distinct = combinations[name].unique(maintain_order=True)
    lost = distinct.filter(distinct.is_not_null() & levels[level].is_null())
    rows = combinations.filter(pl.col(name).is_in(lost.implode()))[ROWS].sum()
    return int(rows)


def precision(metrics: dict[str, Any]) -> float:
    """Prec of Sweeney 2002: 1 less the mean height to which cells are generalised; suppressed cells at the top."""
    steps = [told["level"] / (len(told["names"]) - 1) for told in metrics["levels"].values()]
    gone = metrics["suppressed"] / max(metrics["rows"], 1)
    return float(round(1 - (gone + (1 - gone) * sum(steps) / len(steps)), 6))
