"""Is every claim of an answer in its source? Numbers, dates, codes, addresses and names, and the words around them."""

from __future__ import annotations

from curate.algorithms.grounding.checking import Grounded, Reason, grounded, unsupported
from curate.algorithms.grounding.claims import claims
from curate.algorithms.grounding.kinds import Claim, Kind
from curate.algorithms.grounding.wording import evidence_in, language_ok, leaked, question_ok

__all__ = [
    "Claim", "Grounded", "Kind", "Reason", "claims", "evidence_in", "grounded", "language_ok", "leaked", "question_ok",
    "unsupported",
]  # fmt: skip
