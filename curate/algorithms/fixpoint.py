"""Rewriting until nothing changes: what makes cleaning twice the same as cleaning once."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

#: How often a text is rewritten at most. Markup escaped three times over is the most that we have met.
PASSES = 8


def until_stable(
    values: pl.Series, rewrite: Callable[[pl.Series], pl.Series], passes: int = PASSES
) -> pl.Series:
    """``values`` as ``rewrite`` leaves them when it has nothing more to do; only what it changed is looked at again.

    A text that is not done after so many passes stays as it was at first, whole: so the next time gives the same,
    and no text, however it is made, takes more than its share of time.
    """
    result, places = values, None
    for _ in range(passes):
        before = values if places is None else result.gather(places)
        after = rewrite(before).alias(values.name)
        other = before.ne_missing(after).arg_true()
        if other.is_empty():
            return result
        places = other if places is None else places.gather(other)
        result = result.clone().scatter(places, after.gather(other))
    assert places is not None
    again = rewrite(result.gather(places)).ne_missing(result.gather(places))
    unfinished = places.filter(again)
    return result.scatter(unfinished, values.gather(unfinished))
