"""One run over the shipped sample data, for all stories of it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from curate.cli import main
from curate.run import PastRun, open_run
from tests.conftest import ROOT


def copy_example(folder: Path) -> Path:
    """A workspace with the worked example in it."""
    for name in ("recipes", "schemas", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="session")
def expo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a finished run of ``recipes/expo.yaml``; tests read it only."""
    workspace = copy_example(tmp_path_factory.mktemp("expo"))
    result = CliRunner().invoke(main, ["run", str(workspace / "recipes/expo.yaml")])
    assert result.exit_code == 0, result.output
    return workspace


@pytest.fixture(scope="session")
def expo_run(expo: Path) -> PastRun:
    return open_run(expo)


@pytest.fixture(scope="session")
def truth() -> list[dict[str, Any]]:
    """What was planted in the sample data."""
    lines = (ROOT / "data/truth.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]
