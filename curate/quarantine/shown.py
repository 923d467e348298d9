"""Shown: a cell as the sheet shows it, which is what a returned cell is compared with; and the marks of its rows."""

from __future__ import annotations

import re
from collections.abc import Sequence

from curate.algorithms.spreadsheet import MOST_CELL
from curate.files import sha256_of

GUIDE, ROW_ID, PROBLEM = "说明", "行号", "问题"
#: The hidden columns, and what their values begin with: Excel would take some bare digests for numbers. ``curate_content``
#: is a digest of what the row showed, ``curate_shown`` says whether that was masked.
HIDDEN = {"curate_run": "r_", "curate_corpus": "c_", "curate_content": "d_", "curate_shown": "s_"}
MASKED, UNMASKED = "masked", "unmasked"

#: what stands behind the beginning of a text that no cell of Excel holds
CUT = "……（太长，表里放不下，不能在这里改 / too long for a cell, not to be mended here）"
#: characters that XML cannot hold
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")


def as_shown(text: str | None) -> str:
    """A cell's text in Excel: one kind of line end, nothing that its format cannot hold, and no more than fits."""
    plain = _CONTROL.sub("\ufffd", (text or "").replace("\r\n", "\n").replace("\r", "\n"))
    # Excel counts a character beyond the basic plane as two
    fits = len(plain) <= MOST_CELL // 2 or len(plain.encode("utf-16-le")) // 2 <= MOST_CELL
    return plain if fits else plain[: (MOST_CELL - len(CUT)) // 2] + CUT


def is_cut(shown: str) -> bool:
    return shown.endswith(CUT)


def content_of(corpus: str, row_id: str, shown: Sequence[str]) -> str:
    """Digest of a row as the sheet showed it, 24 hex digits."""
    return sha256_of([corpus, row_id, *shown])[:24]
