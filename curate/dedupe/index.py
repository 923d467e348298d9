"""The index: rows of earlier runs, kept so that new rows are compared with them in time proportional to the new.

::

    runs/index/<name>/stops.parquet              the template's shingles, for as long as the index lives
                      <segment>/rows.parquet     row_id, of, cluster_id, id0 …: a row each; its file metadata is
                                                 the header: algorithm, normal form, parameters, corpus, heights
                                00000.*          the texts and band keys, as ``sign`` writes them

A segment is one corpus of one run. Rows that were removed stay in it, or copies of copies come back; each names
the row that stands for it. A row of the run at hand is never compared with its own earlier version, nor with
one that went because of it: so a run can be repeated, and its old segments are replaced.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import Any
from uuid import uuid4

import numpy as np
import numpy.typing as npt
import polars as pl
from filelock import FileLock

from curate import __version__
from curate.algorithms.minhash import (
    ALGORITHM,
    CLASSES,
    I64,
    LENGTHS,
    PERMUTATIONS,
    Bools,
    sorted_unique,
)
from curate.algorithms.text import NORMAL_FORM, normal_form
from curate.dedupe.decide import KNOWN, Decision, Source, verdicts_of
from curate.dedupe.sign import Signed, Stops, TextStore, band_keys, ranges_of_bands
from curate.errors import CurateError
from curate.files import link, sha256_of, write_parquet
from curate.language import say
from curate.sql import ask

FORMAT = 1
HEADER = "curate.dedupe"
#: Booleans of the filter in front of a search among the new rows' keys.
FILTER = 1 << 20


def header_of(bands: tuple[int, int], stops: Stops) -> dict[str, Any]:
    """What two sets of band keys must share to be compared."""
    return {
        "format": FORMAT,
        "algorithm": ALGORITHM,
        "normal_form": NORMAL_FORM,
        "classes": [list(one) for one in CLASSES],
        "permutations": PERMUTATIONS,
        "bands": list(bands),
        "stops": digest_of(stops),
    }


def digest_of(stops: Stops) -> str:
    return sha256_of({str(n): values.tolist() for n, values in stops.items()})[:16]


def segment_name(source: Source, header: dict[str, Any]) -> str:
    return sha256_of([source.name, source.key, header])[:24]


@dataclass(frozen=True)
class Segment:
    """One corpus of one earlier run."""

    folder: Path
    header: dict[str, Any]

    @property
    def signed(self) -> Signed:
        return Signed(self.folder, tuple(self.header["heights"]), self.folder)

    def rows(self, *columns: str) -> pl.DataFrame:
        return pl.read_parquet(self.folder / "rows.parquet", columns=list(columns) or None)

    def apart_from(self, names: pl.Series) -> Bools:
        """The rows that are no version of one of ``names``, and did not go because of one."""
        own = names.implode()
        rows = self.rows("row_id", "of")
        found: Bools = (
            rows.select(~(pl.col("row_id").is_in(own) | pl.col("of").is_in(own).fill_null(False)))
            .to_series()
            .to_numpy()
        )
        return found

    def is_replaced_by(self, corpus: str, names: pl.Series) -> bool:
        """Has every row of it come again in this corpus?"""
        return self.header["corpus"] == corpus and bool(
            self.rows("row_id")["row_id"].is_in(names.implode()).all()
        )


class Index:
    """An index on disk; empty where there is none yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def name(self) -> str:
        return self.folder.name

    @cached_property
    def segments(self) -> list[Segment]:
        files = sorted(self.folder.glob("[0-9a-f]*/rows.parquet"))
        return [Segment(file.parent, json.loads(pl.read_parquet_metadata(file)[HEADER])) for file in files]

    @property
    def names(self) -> set[str]:
        """The segments' names, which say what is in them."""
        return {segment.folder.name for segment in self.segments}

    @cached_property
    def stops(self) -> Stops | None:
        file = self.folder / "stops.parquet"
        if not file.exists():
            return None
        rows = pl.read_parquet(file)
        return {n: rows.filter(pl.col("n") == n)["shingle"].to_numpy() for n in LENGTHS}

    def check(self, wanted: dict[str, Any]) -> None:
        """Raises:
        CurateError: the index was made in another way than ``wanted`` (``header_of``).
        """
        for segment in self.segments:
            other = [name for name, value in wanted.items() if segment.header.get(name) != value]
            if other:
                told = "; ".join(f"{name}: {segment.header.get(name)} / {wanted[name]}" for name in other)
                raise CurateError(
                    say(
                        f"去重索引 {self.name} 是用另一种做法建的，不能比较（索引 / 现在：{told}）",
                        f"the dedupe index {self.name} was made in another way and cannot be compared with (index / now: {told})",
                    ),
                    say(
                        f"把 alike 改回原来的值，或换一个索引名，或删除 {self.folder} 后用全部数据重建",
                        f"set alike back, or name another index, or delete {self.folder} and build it anew from all the data",
                    ),
                )

    def found(
        self, decision: Decision, new: New, protects: bool, threshold: float, alike: float
    ) -> pl.DataFrame:
        """The rows still there that are at least ``alike`` one of the index: KNOWN."""
        parts = [pl.DataFrame(schema=KNOWN)]
        for segment in self.segments:
            if segment.folder.name not in new.names:
                parts += _in_segment(segment, decision, new, protects, threshold, alike)
        return pl.concat(parts)

    def add(
        self, sources: list[Source], signed: list[Signed], stops: Stops, header: dict[str, Any], decided: Path
    ) -> None:
        """Take a run's rows in. A segment appears whole or not at all; those it replaces go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "lock"):
            for left in self.folder.glob(".*.tmp"):
                shutil.rmtree(left)
            if not (self.folder / "stops.parquet").exists():
                rows = [
                    {"n": n, "shingle": value} for n, values in stops.items() for value in values.tolist()
                ]
                write_parquet(
                    self.folder / "stops.parquet",
                    pl.DataFrame(rows, schema={"n": pl.Int64, "shingle": pl.UInt32}),
                )
            for source, corpus in zip(sources, signed, strict=True):
                folder = self.folder / segment_name(source, header)
                if not source.protected and not folder.exists():
                    self._write(folder, source, corpus, header, [one.name for one in sources], decided)

    def _write(
        self,
        folder: Path,
        source: Source,
        corpus: Signed,
        header: dict[str, Any],
        names: list[str],
        decided: Path,
    ) -> None:
        temporary = self.folder / f".{uuid4().hex}.tmp"
        temporary.mkdir()
        assert corpus.bands is not None
        for part in (corpus.texts, corpus.bands):
            for file in part.glob("[0-9]*.*"):
                link(file, temporary / file.name)
        rows = _standing(source, names, decided)
        about = header | {"corpus": source.name, "heights": list(corpus.heights), "curate": __version__}
        rows.write_parquet(
            temporary / "rows.parquet",
            compression="zstd",
            compression_level=1,
            metadata={HEADER: json.dumps(about)},
        )
        old = [segment for segment in self.segments if segment.is_replaced_by(source.name, rows["row_id"])]
        temporary.rename(folder)
        for segment in old:
            shutil.rmtree(segment.folder)


@dataclass(frozen=True)
class New:
    """The rows of the run at hand, to be looked up.

    Attributes:
        names: the names that its own segments would have.
    """

    signed: list[Signed]
    stops: Stops
    bands: tuple[int, int]
    names: set[str]

    @cached_property
    def about(self) -> pl.DataFrame:
        return pl.concat([corpus.about for corpus in self.signed]).with_row_index("position")


def _in_segment(
    segment: Segment, decision: Decision, new: New, protects: bool, threshold: float, alike: float
) -> Iterator[pl.DataFrame]:
    ids = pl.concat([source.table.narrow(["row_id"]) for source in decision.sources])["row_id"]
    open_ = segment.apart_from(ids)
    if not open_.any():
        return
    pairs = [_same(segment, decision, new, open_)]
    for n in LENGTHS:
        pairs += _alike(segment, decision, new, open_, n, alike)
    found = pl.concat(pairs)
    if not found.height:
        return
    removes = protects | _same_part(decision, segment.header["corpus"], found["rank"].to_numpy())
    removes &= protects | _same_identity(segment, decision, found)
    removes &= found["full"].to_numpy() >= threshold
    removes &= ~decision.protected(found["rank"].to_numpy())
    rows = segment.rows("row_id", "cluster_id")
    yield found.select(
        "rank",
        of=rows["row_id"].gather(found["old"]),
        similarity="full",
        cluster_id=rows["cluster_id"].gather(found["old"]),
        removes=pl.Series(removes),
    ).cast(KNOWN)


def _same(segment: Segment, decision: Decision, new: New, open_: Bools) -> pl.DataFrame:
    """rank, old (row of the segment), full: rows with the same text, the first of the segment's."""
    mine = new.about.with_columns(rank=pl.Series(decision.rank)).filter(
        pl.Series(decision.stays[decision.rank]) & (pl.col("length") > 0)
    )
    old = segment.signed.about.with_row_index("old").filter(pl.Series(open_))
    both = mine.join(old, on=["md5_high", "md5_low"], how="inner")
    first = both.group_by("rank").agg(pl.col("old").min()).sort("rank")
    return first.select(pl.col("rank").cast(pl.Int64), pl.col("old").cast(pl.Int64), full=pl.lit(1.0))


