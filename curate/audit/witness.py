"""Heads of the log that were noted elsewhere: beside it, in the manifests of runs and releases, and by people."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from curate.audit.log import as_head, head_file, read_head
from curate.errors import UsageError
from curate.language import say

#: manifests below the workspace that hold a head under "audit"
MANIFESTS = ("runs/*/manifest.json", "exports/*/manifest.json", "exports/*/*/manifest.json")
#: digits of a hash that are told, and the fewest that somebody may have noted
BRIEF = 16


@dataclass(frozen=True)
class Witness:
    """Somebody saw that entry ``seq`` has a hash that begins with ``hash``."""

    source: str
    seq: int
    hash: str


def witnesses(workspace: Path) -> Iterator[Witness]:
    """All that the workspace holds; manifests that cannot be read or are older than the log say nothing."""
    head = read_head(workspace)
    if head:
        yield Witness(head_file(workspace).relative_to(workspace).as_posix(), head["seq"], head["hash"])
    for pattern in MANIFESTS:
        for file in sorted(workspace.glob(pattern)):
            try:
                told = as_head(json.loads(file.read_bytes()).get("audit"))
            except (OSError, ValueError, AttributeError):
                continue
            if told:
                yield Witness(file.parent.relative_to(workspace).as_posix(), told["seq"], told["hash"])


def noted(text: str) -> Witness:
    """``SEQ:HASH`` as ``verify`` prints it; the beginning of the hash is enough.

    Raises:
        UsageError: it is something else.
    """
    found = re.fullmatch(rf"\s*([1-9]\d*):([0-9a-f]{{{BRIEF},64}})\s*", text)
    if not found:
        raise UsageError(
            say(f"--expect {text} 不是“序号:散列”", f"--expect {text} is not SEQ:HASH"),
            say(
                f"照抄 curate audit verify 最后一行的记号，散列至少 {BRIEF} 位，例如 12:9f2c4e…",
                f"copy it from the last line of curate audit verify; at least {BRIEF} digits of the hash",
            ),
        )
    return Witness("--expect", int(found[1]), found[2])
