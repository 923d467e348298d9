"""The signing half of dedupe: from each corpus's texts their normal forms, MD5s and band keys on disk, shard by shard.

::

    <texts>/00000.text             the normal forms, UTF-8, one behind the other
            00000.rows.parquet     a row each: md5_high, md5_low, length (characters), end (bytes)
    <bands>/00000.bands_3.parquet  the rows that 3-character shingles concern: row, b0, b1, …
            00000.more_3.parquet   of these the rows made from a template, with as many bands again

What sets two templated rows apart is a small part of them, so one changed character weighs more in it: at
J = 0.8 of the whole texts the rest may be at 0.5, which 32 bands of 4 find in 87 % of the cases and 64 in 98 %.
"""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.minhash import (
    ALGORITHM,
    F64,
    I64,
    LENGTHS,
    NO_STOPS,
    U32,
    Texts,
    jaccard,
    span_of,
)
from curate.algorithms.packed import sorted_unique
from curate.algorithms.text import NORMAL_FORM, from_utf8, normal_bytes
from curate.cache import Cache, Place
from curate.engines.local import map_shards
from curate.files import replacing, sha256_of, write_parquet
from curate.rows import Table
from curate.sql import ask

#: Texts of a corpus that the document frequency of shingles is taken from.
SAMPLE = 5_000
#: A shingle in more than this share of a corpus is part of its template. Without them banding sees what sets
#: two records apart: 257,549 candidate pairs of templated company records became 100.
STOP_SHARE, STOP_LEAST = 0.2, 50

#: The file of a corpus's or an index's stop shingles.
STOPS = "stops.parquet"

#: Band keys read at once: bounds memory.
BYTES_AT_ONCE = 256_000_000

#: n -> sorted hashes of the shingles that are a corpus's template
Stops = dict[int, U32]


@dataclass(frozen=True)
class Signed:
    """The signed shards of a corpus, or of a part of an index.

    Attributes:
        heights: rows of each shard.
        bands: the folder of the band keys; None where only the texts' MD5s were wanted.
    """

    texts: Path
    heights: tuple[int, ...]
    bands: Path | None = None

    @property
    def rows(self) -> int:
        return sum(self.heights)

    def shard(self, number: int) -> Texts:
        """The normal forms of a shard, mapped into memory."""
        ends = pl.read_parquet(_rows_file(self.texts, number), columns=["end"])["end"].to_numpy()
        return Texts(mapped(self.texts / f"{number:05d}.text"), np.concatenate([[0], ends]).astype(np.int64))

    @cached_property
    def about(self) -> pl.DataFrame:
        """md5_high, md5_low and length of every row."""
        files = [_rows_file(self.texts, number) for number in range(len(self.heights))]
        return pl.read_parquet(files, columns=["md5_high", "md5_low", "length"])


def band_keys(
    corpora: list[Signed], n: int, bands: range, more: bool = False
) -> tuple[I64, list[npt.NDArray[np.uint32]]]:
    """The rows that n concerns, by their number among all corpora, and their keys in some bands; with ``more``
    the further bands of the templated ones.
    """
    names = [f"b{band}" for band in bands]
    parts, start = [], 0
    for corpus in corpora:
        assert corpus.bands is not None
        for number, height in enumerate(corpus.heights):
            scan = pl.scan_parquet(_bands_file(corpus.bands, number, n, "more" if more else "bands"))
            parts.append(scan.select((pl.col("row").cast(pl.Int64) + start).alias("row"), *names))
            start += height
    frame = pl.concat(pl.collect_all(parts), rechunk=True)
    return frame["row"].to_numpy(), [frame[name].to_numpy() for name in names]


