"""Commands that look into a run's dedupe: ``curate dedupe …``."""

from __future__ import annotations

import json
from pathlib import Path

import click

from curate.cli_options import JSON, RUN, WORKSPACE
from curate.language import say


@click.group(
    help=say(
        "去重：换一个阈值会怎样；把相似的对写成表格。先看 curate show dedupe。",
        "Dedupe: what another threshold would do; similar pairs as a table. See curate show dedupe first.",
    )
)
def dedupe() -> None:
    """The commands for dedupe."""


EXAMPLES = click.option(
    "--examples", type=click.IntRange(0), default=3, show_default=True,
    help=say("每种举几个例子", "examples of each kind"),
)  # fmt: skip


@dedupe.command(
    help=say(
        "换一个 minhash 阈值会怎样：哪些行回来，哪些行多去掉。用存下的相似度，不重新计算。",
        "What another minhash threshold would do: rows that come back, and rows that go as well; from the stored similarities.",
    )
)
@click.argument("threshold", type=click.FloatRange(0, 1, min_open=True))
@RUN
@EXAMPLES
@WORKSPACE
@JSON
def rethreshold(threshold: float, name: str | None, examples: int, workspace: Path, as_json: bool) -> None:
    from curate.dedupe.rethreshold import rethreshold as answer
    from curate.report.duplicates import need_dedupe
    from curate.report.rethreshold import rethreshold_text
    from curate.run import open_run

    told = answer(need_dedupe(open_run(workspace, name)), threshold, examples)
    click.echo(
        json.dumps(told.as_json(), ensure_ascii=False, indent=1) if as_json else rethreshold_text(told)
    )


@dedupe.command(
    help=say(
        "把相似的对写成 csv（Excel 能直接打开），请人看阈值定在哪里：两边的正文、相似度、留下还是去掉、哪里不同。",
        "Similar pairs as csv, for people to say where the threshold belongs: both texts, similarity, what became of them, where they differ.",
    )
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--min", "least", type=click.FloatRange(0, 1), default=0.0,
              help=say("相似度从多少起（默认：保存下来的全部）", "from this similarity (default: all that was kept)"))  # fmt: skip
@click.option("--max", "most", type=click.FloatRange(0, 1), default=1.0,
              help=say("相似度到多少为止，不含（默认 1）", "below this similarity (default: 1)"))  # fmt: skip
@click.option("--limit", type=click.IntRange(1), default=1000, show_default=True,
              help=say("最多多少对，最像的在前", "at most this many pairs, the most similar first"))  # fmt: skip
@RUN
@WORKSPACE
def pairs(file: Path, least: float, most: float, limit: int, name: str | None, workspace: Path) -> None:
    from curate.dedupe.explain import pairs_between
    from curate.files import replacing
    from curate.report.duplicates import need_dedupe, pairs_table
    from curate.run import open_run

    table = pairs_table(pairs_between(need_dedupe(open_run(workspace, name)), least, most, limit))
    with replacing(file) as temporary:
        table.write_csv(temporary, include_bom=True)  # Excel takes csv without it for GB18030
    click.echo(say(f"{table.height} 对写到 {file}", f"{table.height} pairs in {file}"))
