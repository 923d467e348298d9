"""Write and read the log. It is only ever added to: what is wrong in it stays, and the next entry says so."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

from filelock import FileLock, Timeout

from curate.algorithms.personal_data import mask
from curate.audit.actions import ACTIONS
from curate.audit.entry import NOTHING, Entry, key_of_environment, parse, read_whole
from curate.environment import who
from curate.errors import CurateError
from curate.files import need_own, replacing
from curate.language import say

#: bytes that are read at once from the end of the log
BLOCK = 1 << 16
#: how long to wait for another process that writes (seconds)
PATIENCE = 60
#: entries that one call writes at the most: so far may the head be behind after a kill
LAG = 3


def audit_folder(workspace: Path) -> Path:
    return need_own(workspace / "runs" / "audit", workspace)


def log_file(workspace: Path) -> Path:
    return audit_folder(workspace) / "log.jsonl"


def head_file(workspace: Path) -> Path:
    return audit_folder(workspace) / "head.json"


def record(workspace: Path, action: str, about: dict[str, Any], why: str = "") -> Entry:
    """Append an entry; it is on the disk when this returns.

    Args:
        action: one of ``ACTIONS``.
        about: plain JSON, no secret and no value of a row.
        why: the reason that a person gave; personal data in it is masked.

    What a kill or somebody's hand left at the end of the log does not stop the work, for a broken log must not be a way to stop all
    runs; but it is never passed over: an entry ``audit.torn`` (a line that a killed process began) or ``audit.broken`` (whatever else:
    an edited line, an end that was cut off) is written first, for good, and ``verify`` tells of it from then on.

    Raises:
        CurateError: the log cannot be written; then what was to be recorded must not happen.
        ValueError: no such action.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action} is not in ACTIONS")
    key = key_of_environment()
    with _writing(workspace):
        end = _read_end(workspace)
        drafts = [*_drafts_before(workspace, end), (action, about, mask(why) if why else "")]
        written, last = list[Entry](), end.last
        for what, told, reason in drafts:
            last = _entry(last, what, told, reason).closed(key)
            written.append(last)
        _append(
            log_file(workspace), (b"\n" if end.open else b"") + b"".join(e.line() + b"\n" for e in written)
        )
        _write_head(workspace, written[-1])
    return written[-1]


def entries(workspace: Path, action: str = "") -> Iterator[Entry]:
    """The entries that can be read, newest first; those of one action when it is named. Nothing is checked."""
    wanted = f'"action":{json.dumps(action)}'.encode() if action else b""
    for line in lines_backwards(log_file(workspace)):
        if line and wanted in line:
            try:
                entry = parse(line)
            except ValueError:
                continue
            if not action or entry.action == action:
                yield entry


def lines_backwards(file: Path) -> Iterator[bytes]:
    """The lines, last first, without their ends. The first one is what stands behind the last line end: nothing in a whole file."""
    try:
        log = file.open("rb")
    except FileNotFoundError:
        return
    with log:
        place = log.seek(0, os.SEEK_END)
        parts = list[bytes]()  # of the line that is not whole yet, last first
        while place:
            size = min(BLOCK, place)
            place = log.seek(place - size)
            first, *rest = log.read(size).split(b"\n")
            if rest:
                *between, last = rest
                yield last + b"".join(reversed(parts))
                yield from reversed(between)
                parts = []
            parts.append(first)
        yield b"".join(reversed(parts))


def read_head(workspace: Path) -> dict[str, Any] | None:
    """``head.json``; None where there is none that can be read."""
    try:
        return as_head(json.loads(head_file(workspace).read_bytes()))
    except (OSError, ValueError):
        return None


def as_head(told: Any) -> dict[str, Any] | None:
    """``{"seq", "hash"}`` of what a witness holds; None where it holds something else."""
    if isinstance(told, dict) and type(told.get("seq")) is int and isinstance(told.get("hash"), str):
        return {"seq": told["seq"], "hash": told["hash"]}
    return None


@dataclass
class _End:
    """The end of the log: its last good entry, the lines behind it that are none (last first), and what a process began to write.

    ``open``: the file does not end with a line end.
    """

    last: Entry | None = None
    broken: list[bytes] = field(default_factory=list)
    torn: bytes = b""
    open: bool = False


