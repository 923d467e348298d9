"""Drift: what sets the rows of one run apart from those of another, as figures, and which of them are more than chance."""

from curate.drift.compare import Limits, Measure, compare, judged

__all__ = ["Limits", "Measure", "compare", "judged"]
