"""The commands ``curate audit verify`` and ``curate audit show``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from curate.audit import Tracked, record, record_changes
from curate.cli_audit import audit
from curate.environment import who
from tests.audit.written import told, write


def shown(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(audit, ["show", "-C", str(workspace), *arguments], catch_exceptions=False)


def about(workspace: Path, *arguments: str) -> list[str]:
    return [one["action"] for one in json.loads(shown(workspace, "--json", *arguments).output)]


def test_a_whole_log_ends_with_the_head_to_be_noted(tmp_path: Path) -> None:
    write(tmp_path)
    result = told(tmp_path)
    assert result.exit_code == 0
    assert "审计日志完好：7 条" in result.output
    assert "和 5 处记号一致" in result.output
    head = result.output.strip().rpartition("：")[2]
    assert told(tmp_path, "--expect", head).exit_code == 0


def test_an_empty_workspace_has_nothing_recorded(tmp_path: Path) -> None:
    result = told(tmp_path)
    assert (result.exit_code, result.output) == (0, "审计日志里还没有记录。\n")
    assert "审计日志里没有这样的记录" in shown(tmp_path).output
    assert list(tmp_path.iterdir()) == []


def test_english(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_LANG", "en")
    write(tmp_path)
    assert "The audit log is whole: 7 entries" in told(tmp_path).output
    (tmp_path / "runs/audit/log.jsonl").unlink()
    assert "the log: cut short, or an older copy put back; the log ends at entry 0" in told(tmp_path).output


def test_show_says_who_what_and_why_in_words(tmp_path: Path) -> None:
    record(tmp_path, "run.start", {"run": "20261122_expo"})
    record(tmp_path, "gate.override", {"gate": "noise", "problem": "噪声率 1%"}, "供应商确认是真实数据")
    record(tmp_path, "policy.denied", {"permission": "export", "what": "curate run"})
    record_changes(tmp_path, "expo", [Tracked(f"schemas/{n}.py", "schema", n * 64) for n in "abcd"])
    record_changes(tmp_path, "expo", [Tracked(f"schemas/{n}.py", "schema", "e" * 64) for n in "a"])
    text = " ".join(shown(tmp_path).output.split())
    for part in (
        who(), "开始运行 run 20261122_expo", "放行关卡 noise: 噪声率 1%", "供应商确认是真实数据", "拒绝 导出: curate run",
        "schemas/a.py 新增；", "等共 4 个", "schemas/a.py aaaaaaaa… → eeeeeeee…；schemas/b.py 去掉", "没有权限文件 policy.yaml",
    ):  # fmt: skip
        assert part.replace(" ", "") in text.replace(" ", ""), text


def test_show_chooses(tmp_path: Path) -> None:
    write(tmp_path)
    assert about(tmp_path, "--action", "run.end") == ["run.end"] * 3
    assert about(tmp_path, "--action", "run", "--run", "run2") == ["run.start", "run.end"]
    assert about(tmp_path, "--who", "nobody-of-that-name") == []
    assert about(tmp_path, "--who", who()) == about(tmp_path)
    assert about(tmp_path, "--since", "2999-01-01") == []
    assert about(tmp_path, "--since", "2020-01-01", "--last", "2") == ["run.start", "run.end"]
    assert "还有更早的：--last" in shown(tmp_path, "--last", "2").output


def test_an_unknown_action_is_told_with_the_nearest(tmp_path: Path) -> None:
    write(tmp_path)
    with pytest.raises(Exception, match=r"没有 gate\.overide 这种记录") as error:
        shown(tmp_path, "--action", "gate.overide")
    assert "是不是 gate.override？" in str(error.value)
