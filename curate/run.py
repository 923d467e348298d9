"""A run: its folder, its manifest, and the steps in it."""

from __future__ import annotations

import json
import os
import platform
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from curate import __version__
from curate.cache import Step
from curate.errors import AccountingError, UsageError
from curate.files import need_own, write_json
from curate.language import say
from curate.phases import FLOW, PAIR_PHASES
from curate.recipe import Loaded


def runs_folder(workspace: Path) -> Path:
    """Raises:
    CurateError: it is a link to somewhere outside the workspace.
    """
    return need_own(workspace / "runs", workspace)


class Run:
    """A run under way: ``runs/<stamp>_<name>/manifest.json`` is written anew after every step."""

    def __init__(self, loaded: Loaded, limit: int | None = None) -> None:
        root = runs_folder(loaded.workspace)
        stamp = datetime.now().strftime("%Y%m%d-%H%M%S")
        root.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            # of several runs of one second the last has the last name
            self.folder = root / f"{stamp}_{loaded.recipe.name}{f'_{number:03}' if number > 1 else ''}"
            try:
                self.folder.mkdir()
                break
            except FileExistsError:
                continue
        shutil.copyfile(loaded.file, self.folder / "recipe.yaml")
        self.steps: list[Step] = []
        self._told: list[dict[str, Any]] = []
        self.about: dict[str, Any] = {
            "name": loaded.recipe.name,
            "recipe": str(loaded.file),
            "corpora": {name: corpus.tier for name, corpus in loaded.recipe.corpora.items()},
            "limit": limit,
            "status": "running",
            "process": os.getpid(),
            "started": datetime.now().astimezone().isoformat(timespec="seconds"),
            "curate": __version__,
            "python": platform.python_version(),
        }
        self._began = time.perf_counter()
        self._save()

    def add(self, step: Step) -> Step:
        """Take a finished step into the manifest, after checking that it got what the one before kept."""
        before = self.last(step.corpus) if step.corpus != "*" else None
        if step.phase in FLOW and before is not None and before.phase in FLOW and step.rows_in != before.kept:
            raise AccountingError(
                say(
                    f"{step.corpus}：{before.unit} 留下 {before.kept} 行，{step.unit} 却读到 {step.rows_in} 行",
                    f"{step.corpus}: {before.unit} kept {before.kept} rows, but {step.unit} got {step.rows_in}",
                ),
                say("这是程序的错误，请报告给开发者", "this is a defect of curate: report it"),
            )
        self.steps.append(step)
        self._told.append({**step.as_json(), "seconds": 0.0 if step.cached else step.seconds})
        self._save()
        return step

    def last(self, corpus: str) -> Step | None:
        return next((step for step in reversed(self.steps) if step.corpus == corpus), None)

    def witness(self, head: dict[str, Any]) -> None:
        """Keep the head of the audit log, so that a log that is cut off later shows."""
        self.about["audit"] = head
        self._save()

    def finish(self, status: str, **more: Any) -> None:
        self.about |= {"status": status, "seconds": round(time.perf_counter() - self._began, 2), **more}
        self._save()

    def _save(self) -> None:
        write_json(self.folder / "manifest.json", {**self.about, "steps": self._told})


@dataclass(frozen=True, eq=False)
class PastRun:
    """A run on disk."""

    folder: Path
    manifest: dict[str, Any]
    steps: list[Step]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def status(self) -> str:
        """As written; a run that says it is running but whose process is gone was stopped."""
        status = str(self.manifest["status"])
        return "stopped" if status == "running" and not _alive(int(self.manifest["process"])) else status

    def need_rows(self) -> None:
        """Raises:
        UsageError: the rows of a step were deleted with the cache; the manifest's figures remain.
        """
        if not all(step.folder.is_dir() for step in self.steps):
            raise UsageError(
                say(
                    f"运行 {self.name} 的中间结果已被删除（runs/cache）",
                    f"the rows of {self.name} were deleted (runs/cache)",
                ),
                say("再运行一次 curate run 配方.yaml", "run curate run RECIPE again"),
            )

    def of(self, corpus: str) -> Iterator[Step]:
        yield from (step for step in self.steps if step.corpus == corpus)

    @property
    def pairs(self) -> list[Step]:
        """The steps that hold the pairs as they are in the end, one a task."""
        last: dict[tuple[str, str], Step] = {}
        for step in self.steps:
            task = (task_of(step), step.corpus)
            if (step.phase == "pairs" and task[0] == step.unit) or task in last:
                last[task] = step
        return list(last.values())

    def final(self, corpus: str) -> Step | None:
        """The corpus's last step in the flow."""
        flow = [step for step in self.of(corpus) if step.phase in FLOW]
        return flow[-1] if flow else None


#: What a step does for a task, in front of the task's name. The slots of a model and the verdicts on its answers are no pairs.
_ASKING = ("slots", "limit", "ask", "weigh", "judge")
_DOING = ("rules", "schema", "inspect", "cutoff")


def task_of(step: Step) -> str:
    """The task whose pairs a step holds; empty where it holds none."""
    what, _, name = step.unit.partition(":")
    if step.phase not in PAIR_PHASES or (what in _ASKING and name):
        return ""
    return name if what in _DOING and name else step.unit


def _alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def open_run(workspace: Path, name: str | None = None) -> PastRun:
    """A run by its name (or a part of it), or the newest one.

    Raises:
        UsageError: there is none, with the names that there are.
    """
    folders = sorted(path.parent for path in runs_folder(workspace).glob("*/manifest.json"))
    if not folders:
        raise UsageError(
            say(f"{runs_folder(workspace)} 里还没有运行记录", f"there is no run in {runs_folder(workspace)}"),
            say(
                "先运行 curate run 配方.yaml；或用 -C 指定工作区",
                "run curate run RECIPE first, or name the workspace with -C",
            ),
        )
    found = [folder for folder in folders if folder.name == name] or [
        folder for folder in folders if name is None or name in folder.name
    ]
    if not found:
        listed = "、".join(folder.name for folder in folders[-5:])
        raise UsageError(
            say(f"没有名字含 {name} 的运行", f"no run is called {name}"),
            say(f"最近的运行：{listed}", f"the last runs: {listed}"),
        )
    manifest = json.loads((found[-1] / "manifest.json").read_text(encoding="utf-8"))
    cache = runs_folder(workspace) / "cache"
    steps = [Step(**step, folder=cache / step["key"][:32]) for step in manifest["steps"]]
    return PastRun(found[-1], manifest, steps)
