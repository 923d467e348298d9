"""What people said of pairs of records, in the flow: merged, kept apart, remembered in the list, told in the figures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.cache import Cache, Step
from curate.dedupe import TOLD, Dedupe, Source
from curate.rows import Table
from tests.dedupe.conftest import table

NAMES = {
    "a": "深圳市科力达科技有限公司",
    "b": "深圳市科力达科技集团有限公司",
    "c": "广州家博会展有限公司",
    "d": "广州家博会展有限公司",
}
RULES: Any = {"companies": {"match": {"name": "company_name"}, "golden": {"name": "longest"}}}
Said = list[tuple[str, str, bool | None]]


@pytest.fixture
def source(tmp_path: Path) -> Source:
    names = list(NAMES.values())
    rows = table({key: f"{name}。" for key, name in NAMES.items()}, "companies", name=names)
    rows.write_parquet(tmp_path / "rows.parquet")
    return Source(Table("companies", (tmp_path / "rows.parquet",)), "key")


def told(*said: tuple[str, str, bool | None]) -> pl.DataFrame:
    rows = [("companies", f"companies:{left}", f"companies:{right}", same) for left, right, same in said]
    return pl.DataFrame(rows, schema=TOLD, orient="row")


def deduped(
    folder: Path, source: Source, people: pl.DataFrame | None, exact: bool = False
) -> tuple[Step, dict[str, str]]:
    """The decision, and the rows that went: key -> the key of the row that stays."""
    form = Dedupe(keep=["corpus"], records=RULES, **({"exact": {}} if exact else {}))
    decided, [step] = form.run([source], Cache(folder / "cache"), people)
    gone = pl.concat(pl.read_parquet(file) for file in step.dropped_shards)
    ends = gone.select(pl.col("row_id", "of").str.strip_prefix("companies:"))
    return decided, dict(ends.iter_rows())


def test_without_peoples_word_the_scores_decide_and_nobody_was_asked(tmp_path: Path, source: Source) -> None:
    decided, gone = deduped(tmp_path, source, None)
    assert gone == {"d": "c"}
    assert not (decided.folder / "asked.parquet").exists()
    assert "told_same" not in decided.metrics["records"]["companies"]


def test_nothing_said_is_the_result_that_was_there(tmp_path: Path, source: Source) -> None:
    assert deduped(tmp_path, source, None)[0].key == deduped(tmp_path, source, told())[0].key


@pytest.mark.parametrize(
    ("said", "goes"),
    [
        pytest.param([("a", "b", True)], {"b": "a", "d": "c"}, id="same is merged"),
        pytest.param([("b", "a", True)], {"b": "a", "d": "c"}, id="in whatever order the pair is named"),
        pytest.param([("c", "d", False)], {}, id="different is not merged"),
        pytest.param([("a", "b", False)], {"d": "c"}, id="different stays apart"),
        pytest.param([("a", "gone", True)], {"d": "c"}, id="a row that is there no more"),
        pytest.param([("a", "b", True), ("b", "c", True), ("a", "c", False)], {"d": "c"}, id="a contradiction merges nothing"),
        pytest.param([("a", "b", True), ("b", "a", False)], {"d": "c"}, id="of two words different holds"),
    ],
)  # fmt: skip
def test_what_people_say_is_done(tmp_path: Path, source: Source, said: Said, goes: dict[str, str]) -> None:
    assert deduped(tmp_path, source, told(*said))[1] == goes


def test_a_merge_by_people_says_so_and_makes_a_golden_row(tmp_path: Path, source: Source) -> None:
    form = Dedupe(keep=["corpus"], records=RULES)
    _, [step] = form.run([source], Cache(tmp_path / "cache"), told(("a", "b", True)))
    gone = pl.concat(pl.read_parquet(file) for file in step.dropped_shards).filter(
        pl.col("row_id") == "companies:b"
    )
    assert gone.select("reason", "detail", "of", "similarity").rows() == [
        ("same_entity", "people", "companies:a", 1.0)
    ]
    kept = pl.concat(step.table.frames()).filter(pl.col("row_id") == "companies:a")
    assert kept.select("name", "copies").rows() == [(NAMES["b"], 2)]


def test_asked_pairs_stay_in_a_list_of_their_own_with_their_score(tmp_path: Path, source: Source) -> None:
    people = told(("a", "b", False), ("c", "d", True), ("a", "c", None), ("a", "gone", True))
    decided, _ = deduped(tmp_path, source, people)
    asked = pl.read_parquet(decided.folder / "asked.parquet")
    assert asked.select(pl.col("left", "right").str.strip_prefix("companies:"), "same").rows() == [
        ("a", "b", False),
        ("a", "c", None),
        ("c", "d", True),
    ]
    assert asked.filter(pl.col("same"))["score"].item() >= 0.93
    review = pl.read_parquet(decided.folder / "review.parquet")
    assert ("companies:a", "companies:b") not in review.select("left", "right").rows()
    figures = decided.metrics["records"]["companies"]
    assert (figures["told_same"], figures["told_different"], figures["told_gone"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("said", "contradicting"),
    [
        ([("a", "b", True), ("a", "b", False)], [["companies:a", "companies:b"]]),
        (
            [("a", "b", True), ("b", "c", True), ("a", "c", False)],
            [["companies:a", "companies:b", "companies:c"]],
        ),
        ([("a", "b", True), ("b", "c", True)], []),
        ([("a", "b", None), ("a", "b", True)], []),
    ],
)
def test_contradictions_are_named(
    tmp_path: Path, source: Source, said: Said, contradicting: list[list[str]]
) -> None:
    figures = deduped(tmp_path, source, told(*said))[0].metrics["records"]["companies"]
    assert figures["contradicting"] == contradicting
    assert figures["contradictions"] == len(contradicting)


def test_a_word_on_a_row_holds_for_the_row_that_it_is_a_copy_of(tmp_path: Path) -> None:
    names = [NAMES["a"], NAMES["a"], NAMES["b"]]
    rows = table({"a": "同一段介绍", "b": "同一段介绍", "c": "另一段介绍"}, "companies", name=names)
    rows.write_parquet(tmp_path / "rows.parquet")
    source = Source(Table("companies", (tmp_path / "rows.parquet",)), "key")
    decided, gone = deduped(tmp_path, source, told(("b", "c", True)), exact=True)
    assert gone == {"b": "a", "c": "a"}
    assert pl.read_parquet(decided.folder / "asked.parquet")["score"].item() < 0.93


def test_copies_that_people_call_different_are_told(tmp_path: Path) -> None:
    rows = table({"a": "同一段介绍", "b": "同一段介绍"}, "companies", name=[NAMES["a"], NAMES["c"]])
    rows.write_parquet(tmp_path / "rows.parquet")
    source = Source(Table("companies", (tmp_path / "rows.parquet",)), "key")
    decided, _ = deduped(tmp_path, source, told(("a", "b", False)), exact=True)
    assert decided.metrics["records"]["companies"]["contradicting"] == [["companies:a", "companies:b"]]
