"""What became of each row is counted right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from curate.export.trainer.counts import NAMED, count_rows, left_over, rows_in, tokens_of, trains

SEEN, HIDDEN = 7, -100


@pytest.mark.parametrize(
    ("made", "tokens", "learns"),
    [
        pytest.param({}, -1, False, id="a dropped row"),
        pytest.param({"input_ids": [[1, 2, 3]], "labels": [[HIDDEN, 2, 3]]}, 3, True, id="an answer"),
        pytest.param(
            {"input_ids": [[1, 2]], "labels": [[HIDDEN, HIDDEN]]}, 2, False, id="an answer cut away"
        ),
        pytest.param({"input_ids": [[1, 2]]}, 2, True, id="plain text"),
        pytest.param({"input_ids": [[]]}, 0, False, id="no text"),
        pytest.param(
            {
                "chosen_input_ids": [[1, 2]],
                "rejected_input_ids": [[1, 2, 3]],
                "chosen_labels": [[HIDDEN, SEEN]],
                "rejected_labels": [[HIDDEN, SEEN, SEEN]],
            },
            3,
            True,
            id="a pair is as long as its longer answer",
        ),
        pytest.param(
            {
                "chosen_input_ids": [[1, 2]],
                "rejected_input_ids": [[1]],
                "chosen_labels": [[HIDDEN, SEEN]],
                "rejected_labels": [[HIDDEN]],
            },
            2,
            False,
            id="a pair without its worse answer",
        ),
    ],
)
def test_one_row(made: dict[str, list[Any]], tokens: int, learns: bool) -> None:
    assert (tokens_of(made), trains(made)) == (tokens, learns)


def test_a_data_set(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text("{}\n" * 5)
    rows = [(10, False, True), (-1, False, False), (90, True, True), (80, True, False), (20, False, True)]
    assert count_rows("a", "train", file, rows) == {
        "dataset": "a",
        "part": "train",
        "rows": 5,
        "loaded": 5,
        "trained": 3,
        "lost_rows": [1, 3],
        "cut": 2,
        "cut_rows": [2, 3],
        "longest": 90,
        "tokens": 200,
    }


def test_all_losses_are_counted_and_the_first_are_named() -> None:
    counts = count_rows("a", "train", None, [(-1, False, False)] * 50)
    assert counts["trained"] == 0
    assert counts["lost_rows"] == list(range(NAMED))
    assert count_rows("a", "eval", None, [])["longest"] == 0


def test_rows_on_disk(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"a": "\u2028"}\n\n{"a": 2}', encoding="utf-8")
    (tmp_path / "b.json").write_text(json.dumps([1, 2, 3]))
    pl.DataFrame({"a": [1, 2, 3, 4]}).write_parquet(tmp_path / "c.parquet")
    (tmp_path / "d.txt").write_text("x\n")
    shards = tmp_path / "shards"
    shards.mkdir()
    for name in "12":
        (shards / f"{name}.jsonl").write_text("{}\n" * 3)
    counts = {path.name: rows_in(path) for path in sorted(tmp_path.iterdir())}
    assert counts == {"a.jsonl": 2, "b.json": 3, "c.parquet": 4, "d.txt": None, "shards": 6}


@pytest.mark.parametrize(
    ("counts", "batch", "workers", "dropped"),
    [
        pytest.param([50, 50, 50], 10, 1, [2], id="the last document finds no room"),
        pytest.param([50, 50], 10, 1, [], id="it fits to the token"),
        pytest.param([60, 60], 10, 1, [], id="half of the last one is trained on"),
        pytest.param([40, 40], 10, 1, [0, 1], id="less than a block trains nothing"),
        pytest.param([100, 30, 100, 30], 2, 1, [1, 3], id="each batch drops its own rest"),
        pytest.param([100, 30, 100, 30, 30], 10, 2, [3, 4], id="each worker too: three documents, then two"),
        pytest.param([100], 10, 8, [], id="more workers than documents"),
        pytest.param([], 10, 1, [], id="no documents"),
    ],
)
def test_what_packing_leaves_over(counts: list[int], batch: int, workers: int, dropped: list[int]) -> None:
    assert left_over(counts, 100, batch, workers) == dropped
