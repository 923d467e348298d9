"""Planted drift is found, and none is found where there is none."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from curate.drift import Limits, Measure, compare, judged
from curate.drift.changed import Rows, changed_rows
from curate.files import write_parquet
from curate.rows import Table

LIMITS = Limits()
WORDS = [
    "展会",
    "观众",
    "展商",
    "会议",
    "论坛",
    "物流",
    "搭建",
    "签约",
    "灯光",
    "音响",
    "合作",
    "发布",
    "采购",
    "报名",
    "场馆",
    "交通",
]
NEW_WORDS = ["芯片", "算力", "模型", "训练", "推理", "机器人", "显卡", "智能体"]


def texts(rows: int, seed: int, words: list[str] = WORDS) -> list[str]:
    draw = np.random.default_rng(seed)
    return [f"第{seed}{n}届" + "".join(draw.choice(words, 12)) for n in range(rows)]


def frame(rows: int, seed: int, **columns: Any) -> pl.DataFrame:
    draw = np.random.default_rng(seed)
    made = {
        "row_id": [f"expo:{seed}-{n}" for n in range(rows)],
        "area": draw.lognormal(8, 1, rows),
        "stars": draw.integers(1, 6, rows),
        "city": draw.choice(["北京", "上海", "广州"], rows, p=[0.5, 0.3, 0.2]),
        "text": texts(rows, seed),
    }
    return pl.DataFrame({**made, **columns})


def table(folder: Path, rows: pl.DataFrame) -> Table:
    file = folder / f"{len(list(folder.iterdir()))}.parquet"
    write_parquet(file, rows)
    return Table("expo", (file,))


def told(folder: Path, one: pl.DataFrame, two: pl.DataFrame, new_only: bool = False) -> dict[tuple[str, str], Measure]:  # fmt: skip
    found = compare("expo", table(folder, one), table(folder, two), LIMITS, new_only=new_only)
    return {(measure.kind, measure.column): measure for measure in judged(found, LIMITS)}


DRAW = np.random.default_rng(0)
PLANTED: dict[str, tuple[dict[str, Any], tuple[str, str], str]] = {
    "numbers": ({"area": DRAW.lognormal(8.5, 1, 800)}, ("number", "area"), "alarm"),
    "shares": ({"city": DRAW.choice(["北京", "上海", "广州"], 800, p=[0.1, 0.3, 0.6])}, ("category", "city"), "alarm"),
    "somewhat other shares": ({"city": DRAW.choice(["北京", "上海", "广州"], 800, p=[0.32, 0.36, 0.32])}, ("category", "city"), "watch"),
    "a new value": ({"city": DRAW.choice(["北京", "上海", "深圳"], 800, p=[0.5, 0.3, 0.2])}, ("category", "city"), "alarm"),
    "empty cells": ({"area": [None] * 400 + [3000.0] * 400}, ("empty", "area"), "alarm"),
    "longer texts": ({"text": [text * 2 for text in texts(800, 2)]}, ("length", "text"), "alarm"),
    "new words": ({"text": texts(800, 2, WORDS[:4] + NEW_WORDS)}, ("vocabulary", "text"), "alarm"),
    "unlikely texts": ({"text": texts(800, 2, WORDS[:4] + NEW_WORDS)}, ("perplexity", "text"), "alarm"),
    "another type": ({"stars": ["五星"] * 800}, ("columns", "stars"), "alarm"),
    "a new column": ({"phone": ["1"] * 800}, ("columns", "phone"), "watch"),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_planted_drift_is_found(what: str, tmp_path: Path) -> None:
    columns, place, level = PLANTED[what]
    assert told(tmp_path, frame(800, 1), frame(800, 2, **columns))[place].level == level


def test_rows_of_the_same_kind_have_not_drifted(tmp_path: Path) -> None:
    """50 comparisons of three columns each; by chance 2 or 3 of them would have an alarm."""
    alarms = Counter[bool]()
    for seed in range(50):
        one, two = (frame(400, 2 * seed + side).drop("text") for side in range(2))
        levels = {measure.level for measure in told(tmp_path, one, two).values()}
        alarms["alarm" in levels] += 1
        assert "few" not in levels
    assert alarms[True] <= 8


def test_texts_of_the_same_kind_have_not_drifted(tmp_path: Path) -> None:
    found = told(tmp_path, frame(1500, 1), frame(1500, 2))
    assert {measure.level for measure in found.values()} == {"stable"}


def test_words_that_came_and_went_are_named(tmp_path: Path) -> None:
    figures = told(tmp_path, frame(800, 1), frame(800, 2, text=texts(800, 2, WORDS[:4] + NEW_WORDS)))["vocabulary", "text"].figures  # fmt: skip
    more, fewer = ([term["term"] for term in figures[side]] for side in ("more", "fewer"))
    assert {"芯片", "算力", "机器人"} <= set(more)
    assert {"物流", "签约"} <= set(fewer)


def test_few_rows_say_that_they_are_few(tmp_path: Path) -> None:
    found = told(tmp_path, frame(20, 1), frame(20, 2))
    assert {measure.level for measure in found.values()} == {"few"}
    assert all(not measure.figures for measure in found.values())


def test_a_sure_but_small_difference_is_no_drift(tmp_path: Path) -> None:
    one, two = (pl.DataFrame({"row_id": [f"expo:{n}" for n in range(200_000)], "area": DRAW.normal(shift, 1, 200_000)}) for shift in (0, 0.03))  # fmt: skip
    measure = told(tmp_path, one, two)["number", "area"]
    assert measure.figures["p_adjusted"] < 0.001
    assert measure.figures["d"] < LIMITS.ks
    assert measure.level == "stable"


def test_a_great_but_unsure_difference_is_no_drift(tmp_path: Path) -> None:
    area = [float(n) for n in range(40)]
    one, two = frame(40, 1, area=area).drop("text"), frame(40, 2, area=[n + 6 for n in area]).drop("text")
    measure = told(tmp_path, one, two)["number", "area"]
    assert measure.figures["d"] > 0.1
    assert measure.level == "stable"


def test_a_key_and_a_free_text_are_not_compared(tmp_path: Path) -> None:
    rows = [pl.DataFrame({"row_id": [f"expo:{n}" for n in range(at, at + 300)], "id": range(at, at + 300), "intro": [f"{n}" for n in range(300)]}) for at in (0, 9000)]  # fmt: skip
    assert told(tmp_path, *rows) == {}


def test_a_small_batch_is_compared_alone_where_asked(tmp_path: Path) -> None:
    one = frame(2000, 1).drop("text")
    two = pl.concat([one, frame(60, 2, area=DRAW.lognormal(9.5, 1, 60)).drop("text")])
    assert told(tmp_path, one, two)["number", "area"].level == "stable"
    alone = told(tmp_path, one, two, new_only=True)["number", "area"]
    assert (alone.level, alone.before, alone.after) == ("alarm", 2000, 60)


def test_rows_that_came_went_or_changed_are_counted(tmp_path: Path) -> None:
    one = pl.DataFrame(
        {"row_id": ["a", "b", "c"], "x": [1, 2, None], "copies": [1, 1, 1], "split": ["train"] * 3}
    )
    two = pl.DataFrame(
        {"row_id": ["b", "d", "c"], "x": [2, 2, 5], "copies": [9, 1, 1], "split": ["test"] * 3}
    )
    # a row that stands for more copies, or moved to another split, has the same values
    assert changed_rows(table(tmp_path, one), table(tmp_path, two)) == Rows(3, 3, 1, 1, 1)
