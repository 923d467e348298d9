"""A run: what it did is on disk, what did not change is not done again, and two at once do not hurt each other."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner, Result

from curate.clean.drop_short import DropShort
from curate.cli import main
from curate.report.words import REASONS
from curate.rows import Outcome
from curate.run import PastRun, open_run

RECIPE = """\
name: small
corpora:
  companies: {path: companies.csv, key: id, identity: [id], text: "{{name}}。{{intro}}"}
  news: {path: news.jsonl, key: id, tier: secondary}
clean:
  - fold_width
  - drop_short: {min_chars: 3, only: [news]}
  - mask_pii
dedupe: {same_key: , exact: , minhash: }
synthesize:
  tasks:
    - template: {corpus: companies, file: pairs.yaml}
export: [llamafactory, rag]
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def digests(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A workspace with two corpora; returns its recipe."""
    companies = [
        f"{n},展会服务{n}公司,为第{n * 7}届展会提供搭建、物流和第{n}号翻译服务，电话1381234{n:04d}。"
        for n in range(60)
    ]
    (tmp_path / "companies.csv").write_text("id,name,intro\n" + "\n".join(companies) + "\n", encoding="utf-8")
    news = [{"id": n, "text": f"第{n}号消息：本届展会第{n * 13}个展位已经订出"} for n in range(40)] + [
        {"id": 99, "text": "顶"}
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in news)
    (tmp_path / "news.jsonl").write_text(lines + "{\n", encoding="utf-8")
    pairs = (
        "- question: intro\n  ask: ['{{ name }}做什么？', '请介绍{{ name }}。']\n  answer: '{{ intro }}'\n"
    )
    (tmp_path / "pairs.yaml").write_text(pairs, encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(RECIPE, encoding="utf-8")
    return tmp_path / "recipe.yaml"


def fresh(past: PastRun) -> list[tuple[str, str, str]]:
    return [(step.phase, step.unit, step.corpus) for step in past.steps if not step.cached]


def test_a_second_run_does_no_work_and_says_so(small: Path) -> None:
    assert run("run", small).exit_code == 0
    first = open_run(small.parent)
    before = digests(small.parent / "exports")
    stamps = {
        path: path.stat().st_mtime_ns for path in (small.parent / "exports").rglob("*") if path.is_file()
    }
    again = run("run", small)
    assert "没有重做任何一步" in again.output
    second = open_run(small.parent)
    assert fresh(first)
    assert fresh(second) == []
    assert [step.key for step in first.steps] == [step.key for step in second.steps]
    assert digests(small.parent / "exports") == before
    assert {path: path.stat().st_mtime_ns for path in stamps} == stamps


def test_another_option_of_one_cleaner_reruns_from_there_only(small: Path) -> None:
    run("run", small)
    small.write_text(RECIPE.replace("min_chars: 3", "min_chars: 9"), encoding="utf-8")
    assert run("run", small).exit_code == 0
    again = fresh(open_run(small.parent))
    assert ("clean", "drop_short", "news") in again
    assert ("clean", "mask_pii", "news") in again
    assert ("clean", "fold_width", "news") not in again
    assert not [step for step in again if step[0] == "sources"]
    # nothing of the other corpus changed, so its training data stands
    assert not [step for step in again if step[2] == "companies"]
    assert ("export", "llamafactory", "*") not in again


def test_a_spelt_out_default_is_the_same_recipe(small: Path) -> None:
    run("run", small)
    small.write_text(RECIPE.replace("- fold_width", "- fold_width: {skip: []}"), encoding="utf-8")
    run("run", small)
    assert fresh(open_run(small.parent)) == []


def test_new_rows_leave_the_old_ones_in_their_split(small: Path) -> None:
    def splits() -> dict[str, str]:
        result = run(
            "query", "SELECT row_id, split FROM companies ORDER BY row_id", "-C", small.parent, "--json"
        )
        return {row["row_id"]: row["split"] for row in json.loads(result.stdout)}

    run("run", small)
    before = splits()
    with (small.parent / "companies.csv").open("a", encoding="utf-8") as file:
        file.writelines(f"n{n},新公司{n}号,第{n * 31}次参展，主营{n}类展具\n" for n in range(20))
    run("run", small)
    after = splits()
    assert len(after) == len(before) + 20
    assert {row: after[row] for row in before} == before


def test_smaller_shards_give_the_same_export(small: Path, tmp_path: Path) -> None:
    other = shutil.copytree(small.parent, tmp_path / "other", ignore=shutil.ignore_patterns("other"))
    assert run("run", small).exit_code == 0
    assert run("run", other / "recipe.yaml", "--shard-rows", "7").exit_code == 0
    assert len(open_run(other).steps[0].table.shards) > 5
    one, two = digests(small.parent / "exports"), digests(other / "exports")
    manifests = {name for name in one if name.endswith("manifest.json")}  # these name the cache keys
    assert {name: one[name] for name in one.keys() - manifests} == {
        name: two[name] for name in two.keys() - manifests
    }


def test_two_runs_at_once_share_their_work_and_agree(small: Path) -> None:
    command = [sys.executable, "-m", "curate.cli", "run", str(small)]
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) for _ in range(2)]
    outputs = [process.communicate(timeout=100) for process in both]
    assert [process.returncode for process in both] == [0, 0], [text.decode() for _, text in outputs]
    runs = sorted(path.parent.name for path in (small.parent / "runs").glob("*/manifest.json"))
    assert len(runs) == 2
    manifests: list[dict[str, Any]] = [open_run(small.parent, name).manifest for name in runs]
    done = [step["key"] for manifest in manifests for step in manifest["steps"] if not step["cached"]]
    assert len(done) == len(set(done)), "a step was done twice"
    assert [step["key"] for step in manifests[0]["steps"]] == [step["key"] for step in manifests[1]["steps"]]
    assert not list((small.parent / "exports").rglob(".*.new"))


def test_what_a_killed_export_left_is_not_exported(small: Path) -> None:
    run("run", small)
    before = digests(small.parent / "exports")
    step = next(step for step in open_run(small.parent).steps if step.unit == "rag")
    (step.folder / "step.json").unlink()
    (step.folder / "files/.chunks.jsonl.1.2.tmp").write_text("half", encoding="utf-8")
    assert run("run", small).exit_code == 0
    assert digests(small.parent / "exports") == before


def test_a_phase_that_loses_a_row_fails_the_run(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lossless = DropShort.apply

    def lossy(self: DropShort, rows: pl.DataFrame) -> Outcome:
        outcome = lossless(self, rows)
        return Outcome(outcome.kept.head(outcome.kept.height - 1), outcome.dropped)

    monkeypatch.setattr(DropShort, "apply", lossy)
    result = run("run", small)
    assert result.exit_code == 1
    assert "行数对不上" in result.stderr
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


def test_a_row_is_traced_through_every_phase(small: Path) -> None:
    run("run", small)
    kept = run("trace", "companies:7", "-C", small.parent).output
    assert "1381234****" not in kept
    assert "138****0007" in kept
    assert "intro" in kept
    assert "companies:7#pairs.intro" in kept
    dropped = run("trace", "news:99", "-C", small.parent).output
    assert "too_short" in dropped
    unread = run("trace", "news:!news.jsonl:42", "-C", small.parent).output
    assert "bad_json" in unread
    wrong = run("trace", "companies:700", "-C", small.parent)
    assert wrong.exit_code == 2
    assert "是不是 companies:" in wrong.stderr
    of_pair = run("trace", "companies:7#pairs.intro", "-C", small.parent).output
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


def test_a_run_whose_cache_was_deleted_says_so(small: Path) -> None:
    run("run", small)
    shutil.rmtree(small.parent / "runs/cache")
    assert "核对" in run("show", "-C", small.parent).output  # the figures are the manifest's
    for command in (["trace", "companies:7"], ["query", "SELECT 1"], ["query"]):
        result = run(*command, "-C", small.parent)
        assert result.exit_code == 2
        assert "runs/cache" in result.stderr
        assert "curate run" in result.stderr
    assert run("run", small).exit_code == 0
