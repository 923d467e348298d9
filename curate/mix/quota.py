"""Quotas: so that no row, no type of question and no task fills the data set with a model's pairs."""

from __future__ import annotations

import polars as pl

from curate.algorithms.cap import as_fraction
from curate.language import say
from curate.mix.form import Quota
from curate.sql import ask

#: Option -> the columns that make up a group.
GROUPS = {"row": ("parent_id",), "question": ("corpus", "task", "question"), "task": ("corpus", "task")}


def over_quota(left: pl.DataFrame, options: Quota) -> pl.DataFrame:
    """(pair_id, detail) of training pairs beyond a quota: the better score stays, then the smaller MD5.

    A share is one of the training pairs of these origins as they were before the quotas.
    """
    mine = left.filter((pl.col("split") == "train") & pl.col("origin").is_in(options.origins))
    total = mine.height
    gone = [pl.DataFrame(schema={"pair_id": pl.String, "detail": pl.String})]
    for option, columns in GROUPS.items():
        most = getattr(options, option)
        if most is None or mine.is_empty():
            continue
        number = most if isinstance(most, int) else int(as_fraction(most) * total)
        beyond = beyond_the_best(mine, columns, number)
        told = pl.format(
            say("{}：最多 {} 条", "{}: {} at the most"), pl.concat_str(columns, separator="/"), pl.lit(number)
        )
        gone.append(beyond.select("pair_id", told.alias("detail")))
        mine = mine.join(beyond, on="pair_id", how="anti", maintain_order="left")
    return pl.concat(gone)


def beyond_the_best(pairs: pl.DataFrame, columns: tuple[str, ...], number: int) -> pl.DataFrame:
    """The pairs of each group behind its best ``number``: real before template before llm, then by score and MD5."""
    return ask(
        f"""SELECT * EXCLUDE (turn) FROM (
              SELECT *, row_number() OVER (PARTITION BY {", ".join(columns)} ORDER BY {BEST_FIRST}) AS turn FROM pairs)
            WHERE turn > {number} ORDER BY pair_id""",
        pairs=pairs,
    )


#: From the pair that stays to the first that goes.
BEST_FIRST = """CASE origin WHEN 'real' THEN 0 WHEN 'template' THEN 1 ELSE 2 END,
                score DESC NULLS LAST, md5(pair_id), pair_id"""
