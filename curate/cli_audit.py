"""Commands for the audit log: ``curate audit verify``, ``curate audit show``."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

import click

from curate.cli_options import JSON, WORKSPACE
from curate.language import say


@click.group(
    help=say(
        "审计日志：谁在什么时候做了什么、为什么；有没有被改动过。",
        "The audit log: who did what, when and why; and was it tampered with.",
    )
)
def audit() -> None:
    """The commands for the audit log."""


@audit.command(
    help=say(
        "核对审计日志：改过、删过、换过次序、插进来、换回旧的，都查得出来；有问题就以 1 退出。",
        "Check the audit log: lines edited, dropped, moved, put in, or an older copy put back; exit code 1 if so.",
    )
)
@click.option(
    "--expect", "expected", multiple=True, metavar="SEQ:HASH",
    help=say("以前核对时抄在别处的记号（可写多次）", "a head noted elsewhere at an earlier time (may be given several times)"),
)  # fmt: skip
@WORKSPACE
@JSON
def verify(expected: tuple[str, ...], workspace: Path, as_json: bool) -> None:
    from curate.audit import noted
    from curate.audit import verify as look
    from curate.report.audit import verified_as_json, verified_text

    found = look(workspace, [noted(text) for text in expected])
    click.echo(
        json.dumps(verified_as_json(found), ensure_ascii=False, indent=1) if as_json else verified_text(found)
    )
    if found.troubles:
        click.get_current_context().exit(1)


@audit.command(help=say("看审计日志，最近的在最后。", "Read the audit log, the newest last."))
@click.option(
    "--action",
    help=say(
        "只看这种事，例如 gate.override；run 是 run.* 全部",
        "this action only, such as gate.override; run means run.*",
    ),
)
@click.option("--who", "user", help=say("只看这个人的", "of this user only"))
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"]),
    help=say("从这天起（本地时间）", "from this day on (local time)"),
)  # fmt: skip
@click.option(
    "--run",
    "run_name",
    help=say("只看这次运行（名字或其中一段）", "of this run only (its name or a part of it)"),
)
@click.option(
    "--last", type=click.IntRange(1), default=50, show_default=True,
    help=say("最多看最近几条", "the newest so many at the most"),
)  # fmt: skip
@WORKSPACE
@JSON
def show(
    action: str | None, user: str | None, since: datetime | None, run_name: str | None, last: int,
    workspace: Path, as_json: bool,
) -> None:  # fmt: skip
    from curate.report.audit import chosen_entries, entries_as_json, entries_text

    found = chosen_entries(workspace, action or "", user or "", since, run_name or "", last)
    click.echo(
        json.dumps(entries_as_json(found), ensure_ascii=False, indent=1)
        if as_json
        else entries_text(workspace, found)
    )
