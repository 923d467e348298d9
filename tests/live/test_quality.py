"""Quality and noise on real text: what the benchmark's tables say, as bounds that must hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from benchmarks.quality import good_texts, measured
from curate.noise import Noise

pytestmark = [pytest.mark.live, pytest.mark.usefixtures("shared_data")]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return measured(tmp_path_factory.mktemp("quality"))


@pytest.mark.parametrize(
    "genre", ["news", "laws", "laws, traditional", "encyclopedia", "encyclopedia, traditional", "companies"]
)
def test_good_chinese_stays(genre: str, told: dict[str, Any]) -> None:
    row = next(row for row in told["genres"] if row["genre"] == genre)
    assert row["drop_repetitive"] < 0.005
    assert row["below 0.3"] < 0.005


def test_limits_for_words_would_not_do_for_characters(told: dict[str, Any]) -> None:
    laws = next(row for row in told["genres"] if row["genre"] == "laws")
    assert laws["published limits"] > 0.5


@pytest.mark.parametrize(
    ("noise", "auc", "found"),
    [
        ("shuffled characters", 0.98, 0.85),
        ("random Han", 0.99, 0.99),
        ("UTF-8 read as GBK", 0.99, 0.95),
        ("keys struck at random", 0.99, 0.99),
        ("one sentence pasted", 0.99, 0.99),
        ("one word pasted", 0.99, 0.99),
        ("signs", 0.99, 0.99),
        ("numbers", 0.99, 0.99),
        ("boilerplate only", 0.99, 0.95),
        ("trials", 0.99, 0.99),
        ("menu", 0.88, 0.35),
        ("advertising", 0.7, 0.45),
    ],
)
def test_planted_noise_scores_worse(noise: str, auc: float, found: float, told: dict[str, Any]) -> None:
    row = next(row for row in told["noise"] if row["noise"] == noise)
    assert row["AUC, model"] >= auc
    assert row["below 0.3, model"] >= found


def test_without_a_model_gibberish_of_usual_characters_is_not_seen(told: dict[str, Any]) -> None:
    """Which is why there is one."""
    row = next(row for row in told["noise"] if row["noise"] == "shuffled characters")
    assert row["AUC"] < 0.6


def test_rules_of_noise_leave_clean_text_alone() -> None:
    texts = good_texts()
    for genre, most in (("news", 0.005), ("encyclopedia, traditional", 0.005), ("laws", 0.04)):
        rows = pl.DataFrame(
            {"row_id": [str(n) for n in range(len(texts[genre]))], "corpus": genre, "text": texts[genre]}
        )
        flagged = Noise(without=["personal_data"]).flags(rows)["flags"].list.len() > 0
        assert float(flagged.mean() or 0) < most  # type: ignore[arg-type]


def test_what_is_left_in_the_sample_workspace_is_what_was_planted(expo_noise: dict[str, Any]) -> None:
    """The recipe has no cleaner for them: rows typed to try a form, and a site's own lines."""
    assert expo_noise["rows"] > 3_000
    assert expo_noise["flagged"] < 0.01 * expo_noise["rows"]


@pytest.fixture(scope="module")
def expo_noise(expo: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    from curate.run import open_run

    run = open_run(expo)
    corpora = sorted({step.corpus for step in run.steps if step.phase == "dedupe" and step.corpus != "*"})
    tables = [[step for step in run.of(name) if step.phase == "dedupe"][-1].table for name in corpora]
    found: dict[str, Any] = Noise().measure(tables, tmp_path_factory.mktemp("noise"))["metrics"]
    return found
