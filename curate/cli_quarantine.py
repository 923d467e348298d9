"""Commands for the rows that failed their schema: ``curate quarantine …``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from curate.cli_options import JSON, RUN, WORKSPACE
from curate.language import say

BY = click.option(
    "--by", help=say("谁改的（默认：当前系统用户）", "who mended them (default: the system's user)")
)
WHY = click.option("--why", default="", help=say("为什么，会记下来", "why; it is kept"))


@click.group(
    help=say(
        "隔离区：不合数据规范的行。写成 Excel 请负责人改，改好再收回来，下次运行时用上。",
        "Quarantine: rows that failed their schema. An Excel sheet for their owner to mend, and the way back into the next run.",
    )
)
def quarantine() -> None:
    """The commands for quarantined rows."""


@quarantine.command(
    help=say(
        "隔离了什么：按语料、字段、规则，各举几例；退回的值用上了多少。",
        "What is in quarantine, by corpus, field and rule, with examples; and what became of returned values.",
    )
)
@RUN
@WORKSPACE
@JSON
def show(name: str | None, workspace: Path, as_json: bool) -> None:
    from curate.quarantine import summary
    from curate.run import open_run

    told = summary(open_run(workspace, name))
    click.echo(
        json.dumps(told.as_json(), ensure_ascii=False, indent=1) if as_json else "\n".join(told.lines())
    )


@quarantine.command(
    help=say(
        "把隔离的行写成 Excel 表（每次运行后已有一份：runs/…/quarantine.xlsx）。",
        "Write the quarantined rows as an Excel sheet (each run leaves one: runs/…/quarantine.xlsx).",
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@RUN
@click.option("--corpus", help=say("只写这份语料", "only this corpus"))
@click.option(
    "--unmasked", is_flag=True,
    help=say("写没有打码的原始值（要有 unmask 权限）", "with the values of the source, nothing masked (needs the permission unmask)"),
)  # fmt: skip
@WORKSPACE
def write(file: Path, name: str | None, corpus: str | None, unmasked: bool, workspace: Path) -> None:
    from curate.policy import need
    from curate.quarantine import write_sheet
    from curate.run import open_run

    if unmasked:
        need(workspace, "unmask", f"curate quarantine write --unmasked {file.name}")
    told = write_sheet(open_run(workspace, name), file, corpus=corpus, unmasked=unmasked)
    click.echo("\n".join(told.lines()))


@quarantine.command(
    "return",
    help=say(
        "收回改好的表（.xlsx 或 .csv）：只收改过的格子，马上按规范检查；合格的下次运行时用上。",
        "Take a mended sheet back (.xlsx or .csv): only the cells that were changed, checked at once; the next run uses the good ones.",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@BY
@WHY
@click.option("--anyway", is_flag=True, help=say("还不合格的行也收", "take rows that are still wrong too"))
@click.option("--check", "only_look", is_flag=True, help=say("只检查，不收", "only check, take nothing"))
@WORKSPACE
@JSON
def give_back(
    file: Path, by: str | None, why: str, anyway: bool, only_look: bool, workspace: Path, as_json: bool
) -> None:
    from curate.audit import record
    from curate.environment import who
    from curate.policy import need
    from curate.quarantine import take_back, taken_lines

    need(workspace, "return", f"curate quarantine return {file.name}")
    taken = take_back(workspace, file, by=by or who(), why=why, anyway=anyway, only_look=only_look)
    if taken.lines:
        record(workspace, "quarantine.return", taken.about(), why)
    click.echo(
        json.dumps(taken.as_json(), ensure_ascii=False, indent=1)
        if as_json
        else "\n".join(taken_lines(taken, only_look))
    )
    if taken.refused and not taken.good:
        raise SystemExit(1)


@quarantine.command(
    help=say(
        "撤回退回的值：一个文件的，或一行的（语料:主键）；源数据的值重新算数，记录留着。",
        "Take returned values back, of a file or of a row (corpus:key): the source's values count again, the history stays.",
    )
)
@click.argument("what")
@BY
@WHY
@WORKSPACE
def undo(what: str, by: str | None, why: str, workspace: Path) -> None:
    from curate.audit import record
    from curate.environment import who
    from curate.policy import need
    from curate.quarantine import take_off

    need(workspace, "return", f"curate quarantine undo {what}")
    gone = take_off(workspace, what, by=by or who(), why=why)
    rows = len({(line.recipe, line.row_id) for line in gone})
    record(workspace, "quarantine.undo", {"what": what, "cells": len(gone), "rows": rows}, why)
    click.echo(
        say(
            f"撤回了 {rows} 行的 {len(gone)} 格；下次 curate run 起又用源数据的值",
            f"took {len(gone)} values of {rows} rows back; from the next curate run the source's count again",
        )
    )
