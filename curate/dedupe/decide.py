"""What the methods of dedupe share: who is better, what becomes of each row, and carrying it out.

Rows go by their rank: 0 is the one that is kept before all others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from curate.algorithms.components import components, representatives
from curate.algorithms.minhash import F64, I64
from curate.algorithms.text import normal_form
from curate.engines.local import map_shards
from curate.rows import Outcome, Table, because, value_columns, with_text
from curate.sql import ask
from curate.unit import Form

Bools = npt.NDArray[np.bool_]

#: ``Decision.known``
KNOWN = pl.Schema(
    {
        "rank": pl.Int64,
        "of": pl.String,
        "similarity": pl.Float64,
        "cluster_id": pl.String,
        "removes": pl.Boolean,
    }
)
#: why a row goes, by number
REASONS = ("older_version", "exact_duplicate", "near_duplicate", "same_entity", "protected", "seen_before")


class Prefer(Form):
    """按某一列决定留哪一行。 / A column that decides which row stays."""

    column: str
    """列名 / the column"""
    order: list[str] = []
    """取值的先后，前面的优先；不写则大的（晚的）优先 / values, the preferred first; without them greater wins"""
    smallest: bool = False
    """小的优先 / the smaller wins"""

    def value(self, schema: Mapping[str, pl.DataType]) -> pl.Expr:
        """Greater is better; null where the row has no value or the corpus no such column. Numbers, and dates as
        seconds; text that is neither is no value.
        """
        if self.column not in schema:
            return pl.lit(None, pl.Float64)
        column = pl.col(self.column)
        if self.order:
            places = {value: float(-place) for place, value in enumerate(self.order)}
            return column.cast(pl.String).replace_strict(places, default=None, return_dtype=pl.Float64)
        if schema[self.column].is_temporal():
            number = column.cast(pl.Datetime("us")).dt.epoch("s").cast(pl.Float64)
        else:
            number = column.cast(pl.Float64, strict=False)
        if schema[self.column] == pl.String:
            day = column.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
            number = pl.coalesce(number, 86_400.0 * day.dt.epoch("d"))
        return -number if self.smallest else number


Criterion = Literal["corpus", "quality", "updated_at", "completeness", "length"] | Prefer


@dataclass(frozen=True)
class Source:
    """A corpus as dedupe sees it. ``key`` is the cache key of its table."""

    table: Table
    key: str
    columns: tuple[str, ...] = ()  #: the declared key columns
    identity: tuple[str, ...] = ()  #: rows that differ in one of these are never duplicates
    derived_text: str | None = None  #: what ``text`` is made of, where it is made of other columns
    protected: bool = False  #: its rows stay, and rows of other corpora that repeat them go

    @property
    def name(self) -> str:
        return self.table.corpus


@dataclass
class Decision:
    """All rows of all corpora, narrow, and what has been decided about them. Arrays go by rank.

    Attributes:
        position: the row's number in the order of the files.
        corpus: the number of its corpus.
        part: rows of one part may be copies of each other.
        of: the row that it was removed against, or -1; ``similarity`` and ``reason`` belong to it.
        notes: ranks of removed rows, and a detail of each.
        copies: how many rows it stands for.
        links: pairs of rows that belong together without one of them being removed.
        known: rows of an index that rows were found to be alike: rank, of (row_id), similarity, cluster_id,
            removes (the row goes because of it).
    """

    sources: list[Source]
    position: I64
    corpus: I64
    part: I64
    identity: list[tuple[Bools, npt.NDArray[np.uint64]]]
    copies: I64
    of: I64
    similarity: F64
    reason: npt.NDArray[np.int8]
    notes: list[tuple[I64, pl.Series]] = field(default_factory=list)
    links: list[tuple[I64, I64]] = field(default_factory=list)
    known: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=KNOWN))

    @property
    def rows(self) -> int:
        return len(self.position)

    @cached_property
    def rank(self) -> I64:
        """The rank of each position."""
        rank = np.empty(self.rows, np.int64)
        rank[self.position] = np.arange(self.rows)
        return rank

    @property
    def stays(self) -> Bools:
        """Not removed so far."""
        found: Bools = self.reason < 0
        return found

    def protected(self, ranks: I64) -> Bools:
        marks: Bools = np.array([source.protected for source in self.sources], dtype=bool)
        return marks[self.corpus[ranks]]

    def comparable(self, better: I64, worse: I64) -> Bools:
        """May the worse row go because of the better one? A protected row never does."""
        shield, shielded = self.protected(better), self.protected(worse)
        same = (self.part[better] == self.part[worse]) & self.same_identity(better, worse)
        found: Bools = ~shielded & (shield | same)
        return found

    def same_identity(self, left: I64, right: I64) -> Bools:
        """Is no identity value there on both sides and different?"""
        same: Bools = np.ones(len(left), dtype=bool)
        for known, value in self.identity:
            same = same & ~(known[left] & known[right] & (value[left] != value[right]))
        return same

    def remove(self, better: I64, worse: I64, similarity: F64, reason: str) -> None:
        """Remove rows by pairs of comparable rows that stay so far; see ``components.representatives``."""
        of = representatives(self.rows, better, worse, similarity)
        gone = np.flatnonzero(of >= 0)
        # of the pairs the one that decided: the most similar to the row named
        matched = of[worse] == better
        self.similarity[worse[matched]] = similarity[matched]
        self.of[gone] = of[gone]
        shielded = self.protected(of[gone]) & ~self.protected(gone)
        self.reason[gone] = np.where(shielded, REASONS.index("protected"), REASONS.index(reason))
        np.add.at(self.copies, of[gone], np.where(shielded, 0, self.copies[gone]))
        self.links.append((better, worse))

    def remove_known(self, found: pl.DataFrame, reason: str) -> None:
        """Remove rows that repeat a row of an index: KNOWN."""
        gone = found.filter("removes").sort("similarity", "of", descending=[False, True])
        ranks = gone["rank"].to_numpy()
        self.reason[ranks] = REASONS.index(reason)
        self.similarity[ranks] = gone[
            "similarity"
        ].to_numpy()  # of several the last one written, the greatest
        self.known = pl.concat([self.known, found])


def ranked(
    sources: list[Source], keep: list[Criterion], across: list[list[str]], lengths: list[pl.Series]
) -> Decision:
    """The rows from the best to the worst; what is equal in all of ``keep`` goes by row_id.

    Args:
        lengths: of each corpus the length of every row's normal form, where the texts were read already.
    """
    parts = _parts([source.name for source in sources], across)
    needs = max((len(source.identity) for source in sources), default=0)
    frames = [
        _narrow(source, number, keep, needs, lengths[number] if lengths else None)
        for number, source in enumerate(sources)
    ]
    rows = pl.concat(frames, how="vertical_relaxed").with_row_index("position")
    keys = [f"k{place}" for place in range(len(keep))]
    rows = rows.sort(
        ["shield", *keys, "row_id"], descending=[True, *(True for _ in keys), False], nulls_last=True
    )
    corpus = rows["corpus"].to_numpy().astype(np.int64)
    count = rows.height
    return Decision(
        sources=sources,
        position=rows["position"].to_numpy().astype(np.int64),
        corpus=corpus,
        part=np.array(parts, np.int64)[corpus],
        identity=[
            (rows[f"id{place}"].is_not_null().to_numpy(), rows[f"id{place}"].fill_null(0).to_numpy())
            for place in range(needs)
        ],
        copies=rows["copies"].to_numpy().copy(),
        of=np.full(count, -1, np.int64),
        similarity=np.zeros(count),
        reason=np.full(count, -1, np.int8),
    )


def _parts(names: list[str], across: list[list[str]]) -> list[int]:
    """The number of each corpus's part: its own, or that of the first of those it is compared with."""
    first = {name: group[0] for group in across for name in group}
    return [names.index(first.get(name, name)) for name in names]


