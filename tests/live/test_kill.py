"""kill -9 at ten random moments: the run goes on where it was, and the export is the same to the byte."""

from __future__ import annotations

import random
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from curate.run import open_run
from tests.live.conftest import finish, start
from tests.stories.real import make_workspace

pytestmark = pytest.mark.live

KILLS = 10


def exported(workspace: Path) -> dict[str, bytes]:
    folder = workspace / "exports"
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def differing(one: Path, other: Path) -> list[str]:
    """Exported files that are not the same to the byte."""
    a, b = exported(one), exported(other)
    return sorted(name for name in a.keys() | b.keys() if a.get(name) != b.get(name))


def whole_work(workspace: Path) -> dict[Path, int]:
    """Every finished step and shard, and when it was written (nanoseconds)."""
    cache = workspace / "runs/cache"
    marks = [*cache.glob("*/step.json"), *cache.glob("*/shards/*.json")]
    return {mark: mark.stat().st_mtime_ns for mark in marks}


def begun(process: subprocess.Popen[bytes], workspace: Path) -> None:
    """Wait until the process works on its run: how long Python takes to load its packages is the machine's affair."""
    before = set(workspace.glob("runs/*/manifest.json"))
    while process.poll() is None and set(workspace.glob("runs/*/manifest.json")) <= before:
        time.sleep(0.01)


def test_ten_kills_change_nothing(undisturbed: Path, shared_data: Path, tmp_path: Path) -> None:
    whole = open_run(undisturbed).manifest["seconds"]
    recipe = make_workspace(shared_data, tmp_path / "work")
    workspace = recipe.parent
    chance = random.Random(20261122)
    kills, finished, done = 0, 0, dict[Path, int]()
    # the last kill of them must leave finished work behind, or there is nothing to resume
    while kills < KILLS or (not done and kills < 3 * KILLS):
        process = start(recipe)
        try:
            begun(process, workspace)
            # mostly a small part of the run, so that the ten moments lie all along it
            process.communicate(timeout=chance.uniform(0, whole / 4))
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            kills += 1
            now = whole_work(workspace)
            assert {mark: now.get(mark) for mark in done} == done, "finished work was done again"
            done = now
            continue
        finished += 1
        assert differing(workspace, undisturbed) == []
        shutil.rmtree(workspace / "runs")
        shutil.rmtree(workspace / "exports")
        done = {}
    time.sleep(0.1)
    finish(recipe)
    now = whole_work(workspace)
    assert {mark: now.get(mark) for mark in done} == done, "finished work was done again"
    assert differing(workspace, undisturbed) == []
    reused = sum(step.cached for step in open_run(workspace).steps)
    print(f"{kills} kills, {finished} runs finished between them, {reused} steps of the last run from disk")
    assert done
    assert reused
