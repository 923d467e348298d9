"""Lengths at a glance, and the cutoff that holds them."""

from __future__ import annotations

import polars as pl
import pytest

from curate.export.tokens import dropped, histogram, histogram_text, proposed_cutoff


def test_rows_by_length() -> None:
    tokens = pl.Series([10, 63, 64, 100, None, 700])
    assert histogram(tokens) == [(64, 2), (128, 2), (256, 0), (384, 0), (512, 0), (768, 1)]
    assert histogram(pl.Series([200_000])) == [(262_144, 1)]
    assert histogram(pl.Series([], dtype=pl.Int64)) == []


def test_every_row_is_in_one_bar() -> None:
    tokens = pl.Series([n * n for n in range(1, 400)])
    assert sum(rows for _, rows in histogram(tokens)) == 399


CUTOFFS = [
    ("everything fits", [10, 511], 512),
    ("as many tokens as the cutoff fit", [10, 512], 512),
    ("one more does not", [10, 513], 1024),
    ("one row of few forces it to double", [10] * 998 + [900], 1024),
    ("one row of a thousand does not", [10] * 999 + [900], 512),
    ("two of a thousand do", [10] * 998 + [900, 901], 1024),
    ("the longest cutoff of all", [10, 100_000], 32768),
    ("no rows", [], 512),
]


@pytest.mark.parametrize(("lengths", "cutoff"), [c[1:] for c in CUTOFFS], ids=[c[0] for c in CUTOFFS])
def test_the_proposed_cutoff(lengths: list[int], cutoff: int) -> None:
    assert proposed_cutoff(pl.Series(lengths, dtype=pl.Int64)) == cutoff


def test_what_is_dropped() -> None:
    assert dropped(pl.Series([10, 511, 512, 513, 600, None]), 512) == 2


def test_the_chart(monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = pl.Series([10] * 80 + [100] * 40 + [300])
    chinese = histogram_text(tokens, 128, measured=False)
    assert chinese.split("\n") == [
        "词元数（估算），每行一条样本",
        "  <  64 80 ########################################",
        "  < 128 40 ####################|",
        "  < 256  0",
        "  < 384  1 #",
        "  共 121 行，平均 42，最长 300",
    ]
    monkeypatch.setenv("CURATE_LANG", "en")
    assert "121 rows, 42 on average, the longest 300" in histogram_text(tokens)
    assert "measured" in histogram_text(tokens)
    assert histogram_text(pl.Series([None], dtype=pl.Int64)) == "there are no rows with a length"
