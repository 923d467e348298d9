"""Attacks on the audit log as a whole: an older copy put back, or all of it built anew, with and without the key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from curate.audit import record, verify
from curate.audit.entry import parse
from tests.audit.written import changed, kinds, lines, put, put_head, rebuilt, run, told, write

KEY = "k" * 32


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    write(tmp_path)
    return tmp_path


@pytest.fixture
def sealed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CURATE_AUDIT_KEY", KEY)
    write(tmp_path)
    return tmp_path


def test_an_older_log_and_its_head_put_back(workspace: Path) -> None:
    shutil.copytree(workspace / "runs/audit", workspace / "older")
    record(workspace, "gate.override", {"gate": "noise"}, "没有人看见的放行")
    run(workspace, 4)
    shutil.rmtree(workspace / "runs/audit")
    shutil.copytree(workspace / "older", workspace / "runs/audit")
    assert kinds(workspace) == [(None, "replayed")]
    assert "日志只到第 7 条，runs/run4、exports/expo/v1 却见过第 9 条" in told(workspace).output


def test_an_older_log_put_back_and_gone_on_with(workspace: Path) -> None:
    shutil.copytree(workspace / "runs/audit", workspace / "older")
    record(workspace, "gate.override", {"gate": "noise"}, "没有人看见的放行")
    run(workspace, 4)
    shutil.rmtree(workspace / "runs/audit")
    shutil.copytree(workspace / "older", workspace / "runs/audit")
    for action in ("run.start", "run.end"):
        record(workspace, action, {"run": "run9"})
    assert kinds(workspace) == [(None, "rebuilt")]
    assert "日志是重新做的：第 9 条不是 runs/run4、exports/expo/v1 见过的" in told(workspace).output


def test_all_traces_in_the_workspace_set_back_are_seen_by_a_head_noted_elsewhere(workspace: Path) -> None:
    shutil.copytree(workspace, workspace.parent / "older")
    record(workspace, "export", {"folder": "exports/expo/v2"})
    head = verify(workspace).head
    assert f"--expect 核对：{head}" in told(workspace).output
    assert kinds(workspace.parent / "older") == []
    assert kinds(workspace.parent / "older", "--expect", head) == [(None, "replayed")]
    assert kinds(workspace, "--expect", head) == []


def test_a_log_built_anew_is_another_than_the_one_that_manifests_saw(workspace: Path) -> None:
    own = lines(workspace)
    put(workspace, rebuilt([*own[:3], *own[4:]]))
    put_head(workspace)
    assert kinds(workspace) == [(None, "rebuilt"), (None, "replayed")]
    put(workspace, rebuilt([changed(own[0], host="another"), *own[1:]]))
    put_head(workspace)
    assert kinds(workspace) == [(None, "rebuilt")]
    assert "第 3 条不是 runs/run1、runs/run2、runs/run3 等 4 处 见过的" in told(workspace).output


def test_without_a_key_who_writes_everything_can_build_it_anew(workspace: Path) -> None:
    """What the documentation says: then only a head noted elsewhere tells."""
    head = verify(workspace).head
    shutil.rmtree(workspace / "runs/run3")
    put(workspace, rebuilt(lines(workspace)[:2]))
    put_head(workspace)
    for number in (1, 2):
        run(workspace, number)
    assert kinds(workspace) == []
    assert kinds(workspace, "--expect", head) == [(None, "replayed")]


def test_a_sealed_log_is_whole_with_the_key(sealed: Path) -> None:
    assert kinds(sealed) == []
    assert "封印：7 条，已用密钥核对" in told(sealed).output


@pytest.mark.parametrize(("key", "trouble"), [(None, (None, "unsealed")), (b"w" * 32, (2, "forged"))])
def test_a_chain_built_anew_without_the_key(
    sealed: Path, key: bytes | None, trouble: tuple[int, str]
) -> None:
    """All witnesses in the workspace set to it: only the seals are missing, or another's."""
    own = lines(sealed)
    anew = rebuilt([own[0], changed(own[1], who="somebody"), *own[2:]], key)
    put(sealed, anew if key is None else [own[0], *anew[1:]])
    put_head(sealed)
    for folder in ("runs/run1", "runs/run2", "runs/run3", "exports/expo/v1"):
        shutil.rmtree(sealed / folder)
    assert trouble in kinds(sealed)


def test_a_forged_line_at_the_end_has_no_seal(sealed: Path) -> None:
    own = lines(sealed)
    forged = changed(own[-1], seq=8, previous=parse(own[-1]).hash, who="somebody")
    put(sealed, [*own, forged])
    put_head(sealed)
    assert kinds(sealed) == [(8, "unsealed")]
    assert "第 8 行没有封印：从这一行起有 1 条没有封印" in told(sealed).output


def test_who_has_the_key_is_trusted(sealed: Path) -> None:
    """The other side of it: a seal shows that somebody had the key, not that nothing was changed."""
    for folder in ("runs/run1", "runs/run2", "runs/run3", "exports/expo/v1"):
        shutil.rmtree(sealed / folder)
    put(sealed, rebuilt(lines(sealed)[:4], KEY.encode()))
    put_head(sealed)
    assert kinds(sealed) == []


def test_a_head_set_back_alone(workspace: Path) -> None:
    older = (workspace / "runs/audit/head.json").read_bytes()
    for number in range(4):
        record(workspace, "run.start", {"run": str(number)})
    (workspace / "runs/audit/head.json").write_bytes(older)
    assert kinds(workspace) == [(None, "head")]


def test_a_head_removed(workspace: Path) -> None:
    (workspace / "runs/audit/head.json").unlink()
    assert kinds(workspace) == [(None, "head")]


def test_a_mark_that_is_none_is_refused(workspace: Path) -> None:
    result = told(workspace, "--expect", "7:xyz")
    assert result.exception is not None
    assert "--expect 7:xyz 不是“序号:散列”" in str(result.exception)
