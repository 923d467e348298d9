"""The search finds what trying every node would find."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curate.privacy.lattice import Classes, Lattice, Node, column_of

AGES: list[list[Any]] = [
    [str(value) for value in range(12)],
    [f"{value // 3}" for value in range(12)],
    [None] * 12,
]
PLACES: list[list[Any]] = [list("abcdefgh"), list("AABBCCDD"), list("xxxxyyyy"), [None] * 8]


def lattice(rows: list[tuple[int, int, int]], k: int, share: float, least: int = 1) -> Lattice:
    """Over rows of (age, place, sensitive value)."""
    columns = tuple(
        column_of([pl.Series("x", level, dtype=pl.String) for level in levels]) for levels in (AGES, PLACES)
    )
    frame = pl.DataFrame(rows, schema=["age", "place", "told"], orient="row")
    finest = frame.group_by("age", "place").len("n").sort("age", "place")
    pairs = frame.unique(maintain_order=True)
    sensitive = [(pairs.select("age", "place").to_numpy().astype(np.int64), pairs["told"].to_numpy())]
    values = finest.select("age", "place").to_numpy().astype(np.int64)
    return Lattice(
        columns, Classes(values, finest["n"].to_numpy().astype(np.int64)), k, int(share * len(rows)), least, sensitive if least > 1 else []
    )  # fmt: skip


def tried(rows: list[tuple[int, int, int]], k: int, share: float, least: int) -> tuple[Node, float] | None:
    """Every node, row by row, in plain Python."""
    best = None
    for node in product(range(3), range(4)):
        labels = [(AGES[node[0]][age], PLACES[node[1]][place]) for age, place, _ in rows]
        members: dict[object, list[int]] = {}
        for at, label in enumerate(labels):
            members.setdefault(label, []).append(at)
        fine = [
            own for own in members.values() if len(own) >= k and len({rows[at][2] for at in own}) >= least
        ]
        if len(rows) - sum(map(len, fine)) > int(share * len(rows)):
            continue
        covered = (AGES[node[0]].count(labels[0][0]), PLACES[node[1]].count(labels[0][1]))
        each = [(covered[0] - 1) / 11, (covered[1] - 1) / 7]
        inside = sum(map(len, fine))
        loss = round((inside * sum(each) / 2 + len(rows) - inside) / len(rows), 9)
        best = min(best or (loss, node), (loss, node))
    return None if best is None else (best[1], best[0])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 11), st.integers(0, 7), st.integers(0, 2)), min_size=1, max_size=60),
    st.integers(2, 6), st.sampled_from([0.0, 0.1, 0.3]), st.integers(1, 3),
)  # fmt: skip
def test_the_search_agrees_with_trying_every_node(
    rows: list[tuple[int, int, int]], k: int, share: float, least: int
) -> None:
    found, truth = lattice(rows, k, share, least).best(), tried(rows, k, share, least)
    if truth is None:
        assert found is None
    else:
        assert found is not None
        assert found[1] == pytest.approx(truth[1], abs=1e-6)


def test_of_equal_losses_the_first_levels_are_taken() -> None:
    rows = [(age, 0, 0) for age in range(12) for _ in range(5)]
    assert lattice(rows, 5, 0.0).best() == ((0, 0), 0.0)
    assert lattice(rows, 20, 0.0).best() == lattice(rows[::-1], 20, 0.0).best()


def test_too_few_rows_reach_nothing() -> None:
    assert lattice([(0, 0, 0)] * 4, 5, 0.2).best() is None


def test_lost_is_the_share_of_values_that_a_label_may_be() -> None:
    column = column_of(
        [
            pl.Series("x", ["a", "b", "c", None]),
            pl.Series("x", ["p", "p", "q", None]),
            pl.Series("x", [None] * 4, dtype=pl.String),
        ]
    )
    assert [own.tolist() for own in column.losses] == [[0, 0, 0, 0], [0.5, 0.5, 0, 0], [1, 1, 1, 0]]


def test_many_columns_of_many_values_are_told_apart() -> None:
    wide = column_of(
        [
            pl.Series("x", [str(number) for number in range(3_000)]),
            pl.Series("x", [None] * 3_000, dtype=pl.String),
        ]
    )
    values = np.arange(3_000, dtype=np.int64)
    finest = Classes(np.column_stack([values] * 8), np.ones(3_000, dtype=np.int64))
    made = Lattice((wide,) * 8, finest, 2, 0)
    assert len(made.classes((0,) * 8).counts) == 3_000
    assert len(made.classes((1,) * 8).counts) == 1
