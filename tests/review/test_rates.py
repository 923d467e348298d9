"""rates: error rates speak of all pairs, and say how sure they are; scores are held against what people decided."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from sklearn.metrics import roc_auc_score
from statsmodels.stats.proportion import proportion_confint

from curate.review.rates import foretold, rates_of, wilson
from tests.review.small_votes import items

VALUES = ("accept", "edit", "reject")


def decided(values: list[str | None]) -> pl.DataFrame:
    names = [str(number) for number in range(len(values))]
    return pl.DataFrame({"item_id": names, "value": values}, {"item_id": pl.String, "value": pl.String})


def sample(values: list[str | None], **columns: Any) -> tuple[pl.DataFrame, pl.DataFrame]:
    return items(*(str(number) for number in range(len(values))), **columns), decided(values)


@pytest.mark.parametrize(("right", "number"), [(0, 5), (1, 7), (9, 10), (45, 50), (50, 50), (300, 1000)])
def test_the_interval_is_wilsons(right: int, number: int) -> None:
    assert wilson(right / number, number) == pytest.approx(
        proportion_confint(right, number, method="wilson"), abs=1e-12
    )


def test_rates_are_told_of_all_and_of_each_group_the_worst_first() -> None:
    found = rates_of(
        *sample(["accept", "reject", "edit", "accept", "accept", None], task=["qa", "qa", "qa", "faq", "faq", "faq"], origin="llm"),
        VALUES, {},
    )  # fmt: skip
    assert found["values"] == ["accept", "edit", "reject"]
    (whole,) = found["all"]
    assert (whole["items"], whole["shares"]["accept"]) == (5, [0.6, *wilson(0.6, 5)])
    assert [(line["group"], line["items"]) for line in found["groups"]["task"]] == [("qa", 3), ("faq", 2)]
    assert [line["group"] for line in found["groups"]["origin"]] == ["llm"]
    assert found["groups"]["prompt"] == [], "nothing is known of prompts"


def test_a_source_with_a_single_item_is_not_blamed() -> None:
    found = rates_of(*sample(["reject", "reject", "edit"], source=["r1", "r2", "r2"]), VALUES, {})
    assert [line["group"] for line in found["groups"]["source"]] == ["r2"]


def test_items_picked_for_their_low_score_say_nothing_of_the_others() -> None:
    found = rates_of(*sample(["reject", "accept"], stratum=["uncertain | llm", "llm"]), VALUES, {})
    assert (found["left_out"], found["all"][0]["items"], found["all"][0]["shares"]["accept"][0]) == (
        1,
        1,
        1.0,
    )


def test_strata_weigh_by_their_size() -> None:
    # 900 pairs of a template, of which 2 were seen, and 100 of a model, of which 2 were seen
    frames = sample(["accept", "accept", "reject", "accept"], stratum=["t", "t", "m", "m"])
    found = rates_of(*frames, VALUES, {"t": 900, "m": 100, "unseen": 50})
    (whole,) = found["all"]
    assert found["weighted"]
    assert whole["shares"]["reject"][0] == pytest.approx(0.05)
    number = 1000**2 / (2 * 450**2 + 2 * 50**2)
    assert whole["shares"]["reject"][1:] == pytest.approx(wilson(0.05, number)), "Kish's effective number"
    assert not rates_of(*frames, VALUES, {"t": 900})["weighted"], "a stratum of unknown size"


def test_the_judge_is_held_against_people() -> None:
    values = ["accept", "accept", "reject", "accept", "edit", "reject", "accept", None]
    scores = [0.9, 0.8, 0.8, 0.75, 0.5, 0.3, 1.0, 0.1]
    found = foretold(*sample(values, judge=scores), "judge")
    assert found is not None
    expected = roc_auc_score([value == "accept" for value in values[:7]], scores[:7])
    assert found["auc"] == pytest.approx(expected)
    assert 0 <= found["low"] < found["auc"] < found["high"] <= 1
    assert found["means"] == pytest.approx({"accept": 0.8625, "edit": 0.5, "reject": 0.55})
    assert found["by_score"] == [
        {"tenth": 3, "items": 1, "accepted": 0.0},
        {"tenth": 5, "items": 1, "accepted": 0.0},
        {"tenth": 7, "items": 1, "accepted": 1.0},
        {"tenth": 8, "items": 2, "accepted": 0.5},
        {"tenth": 9, "items": 2, "accepted": 1.0},
    ]


@pytest.mark.parametrize(
    ("values", "scores"), [([], []), (["accept"], [None]), (["same", "different"], [0.5, 0.6])]
)
def test_without_scores_or_acceptance_there_is_nothing_to_compare(
    values: list[str], scores: list[float | None]
) -> None:
    assert foretold(*sample(list(values), judge=scores), "judge") is None


def test_without_a_rejected_one_there_is_no_auc() -> None:
    found = foretold(*sample(["accept", "accept"], judge=[0.5, 1.0]), "judge")
    assert found is not None
    assert found["auc"] is None


def test_rates_of_nothing() -> None:
    found = rates_of(*sample([]), VALUES, {})
    assert (found["values"], found["all"]) == ([], [])
