"""Markdown of tables and lists, and lines put together again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from unicodedata import east_asian_width

Cells = Sequence[Sequence[str | None]]
SOFT_HYPHEN = "\u00ad"


def glued(left: str, right: str) -> str:
    """Two halves of a broken line: no space where one side is Chinese; a hyphen that only parts a word goes."""
    if left.endswith(SOFT_HYPHEN) or (re.search(r"[a-z][-‐]$", left) and re.match(r"[a-z]", right)):
        return left[:-1] + right
    if re.search(r"\w[-‐]$", left):
        return left + right
    if not left or not right or wide(left[-1]) or wide(right[0]):
        return left + right
    return f"{left} {right}"


def wide(character: str) -> bool:
    """Chinese, Japanese or Korean, or punctuation of theirs: written without spaces."""
    return east_asian_width(character) in "WF" or character in "“”‘’…—·"


def table(rows: Cells) -> str:
    """A pipe table whose first row is the header; what is a table for its frame only becomes lines.

    Cells are single lines; ``|`` in them is escaped. Rows and columns without any text go.
    """
    cells = [[_cell(cell) for cell in row] for row in rows]
    cells = [row for row in cells if any(row)]
    width = max(map(len, cells), default=0)
    cells = [row + [""] * (width - len(row)) for row in cells]
    used = [place for place in range(width) if any(row[place] for row in cells)]
    if len(cells) < 2 or len(used) < 2:
        return "\n".join(" ".join(dict.fromkeys(filter(None, row))).replace("\\|", "|") for row in cells)
    lines = ["| " + " | ".join(row[place] for place in used) + " |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * len(used), *lines[1:]])


def item(text: str, depth: int = 0, mark: str = "-") -> str:
    return f"{'  ' * depth}{mark} {' '.join(text.split())}"


def _cell(text: str | None) -> str:
    whole = ""
    for line in (text or "").split("\n"):
        whole = glued(whole, " ".join(line.split()))
    return whole.replace("|", "\\|")
