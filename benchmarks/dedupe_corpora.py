"""Corpora of any size with planted duplicates, made of real clauses.

A document is as long as a random real one of its genre and consists of random clauses of that genre, so that two
documents are alike only by chance. Into them go copies with 1-5 % of the characters edited, copies with other
punctuation and width, and a family of company records that share a template. ``truth.parquet`` tells which is which.

Everything follows from the seed. Corpora are kept in the temporary folder under a key of this file's version, the
sizes of the data and the options. Without ``../shared/data`` the clauses are invented.
"""

from __future__ import annotations

import contextlib
import hashlib
import random
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from benchmarks.dedupe_material import DATA, MIXED, SHORT, Pool, pools
from benchmarks.dedupe_planted import TEMPLATED, TEMPLATED_COPIES, edited, redressed, templated

SHARD_ROWS = 50_000
#: Raise it when this file makes other corpora.
CORPUS_VERSION = 1
#: The shares of a corpus that are planted: edited copies, and copies with other punctuation and width.
NEAR, EXACT = 0.05, 0.02
#: Only a document of this many characters is copied: 5 % of a shorter one is no character at all.
LEAST_COPIED = 20


@dataclass(frozen=True)
class Corpus:
    """A corpus on disk. ``truth``: row_id, of (the row_id it was copied from), kind (near | exact | template),
    share (of the characters edited).
    """

    folder: Path
    rows: int

    @property
    def shards(self) -> list[Path]:
        return sorted(self.folder.glob("docs/*.parquet"))

    @property
    def truth(self) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "truth.parquet")

    def texts(self, row_ids: pl.Series) -> dict[str, str]:
        """row_id -> text of some rows."""
        chosen = pl.scan_parquet(self.shards).select("row_id", "text").join(
            row_ids.unique().alias("row_id").to_frame().lazy(), on="row_id", how="semi"
        )  # fmt: skip
        return dict(chosen.collect().iter_rows())


def corpus(rows: int, short: bool = False, shard_rows: int = SHARD_ROWS, seed: int = 1) -> Corpus:
    """A corpus of ``rows`` documents, planted ones included; made once."""
    genres = SHORT if short else MIXED
    files = [DATA / f"{name}.jsonl.gz" for genre in genres.values() for name, _ in genre.files]
    sizes = [file.stat().st_size for file in files if file.exists()]
    told = [CORPUS_VERSION, sizes, rows, short, shard_rows, seed]
    key = hashlib.sha256(repr(told).encode()).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / "curate-bench" / f"{'short' if short else 'mixed'}_{rows}_{key}"
    if not folder.exists():
        with tempfile.TemporaryDirectory(prefix="curate-bench-") as making:
            _Builder(rows, short, shard_rows, seed).build(Path(making) / "corpus")
            folder.parent.mkdir(exist_ok=True)
            with contextlib.suppress(OSError):  # another process was faster
                (Path(making) / "corpus").rename(folder)
    return Corpus(folder, rows)


def row_id(number: int) -> str:
    """A bijection of 32 bits, so that the order of the ids says nothing about who was copied from whom."""
    return f"docs:{number * 2654435761 % 2**32:08x}"


def family() -> tuple[pl.DataFrame, dict[str, str]]:
    """The templated records and their copies as rows, and row_id of a copy -> row_id of its source."""
    records, copies = templated()
    ids = [row_id(number) for number in range(TEMPLATED + TEMPLATED_COPIES)]
    texts = [*records, *(text for _, text in copies)]
    rows = pl.DataFrame({"row_id": ids, "genre": "template", "text": texts})
    of = {ids[TEMPLATED + place]: ids[source] for place, (source, _) in enumerate(copies)}
    return as_rows(rows.sample(fraction=1, shuffle=True, seed=1)), of


