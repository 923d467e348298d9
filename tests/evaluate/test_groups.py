"""The online A/B test: stable groups in their shares, and no conclusion before its time."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from curate.errors import CurateError
from curate.evaluate import assign, compare_ratings, ratings_text
from curate.evaluate.groups import BUCKETS, Ratings, mismatch

HALVES = {"old": 0.5, "new": 0.5}
MANY = pl.Series([f"user{number}" for number in range(20_000)])


@given(st.lists(st.text("甲乙丙ab:1", max_size=6), min_size=1, max_size=9), st.text("实验ab:", max_size=4))
def test_the_bucket_is_a_hash_that_any_language_can_compute(users: list[str], experiment: str) -> None:
    found = assign(pl.Series(users), experiment, HALVES)
    wanted = [
        int(hashlib.sha256(f"{experiment}:{user}".encode()).hexdigest()[:8], 16) % 10_000 for user in users
    ]
    assert found.columns == ["user", "bucket", "group"]
    assert found["user"].to_list() == users
    assert found["bucket"].to_list() == wanted
    assert found["group"].to_list() == ["old" if bucket < 5000 else "new" for bucket in wanted]


def test_groups_come_in_their_shares_and_a_larger_share_moves_nobody_else() -> None:
    shares = {"old": 0.7, "new": 0.2, "other": 0.1}
    found = assign(MANY, "r1", shares)
    counts = dict(found["group"].value_counts().iter_rows())
    assert mismatch(counts, shares) > 0.001
    assert counts["old"] == pytest.approx(14_000, abs=300)
    grown = assign(MANY, "r1", {"old": 0.8, "new": 0.2})
    assert (grown.filter(found["group"] == "old")["group"] == "old").all()


def test_buckets_are_uniform_and_unrelated_between_experiments() -> None:
    from scipy.stats import chisquare

    one, two = (assign(MANY, name, HALVES) for name in ("r1", "r2"))
    seen = np.bincount(one["bucket"].to_numpy() * 100 // BUCKETS, minlength=100)
    assert float(chisquare(seen).pvalue) > 0.001
    both = np.bincount((one["bucket"] // 5000 * 2 + two["bucket"] // 5000).to_numpy(), minlength=4)
    assert float(chisquare(both).pvalue) > 0.001
    assert abs(float(np.corrcoef(one["bucket"], two["bucket"])[0, 1])) < 0.03


def test_ids_may_be_numbers_and_one_group_takes_all() -> None:
    found = assign(pl.Series([7, 8]), "r1", {"all": 1.0})
    assert found["group"].to_list() == ["all", "all"]
    assert found["bucket"].to_list() == assign(pl.Series(["7", "8"]), "r1", HALVES)["bucket"].to_list()


@pytest.mark.parametrize("shares", [{}, {"old": 0.5, "new": 0.6}, {"old": 1.0, "new": 0.0}])
def test_shares_that_do_not_add_up_are_refused(shares: dict[str, float]) -> None:
    with pytest.raises(CurateError, match="加起来是 1"):
        assign(MANY, "r1", shares)


def test_a_user_without_an_id_is_refused() -> None:
    with pytest.raises(CurateError, match="1 个用户没有编号"):
        assign(pl.Series(["a", None]), "r1", HALVES)


@pytest.mark.parametrize(
    ("counts", "p"),
    [
        ({"old": 500, "new": 500}, 1.0),
        ({"old": 550, "new": 450}, 0.0015654),  # chi-square 10, one degree of freedom
        ({"old": 1000}, 0.0),
        ({}, 1.0),
    ],
)
def test_a_sample_ratio_mismatch_is_a_chi_square_test(counts: dict[str, int], p: float) -> None:
    assert mismatch(counts, HALVES) == pytest.approx(p, abs=1e-7)


def ratings(users: int = 800, better: float = 0.0, hours: float = 80.0, seed: int = 1) -> pl.DataFrame:
    """Three ratings a user, in 1..5 about 3.5; the group "new" likes it better."""
    generator = np.random.default_rng(seed)
    people = assign(MANY[:users], "r1", HALVES)
    taste = 3.5 + better * (people["group"] == "new").to_numpy() + generator.normal(0, 0.8, users)
    start = datetime(2026, 3, 5)
    return pl.DataFrame(
        {
            "user": people["user"].to_list() * 3,
            "rating": np.tile(taste, 3) + generator.normal(0, 0.3, users * 3),
            "time": [start + timedelta(hours=hours * at / (users * 3 - 1)) for at in range(users * 3)],
        }
    )


def result(rows: pl.DataFrame) -> Ratings:
    return compare_ratings(rows, "r1", HALVES)


@pytest.mark.parametrize(
    ("rows", "verdict", "told"),
    [
        (ratings(better=0.4), "better", "比对照组好（p < 0.01）"),
        (ratings(better=-0.4), "worse", "比对照组差"),
        (ratings(), "open", "看不出差别"),
        (ratings(better=0.4, hours=71.9), "too_early", "数据不满 72 小时"),
        (ratings(better=0.4).drop("time"), "no_times", "没有 time 列"),
        (ratings(users=2), "too_few", "有一组不到 2 人"),
    ],
)
def test_what_may_be_concluded(rows: pl.DataFrame, verdict: str, told: str) -> None:
    found = result(rows)
    assert [effect.verdict for effect in found.effects] == [verdict]
    assert told in ratings_text(found)


def test_lost_users_forbid_a_conclusion() -> None:
    rows = ratings(better=0.4)
    group = assign(rows["user"], "r1", HALVES)["group"]
    kept = rows.filter((group == "old") | (rows["user"].str.ends_with("1")))
    found = result(kept)
    assert found.effects[0].verdict == "mismatch"
    assert "各组人数与比例不符" in ratings_text(found)


def test_effect_interval_and_p_are_welchs_by_scipy() -> None:
    from scipy.stats import ttest_ind

    rows = ratings(better=0.15)
    people = rows.group_by("user").agg(pl.col("rating").mean()).sort("user")
    people = people.with_columns(assign(people["user"], "r1", HALVES)["group"])
    new, old = (people.filter(pl.col("group") == name)["rating"].to_numpy() for name in ("new", "old"))
    wanted = ttest_ind(new, old, equal_var=False)
    low, high = wanted.confidence_interval(0.99)
    effect = result(rows).effects[0]
    assert effect.p == pytest.approx(wanted.pvalue)
    assert (effect.low, effect.high) == pytest.approx((low, high))
    assert effect.difference == pytest.approx(new.mean() - old.mean())
    assert effect.d == pytest.approx(effect.difference / ((new.var(ddof=1) + old.var(ddof=1)) / 2) ** 0.5)


def test_a_user_counts_once_however_often_he_rates() -> None:
    rows = ratings(users=200)
    often = pl.concat([rows, *[rows.filter(pl.col("user") == rows["user"][0])] * 50])
    assert result(often).effects[0].p == pytest.approx(result(rows).effects[0].p)


def test_ratings_that_do_not_vary_give_a_plain_answer() -> None:
    rows = ratings(users=200).with_columns(rating=pl.lit(3.0))
    assert (result(rows).effects[0].p, result(rows).effects[0].verdict) == (1.0, "open")


def test_texts_read_as_times_and_rows_without_value_are_counted() -> None:
    rows = ratings(better=0.4).with_columns(pl.col("time").dt.strftime("%Y-%m-%d %H:%M:%S"))
    holes = rows.with_columns(
        rating=pl.when(pl.int_range(pl.len()) < 5).then(None).otherwise(pl.col("rating").cast(pl.String))
    )
    found = result(holes)
    assert found.skipped == 5
    assert found.hours == pytest.approx(80, abs=0.5)
    assert "5 条评分" in ratings_text(found)
    assert found.as_json()["effects"][0]["verdict"] == "better"


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        (pl.DataFrame({"user": ["a"]}), "缺少列：rating"),
        (pl.DataFrame({"user": ["a"], "rating": ["很好"]}), "读不懂的值"),
        (pl.DataFrame({"user": ["a"], "rating": [5], "time": ["昨天"]}), "读不懂的值"),
    ],
)
def test_ratings_that_do_not_read_are_refused(rows: pl.DataFrame, told: str) -> None:
    with pytest.raises(CurateError, match=told):
        result(rows)


def test_several_groups_share_the_level() -> None:
    found = compare_ratings(ratings(), "r1", {"old": 0.5, "new": 0.25, "other": 0.25})
    assert found.alpha == pytest.approx(0.005)
    assert [effect.group for effect in found.effects] == ["new", "other"]
