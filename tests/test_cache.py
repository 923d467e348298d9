"""cache: a step is done once, resumes where it was killed, and its rows add up."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.cache import Cache, Place, Step, each
from curate.errors import AccountingError
from curate.rows import Outcome, Table, because, nothing_dropped

PLACE = Place("clean", "drop_short", "c")
KEY = "k" * 64


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


@pytest.fixture
def table(tmp_path: Path) -> Table:
    """Four shards of five rows."""
    shards = []
    for number in range(4):
        shards.append(tmp_path / f"{number}.parquet")
        ids = [f"c:{number * 5 + place}" for place in range(5)]
        pl.DataFrame(
            {"row_id": ids, "n": range(number * 5, number * 5 + 5), "text": ["展会 "] * 5}
        ).write_parquet(shards[-1])
    return Table("c", tuple(shards))


def even_only(rows: pl.DataFrame) -> Outcome:
    odd = pl.col("n") % 2 == 1
    return Outcome(rows.filter(~odd), because(rows.filter(odd), pl.lit("odd")))


def test_a_step_that_was_never_done_is_not_found(cache: Cache) -> None:
    assert cache.find(KEY, PLACE) is None
    assert not cache.folder.exists(), "looking makes no folder"


def test_a_step_is_done_once_and_found_under_any_name(cache: Cache) -> None:
    calls: list[Path] = []

    def work(folder: Path) -> dict[str, Any]:
        calls.append(folder)
        return {"rows_in": 3, "kept": 2, "dropped": 1, "reasons": {"odd": 1}}

    first, second = cache.once(KEY, PLACE, work), cache.once(KEY, Place("clean", "drop_short", "other"), work)
    assert len(calls) == 1
    assert (first.cached, second.cached) == (False, True)
    assert (second.corpus, second.rows_in, second.kept, second.reasons) == ("other", 3, 2, {"odd": 1})
    assert cache.find("other" * 10, PLACE) is None


def test_rows_in_are_rows_kept_and_rows_dropped(cache: Cache, table: Table) -> None:
    step = cache.rowwise(KEY, PLACE, table, each(even_only))
    assert (step.rows_in, step.kept, step.dropped, step.reasons) == (20, 10, 10, {"odd": 10})
    assert step.table.rows == 10
    assert step.table.heights == (3, 2, 3, 2)
    assert pl.concat(step.table.frames())["n"].to_list() == list(range(0, 20, 2))
    assert sum(pl.read_parquet(shard).height for shard in step.dropped_shards) == 10


def test_changed_values_are_counted_by_column(cache: Cache, table: Table) -> None:
    def strip_evens(rows: pl.DataFrame) -> Outcome:
        stripped = pl.when(pl.col("n") % 4 == 0).then(pl.col("text").str.strip_chars()).otherwise("text")
        return even_only(rows.with_columns(stripped.alias("text")))

    assert cache.rowwise(KEY, PLACE, table, each(strip_evens)).changed == {"text": 5}


def loses_a_row(rows: pl.DataFrame) -> Outcome:
    return Outcome(rows.head(4), nothing_dropped(rows))


def doubles_a_row(rows: pl.DataFrame) -> Outcome:
    return Outcome(pl.concat([rows, rows.head(1)]), nothing_dropped(rows))


def keeps_and_drops(rows: pl.DataFrame) -> Outcome:
    return Outcome(rows, because(rows.head(1), pl.lit("both")))


@pytest.mark.parametrize("work", [loses_a_row, doubles_a_row, keeps_and_drops])
def test_a_step_whose_rows_do_not_add_up_fails_and_is_not_kept(cache: Cache, table: Table, work: Any) -> None:
    with pytest.raises(AccountingError, match="行数对不上：读入 20"):
        cache.rowwise(KEY, PLACE, table, each(work))
    assert cache.find(KEY, PLACE) is None


def pairs_of(rows: pl.DataFrame, *, lose: bool) -> Outcome:
    """Two pairs of every even row; the odd ones say why not, but for one that is lost."""
    even = rows.filter(pl.col("n") % 2 == 0).select(pl.col("row_id").alias("parent_id"))
    odd = rows.filter(pl.col("n") % 2 == 1)
    return Outcome(pl.concat([even, even]), because(odd.slice(1 if lose else 0), pl.lit("no_pair")))


def test_where_other_things_are_made_of_rows_both_are_counted(cache: Cache, table: Table) -> None:
    step = cache.rowwise(
        KEY, PLACE, table, each(lambda rows: pairs_of(rows, lose=False)), made_of=pl.col("parent_id")
    )
    assert (step.rows_in, step.kept, step.dropped, step.rows_out) == (20, 10, 10, 20)
    with pytest.raises(AccountingError):
        cache.rowwise(
            "l" * 64, PLACE, table, each(lambda rows: pairs_of(rows, lose=True)), made_of=pl.col("parent_id")
        )


def test_a_step_that_failed_half_way_goes_on_where_it_was(cache: Cache, table: Table) -> None:
    done: Counter[int] = Counter()
    broken = threading.Event()
    broken.set()

    def work(number: int, rows: pl.DataFrame) -> Outcome:
        if number == 2 and broken.is_set():
            raise RuntimeError("power cut")
        done[number] += 1
        return even_only(rows)

    with pytest.raises(RuntimeError, match="power cut"):
        cache.rowwise(KEY, PLACE, table, work)
    assert cache.find(KEY, PLACE) is None
    first = dict(done)
    assert {0, 1} <= set(first)
    broken.clear()
    step = cache.rowwise(KEY, PLACE, table, work)
    assert step.kept == 10
    assert done == Counter(range(4)), "each shard is done once, over both runs"
    assert first.items() <= dict(done).items()


def test_a_shard_that_was_not_finished_is_done_again(cache: Cache, table: Table) -> None:
    step = cache.rowwise(KEY, PLACE, table, each(even_only))
    (step.folder / "step.json").unlink()
    (step.folder / "shards" / "00001.json").unlink()
    (step.folder / "kept" / "00001.parquet").write_bytes(b"half")
    again = cache.rowwise(KEY, PLACE, table, each(even_only))
    assert pl.concat(again.table.frames())["n"].to_list() == list(range(0, 20, 2))


def test_an_unchanged_shard_is_the_same_file(cache: Cache, table: Table) -> None:
    def first_two(number: int, rows: pl.DataFrame) -> Outcome:
        return even_only(rows) if number < 2 else Outcome(rows, nothing_dropped(rows))

    step = cache.rowwise(KEY, PLACE, table, first_two)
    same = [kept.samefile(shard) for kept, shard in zip(step.table.shards, table.shards, strict=True)]
    assert same == [False, False, True, True]


def test_a_shard_with_equal_values_of_another_type_is_written(cache: Cache, table: Table) -> None:
    step = cache.rowwise(
        KEY, PLACE, table, each(lambda rows: Outcome(rows.cast({"n": pl.Float64}), nothing_dropped(rows)))
    )
    assert {frame.schema["n"] for frame in step.table.frames()} == {pl.Float64()}


def test_progress_counts_every_row_also_of_shards_done_before(tmp_path: Path, table: Table) -> None:
    told: list[int] = []
    cache = Cache(tmp_path / "cache", on_rows=told.append)
    cache.rowwise(KEY, PLACE, table, each(even_only))
    assert sum(told) == 20
    step = cache.find(KEY, PLACE)
    assert step
    (step.folder / "step.json").unlink()
    cache.rowwise(KEY, PLACE, table, each(even_only))
    assert sum(told) == 40


PROCESS = """
import sys, time
from pathlib import Path
from curate.cache import Cache, Place

