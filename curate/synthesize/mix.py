"""Mix: all pairs together; the same question is asked once."""

from __future__ import annotations

import polars as pl

from curate.rows import Outcome, Table, because
from curate.sql import ask


def repeated(tables: list[Table]) -> pl.DataFrame:
    """(pair_id, of) of pairs whose instruction and input stand already in a better pair.

    The test set wins over validation and that over train, so that no question of an evaluation is trained on;
    inside a split the smaller MD5 of the pair's id wins. Narrow: 16 bytes of hash a pair.
    """
    parts = [
        ask(
            "SELECT pair_id, split, md5(instruction || chr(31) || input) AS question FROM pairs",
            pairs=frame,
        )
        for table in tables
        for frame in table.frames(["pair_id", "split", "instruction", "input"])
    ]
    if not parts:
        return pl.DataFrame(schema={"pair_id": pl.String, "of": pl.String})
    return ask(
        """SELECT pair_id, first AS of FROM (
             SELECT pair_id, first_value(pair_id) OVER (PARTITION BY question ORDER BY
                      CASE split WHEN 'test' THEN 0 WHEN 'validation' THEN 1 ELSE 2 END, md5(pair_id), pair_id) AS first
             FROM pairs) WHERE pair_id <> first ORDER BY pair_id""",
        pairs=pl.concat(parts),
    )


def without_repeated(pairs: pl.DataFrame, told: pl.DataFrame) -> Outcome:
    marked = pairs.join(told, on="pair_id", how="left", maintain_order="left")
    again = marked["of"].is_not_null()
    gone = marked.filter(again)
    # a pair is its own row from here on: its id is the row_id that trace and accounting know
    dropped = gone.drop("of").with_columns(pl.col("pair_id").alias("row_id"))
    return Outcome(pairs.filter(~again), because(dropped, pl.lit("same_question"), of=pl.lit(gone["of"])))
