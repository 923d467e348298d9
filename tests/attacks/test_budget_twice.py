"""Attack: the privacy budget is spent twice, so that the noise of two publications averages out."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import polars as pl
import pytest

from curate.errors import GateFailed
from curate.files import write_json, write_parquet
from curate.privacy.budget import Budget
from curate.privacy.statistics import Published, Statistics, publish
from curate.rows import Table


@pytest.fixture
def visitors(tmp_path: Path) -> Table:
    rows = pl.DataFrame({"row_id": [f"visitors:{number}" for number in range(400)]})
    write_parquet(tmp_path / "visitors.parquet", rows)
    return Table("visitors", (tmp_path / "visitors.parquet",))


def count(workspace: Path, table: Table, name: str = "expo", corpus: str = "visitors", key: str = "k") -> Published:  # fmt: skip
    statistics = Statistics.model_validate({"epsilon": 0.3, "tables": [{"corpus": corpus, "count": True}]})
    return publish(statistics, {corpus: table}, {corpus: key}, workspace, name)


def test_asking_again_gives_the_same_noise(tmp_path: Path, visitors: Table) -> None:
    assert {count(tmp_path, visitors).figures for _ in range(5)} == {count(tmp_path, visitors).figures}


def test_the_same_question_after_the_data_changed_is_refused(tmp_path: Path, visitors: Table) -> None:
    count(tmp_path, visitors)
    with pytest.raises(
        GateFailed, match=r"隐私预算不够：这个工作区.*已用 ε = 0\.3，上限 0\.5，还剩 0\.2，这一次要 0\.3"
    ):
        count(tmp_path, visitors, key="one row more")


@pytest.mark.parametrize(
    ("name", "corpus"), [("renamed", "visitors"), ("expo", "people"), ("renamed", "people")]
)
def test_other_names_give_no_new_budget(tmp_path: Path, visitors: Table, name: str, corpus: str) -> None:
    rows = pl.read_parquet(visitors.shards[0]).with_columns(pl.col("row_id").str.replace("visitors", corpus))
    count(tmp_path, visitors)
    write_parquet(tmp_path / "again.parquet", rows)
    with pytest.raises(GateFailed, match="隐私预算不够") as refused:
        count(tmp_path, Table(corpus, (tmp_path / "again.parquet",)), name, corpus, key="other")
    assert "换名字都一样" in refused.value.hint


def test_other_keys_or_some_of_the_rows_give_no_new_budget(tmp_path: Path, visitors: Table) -> None:
    count(tmp_path, visitors)
    some = (
        pl.read_parquet(visitors.shards[0])
        .head(150)
        .with_columns(pl.format("people:{}-x", "row_id").alias("row_id"))
    )
    write_parquet(tmp_path / "some.parquet", some)
    with pytest.raises(GateFailed, match="隐私预算不够") as refused:
        count(tmp_path, Table("people", (tmp_path / "some.parquet",)), "other", "people", key="other")
    assert refused.value.gate == "budget", "which nobody may override"


def test_deleting_the_ledger_gives_no_new_budget_while_a_release_remains(
    tmp_path: Path, visitors: Table
) -> None:
    told = count(tmp_path, visitors)
    write_json(tmp_path / "exports/expo/v1/manifest.json", {"privacy": told.as_json()})
    Budget(tmp_path).file.unlink()
    assert count(tmp_path, visitors).figures == told.figures
    with pytest.raises(GateFailed, match=r"还剩 0\.2"):
        count(tmp_path, visitors, key="one row more")


def _publish(workspace: str, table: Table, key: str, out: multiprocessing.Queue[object]) -> None:
    try:
        out.put(count(Path(workspace), table, key=key).figures[0].number)
    except GateFailed as refused:
        out.put(refused.gate)


@pytest.mark.parametrize("keys", [("a", "b"), ("a", "a")], ids=["other data", "the same data"])
def test_two_processes_at_once_spend_once(tmp_path: Path, visitors: Table, keys: tuple[str, str]) -> None:
    fresh = multiprocessing.get_context("spawn")
    out: multiprocessing.Queue[object] = fresh.Queue()  # type: ignore[assignment]
    there = [fresh.Process(target=_publish, args=(str(tmp_path), visitors, key, out)) for key in keys]
    for process in there:
        process.start()
    told = [out.get(timeout=120) for _ in there]
    for process in there:
        process.join()
    assert len(Budget(tmp_path).entries()) == 1
    if keys[0] == keys[1]:
        assert told[0] == told[1]  # who came second waited for the answers of the first
    else:
        assert told.count("budget") == 1
