"""personal_data: people look for personal data that masking left; rows that hold some go, and too many stop the run."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from typing import Any, ClassVar, Literal

import polars as pl
from pydantic import Field

from curate.algorithms.stratified import Stratum, estimate
from curate.errors import GateFailed
from curate.language import say
from curate.options import CorpusName, Names
from curate.review.project import Chosen, Material, Project
from curate.review.row_items import (
    NOTHING,
    RowSample,
    field_lines,
    items_of,
    judged_strata,
    rows_of,
    settled,
    without,
    words,
)
from curate.review.sample import choose_rows
from curate.rows import ADDED, COMMON, Outcome, value_columns

#: Rows that an error names.
NAMED = 20


class PersonalData(Project):
    """人工检查清洗后还有没有个人信息：有的行去掉，比例超过 max_leaked 就停下。 / People look for personal data that is left; such rows go, too many stop the run.

    Rows are drawn at random within each corpus; retrieved rows too, for they leave the house as well. Where anything was found the default
    stops the run: the sample stands for rows that nobody saw. Errors and reasons name rows and kinds, never what was found.
    """

    of: ClassVar[Literal["rows", "pairs"]] = "rows"
    control: ClassVar[str] = "leaked"
    fields: ClassVar[tuple[str, ...]] = ("text", "about")
    not_in_fingerprint: ClassVar = Project.not_in_fingerprint | {"max_leaked", "confidence"}

    use: Literal["personal_data"] = "personal_data"
    corpora: list[CorpusName] | None = None
    """看哪些语料；不写就看全部 / the corpora that are looked at; all of them when left out"""
    sample: RowSample = 200
    """每份语料请人看多少：整数是行数，小数或百分数是比例 / of each corpus: a whole number of rows, or a share of them"""
    seed: str = ""
    """换一个种子就换一批 / another seed draws others"""
    skip: Names = []
    """不给人看的列 / columns that are not shown"""
    max_leaked: float = Field(0.0, ge=0, le=1)
    """有个人信息的行最多占多少（0–1），超过就停下 / the greatest share of rows with personal data; above it the run stops"""
    confidence: float = Field(0.95, gt=0.5, lt=1)
    """区间的置信水平 / confidence of the interval"""

    def concerns(self, corpus: str) -> bool:
        return self.corpora is None or corpus in self.corpora

    def choose(self, material: Material) -> Chosen:
        """Of each corpus the rows whose ids have the smallest MD5s, with all that they hold."""
        parts, data, strata = [], [], []
        for name, table in material.rows.items():
            if not self.concerns(name) or not table.rows:
                continue
            rows = choose_rows(table, rows_of(self.sample, table.rows), self.seed)
            data += [{"text": text, "about": name} for text in self._texts(rows)]
            stratum = f"{name}:{table.rows}"
            parts.append(rows.select("row_id", "corpus", pl.lit(stratum).alias("stratum")))
            strata.append({"stratum": stratum, "rows": table.rows, "drawn": rows.height})
        none = pl.DataFrame(schema=dict.fromkeys(("row_id", "corpus", "stratum"), pl.String))
        drawn = pl.concat([none, *parts])
        items = items_of(self, drawn, data, stratum=drawn["stratum"])
        return Chosen(
            items, {"rows": sum(one["rows"] for one in strata), "drawn": drawn.height, "strata": strata}
        )

    def _texts(self, rows: pl.DataFrame) -> list[str]:
        """The text of each row, and below it the fields whose values it does not hold."""
        own = [name for name in value_columns(rows) if name not in {*COMMON, *ADDED, *self.skip}]
        texts = []
        for row in rows.select("text", *own).iter_rows(named=True):
            text = row["text"] or ""
            more = [name for name in own if row[name] is not None and str(row[name]) not in text]
            texts.append(
                "\n".join(part for part in (text, field_lines(row, more)) if part.strip()) or NOTHING
            )
        return texts

    def apply(self, frame: pl.DataFrame, items: pl.DataFrame, decided: pl.DataFrame) -> Outcome:  # noqa: ARG002
        """Drops the rows in which people found personal data, with its kinds."""
        interface = self.page
        leaked = {
            item_id: "、".join(words(interface, "found", values.get("found")))
            for item_id, values in settled(decided)
            if values[self.control] == "yes"
        }
        return without(frame, leaked, "personal_data_in_review")

    def settle(self, items: pl.DataFrame, decided: pl.DataFrame) -> dict[str, Any]:
        """The share of rows with personal data, of all and of each corpus, with exact intervals, and how many hold which kind.

        Raises:
            GateFailed: the share is above ``max_leaked``.
        """
        interface = self.page
        found = {item_id: values for item_id, values in settled(decided) if values[self.control] == "yes"}
        kinds = Counter(
            kind for values in found.values() for kind in words(interface, "found", values.get("found"))
        )
        strata = judged_strata(items, decided)
        whole = self._rate(strata)
        metrics = {
            **whole,
            "leaked": len(found),
            "kinds": dict(sorted(kinds.items(), key=lambda one: (-one[1], one[0]))),
            "corpora": {
                one.name: {"rows": one.rows, "judged": one.judged, "leaked": one.noisy, **self._rate([one])}
                for one in strata
            },
        }
        if whole["rate"] is not None and whole["rate"] > self.max_leaked:
            raise GateFailed(*self._leaks(metrics, sorted(found)), gate="review")
        return metrics

    def _rate(self, strata: list[Stratum]) -> dict[str, float | None]:
        """rate, low, high; null where nobody looked. A corpus of which nothing is judged yet is left out of the whole."""
        told = asdict(estimate([one for one in strata if one.judged], self.confidence))
        known = told["source"] == "verdicts"
        return {name: round(told[name], 6) if known else None for name in ("rate", "low", "high")}

    def _leaks(self, metrics: dict[str, Any], rows: list[str]) -> tuple[str, str]:
        kinds = "、".join(f"{kind} {count}" for kind, count in metrics["kinds"].items())
        named = "、".join(rows[:NAMED]) + ("…" if len(rows) > NAMED else "")
        return say(
            f"审核项目 {self.name}：{len(rows)} 行还有个人信息（{kinds}），估计占全部的 {metrics['rate']:.2%}（{self.confidence:.0%} 置信区间 {metrics['low']:.2%}–{metrics['high']:.2%}），超过 max_leaked: {self.max_leaked}：{named}",
            f"review project {self.name}: {len(rows)} rows hold personal data ({kinds}), an estimated {metrics['rate']:.2%} of all ({self.confidence:.0%} confidence interval {metrics['low']:.2%} to {metrics['high']:.2%}), more than max_leaked: {self.max_leaked}: {named}",
        ), say(
            "没有人看过的行里多半也有：改进 clean 里的 mask_pii，再运行一次；确实可以接受的，把 max_leaked 调高（判出来的行仍会去掉）",
            "rows that nobody saw may hold some too: improve mask_pii in clean and run again; or raise max_leaked, if that is acceptable (the rows that were found go in any case)",
        )
