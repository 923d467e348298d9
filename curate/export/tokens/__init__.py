"""How long a row is in tokens under a chat template, and which rows the trainer would cut."""

from __future__ import annotations

from curate.export.tokens.check import check_tokenizer
from curate.export.tokens.cutoff import fits
from curate.export.tokens.estimate import estimate_tokens
from curate.export.tokens.histogram import dropped, histogram, histogram_text, proposed_cutoff
from curate.export.tokens.lengths import Lengths
from curate.export.tokens.templates import CONTROL_TOKENS, SPECIAL, TEMPLATES

__all__ = [
    "CONTROL_TOKENS",
    "SPECIAL",
    "TEMPLATES",
    "Lengths",
    "check_tokenizer",
    "dropped",
    "estimate_tokens",
    "fits",
    "histogram",
    "histogram_text",
    "proposed_cutoff",
]