def _narrow(
    source: Source, number: int, keep: list[Criterion], needs: int, lengths: pl.Series | None
) -> pl.DataFrame:
    """One shard after the other: what looks at texts must not hold them all."""
    schema = source.table.schema
    own = [name for name in value_columns(pl.DataFrame(schema=schema)) if name != "text"]
    identity = [_identity(column) for column in source.identity]
    identity += [pl.lit(None, pl.UInt64) for _ in range(needs - len(identity))]
    values = {f"k{at}": _value(criterion, number, own, schema) for at, criterion in enumerate(keep)}
    known = [f"k{at}" for at, criterion in enumerate(keep) if criterion == "length" and lengths is not None]
    columns = [
        "row_id",
        "copies",
        pl.lit(number, pl.Int32).alias("corpus"),
        pl.lit(source.protected).alias("shield"),
        *(
            pl.lit(0, pl.Int64).alias(name) if name in known else value.alias(name)
            for name, value in values.items()
        ),
        *(column.alias(f"id{at}") for at, column in enumerate(identity)),
    ]
    rows = pl.concat(
        map_shards(lambda shard: pl.scan_parquet(shard).select(columns).collect(), source.table.shards)
    )
    return rows.with_columns(pl.Series(name, lengths, pl.Int64) for name in known)


