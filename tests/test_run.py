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

from curate.clean.cleaner import Notes
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


def test_another_option_of_one_cleaner_cleans_its_corpus_anew_and_no_other(small: Path) -> None:
    run("run", small)
    small.write_text(RECIPE.replace("min_chars: 3", "min_chars: 9"), encoding="utf-8")
    assert run("run", small).exit_code == 0
    again = fresh(open_run(small.parent))
    assert ("clean", "clean", "news") in again
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


def test_show_clean_tells_each_cleaner_and_what_it_changed_by_example(expo: Path) -> None:
    shown = run("show", "clean", "--corpus", "news", "-C", expo).output
    assert re.search(r"^strip_html +news +594 +594 +0 +text 594 ", shown, re.MULTILINE)
    assert "strip_html 改了 594 处，例如" in shown
    assert "[-<p>-]" in shown
    masked = shown[shown.index("mask_pii 改了") :]
    assert "（原值不显示）" in masked


def test_examples_of_rows_show_no_personal_data(expo: Path) -> None:
    shown = run("show", "sources", "--corpus", "visitors", "-C", expo).output
    assert "visitors.csv" in shown
    assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|\d{17}[\dX]", shown)


def test_trace_tells_each_cleaner_of_a_row(expo: Path, expo_run: PastRun) -> None:
    asked = "SELECT row_id, unit FROM changes WHERE starts_with(row_id, 'news:') ORDER BY row_id"
    changes = json.loads(run("query", asked, "-C", expo, "--json").stdout)
    row_id = changes[0]["row_id"]
    events = json.loads(run("trace", row_id, "-C", expo, "--json").stdout)["events"]
    cleaned = {event["unit"]: event["what"] for event in events if event["phase"] == "clean"}
    [step] = [step for step in expo_run.steps if (step.phase, step.corpus) == ("clean", "news")]
    told = [unit["unit"] for unit in step.units]
    assert list(cleaned) == told[: len(cleaned)]
    assert {unit for unit, what in cleaned.items() if what == "changed"} == {
        row["unit"] for row in changes if row["row_id"] == row_id
    }


def test_a_row_is_still_traced_when_a_file_of_its_cleaners_has_changed(small: Path) -> None:
    run("run", small)
    past = open_run(small.parent)
    stored = past.folder / "recipe.yaml"
    stored.write_text(
        stored.read_text(encoding="utf-8").replace("min_chars: 3", "min_chars: 9"), encoding="utf-8"
    )
    events = json.loads(run("trace", "news:3", "-C", small.parent, "--json").stdout)["events"]
    assert [event["unit"] for event in events if event["phase"] == "clean"] == ["clean"]
    gone = json.loads(run("trace", "news:99", "-C", small.parent, "--json").stdout)["events"][-1]
    assert (gone["phase"], gone["what"], gone["reason"]) == ("clean", "dropped", "too_short")


def test_boilerplate_is_listed_and_goes_once_it_is_confirmed(small: Path) -> None:
    news = small.parent / "news.jsonl"
    told = [json.loads(line) for line in news.read_text(encoding="utf-8").splitlines() if len(line) > 2]
    rows = [{**row, "text": row["text"] + "。\n展会热线请拨总台"} for row in told]
    news.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    assert run("run", small).exit_code == 0
    confirmed = small.parent / "news.txt"
    listed = run("clean", "boilerplate", "news", "--write", confirmed, "-C", small.parent)
    assert "展会热线请拨总台" in listed.output
    lines = confirmed.read_text(encoding="utf-8")
    assert "#展会热线请拨总台\t# 41 行" in lines
    confirmed.write_text(lines.replace("#展会热线", "展会热线"), encoding="utf-8")
    strip = RECIPE.replace(
        "  - fold_width\n", "  - fold_width\n  - strip_boilerplate: {confirmed: news.txt, only: [news]}\n"
    )
    small.write_text(strip, encoding="utf-8")
    assert run("run", small).exit_code == 0
    left = json.loads(run("query", "SELECT text FROM news", "-C", small.parent, "--json").stdout)
    assert len(left) > 30
    assert not [row for row in left if "热线" in row["text"]]
    before = [step.key for step in open_run(small.parent).steps if step.phase == "clean"]
    confirmed.write_text("# nothing\n", encoding="utf-8")
    run("run", small)
    assert before != [step.key for step in open_run(small.parent).steps if step.phase == "clean"]
    wrong = run("clean", "boilerplate", "newz", "-C", small.parent)
    assert wrong.exit_code == 2
    assert "是不是 news" in wrong.stderr


def test_too_much_noise_stops_the_run_behind_dedupe_and_says_which_rows(small: Path) -> None:
    with (small.parent / "news.jsonl").open("a", encoding="utf-8") as file:
        file.write(json.dumps({"id": 50, "text": "<p>没有去掉标签的一条消息</p>"}, ensure_ascii=False) + "\n")
    small.write_text(RECIPE + "noise: {max_noise: 0.003, only: [news]}\n", encoding="utf-8")
    stopped = run("run", small)
    assert stopped.exit_code == 4
    assert "规则在 39 行里查出 1 行有噪声" in stopped.stderr
    assert "news:50" in stopped.stderr
    shown = run("show", "noise", "-C", small.parent).output
    assert "残留标签 mark_up" in shown
    assert "sample.csv" in shown
    assert not (small.parent / "exports").exists()
    assert run("run", small, "--limit", "41").exit_code == 0  # a try of some rows is measured, not stopped
    small.write_text(RECIPE + "noise: {max_noise: 0.05, only: [news]}\n", encoding="utf-8")
    done = run("run", small)
    assert done.exit_code == 0
    assert "剩下的噪声：2.56%" in done.output


def test_a_cleaner_learns_once_from_the_corpora_that_it_names(small: Path) -> None:
    learn = RECIPE.replace(
        "  - mask_pii\n", "  - mask_pii\n  - score_quality: {learn_from: [companies], only: [news]}\n"
    )
    too_little = small.with_name("little.yaml")
    too_little.write_text(learn, encoding="utf-8")
    assert "至少有 5000 字" in run("run", too_little).stderr
    with (small.parent / "companies.csv").open("a", encoding="utf-8") as file:
        file.writelines(
            f"n{n},新公司{n}号,第{n * 31}次参展，主营{n}类展具，在展馆设有服务点\n" for n in range(120)
        )
    small.write_text(learn, encoding="utf-8")
    assert run("run", small).exit_code == 0
    [learned] = [step for step in open_run(small.parent).steps if step.unit == "learn_score_quality"]
    assert not learned.cached
    scores = json.loads(
        run("query", "SELECT min(quality) AS q FROM news", "-C", small.parent, "--json").stdout
    )
    assert 0 <= scores[0]["q"] <= 1
    traced = json.loads(run("trace", "news:3", "-C", small.parent, "--json").stdout)["events"]
    assert "score_quality" in [event["unit"] for event in traced if event["phase"] == "clean"]
    assert run("run", small).exit_code == 0
    assert fresh(open_run(small.parent)) == []


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
