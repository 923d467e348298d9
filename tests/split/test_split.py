"""split: where a row goes, and that it stays there."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.errors import CurateError
from curate.rows import SPLITS
from curate.split import Ratios, Split, Tier


def numbered(count: int, start: int = 0, group: int = 1, corpus: str = "c") -> pl.DataFrame:
    """``count`` rows, ``group`` of them in one cluster."""
    ids = [f"{corpus}:{number}" for number in range(start, start + count)]
    clusters = [f"{corpus}:{number // group * group}" for number in range(start, start + count)]
    return pl.DataFrame({"row_id": ids, "corpus": corpus, "cluster_id": clusters, "copies": 1})


def news(**columns: list[Any]) -> pl.DataFrame:
    return numbered(len(next(iter(columns.values())))).with_columns(
        **{k: pl.Series(v) for k, v in columns.items()}
    )


@pytest.mark.parametrize(
    ("rules", "default", "tiers"),
    [
        ({}, "primary", ["primary"] * 3),
        ({}, "both", ["both"] * 3),
        ({"secondary": ["year < 2023"]}, "primary", ["secondary", "primary", "primary"]),
        ({"primary": ["year >= 2024"]}, "secondary", ["secondary", "primary", "secondary"]),
        ({"both": ["city = '上海'"]}, "primary", ["both", "primary", "primary"]),
        (
            {"primary": ["year < 2023"], "secondary": ["city = '上海'"]},
            "secondary",
            ["both", "secondary", "secondary"],
        ),
        (
            {"primary": ["year < 2023"], "both": ["year < 2023"]},
            "secondary",
            ["both", "secondary", "secondary"],
        ),
        ({"secondary": ["year < 2023", "city = '广州'"]}, "primary", ["secondary", "secondary", "primary"]),
        ({"secondary": ["nowhere = 'x'"]}, "primary", ["primary"] * 3),
        ({"secondary": ["nowhere is null"]}, "primary", ["secondary"] * 3),
        ({"secondary": ["corpus = 'c' and year < 2023"]}, "primary", ["secondary", "primary", "primary"]),
        ({"secondary": ["tier = 'both'"]}, "both", ["secondary"] * 3),
        ({"secondary": ["city <> '上海'"]}, "primary", ["primary", "secondary", "primary"]),
    ],
    ids=[
        *(
            "no rules",
            "no rules, both",
            "secondary",
            "primary",
            "both",
            "two lists are both",
            "primary and both",
        ),
        *(
            "any of a list",
            "an absent column is null",
            "and can be asked for",
            "by corpus",
            "by its own tier",
        ),
        "null fulfils nothing",
    ],
)
def test_a_row_goes_where_the_rules_say(rules: dict[str, list[str]], default: Tier, tiers: list[str]) -> None:
    rows = news(year=[2020, 2026, None], city=["上海", "广州", None])
    outcome = Split.model_validate(rules).apply(rows, default)
    assert outcome.kept["tier"].to_list() == tiers
    assert outcome.dropped.is_empty()


def test_only_rows_that_train_have_a_split() -> None:
    rows = Split(secondary=["n < 50"], both=["n >= 90"]).apply(news(n=list(range(100))), "primary").kept
    assert rows.filter(tier="secondary")["split"].null_count() == 50
    assert rows.filter(pl.col("tier") != "secondary")["split"].null_count() == 0
    assert rows.columns[-2:] == ["tier", "split"]


@pytest.mark.parametrize(
    "ratios", [(0.9, 0.05, 0.05), (0.8, 0.1, 0.1), (0.5, 0.5, 0), (1, 0, 0), (0.34, 0.33, 0.33)]
)
def test_the_shares_are_right_within_five_deviations(ratios: tuple[float, float, float]) -> None:
    count = 20_000
    unit = Split(ratios=Ratios(**dict(zip(SPLITS, ratios, strict=True))))
    found = Counter(unit.apply(numbered(count), "primary").kept["split"])
    for name, share in zip(SPLITS, ratios, strict=True):
        assert abs(found[name] - count * share) <= 5 * math.sqrt(count * share * (1 - share))


def test_a_group_never_spans_two_parts() -> None:
    rows = (
        Split(ratios=Ratios(train=0.4, validation=0.3, test=0.3))
        .apply(numbered(3000, group=3), "primary")
        .kept
    )
    assert rows.group_by("cluster_id").agg(pl.col("split").n_unique())["split"].to_list() == [1] * 1000
    assert set(rows["split"]) == set(SPLITS)


def test_a_group_over_two_corpora_is_in_one_part() -> None:
    unit = Split(ratios=Ratios(train=0.4, validation=0.3, test=0.3))
    one = numbered(300)
    other = numbered(300, corpus="d").with_columns(cluster_id=one["cluster_id"])
    assert unit.apply(one, "primary").kept["split"].equals(unit.apply(other, "both").kept["split"])


def test_no_row_moves_when_others_come() -> None:
    old = Split().apply(numbered(1000), "primary").kept
    new = Split().apply(numbered(1200).sample(fraction=1, shuffle=True, seed=1), "primary").kept
    both = old.join(new, on="row_id", suffix="_new")
    assert both.height == 1000
    assert both["split"].equals(both["split_new"])


def test_raising_the_share_of_test_moves_no_row_into_train() -> None:
    small = Split(ratios=Ratios(train=0.9, validation=0.05, test=0.05)).apply(numbered(1000), "primary").kept
    large = Split(ratios=Ratios(train=0.8, validation=0.1, test=0.1)).apply(numbered(1000), "primary").kept
    assert not ((small["split"] != "train") & (large["split"] == "train")).any()


def test_another_seed_is_another_division() -> None:
    first, second = (
        Split(seed=seed).apply(numbered(1000), "primary").kept["split"] for seed in ("", "it's 2")
    )
    # two independent draws of 0.9, 0.05, 0.05 differ in a row with a chance of 0.185
    assert 100 < (first != second).sum() < 280
    assert Split(seed="a").fingerprint() != Split().fingerprint()


def test_no_rows_are_no_error() -> None:
    rows = Split(secondary=["n > 1"]).apply(news(n=[1]).clear(), "primary").kept
    assert rows.schema["split"] == rows.schema["tier"] == pl.String


@pytest.mark.parametrize(
    "condition",
    [
        "city =",
        "city = '上海'; drop table x",
        "(select 1) = 1",
        "city in (select x from read_csv('a'))",
        "*",
        "",
        "count(*) over () > 1",
    ],
)
def test_a_condition_that_is_none_is_refused(condition: str) -> None:
    with pytest.raises(ValidationError, match="条件写法有误"):
        Split(secondary=[condition])


@pytest.mark.parametrize(
    "condition", ["city > 3 + interval 1 day", "no_such_function(city)", "city::DATE > '2020-01-01'"]
)
def test_a_condition_that_cannot_be_computed_names_itself(condition: str) -> None:
    with pytest.raises(CurateError, match="规则算不出来") as error:
        Split(secondary=[condition]).apply(news(city=["上海", "广州"]), "primary")
    assert condition in error.value.problem


@pytest.mark.parametrize(
    ("ratios", "told"),
    [
        ({"train": 0.9, "validation": 0.05, "test": 0.1}, "加起来是 1.05"),
        ({"train": 0.5}, "加起来是 0.6"),
        ({"train": 0, "validation": 0.5, "test": 0.5}, "greater than 0"),
    ],
)
def test_shares_that_do_not_add_up_are_refused(ratios: dict[str, float], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Split.model_validate({"ratios": ratios})
