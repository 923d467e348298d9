"""Agreement over spans of text: character by character, and span by span."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
from scipy import sparse
from scipy.sparse.csgraph import maximum_bipartite_matching

from curate.algorithms.agreement.coefficients import light_kappa

#: {"start", "end", "label"}: code points, end exclusive.
Span = Mapping[str, Any]
#: the value of a character that is in no span
OUTSIDE = "O"
_RATING = {
    "item": pl.String,
    "annotator": pl.String,
    "value": pl.String,
    "weight": pl.Int64,
    "group": pl.String,
}


@dataclass(frozen=True)
class EntityF1:
    """``exact``: F1 of spans with equal borders and label. ``relaxed``: of spans with equal label that overlap, one of the left to
    one of the right, so that a span over the whole text does not match all of the other's. Over all texts together; None where
    there are no spans. ``left``, ``right``: how many there are.
    """

    exact: float | None
    relaxed: float | None
    left: int
    right: int


def span_ratings(spans: pl.DataFrame) -> pl.DataFrame:
    """What annotators say of each character, as ratings.

    Characters of which everybody says the same as of the one before them are one item with their number as its ``weight``: all
    coefficients come out as if each character were an item. ``group`` is the text, which the bootstrap draws as a whole, since
    the characters of a text are not independent. The value is the label, ``O`` outside of spans; where spans of different
    labels overlap it is all of them, ``LOC+ORG``, so that nothing is thrown away and only the same overlap agrees.

    Args:
        spans: (item: str, annotator: str, spans: JSON list of {start, end, label}, length: int, the text's, in code points).

    Raises:
        ValueError: a span that is not within its text, an annotator twice on a text, or a text of two lengths.
    """
    rows: list[tuple[str, str, str, int, str]] = []
    columns = spans.select("item", "annotator", "spans", "length").sort("item", "annotator")
    for (item,), part in columns.group_by("item", maintain_order=True):
        lengths = part["length"].unique()
        if len(lengths) > 1 or part["annotator"].is_duplicated().any():
            raise ValueError(f"{item}: two lengths, or an annotator twice")
        told = [json.loads(text) for text in part["spans"]]
        names = part["annotator"].to_list()
        for start, end, values in _segments(told, int(lengths[0]), str(item)):
            name = f"{item}[{start}:{end}]"
            rows += [
                (name, who, value, end - start, str(item)) for who, value in zip(names, values, strict=True)
            ]
    return pl.DataFrame(rows, _RATING, orient="row")


def token_kappa(
    a: Sequence[Sequence[Span]], b: Sequence[Sequence[Span]], lengths: Sequence[int]
) -> float | None:
    """Cohen's kappa of two annotators over the characters of texts (see ``span_ratings``). None where neither marked anything.

    Args:
        a, b: the spans of each text. lengths: of the texts, in code points.

    Raises:
        ValueError: a span that is not within its text; unequal numbers of texts.
    """
    rows = [
        (str(place), who, json.dumps([dict(span) for span in spans]), length)
        for place, (left, right, length) in enumerate(zip(a, b, lengths, strict=True))
        for who, spans in (("a", left), ("b", right))
    ]
    schema = {"item": pl.String, "annotator": pl.String, "spans": pl.String, "length": pl.Int64}
    return light_kappa(span_ratings(pl.DataFrame(rows, schema, orient="row")))


def entity_f1(a: Sequence[Sequence[Span]], b: Sequence[Sequence[Span]]) -> EntityF1:
    """How far the spans of two annotators are the same. F1 is symmetrical: neither of them is the truth.

    Args:
        a, b: the spans of each text. A span that is given twice counts once.

    Raises:
        ValueError: unequal numbers of texts.
    """
    if len(a) != len(b):
        raise ValueError(f"{len(a)} texts beside {len(b)}")
    left, right = _places(a), _places(b)
    total = len(left) + len(right)
    if not total:
        return EntityF1(None, None, 0, 0)
    exact = len(set(left) & set(right))
    return EntityF1(2 * exact / total, 2 * _matched(left, right) / total, len(left), len(right))


_Place = tuple[int, str, int, int]


def _places(spans: Iterable[Iterable[Span]]) -> list[_Place]:
    """(text, label, start, end), each once, in order."""
    told = {
        (text, str(span["label"]), int(span["start"]), int(span["end"]))
        for text, marked in enumerate(spans)
        for span in marked
    }
    return sorted(told)


def _matched(left: list[_Place], right: list[_Place]) -> int:
    """The most pairs of overlapping spans of one label in which each span is in one pair only."""
    theirs: dict[tuple[int, str], list[int]] = {}
    for place, (text, label, *_) in enumerate(right):
        theirs.setdefault((text, label), []).append(place)
    edges = [
        (mine, other)
        for mine, (text, label, start, end) in enumerate(left)
        for other in theirs.get((text, label), ())
        if start < right[other][3] and right[other][2] < end
    ]
    if not edges:
        return 0
    ends = np.array(edges)
    graph = sparse.coo_array(
        (np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(len(left), len(right))
    ).tocsr()
    return int((maximum_bipartite_matching(graph, perm_type="column") >= 0).sum())


def _segments(told: Sequence[Sequence[Span]], length: int, item: str) -> Iterator[tuple[int, int, list[str]]]:
    """(start, end, each annotator's value) of the stretches between all borders."""
    for span in (span for spans in told for span in spans):
        if not 0 <= span["start"] < span["end"] <= length:
            raise ValueError(f"{item}: {span['start']} to {span['end']} is not within {length} characters")
    borders = sorted(
        {0, length, *(int(span[side]) for spans in told for span in spans for side in ("start", "end"))}
    )
    labels: list[list[set[str]]] = [[set() for _ in borders[1:]] for _ in told]
    for marked, spans in zip(labels, told, strict=True):
        for span in spans:
            first, last = (bisect_left(borders, span[side]) for side in ("start", "end"))
            for place in range(first, last):
                marked[place].add(str(span["label"]))
    for place, (start, end) in enumerate(pairwise(borders)):
        yield start, end, ["+".join(sorted(marked[place])) or OUTSIDE for marked in labels]
