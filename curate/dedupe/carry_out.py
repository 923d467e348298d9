"""What becomes of each row, and carrying it out shard by shard."""

from __future__ import annotations

import numpy as np
import polars as pl

from curate.algorithms.components import components
from curate.dedupe.decide import REASONS, Decision
from curate.rows import Outcome, because, value_columns, with_text
from curate.sql import ask


def told(decision: Decision) -> pl.DataFrame:
    """What becomes of the rows that dedupe touches, the best first.

    Columns: corpus (its number), place (row of the corpus, in the order of its files), row_id, of, similarity,
    reason, detail, cluster_id, copies. ``cluster_id`` of a group is the one among its members' row_ids with the
    smallest MD5: it changes only when a newcomer happens to have a smaller one, so that a row's split stays
    where it was when the data grows; a group that repeats rows of an index takes theirs.
    """
    names = decision.names
    clusters = _clusters(decision)
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
            "place": decision.position[touched] - decision.starts[decision.corpus[touched]],
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


def _clusters(decision: Decision) -> pl.DataFrame:
    """cluster_id and touched (it is not the row's own) of every row, by rank."""
    names = decision.names
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
    here = changed["row_id"].is_in(mine["row_id"].implode())
    anew = with_text(changed.filter(here), derived)["text"]
    return changed.with_columns(changed["text"].scatter(here.arg_true(), anew))
