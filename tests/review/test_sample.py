"""Who is drawn: shares exactly, at random within strata, stably; who comes first; how many there should be."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.review.sample import NARROW, Sample, choose_rows, draw, narrow
from tests.review.pair_tables import frame, pair, table

SCHEMA = dict.fromkeys(NARROW, pl.String) | {"score": pl.Float64}


def narrow_pairs(count: int, start: int = 0, **more: Any) -> pl.DataFrame:
    common = {
        "corpus": "c",
        "task": "t",
        "question": "q",
        "origin": "llm",
        "kind": "sft",
        "split": "train",
    } | more
    rows = [{"pair_id": f"{common['corpus']}:{start + n}#{common['task']}"} | common for n in range(count)]
    return pl.DataFrame(rows, schema=SCHEMA)


def drawn(pairs: pl.DataFrame, **options: Any) -> set[str]:
    return set(draw(pairs, Sample(**options))[0].filter("drawn")["pair_id"])


SHARES = [("1", 100), (1.0, 100), ("100%", 100), (0.02, 2), ("1/3", 34), (0.15, 15), ("0.5%", 1)]


@pytest.mark.parametrize(("share", "size"), SHARES)
def test_a_share_is_exact_and_rounded_up(share: Any, size: int) -> None:
    assert len(drawn(narrow_pairs(100), llm=share)) == size


@pytest.mark.parametrize("share", [1.1, -0.1, True, "viel", None])
def test_what_is_no_share_is_refused(share: Any) -> None:
    with pytest.raises(ValidationError, match="比例"):
        Sample(llm=share)


@pytest.mark.parametrize(
    ("options", "told"), [({"llm": 0}, "三个比例都是 0"), ({"uncertain": 1}, "uncertain 不能是 1")]
)
def test_a_sample_that_says_nothing_is_refused(options: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Sample(**options)


def test_an_origin_that_is_not_named_is_not_drawn_but_a_models() -> None:
    both = pl.concat([narrow_pairs(5), narrow_pairs(5, origin="template", task="u")])
    assert drawn(both) == {f"c:{n}#t" for n in range(5)}
    assert drawn(both, llm=0, template=1) == {f"c:{n}#u" for n in range(5)}


def test_each_stratum_has_one_at_least() -> None:
    parts = [narrow_pairs(400), narrow_pairs(1, corpus="d"), narrow_pairs(3, task="u")]
    chosen, plan = draw(pl.concat(parts), Sample(llm=0.01))
    assert dict(chosen.filter("drawn").group_by("corpus", "task").len().select(pl.concat_str("corpus", "task"), "len").iter_rows()) == {
        "ct": 4, "dt": 1, "cu": 1,
    }  # fmt: skip
    assert [(one["stratum"], one["pairs"], one["drawn"]) for one in plan["strata"]] == [
        ("llm | c | t | unscored", 400, 4),
        ("llm | c | u | unscored", 3, 1),
        ("llm | d | t | unscored", 1, 1),
    ]


def test_the_draw_depends_on_ids_alone() -> None:
    pairs = narrow_pairs(200)
    assert drawn(pairs.reverse(), llm=0.1) == drawn(pairs, llm=0.1)
    assert drawn(pairs, llm=0.1, seed="other") != drawn(pairs, llm=0.1)


def test_more_pairs_leave_those_in_that_were_drawn() -> None:
    before, after = drawn(narrow_pairs(1_000), llm=0.1), drawn(narrow_pairs(1_050), llm=0.1)
    # 50 more than 1,000 drive out 10 of 100 at the very most, and about 5 on average
    assert len(before & after) >= 90
    assert len(after) == 105


def test_a_larger_share_holds_the_smaller_one() -> None:
    assert drawn(narrow_pairs(500), llm=0.05) < drawn(narrow_pairs(500), llm=0.2)


def test_a_few_pairs_more_do_not_move_the_bands() -> None:
    random.seed(5)
    scored = narrow_pairs(300).with_columns(
        pl.Series("score", [random.randint(40, 100) / 100 for _ in range(300)])
    )
    more = narrow_pairs(6, start=300).with_columns(pl.lit(0.41).alias("score"))
    first, plan = draw(scored, Sample(llm=0.1))
    second, other = draw(pl.concat([scored, more]), Sample(llm=0.1))
    assert plan["bands"] == other["bands"] == {"llm": [0.6, 0.8]}
    assert first.group_by("of_stratum").len().height == 3
    kept = set(first.filter("drawn")["pair_id"]) & set(second.filter("drawn")["pair_id"])
    assert len(kept) >= first["drawn"].sum() - 2


def test_the_uncertain_come_first_and_unscored_ones_last() -> None:
    pairs = narrow_pairs(4).with_columns(pl.Series("score", [0.9, None, 0.5, 0.7]))
    chosen, _ = draw(pairs, Sample())
    assert chosen.sort("turn")["pair_id"].to_list() == ["c:2#t", "c:3#t", "c:0#t", "c:1#t"]


def test_a_random_order_does_not_follow_the_score() -> None:
    pairs = narrow_pairs(50).with_columns((pl.int_range(50) / 50).alias("score"))
    chosen, _ = draw(pairs, Sample(order="random"))
    assert chosen.sort("turn")["score"].is_sorted() is False
    assert sorted(chosen["turn"]) == list(range(50))


def test_the_error_rate_of_the_sample_is_that_of_all_though_bad_ones_come_first() -> None:
    """Rows with a low score are wrong; a choice by uncertainty would put the rate at 100 %."""
    random.seed(2)
    wrong = [random.random() < 0.3 for _ in range(4_000)]
    pairs = narrow_pairs(4_000).with_columns(pl.Series("score", [0.2 if one else 0.9 for one in wrong]))
    chosen, plan = draw(pairs, Sample(llm=0.1, by=["corpus"], uncertain="0.5"))
    mine = chosen.filter("drawn").with_columns((pl.col("score") < 0.5).alias("wrong"))
    at_random = mine.filter(~pl.col("stratum").str.starts_with("uncertain"))
    assert mine.height == 400
    assert at_random.height == plan["origins"][0]["random"] == 200
    assert at_random["wrong"].mean() == pytest.approx(sum(wrong) / 4_000, abs=0.1)
    assert mine.filter(pl.col("stratum").str.starts_with("uncertain"))["wrong"].all()


def test_where_all_are_drawn_none_is_picked_for_its_score() -> None:
    chosen, _ = draw(narrow_pairs(10).with_columns(pl.lit(0.5).alias("score")), Sample(uncertain="0.5"))
    assert chosen["drawn"].all()
    assert not chosen["stratum"].str.starts_with("uncertain").any()


def test_most_cuts_all_strata_alike_and_leaves_each_its_first() -> None:
    parts = [narrow_pairs(600), narrow_pairs(300, task="u"), narrow_pairs(2, task="v")]
    chosen, plan = draw(pl.concat(parts), Sample(most=31))
    counts = dict(chosen.filter("drawn").group_by("task").len().iter_rows())
    assert plan["drawn"] == 31
    assert counts["v"] >= 1
    assert counts["t"] == pytest.approx(2 * counts["u"], abs=2)


def test_most_keeps_the_part_that_is_picked_for_low_scores() -> None:
    pairs = narrow_pairs(1_000).with_columns((pl.int_range(1_000) / 1_000).alias("score"))
    chosen, _ = draw(pairs, Sample(llm=0.5, by=[], uncertain="0.4", most=100))
    picked = chosen.filter(pl.col("stratum").str.starts_with("uncertain"))
    assert picked.height == pytest.approx(40, abs=1)
    assert picked["score"].max() < 0.2


def test_the_plan_says_what_would_be_enough() -> None:
    pairs = pl.concat(
        [
            narrow_pairs(1_000),
            narrow_pairs(50, origin="template", task="u"),
            narrow_pairs(9, origin="real", task="v"),
        ]
    )
    _, plan = draw(pairs, Sample(llm=0.05, template=1))
    told = {one["origin"]: (one["drawn"], one["needed"], one["enough"]) for one in plan["origins"]}
    # Cochran's 385 with the correction for 1,000 is 278; the exact interval wants a few more
    assert told["llm"][0] == 50
    assert 278 <= told["llm"][1] <= 300
    assert told["llm"][2] is False
    assert told["template"] == (50, told["template"][1], True)
    assert told["real"][2] is None


def test_no_pairs_no_sample() -> None:
    chosen, plan = draw(narrow_pairs(0), Sample())
    assert (chosen.height, plan["drawn"], plan["origins"], plan["strata"]) == (0, 0, [], [])


def test_the_narrow_columns_of_all_tables(tmp_path: Path) -> None:
    tables = [
        table(tmp_path / name, frame(pair(f"{name}:1#q"), pair(f"{name}:2#q")), name, 2) for name in "ab"
    ]
    assert narrow(tables)["pair_id"].to_list() == ["a:1#q", "a:2#q", "b:1#q", "b:2#q"]
    assert narrow([]).schema == narrow(tables).schema


def test_rows_are_chosen_whole_and_stay_when_others_come(tmp_path: Path) -> None:
    def rows(count: int) -> pl.DataFrame:
        return pl.DataFrame(
            [
                {"row_id": f"c:{n}", "text": f"第{n}行", "split": "train" if n % 4 else None}
                for n in range(count)
            ]
        )

    few = choose_rows(table(tmp_path / "few", rows(40), shards=3), 10)
    many = choose_rows(table(tmp_path / "many", rows(42), shards=2), 10)
    assert few.columns == ["row_id", "text", "split"]
    assert few["text"].to_list() == ["第" + row.removeprefix("c:") + "行" for row in few["row_id"]]
    assert len(set(few["row_id"]) & set(many["row_id"])) >= 8
    assert (
        choose_rows(table(tmp_path / "few", rows(40)), 10, "other")["row_id"].to_list()
        != few["row_id"].to_list()
    )
    trained = choose_rows(table(tmp_path / "few", rows(40)), 99, where=pl.col("split").is_not_null())
    assert trained.height == 30