def ranges_of_bands(corpora: list[Signed], bands: int) -> list[range]:
    """The bands, as many at once as ``BYTES_AT_ONCE`` holds."""
    size = max(1, min(bands, BYTES_AT_ONCE // (4 * sum(corpus.rows for corpus in corpora) + 1)))
    return [range(start, min(start + size, bands)) for start in range(0, bands, size)]


def _rows_file(folder: Path, number: int) -> Path:
    return folder / f"{number:05d}.rows.parquet"


def _bands_file(folder: Path, number: int, n: int, kind: str) -> Path:
    return folder / f"{number:05d}.{kind}_{n}.parquet"


def mapped(path: Path) -> npt.NDArray[np.uint8]:
    """A file's bytes, read by the operating system where they are looked at."""
    if not path.stat().st_size:
        return np.zeros(0, np.uint8)
    with path.open("rb") as file:
        return np.frombuffer(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ), np.uint8)


def read_texts(table: Table, key: str, cache: Cache) -> Signed:
    """The normal forms of a corpus and their MD5s."""

    def work(folder: Path) -> dict[str, Any]:
        list(
            map_shards(
                lambda number: _read_shard(table.shards[number], folder, number), range(len(table.shards))
            )
        )
        return {"rows_in": table.rows, "kept": table.rows}

    step_key = sha256_of(["texts", NORMAL_FORM, key])
    step = cache.once(step_key, Place("dedupe", "texts", table.corpus), work)
    return Signed(step.folder, table.heights)


def _read_shard(shard: Path, folder: Path, number: int) -> None:
    file = _rows_file(folder, number)
    if file.exists():
        return
    data, offsets = normal_bytes(pl.read_parquet(shard, columns=["text"])["text"])
    texts = from_utf8(data, offsets)
    about = ask(
        "SELECT md5_number_upper(text) AS md5_high, md5_number_lower(text) AS md5_low FROM rows",
        rows=texts.alias("text").to_frame(),
    )
    with replacing(folder / f"{number:05d}.text") as temporary:
        data[offsets[0] : offsets[-1]].tofile(temporary)
    ends = pl.Series("end", offsets[1:] - offsets[0])
    write_parquet(file, about.with_columns(texts.str.len_chars().alias("length"), ends))


def write_stops(file: Path, stops: Stops) -> None:
    """A row each: n, shingle."""
    parts = [pl.DataFrame({"n": np.full(len(values), n), "shingle": values}) for n, values in stops.items()]
    write_parquet(file, pl.concat(parts))


def read_stops(file: Path) -> Stops:
    rows = pl.read_parquet(file)
    return {n: rows.filter(pl.col("n") == n)["shingle"].to_numpy() for n in LENGTHS}


def own_stops(corpora: list[Signed], keys: list[str], cache: Cache) -> Stops:
    """``stop_shingles`` of the corpora with these cache keys, kept on disk: a run over the same rows reads no texts."""

    def work(folder: Path) -> dict[str, Any]:
        write_stops(folder / STOPS, stop_shingles(corpora))
        rows = sum(corpus.rows for corpus in corpora)
        return {"rows_in": rows, "kept": rows}

    key = sha256_of(["stops", ALGORITHM, NORMAL_FORM, SAMPLE, STOP_SHARE, STOP_LEAST, keys])
    return read_stops(cache.once(key, Place("dedupe", "stops", "*"), work).folder / STOPS)


def stop_shingles(corpora: list[Signed]) -> Stops:
    """The shingles of the corpora's templates, from a sample of each that depends on its texts and not on their
    order. All corpora share them, so that the same text has the same keys in each.
    """
    found: dict[int, list[U32]] = {n: [] for n in LENGTHS}
    for corpus in corpora:
        texts = _sample(corpus)
        lengths = texts.str.len_chars()
        for n in LENGTHS:
            found[n].append(_often(texts.filter(lengths.is_between(*span_of(n))), n))
    return {n: sorted_unique(np.concatenate([NO_STOPS, *parts])) for n, parts in found.items()}


def _sample(corpus: Signed) -> pl.Series:
    """Up to ``SAMPLE`` different texts, those with the smallest MD5s."""
    chosen = (
        corpus.about.with_row_index("row")
        .filter(pl.col("length") > 0)
        .unique("md5_low", keep="first")
        .bottom_k(SAMPLE, by="md5_low")["row"]
        .sort()
        .to_numpy()
    )
    starts = np.concatenate([[0], np.cumsum(corpus.heights)])
    texts = []
    for number, start in enumerate(starts[:-1]):
        here = chosen[(chosen >= start) & (chosen < starts[number + 1])] - start
        if here.size:
            texts += corpus.shard(number).strings(here.astype(np.int64))
    return pl.Series("text", texts, dtype=pl.String)


def _often(texts: pl.Series, n: int) -> U32:
    ordered = np.sort(Texts.of(texts).sets(n).values)
    # a value that is in more than k texts equals the one k places further in the sorted list
    k = int(max(STOP_SHARE * len(texts), STOP_LEAST))
    return sorted_unique(ordered[k:][ordered[k:] == ordered[: max(0, len(ordered) - k)]])


def band(corpus: Signed, key: str, stops: Stops, bands: tuple[int, int], cache: Cache, name: str) -> Signed:
    """The band keys of a corpus beside its texts."""

    def work(folder: Path) -> dict[str, Any]:
        list(
            map_shards(
                lambda number: _band_shard(corpus, number, folder, stops, bands), range(len(corpus.heights))
            )
        )
        return {"rows_in": corpus.rows, "kept": corpus.rows}

    told = {str(n): values.tolist() for n, values in stops.items()}
    step_key = sha256_of(["bands", ALGORITHM, NORMAL_FORM, bands, told, key])
    step = cache.once(step_key, Place("dedupe", "bands", name), work)
    return Signed(corpus.texts, corpus.heights, step.folder)


def _band_shard(corpus: Signed, number: int, folder: Path, stops: Stops, bands: tuple[int, int]) -> None:
    lengths = pl.read_parquet(_rows_file(corpus.texts, number), columns=["length"])["length"].to_numpy()
    texts = corpus.shard(number)
    for n in LENGTHS:
        file = _bands_file(folder, number, n, "bands")
        if file.exists():
            continue
        least, most = span_of(n)
        rows = np.flatnonzero((lengths >= least) & (lengths <= most)).astype(np.int64)
        keys, templated = texts.band_keys(n, rows, stops[n], bands)
        again, _ = texts.band_keys(n, rows[templated], stops[n], bands, seed=2)
        _write_bands(_bands_file(folder, number, n, "more"), rows[templated], again)
        _write_bands(file, rows, keys)


def _write_bands(file: Path, rows: I64, keys: U32) -> None:
    columns = {"row": rows.astype(np.uint32)} | {f"b{place}": key for place, key in enumerate(keys)}
    with replacing(file) as temporary:  # hashes don't compress
        pl.DataFrame(columns).write_parquet(temporary, compression="uncompressed")


class TextStore:
    """The normal forms of several corpora, by the number of the row among all of them."""

    def __init__(self, corpora: list[Signed]) -> None:
        self._shards = [(corpus, number) for corpus in corpora for number in range(len(corpus.heights))]
        heights = [corpus.heights[number] for corpus, number in self._shards]
        self._starts = np.concatenate([[0], np.cumsum(heights)]).astype(np.int64)
        self._texts: dict[int, Texts] = {}

    def jaccard(self, left: I64, right: I64, n: int, stops: U32) -> tuple[F64, F64]:
        """See ``minhash.jaccard``; a pair of shards at a time."""
        full, distinct = np.empty(len(left)), np.empty(len(left))
        one, other = (np.searchsorted(self._starts, side, "right") - 1 for side in (left, right))
        meeting = one * len(self._shards) + other
        order = np.lexsort((left, meeting))
        for group in np.split(order, np.flatnonzero(np.diff(meeting[order])) + 1):
            if group.size:
                a, b = int(one[group[0]]), int(other[group[0]])
                full[group], distinct[group] = jaccard(
                    self._open(a), left[group] - self._starts[a],
                    self._open(b), right[group] - self._starts[b], n, stops,
                )  # fmt: skip
        return full, distinct

    def _open(self, shard: int) -> Texts:
        corpus, number = self._shards[shard]
        return self._texts.get(shard) or self._texts.setdefault(shard, corpus.shard(number))
