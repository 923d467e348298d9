"""The bootstrap: intervals cover what they should, and resamples are of whole clusters."""

from __future__ import annotations

import numpy as np
import pytest

from curate.evaluate.bootstrap import interval, resampled, two_sided


def test_the_same_sums_give_the_same_resamples_in_any_number_of_draws(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sums = np.random.default_rng(1).normal(size=(50, 3))
    whole = resampled(sums)
    assert whole.shape == (1000, 3)
    monkeypatch.setattr("curate.evaluate.bootstrap._DRAWS", 50 * 7)
    assert np.allclose(resampled(sums), whole)


def test_a_resample_draws_as_many_clusters_whole() -> None:
    # a cluster of two questions, both right, and one of a single wrong one
    drawn = resampled(np.array([[2.0, 2.0, 1.0], [0.0, 1.0, 1.0]]))
    assert set(map(tuple, drawn.tolist())) == {(4.0, 4.0, 2.0), (2.0, 3.0, 2.0), (0.0, 2.0, 2.0)}


def test_the_interval_of_a_mean_is_that_of_the_normal_distribution() -> None:
    values = np.random.default_rng(2).normal(0.6, 0.2, size=400)
    low, high = interval(resampled(np.c_[values, np.ones(400)])[:, 0] / 400) or (0, 0)
    error = values.std() / 20
    assert low == pytest.approx(values.mean() - 1.96 * error, abs=0.15 * error)
    assert high == pytest.approx(values.mean() + 1.96 * error, abs=0.15 * error)


def test_intervals_cover_the_truth_about_95_times_in_100_when_rows_have_several_questions() -> None:
    generator = np.random.default_rng(3)
    covered = naive = 0
    for _ in range(200):
        # five questions a row that share the row's luck: mean 0.5, and not independent
        rows = generator.normal(0.5, 0.2, size=60)
        answers = rows[:, None] + generator.normal(0, 0.05, size=(60, 5))
        low, high = interval(resampled(answers.sum(1, keepdims=True), 400)[:, 0] / 300) or (0, 0)
        covered += low <= 0.5 <= high
        low, high = interval(resampled(answers.reshape(-1, 1), 400)[:, 0] / 300) or (0, 0)
        naive += low <= 0.5 <= high
    assert 180 <= covered <= 199
    assert naive < 150


@pytest.mark.parametrize(
    ("differences", "p"),
    [
        ([0.0] * 999, 1.0),
        ([1.0] * 999, 2 / 1000),
        ([-1.0] * 999, 2 / 1000),
        ([1.0] * 989 + [-1.0] * 10, 22 / 1000),
        ([1.0, -1.0], 1.0),
        ([1.0] * 999 + [float("nan")] * 5, 2 / 1000),
    ],
)
def test_p_counts_the_resamples_on_the_rarer_side_of_zero(differences: list[float], p: float) -> None:
    assert two_sided(np.array(differences)) == pytest.approx(p)


def test_nothing_known_has_no_interval() -> None:
    assert interval(np.full(10, np.nan)) is None
