"""noise: people say which rows of the noise sample are noisy; the estimate becomes theirs, and the rules are measured."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.algorithms.stratified import estimate
from curate.errors import CurateError, GateFailed
from curate.language import say
from curate.review.project import Chosen, Material, Project
from curate.review.rates import wilson
from curate.review.row_items import NOTHING, items_of, judged_strata, settled, without, words
from curate.rows import Outcome

#: Rows that an error names.
NAMED = 10


class NoiseAudit(Project):
    """人工判断噪声抽样里的行是不是噪声：估计噪声率、检验规则，判为噪声的行去掉。 / People judge the noise sample: the noise rate, what the rules are worth, noisy rows go.

    The items are the sample that the recipe's section ``noise`` drew; the rules that flagged a row are not shown. The rate is that of
    all rows, weighted by the strata (flagged and unflagged), with an exact interval. In the items ``stratum`` tells its own size
    (``flagged:120``) and ``question`` the rules that flagged the row.
    """

    of: ClassVar[Literal["rows", "pairs"]] = "rows"
    control: ClassVar[str] = "noisy"
    fields: ClassVar[tuple[str, ...]] = ("text", "about")
    not_in_fingerprint: ClassVar = Project.not_in_fingerprint | {"max_noise", "confidence"}

    use: Literal["noise_audit"] = "noise_audit"
    max_noise: float | None = Field(None, gt=0, le=1)
    """估计的噪声率最多多少（0–1），超过就停下；不写就只报告 / the greatest noise rate (0-1); only reported when left out"""
    confidence: float = Field(0.95, gt=0.5, lt=1)
    """区间的置信水平 / confidence of the interval"""

    def choose(self, material: Material) -> Chosen:
        """The sample of the step ``noise``, flagged and unflagged rows mixed, so that their order tells nothing.

        Raises:
            CurateError: the recipe has no section ``noise``, or one without a sample.
        """
        if material.noise is None or not (material.noise / "sample.parquet").exists():
            raise CurateError(
                say(
                    f"审核项目 {self.name} 要用噪声抽样，但配方没有 noise 一节，或它的 sample 是 0",
                    f"the review project {self.name} judges the noise sample, but the recipe has no section noise, or its sample is 0",
                ),
                say("在配方里加上 noise: {sample: 400}", "add noise: {sample: 400} to the recipe"),
            )
        rows = pl.read_parquet(material.noise / "sample.parquet")
        strata = json.loads((material.noise / "estimate.json").read_text(encoding="utf-8"))["strata"]
        sizes = {one["name"]: one["rows"] for one in strata}
        text = rows["text"].fill_null("")
        mixed = rows.with_columns(text.set(text.str.strip_chars() == "", NOTHING).alias("text"))
        mixed = mixed.sort("version", "row_id")  # the digest of the text
        data = [
            {"text": shown, "about": corpus} for shown, corpus in mixed.select("text", "corpus").iter_rows()
        ]
        names = {name: f"{name}:{size}" for name, size in sizes.items()}
        stratum = mixed["stratum"].replace_strict(names, return_dtype=pl.String)
        items = items_of(self, mixed, data, stratum=stratum, question=mixed["flags"].list.join(" "))
        drawn = dict(mixed["stratum"].value_counts().iter_rows())
        told = [
            {"stratum": names[name], "rows": size, "drawn": drawn.get(name, 0)}
            for name, size in sizes.items()
        ]
        return Chosen(items, {"rows": sum(sizes.values()), "drawn": rows.height, "strata": told})

    def apply(self, frame: pl.DataFrame, items: pl.DataFrame, decided: pl.DataFrame) -> Outcome:  # noqa: ARG002
        """Drops the rows that people call noisy, with the kinds of noise that they named."""
        interface = self.page
        noisy = {
            item_id: "、".join(words(interface, "kinds", values.get("kinds")))
            for item_id, values in settled(decided)
            if values[self.control] == "yes"
        }
        return without(frame, noisy, "noisy_in_review")

    def settle(self, items: pl.DataFrame, decided: pl.DataFrame) -> dict[str, Any]:
        """The noise rate of all rows, and of each rule how often it is right.

        Raises:
            GateFailed: the rate is above ``max_noise``.
        """
        strata = judged_strata(items, decided)
        found = estimate(strata, self.confidence)
        metrics = {
            **{name: round(v, 6) if isinstance(v, float) else v for name, v in asdict(found).items()},
            "strata": [asdict(stratum) for stratum in strata],
            "rules": _rules(items, decided, self.confidence),
        }
        if self.max_noise is not None and found.rate > self.max_noise:
            noisy = decided.filter(pl.col("value") == "yes")["item_id"].sort().to_list()
            raise GateFailed(*self._too_noisy(metrics, noisy), gate="review")
        return metrics

    def _too_noisy(self, metrics: dict[str, Any], rows: list[str]) -> tuple[str, str]:
        low, high = (0 if metrics[end] is None else metrics[end] for end in ("low", "high"))
        named, more = "、".join(rows[:NAMED]), "…" if len(rows) > NAMED else ""
        return say(
            f"审核项目 {self.name}：噪声率约为 {metrics['rate']:.2%}（{self.confidence:.0%} 置信区间 {low:.2%}–{high:.2%}），超过 max_noise: {self.max_noise}",
            f"review project {self.name}: the noise rate is put at {metrics['rate']:.2%} ({self.confidence:.0%} confidence interval {low:.2%} to {high:.2%}), more than max_noise: {self.max_noise}",
        ), say(
            f"判为噪声的行：{named}{more}。用 curate trace 看它们，补上相应的清洗项",
            f"rows called noisy: {named}{more}. curate trace shows them; add a cleaner for them",
        )


def _rules(items: pl.DataFrame, decided: pl.DataFrame, confidence: float) -> dict[str, dict[str, Any]]:
    """Rule -> of the rows that it flagged those judged, those noisy, and the share of these with its interval. A row may be flagged
    by several.
    """
    told = items.join(decided.drop_nulls("value"), on="item_id")
    flags = told.select(
        (pl.col("value") == "yes").alias("noisy"), pl.col("question").str.split(" ").alias("rule")
    ).explode("rule")
    counts = (
        flags.filter(pl.col("rule") != "").group_by("rule").agg(pl.len(), pl.col("noisy").sum()).sort("rule")
    )
    rules = {}
    for rule, judged, noisy in counts.iter_rows():
        low, high = wilson(noisy / judged, judged, confidence)
        rules[rule] = {
            "judged": judged,
            "noisy": noisy,
            "precision": round(noisy / judged, 6),
            "low": round(low, 6),
            "high": round(high, 6),
        }
    return rules
