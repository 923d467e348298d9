"""Review without a server: the run waits, fails, and goes on; what people said is carried out."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest

from curate.review.answers import results
from curate.review.interface import load_interface
from curate.run import PastRun, open_run
from tests.conftest import ROOT
from tests.small_workspace import run as command
from tests.stories import review

LI, WANG = "li@example.com", "wang@example.com"


def run(recipe: Path, *more: str) -> tuple[int, str]:
    result = command("run", recipe, *more)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.exit_code, result.output


def right(item: dict[str, Any]) -> str:
    """A verdict that hangs on the question: some are rejected, some edited."""
    return {"visitors": "reject", "area": "edit"}.get(item["question"], "accept")


def released(recipe: Path) -> pl.DataFrame:
    folder = sorted((recipe.parent.parent / "exports/fair").glob("v*"))[-1]
    return pl.read_parquet(folder / "provenance.parquet").filter(pl.col("kind") == "sft")


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    made = review.make(tmp_path)
    code, told = run(made)
    assert code == 3, told
    assert "40 条里还有 40 条没有看够 2 个人，缺 80 个判断" in told
    assert "curate review push" in told
    return made


def test_the_run_waits_until_everybody_is_done_and_then_exports_what_was_accepted(recipe: Path) -> None:
    review.say(recipe, LI, right)
    code, told = run(recipe)
    assert code == 3 and "缺 40 个判断" in told
    assert not list((recipe.parent.parent / "exports").glob("fair/v*"))
    review.say(recipe, WANG, right)
    code, told = run(recipe)
    assert code == 0, told
    assert "Cohen’s kappa 1.00" in told
    sample = {item["item_id"]: right(item) for item in review.items(recipe)}
    assert set(sample.values()) == {"accept", "edit", "reject"}
    there = released(recipe)
    assert not {name for name, decision in sample.items() if decision == "reject"} & set(there["pair_id"])
    decided = dict(there.select("pair_id", "review_decision").drop_nulls().iter_rows())
    assert decided == {name: decision for name, decision in sample.items() if decision != "reject"}
    step = next(s for s in open_run(recipe.parent.parent).steps if s.phase == "review" and s.unit == "fair")
    assert step.reasons["rejected_in_review"] == sum(decision == "reject" for decision in sample.values())


def test_an_edited_pair_is_exported_as_edited_and_explained(recipe: Path) -> None:
    for name in (LI, WANG):
        review.say(recipe, name, right)
    assert run(recipe)[0] == 0
    edited = next(item for item in review.items(recipe) if right(item) == "edit")
    question = json.loads(edited["data"])["question"]
    folder = sorted((recipe.parent.parent / "exports/fair").glob("v*"))[-1]
    text = "\n".join(file.read_text(encoding="utf-8") for file in (folder / "data").glob("fair_*"))
    assert f"请问，{question}" in text
    told = command("explain", edited["item_id"], "-C", recipe.parent.parent).output
    assert "人工审核：修改 · 2 人一致" in told
    assert f"原来的问题：{question}" in told


def test_people_who_do_not_agree_stop_the_run_with_what_to_do(recipe: Path) -> None:
    review.say(recipe, LI, right)
    review.say(
        recipe, WANG, lambda item: {"accept": "reject", "reject": "accept", "edit": "edit"}[right(item)]
    )
    code, told = run(recipe)
    assert code == 4
    for words in ("kappa", "AC1", "接受", "拒绝", "requeue", "labelstudio/pair_review.md"):
        assert words in told, words
    assert open_run(recipe.parent.parent).status == "failed"


def test_disputes_wait_for_the_expert_whose_word_decides(recipe: Path) -> None:
    odd = review.items(recipe)[3]["item_id"]
    other = {"accept": "reject", "reject": "accept", "edit": "accept"}
    review.say(recipe, LI, right)
    review.say(recipe, WANG, lambda item: other[right(item)] if item["item_id"] == odd else right(item))
    code, told = run(recipe)
    assert (code, "1 条意见不一，等专家裁决" in told, "curate review adjudicate" in told) == (3, True, True)
    review.say(
        recipe, review.EXPERT, lambda item: "reject" if item["item_id"] == odd else "", stage="adjudicate"
    )
    assert run(recipe)[0] == 0
    assert odd not in set(released(recipe)["pair_id"])
    report = command("review", "report", recipe).output
    assert "专家裁决：拒绝" in report and "看过资料" in report


def test_pairs_that_were_not_chosen_go_where_the_recipe_says_so(tmp_path: Path) -> None:
    made = review.make(tmp_path, "controls: 0\n        unsampled: drop")
    assert run(made)[0] == 3
    for name in (LI, WANG):
        review.say(made, name, right)
    assert run(made)[0] == 0
    sample = {item["item_id"] for item in review.items(made) if right(item) != "reject"}
    assert set(released(made)["pair_id"]) == sample
    step = next(s for s in open_run(tmp_path).steps if s.phase == "review" and s.unit == "fair")
    assert step.reasons["not_reviewed"] > 0


def test_a_trial_asks_nobody_and_releases_nothing(recipe: Path) -> None:
    code, told = run(recipe, "--limit", "10")
    assert code == 0, told
    assert "不写训练数据的版本" in told
    assert not list((recipe.parent.parent / "exports").glob("fair/v*"))
    # what people are asked is that of the last run that was none
    assert "0 / 40 条判完" in command("review", "status", recipe).output


@pytest.mark.parametrize(
    ("projects", "what"),
    [
        ("pairs, pairs", "pairs 只能写一个"),
        ("labels, labels", "都写进 mood 这一列"),
        ("noise_audit", "没有噪声抽样"),
        ("duplicates", "dedupe 里没有 records"),
    ],
)
def test_projects_that_cannot_work_are_found_before_the_run(tmp_path: Path, projects: str, what: str) -> None:
    made = review.make(tmp_path)
    pages = {"pairs": "pair_review"}
    lines = ["  projects:"]
    for number, kind in enumerate(projects.split(", ")):
        page = pages.get(kind, kind)
        more = ", corpus: reports, column: mood" if kind == "labels" else ""
        lines.append(
            f"    - {kind}: {{name: p{number}, interface: labelstudio/{page}.xml, guideline: labelstudio/{page}.md{more}}}"
        )
    text = made.read_text(encoding="utf-8")
    head, tail = text[: text.index("  projects:")], text[text.index("export:") :]
    made.write_text(head + "\n".join(lines) + "\n" + tail, encoding="utf-8")
    result = command("check", made)
    assert result.exit_code == 1
    assert what in result.output


def test_what_is_put_back_is_judged_anew(recipe: Path) -> None:
    for name in (LI, WANG):
        review.say(recipe, name, right)
    item = review.items(recipe)[0]["item_id"]
    told = command("review", "requeue", recipe, "--item", item, "--why", "说明改了", "--by", "me").output
    assert "1 条退回重标，原来的 2 个判断不再计入" in told
    code, waits = run(recipe)
    assert (code, "缺 2 个判断" in waits) == (3, True)
    excluded = command("review", "requeue", recipe, "--without", LI, "--why", "不认真", "--by", "me").output
    assert LI in excluded
    assert "缺 41 个判断" in run(recipe)[1]
    assert command("review", "requeue", recipe, "--why", "x").exit_code == 2


def fill_in(sheet: Path, **cells: str) -> None:
    """Write the same into the columns of every item of a sheet."""
    book = openpyxl.load_workbook(sheet)
    rows = book["标注"]
    for control, word in cells.items():
        column = next(cell.column for cell in rows[1] if f"（{control}）" in str(cell.value))
        for line in range(2, rows.max_row + 1):
            rows.cell(line, column).value = word
    book.save(sheet)


def test_a_team_without_a_server_fills_in_a_sheet(recipe: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "pairs.xlsx"  # everybody sends back a file of this name
    for name in (LI, WANG):
        assert "40 条" in command("review", "push", recipe, "--to", sheet).output
        fill_in(sheet, decision="接受")
        told = command("review", "pull", recipe, "--from", sheet, "--as", name).output
        assert "40 个判断，其中 40 个是新的或改过的" in told
        again = command("review", "pull", recipe, "--from", sheet, "--as", name).output
        assert "其中 0 个是新的" in again
    status = command("review", "status", recipe).output
    assert "40 / 40 条判完" in status and LI in status and WANG in status
    code, told = run(recipe)
    assert code == 0, told
    assert "所有人始终选了同一个答案，kappa 没有定义" in told
    assert "没有要看的" in command("review", "push", recipe, "--to", sheet).output


def test_an_expert_settles_disputes_in_a_sheet_and_may_correct_it(recipe: Path, tmp_path: Path) -> None:
    odd = review.items(recipe)[3]["item_id"]
    other = {"accept": "reject", "reject": "accept", "edit": "accept"}
    review.say(recipe, LI, right)
    review.say(recipe, WANG, lambda item: other[right(item)] if item["item_id"] == odd else right(item))
    assert run(recipe)[0] == 3
    sheet = tmp_path / "d.xlsx"
    told = command("review", "adjudicate", recipe, "--to", sheet).output
    assert "1 条" in told and "--adjudication" in told
    fill_in(sheet, decision="接受", decision_reason="看过")
    wrong = command("review", "pull", recipe, "--from", sheet, "--as", LI)
    assert (wrong.exit_code, "--adjudication" in wrong.output) == (2, True)
    wrong = command("review", "pull", recipe, "--from", sheet, "--as", LI, "--adjudication")
    assert (wrong.exit_code, "experts" in wrong.output) == (2, True)
    for word, kept in (("接受", True), ("拒绝", False)):
        fill_in(sheet, decision=word, reasons="答非所问" if word == "拒绝" else "")
        command("review", "pull", recipe, "--from", sheet, "--as", review.EXPERT, "--adjudication")
        code, told = run(recipe)
        assert code == 0, told
        assert (odd in set(released(recipe)["pair_id"])) == kept


def test_what_is_saved_gives_the_same_elsewhere_with_what_was_put_back(recipe: Path, tmp_path: Path) -> None:
    for name in (LI, WANG):
        sheet = tmp_path / "pairs.xlsx"
        command("review", "push", recipe, "--to", sheet)
        fill_in(sheet, decision="接受")
        command("review", "pull", recipe, "--from", sheet, "--as", name)
    item = review.items(recipe)[0]["item_id"]
    command("review", "requeue", recipe, "--item", item, "--why", "再看", "--by", "me")
    command("review", "requeue", recipe, "--without", LI, "--why", "不认真", "--by", "me")
    code, here = run(recipe)
    assert code == 3 and "缺 41 个判断" in here
    saved = tmp_path / "saved.jsonl"
    assert "80 条标注" in command("review", "save", recipe, saved).output
    (tmp_path / "other").mkdir()
    elsewhere = review.make(tmp_path / "other")
    shutil.copy(saved, tmp_path / "other/votes/saved.jsonl")
    code, there = run(elsewhere)
    assert code == 3 and "缺 41 个判断" in there


def test_a_command_that_comes_too_early_says_what_to_run_first(tmp_path: Path) -> None:
    made = review.make(tmp_path)
    result = command("review", "status", made)
    assert result.exit_code == 2 and "curate run" in result.output
    result = command("review", "push", made)
    assert result.exit_code == 2 and "curate run" in result.output


def test_without_a_server_push_says_how_to_do_without(recipe: Path) -> None:
    result = command("review", "push", recipe)
    assert result.exit_code == 1 and "--to" in result.output


ROWS = """\
name: talk
corpora:
  comments: {path: comments.jsonl, key: id}
  firms: {path: firms.csv, key: id, text: "{{name}}"}
