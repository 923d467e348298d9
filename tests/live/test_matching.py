"""How well records are matched on data sets with known answers: floors under what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.matching import measure, short_names, speed, tasks

pytestmark = pytest.mark.live

#: data set -> the least precision, recall and F1 that the default settings must reach
FLOORS = {
    "company pairs, labelled": (0.99, 0.81, 0.89),
    "company pairs, labelled + invented negatives": (0.99, 0.81, 0.89),
    "company pairs, synthetic": (0.99, 0.95, 0.97),
    "FEBRL dataset1": (0.99, 0.98, 0.99),
    "FEBRL dataset2": (0.99, 0.93, 0.96),
    "Restaurants (OAEI)": (0.75, 0.92, 0.83),
    "DBLP-ACM": (0.94, 0.97, 0.96),
    "Abt-Buy": (0.92, 0.61, 0.74),
    "Cora": (0.92, 0.62, 0.75),
}


def test_records_are_matched_as_well_as_measured(shared_data: Path) -> None:  # noqa: ARG001
    measured = {told["name"]: told for told in map(measure, tasks())}
    assert measured.keys() == FLOORS.keys()
    for name, floors in FLOORS.items():
        found = tuple(measured[name][figure] for figure in ("precision", "recall", "f1"))
        assert all(value >= floor for value, floor in zip(found, floors, strict=True)), (name, found)
        assert measured[name]["blocking_recall"] >= 0.85, name


def test_short_names_find_their_full_names(shared_data: Path) -> None:  # noqa: ARG001
    links = short_names()
    assert links["accuracy_at_1"] >= 0.965
    assert links["precision"] >= 0.985
    assert links["f1"] >= 0.96


def test_a_million_companies_are_matched_in_two_minutes(shared_data: Path) -> None:  # noqa: ARG001
    told = speed(1_000_000)
    assert told["seconds"] < 120
    assert told["precision"] > 0.999
    assert told["recall"] > 0.995
