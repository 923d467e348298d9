"""The command that compares two runs: ``curate diff``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from curate.cli_options import JSON, WORKSPACE
from curate.language import say


@click.command(
    help=say(
        "两次运行的数据差多少：数字（KS）、类别（PSI）、正文长度、词汇、困惑度，以及增减的行。不写名字就比较同一配方最近两次完成的运行。",
        "How far the data of two runs is apart: numbers (KS), categories (PSI), length, vocabulary, perplexity, rows that came and went. Without names: the last two finished runs of the recipe that ran last.",
    )
)
@click.argument("run_a", required=False)
@click.argument("run_b", required=False)
@click.option(
    "--ks", type=click.FloatRange(0, 1), default=0.05, show_default=True,
    help=say(
        "分布的距离 D 从多少起算漂移（并且 p < 0.05）：行数很多时再小的差别也显著，所以还看大小",
        "the distance D from which on it is drift (with p < 0.05): with many rows any difference is sure, so its size counts too",
    ),
)  # fmt: skip
@click.option(
    "--perplexity", type=click.FloatRange(0, min_open=True), default=0.15, show_default=True,
    help=say("新正文的困惑度上升多少就建议重新训练", "the rise of the perplexity of new texts from which on to train anew"),
)  # fmt: skip
@click.option(
    "--new", "new_only", is_flag=True,
    help=say("只拿新增的行来比：一小批新数据不会淹没在旧数据里", "compare the added rows only: a small batch does not drown in the old rows"),
)  # fmt: skip
@click.option(
    "--html", "file", type=click.Path(path_type=Path, dir_okay=False),
    help=say("再写成一个网页", "write it as a page, too"),
)  # fmt: skip
@click.option("--gate", "stop", is_flag=True, help=say("有漂移就以退出码 4 结束", "exit with 4 where something has drifted"))  # fmt: skip
@WORKSPACE
@JSON
def diff(
    run_a: str | None,
    run_b: str | None,
    ks: float,
    perplexity: float,
    new_only: bool,
    file: Path | None,
    stop: bool,
    workspace: Path,
    as_json: bool,
) -> None:
    from curate.drift import Limits
    from curate.report.drift import drift_between, gate, two_runs, write_page
    from curate.report.drift_text import drift_text

    told = drift_between(
        *two_runs(workspace, run_a, run_b), Limits(ks=ks, perplexity=perplexity), new_only=new_only
    )
    if file:
        write_page(told, file)
    click.echo(json.dumps(told, ensure_ascii=False, indent=1) if as_json else drift_text(told))
    if stop:
        gate(told)
