"""The audit log and what checking it found, to be read."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from curate.audit import ACTIONS, Entry, Verified, action_word, entries
from curate.audit.entry import KEY_ENV
from curate.errors import UsageError
from curate.language import say
from curate.messages import did_you_mean
from curate.policy import WORDS, policy_line
from curate.report.grids import columns, drawn

#: digits of a digest that are shown
BRIEF = 8
#: troubles and notices that are told one by one
MOST = 50
#: files of a change that are named
NAMED = 3


@dataclass(frozen=True)
class Chosen:
    """Entries, oldest first; ``more``: older ones fit too, but were not asked for."""

    entries: list[Entry]
    more: bool


def chosen_entries(
    workspace: Path, action: str, user: str, since: datetime | None, run: str, last: int
) -> Chosen:
    """The newest ``last`` entries of an action (or of all that begin with it and a dot), a user, a run, since a local time.

    Raises:
        UsageError: no such action.
    """
    kinds = {name for name in ACTIONS if not action or name == action or name.startswith(f"{action}.")}
    if not kinds:
        raise UsageError(
            say(f"没有 {action} 这种记录", f"there is no action {action}"), did_you_mean(action, ACTIONS)
        )
    found = (
        entry
        for entry in entries(workspace, action if action in ACTIONS else "")
        if (not action or entry.action in kinds)
        and (not user or entry.who == user)
        and (since is None or datetime.fromisoformat(entry.at) >= since.astimezone())
        and (not run or run in str(entry.about.get("run", "")))
    )
    newest = list(islice(found, last + 1))
    return Chosen(newest[:last][::-1], len(newest) > last)


def entries_as_json(chosen: Chosen) -> list[dict[str, Any]]:
    return [asdict(entry) for entry in chosen.entries]


def entries_text(workspace: Path, chosen: Chosen) -> str:
    """A table: number, local time, who, what in words, why."""
    if not chosen.entries:
        none = say("审计日志里没有这样的记录。", "The audit log has no such entry.")
        return f"{none}\n{policy_line(workspace)}"
    grid = columns(
        "", say("时间", "time"), say("谁", "who"), say("做了什么", "what"), say("内容", "about"), say("原因", "why"), right=(0,),
    )  # fmt: skip
    for entry in chosen.entries:
        grid.add_row(
            str(entry.seq),
            local_time(entry.at),
            entry.who,
            action_word(entry.action),
            about_text(entry),
            entry.why,
        )
    notes = [policy_line(workspace)]
    if chosen.more:
        notes.insert(0, say("还有更早的：--last 多看一些", "there are older ones: see more with --last"))
    return drawn(grid, "", *notes)


def local_time(at: str) -> str:
    """``2026-03-05 14:30:07`` on this machine's clock."""
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except ValueError:
        return at


def about_text(entry: Entry) -> str:
    """What an entry is about, in a few words. Entries that somebody wrote by hand are shown as they are."""
    about = entry.about
    match entry.action:
        case "change" if isinstance(about.get("changes"), list):
            changes = [_change(one) for one in about["changes"][:NAMED] if isinstance(one, dict)]
            more = len(about["changes"]) - len(changes)
            told = say("；", "; ").join(changes)
            return told + (say(f" 等共 {len(about['changes'])} 个", f" and {more} more") if more > 0 else "")
        case "gate.override":
            return f"{about.get('gate')}: {about.get('problem')}"
        case "policy.denied":
            permission = str(about.get("permission"))
            return f"{say(*WORDS[permission]) if permission in WORDS else permission}: {about.get('what')}"
        case _:
            return say("，", ", ").join(
                f"{name} {_brief(value)}" for name, value in about.items() if value not in (None, "", [], {})
            )


def _change(change: dict[str, Any]) -> str:
    before, after = (_brief(change.get(name) or "") for name in ("before", "after"))
    told = say("新增", "new") if not before else say("去掉", "gone") if not after else f"{before} → {after}"
    return f"{change.get('path')} {told}"


def _brief(value: Any) -> str:
    """Digests are cut: the whole one is in the log."""
    text = str(value)
    digest = len(text) == 64 and not set(text) - set("0123456789abcdef")
    return text[:BRIEF] + "…" if digest else text


def verified_as_json(found: Verified) -> dict[str, Any]:
    return {
        "entries": found.entries,
        "head": found.head,
        "witnesses": found.witnesses,
        "seals": found.seals,
        "seals_checked": found.keyed,
        "troubles": [
            {"line": one.line, "kind": one.kind, "what": str(one), "hint": one.hint} for one in found.troubles
        ],
        "notices": found.notices,
    }


def verified_text(found: Verified) -> str:
    """Each trouble with what to do, then what was looked at, then the head to be noted elsewhere."""
    lines = [str(one) for one in found.troubles[:MOST]]
    if len(found.troubles) > MOST:
        more = len(found.troubles) - MOST
        lines.append(say(f"…… 还有 {more} 处", f"… and {more} more"))
    lines += [f"  → {hint}" for hint in dict.fromkeys(one.hint for one in found.troubles)]
    lines += [say(f"说明：{notice}", f"note: {notice}") for notice in found.notices[:MOST]]
    if found.last is None or found.first is None:
        lines.append(say("审计日志里还没有记录。", "Nothing is recorded yet."))
        return "\n".join(lines)
    since = local_time(found.first.at)
    lines.append(
        say(
            f"审计日志有 {len(found.troubles)} 处问题：共 {found.entries:,} 条，{since} 起。",
            f"The audit log has {len(found.troubles)} problem(s): {found.entries:,} entries since {since}.",
        )
        if found.troubles
        else say(
            f"审计日志完好：{found.entries:,} 条，{since} 起，次序和内容都对，和 {found.witnesses} 处记号一致。",
            f"The audit log is whole: {found.entries:,} entries since {since}, in order and unchanged, as {found.witnesses} heads noted elsewhere say.",
        )
    )
    lines.append(_seals(found))
    if not found.troubles:
        lines.append(
            say(
                f"请把这个记号抄到别处，以后用 --expect 核对：{found.head}",
                f"Note this head elsewhere, and check it later with --expect: {found.head}",
            )
        )
    return "\n".join(lines)


def _seals(found: Verified) -> str:
    if found.keyed:
        return say(
            f"封印：{found.seals:,} 条，已用密钥核对。",
            f"Seals: {found.seals:,}, checked with the key.",
        )
    if found.seals:
        return say(
            f"封印：{found.seals:,} 条，没有核对：环境变量 {KEY_ENV} 里没有密钥。",
            f"Seals: {found.seals:,}, not checked: {KEY_ENV} holds no key.",
        )
    return say(
        f"没有封印：能改写整个 runs/ 和 exports/ 的人可以重做一份日志；设 {KEY_ENV} 可以防住。",
        f"No seals: whoever may write all of runs/ and exports/ could make the log anew; {KEY_ENV} prevents that.",
    )
