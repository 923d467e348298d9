"""What a review found, as JSON for the manifest, the gate and the report: agreement, people, error rates, disputes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from itertools import combinations, groupby
from typing import Any

import polars as pl

from curate.algorithms.agreement import (
    cohen_kappa,
    confusion,
    disagreement,
    entity_f1,
    krippendorff_alpha,
    overall,
    pairwise,
    paradox,
    per_value,
    span_ratings,
)
from curate.language import say
from curate.review.interface import Control, Interface
from curate.review.people import anchored, drifted, people_of
from curate.review.project import Project
from curate.review.rates import foretold, rates_of

CONFIDENCE = 0.95
#: disputed items that are named; disputes that are told whole; characters of an item's text; values of a table of confusion
MOST_NAMED, MOST_TOLD, MOST_CHARS, MOST_VALUES = 20, 50, 120, 40


def findings_of(
    project: Project,
    interface: Interface,
    items: pl.DataFrame,
    annotations: pl.DataFrame,
    votes: pl.DataFrame,
    decided: pl.DataFrame,
    disputed: Collection[str],
    population: Mapping[str, int],
) -> dict[str, Any]:
    """Everything that can be told, in plain JSON; figures that are undefined are null.

    Agreement is over the votes on the sample: control and gold items are easy on purpose and would raise it.

    Args:
        votes: ``schema.VOTE``. decided: ``schema.DECISION``. disputed: items that wait for an expert.
        population: see ``assess``.
    """
    control = interface.controls[project.control]
    sample = _first(votes).filter(pl.col("part") == "sample")
    ratings = sample.select(pl.col("item_id").alias("item"), "annotator", "value", "at")
    compared = _by_character(interface, control, items, ratings) if control.tag == "Labels" else ratings
    return {
        "project": project.name,
        "use": project.unit_name(),
        "gate": project.gate.model_dump(),
        "annotators": project.annotators,
        "policy": project.disputes,
        "fields": list(project.fields),
        "control": {"name": control.name, "tag": control.tag, "words": control.words},
        "guideline": interface.version,
        "older_guideline": _of_another(votes, interface.version),
        "items": dict(items["part"].value_counts().sort("part").iter_rows()),
        "decided": _decided(decided),
        "states": dict(votes["state"].value_counts().sort("state").iter_rows()),
        **_agreement(project, compared, ratings),
        "spans": _spans(ratings) if control.tag == "Labels" else None,
        "marks": _marks(interface, sample),
        "ticked": _ticked(interface, project.control, decided),
        "people": people_of(ratings, items, votes, decided, control),
        "drift": drifted(ratings),
        "anchored": anchored(interface, items, annotations, votes),
        "judged_own": _judged_own(votes),
        "rates": rates_of(items, decided, control.values, population) if control.tag == "Choices" else None,
        "judge": foretold(items, decided, "judge"),
        "score": foretold(items, decided, "score"),
        "disputes": _disputes(project, interface, items, sample, decided, disputed),
    }


def _first(votes: pl.DataFrame) -> pl.DataFrame:
    """The votes of annotators that count."""
    return votes.filter((pl.col("state") == "counted") & (pl.col("stage") != "adjudicate"))


def _agreement(project: Project, compared: pl.DataFrame, ratings: pl.DataFrame) -> dict[str, Any]:
    """Overall, by value, by pair, and what stands against what. ``compared``: ratings of items, or of characters."""
    if not ratings.height:
        none: list[Any] = []
        return {
            "agreement": None,
            "per_value": none,
            "pairwise": none,
            "confusion": none,
            "most_disputed": none,
        }
    statistic, seed = project.gate.statistic, project.name
    found = overall(compared, statistic, seed=seed, confidence=CONFIDENCE)
    few = compared["value"].n_unique() <= MOST_VALUES
    return {
        "agreement": asdict(found) | {"confidence": CONFIDENCE, "paradox": paradox(found)},
        "per_value": per_value(compared, statistic).to_dicts() if few else [],
        "pairwise": pairwise(compared).to_dicts(),
        "confusion": confusion(compared).to_dicts() if few else [],
        "most_disputed": _most_disputed(compared),
    }


def _most_disputed(compared: pl.DataFrame) -> list[dict[str, Any]]:
    """Item, and the share of its pairs of votes that disagree; of a text the number of characters on which they do."""
    told = disagreement(compared).filter(pl.col("share") > 0)
    if "group" in compared.columns:
        texts = compared.select("item", "group", "weight").unique()
        characters = (pl.col("share") * pl.col("weight")).sum().alias("share")
        told = told.join(texts, on="item").group_by(pl.col("group").alias("item")).agg(characters)
    return (
        told.select("item", "share")
        .sort("share", "item", descending=[True, False])
        .head(MOST_NAMED)
        .to_dicts()
    )


def _by_character(
    interface: Interface, control: Control, items: pl.DataFrame, ratings: pl.DataFrame
) -> pl.DataFrame:
    """What annotators say of each character."""
    field = interface.objects[control.to]
    lengths = pl.DataFrame(
        [(item, len(json.loads(data)[field])) for item, data in items.select("item_id", "data").iter_rows()],
        {"item": pl.String, "length": pl.Int64},
        orient="row",
    )
    return span_ratings(
        ratings.join(lengths, on="item").select("item", "annotator", pl.col("value").alias("spans"), "length")
    )


def _spans(ratings: pl.DataFrame) -> list[dict[str, Any]]:
    """Each pair of annotators: F1 over whole spans, of the texts that both judged."""
    told = {
        annotator: dict(zip(mine["item"], map(json.loads, mine["value"]), strict=True))
        for (annotator,), mine in ratings.sort("annotator", "item").group_by("annotator", maintain_order=True)
    }
    lines = []
    for left, right in combinations(told, 2):
        both = [item for item in told[left] if item in told[right]]
        if both:
            found = entity_f1([told[left][item] for item in both], [told[right][item] for item in both])
            lines.append({"a": left, "b": right, "items": len(both), **asdict(found)})
    return lines


def _marks(interface: Interface, sample: pl.DataFrame) -> list[dict[str, Any]]:
    """Each rubric (a Rating): its mean, Krippendorff's alpha for ordered values, and, between two people, Cohen's kappa with
    quadratic weights.
    """
    read = [
        (*row[:2], json.loads(row[2])) for row in sample.select("item_id", "annotator", "values").iter_rows()
    ]
    lines = []
    for control in interface.controls.values():
        if control.tag != "Rating":
            continue
        given = [
            (item, who, str(values[control.name])) for item, who, values in read if control.name in values
        ]
        ratings = pl.DataFrame(given, dict.fromkeys(("item", "annotator", "value"), pl.String), orient="row")
        if ratings.height:
            lines.append(
                {
                    "control": control.name,
                    **_rubric(ratings, [str(mark) for mark in range(1, (control.most or 0) + 1)]),
                }
            )
    return lines


def _rubric(ratings: pl.DataFrame, order: list[str]) -> dict[str, Any]:
    people = sorted(ratings["annotator"].unique())
    weighted = None
    if len(people) == 2:
        mine, other = (ratings.filter(pl.col("annotator") == name).select("item", "value") for name in people)
        both = mine.join(other, on="item", maintain_order="left")
        weighted = cohen_kappa(
            both["value"].to_list(), both["value_right"].to_list(), order=order, weights="quadratic"
        )
    return {
        "marks": ratings.height,
        "mean": ratings["value"].cast(pl.Float64).mean(),
        "alpha": krippendorff_alpha(ratings, "ordinal", order),
        "weighted_kappa": weighted,
    }


def _decided(decided: pl.DataFrame) -> dict[str, Any]:
    """How many by whom, and with which value."""
    values = decided["value"].drop_nulls().value_counts().sort("count", "value", descending=[True, False])
    return {
        "items": decided.height,
        "by": dict(decided["by"].value_counts().sort("by").iter_rows()),
        "values": dict(values.head(MOST_VALUES).iter_rows()),
    }


def _ticked(interface: Interface, declared: str, decided: pl.DataFrame) -> dict[str, dict[str, int]]:
    """What was ticked besides the decision, in decided items: control -> word -> items, the commonest first."""
    told = [json.loads(values) for values in decided["values"]]
    several = [name for name, control in interface.controls.items() if control.several and name != declared]
    counts = {
        name: Counter(interface.word(name, value) for values in told for value in values.get(name, ()))
        for name in several
    }
    return {
        name: dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
        for name, found in counts.items()
        if found
    }


def _judged_own(votes: pl.DataFrame) -> list[dict[str, Any]]:
    """Experts who decided on items that they had judged themselves: allowed, but to be known."""
    counted = votes.filter(pl.col("state") == "counted")
    experts = counted.filter(pl.col("stage") == "adjudicate").select("item_id", "annotator")
    own = experts.join(_first(votes).select("item_id", "annotator"), on=["item_id", "annotator"])
    return own["annotator"].value_counts(name="items").sort("annotator").to_dicts()


def _disputes(
    project: Project,
    interface: Interface,
    items: pl.DataFrame,
    sample: pl.DataFrame,
    decided: pl.DataFrame,
    disputed: Collection[str],
) -> list[dict[str, Any]]:
    """Items on which people differed, what each said, and what was decided; the open ones first."""
    told = (
        sample.sort("item_id", "annotator")
        .select("item_id", "annotator", "value", "values")
        .iter_rows(named=True)
    )
    said = {item: list(found) for item, found in groupby(told, key=lambda row: row["item_id"])}
    how = {row["item_id"]: row for row in decided.filter(pl.col("by") != "agreed").iter_rows(named=True)}
    lines = []
    for item in items.filter(pl.col("part") == "sample").sort("place", "item_id").iter_rows(named=True):
        name, decision = item["item_id"], how.get(item["item_id"])
        if not decision and name not in disputed:
            continue
        votes = [
            {
                "annotator": vote["annotator"],
                "value": vote["value"],
                "more": more_of(interface, project.control, json.loads(vote["values"])),
            }
            for vote in said.get(name, [])
        ]
        settled = {key: decision[key] if decision else None for key in ("value", "by", "reason", "decider")}
        lines.append(
            {"item_id": name, "text": text_of(item["data"], project.fields), "said": votes, **settled}
        )
    return sorted(lines, key=lambda line: line["by"] is not None)[:MOST_TOLD]


def more_of(interface: Interface, declared: str, values: Mapping[str, Any]) -> str:
    """What somebody ticked or wrote besides the decision, in the words of the page."""
    parts = []
    for name, value in values.items():
        control = interface.controls.get(name)
        if name == declared or control is None or control.tag not in ("Choices", "TextArea"):
            continue
        told = [interface.word(name, one) for one in (value if isinstance(value, list) else [value])]
        parts.append(say("、", ", ").join(told))
    return say("；", "; ").join(parts)


def text_of(data: str, fields: Sequence[str]) -> str:
    """The beginning of the first of these fields that an item shows something in."""
    told: Mapping[str, str] = json.loads(data)
    text = next((" ".join(told[field].split()) for field in fields if told.get(field)), "")
    return text if len(text) <= MOST_CHARS else text[:MOST_CHARS] + "…"


def _of_another(votes: pl.DataFrame, version: str) -> int:
    """Votes that count though they were made with another page or guideline."""
    counted = (pl.col("state") == "counted") & (pl.col("stage") == "annotate")
    return votes.filter(counted & (pl.col("guideline") != version)).height
