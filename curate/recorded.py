"""What a run leaves in the audit log: that it began, what had changed by then, what it exported, and how it ended."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from curate.audit import Entry, Tracked, record, record_changes
from curate.files import sha256_of_file
from curate.overrides import Overrides
from curate.policy import tracked as policy_files
from curate.recipe import Loaded
from curate.run import Run


def begin(loaded: Loaded, run: Run, files: Iterable[Tracked], until: str) -> None:
    """Record the files that are others than in the last run of this recipe, and the start."""
    workspace, name = loaded.workspace, loaded.recipe.name
    record_changes(workspace, name, [*files, *policy_files(workspace)])
    about = {"run": run.folder.name, "recipe": _shown(loaded.file, workspace), "until": until}
    run.witness(record(workspace, "run.start", about | {"limit": run.about["limit"]}).head)


def end(loaded: Loaded, run: Run, status: str, overrides: Overrides, **more: Any) -> None:
    """Record the end, which stands in the manifest, too."""
    workspace = loaded.workspace
    about = {"run": run.folder.name, "status": status, "overrides": [one["gate"] for one in overrides.used]}
    entry: Entry = record(workspace, "run.end", about)
    run.finish(status, overrides=overrides.used, audit=entry.head, **more)


def exported(loaded: Loaded, run: Run, folder: Path) -> Path:
    """Record what has just left the house, at once: the run may still fail behind it. Returns the folder."""
    about = {
        "run": run.folder.name,
        "folder": _shown(folder, loaded.workspace),
        "manifest_sha256": sha256_of_file(folder / "manifest.json"),
    }
    record(loaded.workspace, "export", about)
    return folder


def _shown(path: Path, workspace: Path) -> str:
    resolved, root = path.resolve(), workspace.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else str(resolved)
