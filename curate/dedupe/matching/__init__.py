"""Entity matching of records: which rows of a corpus are one company, visitor or product, and what is merged.

``match_records`` decides over the columns of ``RecordRules.match``; ``golden_rows`` makes the merged row. Pure functions
over frames: no files, no corpora.
"""

from curate.dedupe.matching.decide import Matched, evidence_text, match_records
from curate.dedupe.matching.golden import golden_rows
from curate.dedupe.matching.people import TOLD
from curate.dedupe.matching.rules import GoldenRule, Kind, RecordRules

__all__ = [
    "TOLD",
    "GoldenRule",
    "Kind",
    "Matched",
    "RecordRules",
    "evidence_text",
    "golden_rows",
    "match_records",
]
