"""Cleaning and noise in a run: what each cleaner did is told, what people confirm counts, too much noise stops the run."""

from __future__ import annotations

import json
import re
from pathlib import Path

from curate.run import PastRun, open_run
from tests.small_workspace import RECIPE, fresh, run


def test_show_clean_tells_each_cleaner_and_what_it_changed_by_example(expo: Path) -> None:
    shown = run("show", "clean", "--corpus", "news", "-C", expo).output
    assert re.search(r"^strip_html +news +594 +594 +0 +text 594 ", shown, re.MULTILINE)
    assert "strip_html 改了 594 处，例如" in shown
    assert "[-<p>-]" in shown
    masked = shown[shown.index("mask_pii 改了") :]
    assert "（原值不显示）" in masked


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


def test_a_row_is_still_traced_when_a_file_of_its_cleaners_has_changed(ran: Path) -> None:
    past = open_run(ran.parent)
    stored = past.folder / "recipe.yaml"
    stored.write_text(
        stored.read_text(encoding="utf-8").replace("min_chars: 3", "min_chars: 9"), encoding="utf-8"
    )
    events = json.loads(run("trace", "news:3", "-C", ran.parent, "--json").stdout)["events"]
    assert [event["unit"] for event in events if event["phase"] == "clean"] == ["clean"]
    gone = json.loads(run("trace", "news:99", "-C", ran.parent, "--json").stdout)["events"][-1]
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
    run("clean", "boilerplate", "news", "--write", confirmed, "-C", small.parent)  # no run knows of it yet
    assert "\n展会热线请拨总台\n" in confirmed.read_text(encoding="utf-8")
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
