"""Is the log what was written? Its lines, their chain, its seals, and the heads that others saw."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from curate.audit.chain import Row, chain_troubles
from curate.audit.entry import Entry, key_of_environment, parse, sealed
from curate.audit.log import LAG, as_head, audit_folder, head_file, log_file, reading, sha256_of_line
from curate.audit.trouble import Trouble
from curate.audit.witness import BRIEF, Witness, witnesses
from curate.language import say

#: witnesses that are named in one trouble
NAMED = 3


@dataclass
class Verified:
    """``notices`` are no troubles: lines that a killed process left and curate itself told of, a clock that went back.

    ``seals``: how many entries have one; ``keyed``: was there a key to check them with?
    """

    workspace: Path
    entries: int = 0
    first: Entry | None = None
    last: Entry | None = None
    troubles: list[Trouble] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    witnesses: int = 0
    seals: int = 0
    keyed: bool = False

    @property
    def head(self) -> str:
        """``SEQ:HASH``, to be noted elsewhere; empty where nothing is recorded."""
        return f"{self.last.seq}:{self.last.hash}" if self.last else ""


def verify(workspace: Path, expected: Sequence[Witness] = ()) -> Verified:
    """Look at the whole log; a line at a time, only numbers and hashes are kept.

    Raises:
        CurateError: the log cannot be read, or the key is too short.
    """
    key = key_of_environment()
    # before the log: what is recorded meanwhile is in the log at least
    seen = [*witnesses(workspace), *expected]
    found = Verified(workspace, witnesses=len(seen), keyed=key is not None)
    look = _Look(found, key)
    with reading(workspace) as lines:
        for number, line in enumerate(lines, 1):
            look.at(number, line)
    look.end()
    troubles, missing = chain_troubles(look.rows, look.blind)
    found.troubles += troubles
    found.troubles += _link(workspace)
    found.troubles += _head_troubles(workspace, found)
    found.troubles += _witness_troubles(look.rows, seen, missing)
    found.troubles.sort(key=lambda trouble: (trouble.line or 1 << 62, trouble.kind))
    return found


class _Look:
    """One pass over the lines."""

    def __init__(self, found: Verified, key: bytes | None) -> None:
        self.found, self.key = found, key
        self.rows: list[Row] = []
        #: numbers of lines that do not even say which entry they were
        self.blind: list[int] = []
        self._pending: list[tuple[int, bytes]] = []
        self._unsealed: list[int] = []

    def at(self, number: int, line: bytes) -> None:
        text = line.removesuffix(b"\n")
        try:
            entry = parse(text)
            good = entry.digest() == entry.hash
        except ValueError:
            entry, good = None, False
        if entry is None or not good:
            self._bad(number, line, text)
            return
        self._settle(entry)
        found = self.found
        if found.last is not None and entry.at < found.last.at:
            found.notices.append(
                say(
                    f"第 {number} 行的时间比前一条早（{entry.at}）：时钟被调过",
                    f"line {number} is earlier than the one before ({entry.at}): a clock was set",
                )
            )
        found.entries += 1
        found.first, found.last = found.first or entry, entry
        self.rows.append(Row(number, entry.seq, entry.hash, entry.previous))
        if entry.action == "audit.broken":
            found.troubles.append(_was_broken(number, entry))
        self._seal(number, entry)

    def _bad(self, number: int, line: bytes, text: bytes) -> None:
        claim = _claim(text)
        if claim:
            self.rows.append(Row(number, claim[0], claim[1], "", good=False))
        else:
            self.blind.append(number)
        self._pending.append((number, line))

    def _settle(self, entry: Entry | None) -> None:
        """Tell of the lines before an entry that are none; one of them may be told of by the entry itself."""
        for number, line in self._pending:
            text = line.removesuffix(b"\n")
            told = {"bytes": len(text), "sha256": sha256_of_line(text)}
            if entry is not None and entry.action == "audit.torn" and entry.about == told:
                self.found.notices.append(
                    say(
                        f"第 {number} 行只写了一半（进程被中断），下一行已记明",
                        f"line {number} was left half written by a killed process; the next line tells of it",
                    )
                )
            else:
                self.found.troubles.append(Trouble(number, "edited" if line.endswith(b"\n") else "torn"))
        self._pending.clear()

    def _seal(self, number: int, entry: Entry) -> None:
        found = self.found
        found.seals += bool(entry.seal)
        if self.key is None:
            return
        if entry.seal and not hmac.compare_digest(entry.seal, sealed(entry.hash, self.key)):
            found.troubles.append(Trouble(number, "forged"))
        if not entry.seal and found.seals:
            self._unsealed.append(number)

    def end(self) -> None:
        self._settle(None)
        if self.key is not None and self.found.entries and not self.found.seals:
            self.found.troubles.append(
                Trouble(None, "unsealed", say("没有一条有封印", "no entry has a seal"))
            )
        elif self._unsealed:
            first, count = self._unsealed[0], len(self._unsealed)
            told = say(f"从这一行起有 {count} 条没有封印", f"{count} entries from here on have no seal")
            self.found.troubles.append(Trouble(first, "unsealed", told))


def _claim(text: bytes) -> tuple[int, str] | None:
    """The number and the hash that a line says it has, though it is none of ours."""
    try:
        told = as_head(json.loads(text))
    except (ValueError, RecursionError):
        return None
    return (told["seq"], told["hash"]) if told else None


def _was_broken(number: int, entry: Entry) -> Trouble:
    lines, head, log = (entry.about.get(name) for name in ("lines", "head", "log"))
    local = entry.at[:19].replace("T", " ") + " UTC"
    if lines:
        zh, en = f"最后 {lines} 行不对", f"its last {lines} line(s) were wrong"
    elif head:
        ends = log["seq"] if isinstance(log, dict) else 0
        zh, en = (
            f"日志到第 {ends} 条，head.json 却见过第 {head['seq']} 条 {head['hash'][:BRIEF]}…",
            f"the log ended at {ends}, but head.json had seen entry {head['seq']}, {head['hash'][:BRIEF]}…",
        )
    else:
        zh, en = "head.json 不见了", "head.json was gone"
    return Trouble(number, "broken", say(f"{local} 写日志时发现：{zh}", f"found at {local}: {en}"))


def _link(workspace: Path) -> Iterator[Trouble]:
    for path in (log_file(workspace), audit_folder(workspace)):
        if path.is_symlink():
            yield Trouble(None, "link", say(f"{path} 是一个链接", f"{path} is a link"))


def _head_troubles(workspace: Path, found: Verified) -> Iterator[Trouble]:
    """The head beside the log is there, and not far behind it; what it says is looked at as all witnesses' words."""
    own = next((one for one in witnesses(workspace) if one.source.endswith(head_file(workspace).name)), None)
    last = found.last.seq if found.last else 0
    if own is None and last > LAG:
        yield Trouble(
            None, "head", say("head.json 不见了，或读不出来", "head.json is gone or cannot be read")
        )
    elif own is not None and own.seq < last - LAG:
        yield Trouble(
            None,
            "head",
            say(
                f"head.json 停在第 {own.seq} 条，日志已到第 {last} 条：被换成了旧的",
                f"head.json stands at entry {own.seq}, the log at {last}: an old one was put back",
            ),
        )


