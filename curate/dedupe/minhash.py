"""minhash: nearly the same text. LSH finds candidates; exact Jaccard similarity decides."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, ClassVar, Literal

import numpy as np
import numpy.typing as npt
import polars as pl
from pydantic import Field, model_validator

from curate.algorithms.components import I64
from curate.algorithms.minhash import (
    CLASSES,
    U32,
    Sets,
    band_keys,
    choose_bands,
    jaccard,
    shingle,
    signatures,
    sorted_unique,
    span_of,
)
from curate.algorithms.text import normal_form
from curate.cache import Cache, Place
from curate.dedupe.decide import Criterion, Source, ranked, same_identity, verdicts
from curate.files import sha256_of, write_parquet
from curate.language import say
from curate.options import problem
from curate.sql import ask
from curate.unit import Unit

#: Characters signed at once: bounds memory to about 100 bytes a character.
BLOCK = 2_000_000
#: Rows of a corpus that the document frequency of shingles is taken from.
SAMPLE = 5_000
#: A shingle in more than this share of a corpus is part of its template. Without them banding sees what sets
#: two records apart: 257,549 candidate pairs of templated company records became 100.
STOP_SHARE, STOP_LEAST = 0.2, 50
#: In a bucket of up to this many rows every pair is a candidate; in a larger one each row meets the best rows
#: and its neighbours in order of preference.
FULL_BUCKET, STARS = 32, 8
LENGTHS = [length for length, _, _ in CLASSES]


class Minhash(Unit):
    """近似去重：相似度（精确 Jaccard）达到 threshold 的行只留最好的一行。 / Near-duplicates by verified MinHash.

    Similarity is the exact Jaccard similarity of the sets of character shingles (2 characters up to 30, 3 up
    to 200, 5 above) of the normal form. A row is removed only against a row of its corpus that stays and to
    which it was itself compared. Rows at least ``alike``, measured without the shingles of a shared template,
    are kept but share a group, also across corpora; the split does not separate a group.
    """

    libraries: ClassVar = ("datasketch",)
    use: Literal["minhash"] = "minhash"
    threshold: float = Field(0.8, gt=0, le=1)
    """相似度达到多少就算重复（0–1） / rows at least this similar are duplicates (Jaccard, 0-1)"""
    alike: float = Field(0.5, gt=0, le=1)
    """相似度达到多少就分在同一组，不拆到训练集和测试集两边 / rows at least this similar stay in one split"""

    @model_validator(mode="after")
    def _in_order(self) -> Minhash:
        if self.alike > self.threshold:
            raise problem(
                say("alike 不能大于 threshold", "alike must not be greater than threshold"),
                say("例如 threshold: 0.8, alike: 0.5", "for example threshold: 0.8, alike: 0.5"),
            )
        return self

    def decide(self, sources: list[Source], keep: list[Criterion], cache: Cache) -> pl.DataFrame:
        """Verdicts over all corpora; see ``decide.verdicts``."""
        rows = ranked(sources, keep)
        rank = np.empty(rows.height, dtype=np.int64)
        rank[rows["position"].to_numpy()] = np.arange(rows.height)
        corpus = rows["corpus"].to_numpy()
        signed = [self._sign(source, cache) for source in sources]
        found: list[tuple[npt.NDArray[Any], ...]] = []
        for n in LENGTHS:
            index = _Index(signed, n, rank)
            left, right = index.candidates()
            for part in index.compared(left, right):
                found.append(part)
        better, worse, full, distinct = (np.concatenate(column) for column in zip(*found, strict=True))
        same = same_identity(rows, better, worse) & (corpus[better] == corpus[worse])
        gone = same & (full >= self.threshold)
        together = gone | (distinct >= self.alike)
        return verdicts(rows, better[gone], worse[gone], full[gone], (better[together], worse[together]))

    @property
    def _bands(self) -> tuple[int, int]:
        return choose_bands(min(self.alike, self.threshold))

    def _sign(self, source: Source, cache: Cache) -> Signed:
        """The corpus's shingle sets and band keys on disk, shard by shard."""
        key = sha256_of(["sign", self.version, self._bands, source.key])

        def work(folder: Path) -> dict[str, Any]:
            stops = _stop_shingles(source)
            write_parquet(folder / "stops.parquet", stops)
            for number, shard in enumerate(source.table.shards):
                for n in LENGTHS:
                    file = folder / f"{number:05d}_{n}.parquet"
                    if not file.exists():
                        stop = stops.filter(pl.col("n") == n)["shingle"].to_numpy()
                        write_parquet(file, _signed_shard(shard, n, stop, self._bands))
            return {"rows_in": source.table.rows, "kept": source.table.rows}

        step = cache.once(key, Place("dedupe", "sign", source.name), work)
        return Signed(step.folder, source.table.heights)


