"""Privacy: rows that lead to nobody (k-anonymity), and published statistics that give nobody away (differential privacy)."""

from __future__ import annotations

from curate.options import CorpusName
from curate.privacy.anonymity import Anonymize
from curate.privacy.asked import Statistics
from curate.privacy.decision import Decision
from curate.unit import Form

__all__ = ["Anonymize", "Decision", "Privacy", "Statistics"]


class Privacy(Form):
    """隐私：k-匿名和用差分隐私公布的统计。 / Privacy: k-anonymity, and statistics published with differential privacy."""

    anonymize: dict[CorpusName, Anonymize] = {}
    """要匿名的语料 / the corpora that are anonymised"""
    statistics: Statistics | None = None
    """公布的统计 / published statistics"""
