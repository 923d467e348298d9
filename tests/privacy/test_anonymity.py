"""A corpus made k-anonymous: what is generalised, what is suppressed, what is dropped, and what the figures say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from pydantic import ValidationError

from curate.errors import CurateError, GateFailed
from curate.files import write_parquet
from curate.privacy import Anonymize, Privacy
from curate.rows import Table
from tests.privacy.carried import PEOPLE, carry, people

MANY: list[tuple[int | None, str | None, int]] = [
    (31, "南京市", 6), (33, "苏州市", 6), (36, "杭州市", 6), (52, "广州市", 6), (57, "深圳市", 6),
]  # fmt: skip


def smallest(rows: pl.DataFrame) -> int:
    return int(rows.group_by("age", "city").len()["len"].min())  # type: ignore[arg-type]


def test_rows_that_are_alike_in_enough_others_stay_as_they_are(tmp_path: Path) -> None:
    rows = people(MANY)
    told = carry(tmp_path, rows)
    assert {name: about["level"] for name, about in told.decided.metrics["levels"].items()} == {
        "age": 0,
        "city": 0,
    }
    assert told.decided.metrics["loss"] == 0
    assert told.decided.metrics["precision"] == 1
    assert told.rows.select("age", "city").equals(rows.select("age", "city"))
    assert told.rows["name"].null_count() == rows.height


def test_columns_are_generalised_until_every_class_has_k_rows(tmp_path: Path) -> None:
    told = carry(tmp_path, people([(age, city, 3) for age, city, _ in MANY]), max_suppressed=0)
    assert smallest(told.rows) == told.measured["smallest"] >= 5
    assert told.measured["short"] == 0
    assert told.rows.schema["city"] == pl.String
    assert 0 < told.decided.metrics["loss"] < 1
    assert told.measured["distinct_before"] == {"age": 5, "city": 5}


def test_generalised_numbers_are_text_and_text_is_made_anew(tmp_path: Path) -> None:
    rows = people([(age, "南京市", 2) for age in (30, 31, 32, 33, 34)])
    told = carry(tmp_path, rows, "{{age}}岁，{{city}}")
    assert told.rows["age"].unique().to_list() == ["30–34"]
    assert told.rows["text"].unique().to_list() == ["30–34岁，南京市"]


def test_a_few_short_classes_are_suppressed_rather_than_everything_generalised(tmp_path: Path) -> None:
    told = carry(
        tmp_path, people([*MANY, (88, "拉萨市", 1), (91, "喀什市", 1), (14, "三沙市", 3)]), max_suppressed=0.2
    )
    assert {name: about["level"] for name, about in told.decided.metrics["levels"].items()} == {
        "age": 0,
        "city": 0,
    }
    assert (told.decided.metrics["suppressed"], told.decided.metrics["dropped"]) == (5, False)
    gone = told.rows.filter(pl.col("age").is_null())
    assert (gone.height, gone["city"].null_count(), told.dropped.height) == (5, 5, 0)
    assert told.measured["smallest"] == 5


def test_suppressed_rows_that_are_fewer_than_k_are_dropped_with_the_reason(tmp_path: Path) -> None:
    told = carry(tmp_path, people([*MANY, (88, "拉萨市", 2)]), max_suppressed=0.2)
    assert told.dropped.select("reason", "detail", "age").unique().rows() == [
        ("k_anonymity", "隐去以后也凑不满 5 行", 88)
    ]
    assert told.done.reasons == {"k_anonymity": 2}
    assert told.measured["smallest"] == 6


def test_suppressed_rows_join_those_of_which_nothing_was_known(tmp_path: Path) -> None:
    told = carry(tmp_path, people([*MANY, (None, None, 5), (88, "拉萨市", 1)]), max_suppressed=0.1)
    assert told.dropped.height == 0
    assert told.rows.filter(pl.col("age").is_null(), pl.col("city").is_null()).height == 6


def test_a_null_is_a_value_of_its_own(tmp_path: Path) -> None:
    told = carry(tmp_path, people([(31, None, 6), (31, "南京市", 6)]))
    assert told.measured["classes"] == 2
    assert told.measured["distinct"] == {"age": 1, "city": 2}


def test_values_that_a_level_does_not_know_are_suppressed_and_counted(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 3), (32, "苏州市", 3), (33, "Atlantis", 6)])
    told = carry(tmp_path, rows, max_suppressed=0, quasi={"city": {"division": ["province"]}})
    assert told.decided.metrics["levels"]["city"]["name"] == "province"
    assert told.decided.metrics["levels"]["city"]["unknown"] == 6
    assert sorted(told.rows["city"].unique().to_list(), key=str) == [None, "江苏省"]


def test_the_same_rows_in_another_order_and_other_shards_are_decided_alike(tmp_path: Path) -> None:
    rows = people([(20 + number, city, 1) for number in range(30) for city in ("南京市", "杭州市")])
    one = carry(tmp_path / "a", rows, max_suppressed=0.1)
    two = carry(tmp_path / "b", rows.reverse(), shards=5, max_suppressed=0.1)
    assert one.decided.metrics == two.decided.metrics | {"checked": one.decided.metrics["checked"]}
    assert one.rows.sort("row_id").equals(two.rows.sort("row_id"))


def test_l_diversity_is_reported_and_kept_where_it_is_asked_for(tmp_path: Path) -> None:
    rows = people([(31, "南京市", 6), (32, "南京市", 6)]).with_columns(
        pl.when(pl.col("age") == 31).then(pl.lit("家居")).otherwise("interests").alias("interests")
    )
    told = carry(tmp_path / "a", rows)
    assert told.measured["diversity"]["interests"] == {"distinct": 1, "entropy": 1.0}
    asked = carry(tmp_path / "b", rows, l=2, max_suppressed=0)
    assert asked.rows["age"].unique().to_list() == ["30–34"]
    assert asked.measured["diversity"]["interests"]["distinct"] == 3


def test_measures_are_those_of_the_papers(tmp_path: Path) -> None:
    told = carry(tmp_path, people([(31, "南京市", 6), (52, "广州市", 10)])).measured
    assert told["average"] == pytest.approx(16 / 2 / 5)
    assert told["discernibility"] == 6**2 + 10**2
    assert told["sizes"] == [6, 10]


def test_the_gate_stops_a_corpus_that_is_too_small(tmp_path: Path) -> None:
    told = carry(tmp_path, people([(31, "南京市", 4)]))
    with pytest.raises(GateFailed, match="只有 4 行，k 是 5") as raised:
        Anonymize.model_validate(PEOPLE).gate(told.decided.metrics)
    assert raised.value.gate == "privacy"
    # carried out all the same (a trial), nothing of the quasi-identifiers is left
    assert told.rows["age"].null_count() == told.rows["city"].null_count() == 4


def test_the_gate_stops_where_nothing_reaches_l(tmp_path: Path) -> None:
    rows = people(MANY).with_columns(interests=pl.lit("家居"))
    told = carry(tmp_path, rows, l=2)
    with pytest.raises(GateFailed, match="不足 2 种值"):
        Anonymize.model_validate(PEOPLE | {"l": 2}).gate(told.decided.metrics)


def test_the_gate_stops_where_too_much_is_lost_and_says_what_the_best_is(tmp_path: Path) -> None:
    told = carry(tmp_path, people([(20 + 7 * number, "南京市", 1) for number in range(8)]), max_suppressed=0)
    with pytest.raises(GateFailed, match=r"age → 全部隐去.*|age → 20"):
        Anonymize.model_validate(PEOPLE | {"max_loss": 0.01}).gate(told.decided.metrics)


def test_a_result_that_is_not_k_anonymous_never_passes(tmp_path: Path) -> None:
    told = carry(tmp_path, people(MANY))
    with pytest.raises(GateFailed, match="仍有 3 行"):
        Anonymize.model_validate(PEOPLE).gate_measured(told.measured | {"short": 3, "smallest": 3})


def test_columns_that_nobody_declared_are_told(tmp_path: Path) -> None:
    rows = people(MANY).with_columns(
        salary=pl.lit(5),
        updated_at=pl.lit("2026-03-12 13:09:18"),
        position=pl.lit("采购总监"),  # a category, whatever its type
        remark=pl.format("第{}号登记", pl.int_range(pl.len())),  # free text: each has its own
    )
    assert sorted(carry(tmp_path, rows).measured["undeclared"]) == ["position", "salary", "updated_at"]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"identifiers": ["name", "age"]}, "age 写了两处"),
        ({"free_text": {"name": "drop"}}, "已有别的用处"),
        ({"l": 2, "sensitive": []}, "却没有 sensitive"),
        ({"k": 1}, "k"),
        ({"quasi": {}}, "quasi"),
        ({"quasi": {f"c{number}": {"bands": [1, 2, 4, 8]} for number in range(6)}}, "46,656 种组合"),
    ],
)
def test_options_that_cannot_be_are_refused(change: dict[str, Any], told: str) -> None:
    with pytest.raises(ValidationError, match=told):
        Anonymize.model_validate(PEOPLE | change)


def test_columns_are_checked_against_the_corpus() -> None:
    unit = Anonymize.model_validate(PEOPLE | {"identifiers": ["nmae", "visitor_id"]})
    columns = ["visitor_id", "name", "age", "city", "interests", "remark"]
    faults = unit.faults(columns, ["visitor_id"])
    assert [(option, what) for option, what, _ in faults] == [
        ("identifiers", "没有列 nmae"),
        ("identifiers", "visitor_id 是主键，会留在 row_id 里"),
    ]
    assert "name" in faults[0][2]


def test_a_run_says_which_column_is_missing(tmp_path: Path) -> None:
    write_parquet(tmp_path / "0.parquet", people(MANY).drop("city"))
    with pytest.raises(CurateError, match=r"privacy.anonymize.visitors.quasi: 没有列 city"):
        Anonymize.model_validate(PEOPLE).need(Table("visitors", (tmp_path / "0.parquet",)), ["visitor_id"])


def test_a_corpus_without_rows_passes(tmp_path: Path) -> None:
    told = carry(tmp_path, people(MANY).clear(), shards=1)
    unit = Anonymize.model_validate(PEOPLE)
    unit.gate(told.decided.metrics)
    unit.gate_measured(told.measured)
    assert (told.measured["rows"], told.measured["classes"], told.measured["smallest"]) == (0, 0, None)


def test_a_recipe_names_only_corpora_that_are_there() -> None:
    with pytest.raises(ValidationError, match="没有叫 vistors 的语料"):
        Privacy.model_validate({"anonymize": {"vistors": PEOPLE}}, context={"corpora": ["visitors"]})


def test_only_what_changes_the_rows_is_in_the_fingerprint() -> None:
    plain = Anonymize.model_validate(PEOPLE).fingerprint()
    assert Anonymize.model_validate(PEOPLE | {"max_loss": 0.5}).fingerprint() == plain
    assert Anonymize.model_validate(PEOPLE | {"k": 20}).fingerprint() != plain
    coarser = PEOPLE["quasi"] | {"city": "suppress"}
    assert Anonymize.model_validate(PEOPLE | {"quasi": coarser}).fingerprint() != plain
