"""Releases made by the real pipeline, and their ``train.sh`` run by the real LLaMA-Factory."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from ruamel.yaml import YAML

from curate.cli import main
from curate.export.verify import verify
from curate.files import sha256_of_file
from tests.live.tiny_model import Kind, make_tiny_model
from tests.live.train_env import train_python

#: One thread: with more, torch spins on shared cores and takes ten times as long.
ENVIRONMENT = {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


def read_settings(path: Path) -> dict[str, Any]:
    return dict(YAML(typ="safe").load(path.read_text(encoding="utf-8")))


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of a .jsonl; not ``splitlines``, which takes U+2028 inside a text for an end."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def run(*arguments: str | Path) -> str:
    """What ``curate`` says; it must not fail."""
    result = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert result.exit_code == 0, f"{result.output}\n{result.exception!r}"
    return result.output


def recipe_like(original: Path, name: str, change: Callable[[dict[str, Any]], None]) -> Path:
    """A recipe beside ``original`` that differs from it in what ``change`` does."""
    recipe = read_settings(original)
    recipe["name"] = name
    change(recipe)
    changed = original.with_name(f"{name}.yaml")
    with changed.open("w", encoding="utf-8") as file:
        YAML(typ="safe").dump(recipe, file)
    return changed


def exporter_of(recipe: dict[str, Any]) -> dict[str, Any]:
    """The settings of the recipe's ``llamafactory``, to be changed."""
    settings: dict[str, Any]
    (settings,) = [step["llamafactory"] for step in recipe["export"] if "llamafactory" in step]
    return settings


def make_release(recipe: Path, *options: str) -> Path:
    """``curate run`` the recipe; its first version."""
    run("run", recipe, *options)
    release = recipe.parents[1] / "exports" / recipe.stem / "v1"
    assert verify(release) == []
    return release


def texts_of(release: Path) -> list[str]:
    """All texts that the release trains on: what a tiny tokenizer learns its words from."""

    def inside(value: Any) -> list[str]:
        if isinstance(value, str):
            return [value]
        parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
        return [text for part in parts for text in inside(part)]

    files = sorted((release / "data").rglob("*_train_*.jsonl"))
    return inside([read_rows(file) for file in files])


def tiny_model(
    folder: Path, release: Path, kind: Kind = "deepseekr1", hidden: int = 64, layers: int = 2
) -> Path:
    return make_tiny_model(folder, train_python(), texts_of(release), kind, hidden, layers)


def start(release: Path, task: str, model: Path, stdin: str = "", seconds: int = 300, **settings: Any) -> str:
    """``bash train.sh TASK model_name_or_path=MODEL key=value ...``; everything that it says.

    It must end with 0, and leave the release as it was released.
    """
    before = {path: sha256_of_file(path) for path in release.glob("*.yaml")}
    given = {"model_name_or_path": model, **settings}
    path = f"{train_python().parent}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        ["bash", release / "train.sh", task, *(f"{key}={value}" for key, value in given.items())],
        input=stdin,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        check=False,
        # from anywhere: the script knows its own folder
        cwd=release.parents[2],
        env={**os.environ, **ENVIRONMENT, "PATH": path},
    )
    assert done.returncode == 0, done.stdout[-4000:]
    assert before == {path: sha256_of_file(path) for path in release.glob("*.yaml")}
    assert verify(release) == []
    return done.stdout


def state(output: Path) -> dict[str, Any]:
    """trainer_state.json: ``global_step``, ``max_steps``, ``log_history`` and so on."""
    return dict(json.loads((output / "trainer_state.json").read_text(encoding="utf-8")))


def losses(output: Path) -> list[float]:
    """The training losses in the order of the steps."""
    return [entry["loss"] for entry in state(output)["log_history"] if "loss" in entry]


def thirds(values: list[float]) -> tuple[float, float]:
    """The means of the first and of the last third."""
    size = len(values) // 3
    assert size >= 3, values
    return sum(values[:size]) / size, sum(values[-size:]) / size


def in_train_env(program: str, *arguments: str | Path, folder: Path, seconds: int = 120) -> Any:
    """Run a program by the train environment's Python in ``folder``; the last line that it prints, as JSON."""
    done = subprocess.run(
        [train_python(), "-c", program, *arguments],
        capture_output=True,
        encoding="utf-8",
        errors="replace",
        timeout=seconds,
        check=False,
        cwd=folder,
        env={**os.environ, **ENVIRONMENT, "PYTHONPATH": ""},
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().rsplit("\n", 1)[-1])