def _witness_troubles(rows: list[Row], seen: list[Witness], missing: set[int]) -> Iterator[Trouble]:
    """What witnesses saw and the log does not have: its end is cut off, or it is another log."""
    hashes: dict[int, list[str]] = {}
    for row in rows:
        hashes.setdefault(row.seq, []).append(row.hash)
    last = max(hashes, default=0)
    beyond = [one for one in seen if one.seq > last]
    if beyond:
        farthest = max(one.seq for one in beyond)
        yield Trouble(
            None,
            "replayed",
            say(
                f"日志只到第 {last} 条，{_named(beyond)} 却见过第 {farthest} 条",
                f"the log ends at entry {last}, but {_named(beyond)} saw entry {farthest}",
            ),
        )
    other = [
        one
        for one in seen
        if one.seq <= last
        and one.seq not in missing
        and not any(digest.startswith(one.hash) for digest in hashes.get(one.seq, []))
    ]
    if other:
        first = min(other, key=lambda one: one.seq)
        yield Trouble(
            None,
            "rebuilt",
            say(
                f"第 {first.seq} 条不是 {_named(other)} 见过的 {first.hash[:BRIEF]}…",
                f"entry {first.seq} is not the one that {_named(other)} saw, {first.hash[:BRIEF]}…",
            ),
        )


def _named(seen: list[Witness]) -> str:
    names = list(dict.fromkeys(one.source for one in seen))
    told = say("、", ", ").join(names[:NAMED])
    return told + (
        say(f" 等 {len(names)} 处", f" and {len(names) - NAMED} more") if len(names) > NAMED else ""
    )
