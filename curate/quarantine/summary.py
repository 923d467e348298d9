"""Summary: what a run set aside, and what became of the values that came back."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from curate.cache import Step
from curate.language import say
from curate.quarantine.held import Held, held_in
from curate.returned import NOTE, UNIT, Line, Store
from curate.run import PastRun

#: examples of each rule
EXAMPLES = 3
#: characters of a value that are shown
BRIEF = 40


@dataclass(frozen=True)
class Broken:
    """A rule that rows broke. ``examples``: (row_id, value as it was checked, what is wrong)."""

    corpus: str
    field: str
    heading: str
    rule: str
    rows: int
    examples: list[tuple[str, str | None, str]]


@dataclass(frozen=True)
class Summary:
    """Attributes:
    rows: corpus -> quarantined rows.
    returned, stale: corpus -> cells that the run took from the owners, and those that it did not, the source having changed.
    absent: the row of each returned cell that the source has no more.
    waiting: those that came back after the run.
    """

    run: str
    rows: dict[str, int]
    broken: list[Broken]
    returned: dict[str, int]
    stale: dict[str, int]
    absent: list[str]
    waiting: list[Line]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def lines(self) -> list[str]:
        """For the terminal."""
        lines = [say(f"运行 {self.run}", f"run {self.run}")]
        if not self.rows:
            lines.append(say("没有隔离任何行", "no row is in quarantine"))
        for corpus, rows in self.rows.items():
            lines.append(say(f"{corpus}：{rows} 行隔离", f"{corpus}: {rows} rows in quarantine"))
            for one in (one for one in self.broken if one.corpus == corpus):
                lines.append(
                    say(
                        f"  {one.heading} · {one.rule}：{one.rows} 行",
                        f"  {one.heading} · {one.rule}: {one.rows} rows",
                    )
                )
                lines += [f"      {row_id}  {_brief(value)}  {what}" for row_id, value, what in one.examples]
        lines += [
            say(f"{corpus}：{count} 格用了退回的值", f"{corpus}: {count} returned values in place")
            for corpus, count in self.returned.items()
        ]
        lines += [
            say(f"{corpus}：{count} 格没有用退回的值，源数据后来又改过", f"{corpus}: {count} returned values left out: the source has changed since")
            for corpus, count in self.stale.items()
        ]  # fmt: skip
        if self.absent:
            names = "、".join(list(dict.fromkeys(self.absent))[:EXAMPLES])
            lines.append(
                say(
                    f"{len(self.absent)} 格退回的值没有用上：源数据里已没有这些行（{names} …）",
                    f"{len(self.absent)} returned values have no row any more ({names} …)",
                )
            )
        if self.waiting:
            lines.append(
                say(
                    f"{len(self.waiting)} 格退回的值等下一次 curate run",
                    f"{len(self.waiting)} returned values wait for the next curate run",
                )
            )
        if self.rows:
            sheet = f"runs/{self.run}/quarantine.xlsx"
            lines.append(
                say(
                    f"请数据的负责人改 {sheet}，再 curate quarantine return 表.xlsx",
                    f"have {sheet} mended, then curate quarantine return SHEET.xlsx",
                )
            )
        return lines


def summary(run: PastRun) -> Summary:
    """What a run holds back now.

    Raises:
        UsageError: the run's rows were deleted.
    """
    held = held_in(run)
    steps = [step for step in run.steps if (step.phase, step.unit) == ("sources", UNIT)]
    told = {step.corpus: _notes(step) for step in steps}
    found = {what: {name: n for name, notes in told.items() if (n := notes.filter(pl.col("what") == what).height)} for what in ("returned", "stale")}  # fmt: skip
    met = {
        (name, *cell) for name, notes in told.items() for cell in notes.select("row_id", "column").iter_rows()
    }
    gone = [
        row_id for notes in told.values() for row_id in notes.filter(pl.col("what") == "absent")["row_id"]
    ]
    in_force = Store(run.folder.parent.parent).in_force("recipe = ?", str(run.manifest["name"]))
    waiting = [line for line in in_force if (line.corpus, line.row_id, line.column) not in met]
    return Summary(
        run.name, {one.corpus: one.rows for one in held}, [broken for one in held for broken in _broken(one)],
        found["returned"], found["stale"], gone, waiting,
    )  # fmt: skip


def _notes(step: Step) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=NOTE), *(pl.read_parquet(shard) for shard in step.note_shards)])


def _broken(held: Held) -> list[Broken]:
    """The commonest first."""
    groups = (
        held.errors()
        .group_by("field", "rule")
        .agg(
            pl.col("row_id").n_unique().alias("rows"),
            pl.struct("row_id", "value", pl.col(say("zh", "en")).alias("what"))
            .head(EXAMPLES)
            .alias("examples"),
        )
        .sort(["rows", "field", "rule"], descending=[True, False, False])
        .collect()
    )
    return [
        Broken(
            held.corpus, field, held.heading(field) or say("整行", "the row"), rule, rows,
            [(one["row_id"], one["value"], one["what"]) for one in examples],
        )
        for field, rule, rows, examples in groups.iter_rows()
    ]  # fmt: skip


def _brief(value: str | None) -> str:
    told = " ".join((value or "").split())
    return f"“{told[:BRIEF]}{'…' if len(told) > BRIEF else ''}”"