def _read_end(workspace: Path) -> _End:
    end = _End()
    for number, line in enumerate(lines_backwards(log_file(workspace))):
        if number == 0:
            end.open = bool(line)
            if not line:
                continue
        end.last = read_whole(line)
        if end.last is not None:
            break
        if number == 0:
            end.torn = line
        else:
            end.broken.append(line)
    return end


def _drafts_before(workspace: Path, end: _End) -> Iterator[tuple[str, dict[str, Any], str]]:
    """What is to be said of the log itself before anything else: (action, about, why)."""
    head = read_head(workspace)
    if end.last is None:
        place = {"workspace": str(workspace.resolve()), "log": uuid4().hex}
        yield "audit.begin", place, ""
    seen, there = (head or {"seq": 0})["seq"], end.last.seq if end.last else 0
    # the head follows its entry: it may be behind after a kill, but never ahead, and missing only before the first call was done
    gone = head is None and there > LAG
    other = head is not None and seen == there and end.last is not None and head["hash"] != end.last.hash
    if end.broken or seen > there or gone or other:
        lines = [*([end.torn] if end.torn else []), *end.broken]
        found = {
            "lines": len(lines),
            "sha256": sha256_of_line(lines[0]) if lines else "",
            "head": head,
            "log": end.last.head if end.last else None,
        }
        yield "audit.broken", found, ""
    elif end.torn:
        yield "audit.torn", {"bytes": len(end.torn), "sha256": sha256_of_line(end.torn)}, ""


def _entry(last: Entry | None, action: str, about: dict[str, Any], why: str) -> Entry:
    return Entry(
        seq=last.seq + 1 if last else 1,
        at=datetime.now(UTC).isoformat(timespec="microseconds"),
        who=who(),
        host=_plain(socket.gethostname()),
        action=action,
        about=_plain(about),
        why=_plain(why),
        previous=last.hash if last else NOTHING,
    )


def _plain(value: Any) -> Any:
    """The value as JSON gives it back (names of files that are no UTF-8 with ``?``), so that its hash is the one that is read."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False)
    return json.loads(text.encode("utf-8", "replace"))


def _append(file: Path, lines: bytes) -> None:
    """One write, then on the disk. What is not written whole is a torn line, which the next entry tells of."""
    new = not file.exists()
    # O_NOFOLLOW: a link in the log's place would carry the entries elsewhere
    log = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW, 0o664)
    try:
        written = os.write(log, lines)
        os.fsync(log)
    finally:
        os.close(log)
    if written != len(lines):
        raise OSError(f"{written} of {len(lines)} bytes written")
    if new:
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _write_head(workspace: Path, entry: Entry) -> None:
    """On the disk before it takes its place: an empty head after a power cut would look like somebody's hand."""
    with replacing(head_file(workspace)) as temporary, temporary.open("w", encoding="utf-8") as file:
        file.write(json.dumps(entry.head) + "\n")
        file.flush()
        os.fsync(file.fileno())


@contextmanager
def _writing(workspace: Path) -> Iterator[None]:
    """The log is ours alone; what goes wrong is told as the log's."""
    file = log_file(workspace)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(file.parent / ".lock", timeout=PATIENCE):
            yield
    except (OSError, Timeout) as error:
        raise CurateError(
            say(f"审计日志 {file} 写不进去：{error}", f"the audit log {file} cannot be written: {error}"),
            say(
                "记不下来的事不能做：检查磁盘空间和权限，日志不能是链接；别的进程占着就等一会儿",
                "what cannot be recorded must not happen: look at disk space and permissions; the log may not be a link; "
                "where another process holds it, wait",
            ),
        ) from error


@contextmanager
def reading(workspace: Path) -> Iterator[Iterable[bytes]]:
    """The lines with their ends, none while there is no log. Nobody writes meanwhile, where we may take the lock: an auditor
    who may only read needs none.

    Raises:
        CurateError: it cannot be read.
    """
    file = log_file(workspace)
    try:
        with ExitStack() as stack:
            if os.access(file.parent, os.W_OK):
                with suppress(OSError, Timeout):
                    stack.enter_context(FileLock(file.parent / ".lock", timeout=PATIENCE))
            yield stack.enter_context(file.open("rb")) if file.exists() else []
    except OSError as error:
        raise CurateError(
            say(f"审计日志 {file} 读不出来：{error}", f"the audit log {file} cannot be read: {error}"),
            say("检查权限；日志应当是普通文件", "look at permissions; the log must be a plain file"),
        ) from error


def sha256_of_line(line: bytes) -> str:
    return hashlib.sha256(line).hexdigest()
