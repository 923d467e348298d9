"""Recording: what an entry holds, and what stands at the end of the log when the next one comes."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
from pathlib import Path

import pytest

from curate.audit import Entry, entries, record, verify
from curate.audit.entry import NOTHING
from curate.audit.log import BLOCK, head_file, lines_backwards, log_file
from curate.errors import CurateError


def told(workspace: Path) -> list[tuple[int, str]]:
    return [(entry.seq, entry.action) for entry in entries(workspace)][::-1]


def test_an_entry_says_who_what_why_and_goes_on_from_the_one_before(tmp_path: Path) -> None:
    first = record(tmp_path, "run.start", {"run": "r1"})
    second = record(tmp_path, "gate.override", {"gate": "noise"}, "供应商确认过，李经理同意")
    begin = list(entries(tmp_path))[-1]
    assert (begin.seq, begin.action, begin.previous) == (1, "audit.begin", NOTHING)
    assert first.previous == begin.hash
    assert second.previous == first.hash
    assert second.why == "供应商确认过，李经理同意"
    assert second.at.endswith("+00:00") and len(second.at) == len("2026-01-01T00:00:00.000000+00:00")
    assert second.who and second.host
    assert json.loads(head_file(tmp_path).read_text()) == second.head == {"seq": 3, "hash": second.hash}


def test_the_hash_is_sha256_over_canonical_json(tmp_path: Path) -> None:
    """By another hand than ours, so that anybody can check a log without curate."""
    entry = record(tmp_path, "export", {"folder": "exports/展会/v1", "rows": 3})
    line = json.loads(log_file(tmp_path).read_text(encoding="utf-8").splitlines()[-1])
    digest = line.pop("hash")
    text = json.dumps(line, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    assert hashlib.sha256(text.encode()).hexdigest() == digest == entry.hash


def test_personal_data_in_a_reason_is_masked(tmp_path: Path) -> None:
    entry = record(tmp_path, "gate.override", {"gate": "noise"}, "客户 13812345678 来电确认")
    assert entry.why == "客户 138****5678 来电确认"
    assert "13812345678" not in log_file(tmp_path).read_text(encoding="utf-8")


def test_an_unknown_action_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"run\.begin is not in ACTIONS"):
        record(tmp_path, "run.begin", {})


def test_what_json_cannot_hold_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        record(tmp_path, "export", {"rows": float("nan")})
    assert not log_file(tmp_path).exists()


def test_a_name_that_is_no_unicode_is_recorded_with_a_mark(tmp_path: Path) -> None:
    assert record(tmp_path, "export", {"folder": "exports/\udcff"}).about == {"folder": "exports/?"}
    assert not verify(tmp_path).troubles


def test_what_a_killed_process_began_to_write_is_told_by_the_next_entry(tmp_path: Path) -> None:
    record(tmp_path, "run.start", {"run": "r1"})
    with log_file(tmp_path).open("ab") as log:
        log.write(b'{"seq":3,"at":"2026')
    record(tmp_path, "run.start", {"run": "r2"})
    assert told(tmp_path) == [(1, "audit.begin"), (2, "run.start"), (3, "audit.torn"), (4, "run.start")]
    found = verify(tmp_path)
    assert not found.troubles
    assert found.notices == ["第 3 行只写了一半（进程被中断），下一行已记明"]


def test_a_whole_entry_that_only_lacks_its_line_end_counts(tmp_path: Path) -> None:
    record(tmp_path, "run.start", {"run": "r1"})
    file = log_file(tmp_path)
    file.write_bytes(file.read_bytes().removesuffix(b"\n"))
    record(tmp_path, "run.end", {"run": "r1"})
    assert told(tmp_path) == [(1, "audit.begin"), (2, "run.start"), (3, "run.end")]
    assert not verify(tmp_path).troubles


def test_a_kill_between_the_entry_and_the_head_is_no_trouble(tmp_path: Path) -> None:
    record(tmp_path, "run.start", {"run": "r1"})
    before = head_file(tmp_path).read_bytes()
    record(tmp_path, "run.end", {"run": "r1"})
    head_file(tmp_path).write_bytes(before)
    assert not verify(tmp_path).troubles
    record(tmp_path, "run.start", {"run": "r2"})
    assert told(tmp_path)[-1] == (4, "run.start")
    assert not verify(tmp_path).troubles


@pytest.mark.parametrize("edit", ["cut", "edited", "blank", "emptied", "no head"])
def test_work_goes_on_behind_a_broken_end_but_it_is_told_for_good(tmp_path: Path, edit: str) -> None:
    for number in range(4):
        record(tmp_path, "run.start", {"run": f"r{number}"})
    file = log_file(tmp_path)
    lines = file.read_bytes().splitlines(keepends=True)
    match edit:
        case "cut":
            file.write_bytes(b"".join(lines[:-1]))
        case "edited":
            file.write_bytes(b"".join([*lines[:-1], lines[-1].replace(b"r3", b"r9")]))
        case "blank":
            file.write_bytes(b"".join([*lines, b"\n"]))
        case "emptied":
            file.write_bytes(b"")
        case _:
            head_file(tmp_path).unlink()
    record(tmp_path, "run.start", {"run": "after"})
    assert [action for _, action in told(tmp_path)][-2:] == ["audit.broken", "run.start"]
    record(tmp_path, "run.end", {"run": "after"})
    assert [action for _, action in told(tmp_path)].count("audit.broken") == 1
    assert "broken" in {trouble.kind for trouble in verify(tmp_path).troubles}


def test_half_a_line_cut_by_hand_is_no_torn_line_since_the_head_had_seen_it_whole(tmp_path: Path) -> None:
    record(tmp_path, "gate.override", {"gate": "noise"})
    file = log_file(tmp_path)
    file.write_bytes(file.read_bytes()[:-40])
    record(tmp_path, "run.start", {})
    assert [action for _, action in told(tmp_path)] == ["audit.begin", "audit.broken", "run.start"]


def test_a_link_in_the_place_of_the_log_is_refused(tmp_path: Path) -> None:
    record(tmp_path, "run.start", {})
    file = log_file(tmp_path)
    elsewhere = tmp_path / "elsewhere"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    before = elsewhere.read_bytes()
    with pytest.raises(CurateError, match=r"审计日志 .* 写不进去"):
        record(tmp_path, "run.end", {})
    assert elsewhere.read_bytes() == before
    assert [trouble.kind for trouble in verify(tmp_path).troubles] == ["link"]


def test_a_short_key_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CURATE_AUDIT_KEY", "geheim")
    with pytest.raises(CurateError, match="CURATE_AUDIT_KEY 不足 16 个字符") as error:
        record(tmp_path, "run.start", {})
    assert "geheim" not in str(error.value)


def _many(workspace: Path) -> None:
    for _ in range(10):
        record(workspace, "run.start", {})


def test_processes_that_write_at_once_make_one_chain(tmp_path: Path) -> None:
    processes = [
        multiprocessing.get_context("spawn").Process(target=_many, args=(tmp_path,)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    found = verify(tmp_path)
    assert (found.entries, found.troubles) == (21, [])


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"a", b"a\n", b"a\n\nb", b"a\nb\n", b"x" * BLOCK + b"\n" + b"y" * BLOCK + b"\n", b"z" * (3 * BLOCK), b"ab\n" * BLOCK],
)  # fmt: skip
def test_lines_read_backwards_are_the_lines(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "lines"
    file.write_bytes(data)
    assert list(lines_backwards(file)) == data.split(b"\n")[::-1]


def test_entries_of_one_action_come_newest_first(tmp_path: Path) -> None:
    for number in range(3):
        record(tmp_path, "run.start", {"run": str(number)})
        record(tmp_path, "run.end", {"run": str(number), "note": '"action":"run.start"'})
    found: list[Entry] = list(entries(tmp_path, "run.start"))
    assert [entry.about["run"] for entry in found] == ["2", "1", "0"]
