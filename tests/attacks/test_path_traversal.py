"""Attack: a recipe that names files outside its workspace, by ``..``, an absolute path, a glob or a link."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path
from unittest.mock import Mock

import pytest
from pydantic import TypeAdapter, ValidationError

from curate.options import DataPath, FolderOrName
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
        ("path: companies.csv", "path: 'linked/*.csv'", 3),
        ("path: companies.csv", "path: '*/*.csv'", 3),
        ("path: companies.csv", "path: '/**/*.csv'", 3),
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


@pytest.mark.parametrize("old", ["path: companies.csv", "file: pairs.yaml"])
def test_links_in_a_circle_are_no_file(alone: Path, old: str) -> None:
    (alone.parent / "circle").symlink_to("circle")
    alone.write_text(RECIPE.replace(old, f"{old.split(':')[0]}: circle"), encoding="utf-8")
    told = run("check", alone).stderr
    assert "recipe.yaml:" in told
    assert "文件 circle" in told


def test_a_glob_over_the_disk_is_refused_before_it_is_walked(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked = Mock(return_value=[])
    monkeypatch.setattr("curate.options.files_of", walked)
    with pytest.raises(ValidationError, match="在工作区之外"):
        TypeAdapter(DataPath).validate_python("/**/*.csv", context={"workspace": alone.parent})
    walked.assert_not_called()


@pytest.mark.parametrize(("path", "outside"), [("../x", True), ("/etc", True), ("owner/name", False)])
def test_a_data_set_is_a_folder_of_the_workspace_or_a_name(alone: Path, path: str, outside: bool) -> None:
    with pytest.raises(ValidationError, match="在工作区之外") if outside else nullcontext():
        TypeAdapter(FolderOrName).validate_python(path, context={"workspace": alone.parent})


def test_who_runs_it_may_allow_a_folder(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone.write_text(RECIPE.replace("path: companies.csv", "path: ../secret.csv"), encoding="utf-8")
    monkeypatch.setenv("CURATE_DATA_ROOTS", str(alone.parent.parent))
    assert "在工作区之外" not in run("check", alone).stderr
