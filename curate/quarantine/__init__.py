"""Quarantine: rows that failed their schema, on a sheet that their owner can mend, and the way back into the next run."""

from curate.quarantine.back import take_back, take_off
from curate.quarantine.summary import Summary, summary
from curate.quarantine.taken import Taken, taken_lines
from curate.quarantine.written import Quarantined, write_quarantine, write_sheet

__all__ = [
    "Quarantined",
    "Summary",
    "Taken",
    "summary",
    "take_back",
    "take_off",
    "taken_lines",
    "write_quarantine",
    "write_sheet",
]
