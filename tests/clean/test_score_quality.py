"""score_quality: a number a row, with a reason; better when it has learned from the user's own text."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest

from curate.clean.score_quality import ScoreQuality
from curate.dedupe import Prefer
from curate.errors import CurateError
from curate.split import Split

WORDS = [
    "展览会",
    "观众",
    "参展企业",
    "上海",
    "广州",
    "国际",
    "照明",
    "论坛",
    "签约",
    "开幕",
    "主办方",
    "增长",
    "面积",
    "专区",
    "今年",
    "超过",
]
TIES = ["在", "的", "和", "将", "与", "已", "比", "对"]


def prose(seed: int) -> str:
    draw = random.Random(seed)
    return "，".join("".join(f"{draw.choice(WORDS)}{draw.choice(TIES)}{draw.choice(WORDS)}" for _ in range(3)) for _ in range(4)) + "。"  # fmt: skip


def frames(texts: int = 600, size: int = 250) -> Iterator[pl.DataFrame]:
    for start in range(0, texts, size):
        yield pl.DataFrame(
            {"text": [prose(seed) for seed in range(start, min(texts, start + size))] + [None]}
        )


@pytest.fixture(scope="module")
def learned(tmp_path_factory: pytest.TempPathFactory) -> ScoreQuality:
    folder = tmp_path_factory.mktemp("model")
    unit = ScoreQuality(learn_from=["news"])
    metrics = unit.learn(frames(), folder)
    assert metrics["rows"] == 603
    assert metrics["shuffled"] > 1
    return unit.learned(folder)


def scores(unit: ScoreQuality, *texts: str | None) -> list[tuple[float, str | None]]:
    rows = pl.DataFrame({"text": pl.Series(texts, dtype=pl.String)})
    return [(row[0], row[1]) for row in unit.apply(rows).kept.select("quality", "quality_why").iter_rows()]


def test_a_score_and_its_reason_are_added_behind_the_columns() -> None:
    rows = pl.DataFrame({"text": [prose(1), "测试", None], "tier": ["a", "b", "c"]})
    made = ScoreQuality().apply(rows)
    assert made.kept.columns == ["text", "tier", "quality", "quality_why"]
    assert made.kept.schema["quality"] == pl.Float64
    assert made.kept["quality"].to_list() == [1.0, 0.0, 0.0]
    assert made.kept["quality_why"].to_list() == [None, "trial", "letters"]
    assert made.dropped.height == 0


def test_without_a_model_nonsense_of_usual_characters_passes() -> None:
    assert scores(ScoreQuality(learn_from=["news"]), "会览展众观海上坛论幕开长增积面区专")[0][0] == 1.0


def test_with_one_it_does_not_but_its_own_kind_of_text_does(learned: ScoreQuality) -> None:
    new, mixed, random_han = scores(
        learned, prose(10_001), "".join(random.Random(2).sample(prose(3), 40)), "齉龘靐麤爨龖驫鱻麣厵灪籲釁"
    )
    assert new == (1.0, None)
    assert mixed[0] < 0.5 and mixed[1] == "gibberish"
    assert random_han == (0.0, "gibberish")


def test_a_short_text_is_no_gibberish(learned: ScoreQuality) -> None:
    assert scores(learned, "齉龘靐麤爨龖驫鱻") == [(1.0, None)]


def test_rows_below_the_limit_go_and_say_why() -> None:
    rows = pl.DataFrame({"text": [prose(1), "测试数据", "好评" * 30]})
    made = ScoreQuality(min_quality=0.3).apply(rows)
    assert made.kept.height == 1
    assert made.dropped.select("reason", "detail").rows() == [
        ("low_quality", "0.0 trial"),
        ("low_quality", "0.0 repeated_phrase"),
    ]


def test_later_phases_can_use_the_score() -> None:
    rows = pl.DataFrame({"text": [prose(1), "测试"], "cluster_id": ["a:1", "a:2"]})
    scored = ScoreQuality().apply(rows).kept
    routed = Split(secondary=["quality < 0.3"]).apply(scored, "primary").kept
    assert routed["tier"].to_list() == ["primary", "secondary"]
    assert scored.select(Prefer(column="quality").value(scored.schema)).to_series().to_list() == [1.0, 0.0]


def test_features_can_be_left_out() -> None:
    english = "The exhibition opened yesterday with two thousand companies"
    assert scores(ScoreQuality(), english) == [(0.0, "chinese")]
    assert scores(ScoreQuality(without=["chinese"]), english) == [(1.0, None)]


def test_scoring_twice_is_scoring_once_and_rows_stand_alone(learned: ScoreQuality) -> None:
    rows = pl.DataFrame({"text": [prose(5), "测试", None, "好评" * 30, "龘" * 20]})
    once = learned.apply(rows).kept
    assert learned.apply(once).kept.equals(once)
    assert pl.concat(learned.apply(rows[place]).kept for place in range(5)).equals(once)


def test_no_rows_get_the_columns_too(learned: ScoreQuality) -> None:
    empty = learned.apply(pl.DataFrame(schema={"text": pl.String})).kept
    assert dict(empty.schema) == {"text": pl.String, "quality": pl.Float64, "quality_why": pl.String}


def test_the_same_rows_teach_the_same_bytes(tmp_path: Path) -> None:
    unit = ScoreQuality(learn_from=["news"])
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        unit.learn(frames(300), tmp_path / name)
    for file in ("characters.parquet", "levels.json"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_too_little_text_teaches_nothing(tmp_path: Path) -> None:
    with pytest.raises(CurateError, match=r"learn_from（news） 一共只有|一共只有 \d+ 个字"):
        ScoreQuality(learn_from=["news"]).learn(frames(20), tmp_path)
