"""Attack: a schema file outside the workspace: its code is not run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_workspace import RECIPE, make, run

EVIL = """
from pathlib import Path
from pydantic import BaseModel
Path(__file__).with_name("ran").touch()
class Company(BaseModel):
    id: str
"""


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CURATE_DATA_ROOTS")
    (tmp_path / "evil.py").write_text(EVIL, encoding="utf-8")
    (tmp_path / "own/schemas").mkdir(parents=True)
    return make(tmp_path / "own")


def told(recipe: Path, reference: str) -> str:
    recipe.write_text(
        RECIPE.replace("identity: [id],", f"identity: [id], schema: {reference},"), encoding="utf-8"
    )
    outcome = run("check", recipe)
    assert outcome.exit_code == 1
    assert not (recipe.parent.parent / "ran").exists()
    return outcome.stderr


def test_by_its_path(alone: Path) -> None:
    assert "recipe.yaml:3: ../evil.py 在工作区之外" in told(alone, "../evil.py:Company")
    assert "在工作区之外" in told(alone, f"{alone.parent.parent}/evil.py:Company")


def test_by_a_link(alone: Path) -> None:
    (alone.parent / "schemas/company.py").symlink_to(alone.parent.parent / "evil.py")
    assert "在工作区之外" in told(alone, "schemas/company.py:Company")


def test_by_a_neighbour_that_is_a_link(alone: Path) -> None:
    (alone.parent / "schemas/other.py").symlink_to(alone.parent.parent / "evil.py")
    (alone.parent / "schemas/company.py").write_text(
        "from .other import Company as Other\nclass Company(Other):\n    pass\n", encoding="utf-8"
    )
    assert "在工作区之外，不会运行它的代码" in told(alone, "schemas/company.py:Company")
