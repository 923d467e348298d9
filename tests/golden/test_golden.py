"""A small recipe in, its files out, to the letter. ``CURATE_GOLDEN=write`` rewrites them; read the diff."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

from click.testing import CliRunner

from curate.cli import main
from curate.query import query
from curate.run import open_run

HERE = Path(__file__).parent


def outputs(workspace: Path) -> dict[str, str]:
    """The exported text files, and what was dropped on the way."""
    exports = workspace / "exports/fair"
    found = {
        str(path.relative_to(exports)): path.read_text("utf-8")
        for path in sorted(exports.rglob("*"))
        if path.suffix in (".jsonl", ".json") and path.name != "manifest.json"
    }
    sql = """SELECT phase, row_id, reason, detail, of, round(similarity, 3) AS similarity FROM dropped
             WHERE reason NOT IN ('training_only', 'retrieval_only') ORDER BY ALL"""
    rows = query(open_run(workspace), sql).to_dicts()
    found["dropped.jsonl"] = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return found


def test_the_small_recipe_gives_its_golden_files(tmp_path: Path) -> None:
    workspace = shutil.copytree(HERE / "fair", tmp_path / "fair", ignore=shutil.ignore_patterns("expected"))
    result = CliRunner().invoke(main, ["run", str(workspace / "recipe.yaml")])
    assert result.exit_code == 0, result.output
    found, expected = outputs(workspace), HERE / "fair/expected"
    if os.environ.get("CURATE_GOLDEN") == "write":
        shutil.rmtree(expected, ignore_errors=True)
        for name, text in found.items():
            (expected / name).parent.mkdir(parents=True, exist_ok=True)
            (expected / name).write_text(text, encoding="utf-8", newline="\n")
    golden = {
        str(path.relative_to(expected)): path.read_text("utf-8")
        for path in expected.rglob("*")
        if path.is_file()
    }
    assert found == golden
