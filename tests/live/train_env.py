"""The environment in which LLaMA-Factory trains, made when a test first asks for it."""

from __future__ import annotations

import os
import subprocess
from functools import cache
from pathlib import Path

import curate.export.trainer

REPO = Path(__file__).parents[2]
SCRIPT = Path(curate.export.trainer.__file__).parent / "env.sh"


@cache
def train_python() -> Path:
    """Its Python. ``CURATE_TRAIN_ENV`` names a folder other than ``.train-env``; nothing is done when it is whole."""
    folder = Path(os.environ.get("CURATE_TRAIN_ENV") or REPO / ".train-env").resolve()
    done = subprocess.run(["bash", SCRIPT, folder], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return folder / "bin" / "python"
