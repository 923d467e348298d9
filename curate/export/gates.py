"""Gates: what must hold for a release as a whole, read from its provenance. Used when it is made and when it is checked."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from curate.language import say
from curate.pairs import ASKED_ONLY
from curate.rows import Table
from curate.sql import ask

#: The share of the training pairs that a model may have written (plan: 15 %).
CAP = 0.15

Problem = tuple[str, str]
"""(what is wrong, what to do)"""


def gate(provenance: Path) -> list[Problem]:
    """The problems of a release: questions or groups in two splits, and too many pairs written by a model."""
    pairs = pl.read_parquet(
        provenance, columns=["pair_id", "parent_id", "cluster_id", "split", "kind", "origin", "question_md5"]
    )
    return [*_twice(pairs, "question_md5"), *_twice(pairs, "cluster_id"), *_over_cap(pairs)]


def _twice(pairs: pl.DataFrame, column: str) -> list[Problem]:
    found = ask(
        f"""SELECT count(*) AS groups, min(first) AS example, min(splits) AS splits FROM (
              SELECT {column}, min(pair_id) AS first, string_agg(DISTINCT split, ', ' ORDER BY split) AS splits
              FROM pairs WHERE {column} IS NOT NULL GROUP BY 1 HAVING count(DISTINCT split) > 1)""",
        pairs=pairs,
    ).row(0, named=True)
    if not found["groups"]:
        return []
    what = (
        say("同一个问题", "the same question")
        if column == "question_md5"
        else say("同一组相似的行", "the same group of similar rows")
    )
    return [
        (
            say(
                f"{what}出现在不止一个划分里：{found['groups']} 处，例如 {found['example']}（{found['splits']}）",
                f"{what} stands in several splits: {found['groups']} of them, such as {found['example']} ({found['splits']})",
            ),
            say("评测会偏高；重新运行 curate run", "an evaluation would be too good; run curate run again"),
        )
    ]


def _over_cap(pairs: pl.DataFrame) -> list[Problem]:
    train = pairs.filter((pl.col("split") == "train") & ~pl.col("kind").is_in(ASKED_ONLY))
    written = int((train["origin"] == "llm").sum())
    if written <= CAP * train.height:
        return []
    return [
        (
            say(
                f"训练集里大模型写的有 {written:,} 条，占 {written / train.height:.1%}，上限是 {CAP:.0%}",
                f"a model wrote {written:,} of the training pairs, {written / train.height:.1%}; {CAP:.0%} are allowed",
            ),
            say(
                "减少 origin: llm 的数据，或增加模板和真实数据",
                "take fewer pairs of origin llm, or add others",
            ),
        )
    ]


def retrieved_test(provenance: Path, chunks: list[Table]) -> int:
    """How many test rows a retrieval set holds although they are not meant for both (0 unless curate errs)."""
    parents = [table.narrow(["parent_id"])["parent_id"] for table in chunks]
    if not parents:
        return 0
    tested = pl.read_parquet(provenance, columns=["parent_id", "split", "tier"]).filter(
        (pl.col("split") == "test") & (pl.col("tier") != "both")
    )
    return int(tested["parent_id"].unique().is_in(pl.concat(parents).unique().implode()).sum())
