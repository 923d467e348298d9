"""Dedupe as it is told: ``curate show dedupe``, ``curate dedupe rethreshold``, ``curate trace``, the page."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from curate.cli import main
from curate.report.duplicates import WHY_KEPT, dedupe_of, duplicates, need_dedupe
from curate.report.rethreshold import rethreshold_text
from curate.report.words import REASONS
from curate.run import PastRun, open_run


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def shown(expo: Path) -> str:
    result = run("show", "dedupe", "-C", expo)
    assert result.exit_code == 0, result.output
    return result.output


def test_show_tells_rows_removed_by_method_and_corpus(shown: str, expo_run: PastRun) -> None:
    table = shown[shown.index("去掉的行\n") :]
    for step in expo_run.steps:
        if (step.phase, step.unit) == ("dedupe", "dedupe"):
            line = next(line for line in table.splitlines() if line.startswith(step.corpus + " "))
            figures = [int(figure) for figure in re.findall(r"(?<![\d.])\d+(?![\d.])", line)]
            assert figures[0] == step.rows_in
            assert sorted(figures[1:]) == sorted([*step.reasons.values(), step.dropped])


def test_show_tells_groups_and_the_pairs_on_the_edge(shown: str, expo_run: PastRun) -> None:
    found = duplicates(need_dedupe(expo_run))
    assert found.groups and found.least and found.kept
    for title in ("最大的组", "去掉的行里最不像的", "都留下的行里最像的"):
        assert f"\n{title}" in shown
    for group in found.groups:
        assert group.row in shown
    for pair in [*found.least, *found.kept]:
        assert pair.row in shown
        assert pair.of in shown
        assert f"{pair.similarity:.3f}" in shown
    for why, rows in found.kept_counts.items():
        assert f"{WHY_KEPT[why][0]} {rows}" in shown
    assert "[-" in shown
    assert "{+" in shown
    assert "\x1b" not in shown


def test_kept_pairs_are_below_the_threshold_or_say_what_keeps_them_apart(expo_run: PastRun) -> None:
    found = duplicates(need_dedupe(expo_run), 20)
    assert {pair.why for pair in found.kept} == {"below_threshold", "identity"}
    for pair in found.kept:
        assert (pair.similarity < 0.8) if pair.why == "below_threshold" else (" ≠ " in pair.detail), pair


def test_show_of_one_corpus_tells_of_that_alone(expo: Path) -> None:
    told = run("show", "dedupe", "--corpus", "news", "-C", expo).output
    assert "news:" in told
    assert "companies" not in told
    assert "最大的组" not in run("show", "dedupe", "--examples", "0", "-C", expo).output
    assert "最大的组" not in run("show", "clean", "--corpus", "posts", "-C", expo).output


def test_rethreshold_tells_what_would_change_and_what_to_write(expo: Path) -> None:
    result = run("dedupe", "rethreshold", "0.9", "-C", expo)
    assert result.exit_code == 0, result.output
    told = json.loads(run("dedupe", "rethreshold", "0.9", "-C", expo, "--json").stdout)
    now, then, back = (sum(one[name] for one in told["corpora"]) for name in ("now", "then", "back"))
    total = next(line for line in result.output.splitlines() if line.startswith("合计"))
    assert [int(figure.replace(",", "")) for figure in total.split()[2:]] == [now, then, back, 0]
    assert now == then + back > then > 0
    assert "minhash: {threshold: 0.9, alike: 0.5}" in result.output
    assert told["back"][0]["row"] in result.output
    same = run("dedupe", "rethreshold", "0.8", "-C", expo)
    assert "这就是现在的 threshold" in same.output


def test_rethreshold_refuses_what_it_cannot_know(expo: Path, tmp_path: Path) -> None:
    low = run("dedupe", "rethreshold", "0.3", "-C", expo)
    assert low.exit_code == 2
    assert "alike" in low.stderr
    assert run("dedupe", "rethreshold", "1.2", "-C", expo).exit_code == 2
    assert run("dedupe", "rethreshold", "0.8", "-C", tmp_path).exit_code == 2


def test_similar_pairs_are_written_for_a_spreadsheet(expo: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    result = run("dedupe", "pairs", file, "--min", "0.7", "--max", "0.9", "-C", expo)
    assert result.exit_code == 0, result.output
    assert file.read_bytes().startswith(b"\xef\xbb\xbf"), "Excel reads it as UTF-8"
    table = pl.read_csv(file)
    assert f"{table.height} 对" in result.output
    likeness = table["similarity"].to_list()
    assert likeness == sorted(likeness, reverse=True)
    assert 0.7 <= min(likeness) < 0.8 < max(likeness) < 0.9
    for row in table.iter_rows(named=True):
        over = row["similarity"] >= 0.8
        assert row["why"].startswith(
            ("去掉了：近似重复", "identity") if over else ("没到阈值", "identity")
        ), row
        assert row["text"] != row["other_text"]
        assert "[-" in row["difference"] or "{+" in row["difference"]
    run("dedupe", "pairs", file, "--limit", "3", "-C", expo)
    assert pl.read_csv(file)["similarity"].to_list() == sorted(pl.read_csv(file)["similarity"], reverse=True)
    assert pl.read_csv(file).height == 3


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with records to merge, one pair for people, and texts that bring markup."""
    folder = tmp_path_factory.mktemp("small")
    companies = [
        ("1", "上海松塬展览服务有限公司", "91310115MA4FMMF54C", "", "主营<b>展台</b>搭建，服务华东"),
        ("2", "上海松塬展览服务有限公司", "91310115MA4FMMF54C", "13812345678", "展台设计"),
        ("3", "杭州鲸野会展有限公司", "", "", "承办各类行业论坛与年会活动"),
        ("4", "杭州鲸野会展服务有限公司", "", "", "提供展品运输与现场仓储"),
        ("5", "广州木棉塔材料有限公司", "", "", "生产环保展具与各类展台<script>灯箱"),
        ("6", "广州木棉塔材料有限公司", "", "", "生产环保展具与各类展台<script>灯柜"),
    ]
    lines = ["id,name,credit_code,phone,text", *(",".join(row) for row in companies)]
    (folder / "companies.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "recipe.yaml").write_text(
        "name: small\n"
        "corpora:\n"
        "  companies: {path: companies.csv, key: id, tier: secondary}\n"
        "dedupe:\n"
        "  keep: [length]\n"
        "  minhash: {threshold: 0.8, alike: 0.4}\n"
        "  records: {companies: {match: {name: company_name, credit_code: code, phone: phone}}}\n"
        "export: [rag]\n",
        encoding="utf-8",
    )
    result = run("run", folder / "recipe.yaml")
    assert result.exit_code == 0, result.output
    return folder


