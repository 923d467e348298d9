"""A run: what it did is on disk, what did not change is not done again, and two at once do not hurt each other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.clean.cleaner import Notes
from curate.clean.drop_short import DropShort
from curate.report.words import REASONS
from curate.rows import Outcome
from curate.run import PastRun, open_run
from tests.small_workspace import RECIPE, fresh, run


def digests(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_second_run_does_no_work_and_says_so(ran: Path) -> None:
    first = open_run(ran.parent)
    before = digests(ran.parent / "exports")
    stamps = {path: path.stat().st_mtime_ns for path in (ran.parent / "exports").rglob("*") if path.is_file()}
    again = run("run", ran)
    assert "没有重做任何一步" in again.output
    second = open_run(ran.parent)
    assert fresh(first)
    assert fresh(second) == []
    assert [step.key for step in first.steps] == [step.key for step in second.steps]
    assert digests(ran.parent / "exports") == before
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_another_option_of_one_cleaner_cleans_its_corpus_anew_and_no_other(ran: Path) -> None:
    ran.write_text(RECIPE.replace("min_chars: 3", "min_chars: 9"), encoding="utf-8")
    assert run("run", ran).exit_code == 0
    again = fresh(open_run(ran.parent))
    assert ("clean", "clean", "news") in again
    assert not [step for step in again if step[0] == "sources"]
    # nothing of the other corpus changed, so its training data stands
    assert not [step for step in again if step[2] == "companies"]
    assert ("export", "llamafactory", "*") not in again


def test_a_spelt_out_default_is_the_same_recipe(ran: Path) -> None:
    ran.write_text(RECIPE.replace("- fold_width", "- fold_width: {skip: []}"), encoding="utf-8")
    run("run", ran)
    assert fresh(open_run(ran.parent)) == []


def test_new_rows_leave_the_old_ones_in_their_split(ran: Path) -> None:
    def splits() -> dict[str, str]:
        result = run(
            "query", "SELECT row_id, split FROM companies ORDER BY row_id", "-C", ran.parent, "--json"
        )
        return {row["row_id"]: row["split"] for row in json.loads(result.stdout)}

    before = splits()
    with (ran.parent / "companies.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"n{n},新公司{n}号,第{n * 31}次参展，主营{n}类展具\n" for n in range(20))
    run("run", ran)
    after = splits()
    assert len(after) == len(before) + 20
    assert {row: after[row] for row in before} == before


def test_smaller_shards_give_the_same_export(small: Path, ran: Path) -> None:
    assert run("run", small, "--shard-rows", "11").exit_code == 0
    assert len(open_run(small.parent).steps[0].table.shards) > 5
    one, two = digests(ran.parent / "exports"), digests(small.parent / "exports")
    manifests = {name for name in one if name.endswith("manifest.json")}  # these name the cache keys
    assert {name: one[name] for name in one.keys() - manifests} == {
        name: two[name] for name in two.keys() - manifests
    }


def test_two_runs_at_once_share_their_work_and_agree(small: Path) -> None:
    command = [sys.executable, "-m", "curate.cli", "run", str(small)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as other:
        while other.poll() is None and not list((small.parent / "runs").glob("*_small")):
            time.sleep(0.02)
        assert other.poll() is None, "the other has begun and is not done"
        here = run("run", small)
        _, told = other.communicate(timeout=100)
    assert (other.returncode, here.exit_code) == (0, 0), told + here.output
    runs = sorted(path.parent.name for path in (small.parent / "runs").glob("*/manifest.json"))
    assert len(runs) == 2
    manifests: list[dict[str, Any]] = [open_run(small.parent, name).manifest for name in runs]
    done = [step["key"] for manifest in manifests for step in manifest["steps"] if not step["cached"]]
    assert len(done) == len(set(done)), "a step was done twice"
    assert [step["key"] for step in manifests[0]["steps"]] == [step["key"] for step in manifests[1]["steps"]]
    assert not list((small.parent / "exports").rglob(".*.new"))


def test_what_a_killed_export_left_is_not_exported(ran: Path) -> None:
    before = digests(ran.parent / "exports")
    step = next(step for step in open_run(ran.parent).steps if step.unit == "rag")
    (step.folder / "step.json").unlink()
    (step.folder / "files/.chunks.jsonl.1.2.tmp").write_text("half", encoding="utf-8")
    assert run("run", ran).exit_code == 0
    assert digests(ran.parent / "exports") == before


def test_a_phase_that_loses_a_row_fails_the_run(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lossless = DropShort.apply

    def lossy(self: DropShort, rows: pl.DataFrame, notes: Notes | None = None) -> Outcome:
        outcome = lossless(self, rows, notes)
        return Outcome(outcome.kept.head(outcome.kept.height - 1), outcome.dropped)

    monkeypatch.setattr(DropShort, "apply", lossy)
    result = run("run", small)
    assert result.exit_code == 1
    assert "drop_short 读入 41 行" in result.stderr
    assert "对不上" in result.stderr
    assert open_run(small.parent).manifest["status"] == "failed"
    assert not (small.parent / "exports").exists()


def test_a_run_stops_behind_the_phase_that_is_asked_for(small: Path) -> None:
    assert run("run", small, "--until", "clean", "--limit", "5").exit_code == 0
    past = open_run(small.parent)
    assert {step.phase for step in past.steps} == {"sources", "clean"}
    assert past.steps[0].kept == 5
    assert not (small.parent / "exports").exists()


def test_a_log_has_plain_lines_and_json_has_the_manifest(small: Path) -> None:
    result = run("run", small)
    assert re.search(r"^清洗 +news +41 → +40 ", result.stderr, re.MULTILINE)
    assert "\x1b" not in result.output
    manifest = json.loads(run("run", small, "--json").stdout)
    assert manifest["status"] == "done"


def test_a_row_is_traced_through_every_phase(ran: Path) -> None:
    kept = run("trace", "companies:7", "-C", ran.parent).output
    assert "1381234****" not in kept
    assert "138****0007" in kept
    assert "intro" in kept
    assert "companies:7#pairs.intro" in kept
    dropped = run("trace", "news:99", "-C", ran.parent).output
    assert "too_short" in dropped
    unread = run("trace", "news:!news.jsonl:42", "-C", ran.parent).output
    assert "bad_json" in unread
    wrong = run("trace", "companies:700", "-C", ran.parent)
    assert wrong.exit_code == 2
    assert "是不是 companies:" in wrong.stderr
    of_pair = run("trace", "companies:7#pairs.intro", "-C", ran.parent).output
    assert "companies:7" in of_pair


def test_a_copy_is_traced_to_the_row_that_stays(expo: Path) -> None:
    found = json.loads(
        run(
            "query", "SELECT row_id, of FROM dropped WHERE reason = 'near_duplicate'", "-C", expo, "--json"
        ).stdout
    )
    traced = json.loads(run("trace", found[0]["row_id"], "-C", expo, "--json").stdout)
    last = traced["events"][-1]
    assert (last["what"], last["reason"], last["of"]) == ("dropped", "near_duplicate", found[0]["of"])
    assert 0.8 <= last["similarity"] <= 1
    assert traced["survivor"]
    shown = run("trace", found[0]["row_id"], "-C", expo).output
    assert "最终留下的是" in shown


def test_show_tells_reasons_and_examples(expo: Path) -> None:
    table = run("show", "-C", expo).output
    assert "核对：读入" in table
    assert "=" in table
    clean = run("show", "clean", "--corpus", "posts", "-C", expo).output
    assert "太短 too_short" in clean
    assert "posts:" in clean
    wrong = run("show", "cleen", "-C", expo)
    assert wrong.exit_code == 2
    assert "是不是 clean" in wrong.stderr


def test_examples_of_rows_show_no_personal_data(expo: Path) -> None:
    shown = run("show", "sources", "--corpus", "visitors", "-C", expo).output
    assert "visitors.csv" in shown
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|\d{17}[\dX]", shown)


def test_query_lists_its_tables_and_explains_a_wrong_query(expo: Path) -> None:
    assert "dropped: row_id, corpus, reason" in run("query", "-C", expo).output
    counted = json.loads(run("query", "SELECT count(*) AS n FROM companies", "-C", expo, "--json").stdout)
    assert counted[0]["n"] > 500
    wrong = run("query", "SELECT * FROM companys", "-C", expo)
    assert wrong.exit_code == 2
    assert "SQL 有误" in wrong.stderr


def test_every_reason_of_the_example_has_words_for_the_reader(expo_run: PastRun) -> None:
    reasons = {
        reason for step in expo_run.steps for reason in step.reasons if not reason.startswith("invalid_")
    }
    assert len(reasons) > 10
    assert reasons <= REASONS.keys()


def test_a_run_whose_cache_was_deleted_says_so(ran: Path) -> None:
    shutil.rmtree(ran.parent / "runs/cache")
    assert "核对" in run("show", "-C", ran.parent).output  # the figures are the manifest's
    for command in (["trace", "companies:7"], ["query", "SELECT 1"], ["query"]):
        result = run(*command, "-C", ran.parent)
        assert result.exit_code == 2
        assert "runs/cache" in result.stderr
        assert "curate run" in result.stderr
    assert run("run", ran).exit_code == 0
