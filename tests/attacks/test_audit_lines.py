"""Attacks on lines of the audit log: edited, dropped, swapped, copied, put in between."""

from __future__ import annotations

from pathlib import Path

import pytest

from curate.audit.entry import parse
from tests.audit.written import changed, kinds, lines, put, put_head, told, write


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A whole log of seven lines."""
    write(tmp_path)
    assert kinds(tmp_path) == []
    return tmp_path


@pytest.mark.parametrize("line", [1, 2, 4, 7])
def test_an_edited_line(workspace: Path, line: int) -> None:
    own = lines(workspace)
    own[line - 1] = own[line - 1].replace(b'"who":"', b'"who":"x')
    put(workspace, own)
    assert kinds(workspace) == [(line, "edited")]
    result = told(workspace)
    assert f"第 {line} 行被改过" in result.output
    assert "先把 runs/audit 整个复制一份留作凭证" in result.output


@pytest.mark.parametrize(
    ("old", "new"),
    [(b'"seq":4', b'"seq": 4'), (b'"why":""', b'"why":"x","why":""'), (b'"about":{', b'"about":{"\\u0061":1,'), (b"{", b""), (b"}", b"} ")],
)  # fmt: skip
def test_another_spelling_is_an_edit_too(workspace: Path, old: bytes, new: bytes) -> None:
    own = lines(workspace)
    own[3] = own[3].replace(old, new, 1)
    put(workspace, own)
    assert kinds(workspace) == [(4, "edited")]


def test_an_edited_line_with_its_hash_made_anew(workspace: Path) -> None:
    own = lines(workspace)
    own[3] = changed(own[3], who="somebody")
    put(workspace, own)
    assert kinds(workspace) == [(4, "edited")]
    assert "第 4 行被改过：第 5 行接的不是它：内容换过，散列也重算过" in told(workspace).output


def test_a_line_that_a_manifest_saw_edited_with_its_hash_made_anew(workspace: Path) -> None:
    own = lines(workspace)
    own[4] = changed(own[4], about={"run": "run2", "status": "failed"})
    put(workspace, own)
    assert kinds(workspace) == [(5, "edited"), (None, "rebuilt")]


def test_a_dropped_line_in_the_middle(workspace: Path) -> None:
    own = lines(workspace)
    put(workspace, own[:3] + own[4:])
    assert kinds(workspace) == [(4, "dropped")]
    assert "第 4 行被删掉：这一行前面缺第 4 条" in told(workspace).output


def test_dropped_first_lines(workspace: Path) -> None:
    put(workspace, lines(workspace)[2:])
    assert kinds(workspace) == [(1, "dropped")]
    assert "缺第 1–2 条" in told(workspace).output


def test_a_dropped_last_line(workspace: Path) -> None:
    put(workspace, lines(workspace)[:-1])
    assert kinds(workspace) == [(None, "replayed")]
    assert (
        "日志末尾被截掉，或换回了旧的一份：日志只到第 6 条，runs/audit/head.json、runs/run3、exports/expo/v1 却见过第 7 条"
        in told(workspace).output
    )


def test_a_dropped_last_line_with_the_head_set_back(workspace: Path) -> None:
    put(workspace, lines(workspace)[:-1])
    put_head(workspace)
    assert kinds(workspace) == [(None, "replayed")]
    assert "runs/run3、exports/expo/v1 却见过第 7 条" in told(workspace).output


def test_a_log_that_is_gone(workspace: Path) -> None:
    (workspace / "runs/audit/log.jsonl").unlink()
    assert kinds(workspace) == [(None, "replayed")]
    assert "日志只到第 0 条" in told(workspace).output


def test_swapped_lines(workspace: Path) -> None:
    own = lines(workspace)
    own[2], own[3] = own[3], own[2]
    put(workspace, own)
    assert kinds(workspace) == [(4, "swapped")]
    assert "第 4 行次序被换过：第 3 条排在第 4 条（第 3 行）后面" in told(workspace).output


def test_swapped_lines_at_the_end(workspace: Path) -> None:
    own = lines(workspace)
    put(workspace, [*own[:5], own[6], own[5]])
    assert kinds(workspace) == [(7, "swapped")]


def test_a_line_copied_to_the_end(workspace: Path) -> None:
    own = lines(workspace)
    put(workspace, [*own, own[2]])
    assert kinds(workspace) == [(8, "copied")]
    assert "第 8 行是另一行的重放：和第 3 行是同一条" in told(workspace).output


def test_a_forged_line_put_in_between(workspace: Path) -> None:
    """Its own hash is right, and it goes on from the line before; the line behind goes on from there as well."""
    own = lines(workspace)
    forged = changed(own[3], who="somebody", action="export", about={"folder": "exports/other"})
    put(workspace, [*own[:3], forged, *own[3:]])
    assert kinds(workspace) == [(4, "inserted")]
    assert "第 4 行是后来插进去的：第 4 条已在第 5 行" in told(workspace).output


def test_a_blank_line_put_in_between(workspace: Path) -> None:
    own = lines(workspace)
    put(workspace, [*own[:3], b"", *own[3:]])
    assert kinds(workspace) == [(4, "edited")]


def test_a_line_passed_off_as_torn(workspace: Path) -> None:
    """Only a line whose digest the next entry tells of was torn."""
    own = lines(workspace)
    own[3] = own[3][:50]
    put(workspace, own)
    assert kinds(workspace) == [(4, "edited")]


def test_an_unfinished_last_line(workspace: Path) -> None:
    with (workspace / "runs/audit/log.jsonl").open("ab") as log:
        log.write(b'{"seq":8')
    assert kinds(workspace) == [(8, "torn")]


@pytest.mark.parametrize(
    "junk", [b"[" * 100_000, b"\xff\xfe", b"1" * 5000, b'{"seq":"4","hash":4}', b'"\\ud800"']
)
def test_junk_in_the_place_of_a_line_is_told_not_raised(workspace: Path, junk: bytes) -> None:
    own = lines(workspace)
    own[3] = junk
    put(workspace, own)
    assert kinds(workspace) == [(4, "edited")]


def test_several_attacks_at_once_are_told_apart(workspace: Path) -> None:
    own = lines(workspace)
    own[1] = own[1].replace(b"run1", b"runX")
    put(workspace, [*own[:3], *own[4:], own[0]])
    assert kinds(workspace) == [(2, "edited"), (4, "dropped"), (7, "copied")]


def test_the_log_can_be_read_on_its_own(workspace: Path) -> None:
    """What the tests tamper with is what people would: a line is JSON, and the numbers count the lines."""
    assert [parse(line).seq for line in lines(workspace)] == [1, 2, 3, 4, 5, 6, 7]
