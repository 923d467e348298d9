"""The starter project: the worked example, copied."""

from __future__ import annotations

import shutil
from pathlib import Path

from curate.errors import UsageError
from curate.language import say

FOLDERS = ("recipes", "schemas", "labelstudio", "data")


def copy_starter(folder: Path) -> list[str]:
    """Copy the example into ``folder``; returns the names of what it holds then.

    Raises:
        UsageError: one of the folders is there already; nothing is overwritten.
    """
    # a wheel carries the example inside the package; in a checkout it stands beside it
    package = Path(__file__).parent
    source = package / "starter" if (package / "starter").is_dir() else package.parent
    there = [name for name in FOLDERS if (folder / name).exists()]
    if there:
        raise UsageError(
            say(f"{folder / there[0]} 已经存在", f"{folder / there[0]} exists already"),
            say("换一个新文件夹，什么都不会被覆盖", "choose a new folder; nothing is overwritten"),
        )
    for name in FOLDERS:
        leave = shutil.ignore_patterns("__pycache__", "*.py" if name == "data" else "__pycache__")
        shutil.copytree(source / name, folder / name, ignore=leave)
    return list(FOLDERS)