def _value(criterion: Criterion, number: int, own: list[str], schema: dict[str, Any]) -> pl.Expr:
    """Greater is better."""
    if isinstance(criterion, Prefer):
        return criterion.value(schema)
    if criterion == "corpus":
        return pl.lit(-number, pl.Int64)
    if criterion == "updated_at":
        return pl.col("updated_at").cast(pl.String)
    if criterion == "completeness":
        return pl.sum_horizontal(pl.col(name).is_not_null() for name in own).cast(pl.Int64)
    if criterion == "length":
        return pl.col("text").str.len_chars().cast(pl.Int64)
    return quality(pl.col("text"))


def quality(text: pl.Expr) -> pl.Expr:
    """The share of a text's characters that are letters, digits, spaces or usual punctuation, in hundredths."""
    good = text.str.count_matches(r"[\p{L}\p{N} ，。！？、；：（）《》“”,.!?;:()%-]")
    return (100 * good / text.str.len_chars()).round(0).cast(pl.Float64)


def _identity(column: str) -> pl.Expr:
    value = normal_form(pl.col(column).cast(pl.String))
    return pl.when(value != "").then(value.hash(seed=0))


def verdicts_of(folder: Path, corpus: str) -> Path:
    """The file of what becomes of a corpus's rows, in the folder of the decision."""
    return folder / "verdicts" / f"{corpus}.parquet"


def told(decision: Decision) -> pl.DataFrame:
    """What becomes of the rows that dedupe touches, the best first.

    Columns: corpus (its number), place (row of the corpus, in the order of its files), row_id, of, similarity,
    reason, detail, cluster_id, copies. ``cluster_id`` of a group is the one among its members' row_ids with the
    smallest MD5: it changes only when a newcomer happens to have a smaller one, so that a row's split stays
    where it was when the data grows; a group that repeats rows of an index takes theirs.
    """
    names = pl.concat([source.table.narrow(["row_id"]) for source in decision.sources])["row_id"]
    names = names.gather(decision.position)
    starts = np.cumsum([0, *(source.table.rows for source in decision.sources)])
    clusters = _clusters(decision, names)
    seen = decision.known.filter(pl.col("rank").is_in(np.flatnonzero(decision.of < 0)))
    seen = seen.sort("removes", "similarity", "of", descending=[True, True, False]).unique(
        "rank", keep="first", maintain_order=True
    )
    why = pl.Series(REASONS)
    gone = decision.reason >= 0
    touched = np.flatnonzero(gone | clusters["touched"].to_numpy() | (decision.copies != 1))
    of = decision.of[touched]
    frame = pl.DataFrame(
        {
            "rank": touched,
            "corpus": decision.corpus[touched],
            "place": decision.position[touched] - starts[decision.corpus[touched]],
            "row_id": names.gather(touched),
            "of": names.gather(np.maximum(of, 0)).set(pl.Series(of < 0), None) if len(of) else names[:0],
            "similarity": pl.Series(decision.similarity[touched]).set(pl.Series(~gone[touched]), None),
            "reason": why.gather(np.maximum(decision.reason[touched], 0)).set(
                pl.Series(~gone[touched]), None
            ),
            "cluster_id": clusters["cluster_id"].gather(touched),
            "copies": decision.copies[touched],
        }
    )
    notes = [pl.DataFrame({"rank": ranks, "detail": detail}) for ranks, detail in decision.notes]
    details = pl.concat([pl.DataFrame(schema={"rank": pl.Int64, "detail": pl.String}), *notes])
    named = frame.join(seen.select("rank", known="of"), on="rank", how="left", maintain_order="left").join(
        details, on="rank", how="left", maintain_order="left"
    )
    return named.with_columns(
        pl.coalesce("of", pl.when(pl.col("reason").is_not_null()).then("known")).alias("of")
    ).drop("known", "rank")


