"""recipes/weekly.yaml behind recipes/expo.yaml: a week's news against all that is known."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from curate.cli import main
from curate.run import open_run
from tests.conftest import copy_example

ROOT = Path(__file__).parents[2]


def run(folder: Path, recipe: str) -> dict[str, tuple[str, str]]:
    """row_id -> (reason, of) of the rows that dedupe dropped."""
    result = CliRunner().invoke(main, ["run", str(folder / "recipes" / f"{recipe}.yaml"), "--json"])
    assert result.exit_code == 0, result.output
    steps = [step for step in open_run(folder, recipe).steps if step.phase == "dedupe" and step.corpus != "*"]
    dropped = pl.concat(
        [
            pl.read_parquet(file, columns=["row_id", "reason", "of"])
            for step in steps
            for file in step.dropped_shards
        ]
    )
    return {row: (reason, of) for row, reason, of in dropped.iter_rows()}


@pytest.fixture(scope="module")
def weekly(expo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace in which the worked example has run: what is left of it is its index."""
    folder = copy_example(tmp_path_factory.mktemp("weekly"))
    shutil.copytree(expo / "runs/index", folder / "runs/index")
    return folder


@pytest.fixture(scope="module")
def stories() -> dict[str, str | None]:
    """row_id -> the row_id that it repeats."""
    lines = [json.loads(line) for line in (ROOT / "data/weekly/truth.jsonl").read_text("utf-8").splitlines()]
    return {f"news:{line['key']}": line["of"] and f"news:{line['of']}" for line in lines}


def test_exactly_the_stories_that_are_known_go_and_each_names_the_one_it_repeats(
    weekly: Path, stories: dict[str, str | None]
) -> None:
    gone = run(weekly, "weekly")
    assert gone == {row: ("protected", of) for row, of in stories.items() if of}
    chunks = pl.read_parquet(weekly / "exports/weekly/rag/chunks.parquet")
    assert set(chunks["parent_id"]) == {row for row, of in stories.items() if not of}


def test_the_week_behind_knows_this_one(weekly: Path, stories: dict[str, str | None]) -> None:
    run(weekly, "weekly")
    new = next(row for row, of in stories.items() if not of)
    lines = (weekly / "data/weekly/2026-w14.jsonl").read_text("utf-8").splitlines()
    story = next(line for line in lines if new.removeprefix("news:") in line)
    again = json.loads(story) | {"网址": "https://news.example.com/2026/w15-01.html"}
    other = weekly / "data/weekly/2026-w15.jsonl"
    other.write_text(json.dumps(again, ensure_ascii=False) + "\n", encoding="utf-8")
    recipe = (weekly / "recipes/weekly.yaml").read_text("utf-8")
    recipe = recipe.replace("path: data/weekly/2026-w14.jsonl", "path: data/weekly/2026-w15.jsonl")
    (weekly / "recipes/behind.yaml").write_text(recipe.replace("name: weekly", "name: behind"), "utf-8")
    assert run(weekly, "behind") == {f"news:{again['网址']}": ("seen_before", new)}
