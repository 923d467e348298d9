"""Commands for releases and for what comes after training: ``curate export …``, ``curate eval``, ``curate ab …``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from curate.cli_options import JSON, TOKENIZER
from curate.language import say

FOLDER = click.Path(path_type=Path, file_okay=False, exists=True)
RELEASE = click.argument("release", type=FOLDER)
FILE = click.Path(path_type=Path, dir_okay=False, exists=True)


def _echo(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=1, default=str))


def _told(findings: list[Any], as_json: bool, whole: str) -> None:
    """Print what was found; exit code 4 when there is anything."""
    from dataclasses import asdict

    from curate.export.verify import findings_text

    if as_json:
        _echo([asdict(finding) for finding in findings])
    else:
        click.echo(findings_text(findings) if findings else whole)
    if findings:
        click.get_current_context().exit(4)


@click.group(
    help=say(
        "发布版本：核对、检查、比较；各种模型要多少显存。",
        "Releases: verify, check, compare; and what memory the models take.",
    )
)
def export() -> None:
    """The commands for releases."""


@export.command(
    help=say(
        "核对一个发布版本：文件都在，和发布时一样。在哪台机器上都行。",
        "Is a release what was released: every file there, unchanged? Works anywhere.",
    )
)
@RELEASE
@JSON
def verify(release: Path, as_json: bool) -> None:
    from curate.export.verify import verify as look

    whole = say("文件都在，和发布时一样。", "Every file is there and as it was released.")
    _told(look(release), as_json, whole)


@export.command(
    help=say(
        "检查一个发布版本能不能照原样训练：数据、设置、长度、划分、个人信息；--with-llamafactory 用真的 LLaMA-Factory 读一遍。",
        "Would a release train as it is: data, settings, lengths, splits, personal data; --with-llamafactory loads it for real.",
    )
)
@RELEASE
@TOKENIZER
@click.option("--with-llamafactory", "real", is_flag=True,
              help=say("用装好的 LLaMA-Factory 照训练的方式读一遍（先 make train-env）",
                       "load it with the installed LLaMA-Factory as training would (make train-env first)"))  # fmt: skip
@click.option("--python", type=click.Path(path_type=Path, exists=True),
              help=say("训练环境的 Python 或文件夹（默认 .train-env）", "the train environment or its Python (default: .train-env)"))  # fmt: skip
@JSON
def check(release: Path, tokenizer: Path | None, real: bool, python: Path | None, as_json: bool) -> None:
    from curate.export.check_release import check_release
    from curate.export.verify import verify as look

    findings = [*look(release), *check_release(release, tokenizer)]
    whole = say("没有发现问题。", "No problem found.")
    if not real or findings:
        _told(findings, as_json, whole)
        return
    from dataclasses import asdict

    from curate.export.trainer.real import load_with_llamafactory, loaded_text

    loaded = load_with_llamafactory(release, python, tokenizer)
    if as_json:
        _echo(asdict(loaded))
    else:
        click.echo(loaded_text(loaded))
    if not loaded.ok:
        click.get_current_context().exit(4)


@export.command(
    help=say(
        "比较两个版本：多了、少了、改了哪些问答，设置有什么不同。",
        "Compare two versions: pairs added, removed and changed, and the settings.",
    )
)
@click.argument("old", type=FOLDER)
@click.argument("new", type=FOLDER)
@JSON
def diff(old: Path, new: Path, as_json: bool) -> None:
    from curate.export.diff import diff as compare

    found = compare(old, new)
    if as_json:
        _echo(found.as_json())
    else:
        click.echo(found.text(color=sys.stdout.isatty()))


@export.command(
    help=say(
        "能训练的模型，和各种方法要的显存；与常见的那张表对照。",
        "The models, and the memory that each way to train them takes; beside the well-known table.",
    )
)
@click.option("--cutoff", type=click.IntRange(64), default=1024, show_default=True,
              help=say("一行多少 token", "tokens a row"))  # fmt: skip
@click.option("--models", type=FILE, help=say("自己的模型目录", "a catalogue of your own"))
@JSON
def models(cutoff: int, models: Path | None, as_json: bool) -> None:
    from curate.report.memory import memory_figures, memory_text

    if as_json:
        _echo(memory_figures(cutoff, models))
    else:
        click.echo(memory_text(cutoff, models))


@click.command(
    "eval",
    help=say(
        "给模型的回答打分：事实对不对、BLEU、ROUGE、分类、会不会编；--against 比较两个模型。",
        "Score a model's answers: facts, BLEU, ROUGE, classes, made-up answers; --against compares two models.",
    ),
)
@click.argument("predictions", type=click.Path(path_type=Path, exists=True))
@click.option("--release", type=FOLDER,
              help=say("发布版本（默认：回答所在的那个）", "the release (default: the one around the file)"))  # fmt: skip
@click.option("--against", type=click.Path(path_type=Path, exists=True),
              help=say("另一个模型的回答，例如训练前的", "another model's answers, such as those before training"))  # fmt: skip
@JSON
def evaluate(predictions: Path, release: Path | None, against: Path | None, as_json: bool) -> None:
    from curate.evaluate import compare, compare_text, find_release, score, scores_text

    release = release or find_release(predictions)
    if against is not None:
        compared = compare(predictions, against, release)
        if as_json:
            _echo(compared.as_json())
        else:
            click.echo(compare_text(compared))
        return
    scores = score(predictions, release)
    if as_json:
        _echo(scores.as_json())
    else:
        click.echo(scores_text(scores))


@click.group(
    help=say(
        "线上 A/B 测试：按用户编号的哈希分组，再比较评分。",
        "An online A/B test: users in groups by the hash of their id, and their ratings compared.",
    )
)
def ab() -> None:
    """The commands for online tests."""


SHARES = click.option(
    "--share", "shares", multiple=True, metavar="GROUP=SHARE", default=("old=0.5", "new=0.5"), show_default=True,
    help=say("组名和比例，第一个是对照组", "groups and their shares; the first is the control"),
)  # fmt: skip
EXPERIMENT = click.option(
    "--name",
    "experiment",
    required=True,
    help=say("试验的名字：换个名字就换一种分法", "the test's name: another name, other groups"),
)


def _shares(given: tuple[str, ...]) -> dict[str, float]:
    try:
        return {name: float(share) for name, _, share in (item.partition("=") for item in given)}
    except ValueError as error:
        raise click.BadParameter(
            say("写成 组名=比例，例如 new=0.5", "write GROUP=SHARE, such as new=0.5")
        ) from error


@ab.command(
    help=say(
        "分组：读用户表（csv，有 user 列），写出每个用户的组。",
        "Groups: reads users (csv with a column user), writes each one's group.",
    )
)
@click.argument("users", type=FILE)
@EXPERIMENT
@SHARES
def assign(users: Path, experiment: str, shares: tuple[str, ...]) -> None:
    from curate.evaluate import assign as group
    from curate.report.ratings import read_csv

    found = read_csv(users, ["user"])
    click.echo(
        group(found["user"].unique(maintain_order=True), experiment, _shares(shares)).write_csv().rstrip()
    )


@ab.command(
    help=say(
        "比较：读评分（csv：user、rating，最好有 time），做 t 检验（p < 0.01，至少 72 小时）。",
        "Compare: reads ratings (csv: user, rating, and better a time), t-test (p < 0.01, at least 72 hours).",
    )
)
@click.argument("ratings", type=FILE)
@EXPERIMENT
@SHARES
@JSON
def compare(ratings: Path, experiment: str, shares: tuple[str, ...], as_json: bool) -> None:
    from curate.evaluate import compare_ratings, ratings_text
    from curate.report.ratings import read_csv

    found = compare_ratings(read_csv(ratings, ["user", "rating"]), experiment, _shares(shares))
    if as_json:
        _echo(found.as_json())
    else:
        click.echo(ratings_text(found))
