"""Who may do what."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import curate.policy
from curate.audit import entries
from curate.errors import CurateError, NotAllowed
from curate.policy import PERMISSIONS, may, need, policy_line, tracked

Become = Callable[[str], None]
POLICY = """\
roles: {analyst: [run, return, review], lead: [run, return, review, override, export, unmask], auditor: []}
users: {wangfang: analyst, lead1: [lead], both: [analyst, auditor], zhang: auditor}
default: []
"""


@pytest.fixture
def as_user(monkeypatch: pytest.MonkeyPatch) -> Become:
    monkeypatch.delenv("CURATE_POLICY", raising=False)

    def become(name: str) -> None:
        monkeypatch.setattr(curate.policy, "who", lambda: name)

    return become


def granted(workspace: Path) -> set[str]:
    return {permission for permission in PERMISSIONS if may(workspace, permission)}


@pytest.mark.parametrize(
    ("user", "permissions"),
    [
        ("wangfang", {"run", "return", "review"}),
        ("lead1", set(PERMISSIONS)),
        ("both", {"run", "return", "review"}),
        ("zhang", set()),
        ("stranger", set()),
    ],
)
def test_users_may_do_what_their_roles_may(
    as_user: Become, tmp_path: Path, user: str, permissions: set[str]
) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    as_user(user)
    assert granted(tmp_path) == permissions


def test_users_who_are_not_named_have_the_default(as_user: Become, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text("roles: {guest: [run]}\ndefault: guest\n", encoding="utf-8")
    as_user("stranger")
    assert granted(tmp_path) == {"run"}


def test_without_a_policy_everybody_may_do_everything(as_user: Become, tmp_path: Path) -> None:
    as_user("stranger")
    assert granted(tmp_path) == set(PERMISSIONS)
    assert policy_line(tmp_path) == "没有权限文件 policy.yaml：谁都可以做所有的事"
    assert tracked(tmp_path) == []


def test_a_denied_attempt_says_what_is_missing_and_is_recorded(as_user: Become, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    as_user("wangfang")
    need(tmp_path, "run", "curate run")
    with pytest.raises(
        NotAllowed, match="用户 wangfang 没有“放行关卡”（override）的权限：放行 noise"
    ) as error:
        need(tmp_path, "override", "放行 noise")
    assert error.value.exit_code == 5
    assert "已记入审计日志" in error.value.hint
    newest = next(entries(tmp_path))
    assert (newest.action, newest.about) == (
        "policy.denied",
        {"permission": "override", "what": "放行 noise"},
    )


def test_who_cannot_write_the_log_is_denied_all_the_same(as_user: Become, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (tmp_path / "runs").write_text("no folder")
    as_user("zhang")
    with pytest.raises(NotAllowed) as error:
        need(tmp_path, "run", "curate run")
    assert "写不进去" in error.value.hint


def test_the_policy_of_the_environment_goes_before_that_of_the_workspace(
    as_user: Become, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "policy.yaml").write_text("roles: {all: [run, unmask]}\ndefault: all\n", encoding="utf-8")
    (tmp_path / "elsewhere.yaml").write_text("roles: {guest: [run]}\ndefault: guest\n", encoding="utf-8")
    as_user("stranger")
    monkeypatch.setenv("CURATE_POLICY", str(tmp_path / "elsewhere.yaml"))
    assert granted(tmp_path) == {"run"}
    assert tracked(tmp_path)[0].path == "elsewhere.yaml"
    monkeypatch.setenv("CURATE_POLICY", str(tmp_path / "gone.yaml"))
    with pytest.raises(CurateError, match=r"CURATE_POLICY 指向的 .*gone\.yaml 不存在"):
        may(tmp_path, "run")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("roles: {a: [run]}\nusres: {x: a}\n", ["policy.yaml:2: 没有 usres 这一项", "users"]),
        ("roles:\n  a: [run, overide]\n", ["policy.yaml:2: 没有 overide 这种权限", "是不是 override？"]),
        ("roles: {lead: [run]}\nusers:\n  x: laed\n  y: [lead, boss]\n", [":3: 没有角色 laed", "是不是 lead？", ":4: 没有角色 boss", "2 处问题"]),
        ("roles: {a: [run]}\ndefault: [b]\n", [":2: 没有角色 b"]),
        ("users: {x: a}\n", ["roles: 缺少这一项"]),
        ("roles: {a: [run]}\nusers: {1001: a}\n", [":2: ", "应当是文字"]),
        ("roles: {a: [run]\n", ["不是合法的 YAML"]),
        ("", ["roles: 缺少这一项"]),
        ("- run\n", ["应当是“名称: 内容”的形式"]),
    ],
)  # fmt: skip
def test_a_policy_that_is_wrong_lets_nobody_do_anything(
    as_user: Become, tmp_path: Path, text: str, told: list[str]
) -> None:
    (tmp_path / "policy.yaml").write_text(text, encoding="utf-8")
    as_user("wangfang")
    with pytest.raises(CurateError) as error:
        need(tmp_path, "run", "curate run")
    for part in told:
        assert part in str(error.value)


def test_a_link_that_leads_nowhere_is_no_leave_to_do_everything(as_user: Become, tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").symlink_to("nowhere")
    as_user("wangfang")
    with pytest.raises(CurateError, match="读不出来"):
        may(tmp_path, "run")
