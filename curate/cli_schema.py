"""Commands for schemas: ``curate schema …``."""

from __future__ import annotations

from pathlib import Path

import click

from curate.cli_options import WORKSPACE
from curate.language import say


@click.group(
    help=say(
        "数据规范：照数据起草一个，写成数据字典。怎么写：schemas/README.md。",
        "Schemas: draft one from data; write the data dictionary. How to write one: schemas/README.md.",
    )
)
def schema() -> None:
    """The commands for schemas."""


@schema.command(
    help=say(
        "照数据起草一个数据规范（Python），读一遍、改好再用。SOURCE 是数据文件、通配符，或（用 --recipe 时）配方里语料的名字。",
        "Draft a schema from data, as Python to read and correct. SOURCE: a file, a glob, or with --recipe one of its corpora.",
    )
)
@click.argument("source")
@click.option("--recipe", type=click.Path(path_type=Path, dir_okay=False, exists=True),
              help=say("SOURCE 是这份配方的语料：用改名后的列名，知道主键，还会找引用", "SOURCE is a corpus of this recipe: its column names, its key, and references"))  # fmt: skip
@click.option("--name", help=say("类名，如 Company（默认：文件或语料的名字）", "the class, such as Company (default: after the source)"))  # fmt: skip
@click.option("--write", "target", type=click.Path(path_type=Path, dir_okay=False),
              help=say("写到这个 .py 文件（默认：打印出来）", "write it to this .py file (default: print it)"))  # fmt: skip
@click.option("--force", is_flag=True, help=say("文件已经有了也写", "also where the file is there already"))
@click.option("--tolerance", type=click.FloatRange(0, 0.05), default=0.01, show_default=True,
              help=say("一列里最多多大比例的值可以不是这一列的类型", "the share of a column's values that may be of another type"))  # fmt: skip
@click.option("--sheet", help=say("xlsx 的工作表：名称或序号", "the xlsx sheet: its name or number"))
@click.option("--header", type=click.IntRange(1), help=say("表头在第几行", "the line of the header"))
@click.option("--table", help=say("SQLite 文件里的表", "the table of a SQLite file"))
@WORKSPACE
def infer(
    source: str, recipe: Path | None, name: str | None, target: Path | None, force: bool, tolerance: float,
    sheet: str | None, header: int | None, table: str | None, workspace: Path,
) -> None:  # fmt: skip
    from curate.schema_work import draft_of, open_source

    reading = {"sheet": int(sheet) if sheet and sheet.isdigit() else sheet, "header": header, "table": table}
    found = open_source(
        workspace, source, recipe, name, {key: value for key, value in reading.items() if value}
    )
    draft = draft_of(found, tolerance)
    if target is None:
        click.echo(draft.text, nl=False)
    else:
        draft.write(target, force)
        click.echo(say(f"已写 {target}", f"wrote {target}"), err=True)
    click.echo(draft.told(), err=True)


@schema.command(
    help=say(
        "写数据字典：dictionary.md 和 dictionary.html。SOURCES 是一份配方，或几个规范文件；不写就是 schemas/ 里的全部。",
        "Write the data dictionary: dictionary.md and dictionary.html. SOURCES: a recipe, or schema files; else all of schemas/.",
    )
)
@click.argument("sources", nargs=-1, type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--to", "folder", type=click.Path(path_type=Path, file_okay=False), default=Path("exports/dictionary"), show_default=True,
              help=say("写到这个文件夹", "the folder"))  # fmt: skip
@WORKSPACE
def doc(sources: tuple[Path, ...], folder: Path, workspace: Path) -> None:
    from curate.schema_work import described
    from curate.validate.dictionary_pages import write_dictionary

    for file in write_dictionary(described(workspace, list(sources)), folder):
        click.echo(say(f"已写 {file}", f"wrote {file}"))
