"""What all tests share."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner
from filelock import FileLock
from hypothesis import settings

from curate.cli import main
from curate.run import PastRun, open_run
from tests import small_workspace

# How fast an example was says more of the machine than of the code.
settings.register_profile("tests", deadline=None)
settings.load_profile("tests")

ROOT = Path(__file__).parent.parent
#: Real corpora beside the checkout; not everywhere.
SHARED = ROOT.parent / "shared" / "data"
# Tests keep their files in folders of pytest's, and read the real corpora where they stand.
os.environ["CURATE_DATA_ROOTS"] = os.pathsep.join([tempfile.gettempdir(), str(SHARED), str(ROOT)])


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are asserted in the default language; no test meets the endpoint of the person who runs it."""
    for name in ("CURATE_LANG", "LLM_BASE_URL", "LLM_API_KEY", "CURATE_AUDIT_KEY", "CURATE_POLICY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """``../shared/data``; where it is absent the test is left out with a printed line, but fails in CI."""
    if not SHARED.is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"{SHARED} is absent")
        pytest.skip(f"left out: {SHARED} is absent")
    return SHARED


Rows = Callable[..., pl.DataFrame]


@pytest.fixture
def rows() -> Iterator[Rows]:
    """``rows("text", "text", title=[...])``: rows of a corpus ``news`` with system columns in front."""

    def make(*texts: str | None, corpus: str = "news", **columns: list[object]) -> pl.DataFrame:
        ids = [f"{corpus}:{number}" for number in range(len(texts))]
        return pl.DataFrame(
            {
                "row_id": ids,
                "corpus": [corpus] * len(texts),
                "cluster_id": ids,
                "copies": [1] * len(texts),
                **columns,
                "text": pl.Series(texts, dtype=pl.String),
                "updated_at": pl.Series(columns.pop("updated_at", [None] * len(texts)), dtype=pl.String),
            },
            schema_overrides={
                "row_id": pl.String,
                "corpus": pl.String,
                "cluster_id": pl.String,
                "copies": pl.Int64,
            },
        )

    yield make


def copy_example(folder: Path) -> Path:
    """A workspace with the worked example in it."""
    for name in ("recipes", "schemas", "labelstudio", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


MadeOnce = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def made_once(tmp_path_factory: pytest.TempPathFactory) -> MadeOnce:
    """``made_once(name, make)``: a folder that ``make(folder)`` fills for all workers of a session; the first that wants it
    makes it, and tests read it only.
    """
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def once(name: str, make: Callable[[Path], object]) -> Path:
        folder, whole = shared / name, shared / f"{name}.whole"
        with FileLock(shared / f"{name}.lock"):
            if not whole.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                whole.touch()
        return folder

    return once


def _run_example(folder: Path) -> None:
    nobody = {"LLM_BASE_URL": None, "LLM_API_KEY": None}
    result = CliRunner().invoke(main, ["run", str(copy_example(folder) / "recipes/expo.yaml")], env=nobody)
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="session")
def expo(made_once: MadeOnce) -> Path:
    """The workspace of a finished run of ``recipes/expo.yaml``; tests read it only."""
    return made_once("expo", _run_example)


@pytest.fixture(scope="session")
def expo_page(expo: Path, made_once: MadeOnce) -> str:
    """The HTML page of that run."""

    def make(folder: Path) -> None:
        result = CliRunner().invoke(main, ["report", "-C", str(expo)])
        shutil.copyfile(result.output.strip(), folder / "page.html")

    return (made_once("expo-page", make) / "page.html").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def expo_run(expo: Path) -> PastRun:
    return open_run(expo)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """The recipe of a small workspace of its own."""
    (tmp_path / "small").mkdir()
    return small_workspace.make(tmp_path / "small")


def _run_small(folder: Path) -> None:
    result = small_workspace.run("run", small_workspace.make(folder))
    assert result.exit_code == 0, result.output


@pytest.fixture
def ran(made_once: MadeOnce, tmp_path: Path) -> Path:
    """The recipe of a small workspace of its own in which it has run."""
    return shutil.copytree(made_once("small", _run_small), tmp_path / "ran") / "recipe.yaml"


@pytest.fixture(scope="session")
def truth() -> list[dict[str, Any]]:
    """What was planted in the sample data."""
    lines = (ROOT / "data/truth.jsonl").read_text(encoding="utf-8").split("\n")
    return [json.loads(line) for line in lines if line]
