"""records: the same company, visitor or product in other words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np
import polars as pl

from curate.dedupe.asked import Asked
from curate.dedupe.decide import Decision, Source
from curate.dedupe.matching import RecordRules, evidence_text, golden_rows, match_records
from curate.errors import CurateError
from curate.language import say
from curate.messages import did_you_mean
from curate.unit import Unit

REVIEW = pl.Schema(
    {"corpus": pl.String, "left": pl.String, "right": pl.String, "score": pl.Float64, "why": pl.String}
)
#: Pairs that people were asked about, with the score that they would have without their word; null where a row went before.
ASKED = pl.Schema([*REVIEW.items(), ("same", pl.Boolean())])
#: Contradictions that are named in the metrics.
NAMED = 20


class Records(RecordRules, Unit):
    """按字段（名称、信用代码、电话…）判断两行是不是同一个实体：合并，或列出来请人看。 / Entity matching of records by their fields.

    Names are compared by their core (without region, suffix, brackets), codes and phones by their normal form;
    two different valid codes are never one entity. Rows from ``merge_above`` become one golden row, whose empty
    values the others fill; pairs from ``review_above`` are listed. What people said of a pair stands above its score.
    Formula: ``curate.dedupe.matching``.
    """

    version: ClassVar[int] = 2
    libraries: ClassVar = ("rapidfuzz", "pypinyin", "opencc")
    use: Literal["records"] = "records"

    def decide(self, decision: Decision, number: int, told: pl.DataFrame) -> Merged:
        """Remove the rows of a corpus that are another row's entity.

        Args:
            told: ``asked.TOLD``.
        """
        source = decision.sources[number]
        ranks = np.flatnonzero((decision.corpus == number) & decision.stays)
        places = decision.position[ranks] - decision.starts[number]
        self._check(source)
        rows = source.table.narrow(list(self.match))[places]
        asked = Asked.of(told, decision, number, ranks)
        matched = match_records(rows, self, asked.places)
        better, worse = (ranks[matched.merged[side].to_numpy()] for side in ("better", "worse"))
        decision.remove(better, worse, matched.merged["score"].to_numpy(), "same_entity")
        decision.notes.append((worse, matched.merged["why"]))
        ids = decision.names.gather(ranks)
        golden, provenance = self._golden(source, places, matched.group)
        review = matched.review.select(
            corpus=pl.lit(source.name),
            left=ids.gather(matched.review["left"]),
            right=ids.gather(matched.review["right"]),
            score="score",
            why=evidence_text(list(self.match)),
        )
        scores = matched.asked.select("left", "right", "score", why=evidence_text(list(self.match)))
        listed = asked.scored(scores).select(pl.lit(source.name).alias("corpus"), pl.all()).cast(ASKED)
        metrics = matched.metrics
        if told.height:
            chains = [ids.gather(chain).to_list() for chain in matched.contradictions]
            metrics = metrics | _said(asked, chains)
        return Merged(golden, provenance, review.cast(REVIEW), listed, metrics)

    def _check(self, source: Source) -> None:
        for name in (*self.match, *self.golden):
            if name not in source.table.schema:
                raise CurateError(
                    say(
                        f"dedupe.records：{source.name} 没有列 {name}",
                        f"dedupe.records: {source.name} has no column {name}",
                    ),
                    did_you_mean(name, source.table.schema),
                    ("dedupe", "records", source.name),
                )

    def _golden(
        self, source: Source, places: np.ndarray[Any, Any], group: np.ndarray[Any, Any]
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The merged rows, and where their values come from; only rows of groups are read."""
        crowded = np.bincount(group, minlength=len(group))[group] > 1
        wanted = places[crowded]
        parts, start = [], 0
        for shard, height in zip(source.table.shards, source.table.heights, strict=True):
            here = wanted[(wanted >= start) & (wanted < start + height)] - start
            found = pl.scan_parquet(shard).with_row_index("_row").filter(pl.col("_row").is_in(here))
            parts.append(found.with_columns(pl.col("_row").cast(pl.Int64) + start).collect())
            start += height
        order = pl.DataFrame({"_row": wanted}, schema={"_row": pl.Int64})
        rows = order.join(pl.concat(parts), on="_row", how="left", maintain_order="left").drop("_row")
        # from numbers among all rows to numbers among the crowded ones
        number = np.cumsum(crowded) - 1
        return golden_rows(rows, number[group[crowded]], self)


def _said(asked: Asked, chains: list[list[str]]) -> dict[str, Any]:
    """What people said, as figures: pairs they call the same and different, pairs whose rows are gone, and where they contradict
    themselves.
    """
    said = asked.pairs["same"]
    at_odds = asked.contradictions + chains
    return {
        "told_same": int(said.sum() or 0),
        "told_different": int((~said).sum() or 0),
        "told_gone": asked.gone,
        "contradictions": len(at_odds),
        "contradicting": at_odds[:NAMED],
    }


@dataclass(frozen=True)
class Merged:
    """What matching a corpus gave: golden rows, the provenance of their values, open pairs, pairs that people were asked about,
    figures.
    """

    golden: pl.DataFrame
    provenance: pl.DataFrame
    review: pl.DataFrame
    asked: pl.DataFrame
    metrics: dict[str, Any]