noise: {sample: 10}
dedupe: {records: {firms: {match: {name: company_name, city: category}, merge_above: 1.0, review_above: 0.5}}}
split: {ratios: {train: 1.0, validation: 0, test: 0}}
synthesize:
  tasks:
    - classify: {corpus: comments, label: mood}
review:
  annotations: votes/*.jsonl
  experts: [zhou@example.com]
  projects:
    - labels: {corpus: comments, column: mood, sample: 30, interface: labelstudio/labels.xml, guideline: labelstudio/labels.md}
    - noise_audit: {interface: labelstudio/noise_audit.xml, guideline: labelstudio/noise_audit.md}
    - duplicates: {interface: labelstudio/duplicates.xml, guideline: labelstudio/duplicates.md}
export:
  - llamafactory: {model: deepseek-r1-distill-qwen-1.5b, gpu: {card: RTX 4090}}
"""


def make_rows(folder: Path) -> Path:
    shutil.copytree(ROOT / "labelstudio", folder / "labelstudio")
    (folder / "votes").mkdir()
    (folder / "votes/none.jsonl").write_text("", encoding="utf-8")
    comments = [
        {
            "id": n,
            "text": f"第{n}次来这个展会，{'收获很大' if n % 2 else '组织得很差'}，一共看了{n * 3 + 1}个展台",
        }
        for n in range(30)
    ]
    (folder / "comments.jsonl").write_text(
        "\n".join(json.dumps(row, ensure_ascii=False) for row in comments), encoding="utf-8"
    )
    firms = ["1,云岚展览服务有限公司,上海", "2,云岚展览有限公司,上海", "3,砾石农机股份有限公司,青岛"]
    (folder / "firms.csv").write_text("id,name,city\n" + "\n".join(firms) + "\n", encoding="utf-8")
    (folder / "talk.yaml").write_text(ROWS, encoding="utf-8")
    return folder / "talk.yaml"


def judge_rows(
    recipe: Path, project: str, page: str, values: Callable[[dict[str, Any]], dict[str, Any]]
) -> int:
    """Two people say the same of every item of a project."""
    folder = recipe.parent
    step = next(step for step in open_run(folder).steps if step.unit == f"items:{project}")
    interface = load_interface(folder / f"labelstudio/{page}.xml", folder / f"labelstudio/{page}.md")
    rows = pl.read_parquet(step.folder / "items.parquet").to_dicts()
    lines = [
        {
            "project": project, "annotation_id": f"{name}/{item['item_id']}", "item_id": item["item_id"],
            "content": item["content"], "annotator": name, "result": results(interface, values(item)),
            "updated_at": "2026-11-20T08:00:00Z",
        }
        for item in rows
        for name in (LI, WANG)
    ]  # fmt: skip
    text = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines)
    (folder / f"votes/{project}.jsonl").write_text(text, encoding="utf-8")
    return len(rows)


def test_people_label_rows_and_say_which_records_are_the_same(tmp_path: Path) -> None:
    recipe = make_rows(tmp_path)
    code, told = run(recipe)
    assert code == 3, told
    assert all(f"审核项目 {name}" in told for name in ("labels", "noise_audit", "duplicates"))

    def mood(item: dict[str, Any]) -> dict[str, Any]:
        return {"label": "positive" if "收获" in item["data"] else "negative"}

    dirty = "comments:4"
    assert judge_rows(recipe, "labels", "labels", mood) == 30
    assert judge_rows(recipe, "duplicates", "duplicates", lambda item: {"same": "same"}) == 1

    def noisy(item: dict[str, Any]) -> dict[str, Any]:
        return {"noisy": "yes", "kinds": ["advert"]} if item["item_id"] == dirty else {"noisy": "no"}

    # the noise sample is drawn from what is left when the records are merged
    code, told = run(recipe)
    assert code == 3 and "审核项目 duplicates" not in told
    judge_rows(recipe, "noise_audit", "noise_audit", noisy)
    code, told = run(recipe)
    assert code == 0, told
    past = open_run(tmp_path)
    firms = next(s for s in past.steps if (s.phase, s.unit, s.corpus) == ("dedupe", "dedupe", "firms"))
    assert (firms.rows_in, firms.kept, firms.reasons) == (3, 2, {"same_entity": 1})
    pairs = pl.concat([pl.read_parquet(shard) for step in past.pairs for shard in step.table.shards])
    wanted = {f"comments:{n}": "正面" if n % 2 else "负面" for n in range(30)}
    judged = {row["item_id"] for row in items_of(past, "noise_audit")}
    if dirty in judged:
        wanted.pop(dirty)
    assert dict(pairs.filter(pl.col("kind") == "sft").select("parent_id", "output").iter_rows()) == wanted


def items_of(past: PastRun, project: str) -> list[dict[str, Any]]:
    step = next(step for step in past.steps if step.unit == f"items:{project}")
    return pl.read_parquet(step.folder / "items.parquet").to_dicts()


def test_a_trial_of_labels_has_the_column_that_people_would_fill(tmp_path: Path) -> None:
    code, told = run(make_rows(tmp_path), "--limit", "12", "--until", "mix")
    assert code == 0, told
    assert "字段为空 12" in told
