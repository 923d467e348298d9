"""Lengths at a glance, and the ``cutoff_len`` that holds them."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from curate.export.tokens.cutoff import fits
from curate.language import say

EDGES = (
    64,
    128,
    256,
    384,
    512,
    768,
    1024,
    1536,
    2048,
    3072,
    4096,
    6144,
    8192,
    12288,
    16384,
    32768,
    65536,
    131072,
)
"""Upper edges of the bars, in tokens; a row belongs to the first edge that is above its length."""

CUTOFFS = (512, 1024, 2048, 4096, 8192, 16384, 32768)

#: The share of rows that may be left out for a cutoff of half the size.
FEW = 0.001

_WIDTH = 40


def histogram(tokens: pl.Series) -> list[tuple[int, int]]:
    """Rows by length.

    Args:
        tokens: lengths; null (no length) is left out.

    Returns:
        ``(upper, rows)``: rows with fewer than ``upper`` tokens and not fewer than the edge before. From the
        first edge to the last that is needed, empty ones between them included; a longer row than every edge
        gets an edge of its own, the next power of two.
    """
    known = tokens.drop_nulls()
    if known.is_empty():
        return []
    longest = int(known.max())  # type: ignore[arg-type]
    edges = list(EDGES)
    while edges[-1] <= longest:
        edges.append(edges[-1] * 2)
    below = [int((known < edge).sum()) for edge in edges]
    bars = [(edge, count - less) for edge, count, less in zip(edges, below, [0, *below], strict=False)]
    filled = [at for at, (_, count) in enumerate(bars) if count]
    return bars[filled[0] : filled[-1] + 1]


def bars_text(bars: Sequence[Sequence[int]], cutoff_len: int | None = None) -> str:
    """Bars (upper edge, rows) as text, one line a bar; the one that ends at ``cutoff_len`` is marked."""
    most, digits = max(rows for _, rows in bars), len(f"{bars[-1][0]:,}")
    figures = max(len(f"{rows:,}") for _, rows in bars)
    lines = []
    for upper, rows in bars:
        # a bar of at least one mark where there is a row
        mark = "#" * max(round(_WIDTH * rows / most), int(rows > 0))
        line = f"  < {upper:>{digits},} {rows:>{figures},} {mark}"
        lines.append((line + ("|" if upper == cutoff_len else "")).rstrip())
    return "\n".join(lines)


def histogram_text(tokens: pl.Series, cutoff_len: int | None = None, measured: bool = True) -> str:
    """A bar chart for people, one line a bar, and the longest row.

    Args:
        tokens: lengths; null is left out.
        cutoff_len: marked in the chart where it is given.
        measured: False says that the lengths are estimates.
    """
    bars = histogram(tokens)
    if not bars:
        return say("没有可以计算长度的行", "there are no rows with a length")
    how = say("实测", "measured") if measured else say("估算", "estimated")
    known = tokens.drop_nulls()
    lines = [say(f"词元数（{how}），每行一条样本", f"tokens a row ({how})")]
    lines.append(bars_text(bars, cutoff_len))
    longest, mean = int(known.max()), float(known.mean())  # type: ignore[arg-type]
    lines.append(
        say(
            f"  共 {len(known):,} 行，平均 {mean:,.0f}，最长 {longest:,}",
            f"  {len(known):,} rows, {mean:,.0f} on average, the longest {longest:,}",
        )
    )
    return "\n".join(lines)


def proposed_cutoff(tokens: pl.Series) -> int:
    """The smallest ``cutoff_len`` of ``CUTOFFS`` that holds the rows.

    All rows, unless at most 0.1 % of them force it to double: then those are left out (``dropped`` says how many).
    A row longer than 32,768 tokens is left out in any case.

    Args:
        tokens: lengths; null is left out.
    """
    known = tokens.drop_nulls()
    few = int(len(known) * FEW)
    for cutoff in CUTOFFS:
        if dropped(known, cutoff) <= few:
            return cutoff
    return CUTOFFS[-1]


def dropped(tokens: pl.Series, cutoff_len: int) -> int:
    """How many rows do not fit into ``cutoff_len`` (see ``cutoff.fits``)."""
    return int((~fits(tokens.drop_nulls(), cutoff_len)).sum())
