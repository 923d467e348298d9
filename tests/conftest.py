"""What all tests share."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

from curate.cli import main
from curate.run import PastRun, open_run

ROOT = Path(__file__).parent.parent
#: Real corpora beside the checkout; not everywhere.
SHARED = ROOT.parent / "shared" / "data"


@pytest.fixture(autouse=True)
def _own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages are asserted in the default language; no test meets the endpoint of the person who runs it."""
    for name in ("CURATE_LANG", "LLM_BASE_URL", "LLM_API_KEY"):
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
    for name in ("recipes", "schemas", "data"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture(scope="session")
def expo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The workspace of a finished run of ``recipes/expo.yaml``; tests read it only."""
    workspace = copy_example(tmp_path_factory.mktemp("expo"))
    nobody = {"LLM_BASE_URL": None, "LLM_API_KEY": None}
    result = CliRunner().invoke(main, ["run", str(workspace / "recipes/expo.yaml")], env=nobody)
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
