"""Small review projects, their items, and what people say of them."""

from __future__ import annotations

import json
from typing import Any, ClassVar, Literal

import polars as pl

from curate.review.assess import Assessment, assess
from curate.review.project import Chosen, Material, Project
from curate.review.schema import ANNOTATION, ITEM, as_json, content_of
from tests.review.small_pages import PAIR, PAIR_DATA, SPANS, SPANS_DATA, choice, page, span, text

EXPERTS = ["zhuanjia@example.com"]
EVENT = dict.fromkeys(["event_id", "kind", "item_id", "annotator", "by", "why", "at"], pl.String)


class Small(Project):
    """Judges pairs."""

    use: Literal["small"] = "small"
    of: ClassVar[Literal["rows", "pairs"]] = "pairs"
    control: ClassVar = "decision"
    fields: ClassVar = ("question", "answer", "passage", "about")

    def choose(self, material: Material) -> Chosen:
        raise NotImplementedError


class SmallSpans(Small):
    """Marks names."""

    control: ClassVar = "spans"
    fields: ClassVar = ("text", "about")


def project(**options: Any) -> Small:
    return Small(interface="page.xml", guideline="page.md", **options)


def spans_project(**options: Any) -> SmallSpans:
    return SmallSpans(interface="spans.xml", guideline="spans.md", **options)


def items(*names: str, data: dict[str, str] = PAIR_DATA, **columns: Any) -> pl.DataFrame:
    """Items of the sample, in this order; a value of ``columns`` is for all of them, a list for one after the other."""
    rows = []
    for place, name in enumerate(names):
        more = {key: value[place] if isinstance(value, list) else value for key, value in columns.items()}
        known = {
            "item_id": name,
            "content": content_of(data),
            "data": as_json(data),
            "part": "sample",
            "stratum": "all",
            "place": place,
        }
        rows.append(known | more)
    return pl.DataFrame(rows, schema=ITEM)


def control_items(*names: str) -> pl.DataFrame:
    return items(*names, part="control", expected=as_json({"decision": ["reject", "edit"]}), place=99)


def said(item: str, who: str, result: Any, **more: Any) -> dict[str, Any]:
    """An annotation. ``result``: accept, edit:新的回答, reject, reject:reason, or a list of results."""
    made = {
        "annotation_id": f"{who}/{item}/{more.get('stage', 'annotate')}/{more.get('updated_at', '')}",
        "stage": "annotate",
        "item_id": item,
        "content": content_of(PAIR_DATA),
        "round": 1,
        "annotator": who if "@" in who else f"{who}@example.com",
        "result": json.dumps(results(result), ensure_ascii=False),
        "skipped": False,
        "deleted": False,
        "seconds": 10.0,
        "guideline": None,
        "wrong": None,
        "detail": None,
        "created_at": "2026-11-20T08:00:00Z",
        "updated_at": "2026-11-20T08:00:00Z",
    }
    return made | more


def decides(
    item: str, result: Any, reason: str = "照原文", who: str = EXPERTS[0], **more: Any
) -> dict[str, Any]:
    """An expert's decision."""
    told = [*results(result), text("decision_reason", reason, to="verdicts")]
    return said(item, who, told, **({"stage": "adjudicate"} | more))


def results(told: Any) -> Any:
    if not isinstance(told, str):
        return told
    decision, _, more = told.partition(":")
    if decision == "edit":
        return [choice("decision", "edit"), text("edited_answer", more)]
    reasons = [choice("reasons", more or "wrong_fact")] if decision == "reject" else []
    return [choice("decision", decision), *reasons]


def marked(item: str, who: str, *spans: tuple[int, int, str], **more: Any) -> dict[str, Any]:
    """An annotation of spans."""
    whole = SPANS_DATA["text"]
    told = [span(start, end, whole[start:end], label) for start, end, label in spans]
    return said(item, who, told, content=content_of(SPANS_DATA), **more)


def annotations(*rows: dict[str, Any]) -> pl.DataFrame:
    return pl.DataFrame(list(rows), schema=ANNOTATION)


def events(*rows: dict[str, str]) -> pl.DataFrame:
    numbered = [
        {"event_id": str(number), "by": "lin", "why": "看错了", "at": f"2026-11-21T00:00:{number:02}Z"} | row
        for number, row in enumerate(rows)
    ]
    return pl.DataFrame(numbered, schema=EVENT)


def assessed(
    sample: pl.DataFrame, *rows: dict[str, Any], what: Small | None = None, xml: str = PAIR, **more: Any
) -> Assessment:
    """What these annotations say of these items."""
    told = {"events": events(), "experts": EXPERTS} | more
    shown = page(xml)
    made = annotations(*rows).with_columns(pl.col("guideline").fill_null(shown.version))
    return assess(what or project(), shown, sample, made, **told)


def assessed_spans(sample: pl.DataFrame, *rows: dict[str, Any], **options: Any) -> Assessment:
    return assessed(sample, *rows, what=spans_project(**options), xml=SPANS)


def everyone(words: dict[str, str]) -> list[dict[str, Any]]:
    """``{"a": "aar", "b": "aer"}``: what each says of items 0, 1, 2 …: accept, edit, reject, or - for nothing."""
    told = {"a": "accept", "r": "reject", "e": "edit:一共 48 家企业。"}
    return [
        said(str(number), who, told[letter])
        for who, letters in words.items()
        for number, letter in enumerate(letters)
        if letter != "-"
    ]
