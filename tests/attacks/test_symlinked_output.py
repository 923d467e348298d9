"""Attack: an output folder that is a link to somewhere else: nothing is written through it."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.export.files import publish
from tests.small_workspace import make, run


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("CURATE_DATA_ROOTS")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "own").mkdir()
    return make(tmp_path / "own")


@pytest.mark.parametrize(
    "link", ["runs", "runs/cache", "runs/audit", "exports", "exports/small", "exports/small/rag"]
)
def test_the_run_stops_with_the_place(alone: Path, link: str) -> None:
    elsewhere = alone.parent.parent / "elsewhere"
    place = alone.parent / link
    place.parent.mkdir(parents=True, exist_ok=True)
    place.symlink_to(elsewhere)
    told = run("run", alone)
    assert told.exit_code == 1
    assert f"指向工作区之外的 {elsewhere}" in told.stderr
    assert "CURATE_DATA_ROOTS" in told.stderr
    assert list(elsewhere.iterdir()) == []


def test_a_release_that_became_a_link_is_not_written_through(alone: Path) -> None:
    assert run("run", alone).exit_code == 0
    release = alone.parent / "exports/small/v1"
    moved = alone.parent.parent / "elsewhere/v1"
    release.rename(moved)
    release.symlink_to(moved)
    told = run("run", alone)
    assert told.exit_code == 1
    assert "指向工作区之外" in told.stderr


@pytest.mark.parametrize("link", ["rag", ".rag.new", ".rag.old"])
def test_an_export_takes_the_place_of_a_link_and_leaves_what_it_led_to(tmp_path: Path, link: str) -> None:
    (tmp_path / "made").mkdir()
    (tmp_path / "made/chunks.jsonl").write_text("{}\n", encoding="utf-8")
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept/own.txt").touch()
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / link).symlink_to(tmp_path / "kept")
    assert publish(tmp_path / "made", tmp_path / "exports/rag") is True
    assert [path.name for path in (tmp_path / "kept").iterdir()] == ["own.txt"]
    assert {path.name for path in (tmp_path / "exports").iterdir()} <= {"rag", ".rag.lock"}
    assert not (tmp_path / "exports/rag").is_symlink()


def test_a_link_within_the_workspace_is_the_users_own(alone: Path) -> None:
    (alone.parent / "disk").mkdir()
    (alone.parent / "exports").symlink_to(alone.parent / "disk")
    assert run("run", alone).exit_code == 0
    assert (alone.parent / "disk/small/v1/manifest.json").is_file()