def _alike(
    segment: Segment, decision: Decision, new: New, open_: Bools, n: int, alike: float
) -> Iterator[pl.DataFrame]:
    """rank, old, full of the pairs that share a band, by their texts."""
    least, most = next((least, most) for size, least, most in CLASSES if size == n)
    pairs = np.empty(0, np.uint64)
    for more, bands in product((False, True), ranges_of_bands([segment.signed], new.bands[0])):
        positions, mine = _new_keys(decision, new, n, bands, more)
        if not positions.size:
            continue
        old, theirs = band_keys([segment.signed], n, bands, more)
        for keys, own in zip(theirs, mine, strict=True):
            found = _probe(keys, own, positions)
            rows = old[found >> np.uint64(32)]
            packed = rows.astype(np.uint64) << np.uint64(32) | found & np.uint64(0xFFFFFFFF)
            pairs = sorted_unique(np.concatenate([pairs, packed[open_[rows]]]))
    rows, positions = (
        (pairs >> np.uint64(32)).astype(np.int64),
        (pairs & np.uint64(0xFFFFFFFF)).astype(np.int64),
    )
    old_lengths = segment.signed.about["length"].to_numpy()[rows].astype(np.int64)
    lengths = new.about["length"].to_numpy()[positions].astype(np.int64)
    shorter = np.minimum(old_lengths, lengths)
    fits = (shorter >= least) & (shorter <= most)
    rows, positions = rows[fits], positions[fits]
    store = TextStore([segment.signed, *new.signed])
    full, distinct = store.jaccard(rows, positions + segment.signed.rows, n, new.stops[n])
    near = (full >= alike) | (distinct >= alike)
    yield pl.DataFrame({"rank": decision.rank[positions[near]], "old": rows[near], "full": full[near]})


