"""What a column can hold, and how each kind is written, found and compared."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.company_name import company_form
from curate.algorithms.company_similarity import company_similarity
from curate.algorithms.person_name import person_form
from curate.algorithms.similarity import dice
from curate.algorithms.title_tokens import title_form
from curate.dedupe.matching import names, quantities, titles
from curate.dedupe.matching.keys import Keys

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """How one kind of value is compared.

    ``form``: the values in normal form ('' or null for none). ``prepare``: of unique forms a frame with ``form``
    and whatever the others need. ``keys``: (place in values, key): values that share a key may be the same.
    ``similarity``: 0..1 for pairs of places. ``evidence``: (similarity, bits) in rising order, linear between:
    how much more often a pair of one entity has this similarity than a pair of two, as a power of two. ``shared``: a
    value that ``k`` rows have says ``shared * log2(k - 1)`` bits less (a reception's phone, 张伟).
    """

    form: Callable[[pl.Series], pl.Series]
    prepare: Callable[[pl.Series], pl.DataFrame]
    keys: Callable[[pl.DataFrame], list[Keys]]
    similarity: Callable[[pl.DataFrame, I64, I64], F64]
    evidence: tuple[tuple[float, float], ...]
    shared: float = 0.0


def _no_keys(values: pl.DataFrame) -> list[Keys]:  # noqa: ARG001
    """A field that says nothing about which entity it is only cuts the others' blocks."""
    return []


KINDS: dict[str, Comparison] = {
    "company_name": Comparison(
        company_form,
        names.company_values,
        names.company_keys,
        company_similarity,
        ((0.0, -6), (0.6, -6), (0.8, 0), (0.9, 6), (1.0, 10)),
    ),
    "employer": Comparison(
        company_form,
        names.company_values,
        names.company_keys,
        company_similarity,
        ((0.0, -3), (0.5, -3), (0.7, 0), (0.9, 4), (1.0, 5)),
        shared=0.25,
    ),
    "person": Comparison(
        person_form,
        names.person_values,
        names.person_keys,
        names.person_pairs,
        ((0.0, -8), (0.6, -8), (0.8, 0), (0.9, 2.5), (1.0, 5)),
        shared=0.25,
    ),
    "code": Comparison(
        quantities.code_form,
        quantities.code_values,
        quantities.same_value,
        quantities.code_similarity,
        ((0.0, -5), (0.7, -5), (0.9, -1), (0.999, 0), (1.0, 12)),
    ),
    "phone": Comparison(
        quantities.phone_form,
        quantities.plain_values,
        quantities.same_value,
        quantities.equal_only,
        ((0.0, -1), (0.999, -1), (1.0, 5)),
        shared=0.5,
    ),
    "email": Comparison(
        quantities.email_form,
        quantities.plain_values,
        quantities.same_value,
        quantities.equal_only,
        ((0.0, -1), (0.999, -1), (1.0, 7)),
        shared=0.5,
    ),
    "address": Comparison(
        title_form,
        titles.title_values,
        titles.rare_tokens,
        titles.address_pairs,
        ((0.0, -2), (0.3, -2), (0.5, 0), (0.8, 3), (1.0, 5)),
        shared=0.5,
    ),
    "title": Comparison(
        title_form,
        titles.title_values,
        titles.rare_tokens,
        titles.title_pairs,
        ((0.0, -6), (0.3, -6), (0.6, 0), (0.8, 6.5), (0.9, 9), (1.0, 10)),
    ),
    "text": Comparison(
        title_form,
        titles.title_values,
        titles.rare_tokens,
        dice,
        ((0.0, -0.5), (0.1, -0.5), (0.25, 0), (0.6, 3), (1.0, 4)),
        shared=0.5,
    ),
    "number": Comparison(
        quantities.number_form,
        quantities.plain_values,
        _no_keys,
        quantities.number_similarity,
        ((0.0, -2), (0.5, -2), (0.9, 0), (1.0, 2)),
        shared=0.5,
    ),
    "date": Comparison(
        quantities.date_form,
        quantities.plain_values,
        _no_keys,
        quantities.date_similarity,
        ((0.0, -7), (0.5, -7), (0.85, 2), (1.0, 5)),
        shared=0.5,
    ),
    "category": Comparison(
        quantities.category_form,
        quantities.plain_values,
        _no_keys,
        quantities.code_similarity,
        ((0.0, -2), (0.7, -2), (0.9, 0), (1.0, 3)),
        shared=0.5,
    ),
}