def _clusters(decision: Decision, names: pl.Series) -> pl.DataFrame:
    """cluster_id and touched (it is not the row's own) of every row, by rank."""
    left, right = (
        np.concatenate([np.zeros(0, np.int64), *(pair[side] for pair in decision.links)]) for side in (0, 1)
    )
    label = components(decision.rows, left, right)
    members = np.flatnonzero(np.bincount(label, minlength=1)[label] > 1)
    known = decision.known.select("rank", "cluster_id")
    crowd = pl.DataFrame({"label": label[members], "name": names.gather(members)}).with_columns(known=False)
    outside = pl.DataFrame(
        {"label": label[known["rank"].to_numpy()], "name": known["cluster_id"]}
    ).with_columns(known=True)
    anchors = ask(
        "SELECT label, arg_min(name, (NOT known, md5(name), name)) AS cluster_id FROM rows GROUP BY label",
        rows=pl.concat([crowd, outside], how="vertical_relaxed"),
    )
    whole = pl.DataFrame({"label": label, "name": names}).join(
        anchors, on="label", how="left", maintain_order="left"
    )
    return whole.select(
        pl.coalesce("cluster_id", "name").alias("cluster_id"),
        (pl.col("cluster_id").is_not_null() & (pl.col("cluster_id") != pl.col("name"))).alias("touched"),
    )


def carry_out(
    rows: pl.DataFrame, start: int, told: pl.DataFrame, golden: pl.DataFrame | None, derived: str | None
) -> Outcome:
    """Drop and mark the rows of one shard, whose first is row ``start`` of the corpus, as they are ``told``."""
    own = told.select(
        pl.col("place") - start,
        "of",
        "similarity",
        "reason",
        "detail",
        told_cluster="cluster_id",
        told_copies="copies",
    )
    marked = pl.DataFrame({"place": np.arange(rows.height)}).join(
        own, on="place", how="left", maintain_order="left"
    )
    whole = rows.with_columns(
        pl.coalesce(marked["told_cluster"], rows["cluster_id"]).alias("cluster_id"),
        pl.coalesce(marked["told_copies"], rows["copies"]).alias("copies"),
    )
    gone = marked["reason"].is_not_null()
    why = marked.filter(gone)
    dropped = because(
        whole.filter(gone),
        pl.lit(why["reason"]),
        detail=pl.lit(why["detail"]),
        of=pl.lit(why["of"]),
        similarity=pl.lit(why["similarity"]),
    )
    kept = whole.filter(~gone)
    if golden is not None and golden.height:
        kept = with_golden(kept, golden, derived)
    return Outcome(kept, dropped)


def with_golden(rows: pl.DataFrame, golden: pl.DataFrame, derived: str | None) -> pl.DataFrame:
    """``rows`` with the values of their golden rows, and their text made anew of them."""
    mine = golden.filter(pl.col("row_id").is_in(rows["row_id"].implode()))
    if not mine.height:
        return rows
    own = [name for name in value_columns(mine) if name in rows.columns]
    changed = rows.update(mine.select("row_id", *own), on="row_id", include_nulls=False)
    better = with_text(changed, derived)
    here = rows["row_id"].is_in(mine["row_id"].implode())
    return changed.with_columns(better["text"].zip_with(here, rows["text"]).alias("text"))
