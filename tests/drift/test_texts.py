"""Which texts train, which are held out, which are new."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from curate.drift import texts as module
from curate.drift.texts import read_texts
from curate.files import write_parquet
from curate.rows import Table


def table(folder: Path, *shards: list[str | None]) -> Table:
    files = []
    for number, texts in enumerate(shards):
        files.append(folder / f"{len(list(folder.iterdir()))}-{number}.parquet")
        ids = [f"news:{number}-{place}" for place in range(len(texts))]
        write_parquet(files[-1], pl.DataFrame({"row_id": ids, "text": pl.Series(texts, dtype=pl.String)}))
    return Table("news", tuple(files))


def test_a_text_is_on_one_side_wherever_it_stands(tmp_path: Path) -> None:
    texts: list[str | None] = [f"第{number}条消息" for number in range(1000)]
    one = read_texts(table(tmp_path, texts[:300], texts[300:]))
    two = read_texts(table(tmp_path, [*texts[::-1], *texts[:5]]))
    assert one.trained.to_list() == two.trained.to_list()
    assert set(one.trained) | set(one.held_out) == set(texts)
    assert not set(one.trained) & set(one.held_out)
    assert 150 < len(one.held_out) < 250
    assert (len(one.lengths), len(two.lengths)) == (1000, 1005)


def test_empty_texts_are_none(tmp_path: Path) -> None:
    told = read_texts(table(tmp_path, ["", None, "有"]))
    assert told.lengths.tolist() == [1.0]
    assert told.sample["text"].to_list() == ["有"]


def test_texts_that_were_there_are_not_new(tmp_path: Path) -> None:
    before = read_texts(table(tmp_path, ["甲", "乙"], ["丙"]))
    after = read_texts(table(tmp_path, ["乙", "丁"], ["丙"]), known=before.digests)
    assert after.sample["text"].to_list() == ["丁"]
    assert len(after.lengths) == 3


def test_a_sample_is_drawn_from_all_shards_and_texts_are_cut(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TEXTS", 100)
    monkeypatch.setattr(module, "CHARACTERS", 3)
    texts: list[str | None] = [f"{number:03}之后" for number in range(400)]
    told = read_texts(table(tmp_path, texts[:200], texts[200:]))
    chosen = [int(text) for text in told.sample["text"].to_list()]
    assert len(chosen) == 100
    assert 30 < sum(number < 200 for number in chosen) < 70
    assert told.lengths.max() == 5
