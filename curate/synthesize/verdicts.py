"""Verdicts: what the judge said of each pair, and what each pair's share of the judging cost."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

CRITERIA = ("faithful", "useful", "clear")
BEST = 5
#: What the judge said of a pair, or why it said nothing; tokens and cost are the pair's share of the request's.
VERDICT: dict[str, pl.DataType | type[pl.DataType]] = {
    "pair_id": pl.String,
    **dict.fromkeys(CRITERIA, pl.Int64),
    "failure": pl.String,
    "detail": pl.String,
    "requests": pl.List(pl.String),
    "calls": pl.Int64,
    "input_tokens": pl.Int64,
    "output_tokens": pl.Int64,
    "cost": pl.Float64,
}


def verdicts_of(slots: pl.DataFrame, ledger: pl.DataFrame) -> pl.DataFrame:
    """A row (``VERDICT``) for each pair of the slots, with the ``mean`` of its marks, 0 to 1, and all of them in words
    (``marks``); both are null where there is no verdict.
    """
    given = {slot: json.loads(told) for slot, told in slots.select("slot_id", "given").iter_rows()}
    rows = [
        row
        for line in ledger.iter_rows(named=True)
        for row in _shares(line, [pair["pair_id"] for pair in given[line["slot_id"]]])
    ]
    there = pl.all_horizontal(pl.col(name).is_not_null() for name in CRITERIA)
    named = (pl.lit(f"{name} ") + pl.col(name).cast(pl.String) for name in CRITERIA)
    return pl.DataFrame(rows, schema=VERDICT).with_columns(
        pl.when(there).then((pl.mean_horizontal(*CRITERIA) - 1) / (BEST - 1)).alias("mean"),
        pl.when(there).then(pl.concat_str(*named, separator=", ")).alias("marks"),
    )


def _shares(line: Mapping[str, Any], pair_ids: list[str]) -> Iterator[dict[str, Any]]:
    """What became of the pairs of a slot, each with its share of what was paid: whole numbers that add up."""
    value = json.loads(line["value"]) if line["value"] is not None else []
    told, count = {verdict["pair_id"]: verdict for verdict in value}, len(pair_ids)
    for place, pair_id in enumerate(pair_ids):
        marks = told.get(pair_id, {})
        yield {
            "pair_id": pair_id,
            **{name: marks.get(name) for name in CRITERIA},
            "failure": line["reason"],
            "detail": line["detail"],
            "requests": line["requests"],
            "calls": line["calls"],
            **{
                name: line[name] // count + (place < line[name] % count)
                for name in ("input_tokens", "output_tokens")
            },
            "cost": line["cost"] / count,
        }


def scored() -> pl.Expr:
    """The verdict as one of ``made.scores``."""
    told = {"gate": pl.lit("judge"), "score": pl.col("mean"), "note": pl.col("marks")}
    return pl.struct(expr.alias(name) for name, expr in told.items())


def paid() -> pl.Expr:
    """``made`` with the judge's requests, tokens and cost added to the writer's."""
    own = pl.col("made").struct
    sums = [
        (own.field(name).fill_null(0) + pl.col(name).fill_null(0)).alias(name)
        for name in ("calls", "input_tokens", "output_tokens", "cost")
    ]
    requests = pl.concat_list(own.field("requests").fill_null([]), pl.col("requests").fill_null([])).alias(
        "requests"
    )
    paid = own.with_fields(*sums, requests)
    return pl.when(pl.col("requests").is_not_null()).then(paid).otherwise("made").alias("made")
