"""Commands that look into a run's cleaning: ``curate clean …``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from curate.cli_options import JSON, RUN, WORKSPACE
from curate.language import say


@click.group(
    help=say(
        "清洗：很多文章都有的重复行。清洗改了什么，看 curate show clean。",
        "Cleaning: lines that many texts share. What cleaning changed: curate show clean.",
    )
)
def clean() -> None:
    """The commands for cleaning."""


@clean.command(
    help=say(
        "列出一份语料里很多文章都有的行、开头和结尾；--write 写成文件，去掉要删的行前面的 #，再写进 strip_boilerplate 的 confirmed。",
        "Lines, beginnings and ends that many texts of a corpus share; --write makes the file to confirm them in: take the # off the lines to remove, and name it in strip_boilerplate: confirmed.",
    )
)
@click.argument("corpus")
@RUN
@click.option(
    "--write", "file", type=click.Path(path_type=Path, dir_okay=False),
    help=say("写到这个文件；已确认的行会保留", "write this file; lines that are confirmed already stay"),
)  # fmt: skip
@WORKSPACE
@JSON
def boilerplate(corpus: str, name: str | None, file: Path | None, workspace: Path, as_json: bool) -> None:
    from curate.files import write_text
    from curate.report.boilerplate import boilerplate as look
    from curate.report.terminal import frame_text
    from curate.run import open_run

    found, text = look(open_run(workspace, name), corpus, file)
    if file:
        write_text(file, text)
    if as_json:
        click.echo(json.dumps(found.to_dicts(), ensure_ascii=False, indent=1))
    else:
        click.echo(frame_text(found))
        if file:
            click.echo(say(f"已写到 {file}", f"written to {file}"))
