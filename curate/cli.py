"""Commands: arguments in, text out, no decisions. Heavy modules are imported where a command needs them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from curate import __version__
from curate.cli_audit import audit
from curate.cli_clean import clean
from curate.cli_dedupe import dedupe
from curate.cli_diff import diff
from curate.cli_options import JSON, RECIPE, RUN, WORKSPACE
from curate.cli_quarantine import quarantine
from curate.cli_release import ab, evaluate, export
from curate.cli_review import review
from curate.cli_schema import schema
from curate.cli_synthesize import explain
from curate.errors import CurateError
from curate.language import say
from curate.phases import PHASES


class Commands(click.Group):
    """Shows our own errors in our own way, and the commands in the order of use."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except CurateError as error:
            click.echo(str(error), err=True)
            ctx.exit(error.exit_code)
        except OSError as error:  # a full disk, a file that may not be read: no defect, so no traceback
            click.echo(
                say(
                    f"读写文件失败：{error}\n  → 检查磁盘空间和文件权限，再运行一次会接着做",
                    f"a file cannot be read or written: {error}\n  → look at disk space and permissions; a new run goes on",
                ),
                err=True,
            )
            ctx.exit(1)


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    help=say(
        "curate：把业务数据变成可训练的数据集和检索库。\n\n先 curate check 配方.yaml，再 curate run 配方.yaml。"
        "每一行的去向：curate trace。English: CURATE_LANG=en",
        "curate: business data in, training data and a retrieval set out.\n\n"
        "First curate check RECIPE, then curate run RECIPE; curate trace tells where a row went.",
    ),
)
@click.version_option(__version__)
def main() -> None:
    """The command line."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8")


def command(zh: str, en: str) -> Callable[[Callable[..., None]], click.Command]:
    """A command whose help is in the reader's language."""
    return main.command(help=say(zh, en))


@command(
    "建一个新项目：复制例子的配方、规范和样例数据。",
    "A starter project: the example's recipe, schemas and sample data.",
)
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    from curate.starter import copy_starter

    for name in copy_starter(folder):
        click.echo(f"  {folder / name}")
    click.echo(
        say(
            f"好了。接着运行：\n  cd {folder} && curate run recipes/expo.yaml",
            f"Done. Now run:\n  cd {folder} && curate run recipes/expo.yaml",
        )
    )


@command(
    "检查配方能不能跑：只读样本，一次列出全部问题。",
    "Can the recipe run? Reads a sample only; lists every problem.",
)
@RECIPE
@JSON
def check(recipe: Path, as_json: bool) -> None:
    from curate.check import check_file
    from curate.errors import RecipeError
    from curate.report.terminal import checked_text

    checked = check_file(recipe)
    if as_json:
        from dataclasses import asdict

        told = {
            "problems": [{**asdict(problem), "file": str(problem.file)} for problem in checked.problems],
            "runs_code": checked.code,
            "corpora": [
                {
                    **asdict(tried),
                    "dropped": {f"{phase}.{reason}": n for (phase, reason), n in tried.dropped.items()},
                }
                for tried in checked.corpora
            ],
        }
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        click.echo(checked_text(checked))
    if checked.problems:
        raise RecipeError(checked.problems)


@command(
    "运行配方：从数据源一直到导出；没变的步骤直接用上次的结果。",
    "Run a recipe; steps that did not change are read from disk.",
)
@RECIPE
@click.option("--until", type=click.Choice(PHASES),
              default=PHASES[-1], help=say("到这个阶段为止", "stop behind this phase"))  # fmt: skip
@click.option(
    "--limit",
    type=click.IntRange(1),
    help=say("每份语料只取前几行，用来试配方", "the first rows of each corpus only, to try a recipe"),
)
@click.option("--shard-rows", type=click.IntRange(1), default=50_000, show_default=True,
              help=say("每片多少行；内存占用由它决定", "rows a shard, which bounds memory"))  # fmt: skip