def test_a_merged_record_is_traced_to_where_its_values_come_from(small: Path) -> None:
    told = run("trace", "companies:1", "-C", small)
    assert told.exit_code == 0, told.output
    assert "companies:2（" + REASONS["same_entity"][0] in told.output
    assert "phone 取自 companies:2（best）：（空） → 138****5678" in told.output
    as_json = json.loads(run("trace", "companies:1", "-C", small, "--json").stdout)
    assert as_json["standing"]["values"][0]["from_row_id"] == "companies:2"
    gone = run("trace", "companies:2", "-C", small).output
    assert "最终留下的是 companies:1" in gone


def test_a_record_that_waits_for_people_says_so(small: Path) -> None:
    assert "可能与 companies:4 是同一条记录" in run("trace", "companies:3", "-C", small).output
    told = run("show", "dedupe", "-C", small).output
    assert "等人看的记录：1 对" in told
    assert "companies:3" in told[told.index("等人看的记录") :]


def test_rethreshold_says_that_records_are_not_counted(small: Path) -> None:
    assert "records" in run("dedupe", "rethreshold", "0.7", "-C", small).output


def test_the_decision_can_be_asked_in_sql(small: Path, expo: Path) -> None:
    listed = run("query", "-C", small).output
    assert "duplicates: corpus, place, row_id, of, similarity, reason" in listed
    for table in ("similar_pairs", "review_pairs", "merged_values"):
        assert f"\n{table}: " in listed
    sql = "SELECT corpus, reason, count(*) AS n FROM duplicates WHERE reason IS NOT NULL GROUP BY ALL ORDER BY ALL"
    counted = json.loads(run("query", sql, "-C", expo, "--json").stdout)
    manifest = open_run(expo).steps
    steps = [step for step in manifest if (step.phase, step.unit) == ("dedupe", "dedupe")]
    right = [(step.corpus, reason, rows) for step in steps for reason, rows in step.reasons.items()]
    assert [(row["corpus"], row["reason"], row["n"]) for row in counted] == sorted(right)


def test_the_page_has_the_duplicates_and_no_markup_of_theirs(small: Path) -> None:
    page = Path(run("report", "-C", small).output.strip()).read_text("utf-8")
    part = page[page.index("<h2>重复的行") :]
    assert "去掉的行里最不像的" in part
    assert "等人看的记录（对） 1" in part
    assert "<del>" in part
    assert "<ins>" in part
    assert "<script>" not in page
    assert "&lt;script&gt;" in part


def test_the_page_of_the_example_tells_its_duplicates(expo_page: str, expo_run: PastRun) -> None:
    part = expo_page[expo_page.index("<h2>重复的行") :]
    found = duplicates(need_dedupe(expo_run))
    for row in [found.groups[0].row, found.least[0].row, found.kept[0].row]:
        assert row in part


@pytest.fixture(scope="module")
def early(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that stopped before dedupe, of a recipe without one."""
    folder = tmp_path_factory.mktemp("early")
    (folder / "posts.jsonl").write_text('{"text": "今日开幕"}\n', encoding="utf-8")
    (folder / "recipe.yaml").write_text(
        "name: early\ncorpora: {posts: {path: posts.jsonl, tier: secondary}}\nexport: [rag]\n",
        encoding="utf-8",
    )
    assert run("run", folder / "recipe.yaml", "--until", "clean").exit_code == 0
    return folder


def test_a_run_without_dedupe_is_told_without_it(early: Path) -> None:
    assert dedupe_of(open_run(early)) is None
    refused = run("dedupe", "rethreshold", "0.8", "-C", early)
    assert refused.exit_code == 2
    assert "没有去重的结果" in refused.stderr
    assert run("trace", "posts:1", "-C", early).exit_code == 2
    assert "<h2>重复的行" not in Path(run("report", "-C", early).output.strip()).read_text("utf-8")
    assert "duplicates" not in run("query", "-C", early).output


def test_english_readers_are_told_in_english(expo_run: PastRun, monkeypatch: pytest.MonkeyPatch) -> None:
    from curate.dedupe.rethreshold import rethreshold
    from curate.report.duplicates import duplicates_text

    monkeypatch.setenv("CURATE_LANG", "en")
    decided = need_dedupe(expo_run)
    told = "\n".join(duplicates_text(duplicates(decided)))
    assert "The least similar rows that went" in told
    assert "below the threshold" in told
    assert "To do so, write below dedupe" in rethreshold_text(rethreshold(decided, 0.9))
