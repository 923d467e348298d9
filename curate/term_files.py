"""Lists and tables of terms that people keep: txt, csv, xlsx and yaml, each row with its line in the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from io import StringIO
from itertools import repeat
from pathlib import Path
from typing import Any

from pydantic_core import PydanticCustomError

from curate.algorithms.encoding import MARK, UNDECODABLE, best_encoding
from curate.algorithms.spreadsheet import first_sheet
from curate.errors import CurateError, Problem
from curate.language import say
from curate.messages import did_you_mean
from curate.options import located, problem
from curate.yaml_lines import read_yaml

#: (1-based line, name -> value); of a yaml list the items stand with bars between
Row = tuple[int, dict[str, str]]
#: English name of a column -> its Chinese names
Columns = Mapping[str, tuple[str, ...]]
#: Stands between several terms in one cell; the full-width bar does too.
BAR = "|"
#: more problems of a file than this are counted only
MOST_PROBLEMS = 12


def terms_in(cell: str) -> list[str]:
    """``"展会|展销会"`` -> the terms, each once."""
    parts = (part.strip() for part in cell.replace("｜", BAR).split(BAR))
    return [*dict.fromkeys(part for part in parts if part)]


def read_lines(file: str, problems: list[Problem]) -> list[tuple[int, str]]:
    """The lines of a txt file, stripped, without the empty ones and those that begin with ``#``."""
    lines = enumerate(_text(file, problems).split("\n"), 1)
    return [(number, line.strip()) for number, line in lines if line.strip() and line.strip()[0] != "#"]


def read_table(file: str, columns: Columns, problems: list[Problem]) -> list[Row]:
    """The rows of a csv, tsv, xlsx or yaml file, values stripped; what is wrong is added to ``problems``.

    Args:
        columns: those that there may be; the first must be there.
    """
    readers = {".csv": csv_rows, ".tsv": csv_rows, ".xlsx": xlsx_rows, ".yaml": _yaml, ".yml": _yaml}
    kind = Path(file).suffix.lower()
    if kind not in readers:
        problems.append(
            Problem(
                Path(file),
                0,
                say(
                    f"不认识 {kind or '没有扩展名的'} 文件", f"cannot read {kind or 'a file without ending'}"
                ),
                say(f"请存成 {'、'.join(readers)}", f"save it as {', '.join(readers)}"),
            )
        )
        return []
    known = {name.lower(): column for column, names in columns.items() for name in (column, *names)}
    rows: list[Row] = []
    unknown: dict[str, int] = {}
    for line, values in readers[kind](file, problems):
        row = {}
        for name, value in values.items():
            column = known.get(name.strip().lower())
            if column is None:
                unknown.setdefault(name.strip(), line)
            elif value.strip():
                row[column] = value.strip()
        if row:
            rows.append((line, row))
    problems += [
        Problem(
            Path(file),
            line if kind in (".yaml", ".yml") else 1,
            say(f"没有“{name}”这一列的用法", f"there is no use for the column {name!r}"),
            did_you_mean(name, [name for column, names in columns.items() for name in (column, *names)]),
        )
        for name, line in unknown.items()
        if name
    ]
    return rows


def raise_problems(problems: list[Problem]) -> None:
    """Tell all problems of the files at once, while the recipe is loaded.

    Raises:
        PydanticCustomError: there are some.
    """
    if problems:
        raise _error(problems)


def _error(problems: list[Problem]) -> PydanticCustomError:
    ordered = sorted(set(problems))
    told = [str(one) for one in ordered[:MOST_PROBLEMS]]
    if len(ordered) > MOST_PROBLEMS:
        rest = len(ordered) - MOST_PROBLEMS
        told.append(say(f"……另有 {rest} 处", f"... and {rest} more"))
    what = say(f"词表有 {len(ordered)} 处问题", f"the terms have {len(ordered)} problem(s)")
    return problem("\n  ".join([what, *told]), say("改好词表再试", "mend the files and try again"))


def _text(file: str, problems: list[Problem]) -> str:
    try:
        data = located(file).read_bytes()
    except OSError as error:
        raise CurateError(
            say(f"{file} 读不出来：{error}", f"{file} cannot be read: {error}"),
            say("检查路径和权限", "check the path and the permissions"),
        ) from error
    encoding, errors, _ = best_encoding(data[:4], repeat([data]))
    text = data.decode(encoding, errors=MARK).replace("\r\n", "\n").replace("\r", "\n")
    if errors:
        line = text[: text.index(UNDECODABLE)].count("\n") + 1
        problems.append(
            Problem(
                Path(file),
                line,
                say("有解不出来的字节", "bytes that do not decode"),
                say("另存为 UTF-8", "save the file as UTF-8"),
            )
        )
        return text.replace(UNDECODABLE, "")
    return text


def csv_rows(file: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a csv or tsv file in any encoding: line on which the row starts, name of the column -> cell."""
    text = _text(file, problems)
    delimiter = max("\t;,", key=text.partition("\n")[0].count)
    reader = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        line = reader.line_num + 1
        for cells in reader:
            start, line = line, reader.line_num + 1
            if len(cells) > len(header):
                problems.append(_too_many_cells(file, start, len(cells), len(header), delimiter))
            else:
                yield start, dict(zip(header, cells, strict=False))
    except csv.Error as error:
        problems.append(
            Problem(
                Path(file),
                line,
                say(f"引号不成对：{error}", f"quotes that do not match: {error}"),
                say("补上或去掉引号", "close the quote or take it out"),
            )
        )


def _too_many_cells(file: str, line: int, cells: int, header: int, delimiter: str) -> Problem:
    return Problem(
        Path(file),
        line,
        say(f"有 {cells} 格，表头只有 {header} 格", f"has {cells} cells, the header {header}"),
        say(
            f"一格里的几个词用 | 隔开；词里有“{delimiter}”时给这一格加引号",
            f"put | between terms; quote a cell that holds {delimiter!r}",
        ),
    )


def xlsx_rows(file: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of the first sheet: number of the row, name of the column -> cell."""
    try:
        with located(file).open("rb") as opened:
            rows = list(first_sheet(opened))
    except (OSError, ValueError) as error:
        problems.append(
            Problem(
                Path(file),
                0,
                say(f"读不出来：{error}", f"cannot be read: {error}"),
                say(
                    "用 Excel 打开看看，第一张工作表应是这张表",
                    "open it in Excel: the table belongs on its first sheet",
                ),
            )
        )
        return
    header = [name.strip() for name in rows[0][1]] if rows else []
    for number, cells in rows[1:]:
        yield number, dict(zip(header, cells, strict=True))


def _yaml(file: str, problems: list[Problem]) -> Iterator[tuple[int, dict[str, str]]]:
    document = read_yaml(located(file))
    problems += [Problem(Path(file), one.line, one.what, one.hint) for one in document.problems]
    if document.value is None:
        return
    items = document.value if isinstance(document.value, list) else [document.value]
    for number, item in enumerate(items):
        at: tuple[Any, ...] = (number,) if isinstance(document.value, list) else ()
        if isinstance(item, dict) and isinstance(document.value, list):
            yield document.line(at), {str(name): _cell(value) for name, value in item.items()}
        else:
            problems.append(
                Problem(
                    Path(file),
                    document.line(at),
                    say("每一项应写成“名称: 内容”", "each item must be a mapping"),
                    say(
                        "例如 - {canonical: 展览会, aliases: [展会]}",
                        "such as - {canonical: A, aliases: [B]}",
                    ),
                )
            )


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return BAR.join(map(_cell, value)) if isinstance(value, list) else str(value).strip()
