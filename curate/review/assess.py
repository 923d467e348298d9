"""What all votes together say: decisions where people agree or an expert spoke, disputes, and what is still missing."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import md5
from itertools import groupby
from typing import Any

import polars as pl

from curate.review.adjudicate import REASON
from curate.review.interface import Control, Interface
from curate.review.project import Project
from curate.review.result import EDITED, edits
from curate.review.schema import DECISION, as_json
from curate.review.votes import excluded_by, rounds_of, votes_of

#: Items on which people differ and no expert has spoken. ``verdicts``: JSON, a list of ``{"value", "values"}``, without names and
#: in an order that tells nothing of who or when.
DISPUTED = {"item_id": pl.String, "content": pl.String, "verdicts": pl.String}
#: Items that have fewer votes than the project wants.
MISSING = {"item_id": pl.String, "there": pl.Int64, "wanted": pl.Int64}


@dataclass(frozen=True)
class Assessment:
    """What the annotations of a project say so far.

    Attributes:
        votes: ``schema.VOTE``, a row for each annotation.
        decided: ``schema.DECISION``, a row for each item of the sample that is settled.
        disputed: ``DISPUTED``. missing: ``MISSING``; both of the sample alone.
        events: ``log.EVENT``: what was put back and who was excluded, of the log and of the recipe's files.
        findings: agreement, catch rates, error rates and what else can be told; JSON (``findings.py``).
    """

    votes: pl.DataFrame
    decided: pl.DataFrame
    disputed: pl.DataFrame
    missing: pl.DataFrame
    events: pl.DataFrame
    findings: dict[str, Any]

    @property
    def rounds(self) -> dict[str, int]:
        """Item -> the round that it is in, of items that were put back; the others are in round 1."""
        return rounds_of(self.events)

    @property
    def excluded(self) -> list[str]:
        """Those whose votes do not count now."""
        return excluded_by(self.events)


def assess(
    project: Project,
    interface: Interface,
    items: pl.DataFrame,
    annotations: pl.DataFrame,
    events: pl.DataFrame,
    experts: Collection[str],
    population: Mapping[str, int] | None = None,
) -> Assessment:
    """What these annotations say of these items; the same ones in any order say the same.

    Args:
        items: ``schema.ITEM``.
        annotations: ``schema.ANNOTATION``, each id once.
        events: ``log.EVENT``, oldest first.
        population: stratum -> how many there are of it in all, to weigh error rates by.
    """
    from curate.review.findings import findings_of  # brings scipy, which loading a recipe can do without

    votes = votes_of(project, interface, items, annotations, events, experts)
    settled = _Settled(project, interface)
    decided, disputed, missing = settled.of(items, votes)
    waiting = set(disputed["item_id"])
    findings = findings_of(project, interface, items, annotations, votes, decided, waiting, population or {})
    findings |= {"missing": missing.height, "disputed": disputed.height}
    return Assessment(votes, decided, disputed, missing, events, findings)


Vote = dict[str, Any]


@dataclass(frozen=True)
class _Settled:
    """Settles the items of a project, one by one."""

    project: Project
    interface: Interface

    def of(self, items: pl.DataFrame, votes: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
        """(decided, disputed, missing), in the order in which people see the items.

        An item that an expert has decided still needs its votes: were it let off, agreement would be measured on the easy
        items alone as soon as an annotator is excluded.
        """
        decided, disputed, missing = [], [], []
        by_item = _counted(votes)
        sample = items.filter(pl.col("part") == "sample").sort("place", "item_id")
        for item in sample.select("item_id", "content", "data").iter_rows(named=True):
            cast = by_item.get(item["item_id"], [])
            first = [vote for vote in cast if vote["stage"] != "adjudicate"]
            experts = [vote for vote in cast if vote["stage"] == "adjudicate"]
            known = {"item_id": item["item_id"], "content": item["content"]}
            short = len(first) < self.project.annotators
            if short:
                missing.append(
                    {"item_id": item["item_id"], "there": len(first), "wanted": self.project.annotators}
                )
            decision = self._expert(experts, len(first)) or (None if short else self._voted(item, first))
            if decision:
                decided.append(known | decision)
            elif not short:
                disputed.append(known | {"verdicts": as_json(_anonymous(item["item_id"], first))})
        return (
            pl.DataFrame(decided, schema=DECISION),
            pl.DataFrame(disputed, schema=DISPUTED),
            pl.DataFrame(missing, schema=MISSING),
        )

    def _expert(self, votes: list[Vote], first: int) -> dict[str, Any] | None:
        """An expert's decision, whatever the others said."""
        if not votes:
            return None
        (vote,) = votes  # all but the newest are surplus
        values = {name: value for name, value in vote["values"].items() if name != REASON}
        reason = str(vote["values"].get(REASON) or "") or None
        told = self._told("expert", values, [vote], reason)
        return told | {"votes": first, "decider": vote["annotator"]}

    def _voted(self, item: Mapping[str, Any], votes: list[Vote]) -> dict[str, Any] | None:
        """What the votes themselves decide; None where it takes an expert."""
        data = json.loads(item["data"])
        consequences = [consequence(data, vote["value"], vote["values"]) for vote in votes]
        commonest, number = min(Counter(consequences).items(), key=lambda pair: (-pair[1], pair[0]))
        if number == len(votes):
            by = "agreed"
        elif self.project.disputes == "drop":
            return self._told("dropped", {}, votes, None) | {"value": None, "votes": len(votes)}
        elif self.project.disputes == "majority" and 2 * number > len(votes):
            by = "majority"
        else:
            return None
        mine = [vote for vote, told in zip(votes, consequences, strict=True) if told == commonest]
        values = self._merged(mine)
        return self._told(by, values, mine, self._reasons(values)) | {"votes": len(votes)}

    def _told(self, by: str, values: dict[str, Any], votes: list[Vote], reason: str | None) -> dict[str, Any]:
        newest = max(votes, key=lambda vote: (vote["at"], vote["annotation_id"]))
        return {
            "value": newest["value"],
            "values": as_json(values),
            "by": by,
            "reason": reason,
            "decider": None,
            "guideline": newest["guideline"],
            "at": newest["at"],
        }

    def _merged(self, votes: list[Vote]) -> dict[str, Any]:
        """The values of votes with the same consequence: one list of reasons, of marks and of notes for all."""
        first = min(votes, key=lambda vote: (vote["at"], vote["annotation_id"]))["values"]
        merged = {}
        for name in sorted({name for vote in votes for name in vote["values"]}):
            told = [vote["values"][name] for vote in votes if name in vote["values"]]
            # What was agreed on is the same up to white space: one person's spelling of it, not a mixture.
            same = name == self.project.control or name.startswith(EDITED)
            merged[name] = first.get(name, told[0]) if same else _merge(self.interface.controls[name], told)
        return merged

    def _reasons(self, values: Mapping[str, Any]) -> str | None:
        """What was ticked besides the decision, in the words of the page."""
        ticked = [
            self.interface.word(name, value)
            for name, told in values.items()
            if name != self.project.control and isinstance(told, list)
            for value in told
            if isinstance(value, str)
        ]
        return "、".join(ticked) or None  # data: the same in every language


