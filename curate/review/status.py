"""How far a project is: items, votes, disputes, and what each annotator has done, as data."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from curate.review.interface import Interface
from curate.review.people import AWAY
from curate.review.project import Project
from curate.review.schema import STATES

if TYPE_CHECKING:
    from curate.review.assess import Assessment


def progress(
    project: Project,
    interface: Interface,
    items: pl.DataFrame,
    assessment: Assessment,
    now: datetime | None = None,
) -> dict[str, Any]:
    """What ``curate review status`` tells of a project; JSON.

    ``votes`` and ``items`` count all that people see, controls and gold items too; ``missing``, ``disputed`` and ``decided`` the
    sample alone. ``hours_left`` is None until somebody's time is known. ``today`` is the reader's day, not the server's.

    Args:
        items: ``schema.ITEM``.
        now: with its time zone; the present unless given.
    """
    now = now or datetime.now(UTC).astimezone()
    first = assessment.votes.filter(pl.col("stage") != "adjudicate")
    counted = first.filter(pl.col("state") == "counted")
    there = _votes_of_items(items, counted)
    left = int(there.select((project.annotators - pl.col("votes")).clip(lower_bound=0).sum()).item())
    seconds = _median_seconds(counted)
    return {
        "project": project.name,
        "page": interface.file.name,
        "guideline": interface.version,
        "annotators_wanted": project.annotators,
        "items": items.height,
        "parts": dict(items["part"].value_counts().sort("part").iter_rows()),
        "complete": there.filter(pl.col("votes") >= project.annotators).height,
        "begun": there.filter(pl.col("votes").is_between(1, project.annotators - 1)).height,
        "votes": counted.height,
        "votes_wanted": items.height * project.annotators,
        "votes_left": left,
        "seconds": seconds,
        "hours_left": None if seconds is None else left * seconds / 3600,
        "decided": assessment.decided.height,
        "adjudicated": assessment.decided.filter(pl.col("by") == "expert").height,
        "disputed": assessment.disputed.height,
        "states": _states(assessment.votes),
        "annotators": _annotators(assessment.votes, now),
    }


def _votes_of_items(items: pl.DataFrame, counted: pl.DataFrame) -> pl.DataFrame:
    """item_id, votes: of every item."""
    votes = counted.group_by("item_id").agg(pl.len().cast(pl.Int64).alias("votes"))
    return (
        items.select("item_id")
        .join(votes, on="item_id", how="left")
        .with_columns(pl.col("votes").fill_null(0))
    )


def _median_seconds(votes: pl.DataFrame) -> float | None:
    """Of an item, without those at which people went away."""
    active = votes.filter(pl.col("seconds").is_between(0, AWAY))["seconds"].median()
    return float(active) if isinstance(active, int | float) else None


def _states(votes: pl.DataFrame) -> dict[str, int]:
    """State -> how many annotations, in the order of ``STATES``; those that occur."""
    found: Mapping[str, int] = dict(votes["state"].value_counts().iter_rows())
    return {state: found[state] for state in STATES if state in found}


def _annotators(votes: pl.DataFrame, now: datetime) -> list[dict[str, Any]]:
    """A line for each person and stage, those of the first stage first."""
    lines = []
    named = votes.filter(pl.col("annotator").is_not_null())
    for (stage, name), mine in named.group_by("stage", "annotator"):
        states = _states(mine)
        counted = mine.filter(pl.col("state") == "counted")
        times = [at for text in mine["at"] if (at := _time(text))]
        lines.append(
            {
                "annotator": str(name),
                "stage": str(stage),
                "votes": counted.height,
                "today": sum(_local(at, now) == now.date() for text in counted["at"] if (at := _time(text))),
                "skipped": states.get("skipped", 0),
                "invalid": states.get("invalid", 0),
                "other": mine.height - counted.height - states.get("skipped", 0) - states.get("invalid", 0),
                "seconds": _median_seconds(counted),
                "last_seen": max(times).isoformat(timespec="seconds") if times else None,
            }
        )
    return sorted(lines, key=lambda line: (line["stage"] == "adjudicate", line["annotator"]))


def _time(text: str | None) -> datetime | None:
    """None where no time is known; one that says no zone is UTC."""
    try:
        at = datetime.fromisoformat(text or "")
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _local(at: datetime, now: datetime) -> date:
    return at.astimezone(now.tzinfo).date()
