"""Which files of a recipe are others than when they were last recorded: the recipe itself, schemas, prompts, data, the policy."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from curate.audit.entry import Entry
from curate.audit.log import entries, record

Kind = Literal["recipe", "schema", "prompt", "template", "data", "policy", "other"]


@dataclass(frozen=True, order=True)
class Tracked:
    """A file as it is now. ``path`` starts at the workspace; a pattern of many data files may stand as one, with a digest of all."""

    path: str
    kind: Kind
    sha256: str


@dataclass(frozen=True, order=True)
class Change:
    """``before`` is None for a file that is new, ``after`` for one that is gone."""

    path: str
    kind: str
    before: str | None
    after: str | None


def record_changes(workspace: Path, recipe: str, files: Iterable[Tracked]) -> Entry | None:
    """Record what changed among a recipe's files since they were last recorded; None where nothing did.

    The first time all of them are new.

    Raises:
        CurateError: the log cannot be written.
    """
    changes = changed_files(workspace, recipe, files)
    if not changes:
        return None
    return record(workspace, "change", {"recipe": recipe, "changes": [asdict(change) for change in changes]})


def changed_files(workspace: Path, recipe: str, files: Iterable[Tracked]) -> list[Change]:
    """What ``record_changes`` would record, in the order of the paths."""
    before, now = _recorded(workspace, recipe), {file.path: file for file in files}
    changes = [
        Change(path, file.kind, before[path][1] if path in before else None, file.sha256)
        for path, file in now.items()
        if path not in before or before[path][1] != file.sha256
    ]
    changes += [
        Change(path, kind, digest, None) for path, (kind, digest) in before.items() if path not in now
    ]
    return sorted(changes, key=lambda change: change.path)


def _recorded(workspace: Path, recipe: str) -> dict[str, tuple[str, str]]:
    """Path -> (kind, digest) as all changes together leave them. Each path's newest change counts."""
    newest: dict[str, tuple[str, str | None]] = {}
    for entry in entries(workspace, "change"):
        if entry.about.get("recipe") == recipe:
            for change in entry.about.get("changes", []):
                newest.setdefault(change["path"], (change["kind"], change["after"]))
    return {path: (kind, digest) for path, (kind, digest) in newest.items() if digest is not None}
