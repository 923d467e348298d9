"""Balance: large categories are cut, small ones repeated, a model's pairs never; and the weights for a trainer."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.mix import Mix, carry_out, decide, weights_of
from curate.mix.balance import class_weights, imbalance
from tests.mix.tables import LLM, REAL, TEST, pair, tables

OFF: dict[str, Any] = {"near": {"origins": []}, "decontaminate": {"origins": []}}


def mixed(folder: Path, pairs: list[dict[str, Any]], **options: Any) -> tuple[pl.DataFrame, dict[str, Any]]:
    """(pairs that are left with their repetitions, figures)."""
    made = tables(folder, pairs)
    told, figures = decide(made, Mix(**OFF, **options))
    outcomes = [carry_out(frame, told) for table in made for frame in table.frames()]
    kept, dropped = (pl.concat(getattr(one, side) for one in outcomes) for side in ("kept", "dropped"))
    assert kept["pair_id"].str.replace("~[0-9]+$", "").n_unique() + dropped.height == len(pairs), (
        "none is lost"
    )
    assert kept["pair_id"].is_unique().all()
    return kept, figures


def labelled(**counts: int) -> list[dict[str, Any]]:
    return [pair(f"c:{name}{n}#kind", label=name) for name, count in counts.items() for n in range(count)]


def rows(kept: pl.DataFrame, column: str = "label") -> dict[str, int]:
    return dict(kept.filter(split="train").drop_nulls(column)[column].value_counts().iter_rows())


@pytest.mark.parametrize(
    ("balance", "counts"),
    [
        ({"max": 4}, {"a": 4, "b": 3, "c": 1}),
        ({"min": 5}, {"a": 8, "b": 5, "c": 3}),
        ({"min": 5, "times": 5}, {"a": 8, "b": 5, "c": 5}),
        ({"min": 2, "max": 3}, {"a": 3, "b": 3, "c": 2}),
        ({"min": 9, "times": 1}, {"a": 8, "b": 3, "c": 1}),
        ({}, {"a": 8, "b": 3, "c": 1}),
    ],
)
def test_categories_are_cut_and_filled_up(
    tmp_path: Path, balance: dict[str, int], counts: dict[str, int]
) -> None:
    kept, figures = mixed(tmp_path, labelled(a=8, b=3, c=1), balance={"by": "label", **balance})
    assert rows(kept) == counts
    assert figures["before"]["categories"] == {"a": 8, "b": 3, "c": 1}
    assert figures["after"]["categories"] == counts
    assert bool(figures["messages"]) is any(count < balance.get("min", 0) for count in counts.values())


def test_repetitions_are_dealt_out_evenly_and_named_after_the_pair(tmp_path: Path) -> None:
    kept, _ = mixed(tmp_path, labelled(a=3), balance={"by": "label", "min": 7, "times": 5})
    times = Counter(name.split("~")[0] for name in kept["pair_id"])
    assert sorted(times.values()) == [2, 2, 3]
    assert kept["pair_id"].str.contains("~").sum() == 4
    assert kept.filter(pl.col("pair_id").str.ends_with("~2"))["output"].str.contains("的答案").all()


def test_a_models_pairs_are_never_repeated_and_go_first(tmp_path: Path) -> None:
    pairs = [
        pair("c:1#k", label="a", score=1.0, **LLM), pair("c:2#k", label="a"), pair("c:3#k", label="a", **REAL),
        pair("c:4#k", label="b", **LLM), pair("c:5#k", label="b", **TEST),
    ]  # fmt: skip
    kept, figures = mixed(tmp_path, pairs, balance={"by": "label", "min": 4, "max": 2, "times": 9})
    assert set(kept["pair_id"]) >= {"c:2#k", "c:3#k", "c:4#k", "c:5#k"}
    assert "c:1#k" not in set(kept["pair_id"])
    assert rows(kept) == {"a": 4, "b": 1}, "b has a model's pair only, and the test set's is not repeated"
    assert len(figures["messages"]) == 1
    assert "只有 1 条，不到 4" in figures["messages"][0]


def test_a_category_may_be_an_expression_over_the_pairs(tmp_path: Path) -> None:
    pairs = [pair(f"c:{n}#q", task="big" if n < 6 else "small") for n in range(8)]
    kept, _ = mixed(tmp_path, pairs, balance={"by": "CASE WHEN task = 'big' THEN 'x' END", "max": 2})
    assert rows(kept, "task") == {"big": 2, "small": 2}, "a pair without a category is left alone"


@pytest.mark.parametrize(
    ("by", "told"), [("lable", "没有 lable 这一列"), ("label) FROM x", "分类"), ("(SELECT 1)", "子查询"), ("output", "output")]
)  # fmt: skip
def test_an_expression_that_cannot_be_computed_is_told_at_once(by: str, told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Mix(balance={"by": by})


@pytest.mark.parametrize(
    ("options", "share", "reached"),
    [
        ({"below": 3, "share": 0.2}, 3 / 11, True),
        ({"below": 3, "share": "0.4"}, 0.4, True),
        ({"below": 3, "share": 0.4, "times": 2}, 3 / 11 * 2 / (14 / 11), True),
        ({"below": 3, "share": 0.6, "times": 2}, 6 / 14, False),
        ({"below": "1/3", "share": 0.2, "times": 9}, 0.2, True),
    ],
    ids=["there are enough", "repeated", "as often as it may be", "not often enough", "the rarest third"],
)
def test_rare_categories_make_up_their_share(
    tmp_path: Path, options: dict[str, Any], share: float, reached: bool
) -> None:
    kept, figures = mixed(tmp_path, labelled(a=8, b=2, c=1), long_tail={"by": "label", **options})
    rare = kept.filter(pl.col("label").is_in(["c"] if options["below"] == "1/3" else ["b", "c"])).height
    assert figures["long_tail"]["rows"] == rare
    assert (rare >= Fraction(str(options["share"])) * kept.height) is reached
    assert bool(figures["messages"]) is not reached
    assert rare / kept.height == pytest.approx(share, abs=0.05)


def test_general_pairs_are_no_category(tmp_path: Path) -> None:
    pairs = [*labelled(a=4, b=1), *(pair(f"g:{n}#q", corpus="g", label="g") for n in range(9))]
    _, figures = mixed(
        tmp_path,
        pairs,
        balance={"by": "label", "max": 4},
        long_tail={"by": "label", "below": 2},
        general={"corpus": "g"},
    )
    assert figures["before"]["categories"] == {"a": 4, "b": 1}
    assert figures["long_tail"] == {"below": 2, "categories": 1, "rows": 1, "share": 0.2}


@pytest.mark.parametrize(
    ("counts", "ratio", "evenness"),
    [({"a": 5, "b": 5}, 1.0, 1.0), ({"a": 9, "b": 1}, 9.0, 0.469), ({"a": 7}, 1.0, 1.0), ({}, None, None)],
)
def test_imbalance(counts: dict[str, int], ratio: float | None, evenness: float | None) -> None:
    assert imbalance(counts) == {
        "categories": counts,
        "ratio": ratio,
        "evenness": evenness and pytest.approx(evenness, abs=1e-3),
    }


def test_balanced_weights_are_those_of_scikit_learn() -> None:
    """n_samples / (n_classes * count), as ``compute_class_weight("balanced", …)`` documents it."""
    assert class_weights({"a": 90, "b": 9, "c": 1}) == {"a": 0.37037, "b": 3.703704, "c": 33.333333}


def test_effective_weights_rise_more_slowly_and_have_the_mean_1() -> None:
    counts = {"a": 5000, "b": 100, "c": 1}
    weights = class_weights(counts, "effective")
    assert weights["a"] < weights["b"] < weights["c"]
    assert sum(weights.values()) / 3 == pytest.approx(1)
    assert weights["c"] / weights["a"] < 5000


def test_the_weights_are_those_of_the_training_set_as_it_is(tmp_path: Path) -> None:
    pairs = [*labelled(a=3, b=1), pair("c:t#kind", label="b", **TEST)]
    mix = Mix(balance={"by": "label"})
    assert mix.balance is not None
    found = weights_of(tables(tmp_path, pairs), mix.balance, None)
    assert found["weights"] == {"a": pytest.approx(4 / 6, abs=1e-6), "b": 2.0}
