"""Annotations become votes: every one is read, checked, and either counts or says why not."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import polars as pl

from curate.language import say
from curate.review.adjudicate import for_adjudication
from curate.review.interface import Control, Interface
from curate.review.project import Project
from curate.review.result import EDITED, edits, read_result
from curate.review.schema import STATES, VOTE, as_json

#: problems of one result that are told
MOST_PROBLEMS = 3
#: the value of a control by which people say that they changed the text
EDIT = "edit"


def votes_of(
    project: Project,
    interface: Interface,
    items: pl.DataFrame,
    annotations: pl.DataFrame,
    events: pl.DataFrame,
    experts: Collection[str],
) -> pl.DataFrame:
    """Every annotation as exactly one row of ``schema.VOTE``, by item and time.

    More votes than ``project.annotators`` are welcome: all of them count. Of several by one person on one item the newest
    counts; of several experts' decisions the newest counts.

    Args:
        items: ``schema.ITEM``.
        annotations: ``schema.ANNOTATION``, each id once.
        events: what was put back and who was excluded, of the log.
        experts: e-mails of those whose adjudication counts.
    """
    look = _Look.at(project, interface, items, events, experts)
    rows = [look.vote(annotation) for annotation in annotations.iter_rows(named=True)]
    return _newest(pl.DataFrame(rows, schema=VOTE)).sort("item_id", "at", "annotation_id")


def person(name: str) -> str:
    """One spelling of a name: the server keeps e-mails in small letters, people who write recipes need not."""
    stripped = name.strip()
    return stripped.lower() if "@" in stripped else stripped


def moment(text: str | None) -> str:
    """A time as text that sorts: ISO 8601, UTC, six digits behind the second (Django leaves them out when they are 0)."""
    try:
        told = datetime.fromisoformat(text or "")
    except ValueError:
        return text or ""
    return (
        (told if told.tzinfo else told.replace(tzinfo=UTC)).astimezone(UTC).isoformat(timespec="microseconds")
    )


def value_of(control: Control, values: Mapping[str, Any]) -> str | None:
    """The value of a control as text: a single choice as it is, a list in the one spelling of JSON; null where it is absent.

    Nothing marked is an answer of ``Labels`` (there is nothing), and so is nothing ticked where several may be ticked and
    none must.
    """
    found = values.get(control.name)
    if found is None and (control.tag == "Labels" or (control.several and not control.required)):
        found = []
    return found if found is None or isinstance(found, str) else as_json(found)


@dataclass(frozen=True)
class _Look:
    """What an annotation is held against. ``edited``: the page has boxes for changed texts. ``contents``, ``parts``, ``texts``: of each item; ``put_back``: item -> why, one for
    each time; ``excluded``: annotator -> why.
    """

    control: Control
    pages: dict[str, Interface]
    edited: bool
    contents: dict[str, str]
    parts: dict[str, str]
    texts: dict[str, str]
    put_back: dict[str, list[str]]
    excluded: dict[str, str]
    experts: frozenset[str]

    @classmethod
    def at(
        cls,
        project: Project,
        interface: Interface,
        items: pl.DataFrame,
        events: pl.DataFrame,
        experts: Collection[str],
    ) -> _Look:
        ids = items["item_id"].to_list()
        back, excluded = _told(events)
        return cls(
            interface.controls[project.control],
            {"annotate": interface, "adjudicate": for_adjudication(interface)},
            any(name.startswith(EDITED) for name in interface.controls),
            dict(zip(ids, items["content"], strict=True)),
            dict(zip(ids, items["part"], strict=True)),
            dict(zip(ids, items["data"], strict=True)),
            back,
            excluded,
            frozenset(map(person, experts)),
        )

    def vote(self, annotation: Mapping[str, Any]) -> dict[str, Any]:
        """The row of an annotation, as far as it can be told without looking at the others."""
        values, state, detail = self._read(annotation)
        item = annotation["item_id"]
        return {
            "annotation_id": annotation["annotation_id"],
            "stage": annotation["stage"],
            "item_id": item,
            "part": self.parts.get(item),
            "round": annotation["round"] or 1,
            "annotator": person(annotation["annotator"]) if annotation["annotator"] else None,
            "values": None if values is None else as_json(values),
            "value": None if values is None else value_of(self.control, values),
            "state": state,
            "detail": detail or None,
            "seconds": annotation["seconds"],
            "guideline": annotation["guideline"],
            "at": moment(annotation["updated_at"] or annotation["created_at"]),
        }

    def _read(self, annotation: Mapping[str, Any]) -> tuple[dict[str, Any] | None, str, str]:
        """(values, state, detail)."""
        state, detail = self._standing(annotation)
        if state != "counted":
            return None, state, detail
        values, problems = self._values(annotation)
        if problems:
            told = say("；", "; ").join(problems[:MOST_PROBLEMS])
            more = len(problems) - MOST_PROBLEMS
            return None, "invalid", told + (say(f"；另有 {more} 处", f"; {more} more") if more > 0 else "")
        if annotation["stage"] == "adjudicate" and person(annotation["annotator"]) not in self.experts:
            return values, "not_an_expert", say("不在配方的 experts 里", "not among the recipe's experts")
        return values, "counted", ""

    def _standing(self, annotation: Mapping[str, Any]) -> tuple[str, str]:
        """What can be told without reading the result: (state, detail)."""
        item, who = annotation["item_id"], person(annotation["annotator"] or "")
        if annotation["wrong"]:
            known = annotation["wrong"] in STATES
            return (annotation["wrong"] if known else "invalid"), annotation["detail"] or annotation["wrong"]
        if annotation["deleted"]:
            return "deleted", ""
        if not who:
            return "no_annotator", ""
        if item not in self.contents:
            return "unknown_item", say("这次的抽样里没有这一条", "no item of this sample")
        if annotation["skipped"]:
            return "skipped", ""
        if annotation["content"] != self.contents[item]:
            return "stale", say("这一条的内容后来变了", "the item was changed since")
        back = self.put_back.get(item, [])
        if (annotation["round"] or 1) <= len(back):
            return "set_aside", back[-1]
        if who in self.excluded:
            return "set_aside", self.excluded[who]
        return "counted", ""

    def _values(self, annotation: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """(control -> value, problems)."""
        page = self.pages["adjudicate" if annotation["stage"] == "adjudicate" else "annotate"]
        data = json.loads(self.texts[annotation["item_id"]])
        try:
            result = json.loads(annotation["result"] or "[]")
        except ValueError:
            return {}, [say("标注结果不是 JSON", "the result is no JSON")]
        judged = read_result(page, data, result)
        if judged.problems:
            return judged.values, judged.problems
        value = value_of(self.control, judged.values)
        if value is None:
            return judged.values, [say(f"没有回答 {self.control.name}", f"no answer to {self.control.name}")]
        if value == EDIT and self.edited and not edits(data, judged.values):
            return judged.values, [
                say(
                    "选了“修改”，却一个字也没有改",
                    "it says that the text was edited, and not a letter differs",
                )
            ]
        return judged.values, []


def rounds_of(events: pl.DataFrame) -> dict[str, int]:
    """Item -> the round that it is in, of items that were put back; the others are in round 1.

    Args:
        events: ``log.EVENT``.
    """
    counts = events.filter(pl.col("kind") == "put_back").group_by("item_id").len()
    return {str(item): int(number) + 1 for item, number in counts.iter_rows()}


def excluded_by(events: pl.DataFrame) -> list[str]:
    """Annotators whose votes do not count, after all these events (``log.EVENT``)."""
    return sorted(_told(events)[1])


def _told(events: pl.DataFrame) -> tuple[dict[str, list[str]], dict[str, str]]:
    """(item -> why it was put back, each time; annotator -> why excluded, unless included again)."""
    back: dict[str, list[str]] = {}
    excluded: dict[str, str] = {}
    for event in events.sort("at", maintain_order=True).iter_rows(named=True):
        by, why = event["by"], event["why"]
        match event["kind"]:
            case "put_back":
                told = say(f"{by} 退回重标：{why}", f"put back by {by}: {why}")
                back.setdefault(event["item_id"], []).append(told)
            case "exclude":
                told = say(f"{by} 排除了这位标注员：{why}", f"annotator excluded by {by}: {why}")
                excluded[person(event["annotator"])] = told
            case "include":
                excluded.pop(person(event["annotator"]), None)
    return back, excluded


def _newest(votes: pl.DataFrame) -> pl.DataFrame:
    """Counts the newest vote of a person on an item, and the newest decision of an expert."""
    counted = votes.filter(pl.col("state") == "counted").sort("at", "annotation_id")
    by_person, by_item = ["stage", "item_id", "annotator"], ["stage", "item_id"]
    newest = pl.col("annotation_id").last()
    adjudged = pl.col("stage") == "adjudicate"
    told = counted.with_columns(newest.over(by_person).alias("own"), newest.over(by_item).alias("last")).select(
        "annotation_id",
        pl.when(pl.col("annotation_id") != pl.col("own")).then(pl.lit("replaced"))
        .when(adjudged & (pl.col("annotation_id") != pl.col("last"))).then(pl.lit("surplus"))
        .alias("instead"),
        pl.when(pl.col("annotation_id") != pl.col("own")).then("own").otherwise("last").alias("newer"),
    )  # fmt: skip
    later = pl.lit(say("后来有 ", "a newer one: ")) + pl.col("newer")
    changed = pl.col("instead").is_not_null()
    joined = votes.join(told, on="annotation_id", how="left", maintain_order="left")
    return joined.with_columns(
        pl.coalesce("instead", "state").alias("state"),
        pl.when(changed).then(later).otherwise("detail").alias("detail"),
    ).select(list(VOTE))
