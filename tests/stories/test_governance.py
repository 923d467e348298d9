"""Governance as people live it: references, overrides, drift, anonymous visitors, an audit log that tells of it all."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from curate.audit import entries, verify
from curate.query import query
from curate.run import open_run
from tests.conftest import MadeOnce, copy_example
from tests.small_workspace import RECIPE, make, run

SCHEMA = """
from typing import Annotated, Literal
from curate.types import References, Row, Text

class Company(Row):
    id: str
    name: Text
    intro: Text

class News(Row):
    id: str
    text: Text
    about: Annotated[str, References("companies")] | None = None
    kind: Literal["a", "b"] | None = None
"""


@pytest.fixture
def governed(tmp_path: Path) -> Path:
    """A recipe with schemas, whose news refer to companies."""
    folder = tmp_path / "governed"
    (folder / "schemas").mkdir(parents=True)
    (folder / "schemas/all.py").write_text(SCHEMA, encoding="utf-8")
    recipe = make(folder)
    news = [
        {
            "id": str(n),
            "text": f"第{n}号消息：本届展会第{n * 13}个展位已经订出",
            "about": str(n),
            "kind": "ab"[n % 2],
        }
        for n in range(58)
    ]
    news += [
        {
            "id": str(n),
            "text": f"第{n}号消息：本届展会第{n * 13}个展位已经订出",
            "about": f"X{n}",
            "kind": "a",
        }
        for n in (58, 59)
    ]
    lines = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in news)
    (folder / "news.jsonl").write_text(lines, encoding="utf-8")
    text = RECIPE.replace("identity: [id], text", "identity: [id], schema: schemas/all.py:Company, text")
    recipe.write_text(
        text.replace("tier: secondary}", "tier: secondary, schema: schemas/all.py:News}"), encoding="utf-8"
    )
    return recipe


def test_rows_that_refer_to_nothing_are_in_quarantine_with_the_others(governed: Path) -> None:
    told = run("run", governed)
    assert told.exit_code == 0, told.output
    past = open_run(governed.parent)
    gone = query(past, "SELECT row_id, reason, detail FROM dropped WHERE phase = 'validate' ORDER BY row_id")
    assert gone.rows() == [
        (f"news:{n}", "missing_reference", f"about: X{n}：语料 companies 里没有这一行") for n in (58, 59)
    ]
    assert query(past, "SELECT row_id, rule FROM quarantine ORDER BY row_id").rows() == [
        ("news:58", "reference"),
        ("news:59", "reference"),
    ]
    assert (past.folder / "quarantine.xlsx").is_file()
    assert "news 2 行（about 2）" in told.stderr


def test_a_gate_is_passed_with_a_name_and_a_reason_only_and_the_release_says_so(governed: Path) -> None:
    governed.write_text(
        governed.read_text("utf-8") + "validate: {max_invalid: {news: 0.01}}\n", encoding="utf-8"
    )
    stopped = run("run", governed)
    assert stopped.exit_code == 4
    assert "news 有 2/60 行" in stopped.stderr
    assert "--override-gate validate --reason" in stopped.stderr
    assert "quarantine.xlsx" in stopped.stderr, "the sheet is there although the run stopped"
    assert run("run", governed, "--override-gate", "validate").exit_code == 2
    assert (
        run("run", governed, "--override-gate", "release", "--reason", "这个版本等不及了，先放行").exit_code
        == 2
    )
    why = "供应商确认这两条可以缺，李经理同意"
    passed = run("run", governed, "--override-gate", "validate", "--reason", why)
    assert passed.exit_code == 0, passed.output
    assert why in passed.output
    release = governed.parent / "exports/small/v1"
    (told,) = json.loads((release / "manifest.json").read_text("utf-8"))["overrides"]
    assert (told["gate"], told["reason"]) == ("validate", why)
    assert why in (release / "README.md").read_text("utf-8")
    (entry,) = entries(governed.parent, "gate.override")
    assert (entry.why, entry.about["gate"]) == (why, "validate")
    later = open_run(governed.parent).manifest["overrides"]
    assert [one["gate"] for one in later] == ["validate"]


def test_what_a_refresh_changed_is_told_before_anything_is_worked_on(governed: Path) -> None:
    assert run("run", governed).exit_code == 0
    file = governed.parent / "news.jsonl"
    file.write_text(file.read_text("utf-8").replace('"kind": "b"', '"kind": "c"'), encoding="utf-8")
    again = run("run", governed)
    assert again.exit_code == 0
    assert "news.kind：新的取值：c（29 行）；规范不认其中 1 种，29 行会被隔离" in again.output
    governed.write_text(governed.read_text("utf-8") + "validate: {drift: stop}\n", encoding="utf-8")
    file.write_text(file.read_text("utf-8").replace('"kind": "a"', '"kind": "d"'), encoding="utf-8")
    stopped = run("run", governed)
    assert stopped.exit_code == 4
    assert "news.kind：新的取值：d（" in stopped.stderr
    steps = {step.phase for step in open_run(governed.parent).steps}
    assert steps == {"sources"}, "nothing was cleaned yet"


def test_a_policy_decides_who_may(governed: Path) -> None:
    policy = governed.parent / "policy.yaml"
    policy.write_text("roles: {analyst: [run]}\ndefault: [analyst]\n", encoding="utf-8")
    denied = run("run", governed)
    assert denied.exit_code == 5
    assert "没有“导出”（export）的权限" in denied.stderr
    assert run("run", governed, "--until", "cap").exit_code == 0
    assert [entry.about["permission"] for entry in entries(governed.parent, "policy.denied")] == ["export"]
    raw = run("query", "SELECT intro FROM sources_companies LIMIT 1", "-C", governed.parent).output
    assert "138****" in raw, "who may not unmask sees no number, whatever table it is in"
    policy.unlink()
    assert (
        "1381234" in run("query", "SELECT intro FROM sources_companies LIMIT 1", "-C", governed.parent).output
    )


def test_the_log_tells_of_it_all_and_is_whole(governed: Path) -> None:
    assert run("run", governed).exit_code == 0
    governed.write_text(governed.read_text("utf-8").replace("min_chars: 3", "min_chars: 4"), encoding="utf-8")
    assert run("run", governed).exit_code == 0
    actions = Counter(entry.action for entry in entries(governed.parent))
    assert actions == {"audit.begin": 1, "change": 2, "run.start": 2, "run.end": 2, "export": 4}
    newest = next(iter(entries(governed.parent, "change")))
    assert [change["path"] for change in newest.about["changes"]] == ["recipe.yaml"]
    assert not verify(governed.parent).troubles
    assert "开始运行" in run("audit", "show", "-C", governed.parent).output
    log = governed.parent / "runs/audit/log.jsonl"
    lines = log.read_text("utf-8").splitlines(keepends=True)
    log.write_text("".join(lines[:-3]), encoding="utf-8")
    broken = run("audit", "verify", "-C", governed.parent)
    assert broken.exit_code == 1


def _visitors(folder: Path) -> None:
    told = run("run", copy_example(folder) / "recipes/visitors.yaml")
    assert told.exit_code == 0, told.output


@pytest.fixture(scope="module")
def visitors(made_once: MadeOnce) -> Path:
    return made_once("visitors", _visitors)


def test_no_visitor_is_told_apart_from_fewer_than_twenty(visitors: Path) -> None:
    past = open_run(visitors)
    step = past.final("visitors")
    assert step is not None
    rows = pl.concat(list(step.table.frames()))
    classes = Counter(rows.select("age", "city", "title", "updated_at").iter_rows())
    assert rows.height > 600
    assert min(classes.values()) >= 20
    assert (
        rows.select(pl.col("name", "phone", "email", "id_number", "company").is_null().all()).row(0)
        == (True,) * 5
    )


def test_what_is_published_has_noise_and_an_account(visitors: Path, tmp_path: Path) -> None:
    release = visitors / "exports/visitors/v1"
    privacy = json.loads((release / "manifest.json").read_text("utf-8"))["privacy"]
    assert (privacy["epsilon"], privacy["spent"], privacy["total"]) == (0.1, 0.1, 0.5)
    assert "## 统计（差分隐私）" in (release / "README.md").read_text("utf-8")
    copy = shutil.copytree(visitors, tmp_path / "visitors")
    again = run("run", copy / "recipes/visitors.yaml")
    assert again.exit_code == 0
    assert not (copy / "exports/visitors/v2").exists(), "the same answers, the same release, nothing spent"


def test_identifiers_are_shown_to_nobody_who_may_not_see_them(visitors: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(visitors, tmp_path / "visitors")
    (copy / "policy.yaml").write_text("roles: {analyst: [run]}\ndefault: [analyst]\n", encoding="utf-8")
    past = open_run(visitors)
    name, company = query(
        past, "SELECT name, company FROM sources_visitors WHERE row_id = 'visitors:V00001'"
    ).row(0)
    shown = run("trace", "visitors:V00001", "-C", copy).output
    shown += run(
        "query", "SELECT name, company FROM sources_visitors WHERE row_id = 'visitors:V00001'", "-C", copy
    ).output
    assert name not in shown
    assert company not in shown
    assert "（不显示）" in shown


def test_a_broken_schema_of_pairs_is_told_before_any_pair_is_made(governed: Path) -> None:
    (governed.parent / "schemas/pair.py").write_text(
        "from pydantic import BaseModel\nclass Pair(BaseModel):\n    x: nothing\n", encoding="utf-8"
    )
    text = governed.read_text("utf-8") + "validate: {pairs: schemas/pair.py:Pair}\n"
    governed.write_text(text, encoding="utf-8")
    told = run("check", governed)
    assert told.exit_code == 1
    assert f"recipe.yaml:{len(text.splitlines())}: 数据规范 schemas/pair.py 运行出错" in told.stderr


def test_an_export_is_recorded_though_the_run_fails_behind_it(
    governed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CURATE_DATA_ROOTS")
    (governed.parent / "exports/small").mkdir(parents=True)
    (governed.parent / "exports/small/rag").symlink_to(
        governed.parent.parent
    )  # behind the release, nothing is written there
    assert run("run", governed).exit_code == 1
    assert [entry.about["folder"] for entry in entries(governed.parent, "export")] == ["exports/small/v1"]
