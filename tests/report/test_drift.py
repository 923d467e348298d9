"""``curate diff``: two runs of a recipe."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from curate.cli_diff import diff
from curate.errors import GateFailed, UsageError
from curate.files import write_json, write_parquet
from curate.report.drift import drift_page
from curate.run import open_run
from tests.drift.test_compare import frame

NAMES = ("20261101-000000_demo", "20261108-000000_demo", "20261115-000000_other")


def a_run(workspace: Path, name: str, key: str, rows: pl.DataFrame, status: str = "done") -> None:
    folder = workspace / "runs/cache" / key
    write_parquet(folder / "kept/00000.parquet", rows)
    dropped = 3 if key == "a" else 9
    step = {"key": key, "phase": "clean", "unit": "clean", "corpus": "expo", "rows_in": rows.height + dropped, "kept": rows.height,
            "dropped": dropped, "reasons": {"too_short": dropped}, "changed": {}, "seconds": 0.1}  # fmt: skip
    manifest = {
        "name": name.partition("_")[2],
        "status": status,
        "process": 1,
        "corpora": {"expo": "primary"},
        "steps": [step],
    }
    write_json(workspace / "runs" / name / "manifest.json", manifest)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """Two runs of a recipe of which the second has other cities and areas, a stopped one, and one of another recipe."""
    later = frame(500, 2, city=["深圳<b>"] * 500).with_columns(pl.col("area") * 2).drop("text")
    a_run(tmp_path, NAMES[0], "a", frame(400, 1).drop("text"))
    a_run(tmp_path, NAMES[1], "b", later)
    a_run(tmp_path, "20261109-000000_demo", "b", later, status="failed")
    return tmp_path


def run(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(diff, ["-C", str(workspace), *arguments])


def test_the_last_two_finished_runs_of_the_recipe_are_compared(workspace: Path) -> None:
    text = run(workspace).output
    assert f"{NAMES[0]} → {NAMES[1]}" in text
    assert "有漂移 2 处：expo area、expo city" in text
    assert "400 → 500 行：新增 500，去掉 400，改了 0" in text
    assert "丢弃 3 → 9（正文太短 3 → 9）" in text
    assert "深圳" in text
    assert "不见了 北京×" in text


def test_the_same_rows_are_told_at_once(workspace: Path) -> None:
    text = run(workspace, NAMES[1], NAMES[1]).output
    assert "没有变化：两次运行的数据是同一份" in text
    assert "PSI" not in text


def test_one_name_is_compared_with_the_newest_run(workspace: Path) -> None:
    assert f"{NAMES[0]} → {NAMES[1]}" in run(workspace, "20261101").output


def test_json_holds_the_figures_and_is_kept_for_the_page(workspace: Path) -> None:
    told = json.loads(run(workspace, "--json").output)
    levels = {one["column"]: one["level"] for one in told["corpora"]["expo"]["measures"]}
    assert levels == {"area": "alarm", "stars": "stable", "city": "alarm"}
    page = drift_page(open_run(workspace, NAMES[1]))
    assert page is not None
    assert page["before"] == NAMES[0]
    assert page["sections"][0]["corpus"] == "expo"
    assert drift_page(open_run(workspace, NAMES[0])) is None


def test_the_page_escapes_what_rows_hold(workspace: Path) -> None:
    assert run(workspace, "--html", str(workspace / "drift.html")).exit_code == 0
    page = (workspace / "drift.html").read_text("utf-8")
    assert "深圳&lt;b&gt;" in page
    assert "深圳<b>" not in page
    assert "漂移" in page


def test_the_gate_names_what_has_drifted(workspace: Path) -> None:
    result = run(workspace, "--gate")
    assert "有漂移 2 处" in result.output
    assert isinstance(result.exception, GateFailed)
    assert (result.exception.exit_code, result.exception.gate) == (4, "drift")
    assert "expo area；expo city" in result.exception.problem
    assert run(workspace, NAMES[0], NAMES[0], "--gate").exit_code == 0


def test_a_wider_limit_lets_numbers_pass(workspace: Path) -> None:
    told = json.loads(run(workspace, "--ks", "0.9", "--json").output)
    assert [one["level"] for one in told["corpora"]["expo"]["measures"] if one["column"] == "area"] == [
        "stable"
    ]


def test_a_corpus_that_is_gone_is_named(workspace: Path) -> None:
    file = workspace / "runs" / NAMES[1] / "manifest.json"
    write_json(file, {**json.loads(file.read_text("utf-8")), "steps": []})
    assert "没有了的语料：expo" in run(workspace).output


def test_one_run_alone_cannot_be_compared(tmp_path: Path) -> None:
    a_run(tmp_path, NAMES[0], "a", frame(40, 1))
    result = run(tmp_path)
    assert isinstance(result.exception, UsageError)
    assert "需要同一份配方的两次完成的运行" in str(result.exception)
