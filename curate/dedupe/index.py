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
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import uuid4

import polars as pl
from filelock import FileLock

from curate import __version__
from curate.algorithms.minhash import ALGORITHM, CLASSES, PERMUTATIONS, Bools
from curate.algorithms.text import NORMAL_FORM, normal_form
from curate.dedupe.decide import Source, verdicts_of
from curate.dedupe.sign import STOPS, Signed, Stops, read_stops, write_stops
from curate.errors import CurateError
from curate.files import link, sha256_of
from curate.language import say
from curate.sql import ask

FORMAT = 1
HEADER = "curate.dedupe"


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

    @property
    def columns(self) -> list[str]:
        return list(pl.read_parquet_schema(self.folder / "rows.parquet"))

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
        file = self.folder / STOPS
        return read_stops(file) if file.exists() else None

    def check(self, wanted: dict[str, Any]) -> None:
        """Raises:
        CurateError: the index was made in another way than ``wanted`` (``header_of``).
        """
        for segment in self.segments:
            other = [name for name, value in wanted.items() if segment.header.get(name) != value]
            if other:
                told = "; ".join(f"{name}: {segment.header.get(name)} / {wanted[name]}" for name in other)
                why, hint = self._mismatch(other, str(segment.header.get("curate")))
                raise CurateError(
                    say(
                        f"不能和去重索引 {self.name} 比较：{why}（索引 / 现在：{told}）",
                        f"the dedupe index {self.name} cannot be compared with: {why} (index / now: {told})",
                    ),
                    hint,
                )

    def _mismatch(self, other: list[str], made_by: str) -> tuple[str, str]:
        """Why an index whose header differs in ``other`` cannot be used, and what to do."""
        anew = say(
            f"删除 {self.folder} 后用全部数据重建",
            f"delete {self.folder} and build it anew from all the data",
        )
        if set(other) - {"bands", "stops"}:
            return (
                say(
                    f"它是 curate {made_by} 建的，那时的算法不同",
                    f"curate {made_by} made it, by another algorithm",
                ),
                say(f"{anew}，或换一个索引名", f"{anew}, or name another index"),
            )
        if "bands" in other:
            return (
                say("它是用另一个 alike 建的", "it was made with another alike"),
                say(
                    f"把 minhash 的 alike 改回原来的值；或{anew}，或换一个索引名",
                    f"set minhash.alike back to what it was; or {anew}, or name another index",
                ),
            )
        return (
            say(
                "它的模板用语与配方里另一个索引的不同，两个索引是各自建的",
                "the recipe's other index has other template shingles, as each was built on its own",
            ),
            say(
                f"配方里只留其中一个索引；或{anew}：与另一个写在同一份配方里，它就沿用那一个的模板用语",
                f"leave one of the two out of the recipe; or {anew}, in a recipe that names the other, whose template "
                f"shingles it then takes over",
            ),
        )

    def add(
        self, sources: list[Source], signed: list[Signed], stops: Stops, header: dict[str, Any], decided: Path
    ) -> None:
        """Take a run's rows in. A segment appears whole or not at all; those it replaces go."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.folder / "lock"):
            for left in self.folder.glob(".*.tmp"):
                shutil.rmtree(left)
            if not (self.folder / STOPS).exists():
                write_stops(self.folder / STOPS, stops)
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
