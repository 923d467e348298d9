"""Commands for people's judgements: ``curate review push | pull | status | report | requeue | adjudicate | save | serve``."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from curate.cli_options import JSON, RECIPE, WORKSPACE
from curate.environment import who
from curate.language import say

if TYPE_CHECKING:
    from curate.review_work import Told

PROJECT = click.option(
    "--project",
    help=say("只做这个项目（默认：配方里的全部）", "this project only (default: all of the recipe)"),
)
WHY = click.option("--why", required=True, help=say("原因，记入日志", "the reason; it is logged"))
BY = click.option(
    "--by",
    default=who,
    help=say("谁做的（默认：登录名）", "who does it (default: the login name)"),
)


@click.group(
    help=say(
        "人工审核：发给 Label Studio、取回、看进度、看一致性、裁决争议。\n\n先 curate run 抽出要看的内容；人看完以后再 curate run 就接着做。",
        "What people judge: send it to Label Studio, take it back, progress, agreement, disputes.\n\n"
        "First curate run, which chooses the items; once people are done, curate run goes on.",
    )
)
def review() -> None:
    """The group."""


@review.command(
    help=say(
        "把要审核的内容发出去；已经发过的不会重复。--to 写成文件，给没有服务器的团队。",
        "Send out what people should judge; nothing is sent twice. --to writes a file, for teams without a server.",
    )
)
@RECIPE
@PROJECT
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say(
        "写成文件：.xlsx 给 Excel，.jsonl 给 Prodigy", "write a file: .xlsx for Excel, .jsonl for Prodigy"
    ),
)
@click.option(
    "--prune",
    is_flag=True,
    help=say(
        "删掉服务器上不再需要、还没人看的任务", "delete tasks that are no longer wanted and nobody judged"
    ),
)
@click.option(
    "--again",
    is_flag=True,
    help=say("服务器上的项目被删了：重新建一个", "the project was deleted on the server: make a new one"),
)
def push(recipe: Path, project: str | None, to: Path | None, prune: bool, again: bool) -> None:
    from curate.report.review_sync import filed_text, pushed_text
    from curate.review_work import push_items, write_items

    if to is not None:
        click.echo(filed_text(write_items(recipe, project, to), to))
        return
    for pushed in push_items(recipe, project, prune=prune, again=again):
        click.echo(pushed_text(pushed))


@review.command(
    help=say(
        "取回大家的判断，只取新的和改过的。--from 读填好的文件。",
        "Take back what people said: what is new or changed. --from reads a file that was filled in.",
    )
)
@RECIPE
@PROJECT
@click.option("--full", is_flag=True, help=say("从头全部取一遍", "everything, from the beginning"))
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help=say(
        "填好的 .xlsx/.csv、Prodigy 的 .jsonl，或 Label Studio 导出的 .json",
        "a filled sheet (.xlsx, .csv), Prodigy's .jsonl, or an export of Label Studio (.json)",
    ),
)
@click.option(
    "--as",
    "annotator",
    help=say("文件是谁填的（邮箱或姓名）", "who filled the file in (e-mail or name)"),
)
@click.option(
    "--adjudication", is_flag=True, help=say("文件是专家的裁决", "the file holds an expert's decisions")
)
def pull(
    recipe: Path,
    project: str | None,
    full: bool,
    source: Path | None,
    annotator: str | None,
    adjudication: bool,
) -> None:
    from curate.report.review_sync import pulled_text, read_text
    from curate.review_work import pull_annotations, read_items

    if source is not None:
        click.echo(read_text(read_items(recipe, project, source, annotator, adjudication), source))
        return
    for pulled in pull_annotations(recipe, project, full=full):
        click.echo(pulled_text(pulled))


@review.command(
    help=say(
        "进度：每个人看了多少、多快，还剩多少。",
        "Progress: how much everybody judged, how fast, what is left.",
    )
)
@RECIPE
@PROJECT
@JSON
def status(recipe: Path, project: str | None, as_json: bool) -> None:
    from curate.report.review_status import status_text
    from curate.review_work import progress_of

    _told(progress_of(recipe, project), lambda one: status_text(one.found), as_json)


@review.command(
    help=say(
        "一致性、混淆表、最有争议的内容、每个人与专家和标准答案的差别。--calibration 写出每个人该复习的题。",
        "Agreement, confusions, disputes, everybody against the expert and the gold. --calibration lists what to go over with each.",
    )
)
@RECIPE
@PROJECT
@click.option(
    "--calibration",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say("把每个人与结论不同的题写成 csv", "write what each said otherwise into a csv"),
)
@JSON
def report(recipe: Path, project: str | None, calibration: Path | None, as_json: bool) -> None:
    from curate.report.review import report_text
    from curate.review_work import findings_of, write_calibration

    _told(findings_of(recipe, project), lambda one: report_text(one.found, one.plan), as_json)
    if calibration is not None:
        rows = write_calibration(recipe, project, calibration)
        click.echo(say(f"{calibration}：{rows} 行", f"{calibration}: {rows} rows"), err=as_json)


@review.command(
    help=say(
        "退回重看：意见不一的（--disputed）、全部（--all）、某几条（--item），或不算某个人的判断（--without）。",
        "Have items judged anew: the disputed, all, or some; or leave out what somebody said (--without).",
    )
)
@RECIPE
@PROJECT
@click.option("--disputed", is_flag=True, help=say("意见不一的", "the disputed items"))
@click.option("--all", "every", is_flag=True, help=say("全部", "all items"))
@click.option(
    "--item",
    "item_ids",
    multiple=True,
    help=say("这一条（可写多次）", "this item (may be given several times)"),
)
@click.option("--without", help=say("不算这个人的判断", "leave out what this annotator said"))
@click.option("--with", "with_again", help=say("重新算这个人的判断", "count this annotator again"))
@WHY
@BY
def requeue(
    recipe: Path, project: str | None, disputed: bool, every: bool, item_ids: tuple[str, ...],
    without: str | None, with_again: str | None, why: str, by: str,
) -> None:  # fmt: skip
    from curate.review_work import put_back

    chosen = [disputed, every, bool(item_ids), without is not None, with_again is not None]
    if sum(chosen) != 1:
        raise click.UsageError(
            say(
                "--disputed、--all、--item、--without、--with 里写一个，只写一个",
                "give one of --disputed, --all, --item, --without, --with",
            )
        )
    what: str | list[str] = "disputed" if disputed else "all" if every else list(item_ids)
    for line in put_back(recipe, project, what, without, with_again, by, why):
        click.echo(line)


@review.command(
    help=say(
        "把意见不一的发给专家：并排看到每个人的判断（不写名字）。--to 写成文件。",
        "Send the disputes to the experts, with everybody's verdict side by side and without names. --to writes a file.",
    )
)
@RECIPE
@PROJECT
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help=say("写成文件（.xlsx）", "write a file (.xlsx)"),
)
def adjudicate(recipe: Path, project: str | None, to: Path | None) -> None:
    from curate.report.review_sync import filed_text, pushed_text
    from curate.review_work import push_disputes, write_disputes

    if to is not None:
        click.echo(filed_text(write_disputes(recipe, project, to), to, " --adjudication"))
        return
    for pushed in push_disputes(recipe, project):
        click.echo(pushed_text(pushed))


@review.command(
    help=say(
        "把日志里的全部标注写成一个 jsonl 文件，可以写进配方的 annotations。",
        "Write all annotations of the log into a jsonl file, which a recipe's annotations may name.",
    )
)
@RECIPE
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
def save(recipe: Path, file: Path) -> None:
    from curate.review_work import save_annotations

    rows = save_annotations(recipe, file)
    click.echo(say(f"{file}：{rows} 条标注", f"{file}: {rows} annotations"))


@review.command(
    help=say(
        "启动一个本机的 Label Studio（只监听 127.0.0.1）；先 make labelstudio-env。",
        "Start a Label Studio on this machine (127.0.0.1 only); first make labelstudio-env.",
    )
)
@click.option(
    "--accounts",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help=say("账号表 csv：email,name,role", "accounts, a csv: email,name,role"),
)
@click.option(
    "--port", type=click.IntRange(1024, 65535), default=8080, show_default=True, help=say("端口", "the port")
)
@click.option(
    "--env",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(".labelstudio-env"),
    show_default=True,
    help=say("装有 Label Studio 的环境", "the environment that holds Label Studio"),
)
@WORKSPACE
def serve(accounts: Path | None, port: int, env: Path, workspace: Path) -> None:
    from curate.review_work import serve_labelstudio

    serve_labelstudio(workspace, accounts, port, env, click.echo)


def _told(found: list[Told], text: Callable[[Told], str], as_json: bool) -> None:
    """Print what a command found of each project."""
    if as_json:
        click.echo(json.dumps([one.as_json() for one in found], ensure_ascii=False, indent=1, default=str))
    else:
        click.echo("\n\n".join(text(one) for one in found))
