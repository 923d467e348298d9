"""Noise: the share of noisy rows that cleaning, validation and dedupe left, and a gate for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, ClassVar

import polars as pl
from pydantic import Field

from curate.algorithms.sample_size import clean_sample_size
from curate.algorithms.stratified import Stratum, estimate
from curate.engines.local import map_shards
from curate.errors import GateFailed
from curate.files import write_json, write_parquet
from curate.language import say
from curate.noise.rules import RULES, Rule, broken_rules, rule_word
from curate.noise.sample import choose_sample, read_verdicts, with_texts, write_sheet
from curate.options import CorpusName, Names, WorkspaceFile, located
from curate.rows import Table
from curate.unit import Unit

__all__ = ["Noise", "rule_word"]

FLAGS: dict[str, pl.DataType] = {
    "row_id": pl.String(),
    "corpus": pl.String(),
    "flags": pl.List(pl.String()),
}
#: Rows of a rule that are named as examples.
EXAMPLES = 3


class Noise(Unit):
    """估计剩下多少噪声行：规则查全部，人看抽样；超过 max_noise 就停下。 / Estimate the noise that is left; stop above max_noise.

    Rules look at every row and flag it: text left empty, placeholders, trial rows, garbled or invisible characters, mark-up, spaces
    between Han characters, boilerplate, advertising, repetition, signs, sentences cut off, personal data, a low ``quality``.
    Rules alone give a count and no more: what they miss or flag wrongly nobody knows. So people judge a sample of flagged and
    unflagged rows (``sample.csv`` in the step's folder); with their file in ``verdicts`` the estimate is that of the
    sample, weighted by the strata, with an interval that holds the truth in 95 of 100 samples or more.
    """

    version: ClassVar = 2
    not_in_fingerprint: ClassVar = frozenset({"only", "max_noise", "sure"})

    max_noise: float | None = Field(None, gt=0, le=1)
    """噪声行最多占多少（0–1），超过就停下；不写就只报告 / the greatest share of noisy rows (0-1); only reported when left out"""
    sure: bool = False
    """true：区间的上限也不能超过 max_noise，没有人工判断就不放行 / true: the upper end of the interval must be within max_noise too"""
    sample: int = Field(400, ge=0, le=100_000)
    """请人看多少行 / rows for people to judge"""
    verdicts: WorkspaceFile | None = None
    """人的判断：填好 noisy 列（是/否）的 sample.csv / the sheet with people's verdicts: sample.csv with noisy filled in"""
    confidence: float = Field(0.95, gt=0.5, lt=1)
    """区间的置信水平 / confidence of the interval"""
    only: list[CorpusName] | None = None
    """只看这些语料；不写就看全部 / the corpora that are looked at; all of them when left out"""
    without: list[Rule] = []
    """不用的规则 / rules that don't count"""
    skip: Names = []
    """不看的列 / columns that are not looked at"""
    min_quality: float = Field(0.3, ge=0, le=1)
    """quality 低于此分算噪声 / a row with a lower quality is noisy"""

    def for_corpus(self, name: str) -> bool:
        return self.only is None or name in self.only

    def flags(self, rows: pl.DataFrame) -> pl.DataFrame:
        """``row_id``, ``corpus`` and ``flags`` (the rules that a row breaks) of every row; row by row."""
        rules = [rule for rule in RULES if rule not in self.without]
        broken = broken_rules(rows, rules, self.skip, self.min_quality)
        return rows.select("row_id", "corpus").with_columns(broken)

    def measure(self, tables: Sequence[Table], folder: Path) -> dict[str, Any]:
        """Look at all rows; writes ``flags.parquet`` (flagged rows), ``sample.parquet`` and ``sample.csv`` into ``folder``.

        Returns:
            Fields of a ``Step``; its ``metrics`` are what ``gate`` wants.

        Raises:
            CurateError: the file of verdicts can't be read.
        """
        own = [table for table in tables if self.for_corpus(table.corpus)]
        shards = [shard for table in own for shard in table.shards]
        found = list(map_shards(lambda shard: self.flags(pl.read_parquet(shard)), shards))
        flags = pl.concat(found) if found else pl.DataFrame(schema=FLAGS)
        chosen = with_texts(choose_sample(flags, self.sample), own) if found and self.sample else None
        flagged = flags.filter(pl.col("flags").list.len() > 0)
        write_parquet(folder / "flags.parquet", flagged)
        if chosen is not None:
            write_sheet(chosen, folder)
        judged = self._judged(chosen)
        strata = _strata(flags, judged)
        told = estimate(strata, self.confidence)
        metrics = {
            "rows": flags.height,
            "flagged": flagged.height,
            "rules": _counted(flagged),
            "corpora": _by_corpus(flags),
            "examples": _examples(flagged),
            "strata": [asdict(stratum) for stratum in strata],
            **{name: round(v, 6) if isinstance(v, float) else v for name, v in asdict(told).items()},
        }
        write_json(folder / "estimate.json", metrics, indent=2)
        return {"rows_in": flags.height, "kept": flags.height, "metrics": metrics}

    def gate(self, metrics: dict[str, Any]) -> None:
        """Raises:
        GateFailed: more rows are noisy than ``max_noise`` allows, or, with ``sure``, may be.
        """
        if self.max_noise is None or not metrics["rows"]:
            return
        rate, high = metrics["rate"], metrics["high"]
        if rate > self.max_noise:
            raise GateFailed(_too_noisy(metrics, self.max_noise), _mend(metrics), gate="noise")
        if self.sure and (high is None or high > self.max_noise):
            needed = clean_sample_size(self.max_noise, metrics["rows"], self.confidence)
            raise GateFailed(
                say(
                    f"噪声率估计为 {rate:.2%}，但还不能肯定不超过 max_noise: {self.max_noise}（{_bounds(metrics)}）",
                    f"the noise rate is put at {rate:.2%}, but may exceed max_noise: {self.max_noise} ({_bounds(metrics)})",
                ),
                say(
                    f"请人多看一些：sample 至少 {needed}（其中没有噪声时），判断写进 verdicts",
                    f"have more rows judged: sample of {needed} at least (if none is noisy), and name the file in verdicts",
                ),
                gate="noise",
            )

    def _judged(self, chosen: pl.DataFrame | None) -> pl.DataFrame:
        """The sample with ``noisy``: null where nobody judged the text as it is."""
        if chosen is None:
            return pl.DataFrame(schema={"stratum": pl.String, "noisy": pl.Boolean})
        if self.verdicts is None:
            return chosen.select("stratum", pl.lit(None, pl.Boolean).alias("noisy"))
        told = read_verdicts(located(self.verdicts)).rename({"version": "seen"})
        both = chosen.join(told, on="row_id", how="left", maintain_order="left")
        same = pl.col("seen").is_null() | (pl.col("seen") == pl.col("version"))
        return both.select("stratum", pl.when(same).then(pl.col("noisy")))


def _strata(flags: pl.DataFrame, judged: pl.DataFrame) -> list[Stratum]:
    flagged = flags.filter(pl.col("flags").list.len() > 0).height
    strata = []
    for name, rows in (("flagged", flagged), ("unflagged", flags.height - flagged)):
        own = judged.filter(pl.col("stratum") == name)["noisy"]
        strata.append(Stratum(name, rows, len(own), len(own) - own.null_count(), int(own.sum() or 0)))
    return strata


def _counted(flagged: pl.DataFrame) -> dict[str, int]:
    """Rule -> rows; a row may break several."""
    counts = (
        flagged.select(pl.col("flags").explode())
        .group_by("flags")
        .len()
        .sort("len", "flags", descending=[True, False])
    )
    return dict(counts.iter_rows())


def _by_corpus(flags: pl.DataFrame) -> dict[str, dict[str, int]]:
    noisy = (pl.col("flags").list.len() > 0).sum().alias("flagged")
    counts = flags.group_by("corpus", maintain_order=True).agg(pl.len().alias("rows"), noisy)
    return {name: {"rows": rows, "flagged": found} for name, rows, found in counts.iter_rows()}


def _examples(flagged: pl.DataFrame) -> dict[str, list[str]]:
    few = flagged.explode("flags").group_by("flags", maintain_order=True).agg(pl.col("row_id").head(EXAMPLES))
    return dict(few.iter_rows())


def _too_noisy(metrics: dict[str, Any], limit: float) -> str:
    rows, rate = metrics["rows"], metrics["rate"]
    if metrics["source"] == "rules":
        return say(
            f"规则在 {rows:,} 行里查出 {metrics['flagged']:,} 行有噪声（{rate:.2%}），超过 max_noise: {limit}",
            f"rules find noise in {metrics['flagged']:,} of {rows:,} rows ({rate:.2%}), more than max_noise: {limit}",
        )
    return say(
        f"据人工抽样，{rows:,} 行的噪声率约为 {rate:.2%}（{_bounds(metrics)}），超过 max_noise: {limit}",
        f"by the sample that was judged, {rate:.2%} of {rows:,} rows are noisy ({_bounds(metrics)}), more than max_noise: {limit}",
    )


def _bounds(metrics: dict[str, Any]) -> str:
    if metrics["high"] is None:
        return say("没有人工判断，只有规则的计数", "no verdicts, only what rules count")
    return say(
        f"{metrics['confidence']:.0%} 置信区间 {metrics['low']:.2%}–{metrics['high']:.2%}",
        f"{metrics['confidence']:.0%} confidence interval {metrics['low']:.2%} to {metrics['high']:.2%}",
    )


def _mend(metrics: dict[str, Any]) -> str:
    """Which rules, which rows, and what to do."""
    most = [
        f"{rule_word(rule)} {rule} {count:,}（{'、'.join(metrics['examples'][rule])}）"
        for rule, count in list(metrics["rules"].items())[:5]
    ]
    told = say("；", "; ").join(most)
    return say(
        f"{told}。用 curate trace 看例子：补上相应的清洗项，或用 noise 的 without、skip 去掉不算噪声的",
        f"{told}. curate trace shows the examples: add a cleaner, or name what is no noise in without or skip",
    )
