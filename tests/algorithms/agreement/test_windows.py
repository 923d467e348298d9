"""An annotator who becomes careless is noticed; one who was always so is not drifting."""

from __future__ import annotations

import polars as pl
import pytest

from curate.algorithms.agreement import drift, flagged


def team(items: int, careless_from: int, wrong_before: int = 0) -> pl.DataFrame:
    """Three who agree, and ``d``, who from an item on says ``x`` to every second one. Each judged an item a minute, from the last
    item to the first, so that time and the names of items go against each other.
    """
    rows = []
    for place in range(items):
        at = f"2026-11-{1 + place // 1440:02}T{place // 60 % 24:02}:{place % 60:02}:00Z"
        item, value = f"i{items - place:05}", "yn"[place % 3 == 0]
        wrong = place < wrong_before or (place >= careless_from and place % 2 == 0)
        rows += [(item, who, value, at) for who in "abc"] + [(item, "d", "x" if wrong else value, at)]
    return pl.DataFrame(rows, ["item", "annotator", "value", "at"], orient="row")


def test_windows_follow_the_annotators_time_and_the_rest_goes_to_the_last() -> None:
    found = drift(team(130, careless_from=100).filter(pl.col("annotator") != "a")).filter(annotator="d")
    assert found.columns == ["annotator", "window", "first_at", "last_at", "items", "raw"]
    assert found.drop("raw").rows() == [
        ("d", 1, "2026-11-01T00:00:00Z", "2026-11-01T00:49:00Z", 50),
        ("d", 2, "2026-11-01T00:50:00Z", "2026-11-01T02:09:00Z", 80),
    ]
    assert found["raw"].to_list() == pytest.approx([1.0, 65 / 80])


def test_fewer_items_than_a_window_are_one_window() -> None:
    found = drift(team(7, careless_from=9))
    assert found.select("annotator", "window", "items").rows() == [(who, 1, 7) for who in "abcd"]


def test_who_becomes_careless_is_flagged_with_the_numbers() -> None:
    found = flagged(drift(team(200, careless_from=140)))
    assert found.columns == ["annotator", "first", "last", "first_items", "last_items", "p"]
    assert found.row(0)[:5] == ("d", 1.0, 0.5, 50, 50)
    assert found.height == 1
    assert found["p"][0] < 1e-6


@pytest.mark.parametrize(
    ("ratings", "why"),
    [
        (team(200, careless_from=0), "careless from the start"),
        (team(200, careless_from=192), "four errors in the last window"),
        (team(200, careless_from=200, wrong_before=50), "has become better"),
        (team(40, careless_from=20), "a single window"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_who_has_not_fallen_for_sure_is_not_flagged(ratings: pl.DataFrame, why: str) -> None:
    assert flagged(drift(ratings)).is_empty(), why


def test_nothing_is_told_of_no_ratings() -> None:
    assert flagged(drift(team(0, careless_from=0).cast(pl.String))).is_empty()