def _stop_shingles(source: Source) -> pl.DataFrame:
    """(n, shingle) of the corpus's template, from a sample that depends on the rows and not on their order."""
    chosen = ask(
        f"SELECT row_id FROM rows ORDER BY md5(row_id) LIMIT {SAMPLE}", rows=source.table.narrow(["row_id"])
    )
    sample = pl.concat(
        shard.filter(pl.col("row_id").is_in(chosen["row_id"].implode())).select(normal_form(pl.col("text")))
        for shard in source.table.frames(["row_id", "text"])
    )["text"]
    parts = [pl.DataFrame(schema={"n": pl.Int64, "shingle": pl.UInt32})]
    for n in LENGTHS:
        texts = _in_span(sample, n)
        ordered = np.sort(shingle(texts, n).values)
        # a value that is in more than k texts equals the one k places further in the sorted list
        k = int(max(STOP_SHARE * len(texts), STOP_LEAST))
        often = sorted_unique(ordered[k:][ordered[k:] == ordered[: max(0, len(ordered) - k)]])
        parts.append(pl.DataFrame({"n": np.full(len(often), n), "shingle": often}, schema=parts[0].schema))
    return pl.concat(parts)


def _in_span(texts: pl.Series, n: int) -> pl.Series:
    least, most = span_of(n)
    return texts.filter(texts.str.len_chars().is_between(least, most))


