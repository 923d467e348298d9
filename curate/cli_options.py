"""Options that several commands take."""

from __future__ import annotations

from pathlib import Path

import click

from curate.language import say

WORKSPACE = click.option(
    "-C", "--workspace", type=click.Path(path_type=Path, file_okay=False, exists=True), default=Path(),
    help=say("工作区文件夹（默认：当前文件夹）", "the workspace (default: this folder)"),
)  # fmt: skip
RECIPE = click.argument("recipe", type=click.Path(path_type=Path, dir_okay=False, exists=True))
RUN = click.option(
    "--run", "name",
    help=say("运行的名字或其中一段（默认：最近一次）", "a run's name or part of it (default: the newest)"),
)  # fmt: skip
JSON = click.option(
    "--json", "as_json", is_flag=True, help=say("输出 JSON，给程序用", "print JSON, for programs")
)
TOKENIZER = click.option(
    "--tokenizer", type=click.Path(path_type=Path, file_okay=False, exists=True),
    help=say("模型的 tokenizer 文件夹，数准 token", "the folder of the model's tokenizer, for true lengths"),
)  # fmt: skip
