"""Check: would the mended rows pass now? By the same cleaners and the same schema as in the next run."""

from __future__ import annotations

import polars as pl

from curate.language import say
from curate.quarantine.held import Held
from curate.replay import Replay
from curate.returned import PATCH, put_in
from curate.validate import Validate, load_model


def check(held: Held, patches: pl.DataFrame, before: pl.DataFrame, told: list[str]) -> dict[str, list[str]]:
    """Row -> why it would not pass; rows that would are not there.

    Args:
        patches: ``PATCH``: new values of some rows.
        before: ``PATCH``: those that came back earlier; a new value of a cell counts before an old one.
        told: takes sentences about what could not be checked.
    """
    if patches.is_empty():
        return {}
    ids = patches["row_id"].unique(maintain_order=True)
    earlier = before.filter(pl.col("row_id").is_in(ids.implode()))
    every = pl.concat([earlier, patches.select(list(PATCH))]).unique(
        ["row_id", "column"], keep="last", maintain_order=True
    )
    derived = held.about.derived_text
    rows, notes = put_in(held.source_rows(ids.to_list(), returned=False), every, derived)
    problems: dict[str, list[str]] = {}
    unfit = notes.filter(pl.col("what") == "stale").join(patches, on=["row_id", "column"], how="semi")
    for row_id, column in unfit.select("row_id", "column").iter_rows():
        problems.setdefault(row_id, []).append(_unfit(held, rows, column))
    cleaned = _cleaned(held, rows, problems, told)
    if held.about.schema_ is not None and cleaned.height:
        model = load_model(held.workspace, held.about.schema_)
        errors = Validate().apply(cleaned, model, derived).notes
        assert errors is not None
        for row_id, field, what in errors.select("row_id", "field", say("zh", "en")).iter_rows():
            problems.setdefault(row_id, []).append(f"{held.heading(field)}：{what}" if field else what)
    if (
        held.errors()
        .filter((pl.col("rule") == "reference") & pl.col("row_id").is_in(ids.implode()))
        .collect()
        .height
    ):
        told.append(
            say(
                f"{held.corpus}：引用的记录在不在，下次运行时检查",
                f"{held.corpus}: whether the rows that they refer to exist is checked in the next run",
            )
        )
    return problems


def _unfit(held: Held, rows: pl.DataFrame, column: str) -> str:
    heading = held.headings.get(column, column)
    return say(
        f"{heading}：源数据里这一列是 {rows.schema[column]}，放不下这个值",
        f"{heading}: the source's column is {rows.schema[column]}, which cannot hold it",
    )


def _cleaned(held: Held, rows: pl.DataFrame, problems: dict[str, list[str]], told: list[str]) -> pl.DataFrame:
    """The rows behind the run's cleaners; rows that a cleaner would drop are problems."""
    replay = Replay(held.run, held.corpus)
    if replay.step is None:
        return rows
    if replay.chain is None:
        told.append(
            say(
                f"{held.corpus}：清洗的选项或它用的文件在这次运行之后改过，检查时没有清洗",
                f"{held.corpus}: the cleaners or their files have changed since that run; the check did without them",
            )
        )
        return rows
    outcome = replay.chain(rows)
    for row_id, reason in outcome.dropped.select("row_id", "reason").iter_rows():
        problems.setdefault(row_id, []).append(
            say(f"清洗时会被去掉：{reason}", f"a cleaner would drop it: {reason}")
        )
    return outcome.kept
