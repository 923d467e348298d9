"""Attack: a recipe that names files outside its workspace, by ``..``, an absolute path, a glob or a link."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.small_workspace import RECIPE, make, run


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The recipe of a workspace beside a file that is none of its business; nothing outside is allowed."""
    monkeypatch.delenv("CURATE_DATA_ROOTS")
    (tmp_path / "secret.csv").write_text("id,name,intro\n1,甲,乙\n", encoding="utf-8")
    (tmp_path / "secret.yaml").write_text("- question: x\n", encoding="utf-8")
    (tmp_path / "own").mkdir()
    return make(tmp_path / "own")


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("path: companies.csv", "path: ../secret.csv", 3),
        ("path: companies.csv", "path: ../*.csv", 3),
        ("path: companies.csv", "path: {absolute}/secret.csv", 3),
        ("file: pairs.yaml", "file: ../secret.yaml", 12),
        ("file: pairs.yaml", "file: link.yaml", 12),
        ("path: companies.csv", "path: linked/secret.csv", 3),
    ],
)
def test_the_recipe_is_refused_at_its_line(alone: Path, old: str, new: str, line: int) -> None:
    (alone.parent / "link.yaml").symlink_to(alone.parent.parent / "secret.yaml")
    (alone.parent / "linked").symlink_to(alone.parent.parent)
    alone.write_text(RECIPE.replace(old, new.format(absolute=alone.parent.parent)), encoding="utf-8")
    for command in ("check", "run"):
        told = run(command, alone)
        assert told.exit_code == 1
        assert f"recipe.yaml:{line}: " in told.stderr
        assert "在工作区之外" in told.stderr
        assert "CURATE_DATA_ROOTS" in told.stderr
    assert not (alone.parent / "exports").exists()


def test_who_runs_it_may_allow_a_folder(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone.write_text(RECIPE.replace("path: companies.csv", "path: ../secret.csv"), encoding="utf-8")
    monkeypatch.setenv("CURATE_DATA_ROOTS", str(alone.parent.parent))
    assert "在工作区之外" not in run("check", alone).stderr
