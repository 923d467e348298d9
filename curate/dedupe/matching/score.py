"""How likely the two rows of a pair are one entity: evidence of the fields, added up (Fellegi and Sunter, 1969).

Each field gives bits of evidence: how much more often two rows of one entity agree so well than rows of two entities
(see ``kinds``). A missing value gives none. A value that many rows share gives less. The sum with the prior is the
logarithm of odds, and the score its probability::

    score = 1 / (1 + 2 ** -(PRIOR + sum of weight * bits))

It depends on the values of the rows only, never on their order. The bits are set by hand, not estimated, so that
1 row more does not change what is merged.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.dedupe.matching.fields import WHOLE_NAME, MatchField

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]

#: Bits before any field is seen: rows that share a key are mostly not the same.
PRIOR = -4.0
#: Pairs that are scored at once: bounds memory to about 1 kB a pair.
BLOCK = 1_000_000


def score(fields: list[MatchField], left: I64, right: I64, least: float = 0.0) -> pl.DataFrame:
    """left, right, score, and the similarity of each field (null where one row has no value).

    Args:
        least: pairs that score less are left out.
    """
    parts = [
        _score(fields, left[start : start + BLOCK], right[start : start + BLOCK]).filter(
            pl.col("score") >= least
        )
        for start in range(0, max(1, len(left)), BLOCK)
    ]
    return pl.concat(parts)


def _score(fields: list[MatchField], left: I64, right: I64) -> pl.DataFrame:
    total = np.full(len(left), PRIOR)
    forbidden = np.zeros(len(left), dtype=bool)
    columns = {}
    names: list[F64] = []
    for one in fields:
        similarity = one.similarity(left, right)
        bits = one.weight * evidence(one, similarity, left)
        forbidden |= one.forbidden(left, right)
        if one.name == WHOLE_NAME:
            # None instead of 0 where a part is missing: it then says nothing
            names.append(np.where(np.isnan(similarity), -np.inf, bits * len(names)))
            continue
        columns[one.name] = pl.Series(similarity, nan_to_null=True)
        if one.person:
            names.append(bits)
        else:
            total += bits
    total += _of_person(names)
    found = 1.0 / (1.0 + np.exp2(-total))
    return pl.DataFrame({"left": left, "right": right, "score": np.where(forbidden, 0.0, found), **columns})


def _of_person(names: list[F64]) -> F64 | float:
    """Bits of the columns of a name: those of each, and those of all together where that says more (swapped names).
    What speaks against in several columns is one thing said several times.
    """
    if len(names) < 2:
        return sum(names)
    *parts, whole = names
    told = sum(np.where(bits < 0, bits / len(parts), bits) for bits in parts)
    return np.maximum(told, whole)


def evidence(one: MatchField, similarity: F64, left: I64) -> F64:
    """Bits for each pair; 0 where a value is missing."""
    at, bits = (np.array(side, dtype=np.float64) for side in zip(*one.comparison.evidence, strict=True))
    found = np.interp(np.nan_to_num(similarity), at, bits)
    if one.comparison.shared:
        equal = similarity >= 1.0
        owners = one.shared_by[one.index[left[equal]]]
        found[equal] = np.maximum(
            0.0, found[equal] - one.comparison.shared * np.log2(np.maximum(1, owners - 1))
        )
    return np.where(np.isnan(similarity), 0.0, found)
