"""The cap: how many pairs that a model wrote may stand beside the others, in exact arithmetic.

share = written / (written + others) of the final training set. With the cap p/q the most is ``p * others // (q - p)``; in
floating point ``int(cap * others / (1 - cap))`` is one too few or too many for 152 of the first 20,000 numbers at 0.15.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import polars as pl

#: No data set of this house may hold a greater share, whatever its recipe says: beyond a third it is the model's data
#: set. A model that is trained on its own kind's texts loses the rare ones first (Shumailov et al., *AI models collapse
#: when trained on recursively generated data*, Nature 631, 2024).
MOST = Fraction(1, 3)
#: The share that a recipe allows that says nothing.
USUAL = Fraction(3, 20)
#: Between a pair's id and the number of its repetition: ``c:1#company.name~2``.
COPY = "~"


@dataclass(frozen=True)
class Cap:
    """The greatest share, and the origins whose pairs it counts."""

    share: Fraction = USUAL
    counts: tuple[str, ...] = ("llm",)

    @classmethod
    def of(cls, told: Any) -> Cap:
        """As a manifest tells it: {cap, counts}, or a number (releases before there was a choice).

        Raises:
            ValueError: it is none, it is above ``MOST``, or a model's pairs are not counted.
        """
        if not isinstance(told, dict):
            told = {"cap": told, "counts": ["llm"]}
        found = cls(as_fraction(told.get("cap")), tuple(map(str, told.get("counts") or ())))
        if found.share > MOST:
            raise ValueError(f"{found.share} is more than {MOST}")
        if "llm" not in found.counts:
            raise ValueError("llm is not counted")
        return found

    def measure(self, train: pl.DataFrame) -> tuple[int, int]:
        """(pairs that are counted, others) among training pairs (pair_id, origin). Repetitions make no room: of the others
        each counts once, however often it stands.
        """
        counted = pl.col("origin").is_in(list(self.counts))
        others = train.filter(~counted).select(without_copy(pl.col("pair_id"))).to_series()
        return int(train.select(counted.sum()).item()), others.n_unique()


def without_copy(pair_id: pl.Expr) -> pl.Expr:
    """The pair that a repetition repeats, or the pair itself."""
    return pair_id.str.replace(rf"{COPY}[0-9]+$", "")


def as_fraction(share: Any) -> Fraction:
    """A share as people write it, exactly: 0.15 is 3/20 and not the nearest binary number; "1/3" is a third; "15%".

    Raises:
        ValueError: no number, or not in 0 <= share < 1.
    """
    if isinstance(share, bool):
        raise ValueError(f"{share!r} is no share")
    text = repr(share) if isinstance(share, float) else str(share).strip()
    try:
        found = Fraction(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
    except (ValueError, ZeroDivisionError, OverflowError):
        raise ValueError(f"{text!r} is no share") from None
    if not 0 <= found < 1:
        raise ValueError(f"{text!r} is not in 0 <= share < 1")
    return found


def allowed(others: int, cap: Fraction) -> int:
    """The most that may be added to ``others`` so that they make up ``cap`` of all at the most."""
    return cap.numerator * others // (cap.denominator - cap.numerator)


def needed(there: int, total: int, share: Fraction) -> int:
    """The fewest that must be added to the ``there`` of ``total`` so that they make up ``share`` of all."""
    missing = share * total - there
    return max(0, -int(-missing // (1 - share)))
