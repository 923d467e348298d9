"""What to go over with each annotator: where they differ from what was decided, from a known answer, or missed a control."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from curate.language import say
from curate.review.assess import Assessment
from curate.review.findings import more_of, text_of
from curate.review.interface import Interface
from curate.review.people import known_answers
from curate.review.schema import as_json

#: ``kind``: ``decision`` (something else was decided), ``gold`` (the known answer is another) or ``control`` (the mistake that was
#: put in was not noticed). ``said``, ``right``: in the words of the page. ``more``: what they ticked or wrote besides. ``by``: who
#: decided (agreed, majority, expert); ``reason``: why.
CALIBRATION: dict[str, pl.DataType | type[pl.DataType]] = dict.fromkeys(
    ("annotator", "kind", "item_id", "text", "said", "more", "right", "by", "reason", "at"), pl.String
)


def calibration(assessment: Assessment, items: pl.DataFrame, interface: Interface) -> pl.DataFrame:
    """``CALIBRATION``, by annotator: missed controls first, then gold items, then decisions, each in the order of time.

    Args:
        items: ``schema.ITEM``.
    """
    texts = dict(items.select("item_id", "data").iter_rows())
    rows = [*_against_decisions(assessment, interface), *_against_known(assessment, items, interface)]
    told = [{**row, "text": text_of(texts[row["item_id"]], assessment.findings["fields"])} for row in rows]
    kinds = pl.Enum(["control", "gold", "decision"])
    return pl.DataFrame(told, schema=CALIBRATION).sort(
        "annotator", pl.col("kind").cast(kinds), "at", "item_id"
    )


def _against_decisions(assessment: Assessment, interface: Interface) -> Iterator[dict[str, Any]]:
    """Votes whose value is another than the decided one."""
    decided = assessment.decided.filter(pl.col("value").is_not_null()).select(
        "item_id", "by", "reason", right="value"
    )
    votes = assessment.votes.filter((pl.col("state") == "counted") & (pl.col("stage") != "adjudicate"))
    for vote in (
        votes.join(decided, on="item_id").filter(pl.col("value") != pl.col("right")).iter_rows(named=True)
    ):
        yield _row(assessment, interface, vote, "decision", [vote["right"]]) | {
            "by": vote["by"],
            "reason": vote["reason"],
        }


def _against_known(
    assessment: Assessment, items: pl.DataFrame, interface: Interface
) -> Iterator[dict[str, Any]]:
    """Votes on control and gold items that are not among the accepted values."""
    control = interface.controls[assessment.findings["control"]["name"]]
    expected = dict(items.select("item_id", "expected").iter_rows())
    for vote in known_answers(items, assessment.votes, control):
        if not vote["right"]:
            wanted = json.loads(expected[vote["item_id"]])[control.name]
            single = control.tag == "Choices" and not control.several
            right = wanted if single and isinstance(wanted, list) else [wanted if single else as_json(wanted)]
            yield _row(assessment, interface, vote, vote["part"], right)


def _row(
    assessment: Assessment, interface: Interface, vote: Mapping[str, Any], kind: str, right: list[str]
) -> dict[str, Any]:
    name = assessment.findings["control"]["name"]
    return {
        "annotator": vote["annotator"],
        "kind": kind,
        "item_id": vote["item_id"],
        "said": _worded(interface, name, vote["value"]),
        "more": more_of(interface, name, json.loads(vote["values"])) or None,
        "right": say("或", " or ").join(_worded(interface, name, value) for value in right),
        "at": vote["at"],
    }


def _worded(interface: Interface, name: str, value: str) -> str:
    """A value in the words of the page; marks as ``张三[人名]``."""
    control = interface.controls[name]
    if control.tag != "Labels" and not control.several:
        return interface.word(name, value)
    told = [
        f"{one.get('text') or (str(one['start']) + '–' + str(one['end']))}[{interface.word(name, one['label'])}]"
        if isinstance(one, dict)
        else interface.word(name, one)
        for one in json.loads(value)
    ]
    return say("、", ", ").join(told) or say("（无）", "(none)")
