"""How far people agree beyond chance: Cohen, Light, Fleiss, Krippendorff, Gwet; by value, by person, over time, over spans.

``ratings`` is a frame (item: str, annotator: str, value: str), a row for each item and annotator, without nulls. Two more columns
may be there: ``weight`` (what an item counts for) and ``group`` (items that are one piece of evidence, as the characters of a
text are); ``span_ratings`` makes such a frame. What looks at single items or people (``disagreement``, ``against``, ``against_rest``,
``drift``) takes each item as one. A coefficient that is undefined is None and never NaN: no item has two
ratings, or everybody used one and the same value, so that chance alone explains all of it.
"""

from __future__ import annotations

from curate.algorithms.agreement.breakdown import confusion, disagreement, pairwise, per_value
from curate.algorithms.agreement.coefficients import (
    cohen_kappa,
    fleiss_kappa,
    gwet_ac1,
    krippendorff_alpha,
    light_kappa,
    prevalence,
    raw_agreement,
)
from curate.algorithms.agreement.people import against, against_rest
from curate.algorithms.agreement.spans import OUTSIDE, EntityF1, entity_f1, span_ratings, token_kappa
from curate.algorithms.agreement.summary import Agreement, overall, paradox
from curate.algorithms.agreement.windows import drift, flagged

__all__ = [
    "OUTSIDE", "Agreement", "EntityF1", "against", "against_rest", "cohen_kappa", "confusion", "disagreement", "drift", "entity_f1", "flagged",
    "fleiss_kappa", "gwet_ac1", "krippendorff_alpha", "light_kappa", "overall", "pairwise", "paradox", "per_value", "prevalence",
    "raw_agreement", "span_ratings", "token_kappa",
]  # fmt: skip
