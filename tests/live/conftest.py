"""Workspaces over the real corpora of ``../shared/data``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.stories.real import make_workspace


def start(recipe: Path) -> subprocess.Popen[bytes]:
    """``curate run`` as a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "curate.cli", "run", str(recipe)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finish(recipe: Path) -> None:
    process = start(recipe)
    _, told = process.communicate(timeout=900)
    assert process.returncode == 0, told.decode()


@pytest.fixture(scope="session")
def undisturbed(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a finished run; tests read it only."""
    recipe = make_workspace(shared_data, tmp_path_factory.mktemp("undisturbed") / "work")
    finish(recipe)
    return recipe.parent
