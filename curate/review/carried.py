"""What decisions do to pairs: those that go and why, those that change, and what becomes of pairs that were made from them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from curate.pairs import PAIR, REVIEWED
from curate.review.schema import DECISION
from curate.rows import Outcome, because

#: Between a pair's id and the task that made another from it.
MADE_BY = "+"
#: Behind the id of the pair whose fact is asked for again.
RECALL = ".recall"
#: Columns that a decision adds to a pair while it is carried out.
_SAID = ("value", "values", "by", "votes", "said", "guideline")
#: An edit: the pair's columns anew, and what the pair was; null where the edit changed nothing.
EDIT: dict[str, pl.DataType | type[pl.DataType]] = {**PAIR, "was": pl.String}


def with_decisions(frame: pl.DataFrame, items: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    """``frame`` with ``sampled`` (is the pair an item?) and, where it was decided on, the decision's columns (its reason as
    ``said``), in the order of the frame.
    """
    told = items.select("item_id").join(
        decided.rename({"reason": "said"}).select("item_id", *_SAID), on="item_id", how="left"
    )
    marked = told.rename({"item_id": "pair_id"}).with_columns(pl.lit(True).alias("sampled"))
    both = frame.join(marked, on="pair_id", how="left", maintain_order="left")
    return both.with_columns(pl.col("sampled").fill_null(False))


def bases_of(frame: pl.DataFrame) -> pl.DataFrame:
    """(pair_id, base): the pairs that these were made from; a conversation has several. A question that asks again for what a
    pair teaches (``recall``) is that pair's, too.
    """
    joined = pl.col("made").struct.field("parameters").str.json_path_match("$.joined")
    several = joined.str.json_decode(pl.List(pl.String))
    one = (
        pl.when(pl.col("kind") == "recall")
        .then(pl.col("pair_id").str.strip_suffix(RECALL))
        .otherwise("of_pair")
    )
    bases = pl.when(several.is_not_null()).then(several).otherwise(pl.concat_list(one))
    return frame.select("pair_id", bases.alias("base")).explode("base").drop_nulls("base")


def fates(
    bases: pl.DataFrame, items: pl.DataFrame, decided: pl.DataFrame, words: Mapping[str, str], otherwise: str
) -> pl.DataFrame:
    """(pair_id, fate, base) of the pairs that share the fate of their base.

    Of a chain of bases the nearest one counts that people judged: the id of a pair that was made from another begins with the
    other's.

    Args:
        bases: as ``bases_of`` gives them.
        words: value of a decision -> the fate of what was made from it; empty where it may stay.
        otherwise: the fate where the base got another decision, or none.
    """
    judged = items.select("item_id").join(decided.select("item_id", "value"), on="item_id", how="left")
    fate = pl.col("value").replace_strict(dict(words), default=otherwise, return_dtype=pl.String)
    known = judged.select(pl.col("item_id").alias("base"), fate.alias("fate"))
    found, left = [known.clear().with_columns(pl.lit("").alias("pair_id"))], bases
    while left.height:
        told = left.join(known, on="base", how="left", maintain_order="left")
        found.append(told.filter(pl.col("fate").is_not_null()).select("base", "fate", "pair_id"))
        further = pl.col("fate").is_null() & pl.col("base").str.contains(MADE_BY, literal=True)
        left = told.filter(further).select("pair_id", pl.col("base").str.replace(r"\+[^+]*$", ""))
    gone = pl.concat(found).filter(pl.col("fate") != "").sort("fate", "base", descending=[True, False])
    return gone.unique("pair_id", keep="first", maintain_order=True).select("pair_id", "fate", "base")


def carry_out(
    frame: pl.DataFrame, told: pl.DataFrame, why: pl.Expr, edits: pl.DataFrame, editable: Sequence[str]
) -> Outcome:
    """Every pair of ``frame`` is kept, with ``review`` filled in and its edit carried out, or dropped.

    Args:
        told: ``frame`` with the columns of ``with_decisions``, and ``base``.
        why: the reason of a pair that goes, null of one that stays.
        edits: ``EDIT``; the columns ``editable`` of each take the place of the pair's own.
    """
    marked = told.with_columns(why.alias("why"))
    new = edits.select("pair_id", "was", *(pl.col(name).alias(f"new {name}") for name in editable))
    kept = marked.filter(pl.col("why").is_null()).join(
        new.with_columns(pl.lit(True).alias("changes")), on="pair_id", how="left", maintain_order="left"
    )
    reviewed = {
        "decision": "value",
        "by": "by",
        "votes": "votes",
        "reason": "said",
        "guideline": "guideline",
        "was": "was",
    }
    review = pl.struct(pl.col(column).alias(name) for name, column in reviewed.items()).cast(REVIEWED)
    kept = kept.with_columns(
        *(pl.when("changes").then(f"new {name}").otherwise(name).alias(name) for name in editable),
        pl.when("sampled").then(review).otherwise("review").alias("review"),
    )
    gone = marked.filter(pl.col("why").is_not_null())
    said = pl.concat_str(
        "said", pl.col("values").str.json_path_match("$.note"), separator="：", ignore_nulls=True
    )
    detail = pl.when(pl.col("sampled")).then(said.replace("", None)).otherwise("base")
    dropped = because(
        # a pair is its own row from here on
        gone.select(*frame.columns, pl.col("pair_id").alias("row_id")),
        pl.lit(gone["why"]),
        detail=pl.lit(gone.select(detail.alias("detail"))["detail"]),
    )
    return Outcome(kept.select(frame.columns), dropped)


def counts(items: pl.DataFrame, decided: pl.DataFrame) -> dict[str, int]:
    """Value -> how many of these items were decided so; those that were dropped without one are not counted."""
    mine = pl.DataFrame(schema=DECISION) if decided.is_empty() else decided
    told = mine.join(items, on="item_id", how="semi").drop_nulls("value")
    return dict(told.group_by("value").len().iter_rows())