@click.option(
    "--dry-run",
    is_flag=True,
    help=say("一个请求也不发，只算请大模型要花多少", "send no request; tell what asking the model costs"),
)
@click.option(
    "--override-gate", "override", multiple=True, metavar=say("关卡", "GATE"),
    help=say(
        "放过没过的关卡（可写多次）；必须写 --reason，记入审计日志和发布版本",
        "go on although this gate failed (repeatable); needs --reason, and stands in the audit log and in the release",
    ),
)  # fmt: skip
@click.option("--reason", default="", help=say("为什么放过", "why it is overridden"))
@JSON
def run(
    recipe: Path, until: str, limit: int | None, shard_rows: int, dry_run: bool, override: tuple[str, ...],
    reason: str, as_json: bool,
) -> None:  # fmt: skip
    from curate.report.terminal import finished_text
    from curate.watch import price, watch

    if dry_run:
        from curate.report.dry_run import dry_run_text

        told = price(
            recipe, limit=limit, shard_rows=shard_rows, quiet=as_json, override=override, reason=reason
        )
        click.echo(
            json.dumps(told.as_json(), ensure_ascii=False, indent=1, default=str)
            if as_json
            else dry_run_text(told)
        )
        return
    past = watch(
        recipe,
        until=until,
        limit=limit,
        shard_rows=shard_rows,
        quiet=as_json,
        override=override,
        reason=reason,
    )
    click.echo(json.dumps(past.manifest, ensure_ascii=False, indent=1) if as_json else finished_text(past))


@command(
    "看一次运行：每个阶段进、留、弃多少行，原因，和被丢弃的例子。",
    "A run: rows in, kept and dropped by phase, reasons, examples.",
)
@click.argument("phase", required=False)
@RUN
@click.option("--corpus", help=say("只看这份语料", "this corpus only"))
@click.option(
    "--examples",
    type=click.IntRange(0),
    default=3,
    show_default=True,
    help=say("每个原因举几个例子", "examples of each reason"),
)
@WORKSPACE
@JSON
def show(
    phase: str | None, name: str | None, corpus: str | None, examples: int, workspace: Path, as_json: bool
) -> None:
    from curate.report.terminal import phase_text, run_text
    from curate.run import open_run

    past = open_run(workspace, name)
    if as_json:
        click.echo(json.dumps(past.manifest, ensure_ascii=False, indent=1))
    elif phase is None:
        click.echo(run_text(past, corpus))
    else:
        click.echo(phase_text(past, phase, corpus, examples))


@command(
    "追踪一行：每个阶段保留、改动（前后对照）还是丢弃（原因、与谁重复）。",
    "Trace a row: kept, changed or dropped, step by step, and why.",
)
@click.argument("row_id")
@RUN
@WORKSPACE
@JSON
def trace(row_id: str, name: str | None, workspace: Path, as_json: bool) -> None:
    from curate.report.terminal import trace_text
    from curate.report.unmasked import masking_of
    from curate.run import open_run
    from curate.trace import trace as trace_row

    past = open_run(workspace, name)
    traced = trace_row(past, row_id)
    if masking := masking_of(past):
        traced = masking.trace(traced)
    click.echo(
        json.dumps(traced.as_json(), ensure_ascii=False, indent=1, default=str)
        if as_json
        else trace_text(traced)
    )


@command(
    "用 SQL 查一次运行的所有表（DuckDB）。不写 SQL 就列出表名和列名。",
    "SQL (DuckDB) over every table of a run; lists the tables without SQL.",
)
@click.argument("sql", required=False)
@RUN
@WORKSPACE
@JSON
def query(sql: str | None, name: str | None, workspace: Path, as_json: bool) -> None:
    from curate.query import query as query_run
    from curate.query import tables
    from curate.report.unmasked import masking_of
    from curate.run import open_run

    past = open_run(workspace, name)
    if sql is None:
        for table, columns in tables(past).items():
            click.echo(f"{table}: {', '.join(columns)}")
        return
    masking = masking_of(past)
    rows = query_run(past, sql, masking)
    if as_json:
        click.echo(rows.write_json())
    else:
        from curate.report.terminal import frame_text

        click.echo(frame_text(rows))


@command(
    "把一次运行写成一张网页：去向、原因、例子、导出的文件。",
    "A run as an HTML page: where rows went, why, examples, exported files.",
)
@click.argument("name", required=False, metavar="[RUN]")
@WORKSPACE
def report(name: str | None, workspace: Path) -> None:
    from curate.report.html import write_report
    from curate.run import open_run

    click.echo(write_report(open_run(workspace, name)))


@command(
    "所有可用的单元和选项；--json-schema 输出给编辑器用的配方格式。",
    "The units and their options; --json-schema for editors.",
)
@click.argument("name", required=False)
@click.option(
    "--json-schema", is_flag=True, help=say("输出配方的 JSON Schema", "print the recipe's JSON Schema")
)
def catalogue(name: str | None, json_schema: bool) -> None:
    from curate.catalogue import catalogue_text, recipe_schema

    if json_schema:
        click.echo(json.dumps(recipe_schema(), ensure_ascii=False, indent=1))
    else:
        click.echo(catalogue_text(name))


for later in (explain, schema, quarantine, review, clean, dedupe, export, diff, evaluate, ab, audit):
    main.add_command(later)


if __name__ == "__main__":
    main()
