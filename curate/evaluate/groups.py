"""An online A/B test: who sees which model, and whether their ratings differ."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import polars as pl

from curate.errors import CurateError
from curate.language import say
from curate.sql import ask

BUCKETS = 10_000
#: a test of the shares below this p means that users got lost on the way (Fabijan et al. 2019)
MISMATCH = 0.001
#: p below which two groups differ, and the time a test must run (hours), from the plan for going online
ALPHA = 0.01
LEAST_HOURS = 72.0

Verdict = Literal["better", "worse", "open", "too_early", "no_times", "mismatch", "too_few"]


def assign(user_ids: pl.Series, experiment: str, shares: dict[str, float]) -> pl.DataFrame:
    """Bucket and group of each user, in the order given: columns user, bucket (0..9999), group.

    The bucket is the first 32 bits of SHA-256 of ``experiment:user`` modulo 10,000: the same on every machine,
    and independent between experiments. Groups take buckets from 0 upwards by their shares, in their order.

    Raises:
        CurateError: the shares do not add up to 1, or a user has no id.
    """
    _check_shares(shares)
    users = user_ids.cast(pl.String).alias("user").to_frame()
    if user_ids.null_count():
        raise CurateError(
            say(f"有 {user_ids.null_count()} 个用户没有编号", f"{user_ids.null_count()} users have no id"),
            say("先去掉没有编号的记录", "take out the records without one first"),
        )
    text = pl.DataFrame({"text": users.select(pl.lit(f"{experiment}:") + pl.col("user")).to_series()})
    found = ask("SELECT substr(sha256(text), 1, 8) AS digest FROM users", users=text)
    bucket = found["digest"].str.to_integer(base=16, dtype=pl.Int64) % BUCKETS
    return users.with_columns(bucket.alias("bucket")).with_columns(_group(shares).alias("group"))


def _group(shares: dict[str, float]) -> pl.Expr:
    names = list(shares)
    chosen: Any = pl
    end = 0.0
    for name in names[:-1]:
        end += shares[name]
        chosen = chosen.when(pl.col("bucket") < round(end * BUCKETS)).then(pl.lit(name))
    last = pl.lit(names[-1])
    group: pl.Expr = chosen.otherwise(last) if len(names) > 1 else last
    return group


def _check_shares(shares: dict[str, float]) -> None:
    if not shares or min(shares.values()) <= 0 or not math.isclose(sum(shares.values()), 1, abs_tol=1e-9):
        raise CurateError(
            say(
                f"各组的比例应当都大于 0，加起来是 1：{shares}",
                f"shares must be above 0 and add up to 1: {shares}",
            ),
            say("例如 {'old': 0.5, 'new': 0.5}", "for example {'old': 0.5, 'new': 0.5}"),
        )


def mismatch(users: dict[str, int], shares: dict[str, float]) -> float:
    """The p of a chi-square test that the users came in these shares; below ``MISMATCH`` the test is broken."""
    from scipy.stats import chisquare

    total = sum(users.values())
    if total == 0 or len(shares) < 2:
        return 1.0
    seen, wanted = [users.get(name, 0) for name in shares], [share * total for share in shares.values()]
    return float(chisquare(seen, wanted).pvalue)


@dataclass(frozen=True)
class Effect:
    """A group against the control: mean rating a user, the difference with its interval at 1 - alpha, Welch's p,
    and Cohen's d. ``verdict`` says what may be concluded.
    """

    group: str
    users: int
    mean: float
    difference: float
    low: float | None
    high: float | None
    p: float | None
    d: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Ratings:
    """What the ratings show. ``hours``: from the first to the last, None without times; ``alpha`` is already
    divided by the number of groups compared (Bonferroni); ``shares_p``: see ``mismatch``.
    """

    control: str
    control_users: int
    control_mean: float
    hours: float | None
    least_hours: float
    alpha: float
    shares_p: float
    skipped: int
    effects: list[Effect]

    def as_json(self) -> dict[str, Any]:
        found = {name: value for name, value in vars(self).items() if name != "effects"}
        return {**found, "effects": [dict(vars(effect)) for effect in self.effects]}


def compare(
    ratings: pl.DataFrame,
    experiment: str,
    shares: dict[str, float],
    *,
    least_hours: float = LEAST_HOURS,
    alpha: float = ALPHA,
) -> Ratings:
    """Compare the groups' ratings by Welch's t-test on each user's mean; the first group is the control.

    Args:
        ratings: columns user, rating, and time (a datetime, or ISO text), without which nothing is concluded.
        experiment: as given to ``assign``.
        shares: as given to ``assign``.

    Raises:
        CurateError: a column is missing or holds something else.
    """
    _check_shares(shares)
    given = _checked(ratings)
    rated = given.drop_nulls(["user", "rating"])
    hours = _hours(rated)
    people = rated.group_by("user").agg(pl.col("rating").mean()).sort("user")
    people = people.with_columns(assign(people["user"], experiment, shares)["group"])
    of = {name: people.filter(pl.col("group") == name)["rating"] for name in shares}
    p_shares = mismatch({name: len(values) for name, values in of.items()}, shares)
    control, *others = shares
    level = alpha / max(len(others), 1)
    early = _early(hours, least_hours, p_shares)
    return Ratings(
        control,
        len(of[control]),
        _mean(of[control]),
        hours,
        least_hours,
        level,
        p_shares,
        given.height - rated.height,
        [_effect(name, of[name], of[control], level, early) for name in others],
    )


def _early(hours: float | None, least: float, p_shares: float) -> Verdict | None:
    """Why nothing may be concluded yet."""
    if p_shares < MISMATCH:
        return "mismatch"
    if hours is None:
        return "no_times"
    return "too_early" if hours < least else None


def _effect(name: str, mine: pl.Series, control: pl.Series, alpha: float, early: Verdict | None) -> Effect:
    from scipy.stats import t

    counts = len(mine), len(control)
    difference = _mean(mine) - _mean(control)
    if min(counts) < 2:
        return Effect(name, len(mine), _mean(mine), difference, None, None, None, None, early or "too_few")
    spread = _variance(mine) / counts[0], _variance(control) / counts[1]
    error = math.sqrt(sum(spread))
    if error == 0:
        p, reach = (1.0 if difference == 0 else 0.0), 0.0
    else:
        # Welch (1947), degrees of freedom by Satterthwaite; scipy's ttest_ind warns where nothing varies
        free = sum(spread) ** 2 / sum(part**2 / (n - 1) for part, n in zip(spread, counts, strict=True))
        p = float(2 * t.sf(abs(difference) / error, free))
        reach = float(t.ppf(1 - alpha / 2, free)) * error
    pooled = math.sqrt((_variance(mine) + _variance(control)) / 2)
    shown: Verdict = "open" if p >= alpha else ("better" if difference > 0 else "worse")
    low, high = difference - reach, difference + reach
    d = difference / pooled if pooled else None
    return Effect(name, len(mine), _mean(mine), difference, low, high, p, d, early or shown)


def _mean(values: pl.Series) -> float:
    found = values.mean()
    return found if isinstance(found, float) else math.nan


def _variance(values: pl.Series) -> float:
    found = values.var()
    return found if isinstance(found, float) else math.nan


def _checked(ratings: pl.DataFrame) -> pl.DataFrame:
    """The columns user, rating and time in their types."""
    missing = [name for name in ("user", "rating") if name not in ratings.columns]
    if missing:
        raise CurateError(
            say(f"评分表缺少列：{'、'.join(missing)}", f"the ratings lack columns: {', '.join(missing)}"),
            say("要有 user、rating，最好还有 time", "they need user and rating, and better time too"),
        )
    time = pl.lit(None, pl.Datetime)
    if "time" in ratings.columns:
        time = pl.col("time").cast(pl.String).str.to_datetime(time_zone="UTC", strict=True)
    try:
        rating = pl.col("rating").cast(pl.Float64)
        found = ratings.select(pl.col("user").cast(pl.String), rating.fill_nan(None), time.alias("time"))
    except pl.exceptions.PolarsError as error:
        raise CurateError(
            say(f"评分表里有读不懂的值：{error}", f"the ratings hold values that do not read: {error}"),
            say(
                "rating 写成数字，time 写成 2026-03-05 14:30:00",
                "write ratings as numbers and times as 2026-03-05 14:30:00",
            ),
        ) from error
    return found


def _hours(ratings: pl.DataFrame) -> float | None:
    first, last = ratings["time"].min(), ratings["time"].max()
    if first is None or last is None:
        return None
    span: Any = last - first  # type: ignore[operator]
    return float(span / timedelta(hours=1))
