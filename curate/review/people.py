"""Annotators: how often each agrees, what each notices, how long each takes, and whether each stays as careful as at first."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

import polars as pl

from curate.algorithms.agreement import against_rest, cohen_kappa, drift, flagged
from curate.review.interface import Control, Interface
from curate.review.schema import as_json
from curate.review.votes import person

#: Whoever takes longer on one item went away.
AWAY = 30 * 60


def people_of(
    ratings: pl.DataFrame,
    items: pl.DataFrame,
    votes: pl.DataFrame,
    decided: pl.DataFrame,
    control: Control,
) -> list[dict[str, Any]]:
    """A line an annotator, by name: votes that count, agreement with the rest, items that an expert decided and decided alike,
    control and gold items seen and got right, seconds an item (the median) and hours in all, annotations of each state.

    Args:
        ratings: item, annotator, value of the sample.
        votes: ``schema.VOTE``; those of the first stage are looked at.
    """
    first = votes.filter((pl.col("stage") != "adjudicate") & pl.col("annotator").is_not_null())
    rest = (
        {row["annotator"]: row for row in against_rest(ratings).iter_rows(named=True)}
        if ratings.height
        else {}
    )
    known = known_answers(items, first, control)
    by_expert = dict(decided.filter(pl.col("by") == "expert").select("item_id", "value").iter_rows())
    lines = []
    for (name,), mine in first.group_by("annotator", maintain_order=True):
        counted = mine.filter(pl.col("state") == "counted")
        active = counted.filter(pl.col("seconds").is_between(0, AWAY))["seconds"]
        beside: Mapping[str, Any] = rest.get(name, {})
        lines.append(
            {
                "annotator": name,
                "votes": counted.height,
                "rest_items": beside.get("items", 0),
                "raw": beside.get("raw"),
                "kappa": beside.get("kappa"),
                **_like_the_expert(by_expert, counted),
                **_right(known, str(name), "control"),
                **_right(known, str(name), "gold"),
                "gold_kappa": _gold_kappa(known, str(name)),
                "seconds": active.median(),
                "hours": float(active.sum()) / 3600,
                "states": dict(mine["state"].value_counts().sort("state").iter_rows()),
            }
        )
    return sorted(lines, key=lambda line: str(line["annotator"]))


def known_answers(items: pl.DataFrame, votes: pl.DataFrame, control: Control) -> list[dict[str, Any]]:
    """The votes that count on control and gold items, each with what was expected and whether it is ``right``."""
    known = items.filter(pl.col("expected").is_not_null()).select("item_id", "expected")
    counted = votes.filter((pl.col("state") == "counted") & (pl.col("stage") != "adjudicate"))
    rows = counted.join(known, on="item_id").sort("annotator", "item_id").iter_rows(named=True)
    told = []
    for row in rows:
        accepted = accepted_values(control, json.loads(row["expected"]).get(control.name))
        if accepted:
            told.append(row | {"accepted": accepted, "right": _compared(control, row["value"]) in accepted})
    return told


def accepted_values(control: Control, expected: Any) -> list[str]:
    """The right answers as texts: of a single choice one or any of a list; where several things are picked or marked the
    list is one answer, and a list of lists are several. Empty where nothing is known.
    """
    if expected is None:
        return []
    if not control.several and control.tag != "Labels":
        return [str(value) for value in (expected if isinstance(expected, list) else [expected])]
    several = isinstance(expected, list) and bool(expected) and all(isinstance(one, list) for one in expected)
    return [_compared(control, as_json(one)) for one in (expected if several else [expected])]


def _compared(control: Control, value: str) -> str:
    """A value as it is compared: of marks place and label alone, of several choices their set."""
    if control.tag == "Labels":
        marks = [[mark["start"], mark["end"], mark["label"]] for mark in json.loads(value)]
        return as_json(sorted(marks))
    return as_json(sorted(json.loads(value))) if control.several else value


def _like_the_expert(by_expert: Mapping[str, str], votes: pl.DataFrame) -> dict[str, int]:
    mine = [
        value == by_expert[item]
        for item, value in votes.select("item_id", "value").iter_rows()
        if item in by_expert
    ]
    return {"expert": len(mine), "expert_right": sum(mine)}


def _right(known: Iterable[Mapping[str, Any]], name: str, part: str) -> dict[str, int]:
    mine = [row["right"] for row in known if row["annotator"] == name and row["part"] == part]
    return {part: len(mine), f"{part}_right": sum(mine)}


def _gold_kappa(known: Iterable[Mapping[str, Any]], name: str) -> float | None:
    """Kappa against the gold items that have one right answer."""
    mine = [
        row
        for row in known
        if (row["annotator"], row["part"]) == (name, "gold") and len(row["accepted"]) == 1
    ]
    return cohen_kappa([row["value"] for row in mine], [row["accepted"][0] for row in mine])


def drifted(ratings: pl.DataFrame) -> list[dict[str, Any]]:
    """Annotators who agree less with the rest than they did at first, by more than chance.

    Args:
        ratings: item, annotator, value, at.
    """
    return flagged(drift(ratings)).to_dicts() if ratings.height else []


def anchored(
    interface: Interface, items: pl.DataFrame, annotations: pl.DataFrame, votes: pl.DataFrame
) -> list[dict[str, Any]]:
    """What each annotator did with marks that were shown beforehand: ``shown``, ``kept`` as they were, ``own`` ones besides.

    Someone who keeps all of them may not have looked. Label Studio notes ``"origin": "prediction"`` on what was left as it was.
    """
    counted = votes.filter((pl.col("state") == "counted") & (pl.col("stage") != "adjudicate"))
    marked = items.filter(pl.col("marks").is_not_null()).select("item_id", "marks")
    told = annotations.select("annotation_id", "annotator", "result").join(
        counted.select("annotation_id", "item_id"), on="annotation_id"
    )
    sums: dict[str, dict[str, int]] = {}
    for row in told.join(marked, on="item_id").iter_rows(named=True):
        labels = [
            entry
            for entry in json.loads(row["result"])
            if interface.controls[entry["from_name"]].tag == "Labels"
        ]
        kept = sum(entry.get("origin") == "prediction" for entry in labels)
        mine = sums.setdefault(person(row["annotator"]), {"shown": 0, "kept": 0, "own": 0})
        mine["shown"] += len(json.loads(row["marks"]))
        mine["kept"] += kept
        mine["own"] += len(labels) - kept
    return [{"annotator": name, **sums[name]} for name in sorted(sums)]
