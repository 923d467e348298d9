"""The verdict on what is cut is ``infer_seqlen``'s."""

from __future__ import annotations

import random

import polars as pl
import pytest

from curate.export.tokens.cutoff import asked_and_answered, fits, totals

Turns = list[list[tuple[int, int]]]


def infer_seqlen(source: int, target: int, cutoff: int) -> tuple[int, int]:
    """The rule of LLaMA-Factory 0.9.5, for one turn."""
    if target * 2 < cutoff:
        most = cutoff
    elif source * 2 < cutoff:
        most = cutoff - source
    else:
        most = int(cutoff * (target / (source + target)))
    kept = min(most, target)
    return min(max(cutoff - kept, 0), source), kept


def kept(turns: list[tuple[int, int]], cutoff: int) -> int:
    total = 0
    for source, target in turns:
        if total >= cutoff:
            break
        total += sum(infer_seqlen(source, target, cutoff - total))
    return total


def table(rows: Turns) -> pl.DataFrame:
    flat = [(row, source, target) for row, turns in enumerate(rows) for source, target in turns]
    return pl.DataFrame(flat, schema={"row": pl.UInt32, "source": pl.Int64, "target": pl.Int64}, orient="row")


def random_rows(most_turns: int) -> Turns:
    chosen = random.Random(3)
    return [
        [(chosen.randint(0, 60), chosen.randint(0, 60)) for _ in range(chosen.randint(1, most_turns))]
        for _ in range(3000)
    ]


@pytest.mark.parametrize("cutoff", [1, 2, 16, 49, 50, 64, 98, 100, 103, 107, 200])
@pytest.mark.parametrize("turns", [1, 4])
def test_a_row_is_whole_when_it_is_not_longer(cutoff: int, turns: int) -> None:
    rows = random_rows(turns)
    whole = [kept(row, cutoff) == sum(map(sum, row)) for row in rows]
    assert fits(totals(table(rows), len(rows)), cutoff).to_list() == whole


def test_rows_of_exactly_the_cutoff_are_whole() -> None:
    """Its rounding of a quotient never costs the end token: both halves are then exactly half."""
    for cutoff in range(1, 300):
        for source in range(cutoff + 1):
            assert infer_seqlen(source, cutoff - source, cutoff) == (source, cutoff - source)


def test_sums_over_turns() -> None:
    turns = table([[(3, 4)], [], [(1, 1), (2, 5)]])
    assert totals(turns, 4).to_list() == [7, None, 9, None]
    assert fits(totals(turns, 4), 8).to_list() == [True, None, False, None]
    assert asked_and_answered(turns, 4).rows() == [(3, 4), (None, None), (4, 5), (None, None)]