def consequence(data: Mapping[str, str], value: str, values: Mapping[str, Any]) -> str:
    """What a vote would do to the data: its value and the texts that it changes, up to white space. Equal ones agree."""
    changed = {field: " ".join(text.split()) for field, text in edits(data, values).items()}
    return as_json([value, changed])


def _merge(control: Control, told: list[Any]) -> Any:
    """One value of several people's: lists are united, notes joined, of ratings the lower median, of choices the commonest."""
    if control.tag == "Rating":
        return sorted(told)[(len(told) - 1) // 2]
    if control.tag == "TextArea":
        return "；".join(dict.fromkeys(text for text in told if text))
    if control.several or control.tag == "Labels":
        found = {as_json(value): value for values in told for value in values}
        return [found[key] for key in sorted(found, key=lambda key: _place(found[key]))]
    return min(Counter(told).items(), key=lambda pair: (-pair[1], str(pair[0])))[0]


def _place(value: Any) -> tuple[int, int, str]:
    """Sorts marks as they stand in the text, and choices by name."""
    return (value["start"], value["end"], value["label"]) if isinstance(value, dict) else (0, 0, str(value))


def _counted(votes: pl.DataFrame) -> dict[str, list[Vote]]:
    """Item -> its votes that count."""
    counted = votes.filter(pl.col("state") == "counted").sort("item_id", "at", "annotation_id")
    rows = counted.select(
        "annotation_id", "item_id", "stage", "annotator", "value", "values", "guideline", "at"
    ).iter_rows(named=True)
    read = (row | {"values": json.loads(row["values"])} for row in rows)
    return {item: list(found) for item, found in groupby(read, key=lambda row: str(row["item_id"]))}


def _anonymous(item_id: str, votes: list[Vote]) -> list[dict[str, Any]]:
    def drawn(vote: Vote) -> str:
        return md5(f"{item_id}\x1f{vote['annotation_id']}".encode(), usedforsecurity=False).hexdigest()

    return [{"value": vote["value"], "values": vote["values"]} for vote in sorted(votes, key=drawn)]
