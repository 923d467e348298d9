"""A log as some runs leave it, and hands that tamper with it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from curate.audit import Entry, record
from curate.audit.entry import parse
from curate.audit.log import log_file
from curate.cli_audit import audit
from curate.files import write_json


def write(workspace: Path, runs: int = 3) -> None:
    """``audit.begin``, then two entries a run: 1 + 2 * runs lines. Each run's manifest and the last release keep a head."""
    for number in range(1, runs + 1):
        record(workspace, "run.start", {"run": f"run{number}"})
        run(workspace, number)


def run(workspace: Path, number: int) -> Entry:
    entry = record(workspace, "run.end", {"run": f"run{number}", "status": "done"})
    write_json(workspace / f"runs/run{number}/manifest.json", {"name": "expo", "audit": entry.head})
    write_json(workspace / "exports/expo/v1/manifest.json", {"name": "expo", "audit": entry.head})
    return entry


def lines(workspace: Path) -> list[bytes]:
    return log_file(workspace).read_bytes().splitlines()


def put(workspace: Path, changed: list[bytes]) -> None:
    log_file(workspace).write_bytes(b"".join(line + b"\n" for line in changed))


def changed(line: bytes, key: bytes | None = None, **fields: Any) -> bytes:
    """The line with other values and the right hash for them (and the seal of a key)."""
    return replace(parse(line), seal="", **fields).closed(key).line()


def rebuilt(old: list[bytes], key: bytes | None = None) -> list[bytes]:
    """All lines with new numbers and hashes, each behind the one before: a chain that is right in itself."""
    new = list[bytes]()
    for seq, line in enumerate(old, 1):
        before = parse(new[-1]).hash if new else "0" * 64
        new.append(changed(line, key, seq=seq, previous=before))
    return new


def put_head(workspace: Path) -> None:
    """``head.json`` as the log's last line has it."""
    write_json(workspace / "runs/audit/head.json", parse(lines(workspace)[-1]).head)


def told(workspace: Path, *arguments: str) -> Result:
    return CliRunner().invoke(audit, ["verify", "-C", str(workspace), *arguments])


def kinds(workspace: Path, *arguments: str) -> list[tuple[int | None, str]]:
    """(line, kind) of all troubles that the command tells of; the exit code fits them."""
    result = told(workspace, "--json", *arguments)
    found = [(one["line"], one["kind"]) for one in json.loads(result.output)["troubles"]]
    assert result.exit_code == (1 if found else 0)
    return found
