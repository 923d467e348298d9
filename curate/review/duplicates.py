"""duplicates: people say whether two records are the same; what they say is handed to dedupe, which merges or keeps apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.errors import AccountingError, CurateError
from curate.language import say
from curate.options import CorpusName, Names
from curate.review.project import Chosen, Material, Project
from curate.review.row_items import field_lines, items_of
from curate.review.sample import UNCERTAIN
from curate.rows import ADDED, COMMON, Table, value_columns
from curate.sql import ask

#: Between the row_ids of a pair in its item_id.
MARK = "|"
#: In the folder of dedupe: the pairs that it was told of.
ASKED = "asked.parquet"
#: What dedupe wants to know (``curate.dedupe.TOLD``).
TOLD = pl.Schema({"corpus": pl.String, "left": pl.String, "right": pl.String, "same": pl.Boolean})
#: Pairs that ``settle`` names, and parts into which it cuts the scores.
NAMED, BANDS = 20, 20


class Duplicates(Project):
    """人工判断去重列出的两行是不是同一个实体：是就合并，不是就分开。 / People judge the pairs of records that matching listed: the same are merged, others kept apart.

    The pairs are those of ``review_above`` (``dedupe.records``), and all that were ever judged: a verdict holds as long as both rows look as they
    did, whatever their score has become. ``unsure`` leaves it to the score. The score is not shown.
    """

    of: ClassVar[Literal["rows", "pairs"]] = "rows"
    control: ClassVar[str] = "same"
    fields: ClassVar[tuple[str, ...]] = ("left", "right", "about")

    use: Literal["duplicates"] = "duplicates"
    corpora: list[CorpusName] | None = None
    """看哪些语料；不写就看全部 / the corpora that are looked at; all of them when left out"""
    most: int = Field(500, ge=1)
    """请人看多少对 / pairs for people to judge"""
    first: Literal["uncertain", "likely", "random"] = "uncertain"
    """先看哪些：最拿不准的、最像的，还是随机 / which come first, and are chosen where there are more: the least certain, the likest, or any"""
    skip: Names = []
    """不给人看的列 / columns that are not shown"""

    def concerns(self, corpus: str) -> bool:  # noqa: ARG002
        """Nothing is left to do behind the split: ``curate.dedupe`` has done what people said."""
        return False

    def choose(self, material: Material) -> Chosen:
        """Pairs of dedupe's list.

        Args:
            material: ``rows`` as dedupe was given them, for behind it one row of a pair may be gone; ``dedupe``: the folder of
                ``Dedupe.decide`` without verdicts.

        Raises:
            CurateError: the recipe matches no records.
        """
        listed = self._listed(material.dedupe)
        free = self.most - int(listed["asked"].sum())
        chosen = listed.filter(pl.col("asked") | ((~pl.col("asked")).cum_sum() <= free))
        rows = self._rows(chosen, material.rows)
        data = [
            {"left": rows[left], "right": rows[right], "about": corpus}
            for corpus, left, right in chosen.select("corpus", "left", "right").iter_rows()
        ]
        # a choice by score says nothing of the pairs that were not chosen
        picked = f"{UNCERTAIN} | " if chosen.height < listed.height and self.first != "random" else ""
        stratum = picked + chosen["corpus"]
        items = items_of(self, chosen, data, stratum=stratum, score=chosen["score"], source=chosen["left"])
        drawn = dict(stratum.value_counts().iter_rows())
        whole = (pl.lit(picked) + pl.col("corpus")).alias("stratum")
        sizes = listed.group_by(whole).len().sort("stratum").iter_rows()
        strata = [{"stratum": name, "rows": size, "drawn": drawn.get(name, 0)} for name, size in sizes]
        return Chosen(items, {"rows": listed.height, "drawn": chosen.height, "strata": strata})

    def _listed(self, dedupe: Path | None) -> pl.DataFrame:
        """row_id (of the pair), corpus, left, right, score, asked; in the order of ``first``. ``left`` is the row_id that sorts
        first: which row dedupe would rather keep may change, and the pair is the same.
        """
        if dedupe is None or not (dedupe / "review.parquet").exists():
            raise CurateError(
                say(
                    f"审核项目 {self.name} 要看去重列出的对，但配方的 dedupe 里没有 records",
                    f"the review project {self.name} judges pairs of records, but dedupe has no records in the recipe",
                ),
                say(
                    "加上 dedupe: {records: {语料名: {match: {列名: 种类}}}}",
                    "add dedupe: {records: {corpus: {match: {column: kind}}}}",
                ),
            )
        parts = [
            pl.read_parquet(dedupe / name)
            .select("corpus", "left", "right", "score")
            .with_columns(asked=pl.lit(name == ASKED))
            for name in (ASKED, "review.parquet")
            if (dedupe / name).exists()
        ]
        found = pl.concat(parts)
        if self.corpora is not None:
            found = found.filter(pl.col("corpus").is_in(self.corpora))
        pairs = found.with_columns(
            pl.min_horizontal("left", "right").alias("left"),
            pl.max_horizontal("left", "right").alias("right"),
        ).unique(["left", "right"], keep="first", maintain_order=True)
        named = pairs.with_columns(pl.concat_str("left", pl.lit(MARK), "right").alias("row_id"))
        by = {"uncertain": "abs(score - 0.5) NULLS LAST,", "likely": "score DESC NULLS LAST,", "random": ""}
        return ask(f"SELECT * FROM pairs ORDER BY {by[self.first]} md5(row_id), row_id", pairs=named)

    def _rows(self, pairs: pl.DataFrame, tables: Mapping[str, Table]) -> dict[str, str]:
        """row_id -> the row field by field; a shard at a time."""
        wanted = pl.concat([pairs["left"], pairs["right"]]).unique()
        told: dict[str, str] = {}
        for corpus in pairs["corpus"].unique().sort():
            for shard in tables[corpus].shards:
                rows = pl.scan_parquet(shard).filter(pl.col("row_id").is_in(wanted.implode())).collect()
                hidden = {*COMMON, *ADDED, *self.skip}
                own = [name for name in value_columns(rows) if name not in hidden] or ["text"]
                told |= {row["row_id"]: field_lines(row, own) for row in rows.iter_rows(named=True)}
        gone = wanted.filter(~wanted.is_in(list(told)))
        if gone.len():
            raise AccountingError(
                say(
                    f"审核项目 {self.name}：{gone[0]} 等 {gone.len()} 行不在去重之前的数据里",
                    f"review project {self.name}: {gone.len()} rows, such as {gone[0]}, are not among those before dedupe",
                )
            )
        return told

    def settle(self, items: pl.DataFrame, decided: pl.DataFrame) -> dict[str, Any]:
        """How many pairs are the same, different and unsure; and from which score on most are the same."""
        told = items.select("item_id", "score").join(
            decided.drop_nulls("value").select("item_id", "value"), on="item_id"
        )
        unsure = told.filter(pl.col("value") == "unsure").sort("item_id")["item_id"]
        return {
            "values": dict(told["value"].value_counts().sort("value").iter_rows()),
            "scores": _by_score(told).to_dicts(),
            "unsure": unsure.head(NAMED).to_list(),
        }


def _by_score(told: pl.DataFrame) -> pl.DataFrame:
    """Of each twentieth of the score the pairs that were judged and those that are the same: where to put ``merge_above``."""
    band = ((pl.col("score") * BANDS + 1e-9).floor() / BANDS).round(2).alias("from")
    same = (pl.col("value") == "same").sum().alias("same")
    return told.drop_nulls("score").group_by(band).agg(pl.len().alias("pairs"), same).sort("from")


def asked(item_ids: Iterable[str]) -> pl.DataFrame:
    """``TOLD`` of pairs by their item_ids, with ``same`` null: so that dedupe lists them, whatever their score. Ids of other things (gold
    items) are left out.
    """
    pairs = [pair for item_id in sorted(set(item_ids)) if (pair := _pair(item_id))]
    return pl.DataFrame([(*pair, None) for pair in pairs], schema=TOLD, orient="row")


def told(decided: pl.DataFrame) -> pl.DataFrame:
    """``TOLD`` of a project's decisions (``schema.DECISION``): what dedupe must do."""
    pairs = [
        (*pair, {"same": True, "different": False}.get(value))
        for item_id, value in decided.select("item_id", "value").sort("item_id").iter_rows()
        if (pair := _pair(item_id))
    ]
    return pl.DataFrame(pairs, schema=TOLD, orient="row")


def _pair(item_id: str) -> tuple[str, str, str] | None:
    """corpus, left, right; a key may hold the mark, a corpus's name does not."""
    corpus, mark, _ = item_id.partition(":")
    left, between, right = item_id.partition(f"{MARK}{corpus}:")
    return (corpus, left, f"{corpus}:{right}") if mark and between else None
