"""Taken: what came back with a file, and how it is told."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from curate.language import say
from curate.returned import Line

#: rows and sentences that are listed
LISTED = 20


@dataclass
class Taken:
    """What came back with a file.

    Attributes:
        good: changed rows that pass now.
        wrong: changed rows that do not, with the reasons; not taken unless ``anyway``.
        lines: the cells that were taken, new ones only; ``again``: those that had been taken before.
        untouched: rows of the file in which nothing was changed.
        told: what was not taken, or should be known, a sentence each.
    """

    file: str
    sha256: str
    run: str
    recipe: str
    anyway: bool = False
    good: list[str] = field(default_factory=list)
    wrong: dict[str, list[str]] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    again: int = 0
    untouched: int = 0
    told: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[str]:
        return [] if self.anyway else list(self.wrong)

    def about(self) -> dict[str, Any]:
        """For the audit log: no values."""
        rows = Counter(line.corpus for line in {(one.corpus, one.row_id): one for one in self.lines}.values())
        return {
            "file": self.file, "sha256": self.sha256, "run": self.run, "recipe": self.recipe,
            "rows": dict(sorted(rows.items())), "cells": len(self.lines),
            "still_wrong": len(self.wrong), "anyway": self.anyway,
        }  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        cells = [{"row_id": line.row_id, "column": line.column} for line in self.lines]
        return self.about() | {
            "good": self.good, "wrong": self.wrong, "taken": cells, "again": self.again,
            "untouched": self.untouched, "told": self.told,
        }  # fmt: skip


def taken_lines(taken: Taken, only_look: bool) -> list[str]:
    """For the terminal: what is good now, what is not, and what to do next."""
    rows = len({(line.corpus, line.row_id) for line in taken.lines})
    lines = [
        say(f"{taken.file}（运行 {taken.run}）", f"{taken.file} (run {taken.run})"),
        say(
            f"  改过的行：{len(taken.good)} 行合格了，{len(taken.wrong)} 行还不合格；没有改的：{taken.untouched} 行",
            f"  changed rows: {len(taken.good)} are good now, {len(taken.wrong)} are not; unchanged: {taken.untouched}",
        ),
    ]
    for row_id, reasons in list(taken.wrong.items())[:LISTED]:
        lines.append(f"    {row_id}  " + "；".join(reasons))
    lines += [f"    … {len(taken.wrong) - LISTED}"] if len(taken.wrong) > LISTED else []
    lines += [f"  · {one}" for one in taken.told[:LISTED]]
    lines += [f"  · … {len(taken.told) - LISTED}"] if len(taken.told) > LISTED else []
    if only_look:
        return [*lines, say("  只检查，没有收（--check）", "  only checked, nothing taken (--check)")]
    if taken.again:
        lines.append(say(f"  {taken.again} 格以前已收过", f"  {taken.again} values had been taken before"))
    if taken.refused:
        lines.append(
            say("  还不合格的行没有收：接着改这张表，再退回一次；一定要收：--anyway",
                "  rows that are not good yet were not taken: mend the sheet and return it again, or take them with --anyway")
        )  # fmt: skip
    lines.append(
        say(f"  收下 {rows} 行的 {len(taken.lines)} 格；再运行一次 curate run 就用上", f"  took {len(taken.lines)} values of {rows} rows; the next curate run uses them")
        if taken.lines
        else say("  没有新收的值", "  no new value was taken")
    )  # fmt: skip
    return lines
