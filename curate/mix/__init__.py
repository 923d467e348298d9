"""Mix: all pairs together. What repeats another or an evaluation goes, categories are balanced, and last comes the cap.

Decided on narrow columns (``decide``, ``over_cap``), carried out a shard at a time (``carry_out``).
"""

from __future__ import annotations

from curate.mix.balance import weights_of
from curate.mix.cap import over_cap, shares
from curate.mix.decide import carry_out, decide
from curate.mix.form import Mix

__all__ = ["VERSION", "Mix", "carry_out", "decide", "over_cap", "shares", "weights_of"]

#: Raise it when the same options give other pairs.
VERSION = 5
