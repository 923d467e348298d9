"""Perplexity of new texts under a character model of the old ones, beside old texts that the model has not seen."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import polars as pl

from curate.algorithms.char_model import CharModel

#: A rise is one where it is so many standard errors away from none.
SURE = 3.0


@dataclass(frozen=True)
class Rise:
    """``before``, ``after``: perplexity a character. ``rise``: 0.15 means 15 % more. ``sure``: it is more than chance."""

    before: float
    after: float
    rise: float
    sure: bool


def perplexity(model: CharModel, held_out: pl.Series, new: pl.Series) -> Rise:
    """Both texts are scored by the same model, which was trained on neither."""
    (one, error), (two, other) = _bits(model, held_out), _bits(model, new)
    return Rise(2**one, 2**two, 2 ** (two - one) - 1, abs(two - one) > SURE * sqrt(error**2 + other**2))


def _bits(model: CharModel, texts: pl.Series) -> tuple[float, float]:
    """Bits a character over all texts, and their standard error (of a ratio, with the text as the unit that is drawn)."""
    told = pl.DataFrame({"bits": model.bits_per_character(texts), "size": texts.str.len_chars()}).drop_nulls()
    bits, size = (told[name].cast(pl.Float64).to_numpy() for name in ("bits", "size"))
    mean = float((bits * size).sum() / size.sum())
    return mean, sqrt((((bits - mean) * size) ** 2).sum()) / float(size.sum())