def _new_keys(
    decision: Decision, new: New, n: int, bands: range, more: bool
) -> tuple[I64, list[npt.NDArray[np.uint32]]]:
    """Positions of the rows still there that n concerns, and their keys in some bands."""
    rows, columns = band_keys(new.signed, n, bands, more)
    here = decision.stays[decision.rank[rows]]
    return rows[here], [column[here] for column in columns]


def _probe(
    old: npt.NDArray[np.uint32], keys: npt.NDArray[np.uint32], positions: I64
) -> npt.NDArray[np.uint64]:
    from curate.algorithms import kernels

    wanted = np.sort(keys.astype(np.uint64) << np.uint64(32) | positions.astype(np.uint64))
    out = np.empty(4 * len(wanted) + 64, np.uint64)
    count = kernels.probed(old, wanted, np.zeros(FILTER, np.bool_), out)
    if count > len(out):
        out = np.empty(count, np.uint64)
        kernels.probed(old, wanted, np.zeros(FILTER, np.bool_), out)
    return out[:count]


def _same_part(decision: Decision, corpus: str, ranks: I64) -> Bools:
    """Are the rows of the segment's corpus, or of one that is compared with it?"""
    names = [source.name for source in decision.sources]
    if corpus not in names:
        return np.zeros(len(ranks), np.bool_)
    first = int(np.flatnonzero(decision.corpus == names.index(corpus))[0])
    found: Bools = decision.part[ranks] == decision.part[first]
    return found


def identity_of(source: Source) -> pl.DataFrame:
    """id0 …: the first half of the MD5 of each identity value, null where it is empty; a row each."""
    if not source.identity:
        return pl.DataFrame({"none": pl.zeros(source.table.rows, eager=True)}).drop("none")
    plain = pl.scan_parquet(list(source.table.shards)).select(
        normal_form(pl.col(column).cast(pl.String)).alias(f"id{place}")
        for place, column in enumerate(source.identity)
    )
    wanted = ", ".join(
        f"CASE WHEN id{place} <> '' THEN md5_number_upper(id{place}) END AS id{place}"
        for place in range(len(source.identity))
    )
    return ask(f"SELECT {wanted} FROM rows", rows=plain.collect())


def _same_identity(segment: Segment, decision: Decision, found: pl.DataFrame) -> Bools:
    """Is no identity value there on both sides and different?"""
    same: Bools = np.ones(found.height, np.bool_)
    source = next((one for one in decision.sources if one.name == segment.header["corpus"]), None)
    if source is None or not source.identity:
        return same
    start = int(np.cumsum([0, *(one.table.rows for one in decision.sources)])[decision.sources.index(source)])
    rows = segment.rows()
    mine = identity_of(source)
    place = decision.position[found["rank"].to_numpy()] - start
    inside = (place >= 0) & (place < source.table.rows)
    for name in (name for name in mine.columns if name in rows.columns):
        ours = mine[name].gather(np.where(inside, place, 0))
        theirs = rows[name].gather(found["old"])
        same = same & ~(inside & (ours != theirs).fill_null(False).to_numpy())
    return same


def _standing(source: Source, names: list[str], decided: Path) -> pl.DataFrame:
    """row_id, of (the row that stands for it in the end, null for one that stays), cluster_id, id0 …"""
    told = pl.read_parquet(verdicts_of(decided, source.name)).select("row_id", "of", "cluster_id")
    every = pl.read_parquet([verdicts_of(decided, name) for name in names], columns=["row_id", "of"])
    further = every.drop_nulls("of").rename({"row_id": "of", "of": "next"})
    for _ in range(8):  # older version -> exact copy -> near copy -> same entity -> seen before
        told = (
            told.join(further, on="of", how="left", maintain_order="left")
            .with_columns(of=pl.coalesce("next", "of"))
            .drop("next")
        )
    whole = source.table.narrow(["row_id"]).with_columns(identity_of(source))
    rows = whole.join(told, on="row_id", how="left", maintain_order="left")
    return rows.with_columns(pl.coalesce("cluster_id", "row_id").alias("cluster_id"))
