"""The signed shards on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path

import numpy as np
import polars as pl

from curate.algorithms.minhash import LENGTHS, NO_STOPS, span_of
from curate.algorithms.text import normal_form
from curate.cache import Cache
from curate.dedupe.sign import Signed, TextStore, band, band_keys, read_texts, stop_shingles
from curate.rows import Table
from tests.dedupe.conftest import plain, shingles, table

TEXTS = [
    "甲乙丙，丁！",
    None,
    "",
    "ＡＢＣ 的 ㎡",
    "长" * 40,
    *(f"第{number}届博览会在{chr(0x4E00 + number)}城举行，共有{number}家企业参展。" for number in range(40)),
]


def signed(folder: Path, shard_rows: int = 10) -> tuple[Signed, Cache]:
    shards = []
    for number, part in enumerate(
        table({f"{n:02d}": text for n, text in enumerate(TEXTS)}).iter_slices(shard_rows)
    ):
        shards.append(folder / f"in{number}.parquet")
        part.write_parquet(shards[-1])
    cache = Cache(folder / "cache")
    return read_texts(Table("c", tuple(shards)), "key", cache), cache


def test_each_row_has_the_md5_and_the_length_of_its_normal_form(tmp_path: Path) -> None:
    corpus, _ = signed(tmp_path)
    about = corpus.about
    expected = pl.DataFrame({"text": TEXTS}).select(normal_form(pl.col("text")))["text"].to_list()
    assert expected == [plain(text or "") for text in TEXTS]
    for text, (high, low, length) in zip(expected, about.iter_rows(), strict=True):
        digest = hashlib.md5(text.encode()).digest()  # DuckDB reads its halves from the last byte
        assert (low, high) == (int.from_bytes(digest[8:], "little"), int.from_bytes(digest[:8], "little"))
        assert length == len(text)


def test_rows_of_different_shards_and_corpora_are_compared_by_their_number(tmp_path: Path) -> None:
    corpus, _ = signed(tmp_path)
    rows = [(row, other) for row in range(0, 45, 4) for other in range(3, 90, 7)]
    left, right = (np.array([pair[side] for pair in rows]) for side in (0, 1))
    full, _ = TextStore([corpus, corpus]).jaccard(left, right, 3, NO_STOPS)
    texts = [plain(text or "") for text in TEXTS] * 2
    sets = [shingles(text, 3) for text in texts]
    expected = [
        len(sets[a] & sets[b]) / len(sets[a] | sets[b]) if min(len(sets[a]), len(sets[b])) >= 5 else 0.0
        for a, b in rows
    ]
    assert full.tolist() == expected
    assert sum(0 < value < 1 for value in expected) > 0


def test_each_shingle_length_has_the_rows_that_it_concerns(tmp_path: Path) -> None:
    corpus, cache = signed(tmp_path)
    banded = band(corpus, "key", stop_shingles([corpus]), (32, 4), cache, "c")
    lengths = corpus.about["length"].to_list()
    for n in LENGTHS:
        least, most = span_of(n)
        rows = band_keys([banded], n, range(32))[0].tolist()
        assert rows == [row for row, length in enumerate(lengths) if least <= length <= most]


def test_a_killed_run_goes_on_behind_its_whole_shards(tmp_path: Path) -> None:
    """Whole shards keep their files; a shard with half of its files is made again; the result is the same."""
    corpus, cache = signed(tmp_path)
    stops = stop_shingles([corpus])
    before = band(corpus, "key", stops, (32, 4), cache, "c")
    assert before.bands is not None
    whole = {n: band_keys([before], n, range(32)) for n in LENGTHS}
    for folder, lost in ((corpus.texts, "00002.rows.parquet"), (before.bands, "00001.bands_3.parquet")):
        (folder / "step.json").unlink()
        (folder / lost).unlink()
    kept = {file: file.stat().st_mtime_ns for file in corpus.texts.glob("00000.*")}
    again, cache = signed(tmp_path)
    banded = band(again, "key", stop_shingles([again]), (32, 4), cache, "c")
    for n in LENGTHS:
        rows, keys = band_keys([banded], n, range(32))
        assert rows.tolist() == whole[n][0].tolist()
        assert np.array_equal(keys, whole[n][1])
    assert {file: file.stat().st_mtime_ns for file in kept} == kept