class _Builder:
    def __init__(self, rows: int, short: bool, shard_rows: int, seed: int) -> None:
        self.rows, self.short, self.shard_rows, self.seed = rows, short, shard_rows, seed
        self.pools = pools(short)
        self.near, self.exact = round(NEAR * rows), round(EXACT * rows)
        family = 0 if short or rows < 3 * TEMPLATED else TEMPLATED + TEMPLATED_COPIES
        self.family = family
        self.fresh = rows - self.near - self.exact - family
        self.shards = -(-rows // shard_rows)

    def build(self, folder: Path) -> None:
        """Fresh documents are made twice, which is faster than to keep them."""
        (folder / "docs").mkdir(parents=True)
        planted = pl.concat([self._copies(), self._family()]).sample(fraction=1, shuffle=True, seed=self.seed)
        planted.select("row_id", "of", "kind", "share").drop_nulls("of").write_parquet(
            folder / "truth.parquet"
        )
        starts = np.linspace(0, planted.height, self.shards + 1).astype(int)
        for shard, (first, base) in enumerate(self._spans()):
            ids = [row_id(first + number) for number in range(base)]
            fresh, genres = self.documents(shard, base)
            own = pl.DataFrame({"row_id": ids, "genre": genres, "text": fresh})
            copies = planted[starts[shard] : starts[shard + 1]].select("row_id", "genre", "text")
            whole = pl.concat([own, copies]).sample(fraction=1, shuffle=True, seed=self.seed + shard)
            path = folder / "docs" / f"{shard:05d}.parquet"
            as_rows(whole, self.seed + shard).write_parquet(path, compression="zstd", compression_level=1)

    def _spans(self) -> Iterator[tuple[int, int]]:
        """(number of its first document, documents) of the fresh part of each shard."""
        cuts = np.linspace(0, self.fresh, self.shards + 1).astype(int)
        yield from ((int(a), int(b - a)) for a, b in pairwise(cuts))

    def documents(self, shard: int, number: int) -> tuple[pl.Series, list[str]]:
        """Texts and genres of the fresh documents of one shard."""
        draw = np.random.default_rng([self.seed, shard])
        names = list(self.pools)
        shares = np.array([pool.share for pool in self.pools.values()])
        counts = draw.multinomial(number, shares / shares.sum())
        parts = [
            _documents(self.pools[name], int(count), draw) for name, count in zip(names, counts, strict=True)
        ]
        return pl.Series("text", pa.chunked_array(parts)), np.repeat(names, counts).tolist()

    def _copies(self) -> pl.DataFrame:
        draw = random.Random(self.seed)
        rows: list[tuple[Any, ...]] = []
        number = self.fresh
        for shard, (first, base) in enumerate(self._spans()):
            texts, genres = self.documents(shard, base)
            letters = "".join(texts.head(500)).replace("\n", "")
            long = np.flatnonzero(texts.str.len_chars().to_numpy() >= LEAST_COPIED).tolist()
            near, exact = (
                total * (shard + 1) // self.shards - total * shard // self.shards
                for total in (self.near, self.exact)
            )
            for order, place in enumerate(draw.sample(long, near + exact)):
                share = draw.uniform(0.01, 0.05) if order < near else 0.0
                text = edited(draw, texts[place], share, letters) if share else redressed(draw, texts[place])
                kind = "near" if share else "exact"
                rows.append((row_id(number), genres[place], text, row_id(first + place), kind, share))
                number += 1
        return _planted(rows)

    def _family(self) -> pl.DataFrame:
        if not self.family:
            return _planted([])
        records, copies = templated()
        first = self.fresh + self.near + self.exact
        rows: list[tuple[Any, ...]] = [
            (row_id(first + place), "template", text, None, "template", 0.0)
            for place, text in enumerate(records)
        ]
        for place, (source, text) in enumerate(copies, start=first + TEMPLATED):
            rows.append((row_id(place), "template", text, row_id(first + source), "template", 0.02))
        return _planted(rows)


def _planted(rows: list[tuple[Any, ...]]) -> pl.DataFrame:
    names = ("row_id", "genre", "text", "of", "kind", "share")
    schema = {name: pl.Float64 if name == "share" else pl.String for name in names}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _documents(pool: Pool, number: int, draw: np.random.Generator) -> pa.LargeStringArray:
    """Documents that lie behind each other in one stream of random clauses: only their offsets are computed."""
    goals = np.cumsum(draw.choice(pool.documents, number))
    pieces = draw.integers(
        len(pool.lengths), size=int(1.2 * goals[-1] / pool.lengths.mean()) + 2 * number + 100
    )
    ends = np.searchsorted(np.cumsum(pool.lengths[pieces]), goals) + 1
    place = np.arange(number)
    ends = np.maximum.accumulate(ends - place) + place  # each takes one clause at least
    stream = pool.pieces.take(pa.array(pieces[: ends[-1]]))
    offsets = np.frombuffer(stream.buffers()[1], dtype=np.int64)[np.concatenate([[0], ends])]
    return pa.LargeStringArray.from_buffers(number, pa.py_buffer(offsets.copy()), stream.buffers()[2])


def as_rows(documents: pl.DataFrame, seed: int = 0, name: str = "docs") -> pl.DataFrame:
    """row_id, genre, text -> rows with curate's system columns and a date."""
    days = np.random.default_rng(seed).integers(0, 2_900, documents.height)
    return documents.select(
        "row_id",
        pl.lit(name).alias("corpus"),
        pl.col("row_id").alias("cluster_id"),
        pl.lit(1, pl.Int64).alias("copies"),
        "genre",
        "text",
        (pl.date(2018, 1, 1) + pl.duration(days=pl.lit(pl.Series(days)))).dt.to_string().alias("updated_at"),
    )


def newcomers(old: Corpus, number: int, folder: Path) -> tuple[Path, dict[str, str]]:
    """Rows of a new week: 9 in 10 new, the others copies (near and exact) of documents of ``old``; a shard, and
    row_id of a copy -> row_id of its source.
    """
    builder = _Builder(old.rows, False, SHARD_ROWS, seed=2)
    texts, genres = builder.documents(10**6, number - number // 10)
    draw = random.Random(2)
    shards = [
        pl.read_parquet(path, columns=["row_id", "genre", "text"])
        for path in draw.sample(old.shards, min(3, len(old.shards)))
    ]
    past = (
        pl.concat(shards).filter(pl.col("text").str.len_chars() >= LEAST_COPIED).sample(number // 10, seed=2)
    )
    copies = [
        edited(draw, text, draw.uniform(0.01, 0.03), text) if place % 3 else redressed(draw, text)
        for place, text in enumerate(past["text"])
    ]
    ids = [f"docs:n{place:07d}" for place in range(number)]
    rows = pl.DataFrame(
        {
            "row_id": ids,
            "genre": [*genres, *past["genre"]],
            "text": [*texts, *copies],
        }
    )
    path = folder / "docs" / "newcomers.parquet"
    path.parent.mkdir()
    as_rows(rows.sample(fraction=1, shuffle=True, seed=2), 2).write_parquet(path, compression="zstd")
    return path, dict(zip(ids[-past.height :], past["row_id"], strict=True))
