"""The file in which people keep their glossary or code table, read as a ``Glossary``."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from curate.algorithms.glossary import Entry, Fault, Glossary
from curate.errors import Problem
from curate.language import say
from curate.term_files import raise_problems, read_table, terms_in

COLUMNS = {
    "canonical": ("标准词", "规范词", "标准术语", "名称", "term", "name"),
    "aliases": ("别名", "同义词", "alias"),
    "forbidden": ("禁用词", "禁用写法"),
    "code": ("代码", "编码"),
    "system": ("代码体系", "编码体系"),
    "note": ("说明", "备注"),
}


def read_glossary(
    file: str,
    *,
    ignore_case: bool = False,
    misfits: Callable[[list[Entry]], Iterable[Fault]] = lambda entries: (),
) -> Glossary:
    """The file's terms.

    Args:
        misfits: further faults of the entries that have a canonical term.

    Raises:
        PydanticCustomError: all that is wrong with the file, with its lines.
    """
    problems: list[Problem] = []
    rows = read_table(file, COLUMNS, problems)
    entries = [_entry(file, line, row) for line, row in rows]
    named = [entry for entry in entries if entry.canonical]
    glossary = Glossary(named, ignore_case=ignore_case)
    no_term = say("没有标准词", "no canonical term")
    faults = [Fault(entry, no_term, _how()) for entry in entries if not entry.canonical]
    lines = {entry.place: line for entry, (line, _) in zip(entries, rows, strict=True)}
    problems += [
        Problem(Path(file), lines[fault.entry.place], fault.what, fault.hint)
        for fault in [*faults, *glossary.faults, *misfits(named)]
    ]
    if not rows and not problems:
        problems.append(Problem(Path(file), 0, no_term, _how()))
    raise_problems(problems)
    return glossary


def _entry(file: str, line: int, row: dict[str, str]) -> Entry:
    return Entry(
        f"{file}:{line}",
        row.get("canonical", ""),
        tuple(terms_in(row.get("aliases", ""))),
        tuple(terms_in(row.get("forbidden", ""))),
        row.get("code", ""),
        row.get("system", ""),
    )


def _how() -> str:
    return say(
        "一行一个标准词，写在 canonical 或 标准词 这一列", "a canonical term a row, in the column canonical"
    )