folder, name = Path(sys.argv[1]), sys.argv[2]

def work(step):
    (folder / f"done_by_{name}").touch()
    (folder / "started").touch()
    while not (folder / "go_on").exists():
        time.sleep(0.01)
    return {"rows_in": 1, "kept": 1}

def wait(message):
    (folder / "go_on").touch()  # only when the other one is seen to wait may the first go on

step = Cache(folder / "cache", on_wait=wait).once("k" * 64, Place("clean", "x", "c"), work)
print(step.cached)
"""


def test_of_two_processes_that_want_one_step_one_does_it_and_the_other_waits(tmp_path: Path) -> None:
    def start(name: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", PROCESS, str(tmp_path), name], stdout=subprocess.PIPE, text=True
        )

    with start("a") as one, start("b") as other:
        told = [one.communicate(timeout=60)[0].strip(), other.communicate(timeout=60)[0].strip()]
    assert sorted(told) == ["False", "True"]
    assert len(list(tmp_path.glob("done_by_*"))) == 1


def test_a_step_knows_its_files(cache: Cache) -> None:
    def work(folder: Path) -> dict[str, Any]:
        for name in ("00001", "00000"):
            (folder / "kept").mkdir(exist_ok=True)
            pl.DataFrame({"x": [name]}).write_parquet(folder / "kept" / f"{name}.parquet")
        return {"metrics": {"score": 1}}

    step: Step = cache.once(KEY, PLACE, work)
    assert [shard.name for shard in step.table.shards] == ["00000.parquet", "00001.parquet"]
    assert step.dropped_shards == []
    assert "folder" not in step.as_json()
    found = cache.find(KEY, PLACE)
    assert found
    assert found.metrics == {"score": 1}
