"""The last cut: general-domain pairs to their share, and a model's pairs to the cap, of the training set as it will be."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import polars as pl

from curate.algorithms.cap import COPY, Cap, allowed, as_fraction
from curate.language import say
from curate.mix.balance import trained
from curate.mix.decide import VERDICT
from curate.mix.form import General
from curate.pairs import all_text
from curate.rows import Table
from curate.sql import ask

COLUMNS = ["pair_id", "corpus", "split", "kind", "origin", "score"]
ORIGINS = ("real", "template", "llm")
SHARES = {"origin": pl.String, "rows": pl.Int64, "characters": pl.Int64, "tokens": pl.Int64}


def over_cap(
    tables: list[Table], cap: Cap, general: General | None = None
) -> tuple[pl.DataFrame, dict[str, Any]]:
    """(a row of ``VERDICT`` for each training pair that goes, figures for the manifest).

    Of the pairs that the cap counts the best stay: by score (none is the worst), then by the MD5 of the id. All kinds
    that train are one set. Repetitions make no room: others count once, however often they stand. General-domain pairs
    go first by the MD5 of their id; either cut makes the other's room smaller, so they are repeated until both hold.
    """
    parts = [table.narrow(COLUMNS) for table in tables]
    every = pl.concat(
        [pl.DataFrame(schema=dict.fromkeys(COLUMNS, pl.String) | {"score": pl.Float64}), *parts]
    )
    left = _ordered(every.filter(trained()), cap, general.corpus if general else None)
    figures: dict[str, Any] = {
        "cap": str(cap.share),
        "counts": list(cap.counts),
        "there_were": int(left["counted"].sum()),
    }
    share = as_fraction(general.share) if general else Fraction(0)
    verdicts, general_there = [pl.DataFrame(schema=VERDICT)], int(left["general"].sum())
    while True:
        before = left.height
        if general:
            room = allowed(int((~left["general"]).sum()), share)
            left, gone = _cut(left, pl.col("general"), room)
            verdicts.append(_told(gone, "over_share", _share_text(general, room)))
        _, others = cap.measure(left)
        room = allowed(others, cap.share)
        left, gone = _cut(left, pl.col("counted"), room)
        verdicts.append(_told(gone, "over_cap", _cap_text(cap.share, others, room)))
        if left.height == before:
            break
    told = pl.concat(verdicts).sort("pair_id")
    figures |= {
        "allowed": room,
        "others": others,
        "trimmed": int((told["reason"] == "over_cap").sum()),
        "stages": _stages(left),
    }
    if general:
        figures["general"] = _general_figures(left, general, general_there)
    return told, figures


def _ordered(pairs: pl.DataFrame, cap: Cap, general: str | None) -> pl.DataFrame:
    """``counted`` and ``general`` behind the columns; the first stay longest."""
    marked = pairs.with_columns(
        pl.col("origin").is_in(list(cap.counts)).alias("counted"),
        (pl.col("corpus") == general if general else pl.lit(False)).alias("general"),
    )
    return ask(
        f"SELECT * FROM pairs ORDER BY regexp_matches(pair_id, '{COPY}[0-9]+$'), score DESC NULLS LAST, md5(pair_id), pair_id",
        pairs=marked,
    )


def _cut(left: pl.DataFrame, which: pl.Expr, room: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    beyond = which & (which.cum_sum() > room)
    return left.filter(~beyond), left.filter(beyond)


def _told(gone: pl.DataFrame, reason: str, detail: str) -> pl.DataFrame:
    told = {"pair_id": pl.col("pair_id"), "reason": pl.lit(reason), "detail": pl.lit(detail)}
    return gone.select(told.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in VERDICT.items())


def _cap_text(cap: Fraction, others: int, room: int) -> str:
    return say(
        f"其他来源的有 {others:,} 条，上限 {float(cap):.4g} 只容得下 {room:,} 条",
        f"{others:,} others leave room for {room:,} at a cap of {float(cap):.4g}",
    )


def _share_text(general: General, room: int) -> str:
    return say(
        f"通用数据占 {general.share}，只要 {room:,} 条",
        f"general pairs make up {general.share}: {room:,} are enough",
    )


def _stages(left: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Kind -> rows of the training set, and how many of them the cap counts."""
    counted = (
        left.group_by("kind")
        .agg(pl.len().alias("rows"), pl.col("counted").sum().alias("counted"))
        .sort("kind")
    )
    return {kind: {"rows": rows, "counted": written} for kind, rows, written in counted.iter_rows()}


def _general_figures(left: pl.DataFrame, general: General, there: int) -> dict[str, Any]:
    rows = int(left["general"].sum())
    wanted = allowed(left.height - rows, as_fraction(general.share))
    figures: dict[str, Any] = {
        "corpus": general.corpus,
        "share": general.share,
        "there_were": there,
        "rows": rows,
    }
    if rows < wanted:
        figures["message"] = say(
            f"通用数据只有 {rows:,} 条，占不到 {general.share}（要 {wanted:,} 条）",
            f"there are {rows:,} general pairs only; {general.share} would be {wanted:,}",
        )
    return figures


def shares(tables: list[Table]) -> pl.DataFrame:
    """(origin, rows, characters, tokens) of the training set, a row each of real, template and llm. ``tokens`` is null where
    they were not counted yet. A shard at a time.
    """
    parts = [pl.DataFrame(schema=SHARES)]
    for table in tables:
        tokens = pl.col("tokens").cast(pl.Int64) if "tokens" in table.schema else pl.lit(None, pl.Int64)
        for frame in table.frames():
            mine = frame.filter(trained())
            sizes = mine.select(
                "origin",
                all_text().str.len_chars().cast(pl.Int64).alias("characters"),
                tokens.alias("tokens"),
            )
            parts.append(_summed(sizes.with_columns(pl.lit(1, pl.Int64).alias("rows"))))
    known = pl.DataFrame({"origin": ORIGINS})
    told = known.join(_summed(pl.concat(parts)), on="origin", how="left", maintain_order="left")
    return told.with_columns(pl.col("rows", "characters").fill_null(0)).select(*SHARES)


def _summed(sizes: pl.DataFrame) -> pl.DataFrame:
    """Tokens are known of all rows or of none."""
    tokens = pl.when(pl.col("tokens").null_count() == 0).then(pl.col("tokens").sum())
    return (
        sizes.group_by("origin", maintain_order=True)
        .agg(pl.col("rows").sum(), pl.col("characters").sum(), tokens.alias("tokens"))
        .select(*SHARES)
    )