def _signed_shard(shard: Path, n: int, stop: U32, bands: tuple[int, int]) -> pl.DataFrame:
    """Place (in the shard), length, shingles, and one column a band, of the rows that n concerns."""
    least, most = span_of(n)
    rows = (
        pl.scan_parquet(shard)
        .select(normal_form(pl.col("text")).alias("text"))
        .with_row_index("place")
        .with_columns(pl.col("text").str.len_chars().alias("length"))
        .filter(pl.col("length").is_between(least, most))
        .collect()
    )
    block = (rows["length"].cast(pl.Int64).cum_sum() // BLOCK).alias("block")
    schema: dict[str, Any] = {"place": pl.UInt32, "length": pl.UInt32, "shingles": pl.List(pl.UInt32)}
    schema |= {f"b{band}": pl.UInt64 for band in range(bands[0])}
    parts = [pl.DataFrame(schema=schema)]
    for part in rows.with_columns(block).partition_by("block", include_key=False):
        sets = shingle(part["text"], n)
        keys = band_keys(signatures(sets.without(stop)), *bands)
        parts.append(
            part.select("place", "length").with_columns(
                as_lists(sets).alias("shingles"),
                *(pl.Series(f"b{band}", keys[:, band]) for band in range(bands[0])),
            )
        )
    return pl.concat(parts)


def as_lists(sets: Sets) -> pl.Series:
    import pyarrow as pa

    lists = pa.LargeListArray.from_arrays(pa.array(sets.offsets), pa.array(sets.values))
    series = pl.from_arrow(lists)
    assert isinstance(series, pl.Series)
    return series


class Signed:
    """A signed corpus on disk."""

    def __init__(self, folder: Path, heights: tuple[int, ...]) -> None:
        self.folder, self.heights = folder, heights

    def stop(self, n: int) -> U32:
        stops = pl.read_parquet(self.folder / "stops.parquet").filter(pl.col("n") == n)["shingle"]
        return stops.to_numpy()

    def files(self, n: int) -> list[Path]:
        return [self.folder / f"{shard:05d}_{n}.parquet" for shard in range(len(self.heights))]


class _Index:
    """All corpora under one shingle length; documents go by their rank, 0 the best."""

    def __init__(self, signed: list[Signed], n: int, rank: I64) -> None:
        self.n = n
        self.files: list[tuple[Path, Signed]] = []
        names: list[I64] = []
        start = 0
        for corpus in signed:
            for file, height in zip(corpus.files(n), corpus.heights, strict=True):
                places = pl.read_parquet(file, columns=["place"])["place"].to_numpy().astype(np.int64)
                names.append(rank[start + places])
                self.files.append((file, corpus))
                start += height
        self.ranks = np.concatenate(names)
        self.shard = np.repeat(np.arange(len(names)), [len(part) for part in names])
        self.row = np.concatenate([np.arange(len(part)) for part in names])
        self.length = np.concatenate([self._column(file, "length") for file, _ in self.files])

    @staticmethod
    def _column(file: Path, name: str) -> npt.NDArray[Any]:
        return pl.read_parquet(file, columns=[name])[name].to_numpy()

    def candidates(self) -> tuple[I64, I64]:
        """Pairs (entries of this index) that share a band and whose shorter text this n measures."""
        least, most = next((least, most) for n, least, most in CLASSES if n == self.n)
        bands = [name for name in pl.read_parquet_schema(self.files[0][0]) if name.startswith("b")]
        pairs = np.empty(0, dtype=np.uint64)
        for band in bands:
            keys = np.concatenate([self._column(file, band) for file, _ in self.files])
            entries = pl.DataFrame({"key": keys, "rank": self.ranks}).with_row_index("entry")
            left, right = _within_buckets(entries)
            shorter = np.minimum(self.length[left], self.length[right])
            fits = (shorter >= least) & (shorter <= most)
            packed = left[fits].astype(np.uint64) << np.uint64(32) | right[fits].astype(np.uint64)
            pairs = sorted_unique(np.concatenate([pairs, packed]))
        return (pairs >> np.uint64(32)).astype(np.int64), (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64)

    def compared(self, left: I64, right: I64) -> Iterator[tuple[npt.NDArray[Any], ...]]:
        """(better rank, worse rank, J, J without the template's shingles), two shards in memory at a time."""
        yield self.ranks[left[:0]], self.ranks[right[:0]], np.zeros(0), np.zeros(0)
        load = lru_cache(maxsize=4)(self._load)
        meeting = self.shard[left] * len(self.files) + self.shard[right]
        for both in np.unique(meeting):
            here = np.flatnonzero(meeting == both)
            first, second = (load(int(shard)) for shard in divmod(both, len(self.files)))
            mine, other = self.row[left[here]], self.row[right[here]]
            full, distinct = (_between(a, b, mine, other) for a, b in zip(first, second, strict=True))
            a, b = self.ranks[left[here]], self.ranks[right[here]]
            yield np.minimum(a, b), np.maximum(a, b), full, distinct

    def _load(self, shard: int) -> tuple[Sets, Sets]:
        file, corpus = self.files[shard]
        lists = pl.read_parquet(file, columns=["shingles"])["shingles"]
        offsets = np.concatenate([[0], np.cumsum(lists.list.len().to_numpy())]).astype(np.int64)
        whole = Sets(lists.explode().to_numpy().astype(np.uint32), offsets)
        return whole, whole.without(corpus.stop(self.n))


def _between(first: Sets, second: Sets, left: I64, right: I64) -> npt.NDArray[np.float64]:
    """Jaccard similarities of pairs across two lists of sets."""
    if first is second:
        return jaccard(first, left, right)
    mine, my_places = np.unique(left, return_inverse=True)
    other, other_places = np.unique(right, return_inverse=True)
    a, b = first.take(mine), second.take(other)
    joined = Sets(
        np.concatenate([a.values, b.values]), np.concatenate([a.offsets, b.offsets[1:] + a.offsets[-1]])
    )
    return jaccard(joined, my_places, other_places + len(mine))


def _within_buckets(entries: pl.DataFrame) -> tuple[I64, I64]:
    """Candidate pairs of one band, ``left < right``. entry, key, rank -> entries."""
    crowded = (
        entries.filter(pl.len().over("key") > 1)
        .sort("key", "rank")
        .with_columns(pl.len().over("key").alias("size"), pl.int_range(pl.len()).over("key").alias("place"))
    )
    small = crowded.filter(pl.col("size") <= FULL_BUCKET).select("key", "entry", "place")
    pairs = (
        small.join(small, on="key", suffix="_b")
        .filter(pl.col("place") < pl.col("place_b"))
        .select("entry", "entry_b")
    )
    large = crowded.filter(pl.col("size") > FULL_BUCKET).select("key", "entry", "place")
    parts = [pairs]
    if large.height:
        stars = large.filter(pl.col("place") < STARS)
        starred = large.join(stars, on="key", suffix="_b").filter(pl.col("place") > pl.col("place_b"))
        parts.append(starred.select("entry", "entry_b"))
        for step in range(1, STARS + 1):
            beside = large.with_columns(pl.col("entry").shift(step).over("key").alias("entry_b")).drop_nulls(
                "entry_b"
            )
            parts.append(beside.select("entry", "entry_b"))
    found = pl.concat(parts)
    a, b = (found[name].to_numpy().astype(np.int64) for name in ("entry", "entry_b"))
    return np.minimum(a, b), np.maximum(a, b)
