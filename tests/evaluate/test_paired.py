"""Two models: a planted difference is found, and none where there is none."""

from __future__ import annotations

import json
import random
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from curate.errors import CurateError
from curate.evaluate import Comparison, Scores, compare_text, score
from curate.evaluate.paired import compared, differences
from curate.evaluate.words import verdict
from tests.evaluate.conftest import RIGHT, TASKS, Release, make_release, predicted, task, write_lines

ROWS = 120
MANY = [
    task(row, "facts", f"展会有 {row + 1000} 家企业。", facts=[str(row + 1000)], id=f"expo:{row}#{part}",
         corpus=("expo", "news")[row % 2])
    for row in range(ROWS) for part in "ab"
]  # fmt: skip


@cache
def model(folder: Path, right: float, seed: int) -> Scores:
    """A model that answers this share of the questions, about ``MANY``."""
    chance = random.Random(seed)
    answers = [row["reference"] if chance.random() < right else "有很多家企业。" for row in MANY]
    return score(write_lines(folder / f"{seed}.jsonl", predicted(*answers, tasks=MANY)), folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_release(tmp_path_factory.mktemp("many"), MANY)


def test_a_planted_difference_is_found_on_either_side(folder: Path) -> None:
    good, bad = model(folder, 0.8, 1), model(folder, 0.5, 2)
    forth, back = compared(good, bad), compared(bad, good)
    assert (forth.outcome, back.outcome) == ("better", "worse")
    points = forth.differences["points"]
    assert points.value == pytest.approx(0.3, abs=0.1)
    assert points.low is not None and points.high is not None and points.p is not None
    assert 0 < points.low < points.value < points.high
    assert points.p < 0.01
    mirrored = back.differences["points"]
    assert (mirrored.low, mirrored.high) == pytest.approx((-points.high, -points.low))
    assert forth.differences["facts_found"].value == pytest.approx(points.value)
    assert all(part["points"].value > 0 for part in forth.parts["corpus"].values())
    assert sum(part["points"].questions for part in forth.parts["corpus"].values()) == len(MANY)
    assert forth.needed < len(MANY)


def test_equal_models_differ_as_often_as_p_allows(folder: Path) -> None:
    rows = model(folder, 0.6, 1).rows
    generator = np.random.default_rng(5)
    p = []
    for _ in range(40):
        # answers about one row share its luck, as in real data
        one, other = (np.repeat(generator.random(ROWS) < 0.6, 2).astype(float) for _ in "12")
        first, second = (rows.with_columns(pl.Series("points", values)) for values in (one, other))
        p.append(differences(first, second)["points"].p or 0)
    # 40 tests at 0.05: more than six come about once in 100 times, and the seed is fixed
    assert sum(value < 0.05 for value in p) <= 6
    assert np.median(p) > 0.25


def test_a_model_against_itself_does_not_differ_at_all(folder: Path) -> None:
    same = model(folder, 0.6, 1)
    found = compared(same, same)
    assert found.outcome == "open"
    assert {(one.value, one.low, one.high, one.p) for one in found.differences.values()} == {
        (0.0, 0.0, 0.0, 1.0)
    }
    assert found.most == []


def test_p_and_interval_are_near_those_of_a_paired_t_test(folder: Path) -> None:
    from scipy.stats import ttest_rel

    one, other = model(folder, 0.65, 1), model(folder, 0.58, 2)
    by_row = [
        scores.rows.group_by("parent").agg(pl.col("points").mean()).sort("parent")["points"]
        for scores in (one, other)
    ]
    expected = ttest_rel(*by_row)
    low, high = expected.confidence_interval()
    points = compared(one, other).differences["points"]
    assert points.p == pytest.approx(expected.pvalue, abs=0.02)
    assert (points.low, points.high) == pytest.approx((low, high), abs=0.02)


def test_the_verdict_is_one_sentence(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good, bad, like = model(folder, 0.8, 1), model(folder, 0.5, 2), model(folder, 0.5, 4)
    assert verdict(compared(good, bad)).startswith("数据有用：甲比乙高")
    assert verdict(compared(bad, good)).startswith("甲比乙差：低")
    open_ = compared(bad, like)
    assert open_.needed > len(MANY)
    assert verdict(open_).startswith("看不出差别")
    assert f"大约需要 {open_.needed} 题" in verdict(open_)
    assert verdict(compared(good, good)).endswith("每道题两边得分都一样")
    monkeypatch.setenv("CURATE_LANG", "en")
    assert verdict(compared(good, bad)).startswith("the data help: A is")
    assert "no difference can be shown" in verdict(open_)


def test_the_questions_that_differ_most_come_with_both_answers(release: Release) -> None:
    folder = release()

    def scores(name: str, *answers: str) -> Scores:
        return score(write_lines(folder / name, predicted(*answers)), folder)

    found: Comparison = compared(
        scores("a.jsonl", *RIGHT), scores("b.jsonl", "在上海", "服装", RIGHT[2], RIGHT[3])
    )
    assert [(row["id"], row["difference"]) for row in found.most] == [
        ("expo:1#classification", 1.0),
        ("expo:1#facts", 0.5),
    ]
    text = compare_text(found)
    assert text.startswith(verdict(found))
    for told in [TASKS[0]["prompt"], "甲   食品机械", "乙   服装", "没有按比较的次数校正"]:
        assert told in text, told
    told = found.as_json()
    assert json.loads(json.dumps(told)) == told
    assert told["differences"]["points"]["difference"] == pytest.approx(0.375)


def test_answers_to_other_questions_are_not_compared(folder: Path, release: Release) -> None:
    one = model(folder, 0.5, 1)
    other = release()
    with pytest.raises(CurateError, match="不是同一批题"):
        compared(one, score(write_lines(other / "p.jsonl", predicted(*RIGHT)), other))
