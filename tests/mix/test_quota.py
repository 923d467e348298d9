"""Quotas: a model's pairs of one row, one question, one task are limited; the better stay."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from curate.mix.form import Quota
from curate.mix.quota import over_quota
from curate.pairs import PAIR
from tests.mix.tables import LLM, REAL, TEST, pair


def left_out(pairs: list[dict[str, Any]], **quota: Any) -> set[str]:
    found = over_quota(pl.DataFrame(pairs, schema=PAIR), Quota(**quota))
    assert found["detail"].str.contains("最多").all()
    return set(found["pair_id"])


SCORED = [pair(f"c:1#q{n}", score=n / 10, **LLM) for n in range(5)]


@pytest.mark.parametrize(
    ("quota", "gone"),
    [
        ({"row": 5}, set()),
        ({"row": 3}, {"c:1#q0", "c:1#q1"}),
        ({"row": None}, set()),
        ({"row": None, "task": 4}, {"c:1#q0"}),
        ({"row": None, "task": 0.4}, {"c:1#q0", "c:1#q1", "c:1#q2"}),
        ({"row": None, "question": 1}, set()),
        ({"row": 3, "task": 2}, {"c:1#q0", "c:1#q1", "c:1#q2"}),
        ({"row": 1, "origins": ["template"]}, set()),
    ],
    ids=[
        "as many",
        "a row",
        "none",
        "a task",
        "a share of a task",
        "each is another question",
        "several",
        "others",
    ],
)
def test_the_lowest_scores_go(quota: dict[str, Any], gone: set[str]) -> None:
    assert left_out(SCORED, **quota) == gone


def test_a_question_type_is_one_of_a_task_of_a_corpus() -> None:
    same = [pair(f"c:{n}#what", score=n / 10, **LLM) for n in range(3)]
    other = [pair("d:1#what", corpus="d", **LLM), pair("c:9#what", task="u", **LLM)]
    assert left_out([*same, *other], question=2) == {"c:0#what"}


def test_without_scores_the_hash_of_the_id_decides_whatever_the_order() -> None:
    unscored = [pair(f"c:1#q{n}", **LLM) for n in range(6)]
    one = left_out(unscored, row=2)
    assert len(one) == 4
    assert left_out(unscored[::-1], row=2) == one


def test_only_a_models_training_pairs_are_limited() -> None:
    pairs = [pair("c:1#a"), pair("c:1#b", **REAL), pair("c:1#c", **LLM, **TEST), pair("c:1#d", **LLM)]
    assert left_out(pairs, row=1) == set()
