"""The audit log: who did what, when and why, in ``runs/audit/log.jsonl``.

Each line is an entry that holds the SHA-256 of the one before (Schneier and Kelsey, "Secure audit logs to support computer
forensics", 1999), so that a line that is edited, dropped, moved or put in between breaks the chain. What a chain cannot show by
itself is that its end was cut off, or that an older copy of the whole log was put back. Against that its head (number and hash of
the last entry) stands in other places too, as RFC 6962 has it for signed tree heads: in ``runs/audit/head.json``, in the manifest of
each run and each release, and wherever people note it (``curate audit verify --expect``).

What protects from what:

- without a key, from mistakes, and from whoever may change the log but not the manifests, the releases that were handed on, or the note;
- with ``CURATE_AUDIT_KEY`` also from whoever may write all of ``runs/`` and ``exports/`` but does not know the key: every entry carries
  an HMAC-SHA256 (``seal``), without which no chain can be built anew. An older copy put back still needs a head noted elsewhere;
- who has the key, or may run curate in the name of another, is held by the operating system only.

The log is only ever added to, so it also works on a file that the system administrator made append-only (``chattr +a``).
"""

from __future__ import annotations

from curate.audit.actions import ACTIONS, action_word
from curate.audit.changes import Change, Tracked, changed_files, record_changes
from curate.audit.entry import Entry
from curate.audit.log import entries, record
from curate.audit.trouble import Trouble
from curate.audit.verify import Verified, verify
from curate.audit.witness import Witness, noted

__all__ = [
    "ACTIONS",
    "Change",
    "Entry",
    "Tracked",
    "Trouble",
    "Verified",
    "Witness",
    "action_word",
    "changed_files",
    "entries",
    "noted",
    "record",
    "record_changes",
    "verify",
]
