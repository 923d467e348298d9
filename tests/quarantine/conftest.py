"""What the tests of quarantine share."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from curate.quarantine import write_sheet
from tests.conftest import MadeOnce
from tests.quarantine import owner


def _make(folder: Path) -> None:
    write_sheet(owner.run_of(owner.make(folder)), folder / "表.xlsx")


@pytest.fixture
def workspace(made_once: MadeOnce, tmp_path: Path) -> Path:
    """One of its own in which the owner's data has run once, with the sheet ``表.xlsx`` beside it."""
    return Path(shutil.copytree(made_once("owned", _make), tmp_path / "ws"))
